import mqttPacket, { type Packet, type Parser } from "mqtt-packet";
import { PacketFrames } from "./packet-frames";
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

/** An MQTT control packet as it crossed the wire. */
export interface SeenPacket {
	/** As the node sees it. */
	readonly direction: "out" | "in";
	/** Counts up within a node. */
	readonly connection: number;
	/** Of the protocol: 4 (MQTT 3.1.1) or 5. */
	readonly version: number;
	readonly packet: Packet;
	/** The whole packet. */
	readonly bytes: Buffer;
	/** Of a PUBLISH: its message, the topic told from its alias if need be. */
	readonly message?: SeenMessage;
}

export interface MessageLogOptions {
	onMessage(message: SeenMessage): void;
	/** Told every packet, of messages too. */
	onPacket?(packet: SeenPacket): void;
	/** The connections are MQTT over WebSocket. */
	readonly websocket?: boolean;
}

/**
 * Reads the bytes of a node's connections and reports every packet. It stands beside the firmware, so it shows what was
 * really said, not what the firmware believes that it said.
 */
export class MessageLog {
	readonly #connections = new Map<number, Connection>();
	readonly #options: MessageLogOptions;

	constructor(options: MessageLogOptions) {
		this.#options = options;
	}

	/** Bytes of connection `connection`, in the order in which they were sent or received. */
	bytes(direction: "out" | "in", connection: number, chunk: Uint8Array): void {
		let known = this.#connections.get(connection);
		if (!known) {
			known = new Connection(connection, this.#options);
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
	readonly #id: number;
	readonly #options: MessageLogOptions;
	readonly #out: Direction;
	readonly #in: Direction;

	constructor(id: number, options: MessageLogOptions) {
		this.#id = id;
		this.#options = options;
		this.#out = new Direction(options.websocket ?? false, (packet, bytes) => this.#report("out", packet, bytes));
		this.#in = new Direction(options.websocket ?? false, (packet, bytes) => this.#report("in", packet, bytes));
	}

	bytes(direction: "out" | "in", chunk: Uint8Array): void {
		(direction === "out" ? this.#out : this.#in).bytes(chunk);
	}

	#report(direction: "out" | "in", packet: Packet, bytes: Buffer): void {
		const { onMessage, onPacket } = this.#options;
		if (direction === "out" && packet.cmd === "connect") {
			const version = packet.protocolVersion ?? 4;
			this.#out.speak(version);
			this.#in.speak(version);
		}
		let message: SeenMessage | undefined;
		if (packet.cmd === "publish") {
			const { payload, qos, retain, dup } = packet;
			const topic = (direction === "out" ? this.#out : this.#in).topicOf(packet);
			message = { direction, topic, payload: Buffer.from(payload), qos, retain, dup };
		}
		onPacket?.({ direction, connection: this.#id, version: this.#out.version, packet, bytes, message });
		if (message) onMessage(message);
	}
}

class Direction {
	version = 4;
	readonly #aliases = new Map<number, string>();
	readonly #websocket: WebSocketPayload | undefined;
	readonly #frames: PacketFrames;
	readonly #onPacket: (packet: Packet, bytes: Buffer) => void;
	#parser!: Parser;
	#bytes: Buffer = Buffer.alloc(0);

	constructor(websocket: boolean, onPacket: (packet: Packet, bytes: Buffer) => void) {
		this.#onPacket = onPacket;
		this.#frames = new PacketFrames((bytes) => {
			this.#bytes = bytes;
			this.#parser.parse(bytes);
		});
		if (websocket) this.#websocket = new WebSocketPayload((payload) => this.#frames.bytes(payload));
		this.speak(4);
	}

	speak(protocolVersion: number): void {
		this.version = protocolVersion;
		this.#parser = mqttPacket.parser({ protocolVersion });
		this.#parser.on("packet", (packet: Packet) => this.#onPacket(packet, this.#bytes));
		// Bytes that are not MQTT: nothing to report; the node deals with them.
		this.#parser.on("error", () => {});
	}

	bytes(chunk: Uint8Array): void {
		if (this.#websocket) this.#websocket.bytes(chunk);
		else this.#frames.bytes(chunk);
	}

	/** The topic of a PUBLISH; remembers what an alias stands for. */
	topicOf(packet: Packet & { cmd: "publish" }): string {
		const alias = packet.properties?.topicAlias;
		if (alias === undefined) return packet.topic;
		if (packet.topic !== "") this.#aliases.set(alias, packet.topic);
		return this.#aliases.get(alias) ?? "";
	}
}
