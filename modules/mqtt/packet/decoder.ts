import { MQTTError } from "./error";
import { inspectText, TEXT_NUL } from "./text";
import {
	CONNACK,
	CONNECT,
	DISCONNECT,
	PINGREQ,
	PINGRESP,
	PUBLISH,
	PUBREL,
	packetNames,
	SUBACK,
	SUBSCRIBE,
	UNSUBSCRIBE,
} from "./types";

/** `next`: more bytes are needed. */
export const NONE = 0;
/** `next`: more of the payload of the PUBLISH before is there. */
export const FRAGMENT = 16;
/** `next`: a PUBLISH whose topic is too long was consumed without being kept. */
export const SKIPPED = 17;

/** `next`: the bytes are no MQTT, `error` says why. The connection is to be closed. */
export const BAD = -1;

/** The longest that PUBLISH has before and after its topic, without its payload. */
const enough = 9;

/** The flags of PUBLISH that are allowed, a bit each: not QoS 3, and no DUP at QoS 0. */
const goodFlags = 0b0011_1100_0011_1111;

/** What `next` has to do. */
const HEADER = 0;
const PAYLOAD = 1;
const SKIP = 2;

/**
 * Decodes what a server sends, MQTT 3.1.1. Bytes are put into a window of fixed size, packets come out of `next`; a payload
 * larger than the window comes out in fragments. Nothing grows with what arrives, and lengths are checked before bytes are kept.
 */
export class Decoder {
	/** The window: `bytes[start..end)` arrived and is not consumed yet. */
	readonly bytes: Uint8Array;
	readonly buffer: ArrayBuffer;
	start = 0;
	end = 0;
	/** The last PUBLISH. */
	topic = "";
	QoS = 0;
	retain = false;
	duplicate = false;
	/** Bytes of its whole payload. */
	byteLength = 0;
	/** Bytes of its payload that were not consumed yet. */
	remaining = 0;
	/** Packet identifier of the last packet, 0 when it has none. */
	id = 0;
	/** The last CONNACK. */
	sessionPresent = false;
	returnCode = 0;
	/** The last SUBACK's return codes. */
	codes: number[] | undefined = undefined;
	/** Why `next` answered `BAD`. */
	error: MQTTError | undefined = undefined;
	readonly #size: number;
	readonly #maximumTopic: number;
	#mode = HEADER;
	#skipTopic = 0;
	/** Bytes of `topic`. */
	#topicLength = 0;
	#view: Uint8Array;

	/**
	 * @param size of the window in bytes, at least 32
	 * @param maximumTopic bytes of the longest topic that is accepted; made smaller when the window demands it
	 */
	constructor(size: number, maximumTopic: number) {
		this.bytes = new Uint8Array(size);
		this.buffer = this.bytes.buffer as ArrayBuffer;
		this.#view = this.bytes;
		this.#size = size;
		this.#maximumTopic = Math.min(maximumTopic, size - enough - 1);
	}

