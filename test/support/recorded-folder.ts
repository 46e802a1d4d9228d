import type { Folder, OpenFile } from "../../hosts/shared/folder";
import { MemoryFolder } from "../chaos/memory-folder";

/** One change of a flash. `half`: what of it is there when the power goes while it is made. */
interface Change {
	readonly make: (folder: Folder) => void;
	readonly half?: (folder: Folder) => void;
}

function changed(name: string, change: (file: OpenFile) => void): (folder: Folder) => void {
	return (folder) => change(folder.open(name, true)!);
}

/** A node's flash that remembers each change, in order: so that the power can be cut at each of them. */
export class RecordedFolder implements Folder {
	readonly #changes: Change[] = [];
	readonly #inner = new MemoryFolder();

	/** Changes so far. */
	get count(): number {
		return this.#changes.length;
	}

	/** Whether the change after `count` others can be made by half. */
	halves(count: number): boolean {
		return this.#changes[count]?.half !== undefined;
	}

	/** The flash after `count` changes, and half of the next one if it is a write. */
	cut(count: number, half: boolean): MemoryFolder {
		const folder = new MemoryFolder();
		for (const { make } of this.#changes.slice(0, count)) make(folder);
		if (half) this.#changes[count]?.half?.(folder);
		return folder;
	}

	load(name: string): Uint8Array | undefined {
		return this.#inner.load(name);
	}

	open(name: string, make: boolean): OpenFile | undefined {
		const file = this.#inner.open(name, make);
		if (!file) return undefined;
		return {
			get size() {
				return file.size;
			},
			read: (target, offset) => file.read(target, offset),
			write: (bytes, offset) => {
				const copy = Uint8Array.from(bytes);
				this.#change({
					make: changed(name, (file) => file.write(copy, offset)),
					half: changed(name, (file) => file.write(copy.subarray(0, copy.length >> 1), offset)),
				});
			},
			truncate: (size) => this.#change({ make: changed(name, (file) => file.truncate(size)) }),
			sync: () => {},
			close: () => {},
		};
	}

	move(from: string, to: string): void {
		this.#change({ make: (folder) => folder.move(from, to) });
	}

	delete(name: string): void {
		this.#change({ make: (folder) => folder.delete(name) });
	}

	#change(change: Change): void {
		this.#changes.push(change);
		change.make(this.#inner);
	}
}
