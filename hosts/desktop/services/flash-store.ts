import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { BLOCK_LENGTH, ERASE_VALUE } from "../operations/storage";

/** A partition of the board's flash. */
export interface PartitionEntry {
	readonly label: string;
	/** Bytes: a multiple of the block length. */
	readonly size: number;
}

/** As on the board with 4 MB: two slots for firmware, and room for data. */
export const PARTITIONS: readonly PartitionEntry[] = Object.freeze([
	{ label: "nvs", size: 0x6000 },
	{ label: "otadata", size: 0x2000 },
	{ label: "phy_init", size: 0x1000 },
	{ label: "ota_0", size: 0x1b0000 },
	{ label: "ota_1", size: 0x1b0000 },
	{ label: "storage", size: 0x80000 },
]);

/** Partitions that are kept in another way than as their bytes: they can be listed, not opened. */
const INTERNAL = new Set(["nvs", "otadata", "phy_init"]);

/**
 * NOR flash in files, one a partition: a write can only clear bits, an erase sets whole blocks. A file ends where the
 * partition was never written; what follows reads as erased.
 */
export class FlashStore {
	readonly #directory: string;

	constructor(directory: string) {
		this.#directory = directory;
	}

	/** Undefined when there is no such partition, or it is the system's. */
	find(label: string): PartitionEntry | undefined {
		return INTERNAL.has(label) ? undefined : PARTITIONS.find((entry) => entry.label === label);
	}

	read(label: string, offset: number, byteLength: number): Uint8Array {
		const bytes = new Uint8Array(byteLength).fill(ERASE_VALUE);
		const path = this.#path(label);
		if (!existsSync(path)) return bytes;
		const file = openSync(path, "r");
		try {
			for (let count = 0; count < byteLength; ) {
				const read = readSync(file, bytes, count, byteLength - count, offset + count);
				if (read === 0) break;
				count += read;
			}
		} finally {
			closeSync(file);
		}
		return bytes;
	}

	write(label: string, offset: number, bytes: Uint8Array): void {
		this.#open(label, (file) => {
			const length = fstatSync(file).size;
			if (length < offset)
				writeSync(file, new Uint8Array(offset - length).fill(ERASE_VALUE), 0, offset - length, length);
			const old = new Uint8Array(bytes.byteLength).fill(ERASE_VALUE);
			readSync(file, old, 0, old.byteLength, offset);
			for (let index = 0; index < old.length; index++) old[index]! &= bytes[index]!;
			writeSync(file, old, 0, old.byteLength, offset);
		});
	}

	/** Blocks `from` up to, but not including, `to`. */
	erase(label: string, from: number, to: number): void {
		if (!existsSync(this.#path(label))) return;
		this.#open(label, (file) => {
			const length = fstatSync(file).size;
			const start = from * BLOCK_LENGTH;
			const end = to * BLOCK_LENGTH;
			if (end >= length) return ftruncateSync(file, Math.min(start, length));
			writeSync(file, new Uint8Array(end - start).fill(ERASE_VALUE), 0, end - start, start);
		});
	}

	#path(label: string): string {
		return join(this.#directory, `${label}.bin`);
	}

	#open(label: string, use: (file: number) => void): void {
		mkdirSync(this.#directory, { recursive: true });
		const path = this.#path(label);
		const file = openSync(path, existsSync(path) ? "r+" : "w+");
		try {
			use(file);
		} finally {
			closeSync(file);
		}
	}
}
