import type { Device } from "embedded:provider/builtin";
import type { Partition } from "embedded:storage/flash";

const ALIGN = 4;

/** The slot of the next firmware, as an image comes into it piece by piece. */
export class SlotWriter {
	#partition: Partition;
	#blockLength: number;
	/** Where the next piece goes. */
	#offset: number;

	/**
	 * @param offset bytes that are there already: a multiple of the flash's block length
	 * @throws what the flash throws
	 */
	constructor(flash: Device["flash"], offset: number) {
		this.#partition = flash.open({ path: "nextota", mode: "r+" });
		this.#blockLength = this.#partition.status().blockLength;
		this.#offset = offset;
	}

	/** Bytes that are written. */
	get offset(): number {
		return this.#offset;
	}

	/** Appends. Only the last piece may have a length that is no multiple of 4. */
	write(bytes: Uint8Array): void {
		const { length } = bytes;
		const first = Math.ceil(this.#offset / this.#blockLength);
		const end = Math.ceil((this.#offset + length) / this.#blockLength);
		if (end > first) this.#partition.eraseBlock(first, end);
		const whole = length - (length % ALIGN);
		if (whole > 0) this.#partition.write(whole === length ? bytes : bytes.subarray(0, whole), this.#offset);
		if (whole < length) {
			const last = new Uint8Array(ALIGN).fill(0xff);
			last.set(bytes.subarray(whole));
			this.#partition.write(last, this.#offset + whole);
		}
		this.#offset += length;
	}

	/** Reads from `offset` on into `buffer`; returns how many bytes. */
	read(buffer: Uint8Array, offset: number): number {
		return this.#partition.read(buffer, offset);
	}

	close(): void {
		this.#partition.close();
	}

	/** Bytes of the slot. */
	static room(flash: Device["flash"]): number {
		const partition = flash.open({ path: "nextota", mode: "r" });
		const { size } = partition.status();
		partition.close();
		return size;
	}
}
