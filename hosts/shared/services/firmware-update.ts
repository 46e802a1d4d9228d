import { BLOCK_LENGTH } from "../operations/storage";
import type { FlashStore } from "./flash-store";

/** A firmware on its way into a slot. Throws Errors that say what is wrong with it. */
export class FirmwareUpdate {
	readonly label: string;
	readonly #flash: FlashStore;
	readonly #size: number;
	readonly #exact: boolean;
	readonly #append: boolean;
	/** Ranges written so far, in order, not touching each other. */
	#ranges: { start: number; end: number }[] = [];
	#done = false;

	/** `size`: bytes that may be written; `exact`: that many must be. Erases the slot. */
	constructor(flash: FlashStore, label: string, size: number, exact: boolean, append: boolean) {
		this.label = label;
		this.#flash = flash;
		this.#size = size;
		this.#exact = exact;
		this.#append = append;
		flash.erase(label, 0, flash.find(label)!.size / BLOCK_LENGTH);
	}

	/** Bytes that were written. */
	get size(): number {
		return this.#ranges[0]?.end ?? 0;
	}

	/** `offset` is for random access only. */
	write(bytes: Uint8Array, offset: number | undefined): void {
		if (this.#done) throw new Error("update: already complete");
		const start = this.#append ? (this.#ranges[0]?.end ?? 0) : offset!;
		const end = start + bytes.byteLength;
		if (end > this.#size) throw new Error(`update: bytes ${start}..${end - 1} are outside 0..${this.#size - 1}`);
		this.#flash.write(this.label, start, bytes);
		this.#cover(start, end);
	}

	/** Throws unless it was written without gaps. */
	complete(): void {
		if (this.#done) throw new Error("update: already complete");
		const [first, second] = this.#ranges;
		if (!first) throw new Error("update: nothing was written");
		if (first.start > 0 || second)
			throw new Error(`update: bytes from ${first.start > 0 ? 0 : first.end} on were not written`);
		if (this.#exact && first.end !== this.#size)
			throw new Error(`update: ${first.end} of ${this.#size} bytes were written`);
		this.#done = true;
	}

	#cover(start: number, end: number): void {
		if (start === end) return;
		const apart = this.#ranges.filter((range) => range.end < start || range.start > end);
		for (const range of this.#ranges) {
			if (range.end < start || range.start > end) continue;
			start = Math.min(start, range.start);
			end = Math.max(end, range.end);
		}
		this.#ranges = [...apart, { start, end }].sort((a, b) => a.start - b.start);
	}
}
