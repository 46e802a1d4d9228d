/** What a client sent, cut into packets and read by an oracle that is not ours. */
import mqtt from "mqtt-packet";

/** A packet of the client. Beside these members it has those that the oracle `mqtt-packet` reads. */
export interface WirePacket {
	/** `connect`, `publish`, `puback`, ... */
	readonly cmd: string;
	/** Of the fixed header: bits 3..0 of the first byte. */
	readonly flags: number;
	/** The whole packet. */
	readonly bytes: Uint8Array;
	/** When its last byte was written, in ms of virtual time. */
	readonly time: number;
	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	readonly [field: string]: any;
}

/** What the broker sends: the oracle's form of a packet, or bytes as they are. */
export type Sendable = Uint8Array | readonly number[] | { cmd: string; [field: string]: unknown };

export type Version = 4 | 5;

/** Reads the stream of bytes that a client sends. */
export class WireReader {
	version: Version = 4;
	#bytes: number[] = [];
	readonly #onPacket: (packet: WirePacket) => void;

	constructor(onPacket: (packet: WirePacket) => void) {
		this.#onPacket = onPacket;
	}

	/** Bytes of a packet that is not complete. */
	get rest(): number {
		return this.#bytes.length;
	}

	/** @throws Error when they are no MQTT */
	push(bytes: Uint8Array, time: number): void {
		for (const byte of bytes) this.#bytes.push(byte);
		for (;;) {
			const size = packetSize(this.#bytes);
			if (size === undefined || this.#bytes.length < size) return;
			this.#onPacket(this.#read(Uint8Array.from(this.#bytes.splice(0, size)), time));
		}
	}

	#read(bytes: Uint8Array, time: number): WirePacket {
		let packet: WirePacket | undefined;
		const parser = mqtt.parser({ protocolVersion: this.version });
		parser.on("packet", (read) => {
			packet = { ...(read as object), cmd: read.cmd, flags: bytes[0]! & 15, bytes, time };
		});
		parser.on("error", (error) => {
			throw new Error(`the client sent what is no MQTT: ${error.message}: ${hex(bytes)}`);
		});
		const rest = parser.parse(Buffer.from(bytes));
		if (!packet || rest > 0) throw new Error(`the client sent what is no MQTT: ${hex(bytes)}`);
		return packet;
	}
}

/** Bytes of the packet that begins there; undefined when its length is not there yet. @throws Error: not the shortest form */
function packetSize(bytes: readonly number[]): number | undefined {
	let length = 0;
	for (let at = 1; at < 5; at++) {
		const byte = bytes[at];
		if (byte === undefined) return undefined;
		length += (byte & 127) * 128 ** (at - 1);
		if (byte > 127) continue;
		if (byte === 0 && at > 1) throw new Error(`the client sent a length that is not the shortest: ${hex(bytes)}`);
		return 1 + at + length;
	}
	throw new Error(`the client sent a remaining length of five bytes: ${hex(bytes)}`);
}

/** The bytes of what a broker sends. */
export function encodeWire(packet: Sendable, version: Version): Uint8Array {
	if (packet instanceof Uint8Array) return packet;
	if (!("cmd" in packet)) return Uint8Array.from(packet);
	const whole = { dup: false, qos: 0, retain: false, ...packet } as unknown as mqtt.Packet;
	return new Uint8Array(mqtt.generate(whole, { protocolVersion: version }));
}

export function hex(bytes: Iterable<number>): string {
	return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
