/** What all IO classes do (ECMA-419 §9, Annex A: IO Class Pattern). */

/** Throws RangeError unless `value` is the one format that the class has. */
export function checkFormat(owner: string, value: unknown, only: string): void {
	if (value !== only) throw new RangeError(`${owner}: format "${String(value)}" is not supported, only "${only}"`);
}

/** Sets `target` where the options have one: a plain property that scripts may change. */
export function setTarget(instance: object, options: { readonly target?: unknown }): void {
	const value = options.target;
	if (value !== undefined) (instance as { target: unknown }).target = value;
}

export function closed(owner: string): Error {
	return new Error(`${owner} is closed`);
}

/** `value`, which must be a byte buffer: ArrayBuffer, SharedArrayBuffer, Uint8Array, Int8Array or DataView; else throws TypeError. */
export function byteBuffer(owner: string, value: unknown): ByteBuffer {
	if (
		value instanceof Uint8Array ||
		value instanceof ArrayBuffer ||
		value instanceof Int8Array ||
		value instanceof DataView ||
		(typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer)
	)
		return value as ByteBuffer;
	throw new TypeError(`${owner}: an ArrayBuffer, Uint8Array, Int8Array or DataView is required`);
}
