import { type Folder, replaceFile, withFile } from "../folder";
import { decodeText, encodeText } from "../utf8";

export interface LogRecord {
	readonly domain: string;
	readonly key: string;
	/** Index in KEY_VALUE_FORMATS; undefined: the pair is deleted. */
	readonly format: number | undefined;
	readonly value: Uint8Array;
}

const NAME = "nvs";
const HEADER: readonly number[] = [...encodeText("VAGANVS1")];
const MAGIC = 0x4b56;
const PREFIX = 10;
const DELETED = 0xff;

/**
 * An append-only log of checksummed records. One write appends one record, so that a process killed at any instant
 * leaves the old value or the new one: a record cut short fails its checksum and is dropped at the next load. Appending
 * is chosen over a new file per write because a write costs one small system call, and a thousand nodes write at once.
 * Only compaction replaces the file: temporary file, fsync, rename. (A power loss of the PC itself may lose the latest
 * writes; it cannot mix old and new.)
 */
export class KeyValueLog {
	readonly #folder: Folder;
	readonly #log: (line: string) => void;
	/** Bytes of the file that are known to be sound. */
	#size = 0;

	constructor(folder: Folder, log: (line: string) => void) {
		this.#folder = folder;
		this.#log = log;
	}

	/** Bytes in the file. */
	get size(): number {
		return this.#size;
	}

	/** All records, oldest first. What is damaged is left out and reported. True when the file must be rewritten. */
	load(onRecord: (record: LogRecord) => void): boolean {
		let bytes: Uint8Array | undefined;
		try {
			bytes = this.#folder.load(NAME);
		} catch (error) {
			this.#log(`nvs: cannot be read, starts empty: ${(error as Error).message}`);
		}
		if (!bytes) return false;
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const start = Math.min(bytes.length, HEADER.length);
		let damaged = HEADER.some((byte, index) => index < start && bytes[index] !== byte);
		let offset = damaged ? 0 : start;
		let end = start < HEADER.length ? 0 : offset;
		let lost = 0;
		while (offset < bytes.length) {
			const length = recordLength(bytes, view, offset);
			if (length === undefined) {
				offset++;
				continue;
			}
			if (offset > end) lost += offset - end;
			onRecord(decode(bytes.subarray(offset + PREFIX, offset + length)));
			offset += length;
			end = offset;
		}
		this.#size = end;
		damaged ||= lost > 0;
		if (damaged) {
			this.#keep(bytes);
			this.#log(`nvs: ${lost + bytes.length - end} damaged bytes left out; the damaged file is kept as nvs.corrupt`);
		} else if (end < bytes.length) {
			this.#log(`nvs: the last write was cut short (${bytes.length - end} bytes); its old value stands`);
		}
		return damaged || end < bytes.length;
	}

	/** Appends a record; when it fails, the file is as it was. */
	append(record: LogRecord): void {
		const bytes = encode(record);
		const all = this.#size === 0 ? join([HEADER, bytes]) : bytes;
		withFile(this.#folder, NAME, (file) => {
			try {
				file.write(all, this.#size);
			} catch (error) {
				file.truncate(this.#size);
				throw error;
			}
		});
		this.#size += all.length;
	}

	/** Replaces the log by these records. */
	rewrite(records: Iterable<LogRecord>): void {
		const parts: ArrayLike<number>[] = [HEADER];
		for (const record of records) parts.push(encode(record));
		const bytes = join(parts);
		replaceFile(this.#folder, NAME, bytes);
		this.#size = bytes.length;
	}

	#keep(bytes: Uint8Array): void {
		withFile(this.#folder, `${NAME}.corrupt`, (file) => {
			file.truncate(0);
			file.write(bytes, 0);
		});
	}
}

function join(parts: readonly ArrayLike<number>[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let offset = 0;
	for (const part of parts) {
		bytes.set(part, offset);
		offset += part.length;
	}
	return bytes;
}

/** Magic (2), length of the payload (4), checksum of the payload (4), payload: format, length of domain and key, the texts, the value. */
function encode({ domain, key, format, value }: LogRecord): Uint8Array {
	const domainBytes = encodeText(domain);
	const keyBytes = encodeText(key);
	const payload = join([[format ?? DELETED, domainBytes.length, keyBytes.length], domainBytes, keyBytes, value]);
	const prefix = new Uint8Array(PREFIX);
	const view = new DataView(prefix.buffer);
	view.setUint16(0, MAGIC, true);
	view.setUint32(2, payload.length, true);
	view.setUint32(6, checksum(payload), true);
	return join([prefix, payload]);
}

/** The length of the sound record at `offset`; undefined when there is none. */
function recordLength(bytes: Uint8Array, view: DataView, offset: number): number | undefined {
	if (bytes.length - offset < PREFIX + 3 || view.getUint16(offset, true) !== MAGIC) return undefined;
	const length = view.getUint32(offset + 2, true);
	const start = offset + PREFIX;
	if (length < 3 || length > bytes.length - start) return undefined;
	const payload = bytes.subarray(start, start + length);
	if (3 + payload[1]! + payload[2]! > length || checksum(payload) !== view.getUint32(offset + 6, true))
		return undefined;
	return PREFIX + length;
}

function decode(payload: Uint8Array): LogRecord {
	const keyStart = 3 + payload[1]!;
	const valueStart = keyStart + payload[2]!;
	const format = payload[0]!;
	return {
		domain: decodeText(payload.subarray(3, keyStart)),
		key: decodeText(payload.subarray(keyStart, valueStart)),
		format: format === DELETED ? undefined : format,
		value: Uint8Array.from(payload.subarray(valueStart)),
	};
}

const TABLE: readonly number[] = Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	return value >>> 0;
});

/** CRC-32 (IEEE 802.3). */
function checksum(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff]! ^ (value >>> 8);
	return (value ^ 0xffffffff) >>> 0;
}
