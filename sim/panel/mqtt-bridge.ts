import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";

/** The longest message that a page may send, in bytes. */
const LONGEST_FRAME = 262_144;
/**
 * How long a broker may take for its first byte, ms: name, TCP, TLS, WebSocket and CONNACK together. The page itself gives
 * up after 15 s, and could not say why.
 */
const PATIENCE = 10_000;
/** How long what a page said last may take to reach the broker once the page has gone, ms. */
const LINGER = 2_000;

/** Close codes of WebSocket (RFC 6455 §7.4.1): what the page asked for did not work out; the connection just broke. */
const UNEXPECTED = 1011;
const BROKEN = 1006;
/** Bytes of a reason for closing (RFC 6455 §5.5: 125, two of them are the code). */
const LONGEST_REASON = 123;

export const bridgeOptions = Object.freeze({ maxPayload: LONGEST_FRAME });

/** What the bridge needs to know of a broker. */
export interface BrokerDoor {
	/** Opens a connection for MQTT. Throws, or tells by the stream's error, when there is none. */
	open(): Duplex;
	/** What went wrong with it, for people. */
	explain(error: Error): string;
}

/**
 * Carries the bytes of MQTT between a page and a broker that has no WebSocket listener of its own, or none that a page
 * may use. It reads none of them: what the person types as credentials goes through and is kept nowhere. The reason with
 * which the page's WebSocket closes says what is wrong with the broker.
 */
export function bridge(socket: WebSocket, door: BrokerDoor, patience = PATIENCE): void {
	// What breaks the WebSocket closes it, too: nothing more is to be done.
	socket.on("error", () => {});
	const close = (why: string) => socket.close(UNEXPECTED, shortened(why));
	let broker: Duplex;
	try {
		broker = door.open();
	} catch (error) {
		close(door.explain(error as Error));
		return;
	}
	let why: string | undefined;
	const fail = (error: Error) => {
		why ??= door.explain(error);
		broker.destroy();
	};
	const deadline = setTimeout(() => fail(new Error(`no answer within ${patience / 1000} s`)), patience);
	broker
		.once("data", () => clearTimeout(deadline))
		.on("error", fail)
		.on("end", () => broker.destroy())
		.on("close", () => {
			clearTimeout(deadline);
			close(why ?? "the broker ended the connection");
		});
	const page = createWebSocketStream(socket);
	page.on("error", () => {});
	// What it sends after that must not hold up its answer to the close.
	broker.on("close", () => page.resume());
	socket.once("close", (code) => {
		if (code === BROKEN) broker.destroy();
		if (broker.destroyed) return;
		const linger = setTimeout(() => broker.destroy(), LINGER);
		broker.once("close", () => clearTimeout(linger));
	});
	page.pipe(broker);
	broker.pipe(page, { end: false });
}

/** At most as many bytes as a reason may have, whole characters. */
function shortened(text: string): string {
	const bytes = Buffer.from(text);
	if (bytes.length <= LONGEST_REASON) return text;
	// A character that is cut in two decodes as U+FFFD.
	return `${bytes
		.subarray(0, LONGEST_REASON - 3)
		.toString()
		.replace(/\ufffd$/, "")}…`;
}
