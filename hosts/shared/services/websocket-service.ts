import { encodeBase64 } from "../base64";
import type { Service } from "../host";
import { NetworkOperation } from "../operations/network";
import { encodeText } from "../utf8";

/** What every server appends to the key (RFC 6455 §1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The 20 bytes of the digest (FIPS 180-4 §6.1), by what the host has for it. */
export type SHA1 = (bytes: Uint8Array) => Uint8Array;

/** What a WebSocket client needs that is native on a board: random keys, SHA-1, and the XOR of masking. */
export const webSocketService =
	(sha1: SHA1): Service =>
	(context) => ({
		operations: {
			[NetworkOperation.webSocketKey]: () => encodeBase64(context.random(16)),
			[NetworkOperation.webSocketAccept]: (key: string) => encodeBase64(sha1(encodeText(key + GUID))),
			[NetworkOperation.webSocketMask]: (payload: ArrayBuffer) => {
				const key = context.random(4);
				const bytes = new Uint8Array(4 + payload.byteLength);
				bytes.set(key);
				bytes.set(mask(new Uint8Array(payload), key, 0), 4);
				return bytes;
			},
			[NetworkOperation.webSocketMaskMore]: (payload: ArrayBuffer, key: ArrayBuffer, offset: number) =>
				mask(new Uint8Array(payload), new Uint8Array(key), offset),
		},
		close() {},
	});

/** A masked copy: where call and service share a machine, these are the application's own bytes. `offset`: bytes of the same payload that went before. */
function mask(bytes: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
	return bytes.map((byte, index) => byte ^ key[(offset + index) & 3]!);
}
