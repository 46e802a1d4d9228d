import * as files from "node:fs";
import { join } from "node:path";

/** The part of node:fs that the log uses: tests put one in its place that fails or stops at each step. */
export type FileSystem = Pick<
	typeof files,
	| "readFileSync"
	| "openSync"
	| "writeSync"
	| "fsyncSync"
	| "ftruncateSync"
	| "closeSync"
	| "renameSync"
	| "copyFileSync"
	| "mkdirSync"
>;

export interface LogRecord {
	readonly domain: string;
	readonly key: string;
	/** Index in KEY_VALUE_FORMATS; undefined: the pair is deleted. */
	readonly format: number | undefined;
	readonly value: Uint8Array;
}

const HEADER = Buffer.from("VAGANVS1");
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
	readonly #directory: string;
	readonly #path: string;
	readonly #fs: FileSystem;
	readonly #log: (line: string) => void;
	/** Bytes of the file that are known to be sound. */
	#size = 0;

	constructor(directory: string, log: (line: string) => void, fs: FileSystem = files) {
		this.#directory = directory;
		this.#path = join(directory, "nvs");
		this.#log = log;
		this.#fs = fs;
	}

	/** Bytes in the file. */
	get size(): number {
		return this.#size;
	}

	/** All records, oldest first. What is damaged is left out and reported. True when the file must be rewritten. */
	load(onRecord: (record: LogRecord) => void): boolean {
		let bytes: Buffer;
		try {
			bytes = this.#fs.readFileSync(this.#path);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "ENOENT")
				this.#log(`nvs: cannot be read, starts empty: ${(error as Error).message}`);
			return false;
		}
		const start = Math.min(bytes.length, HEADER.length);
		let damaged = !bytes.subarray(0, start).equals(HEADER.subarray(0, start));
		let offset = damaged ? 0 : start;
		let end = start < HEADER.length ? 0 : offset;
		let lost = 0;
		while (offset < bytes.length) {
			const length = recordLength(bytes, offset);
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
			this.#fs.copyFileSync(this.#path, `${this.#path}.corrupt`);
			this.#log(`nvs: ${lost + bytes.length - end} damaged bytes left out; the damaged file is kept as nvs.corrupt`);
		} else if (end < bytes.length) {
			this.#log(`nvs: the last write was cut short (${bytes.length - end} bytes); its old value stands`);
		}
		return damaged || end < bytes.length;
	}

	/** Appends a record; when it fails, the file is as it was. */
	append(record: LogRecord): void {
		const bytes = encode(record);
		this.#fs.mkdirSync(this.#directory, { recursive: true });
		const file = this.#fs.openSync(this.#path, "a");
		try {
			const all = this.#size === 0 ? Buffer.concat([HEADER, bytes]) : bytes;
			try {
				writeAll(this.#fs, file, all);
			} catch (error) {
				this.#fs.ftruncateSync(file, this.#size);
				throw error;
			}
			this.#size += all.length;
		} finally {
			this.#fs.closeSync(file);
		}
	}

	/** Replaces the log by these records. */
	rewrite(records: Iterable<LogRecord>): void {
		const parts: Buffer[] = [HEADER];
		for (const record of records) parts.push(encode(record));
		const bytes = Buffer.concat(parts);
		const temporary = `${this.#path}.new`;
		this.#fs.mkdirSync(this.#directory, { recursive: true });
		const file = this.#fs.openSync(temporary, "w");
		try {
			writeAll(this.#fs, file, bytes);
			this.#fs.fsyncSync(file);
		} finally {
			this.#fs.closeSync(file);
		}
		this.#fs.renameSync(temporary, this.#path);
		this.#size = bytes.length;
	}
}

function writeAll(fs: FileSystem, file: number, bytes: Buffer): void {
	for (let offset = 0; offset < bytes.length; ) offset += fs.writeSync(file, bytes, offset, bytes.length - offset);
}

/** Magic (2), length of the payload (4), checksum of the payload (4), payload: format, length of domain and key, the texts, the value. */
function encode({ domain, key, format, value }: LogRecord): Buffer {
	const domainBytes = Buffer.from(domain);
	const keyBytes = Buffer.from(key);
	const payload = Buffer.concat([
		Buffer.from([format ?? DELETED, domainBytes.length, keyBytes.length]),
		domainBytes,
		keyBytes,
		value,
	]);
	const prefix = Buffer.alloc(PREFIX);
	prefix.writeUInt16LE(MAGIC, 0);
	prefix.writeUInt32LE(payload.length, 2);
	prefix.writeUInt32LE(checksum(payload), 6);
	return Buffer.concat([prefix, payload]);
}

/** The length of the sound record at `offset`; undefined when there is none. */
function recordLength(bytes: Buffer, offset: number): number | undefined {
	if (bytes.length - offset < PREFIX + 3 || bytes.readUInt16LE(offset) !== MAGIC) return undefined;
	const length = bytes.readUInt32LE(offset + 2);
	const start = offset + PREFIX;
	if (length < 3 || length > bytes.length - start) return undefined;
	const payload = bytes.subarray(start, start + length);
	if (3 + payload[1]! + payload[2]! > length || checksum(payload) !== bytes.readUInt32LE(offset + 6)) return undefined;
	return PREFIX + length;
}

function decode(payload: Buffer): LogRecord {
	const keyStart = 3 + payload[1]!;
	const valueStart = keyStart + payload[2]!;
	const format = payload[0]!;
	return {
		domain: payload.toString("utf8", 3, keyStart),
		key: payload.toString("utf8", keyStart, valueStart),
		format: format === DELETED ? undefined : format,
		value: Uint8Array.prototype.slice.call(payload, valueStart),
	};
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	return value;
});

/** CRC-32 (IEEE 802.3). */
function checksum(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (const byte of bytes) value = TABLE[(value ^ byte) & 0xff]! ^ (value >>> 8);
	return (value ^ 0xffffffff) >>> 0;
}
