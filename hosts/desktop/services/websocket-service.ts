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
		[NetworkOperation.webSocketMaskKey]: () => Buffer.from(context.random(4)).readUInt32BE(),
		[NetworkOperation.webSocketMask]: (payload: ArrayBuffer, key: number, offset: number) => {
			// The engine's call made a copy: it can be changed.
			const bytes = new Uint8Array(payload);
			for (let index = 0; index < bytes.length; index++) bytes[index]! ^= key >>> (24 - 8 * ((offset + index) & 3));
			return bytes;
		},
	},
	close() {},
});
