import type { MQTTError } from "./error";
import { checkTopic, faultOfFirst, faultOfId, isControl } from "./faults";
import { Modern } from "./modern";
import type { Properties } from "./properties";
import { fault, MALFORMED } from "./reasons";
import { BAD, FRAGMENT, HEADER, MODERN, NONE, PAYLOAD, SKIP, SKIPPED } from "./results";
import { CONNACK, PINGRESP, PUBLISH, packetNames, SUBACK, type Version } from "./types";

export { BAD, FRAGMENT, NONE, SKIPPED } from "./results";

/** The longest that PUBLISH has before and after its topic, without properties and payload. */
const enough = 9;

/**
 * Decodes what a server sends. Bytes are put into a window of fixed size, packets come out of `next`; a payload larger than the
 * window comes out in fragments. Nothing grows with what arrives, and lengths are checked before bytes are kept.
 */
export class Decoder {
	/** The window: `bytes[start..end)` arrived and is not consumed yet. */
	start = 0;
	end = 0;
	readonly bytes: Uint8Array;
	readonly buffer: ArrayBuffer;
	/** What `next` has to do. For this folder. */
	mode = HEADER;
	/** The last PUBLISH. */
	topic = "";
	/** Bytes of `topic`, as it arrived; -1 when none did yet. For this folder. */
	topicLength = -1;
	/** The first byte of the last PUBLISH. For this folder. */
	first = 0;
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
	/** MQTT 5.0: reason code of the last packet that is no PUBLISH, 0 when it has none. */
	reasonCode = 0;
	/** MQTT 5.0: properties of the last packet, `undefined` when it has none, or when they do not fit the window. */
	properties: Properties | undefined = undefined;
	/** The last SUBACK's return codes; in 5.0 the last SUBACK's or UNSUBACK's reason codes. */
	codes: number[] | undefined = undefined;
	/** A PUBLISH whose topic is none (a wildcard, U+0000, no UTF-8) is `SKIPPED`, not `BAD`. */
	tolerant = false;
	/** Why a PUBLISH was `SKIPPED`; `undefined`: it was too long to be kept. */
	passed: MQTTError | undefined = undefined;
	/** Why `next` answered `BAD`. */
	error: MQTTError | undefined = undefined;
	/** Bytes of the window. */
	readonly size: number;
	/** Bytes of the longest topic that is accepted. */
	readonly maximumTopic: number;
	/** What concerns MQTT 5.0. For this folder. */
	readonly modern: Modern | undefined = undefined;
	/** Bytes of a topic that are to be passed over. For this folder. */
	skipTopic = 0;

	/**
	 * @param size of the window in bytes, at least 32
	 * @param maximumTopic bytes of the longest topic that is accepted; made smaller when the window demands it
	 * @param topicAliasMaximum MQTT 5.0: topic aliases that the server may use, 0..65,535, as CONNECT said it
	 * @param maximumPacketSize MQTT 5.0: bytes of the longest packet that the server may send, as CONNECT said it
	 */
	constructor(
		size: number,
		maximumTopic: number,
		version: Version = 4,
		topicAliasMaximum = 0,
		maximumPacketSize = Number.POSITIVE_INFINITY,
	) {
		this.bytes = new Uint8Array(size);
		this.buffer = this.bytes.buffer as ArrayBuffer;
		this.size = size;
		const room = size - enough - 1;
		this.maximumTopic = Math.min(maximumTopic, version === 5 ? room - 4 : room);
		if (version === 5) {
			this.mode = MODERN;
			this.modern = new Modern(topicAliasMaximum, maximumPacketSize);
		}
	}

	/** A view into the window to put up to `count` new bytes in, `undefined` when it is full. Add what was put there to `end`. */
	target(count: number): Uint8Array | undefined {
		if (this.start === this.end) {
			this.start = this.end = 0;
		} else if (this.start > 0 && this.end + count > this.size) {
			this.bytes.copyWithin(0, this.start, this.end);
			this.end -= this.start;
			this.start = 0;
		}
		const end = this.end;
		const space = this.size - end;
		if (count > space) count = space;
		if (count === 0) return undefined;
		return new Uint8Array(this.buffer, end, count);
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
		if (this.mode !== HEADER) return goOn(this);
		const start = this.start;
		const end = this.end;
		const bytes = this.bytes;
		if (end - start < 2) return start === end ? NONE : begin(this, bytes[start]!);
		const first = bytes[start]!;
		let length = bytes[start + 1]!;
		let at = start + 2;
		if (length > 127) {
			const more = bytes[at]!;
			if (more < 128 && at < end) {
				length += (more - 1) << 7;
				at++;
			} else {
				at = measure(this, start);
				if (at <= 0) return at;
				length = this.byteLength;
			}
		}
		if (first >> 4 !== PUBLISH) {
			// PUBACK, PUBREC, PUBREL and PUBCOMP.
			if (length !== 2 || end - at < 2 || (first !== 0x40 && first !== 0x50 && first !== 0x62 && first !== 0x70))
				return control(this, first, at, length);
			const id = (bytes[at]! << 8) | bytes[at + 1]!;
			this.id = id;
			this.start = at + 2;
			return id === 0 ? bad(this, faultOfId(first >> 4, 4)) : first >> 4;
		}
		const topicLength = (bytes[at]! << 8) | bytes[at + 1]!;
		const last = at + length;
		let payload = at + 2 + topicLength;
		if (first > 0x31) payload += 2;
		if (last > end || payload > last) {
			const found = unusual(this, first, at, length);
			if (found !== PUBLISH) return found;
		}
		// From here on the packet, or what fits the window of it, is complete.
		if (first !== this.first && !newFlags(this, first)) return BAD;
		let topic: string | undefined;
		try {
			topic = String.fromArrayBuffer(this.buffer, at + 2, topicLength);
		} catch {
			// What is wrong is found below.
		}
		// XS ends a string at a zero byte: the same topic has the same length, too.
		if (topic !== this.topic || topicLength !== this.topicLength) {
			const found = newTopic(this, topic, at + 2, topicLength, last - payload);
			if (found !== PUBLISH) return found;
		}
		if (first > 0x31) {
			const id = (bytes[payload - 2]! << 8) | bytes[payload - 1]!;
			if (id === 0) return bad(this, faultOfId(PUBLISH, 4));
			this.id = id;
		} else this.id = 0;
		this.start = payload;
		this.byteLength = this.remaining = last - payload;
		if (last > end) this.mode = PAYLOAD;
		return PUBLISH;
	}

