import files, { type Directory, type File } from "embedded:storage/files";
import type { Folder, OpenFile } from "../shared/folder";

/** The directory at `path` below the process's own; makes what is missing of it. */
function openDirectory(path: string): Directory {
	let directory = files;
	for (const name of path.split("/")) {
		directory.createDirectory(name);
		directory = directory.openDirectory({ path: name });
	}
	return directory;
}

/** A folder of the computer, by the SDK's ECMA-419 files. */
export class ModdableFolder implements Folder {
	readonly #directory: Directory;

	/** `path`: relative, such as `.vagalume/moddable`. */
	constructor(path: string) {
		this.#directory = openDirectory(path);
	}

	load(name: string): Uint8Array | undefined {
		const file = this.open(name, false);
		if (!file) return undefined;
		try {
			const bytes = new Uint8Array(file.size);
			file.read(bytes, 0);
			return bytes;
		} finally {
			file.close();
		}
	}

	open(path: string, make: boolean): OpenFile | undefined {
		const directory = this.#directory;
		const exists = directory.status(path).isFile();
		if (!exists && !make) return undefined;
		return new ModdableFile(directory.openFile({ path, mode: exists ? "r+" : "w+" }));
	}

	move(from: string, to: string): void {
		this.#directory.move(from, to);
	}

	delete(name: string): void {
		this.#directory.delete(name);
	}
}

class ModdableFile implements OpenFile {
	readonly #file: File;

	constructor(file: File) {
		this.#file = file;
	}

	get size(): number {
		return this.#file.status().size;
	}

	read(target: Uint8Array, offset: number): number {
		return this.#file.read(target, offset);
	}

	write(bytes: Uint8Array, offset: number): void {
		this.#file.write(bytes, offset);
	}

	truncate(size: number): void {
		this.#file.setSize(size);
	}

	sync(): void {
		this.#file.flush();
	}

	close(): void {
		this.#file.close();
	}
}
