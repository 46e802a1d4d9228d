import type { Folder, OpenFile } from "../../hosts/shared/folder";

/** A node's flash in memory: what was written stays, whatever becomes of the node. */
export class MemoryFolder implements Folder {
	readonly #files = new Map<string, MemoryFile>();

	load(name: string): Uint8Array | undefined {
		return this.#files.get(name)?.all;
	}

	open(name: string, make: boolean): OpenFile | undefined {
		const known = this.#files.get(name);
		if (known || !make) return known;
		const file = new MemoryFile();
		this.#files.set(name, file);
		return file;
	}

	move(from: string, to: string): void {
		this.#files.set(to, this.#files.get(from)!);
		this.#files.delete(from);
	}
}

class MemoryFile implements OpenFile {
	#bytes = Buffer.alloc(4096);
	size = 0;

	get all(): Uint8Array {
		return Uint8Array.from(this.#bytes.subarray(0, this.size));
	}

	read(target: Uint8Array, offset: number): number {
		const bytes = this.#bytes.subarray(offset, Math.min(offset + target.length, this.size));
		target.set(bytes);
		return bytes.length;
	}

	write(bytes: Uint8Array, offset: number): void {
		const end = offset + bytes.length;
		if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(end)]);
		this.#bytes.set(bytes, offset);
		this.size = Math.max(this.size, end);
	}

	truncate(size: number): void {
		this.size = size;
	}

	sync(): void {}

	close(): void {}
}
