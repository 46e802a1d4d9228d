import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** ms between two attempts. */
const AGAIN = 200;

/**
 * Does `work` while no other process does what has the same lock: a file with the number of the process that has it. One that
 * has ended without giving it back has it no longer.
 */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
	mkdirSync(dirname(path), { recursive: true });
	while (!take(path)) await sleep(AGAIN);
	try {
		return await work();
	} finally {
		rmSync(path, { force: true });
	}
}

function take(path: string): boolean {
	try {
		writeFileSync(path, String(process.pid), { flag: "wx" });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
	if (!isAlive(holder(path))) rmSync(path, { force: true });
	return false;
}

/** NaN: it was given back just now, or is being taken. */
function holder(path: string): number {
	try {
		return Number(readFileSync(path, "utf8") || Number.NaN);
	} catch {
		return Number.NaN;
	}
}

function isAlive(pid: number): boolean {
	if (Number.isNaN(pid)) return true;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
