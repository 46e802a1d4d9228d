import type { KeyValue, KeyValueFormat } from "embedded:storage/key-value";
import { call, type HostValue } from "vagalume:host";
import { KEY_LENGTH, KEY_VALUE_FORMATS, StorageOperation } from "../../operations/storage";
import { checkBuffer, checkOptions, getOneOf, requireString } from "../options";

interface OpenOptions {
	path: string;
	mode?: "r" | "r+";
	format?: KeyValueFormat;
}

/** Keeps `new` from scripts. */
const PERMIT = {};

const FIRST_64_BIT = KEY_VALUE_FORMATS.indexOf("uint64");

/** ECMA-419 §26, Key-Value Domain. NVS's limits hold: see docs/ecma-419.md. */
class Domain {
	#path: string | undefined;
	#writable: boolean;
	#format: number;

	constructor(permit: unknown, path: string, writable: boolean, format: KeyValueFormat) {
		if (permit !== PERMIT) throw new TypeError("key-value: use open to make a domain");
		this.#path = path;
		this.#writable = writable;
		this.#format = KEY_VALUE_FORMATS.indexOf(format);
	}

	close(): void {
		this.#path = undefined;
	}

	read(key: string, buffer?: ByteBuffer): KeyValue | undefined {
		const path = this.#check();
		const name = requireKey(key);
		if (buffer !== undefined && this.#format === 0) checkBuffer("key-value read", buffer);
		const format = call(StorageOperation.keyValueFormat, path, name) as number | undefined;
		if (format === undefined) return undefined;
		if (format !== this.#format)
			throw new TypeError(
				`key-value "${path}/${name}" was written as "${KEY_VALUE_FORMATS[format]}", not "${KEY_VALUE_FORMATS[this.#format]}"`,
			);
		const value = call(StorageOperation.keyValueRead, path, name);
		if (format >= FIRST_64_BIT) return BigInt(value as string);
		if (buffer === undefined || format !== 0) return value as KeyValue;
		const source = new Uint8Array(value as ArrayBuffer);
		if (source.byteLength > buffer.byteLength)
			throw new RangeError(
				`key-value "${path}/${name}" has ${source.byteLength} bytes, the buffer ${buffer.byteLength}`,
			);
		const target = ArrayBuffer.isView(buffer)
			? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
			: new Uint8Array(buffer);
		target.set(source);
		return source.byteLength;
	}

	write(key: string, value: ByteBuffer | string | number | bigint): void {
		const path = this.#checkWritable();
		const name = requireKey(key);
		const format = this.#format;
		call(
			StorageOperation.keyValueWrite,
			path,
			name,
			format,
			toFormat(KEY_VALUE_FORMATS[format]!, value, `key-value "${path}/${name}"`),
		);
	}

	/** True when there was such a key (Annex A). */
	delete(key: string): boolean {
		return call(StorageOperation.keyValueDelete, this.#checkWritable(), requireKey(key)) as boolean;
	}

	[Symbol.iterator](): IterableIterator<string> {
		return new Keys(this.#check());
	}

	get format(): KeyValueFormat {
		this.#check();
		return KEY_VALUE_FORMATS[this.#format]!;
	}
	set format(value: KeyValueFormat) {
		this.#check();
		this.#format = KEY_VALUE_FORMATS.indexOf(getOneOf("key-value", "format", value ?? null, KEY_VALUE_FORMATS));
	}

	#check(): string {
		if (this.#path === undefined) throw new Error("key-value: closed");
		return this.#path;
	}

	#checkWritable(): string {
		const path = this.#check();
		if (!this.#writable) throw new Error(`key-value domain "${path}" is open for reading only`);
		return path;
	}
}

/** ECMA-419 §26, Key-Value Domain Iterator: the keys at the time it was made. */
class Keys implements IterableIterator<string> {
	#handle: number | undefined;

	constructor(path: string) {
		this.#handle = call(StorageOperation.keyValueKeys, path) as number;
	}

	[Symbol.iterator](): this {
		return this;
	}

	next(): IteratorResult<string> {
		const key = this.#handle === undefined ? undefined : call(StorageOperation.keyValueNext, this.#handle);
		if (key !== undefined) return { done: false, value: key as string };
		this.#handle = undefined;
		return { done: true, value: undefined };
	}

	return(): IteratorResult<string> {
		if (this.#handle !== undefined) call(StorageOperation.keyValueEnd, this.#handle);
		this.#handle = undefined;
		return { done: true, value: undefined };
	}
}

function requireKey(key: unknown): string {
	return checkName("key", requireString("key-value", "key", key));
}

function checkName(what: string, name: string): string {
	const { byteLength } = ArrayBuffer.fromString(name);
	if (byteLength > KEY_LENGTH)
		throw new RangeError(`key-value ${what} "${name}" has ${byteLength} bytes, allowed are 1..${KEY_LENGTH}`);
	return name;
}

/** TypeError unless `value` can be coerced to the format (ECMA-419 §26, write). */
function toFormat(format: KeyValueFormat, value: unknown, name: string): HostValue | ArrayBufferView {
	if (format === "buffer") {
		checkBuffer(name, value);
		return value;
	}
	if (format === "string") {
		if (typeof value === "symbol" || value === undefined || value === null || typeof value === "object")
			throw new TypeError(`${name}: ${String(value)} is not a string`);
		return String(value);
	}
	const bits = Number(format.replace(/\D/g, ""));
	const signed = format.startsWith("int");
	return bits === 64 ? toBigInteger(signed, value, name, format) : toInteger(bits, signed, value, name, format);
}

function toInteger(bits: number, signed: boolean, value: unknown, name: string, format: string): number {
	const number =
		typeof value === "object" || value === undefined || typeof value === "symbol" ? Number.NaN : Number(value);
	const min = signed ? -(2 ** (bits - 1)) : 0;
	const max = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
	if (!Number.isInteger(number) || number < min || number > max)
		throw new TypeError(`${name}: ${String(value)} is not ${format} (${min}..${max})`);
	return number;
}

function toBigInteger(signed: boolean, value: unknown, name: string, format: string): string {
	const big = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
	if (typeof big !== "bigint" || big !== (signed ? BigInt.asIntN(64, big) : BigInt.asUintN(64, big)))
		throw new TypeError(`${name}: ${String(value)} is not ${format}`);
	return String(big);
}

/** ECMA-419 §26, Key-Value module. Opening with mode `r` what was never written to throws, as NVS does. */
export default Object.freeze({
	open(options: OpenOptions): Domain {
		checkOptions("key-value open", options);
		const path = checkName("domain", requireString("key-value open", "path", options.path).replace(/\/$/, ""));
		if (path === "") throw new RangeError("key-value open: path is empty");
		const mode = getOneOf("key-value open", "mode", options.mode, ["r+", "r"]);
		const format = getOneOf("key-value open", "format", options.format, KEY_VALUE_FORMATS);
		if (mode === "r" && !call(StorageOperation.keyValueOpen, path))
			throw new Error(`key-value domain "${path}" does not exist`);
		return new Domain(PERMIT, path, mode === "r+", format);
	},
});
