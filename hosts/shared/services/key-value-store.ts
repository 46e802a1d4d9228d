import type { Folder } from "../folder";
import { KEY_LENGTH } from "../operations/storage";
import { encodeText } from "../utf8";
import { KeyValueLog, type LogRecord } from "./key-value-log";

/** NVS on the board: a 24 KB partition of 4 KB pages, 126 entries of 32 bytes each; one page is kept free to move values. */
const ENTRIES = 5 * 126;
const ENTRY_LENGTH = 32;
/** Bytes of a string, with the zero that ends it. */
const STRING_LENGTH = 4000;
/** Bytes of a blob: 97.6 % of the partition, less 4,000. */
const BLOB_LENGTH = 19_985;
/** Data bytes of a blob in one page. */
const BLOB_CHUNK = 4000;

const FORMAT_BUFFER = 0;
const FORMAT_STRING = 1;

interface Value {
	readonly format: number;
	readonly bytes: Uint8Array;
}

/** The node's key-value storage, with NVS's limits. Throws Errors that name domain, key and limit. */
export class KeyValueStore {
	readonly #log: KeyValueLog;
	readonly #domains = new Map<string, Map<string, Value>>();
	#used = 0;
	#loaded = false;

	constructor(folder: Folder, log: (line: string) => void) {
		this.#log = new KeyValueLog(folder, log);
	}

	/** NVS entries in use, of 630. */
	get used(): number {
		this.#load();
		return this.#used;
	}

	has(domain: string): boolean {
		this.#load();
		return this.#domains.has(domain);
	}

	read(domain: string, key: string): Value | undefined {
		this.#load();
		return this.#domains.get(domain)?.get(key);
	}

	write(domain: string, key: string, format: number, bytes: Uint8Array): void {
		checkName("domain", domain);
		checkName("key", key);
		this.#load();
		const name = `key-value "${domain}/${key}"`;
		const limit = format === FORMAT_BUFFER ? BLOB_LENGTH : STRING_LENGTH - 1;
		if (bytes.byteLength > limit) throw new Error(`${name}: ${bytes.byteLength} bytes exceed ${limit}`);
		const old = this.read(domain, key);
		if (old && old.format === format && same(old.bytes, bytes)) return;
		// NVS writes the new value before it erases the old one: both must fit.
		const needed = entries(format, bytes.byteLength) + (this.#domains.has(domain) ? 0 : 1);
		if (this.#used + needed > ENTRIES)
			throw new Error(
				`${name}: storage is full (${needed} entries needed, ${ENTRIES - this.#used} of ${ENTRIES} free)`,
			);
		const record = { domain, key, format, value: bytes };
		this.#log.append(record);
		this.#apply(record);
		this.#compact();
	}

	/** False when there is no such key. */
	delete(domain: string, key: string): boolean {
		if (!this.read(domain, key)) return false;
		const record = { domain, key, format: undefined, value: new Uint8Array(0) };
		this.#log.append(record);
		this.#apply(record);
		this.#compact();
		return true;
	}

	keys(domain: string): string[] {
		this.#load();
		return [...(this.#domains.get(domain)?.keys() ?? [])];
	}

	#load(): void {
		if (this.#loaded) return;
		this.#loaded = true;
		const damaged = this.#log.load((record) => this.#apply(record));
		if (damaged) this.#log.rewrite(this.#records());
	}

	#apply({ domain, key, format, value }: LogRecord): void {
		let values = this.#domains.get(domain);
		const old = values?.get(key);
		if (old) this.#used -= entries(old.format, old.bytes.byteLength);
		if (format === undefined) {
			values?.delete(key);
			if (values?.size === 0) {
				this.#domains.delete(domain);
				this.#used--;
			}
			return;
		}
		if (!values) {
			this.#domains.set(domain, (values = new Map()));
			this.#used++;
		}
		values.set(key, { format, bytes: value });
		this.#used += entries(format, value.byteLength);
	}

	/** The log may grow to four times what it holds, and 32 KB. */
	#compact(): void {
		if (this.#log.size > 32_768 + 4 * ENTRY_LENGTH * this.#used) this.#log.rewrite(this.#records());
	}

	*#records(): Generator<LogRecord> {
		for (const [domain, values] of this.#domains)
			for (const [key, { format, bytes }] of values) yield { domain, key, format, value: bytes };
	}
}

function same(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** NVS entries that a value takes. */
function entries(format: number, byteLength: number): number {
	if (format === FORMAT_STRING) return 1 + Math.ceil((byteLength + 1) / ENTRY_LENGTH);
	if (format !== FORMAT_BUFFER) return 1;
	return 1 + Math.max(1, Math.ceil(byteLength / BLOB_CHUNK)) + Math.ceil(byteLength / ENTRY_LENGTH);
}

function checkName(what: string, name: string): void {
	const { length } = encodeText(name);
	if (length < 1 || length > KEY_LENGTH)
		throw new Error(`key-value ${what} "${name}" has ${length} bytes, allowed are 1..${KEY_LENGTH}`);
}
