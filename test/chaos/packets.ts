/** MQTT 3.1.1 as the chaos test reads and writes it: its own, so that a fault of the firmware's codec cannot hide in it. */

export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;

const names = [
	"0",
	"CONNECT",
	"CONNACK",
	"PUBLISH",
	"PUBACK",
	"PUBREC",
	"PUBREL",
	"PUBCOMP",
	"SUBSCRIBE",
	"SUBACK",
	"UNSUBSCRIBE",
	"UNSUBACK",
	"PINGREQ",
	"PINGRESP",
	"DISCONNECT",
	"15",
];

/** Flags in the first byte that each type must have; PUBLISH has its own. */
const flagsOf = (type: number) => (type === PUBREL || type === SUBSCRIBE || type === 10 ? 2 : 0);

/** Bytes of the largest packet that is taken: nothing in this test is near it. */
const LARGEST = 1 << 20;

export interface Packet {
	readonly type: number;
	/** Packet identifier; 0 where there is none. */
	readonly id: number;
	/** PUBLISH. */
	readonly QoS: number;
	readonly duplicate: boolean;
	readonly topic: string;
	readonly payload: Buffer;
	/** CONNACK, and CONNECT's clean session. */
	readonly flag: boolean;
	/** CONNACK's return code; CONNECT's keep-alive in s. */
	readonly code: number;
	/** SUBSCRIBE: filters with their QoS; SUBACK: codes. */
	readonly items: readonly (readonly [string, number])[];
	/** Of the whole packet. */
	readonly byteLength: number;
}

/** What is no MQTT. */
export class MalformedError extends Error {
	override readonly name = "MalformedError";
}

/** Cuts a stream of bytes into packets, however they arrive. After what is malformed it takes nothing more. */
export class Framer {
	#rest: Buffer = Buffer.alloc(0);
	#broken = false;

	/** Bytes of a packet that is not complete. */
	get pending(): number {
		return this.#rest.length;
	}

