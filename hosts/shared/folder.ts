/** The folder that holds a node's flash: what the storage services need of a file system. Names are without a path; what fails throws. */
export interface Folder {
	/** All bytes of a file; undefined when there is none. */
	load(name: string): Uint8Array | undefined;
	/** Opens a file for reading and writing; undefined when there is none and it is not to be made. */
	open(name: string, make: boolean): OpenFile | undefined;
	/** Puts a file in the place of another one, which is gone then: at no instant there is none. */
	move(from: string, to: string): void;
	/** Does nothing when there is none. */
	delete(name: string): void;
}

export interface OpenFile {
	/** Bytes. */
	readonly size: number;
	/** Returns how many bytes there were. */
	read(target: Uint8Array, offset: number): number;
	/** Writes all of `bytes`; `offset` is at most the file's size. */
	write(bytes: Uint8Array, offset: number): void;
	/** Cuts the file off. */
	truncate(size: number): void;
	/** Returns when what was written is on the disk. */
	sync(): void;
	close(): void;
}

/** Opens a file, makes it when missing, and closes it whatever happens. */
export function withFile<T>(folder: Folder, name: string, use: (file: OpenFile) => T): T {
	const file = folder.open(name, true)!;
	try {
		return use(file);
	} finally {
		file.close();
	}
}

/** Replaces a file by these bytes: whoever reads it, after a loss of power too, sees the old ones or the new ones. */
export function replaceFile(folder: Folder, name: string, bytes: Uint8Array): void {
	const temporary = `${name}.new`;
	withFile(folder, temporary, (file) => {
		file.truncate(0);
		file.write(bytes, 0);
		file.sync();
	});
	folder.move(temporary, name);
}
