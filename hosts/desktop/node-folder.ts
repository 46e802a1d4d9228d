import {
	closeSync,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	mkdirSync,
	openSync,
	readFileSync,
	readSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Folder, OpenFile } from "../shared/folder";

/** A folder of this computer. It is made when something is written to it. */
export class NodeFolder implements Folder {
	readonly #path: string;

	constructor(path: string) {
		this.#path = path;
	}

	load(name: string): Uint8Array | undefined {
		try {
			return readFileSync(join(this.#path, name));
		} catch (error) {
			if (isMissing(error)) return undefined;
			throw error;
		}
	}

	open(name: string, make: boolean): OpenFile | undefined {
		const path = join(this.#path, name);
		try {
			return new NodeFile(openSync(path, "r+"));
		} catch (error) {
			if (!isMissing(error)) throw error;
		}
		if (!make) return undefined;
		mkdirSync(this.#path, { recursive: true });
		return new NodeFile(openSync(path, "w+"));
	}

	move(from: string, to: string): void {
		renameSync(join(this.#path, from), join(this.#path, to));
	}

	delete(name: string): void {
		rmSync(join(this.#path, name), { force: true });
	}
}

class NodeFile implements OpenFile {
	readonly #file: number;

	constructor(file: number) {
		this.#file = file;
	}

	get size(): number {
		return fstatSync(this.#file).size;
	}

	read(target: Uint8Array, offset: number): number {
		let count = 0;
		while (count < target.length) {
			const read = readSync(this.#file, target, count, target.length - count, offset + count);
			if (read === 0) break;
			count += read;
		}
		return count;
	}

	write(bytes: Uint8Array, offset: number): void {
		for (let count = 0; count < bytes.length; )
			count += writeSync(this.#file, bytes, count, bytes.length - count, offset + count);
	}

	truncate(size: number): void {
		ftruncateSync(this.#file, size);
	}

	sync(): void {
		fsyncSync(this.#file);
	}

	close(): void {
		closeSync(this.#file);
	}
}

function isMissing(error: unknown): boolean {
	return (error as NodeJS.ErrnoException).code === "ENOENT";
}
