/** What the client asks of its host; all else of it would run anywhere. */
import { call, callInto } from "vagalume:host";
import { NetworkOperation } from "../../../operations/network";

/** A new Sec-WebSocket-Key: 16 random bytes (RFC 6455 §4.1). */
export function handshakeKey(): string {
	return call(NetworkOperation.webSocketKey) as string;
}

/** The Sec-WebSocket-Accept that proves that the server understood: SHA-1 (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
	return call(NetworkOperation.webSocketAccept, key) as string;
}

/** A new masking key that nobody can foresee (RFC 6455 §5.3), as a number of 32 bits. */
export function maskKey(): number {
	return call(NetworkOperation.webSocketMaskKey) as number;
}

/** Puts `data`, masked, into `target`. `offset`: bytes of the same frame that went before. */
export function mask(target: Uint8Array, data: ByteBuffer, key: number, offset: number): void {
	callInto(target, NetworkOperation.webSocketMask, data, key, offset);
}