	/** Consumes the rest of the current message without handing it out: `next` answers `SKIPPED` when that is done. */
	skip(): void {
		this.mode = SKIP;
	}
}

// What follows are no methods, because each private method takes a slot of every instance on XS.

function bad(decoder: Decoder, error: MQTTError): typeof BAD {
	decoder.error = error;
	return BAD;
}

/** `next`, when it is not at the start of a packet of MQTT 3.1.1. */
function goOn(decoder: Decoder): number {
	const mode = decoder.mode;
	if (mode === MODERN) return decoder.modern!.next(decoder);
	if (mode === SKIP) return skip(decoder);
	if (decoder.remaining > 0) return decoder.end > decoder.start ? FRAGMENT : NONE;
	decoder.mode = decoder.modern === undefined ? HEADER : MODERN;
	return decoder.next();
}

function skip(decoder: Decoder): number {
	let there = decoder.end - decoder.start;
	if (decoder.skipTopic > 0) {
		const count = Math.min(there, decoder.skipTopic);
		decoder.start += count;
		decoder.skipTopic -= count;
		if (decoder.skipTopic > 0) return NONE;
		there -= count;
	}
	if (decoder.QoS > 0 && decoder.id === 0) {
		if (there < 2) return NONE;
		decoder.id = (decoder.bytes[decoder.start]! << 8) | decoder.bytes[decoder.start + 1]!;
		if (decoder.id === 0) return bad(decoder, faultOfId(PUBLISH, 4));
		decoder.start += 2;
	}
	const count = decoder.available;
	decoder.start += count;
	decoder.remaining -= count;
	if (decoder.remaining > 0) return NONE;
	decoder.mode = decoder.modern === undefined ? HEADER : MODERN;
	return SKIPPED;
}

/** The first byte of a packet of which no more is there. */
function begin(decoder: Decoder, first: number): number {
	const wrong = faultOfFirst(first, 4);
	return wrong === undefined ? NONE : bad(decoder, wrong);
}

/** Reads a remaining length of two and more bytes into `byteLength`. Returns the offset behind it, or `NONE` or `BAD`. */
function measure(decoder: Decoder, start: number): number {
	const { bytes, end } = decoder;
	const first = bytes[start]!;
	if (begin(decoder, first) === BAD) return BAD;
	let length = 0;
	let at = start + 1;
	for (let shift = 0; shift < 28; shift += 7) {
		if (at === end) return NONE;
		const byte = bytes[at++]!;
		length |= (byte & 127) << shift;
		if (byte < 128) {
			decoder.byteLength = length;
			return at;
		}
	}
	const message = `${packetNames[first >> 4]}: remaining length of more than 4 bytes`;
	return bad(decoder, fault(4, MALFORMED, message, "MQTT-2.2.3"));
}

/** What becomes of a PUBLISH that is incomplete or wrong: `PUBLISH` when it can be begun with. */
function unusual(decoder: Decoder, first: number, at: number, length: number): number {
	const { bytes, start, end } = decoder;
	const wrong = faultOfFirst(first, 4);
	if (wrong !== undefined) return bad(decoder, wrong);
	const fixed = first > 0x31 ? 4 : 2;
	const there = end - at;
	if (there < 2 && length >= fixed) return NONE;
	const topicLength = (bytes[at]! << 8) | bytes[at + 1]!;
	const byteLength = length - fixed - topicLength;
	if (byteLength < 0 || topicLength === 0) return bad(decoder, faultOfLength(length, fixed, topicLength));
	if (topicLength > decoder.maximumTopic) {
		newFlags(decoder, first);
		return skipTopic(decoder, at + 2, topicLength, byteLength);
	}
	// What fits the window is waited for as a whole; of the rest a first byte of payload.
	if (there < length && (at - start + length <= decoder.size || there <= fixed + topicLength)) return NONE;
	return PUBLISH;
}

