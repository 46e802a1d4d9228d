import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";

/** The longest message that a page may send, in bytes. */
const LONGEST_FRAME = 262_144;

export const bridgeOptions = Object.freeze({ maxPayload: LONGEST_FRAME });

/**
 * Carries the bytes of MQTT between a page and a broker that has no WebSocket listener of its own, or none that a page
 * may use. It reads none of them: what the person types as credentials goes through and is kept nowhere.
 */
export function bridge(socket: WebSocket, connect: () => Duplex): void {
	const page = createWebSocketStream(socket);
	let broker: Duplex;
	try {
		broker = connect();
	} catch {
		socket.close(1011, "broker unreachable");
		return;
	}
	const end = () => {
		broker.destroy();
		page.destroy();
	};
	for (const stream of [page, broker]) stream.on("error", end).on("close", end);
	page.pipe(broker);
	broker.pipe(page);
}
