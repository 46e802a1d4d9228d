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

/** Puts a new masking key that nobody can foresee (RFC 6455 §5.3), and `data` masked with it, into `target`. */
export function mask(target: Uint8Array, data: ByteBuffer): void {
	callInto(target, NetworkOperation.webSocketMask, data);
}

/** Puts `data` into `target`, masked with the same key. `offset`: bytes of the same payload that went before. */
export function maskMore(target: Uint8Array, data: ByteBuffer, key: Uint8Array, offset: number): void {
	callInto(target, NetworkOperation.webSocketMaskMore, data, key, offset);
}
