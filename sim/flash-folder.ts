import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Folder } from "../hosts/shared/folder";
import { UsageError } from "./usage";

/** Where a node's flash is kept, and how to leave it. */
export interface FlashFolder {
	readonly path: string;
	/** What stands for the folder, for tests. */
	readonly folder?: Folder;
	/** Something for people to know, such as that the usual folder is in use. */
	readonly notice: string | undefined;
	close(): void;
}

/** A fresh flash, removed when it is closed. */
export function temporaryFlash(notice?: string): FlashFolder {
	const path = mkdtempSync(join(tmpdir(), "vagalume-"));
	return { path, notice, close: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * The flash of node `id` below `folder`. One process at a time: a second one gets a fresh flash when the folder is the
 * default, and a UsageError when the user named it.
 */
export function keptFlash(folder: string, id: string, named: boolean): FlashFolder {
	const path = join(folder, id);
	const lock = join(path, "in-use");
	try {
		mkdirSync(path, { recursive: true });
	} catch (error) {
		throw new UsageError(`--nvs ${folder}: cannot be made (${(error as NodeJS.ErrnoException).code})`);
	}
	const owner = lockedBy(lock);
	if (owner !== undefined) {
		const used = `the flash in ${path} is in use by process ${owner}`;
		if (named) throw new UsageError(`--nvs ${folder}: ${used}; end it, or name another folder`);
		return temporaryFlash(`${used}: this node gets a fresh one`);
	}
	writeFileSync(lock, `${process.pid}\n`);
	return { path, notice: undefined, close: () => rmSync(lock, { force: true }) };
}

/** The living process that holds a lock. One that was killed leaves its lock behind. */
function lockedBy(lock: string): number | undefined {
	let owner: number;
	try {
		owner = Number(readFileSync(lock, "utf8"));
		if (!Number.isInteger(owner) || owner <= 0) return undefined;
		process.kill(owner, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM" ? owner! : undefined;
	}
	return owner;
}
