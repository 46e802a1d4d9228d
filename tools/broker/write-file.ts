import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";

/** For its owner alone. */
const SECRET = 0o600;

/** Writes a file so that whoever reads it, whenever the power goes, has all of the old one or all of the new one. */
export function writeFileWhole(path: string, text: string, mode = SECRET): void {
	const fresh = `${path}.${process.pid}.new`;
	const file = openSync(fresh, "w", SECRET);
	try {
		writeFileSync(file, text);
		fchmodSync(file, mode);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
	renameSync(fresh, path);
}