	/** @throws MalformedError, after the packets before it were handed out */
	push(bytes: Uint8Array, onPacket: (packet: Packet) => void): void {
		if (this.#broken) return;
		let data: Buffer = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
		this.#rest = Buffer.alloc(0);
		try {
			for (;;) {
				const length = frameLength(data);
				if (length === undefined || length > data.length) break;
				const frame = data.subarray(0, length);
				data = data.subarray(length);
				// What follows stays if the packet ends all of this.
				this.#rest = data;
				onPacket(parse(frame));
			}
		} catch (error) {
			this.#broken = true;
			throw error;
		}
		this.#rest = data;
	}
}

/** Bytes of the first packet; `undefined` when its header is not complete. */
function frameLength(data: Buffer): number | undefined {
	if (data.length === 0) return undefined;
	const type = data[0]! >> 4;
	const flags = data[0]! & 15;
	if (type === 0 || type === 15) throw new MalformedError(`packet type ${type}`);
	if (type === PUBLISH ? (flags & 6) === 6 : flags !== flagsOf(type))
		throw new MalformedError(`flags ${flags} of ${names[type]}`);
	let length = 0;
	for (let at = 1; at <= 4; at++) {
		const byte = data[at];
		if (byte === undefined) return undefined;
		length += (byte & 127) << (7 * (at - 1));
		if (byte < 128) {
			if (length > LARGEST) throw new MalformedError(`${length} bytes`);
			return at + 1 + length;
		}
	}
	throw new MalformedError("remaining length of five bytes");
}

function parse(frame: Buffer): Packet {
	const type = frame[0]! >> 4;
	let at = 1;
	while (frame[at]! > 127) at++;
	at++;
	const items: [string, number][] = [];
	const packet: { -readonly [member in keyof Packet]: Packet[member] } = {
		type,
		id: 0,
		QoS: 0,
		duplicate: false,
		topic: "",
		payload: Buffer.alloc(0),
		flag: false,
		code: 0,
		items,
		byteLength: frame.length,
	};
	const need = (count: number) => {
		if (frame.length - at < count) throw new MalformedError(`${names[type]} is cut short`);
	};
	const byte = () => {
		need(1);
		return frame[at++]!;
	};
	const word = () => (byte() << 8) | byte();
	const text = () => {
		const length = word();
		need(length);
		at += length;
		return frame.toString("utf8", at - length, at);
	};
	const identifier = () => {
		packet.id = word();
		if (packet.id === 0) throw new MalformedError(`${names[type]} with identifier 0`);
	};
	switch (type) {
		case CONNECT: {
			if (text() !== "MQTT" || byte() !== 4) throw new MalformedError("no CONNECT of MQTT 3.1.1");
			packet.flag = (byte() & 2) !== 0;
			packet.code = word();
			packet.topic = text();
			at = frame.length;
			break;
		}
		case CONNACK:
			packet.flag = (byte() & 1) !== 0;
			packet.code = byte();
			break;
		case PUBLISH:
			packet.QoS = (frame[0]! >> 1) & 3;
			packet.duplicate = (frame[0]! & 8) !== 0;
			packet.topic = text();
			if (packet.QoS > 0) identifier();
			packet.payload = frame.subarray(at);
			at = frame.length;
			break;
		case SUBSCRIBE:
			identifier();
			while (at < frame.length) items.push([text(), byte()]);
			break;
		case SUBACK:
			identifier();
			while (at < frame.length) items.push(["", byte()]);
			break;
		case PUBACK:
		case PUBREC:
		case PUBREL:
		case PUBCOMP:
			identifier();
			break;
		case PINGREQ:
		case PINGRESP:
		case DISCONNECT:
			break;
		default:
			throw new MalformedError(`${names[type]} has no place here`);
	}
	if (at !== frame.length) throw new MalformedError(`${names[type]} is ${frame.length - at} bytes too long`);
	return packet;
}

/** As the log shows it. */
export function describe(packet: Packet): string {
	const { type, id, QoS, duplicate, payload, flag, code } = packet;
	const name = names[type]!;
	if (type === PUBLISH) {
		const start = payload.toString("latin1", 0, 12).replace(/:.*/s, "");
		return `${name} ${id} Q${QoS}${duplicate ? " DUP" : ""} "${start}" ${packet.byteLength} B`;
	}
	if (type === CONNACK) return `${name} ${code}${flag ? " session present" : ""}`;
	return id === 0 ? name : `${name} ${id}`;
}

function frame(first: number, ...parts: Uint8Array[]): Buffer {
	let length = parts.reduce((sum, part) => sum + part.length, 0);
	const header = [first];
	do {
		header.push(length > 127 ? (length & 127) | 128 : length);
		length >>= 7;
	} while (length > 0);
	return Buffer.concat([Buffer.from(header), ...parts]);
}

const word = (value: number) => Buffer.from([value >> 8, value & 255]);
const text = (value: string) => Buffer.concat([word(Buffer.byteLength(value)), Buffer.from(value)]);

export function connect(id: string, clean: boolean, keepAlive: number): Buffer {
	return frame(CONNECT << 4, text("MQTT"), Buffer.from([4, clean ? 2 : 0]), word(keepAlive), text(id));
}

export function connack(sessionPresent: boolean, code: number): Buffer {
	return frame(CONNACK << 4, Buffer.from([sessionPresent ? 1 : 0, code]));
}

export function publish(topic: string, payload: Uint8Array, QoS: number, id: number, duplicate = false): Buffer {
	const first = (PUBLISH << 4) | (QoS << 1) | (duplicate ? 8 : 0);
	return frame(first, text(topic), QoS > 0 ? word(id) : Buffer.alloc(0), payload);
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP. */
export function acknowledge(type: number, id: number): Buffer {
	return frame((type << 4) | flagsOf(type), word(id));
}

export function subscribe(id: number, topic: string, QoS: number): Buffer {
	return frame((SUBSCRIBE << 4) | 2, word(id), text(topic), Buffer.from([QoS]));
}

export function suback(id: number, codes: readonly number[]): Buffer {
	return frame(SUBACK << 4, word(id), Buffer.from(codes));
}

/** PINGREQ, PINGRESP, DISCONNECT. */
export function bare(type: number): Buffer {
	return frame(type << 4);
}
