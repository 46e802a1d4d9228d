import mqttPacket, { type Packet, type Parser } from "mqtt-packet";
import { WebSocketPayload } from "./websocket-payload";

/** An MQTT message as it crossed the wire between a node and its broker. */
export interface SeenMessage {
	/** As the node sees it. */
	readonly direction: "out" | "in";
	readonly topic: string;
	readonly payload: Buffer;
	readonly qos: 0 | 1 | 2;
	readonly retain: boolean;
	readonly dup: boolean;
}

/**
 * Reads the bytes of a node's connections and reports every PUBLISH. It stands beside the firmware, so it shows what was
 * really said, not what the firmware believes that it said.
 */
export class MessageLog {
	/** Takes bytes, by direction and connection. */
	readonly #readers = new Map<string, (chunk: Uint8Array) => void>();
	readonly #report: (message: SeenMessage) => void;
	readonly #websocket: boolean;

	/** `websocket`: the connections are MQTT over WebSocket. */
	constructor(report: (message: SeenMessage) => void, websocket = false) {
		this.#report = report;
		this.#websocket = websocket;
	}

	/** Bytes of connection `connection`, in the order in which they were sent or received. */
	bytes(direction: "out" | "in", connection: number, chunk: Uint8Array): void {
		const key = `${direction} ${connection}`;
		let reader = this.#readers.get(key);
		if (!reader) {
			reader = this.#newReader(direction);
			this.#readers.set(key, reader);
		}
		reader(chunk);
	}

	closed(connection: number): void {
		this.#readers.delete(`out ${connection}`);
		this.#readers.delete(`in ${connection}`);
	}

	#newReader(direction: "out" | "in"): (chunk: Uint8Array) => void {
		const parser: Parser = mqttPacket.parser();
		parser.on("packet", (packet: Packet) => this.#packet(direction, packet));
		// Bytes that are not MQTT: nothing to report; the node deals with them.
		parser.on("error", () => {});
		const parse = (chunk: Uint8Array) => void parser.parse(Buffer.from(chunk));
		if (!this.#websocket) return parse;
		const payload = new WebSocketPayload(parse);
		return (chunk) => payload.bytes(chunk);
	}

	#packet(direction: "out" | "in", packet: Packet): void {
		if (packet.cmd !== "publish") return;
		const { topic, payload, qos, retain, dup } = packet;
		this.#report({ direction, topic, payload: Buffer.from(payload), qos, retain, dup });
	}
}
