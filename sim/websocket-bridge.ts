import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocket } from "ws";
import type { SimOptions } from "./options";

/** The subprotocol that MQTT-6.0.0-3 asks for. */
const SUBPROTOCOL = "mqtt";
const DEADLINE = 30_000;

/** True for a broker that is reached over WebSocket. */
export function overWebSocket(broker: string): boolean {
	return /^wss?:/.test(broker);
}

/**
 * Joins a node's connection to a broker that speaks MQTT over WebSocket (MQTT 3.1.1 §6): the node itself speaks TCP, as
 * on the board. `onFailure` is told why the broker could not be reached; the node sees its connection end.
 */
export function bridge(node: Duplex, options: SimOptions, onFailure: (reason: string) => void): void {
	const { broker, ca, certificate: cert, key } = options;
	const socket = new WebSocket(broker!, SUBPROTOCOL, {
		ca,
		cert,
		key,
		handshakeTimeout: DEADLINE,
		perMessageDeflate: false,
	});
	const stream = createWebSocketStream(socket);
	stream.on("error", (error) => {
		onFailure(`${broker}: ${error.message}`);
		node.destroy();
	});
	node.on("error", () => stream.destroy());
	node.on("close", () => stream.destroy());
	stream.on("close", () => node.destroy());
	node.pipe(stream).pipe(node);
}
