import { invalid } from "./error";

/** The bytes of `data`, not copied. */
export function bytesOf(data: ByteBuffer): Uint8Array {
	// Asking for members costs XS less than `instanceof`.
	if ((data as Uint8Array).BYTES_PER_ELEMENT === 1) return data as Uint8Array;
	if ((data as Uint8Array).buffer === undefined && data.byteLength !== undefined)
		return new Uint8Array(data as ArrayBuffer);
	if (!ArrayBuffer.isView(data)) invalid("data: expected an ArrayBuffer or a view on one");
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
