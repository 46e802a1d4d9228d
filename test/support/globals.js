// The globals that XS adds to ECMAScript's, for unit tests in Node.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

ArrayBuffer.fromString ??= (string) => encoder.encode(string).buffer;
String.fromArrayBuffer ??= (buffer, byteOffset = 0, byteLength = buffer.byteLength - byteOffset) =>
	decoder.decode(new Uint8Array(buffer.buffer ?? buffer, (buffer.byteOffset ?? 0) + byteOffset, byteLength));
globalThis.trace ??= (...values) => void process.stdout.write(values.join(""));
