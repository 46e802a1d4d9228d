/** Checks of constructor options and arguments (ECMA-419 Annex A, "Ranges"). Each error names the class and the property. */

/** The options object itself. */
export function checkOptions(owner: string, options: unknown): void {
	if (typeof options !== "object" || options === null) throw new TypeError(`${owner}: an options object is required`);
}

/** `undefined` when absent. */
export function getInteger(owner: string, name: string, value: unknown, min: number, max: number): number | undefined {
	if (value === undefined) return undefined;
	const number = Number(value);
	if (!Number.isInteger(number) || number < min || number > max)
		throw new RangeError(`${owner}: ${name} ${String(value)} is not an integer in ${min}..${max}`);
	return number;
}

export function requireInteger(owner: string, name: string, value: unknown, min: number, max: number): number {
	const number = getInteger(owner, name, value, min, max);
	if (number === undefined) throw new TypeError(`${owner}: ${name} is required`);
	return number;
}

/** `undefined` when absent. */
export function getString(owner: string, name: string, value: unknown): string | undefined {
	if (value === undefined) return undefined;
	const string = String(value);
	if (string === "") throw new RangeError(`${owner}: ${name} is empty`);
	return string;
}

export function requireString(owner: string, name: string, value: unknown): string {
	const string = getString(owner, name, value);
	if (string === undefined) throw new TypeError(`${owner}: ${name} is required`);
	return string;
}

/** `undefined` when absent or null. */
export function getCallback<F extends (...args: never[]) => unknown>(
	owner: string,
	name: string,
	value: F | null | undefined,
): F | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value !== "function") throw new TypeError(`${owner}: ${name} is not a function`);
	return value;
}

/** One of `allowed`; the first when absent. */
export function getOneOf<T extends string>(owner: string, name: string, value: unknown, allowed: readonly T[]): T {
	if (value === undefined) return allowed[0]!;
	const string = String(value) as T;
	if (!allowed.includes(string))
		throw new RangeError(`${owner}: ${name} "${string}" is not one of "${allowed.join('", "')}"`);
	return string;
}

/** ECMA-419 §6: an ArrayBuffer or a view on one. */
export function checkBuffer(owner: string, value: unknown): asserts value is ByteBuffer {
	if (!(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value))
		throw new TypeError(`${owner}: an ArrayBuffer or a view on one is required`);
}

/** Dotted IPv4, or an IPv6 address. */
export function isAddress(text: string): boolean {
	if (text.includes(":")) return /^[0-9a-fA-F:.]+$/.test(text);
	const parts = text.split(".");
	return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

export function requireAddress(owner: string, name: string, value: unknown): string {
	const address = requireString(owner, name, value);
	if (!isAddress(address)) throw new RangeError(`${owner}: ${name} "${address}" is not an IP address`);
	return address;
}