function faultOfLength(length: number, fixed: number, topicLength: number): MQTTError {
	if (length < fixed) return fault(4, MALFORMED, `PUBLISH: ${length} bytes are too short`, "MQTT-3.3.2-1");
	if (topicLength === 0) return fault(4, MALFORMED, "PUBLISH: empty topic", "MQTT-4.7.3-1");
	return fault(4, MALFORMED, `PUBLISH: a topic of ${topicLength} bytes in a packet of ${length}`, "MQTT-3.3.2-1");
}

/** Passes over a PUBLISH whose topic is too long, or none. */
function skipTopic(decoder: Decoder, start: number, length: number, byteLength: number): number {
	decoder.passed = undefined;
	decoder.id = 0;
	decoder.start = start;
	decoder.skipTopic = length;
	decoder.byteLength = decoder.remaining = byteLength;
	decoder.mode = SKIP;
	return skip(decoder);
}

/** Keeps what the first byte of a PUBLISH says, which is not that of the last one. False when it is wrong. */
function newFlags(decoder: Decoder, first: number): boolean {
	if (begin(decoder, first) === BAD) return false;
	decoder.first = first;
	decoder.QoS = (first >> 1) & 3;
	decoder.retain = (first & 1) !== 0;
	decoder.duplicate = (first & 8) !== 0;
	return true;
}

/** Keeps a topic that is not the last one. Returns `PUBLISH`, or what comes of a topic that is wrong or too long. */
function newTopic(
	decoder: Decoder,
	topic: string | undefined,
	start: number,
	length: number,
	byteLength: number,
): number {
	if (length > decoder.maximumTopic) return skipTopic(decoder, start, length, byteLength);
	if (length === 0) return bad(decoder, faultOfLength(length, 0, 0));
	try {
		decoder.topic = checkTopic(topic, decoder.bytes, start, length, 4);
		decoder.topicLength = length;
		return PUBLISH;
	} catch (error) {
		if (!decoder.tolerant) return bad(decoder, error as MQTTError);
		const found = skipTopic(decoder, start, length, byteLength);
		decoder.passed = error as MQTTError;
		return found;
	}
}

/** A packet of MQTT 3.1.1 that is no PUBLISH. */
function control(decoder: Decoder, first: number, at: number, length: number): number {
	const bytes = decoder.bytes;
	const type = first >> 4;
	if (!isControl(first) && begin(decoder, first) === BAD) return BAD;
	if (length !== 2 || type === SUBACK || type === PINGRESP) {
		const wrong = faultOfControl(type, length, decoder.size);
		if (wrong !== undefined) return bad(decoder, wrong);
	}
	if (decoder.end - at < length) return NONE;
	decoder.start = at + length;
	decoder.id = 0;
	if (length === 0) return type;
	if (type === CONNACK) return connack(decoder, bytes[at]!, bytes[at + 1]!);
	const id = (bytes[at]! << 8) | bytes[at + 1]!;
	decoder.id = id;
	if (id === 0) return bad(decoder, faultOfId(type, 4));
	return type === SUBACK ? suback(decoder, at + 2, at + length) : type;
}

/** What is wrong with a packet of this type, which is no PUBLISH, that is so long. */
function faultOfControl(type: number, length: number, size: number): MQTTError | undefined {
	if (type === SUBACK) {
		if (length < 3) return fault(4, MALFORMED, `SUBACK: ${length} bytes, expected at least 3`, "MQTT-3.9.3-1");
		if (length <= size - 5) return undefined;
		return fault(4, MALFORMED, `SUBACK: ${length} bytes are more than expected`, "MQTT-4.8.0-1");
	}
	const expected = type === PINGRESP ? 0 : 2;
	if (length === expected) return undefined;
	// Each packet type has the section of its number.
	return fault(4, MALFORMED, `${packetNames[type]}: ${length} bytes, expected ${expected}`, `MQTT-3.${type}.1`);
}

function connack(decoder: Decoder, flags: number, code: number): number {
	if (flags > 1) return bad(decoder, fault(4, MALFORMED, `CONNACK: flags ${flags}`, "MQTT-3.2.2-1"));
	if (code !== 0 && flags !== 0)
		return bad(decoder, fault(4, MALFORMED, "CONNACK: session present in a refusal", "MQTT-3.2.2-4"));
	decoder.sessionPresent = flags === 1;
	decoder.returnCode = code;
	return CONNACK;
}

function suback(decoder: Decoder, at: number, end: number): number {
	const codes: number[] = [];
	for (; at < end; at++) {
		const code = decoder.bytes[at]!;
		if (code > 2 && code !== 0x80)
			return bad(decoder, fault(4, MALFORMED, `SUBACK: return code ${code}`, "MQTT-3.9.3-2"));
		codes.push(code);
	}
	decoder.codes = codes;
	return SUBACK;
}
