import { createHash } from "node:crypto";
import type { Service } from "../host";
import { NetworkOperation } from "../operations/network";

/** What every server appends to the key (RFC 6455 §1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a WebSocket client needs that is native on a board: random keys, SHA-1, and the XOR of masking. */
export const webSocketService: Service = (context) => ({
	operations: {
		[NetworkOperation.webSocketKey]: () => Buffer.from(context.random(16)).toString("base64"),
		[NetworkOperation.webSocketAccept]: (key: string) => createHash("sha1").update(`${key}${GUID}`).digest("base64"),
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

/** Masks in place: the engine's call made a copy. `offset`: bytes of the same payload that went before. */
function mask(bytes: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
	for (let index = 0; index < bytes.length; index++) bytes[index]! ^= key[(offset + index) & 3]!;
	return bytes;
}
