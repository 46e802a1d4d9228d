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
	readonly #connections = new Map<number, Connection>();
	readonly #report: (message: SeenMessage) => void;
	readonly #websocket: boolean;

	/** `websocket`: the connections are MQTT over WebSocket. */
	constructor(report: (message: SeenMessage) => void, websocket = false) {
		this.#report = report;
		this.#websocket = websocket;
	}

	/** Bytes of connection `connection`, in the order in which they were sent or received. */
	bytes(direction: "out" | "in", connection: number, chunk: Uint8Array): void {
		let known = this.#connections.get(connection);
		if (!known) {
			known = new Connection(this.#report, this.#websocket);
			this.#connections.set(connection, known);
		}
		known.bytes(direction, chunk);
	}

	closed(connection: number): void {
		this.#connections.delete(connection);
	}
}

/** One connection: both directions speak the version of its CONNECT, and each has its topic aliases (MQTT 5). */
class Connection {
	readonly #out: Direction;
	readonly #in: Direction;

	constructor(report: (message: SeenMessage) => void, websocket: boolean) {
		this.#out = new Direction("out", websocket);
		this.#in = new Direction("in", websocket);
		this.#out.onMessage = this.#in.onMessage = report;
		this.#out.onVersion = (version) => this.#in.speak(version);
	}

	bytes(direction: "out" | "in", chunk: Uint8Array): void {
		(direction === "out" ? this.#out : this.#in).bytes(chunk);
	}
}

class Direction {
	onMessage: (message: SeenMessage) => void = () => {};
	onVersion: (version: number) => void = () => {};
	readonly #direction: "out" | "in";
	readonly #aliases = new Map<number, string>();
	readonly #websocket: WebSocketPayload | undefined;
	#parser!: Parser;

	constructor(direction: "out" | "in", websocket: boolean) {
		this.#direction = direction;
		if (websocket) this.#websocket = new WebSocketPayload((payload) => void this.#parser.parse(payload));
		this.speak(4);
	}

	speak(protocolVersion: number): void {
		this.#parser = mqttPacket.parser({ protocolVersion });
		this.#parser.on("packet", (packet: Packet) => this.#packet(packet));
		// Bytes that are not MQTT: nothing to report; the node deals with them.
		this.#parser.on("error", () => {});
	}

	bytes(chunk: Uint8Array): void {
		if (this.#websocket) this.#websocket.bytes(chunk);
		else this.#parser.parse(Buffer.from(chunk));
	}

	#packet(packet: Packet): void {
		if (packet.cmd === "connect") this.onVersion(packet.protocolVersion ?? 4);
		if (packet.cmd !== "publish") return;
		const { payload, qos, retain, dup, properties } = packet;
		const alias = properties?.topicAlias;
		if (alias !== undefined && packet.topic !== "") this.#aliases.set(alias, packet.topic);
		const topic = packet.topic === "" && alias !== undefined ? (this.#aliases.get(alias) ?? "") : packet.topic;
		this.onMessage({ direction: this.#direction, topic, payload: Buffer.from(payload), qos, retain, dup });
	}
}
