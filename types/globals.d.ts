// What XS adds to ECMAScript's globals, on every host (Moddable's documentation: "XS in C", "Using XS").

/** Writes the arguments to the host's console, with no line end added. */
declare function trace(...values: unknown[]): void;

/** ECMA-419 §7.11: an ArrayBuffer or a view on one. */
type ByteBuffer = ArrayBuffer | ArrayBufferView;

interface ArrayBufferConstructor {
	/** The UTF-8 bytes of a string. */
	fromString(string: string): ArrayBuffer;
}

interface StringConstructor {
	/** The string of UTF-8 bytes of a buffer, not of a view on one; throws on a malformed sequence. */
	fromArrayBuffer(buffer: ArrayBuffer, byteOffset?: number, byteLength?: number): string;
}