	/** A view into the window to put up to `count` new bytes in, `undefined` when it is full. Add what was put there to `end`. */
	target(count: number): Uint8Array | undefined {
		if (this.start === this.end) {
			this.start = this.end = 0;
			if (this.#view.length === count) return this.#view;
		} else if (this.start > 0 && this.end + count > this.#size) {
			this.bytes.copyWithin(0, this.start, this.end);
			this.end -= this.start;
			this.start = 0;
		}
		const end = this.end;
		const space = this.#size - end;
		if (count > space) count = space;
		if (count === 0) return undefined;
		const view = new Uint8Array(this.buffer, end, count);
		if (end === 0) this.#view = view;
		return view;
	}

	/** Bytes of the current payload that are in the window. To consume them, add to `start` and take from `remaining`. */
	get available(): number {
		return Math.min(this.end - this.start, this.remaining);
	}

	/**
	 * The next packet's type, or `FRAGMENT`, `SKIPPED`, `NONE` or `BAD`. A packet that fits the window is reported when it is
	 * complete. After `PUBLISH` and `FRAGMENT`, consume what is `available` before `next` is called again.
	 * `BAD` is for good: `error` has the clause that was broken.
	 */
	next(): number {
		const start = this.start;
		const there = this.end - start;
		if (this.#mode !== HEADER) {
			if (this.#mode === SKIP) return this.#skip();
			if (this.remaining > 0) return there > 0 ? FRAGMENT : NONE;
			this.#mode = HEADER;
		}
		const bytes = this.bytes;
		if (there < 2) return there === 0 || this.#isFirst(bytes[start]!) ? NONE : BAD;
		const first = bytes[start]!;
		let at = start + 2;
		let length = bytes[start + 1]!;
		if (length > 127) {
			at = this.#measure(start);
			if (at <= 0) return at;
			length = this.byteLength;
		}
		if (first >> 4 === PUBLISH) return this.#publish(first, at, length);
		if (first !== 0x40 && !this.#isFirst(first)) return BAD;
		const type = first >> 4;
		if ((length !== 2 || type === SUBACK || type === PINGRESP) && !this.#isLength(type, length)) return BAD;
		if (this.end - at < length) return NONE;
		this.start = at + length;
		if (length === 0) return type;
		const high = bytes[at]!;
		const low = bytes[at + 1]!;
		if (type === CONNACK) return this.#connack(high, low);
		const id = (high << 8) | low;
		this.id = id;
		if (id === 0) return this.#noId(type);
		return type === SUBACK ? this.#suback(at + 2, at + length) : type;
	}

	/** Reads a remaining length of two and more bytes into `byteLength`. Returns the offset behind it, or `NONE` or `BAD`. */
	#measure(start: number): number {
		const bytes = this.bytes;
		if (!this.#isFirst(bytes[start]!)) return BAD;
		let length = 0;
		let at = start + 1;
		for (let shift = 0; shift < 28; shift += 7) {
			if (at === this.end) return NONE;
			const byte = bytes[at++]!;
			length |= (byte & 127) << shift;
			if (byte < 128) {
				this.byteLength = length;
				return at;
			}
		}
		return this.#bad(`${packetNames[bytes[start]! >> 4]}: remaining length of more than 4 bytes`, "MQTT-2.2.3");
	}

	#publish(first: number, at: number, length: number): number {
		const bytes = this.bytes;
		const QoS = (first >> 1) & 3;
		if (((goodFlags >> (first & 15)) & 1) === 0) return this.#badPublish(QoS);
		const fixed = QoS === 0 ? 2 : 4;
		const there = this.end - at;
		if (there < 2 && length >= fixed) return NONE;
		const topicLength = (bytes[at]! << 8) | bytes[at + 1]!;
		const byteLength = length - fixed - topicLength;
		if (byteLength < 0 || topicLength === 0) return this.#badLength(length, fixed, topicLength);
		const name = at + 2;
		if (topicLength > this.#maximumTopic) {
			this.QoS = QoS;
			this.id = 0;
			this.start = name;
			this.#skipTopic = topicLength;
			this.byteLength = this.remaining = byteLength;
			this.#mode = SKIP;
			return this.#skip();
		}
		// What fits the window is waited for as a whole; of the rest a first byte of payload.
		if (there < length && (at - this.start + length <= this.#size || there <= fixed + topicLength)) return NONE;
		let topic: string | undefined;
		try {
			topic = String.fromArrayBuffer(this.buffer, name, topicLength);
		} catch {
			// What is wrong is found below.
		}
		// XS ends a string at a zero byte: the same topic has the same length, too.
		if (topic !== this.topic || topicLength !== this.#topicLength) {
			if (!this.#isTopic(topic, name, topicLength)) return BAD;
			this.#topicLength = topicLength;
		}
		const payload = at + fixed + topicLength;
		if (QoS === 0) this.id = 0;
		else {
			const id = (bytes[payload - 2]! << 8) | bytes[payload - 1]!;
			if (id === 0) return this.#noId(PUBLISH);
			this.id = id;
		}
		this.topic = topic!;
		this.QoS = QoS;
		this.retain = (first & 1) !== 0;
		this.duplicate = (first & 8) !== 0;
		this.start = payload;
		this.byteLength = this.remaining = byteLength;
		this.#mode = PAYLOAD;
		return PUBLISH;
	}

	/** Is it a topic name? One that was accepted before need not be asked about again. */
	#isTopic(topic: string | undefined, start: number, length: number): boolean {
		// As many characters as bytes: ASCII. XS accepts what UTF-8 forbids.
		if (topic === undefined || topic.length !== length || topic.includes("\0")) {
			const found = inspectText(this.bytes, start, start + length);
			if (found === TEXT_NUL) this.#bad("PUBLISH: U+0000 in the topic", "MQTT-1.5.3-2");
			else if (found !== 0) this.#bad("PUBLISH: the topic is not UTF-8", "MQTT-1.5.3-1");
			if (found !== 0) return false;
		}
		if (!topic!.includes("+") && !topic!.includes("#")) return true;
		this.#bad("PUBLISH: wildcard in the topic", "MQTT-3.3.2-2");
		return false;
	}

	/** Consumes the rest of the current message without handing it out: `next` answers `SKIPPED` when that is done. */
	skip(): void {
		this.#mode = SKIP;
	}

	#skip(): number {
		let there = this.end - this.start;
		if (this.#skipTopic > 0) {
			const count = Math.min(there, this.#skipTopic);
			this.start += count;
			this.#skipTopic -= count;
			if (this.#skipTopic > 0) return NONE;
			there -= count;
		}
		if (this.QoS > 0 && this.id === 0) {
			if (there < 2) return NONE;
			this.id = (this.bytes[this.start]! << 8) | this.bytes[this.start + 1]!;
			if (this.id === 0) return this.#noId(PUBLISH);
			this.start += 2;
		}
		const count = this.available;
		this.start += count;
		this.remaining -= count;
		if (this.remaining > 0) return NONE;
		this.#mode = HEADER;
		return SKIPPED;
	}

	#badPublish(QoS: number): typeof BAD {
		return QoS === 3 ? this.#bad("PUBLISH: QoS 3", "MQTT-3.3.1-4") : this.#bad("PUBLISH: DUP at QoS 0", "MQTT-3.3.1-2");
	}

	#badLength(length: number, fixed: number, topicLength: number): typeof BAD {
		if (length < fixed) return this.#bad(`PUBLISH: ${length} bytes are too short`, "MQTT-3.3.2-1");
		if (topicLength === 0) return this.#bad("PUBLISH: empty topic", "MQTT-4.7.3-1");
		return this.#bad(`PUBLISH: a topic of ${topicLength} bytes in a packet of ${length}`, "MQTT-3.3.2-1");
	}

	#bad(message: string, clause: string): typeof BAD {
		this.error = new MQTTError("malformed", message, clause);
		return BAD;
	}

	#noId(type: number): typeof BAD {
		return this.#bad(`${packetNames[type]}: packet identifier 0`, "MQTT-2.3.1-1");
	}

	#connack(flags: number, code: number): number {
		if (flags > 1) return this.#bad(`CONNACK: flags ${flags}`, "MQTT-3.2.2-1");
		if (code !== 0 && flags !== 0) return this.#bad("CONNACK: session present in a refusal", "MQTT-3.2.2-4");
		this.id = 0;
		this.sessionPresent = flags === 1;
		this.returnCode = code;
		return CONNACK;
	}

	#suback(at: number, end: number): number {
		const codes: number[] = [];
		for (; at < end; at++) {
			const code = this.bytes[at]!;
			if (code > 2 && code !== 0x80) return this.#bad(`SUBACK: return code ${code}`, "MQTT-3.9.3-2");
			codes.push(code);
		}
		this.codes = codes;
		return SUBACK;
	}

