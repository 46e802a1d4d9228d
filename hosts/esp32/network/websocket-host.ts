/** Takes the place of hosts/shared/embedded/network/websocket/host. Under that name relative imports would fail. */
import { Digest } from "crypt";
import { Board } from "hosts/esp32/native";
import { encodeBase64 } from "hosts/shared/base64";

/** What every server appends to the key (RFC 6455 §1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A new Sec-WebSocket-Key: 16 random bytes (RFC 6455 §4.1). */
export function handshakeKey(): string {
	const key = new Uint8Array(16);
	Board.random(key);
	return encodeBase64(key);
}

/** The Sec-WebSocket-Accept that proves that the server understood: SHA-1 (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
	const text = new Uint8Array(ArrayBuffer.fromString(key + GUID));
	return encodeBase64(new Uint8Array(new Digest("SHA1").process(text)));
}

/** Puts a new masking key that nobody can foresee (RFC 6455 §5.3), and `data` masked with it, into `target`. */
export function mask(target: Uint8Array, data: ByteBuffer): void {
	const key = target.subarray(0, 4);
	Board.random(key);
	maskMore(target.subarray(4), data, key, 0);
}

/** Puts `data` into `target`, masked with the same key. `offset`: bytes of the same payload that went before. */
export function maskMore(target: Uint8Array, data: ByteBuffer, key: Uint8Array, offset: number): void {
	const bytes = ArrayBuffer.isView(data)
		? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
		: new Uint8Array(data);
	for (let index = 0; index < bytes.length; index++) target[index] = bytes[index]! ^ key[(offset + index) & 3]!;
}
