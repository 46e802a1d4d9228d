import { type Folder, type OpenFile, withFile } from "../folder";
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
const INTERNAL: readonly string[] = ["nvs", "otadata", "phy_init"];

/**
 * NOR flash in files, one a partition: a write can only clear bits, an erase sets whole blocks. A file ends where the
 * partition was never written; what follows reads as erased.
 */
export class FlashStore {
	readonly #folder: Folder;

	constructor(folder: Folder) {
		this.#folder = folder;
	}

	/** Undefined when there is no such partition, or it is the system's. */
	find(label: string): PartitionEntry | undefined {
		return INTERNAL.includes(label) ? undefined : PARTITIONS.find((entry) => entry.label === label);
	}

	read(label: string, offset: number, byteLength: number): Uint8Array {
		const bytes = erased(byteLength);
		const file = this.#folder.open(nameOf(label), false);
		try {
			file?.read(bytes, offset);
		} finally {
			file?.close();
		}
		return bytes;
	}

	write(label: string, offset: number, bytes: Uint8Array): void {
		withFile(this.#folder, nameOf(label), (file) => {
			const { size } = file;
			if (size < offset) file.write(erased(offset - size), size);
			const old = erased(bytes.byteLength);
			file.read(old, offset);
			for (let index = 0; index < old.length; index++) old[index]! &= bytes[index]!;
			file.write(old, offset);
		});
	}

	/** Blocks `from` up to, but not including, `to`. */
	erase(label: string, from: number, to: number): void {
		const file = this.#folder.open(nameOf(label), false);
		try {
			if (file) erase(file, from * BLOCK_LENGTH, to * BLOCK_LENGTH);
		} finally {
			file?.close();
		}
	}
}

function erase(file: OpenFile, start: number, end: number): void {
	if (end < file.size) file.write(erased(end - start), start);
	else if (start < file.size) file.truncate(start);
}

function erased(byteLength: number): Uint8Array {
	return new Uint8Array(byteLength).fill(ERASE_VALUE);
}

function nameOf(label: string): string {
	return `${label}.bin`;
}