	/** Can a packet that a server sends begin so? */
	#isFirst(first: number): boolean {
		const type = first >> 4;
		const flags = first & 15;
		if (type === PUBLISH) {
			if ((goodFlags >> flags) & 1) return true;
			this.#badPublish((flags >> 1) & 3);
		} else if (type === 0 || type === 15) this.#bad(packetNames[type]!, "MQTT-2.2.1");
		else if (flags !== (type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0))
			this.#bad(`${packetNames[type]}: reserved flags ${flags}`, "MQTT-2.2.2-2");
		else if (type === CONNECT || type === SUBSCRIBE || type === UNSUBSCRIBE || type === PINGREQ || type === DISCONNECT)
			this.error = new MQTTError("protocol", `${packetNames[type]} from a server`, "MQTT-4.8.0-1");
		else return true;
		return false;
	}

	/** Can a packet of this type, which is no PUBLISH, be so long? */
	#isLength(type: number, length: number): boolean {
		if (type === SUBACK) {
			if (length < 3) this.#bad(`SUBACK: ${length} bytes, expected at least 3`, "MQTT-3.9.3-1");
			else if (length > this.#size - 5) this.#bad(`SUBACK: ${length} bytes are more than expected`, "MQTT-4.8.0-1");
			else return true;
			return false;
		}
		const expected = type === PINGRESP ? 0 : 2;
		if (length === expected) return true;
		// Each packet type has the section of its number.
		this.#bad(`${packetNames[type]}: ${length} bytes, expected ${expected}`, `MQTT-3.${type}.1`);
		return false;
	}
}
