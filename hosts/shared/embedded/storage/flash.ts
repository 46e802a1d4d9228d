import type { FlashStatus, Partition as PartitionType } from "embedded:storage/flash";
import { call, callInto } from "vagalume:host";
import { BLOCK_LENGTH, ERASE_VALUE, StorageOperation, WRITE_ALIGN } from "../../operations/storage";
import { checkBuffer, checkOptions, getOneOf, requireInteger, requireString } from "../options";

interface OpenOptions {
	path: string;
	mode?: "r" | "r+";
	format?: "buffer";
}

/** Keeps `new` from scripts. */
const PERMIT = {};

/** ECMA-419 §27, Flash Partition: NOR flash, blocks of 4 KB, writes aligned to 4 bytes. */
class Partition implements PartitionType {
	#path: string | undefined;
	#writable: boolean;
	#size: number;

	constructor(permit: unknown, path: string, writable: boolean, size: number) {
		if (permit !== PERMIT) throw new TypeError("flash: use open to get a partition");
		this.#path = path;
		this.#writable = writable;
		this.#size = size;
	}

	/** What Update writes to; throws unless it is open and writable. */
	static target(partition: unknown): { path: string; size: number } {
		if (typeof partition !== "object" || partition === null || !(#path in partition))
			throw new TypeError("update: partition is not a flash partition");
		return { path: partition.#checkWritable(), size: partition.#size };
	}

	close(): void {
		this.#path = undefined;
	}

	status(): FlashStatus {
		this.#check();
		return {
			size: this.#size,
			blocks: this.#size / BLOCK_LENGTH,
			blockLength: BLOCK_LENGTH,
			eraseValue: ERASE_VALUE,
			writeAlign: WRITE_ALIGN,
		};
	}

	/** Erases blocks `from` up to, not including, `to`; one block when `to` is omitted. */
	eraseBlock(from: number, to?: number): void {
		const path = this.#checkWritable();
		const blocks = this.#size / BLOCK_LENGTH;
		const start = requireInteger("flash eraseBlock", "from", from, 0, blocks - 1);
		const end = to === undefined ? start + 1 : requireInteger("flash eraseBlock", "to", to, start + 1, blocks);
		call(StorageOperation.flashErase, path, start, end);
	}

	read(byteLength: number, byteOffset: number): ArrayBuffer;
	read(buffer: ByteBuffer, byteOffset: number): number;
	read(option: number | ByteBuffer, byteOffset: number): ArrayBuffer | number {
		const path = this.#check();
		const offset = requireInteger("flash read", "byteOffset", byteOffset, 0, this.#size - 1);
		const available = this.#size - offset;
		if (typeof option === "number") {
			const count = requireInteger("flash read", "byteLength", option, 1, Number.MAX_SAFE_INTEGER);
			return call(StorageOperation.flashRead, path, offset, Math.min(count, available)) as ArrayBuffer;
		}
		checkBuffer("flash read", option);
		return callInto(option, StorageOperation.flashRead, path, offset, Math.min(option.byteLength, available)) ?? 0;
	}

	/** Clears bits; offset and length are multiples of `writeAlign`. */
	write(buffer: ByteBuffer, byteOffset: number): void {
		const path = this.#checkWritable();
		checkBuffer("flash write", buffer);
		const offset = requireInteger("flash write", "byteOffset", byteOffset, 0, this.#size);
		if (buffer.byteLength > this.#size - offset)
			throw new RangeError(
				`flash write: ${buffer.byteLength} bytes at ${offset} are beyond the partition's ${this.#size}`,
			);
		if (offset % WRITE_ALIGN !== 0 || buffer.byteLength % WRITE_ALIGN !== 0)
			throw new RangeError(
				`flash write: offset ${offset} and length ${buffer.byteLength} must be multiples of ${WRITE_ALIGN}`,
			);
		call(StorageOperation.flashWrite, path, offset, buffer);
	}

	get format(): "buffer" {
		this.#check();
		return "buffer";
	}
	set format(value: string) {
		this.#check();
		getOneOf("flash", "format", value ?? null, ["buffer"]);
	}

	#check(): string {
		if (this.#path === undefined) throw new Error("flash: closed");
		return this.#path;
	}

	#checkWritable(): string {
		const path = this.#check();
		if (!this.#writable) throw new Error(`flash partition "${path}" is open for reading only`);
		return path;
	}
}

/** ECMA-419 §27, Flash Partition Iterator: labels of all partitions. */
class Labels implements IterableIterator<string> {
	#index: number | undefined = 0;

	[Symbol.iterator](): this {
		return this;
	}

	next(): IteratorResult<string> {
		const label = this.#index === undefined ? undefined : call(StorageOperation.flashLabel, this.#index++);
		if (label !== undefined) return { done: false, value: label as string };
		return this.return();
	}

	return(): IteratorResult<string> {
		this.#index = undefined;
		return { done: true, value: undefined };
	}
}

export const updateTarget = Partition.target;

/** ECMA-419 §27, Flash module. `running` and `nextota` name a firmware slot by its role, as Moddable's does. */
export default Object.freeze({
	open(options: OpenOptions): PartitionType {
		checkOptions("flash open", options);
		const path = requireString("flash open", "path", options.path);
		const mode = getOneOf("flash open", "mode", options.mode, ["r+", "r"]);
		getOneOf("flash open", "format", options.format, ["buffer"]);
		const size = call(StorageOperation.flashSize, path) as number | undefined;
		if (size === undefined) throw new Error(`flash open: no partition "${path}" that can be opened`);
		return new Partition(PERMIT, path, mode === "r+", size);
	},
	[Symbol.iterator](): IterableIterator<string> {
		return new Labels();
	},
});
