import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** ms between two attempts. */
const AGAIN = 200;
/** A file that has been empty for so long (ms) will not be written to any more: who made it was killed. */
const LONGEST_EMPTY = 10_000;

/** What this process has: another process of its number may have left a file behind. */
const own = new Set<string>();

/**
 * Takes a lock: a file with the number of the process that has it. False: another one has it, which lives. A process that
 * has ended without giving it back has it no longer.
 */
export function takeLock(path: string): boolean {
	mkdirSync(dirname(path), { recursive: true });
	for (;;) {
		try {
			writeFileSync(path, String(process.pid), { flag: "wx" });
			own.add(path);
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
		const left = leftBehind(path);
		if (left === undefined || !takeAway(path, left)) return false;
	}
}

/** Gives it back. */
export function leaveLock(path: string): void {
	own.delete(path);
	rmSync(path, { force: true });
}

/** Does `work` while no other process does what has the same lock, and waits for that. `onWait`: once, before it waits. */
export async function locked<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
	for (let told = false; !takeLock(path); told = true) {
		if (!told) onWait?.();
		await sleep(AGAIN);
	}
	try {
		return await work();
	} finally {
		leaveLock(path);
	}
}

/** What stands in a lock that nobody has; undefined: somebody has it, or had it a moment ago. */
function leftBehind(path: string): string | undefined {
	try {
		const text = readFileSync(path, "utf8");
		if (text === "") return Date.now() - statSync(path).mtimeMs > LONGEST_EMPTY ? text : undefined;
		const pid = Number(text);
		return (pid === process.pid ? own.has(path) : isAlive(pid)) ? undefined : text;
	} catch {
		return undefined;
	}
}

/** Only what was seen there: in between, another process may have taken the lock. */
function takeAway(path: string, left: string): boolean {
	const aside = `${path}.${process.pid}`;
	try {
		renameSync(path, aside);
	} catch {
		return true;
	}
	const found = readFileSync(aside, "utf8");
	if (found === left) {
		rmSync(aside);
		return true;
	}
	renameSync(aside, path);
	return false;
}

function isAlive(pid: number): boolean {
	if (!(pid > 0)) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
