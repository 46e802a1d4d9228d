import mqttPacket, { type Packet, type Parser } from "mqtt-packet";

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
	readonly #parsers = new Map<string, Parser>();
	readonly #report: (message: SeenMessage) => void;

	constructor(report: (message: SeenMessage) => void) {
		this.#report = report;
	}

	/** Bytes of connection `connection`, in the order in which they were sent or received. */
	bytes(direction: "out" | "in", connection: number, chunk: Uint8Array): void {
		const key = `${direction} ${connection}`;
		let parser = this.#parsers.get(key);
		if (!parser) {
			parser = mqttPacket.parser();
			parser.on("packet", (packet: Packet) => this.#packet(direction, packet));
			// Bytes that are not MQTT: nothing to report; the node deals with them.
			parser.on("error", () => {});
			this.#parsers.set(key, parser);
		}
		parser.parse(Buffer.from(chunk));
	}

	closed(connection: number): void {
		this.#parsers.delete(`out ${connection}`);
		this.#parsers.delete(`in ${connection}`);
	}

	#packet(direction: "out" | "in", packet: Packet): void {
		if (packet.cmd !== "publish") return;
		const { topic, payload, qos, retain, dup } = packet;
		this.#report({ direction, topic, payload: Buffer.from(payload), qos, retain, dup });
	}
}
