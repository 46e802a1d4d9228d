import type { Decoder } from "./decoder";
import type { MQTTError } from "./error";
import { checkTopic, faultOfFirst, faultOfId, isControl, isGoodPublish } from "./faults";
import { decodeProperties, decodeVariable, longVariable, variableSize } from "./property-decoder";
import { PropertyScanner } from "./property-scanner";
import {
	fault,
	isReason,
	MALFORMED,
	PACKET_TOO_LARGE,
	PROTOCOL_ERROR,
	TOPIC_ALIAS_INVALID,
	UNSUPPORTED_VERSION,
	wrongReason,
} from "./reasons";
import { BAD, NONE, PAYLOAD, SKIP } from "./results";
import { AUTH, CONNACK, DISCONNECT, PINGRESP, PUBACK, PUBCOMP, PUBLISH, packetNames, SUBACK, UNSUBACK } from "./types";

// What is under way.
const START = 0;
/** A topic that is too long is passed over. */
const TOPIC = 1;
/** Behind it follow the identifier and the length of the properties. */
const FIELDS = 2;
/** Properties that are too long are passed over. */
const PROPERTIES = 3;
/** Behind them follow the reason codes of SUBACK or UNSUBACK. */
const CODES = 4;

/**
 * What a decoder does beyond MQTT 3.1.1 for a server that speaks 5.0: properties, reason codes, topic aliases, DISCONNECT and
 * AUTH. What does not fit the window is passed over, checked for its structure only: a PUBLISH without being handed out, a
 * control packet without its properties.
 */
export class Modern {
	readonly #scanner = new PropertyScanner();
	readonly #maximumAlias: number;
	readonly #maximumPacket: number;
	/** Topics by alias; `null` for one that was too long to be kept. */
	#aliases: (string | null)[] | undefined;
	#stage = START;
	/** The packet that is passed over. */
	#type = 0;
	/** Its topic; `null` for one that is too long. */
	#topic: string | null = null;
	/** Its bytes behind the topic, or the reason codes. */
	#rest = 0;

	constructor(maximumAlias: number, maximumPacket: number) {
		this.#maximumAlias = maximumAlias;
		this.#maximumPacket = maximumPacket;
	}

	/** As the decoder's `next`, outside of a payload. */
	next(decoder: Decoder): number {
		try {
			if (this.#stage !== START) return this.pass(decoder);
			const bytes = decoder.bytes;
			const start = decoder.start;
			const end = decoder.end;
			if (start === end) return NONE;
			const first = bytes[start]!;
			const type = first >> 4;
			if (type === PUBLISH ? first !== 0x30 && !isGoodPublish(first) : !isControl(first)) refuseFirst(first);
			let at = start + 2;
			let length = at > end ? 128 : bytes[start + 1]!;
			if (length > 127) {
				const size = variableSize(bytes, start + 1, end);
				if (size === 0) throw longVariable(type, "remaining length");
				at = start + 1 + size;
				if (at > end) return NONE;
				length = decodeVariable(bytes, start + 1, size, type, "remaining length");
			}
			if (at - start + length > this.#maximumPacket) refuseSize(type, at - start + length, this.#maximumPacket);
			return type === PUBLISH ? this.publish(decoder, first, at, length) : this.control(decoder, type, at, length);
		} catch (error) {
			decoder.error = error as MQTTError;
			return BAD;
		}
	}

	private publish(decoder: Decoder, first: number, at: number, length: number): number {
		const bytes = decoder.bytes;
		const end = decoder.end;
		const last = at + length;
		const topicLength = (bytes[at]! << 8) | bytes[at + 1]!;
		let from = at + 2 + topicLength;
		if (first > 0x31) from += 2;
		let payload = from + 1;
		decoder.passed = undefined;
		// Mostly a whole packet with few or no properties is there.
		if (last <= end && from < last && topicLength <= decoder.maximumTopic && bytes[from]! < 128) {
			payload += bytes[from++]!;
			if (payload > last) throw tooLarge(PUBLISH, payload - from);
			if (first !== decoder.first) newFlags(decoder, first);
		} else {
			const found = this.unusual(decoder, first, at, length);
			if (found !== PUBLISH) return found;
			from = decoder.start;
			payload = last - decoder.remaining;
		}
		const topic = topicAt(decoder, at + 2, topicLength);
		decoder.id = first > 0x31 ? idAt(bytes, at + 2 + topicLength, PUBLISH) : 0;
		decoder.byteLength = decoder.remaining = last - payload;
		const scanner = this.#scanner;
		scanner.alias = 0;
		decoder.properties = payload > from ? decodeProperties(bytes, from, payload, PUBLISH, scanner) : undefined;
		decoder.start = payload;
		const resolved = scanner.alias !== 0 || topicLength === 0 ? this.resolve(topic) : topic;
		if (resolved === null) {
			decoder.properties = undefined;
			decoder.mode = SKIP;
			return decoder.next();
		}
		decoder.topic = resolved;
		decoder.topicLength = topicLength;
		if (last > end) decoder.mode = PAYLOAD;
		return PUBLISH;
	}

	/**
	 * What becomes of a PUBLISH that is incomplete, wrong or large: `PUBLISH` when it can be begun with. Then the decoder's `start`
	 * is at its properties, and `remaining` is the length of its payload.
	 */
	private unusual(decoder: Decoder, first: number, at: number, length: number): number {
		const { bytes, start, end, size } = decoder;
		const fixed = first > 0x31 ? 4 : 2;
		if (length <= fixed) throw fault(5, MALFORMED, `PUBLISH: ${length} bytes are too short`, "MQTT-3.3.2-1");
		if (end - at < 2) return NONE;
		const topicLength = (bytes[at]! << 8) | bytes[at + 1]!;
		if (fixed + topicLength >= length) {
			const message = `PUBLISH: a topic of ${topicLength} bytes in a packet of ${length}`;
			throw fault(5, MALFORMED, message, "MQTT-3.3.2-1");
		}
		if (topicLength > decoder.maximumTopic) {
			newFlags(decoder, first);
			decoder.id = 0;
			decoder.properties = undefined;
			decoder.start = at + 2;
			return this.begin(decoder, PUBLISH, TOPIC, null, topicLength, length - 2 - topicLength);
		}
		const last = at + length;
		let from = at + fixed + topicLength;
		const sizeOfLength = sizeOfLengthAt(bytes, from, end, last, PUBLISH);
		if (sizeOfLength === 0) return NONE;
		const propertyLength = decodeVariable(bytes, from, sizeOfLength, PUBLISH, "property length");
		from += sizeOfLength;
		const payload = from + propertyLength;
		if (payload > last) throw tooLarge(PUBLISH, propertyLength);
		// What fits the window is waited for as a whole; of the rest a first byte of payload.
		const whole = last - start <= size;
		const fits = whole || payload - start < size;
		if (fits && end < last && (whole || end <= payload)) return NONE;
		newFlags(decoder, first);
		decoder.byteLength = decoder.remaining = last - payload;
		if (fits) {
			decoder.start = from;
			return PUBLISH;
		}
		const topic = topicAt(decoder, at + 2, topicLength);
		decoder.id = first > 0x31 ? idAt(bytes, at + 2 + topicLength, PUBLISH) : 0;
		decoder.properties = undefined;
		decoder.start = from;
		return this.begin(decoder, PUBLISH, PROPERTIES, topic, propertyLength, 0);
	}

	/** The topic that is meant; `null` when it was too long to be kept. */
	private resolve(topic: string | null): string | null {
		const { alias } = this.#scanner;
		if (alias === 0) {
			if (topic === "") throw fault(5, PROTOCOL_ERROR, "PUBLISH: no topic and no alias", "MQTT-3.3.2.1");
			return topic;
		}
		if (alias > this.#maximumAlias) {
			const message = `PUBLISH: topic alias ${alias}, at most ${this.#maximumAlias} were allowed`;
			throw fault(5, TOPIC_ALIAS_INVALID, message, "MQTT-3.3.2-11");
		}
		this.#aliases ??= [];
		if (topic !== "") {
			this.#aliases[alias] = topic;
			return topic;
		}
		const known = this.#aliases[alias];
		if (known === undefined)
			throw fault(5, PROTOCOL_ERROR, `PUBLISH: topic alias ${alias} stands for no topic`, "MQTT-3.3.2.3.4");
		return known;
	}

	private control(decoder: Decoder, type: number, at: number, length: number): number {
		const bytes = decoder.bytes;
		const end = decoder.end;
		const last = at + length;
		// An acknowledgement without anything is the commonest of all.
		if (length === 2 && end >= last && type >= PUBACK && type <= PUBCOMP) {
			decoder.id = idAt(bytes, at, type);
			decoder.reasonCode = 0;
			decoder.properties = undefined;
			decoder.start = last;
			return type;
		}
		checkLength(type, length);
		const whole = last - decoder.start <= decoder.size;
		const listed = type === SUBACK || type === UNSUBACK;
		// Behind the identifier or the flags may follow a reason code, then the properties.
		let from = at + (type === CONNACK ? 1 : type === DISCONNECT || type === AUTH || type === PINGRESP ? 0 : 2);
		if (end < (whole ? last : from + 5)) return NONE;
		decoder.codes = decoder.properties = undefined;
		decoder.id = from - at === 2 ? idAt(bytes, at, type) : 0;
		const code = !listed && from < last ? bytes[from++]! : 0;
		decoder.reasonCode = code;
		if (type === CONNACK && this.connack(decoder, bytes[at]!, code, length)) {
			decoder.start = last;
			return CONNACK;
		}
		if (code !== 0 && !isReason(code, type)) throw wrongReason(code, type);
		let propertyLength = 0;
		if (from < last) {
			const size = sizeOfLengthAt(bytes, from, end, last, type);
			propertyLength = decodeVariable(bytes, from, size, type, "property length");
			from += size;
		}
		const rest = last - from - propertyLength;
		if (rest < 0) throw tooLarge(type, propertyLength);
		if (listed) checkCount(type, rest, decoder.size);
		else if (rest > 0) throw fault(5, MALFORMED, `${packetNames[type]}: ${rest} bytes too many`, `MQTT-3.${type}.2`);
		if (!whole) {
			decoder.start = from;
			return this.begin(decoder, type, PROPERTIES, null, propertyLength, rest);
		}
		if (propertyLength > 0)
			decoder.properties = decodeProperties(bytes, from, from + propertyLength, type, this.#scanner);
		if (type === AUTH && length > 0 && decoder.properties?.authenticationMethod === undefined)
			throw fault(5, PROTOCOL_ERROR, "AUTH: no authenticationMethod", "MQTT-3.15.2.2");
		if (listed) readCodes(decoder, type, from + propertyLength, rest);
		decoder.start = last;
		return type;
	}

	/** True when a server that knows only MQTT 3.1.1 refuses, in its own form. */
	private connack(decoder: Decoder, flags: number, code: number, length: number): boolean {
		if (flags > 1) throw fault(5, MALFORMED, `CONNACK: flags ${flags}`, "MQTT-3.2.2-1");
		if (code !== 0 && flags !== 0)
			throw fault(5, PROTOCOL_ERROR, "CONNACK: session present in a refusal", "MQTT-3.2.2-6");
		decoder.sessionPresent = flags === 1;
		decoder.returnCode = code;
		if (length > 2) return false;
		if (code !== 1) throw fault(5, MALFORMED, "CONNACK: no property length", "MQTT-2.2.2-1");
		decoder.returnCode = decoder.reasonCode = UNSUPPORTED_VERSION;
		return true;
	}

	/** Begins to pass over a packet: `hop` bytes of topic, or of properties; `rest` follow. */
	private begin(
		decoder: Decoder,
		type: number,
		stage: number,
		topic: string | null,
		count: number,
		rest: number,
	): number {
		this.#type = type;
		this.#stage = stage;
		this.#topic = topic;
		this.#rest = rest;
		const scanner = this.#scanner;
		if (stage === TOPIC) scanner.pass(count);
		else scanner.begin(count, type);
		scanner.alias = 0;
		return this.pass(decoder);
	}

	private pass(decoder: Decoder): number {
		const scanner = this.#scanner;
		if (this.#stage === TOPIC) {
			if (!scanner.scan(decoder)) return NONE;
			this.#stage = FIELDS;
		}
		if (this.#stage === FIELDS && !this.fields(decoder)) return NONE;
		if (this.#stage === PROPERTIES) {
			if (!scanner.scan(decoder)) return NONE;
			if (this.#type === PUBLISH) {
				this.#stage = START;
				this.resolve(this.#topic);
				decoder.mode = SKIP;
				return decoder.next();
			}
			this.#stage = CODES;
		}
		if (decoder.end - decoder.start < this.#rest) return NONE;
		this.#stage = START;
		if (this.#rest > 0) {
			readCodes(decoder, this.#type, decoder.start, this.#rest);
			decoder.start += this.#rest;
		}
		return this.#type;
	}

	/** Reads what stands between a topic that is too long and the properties. */
	private fields(decoder: Decoder): boolean {
		const { bytes, start, end } = decoder;
		const last = start + this.#rest;
		let from = start;
		if (decoder.QoS > 0) {
			if (end - start < 2) return false;
			from += 2;
		}
		const size = sizeOfLengthAt(bytes, from, end, last, PUBLISH);
		if (size === 0) return false;
		if (decoder.QoS > 0) decoder.id = idAt(bytes, start, PUBLISH);
		const propertyLength = decodeVariable(bytes, from, size, PUBLISH, "property length");
		from += size;
		if (from + propertyLength > last) throw tooLarge(PUBLISH, propertyLength);
		decoder.byteLength = decoder.remaining = last - from - propertyLength;
		decoder.start = from;
		this.#scanner.begin(propertyLength, PUBLISH);
		this.#stage = PROPERTIES;
		return true;
	}
}

/** The topic at `at`: the last one, or one that is checked; `null` for what is no topic, when such a message is passed over. */
function topicAt(decoder: Decoder, at: number, length: number): string | null {
	let topic: string | undefined;
	try {
		topic = String.fromArrayBuffer(decoder.buffer, at, length);
	} catch {
		// What is wrong is found below.
	}
	if (topic !== undefined && topic === decoder.topic && length === decoder.topicLength) return topic;
	try {
		return checkTopic(topic, decoder.bytes, at, length, 5);
	} catch (error) {
		if (!decoder.tolerant) throw error;
		decoder.passed = error as MQTTError;
		return null;
	}
}

function idAt(bytes: Uint8Array, at: number, type: number): number {
	const id = (bytes[at]! << 8) | bytes[at + 1]!;
	if (id === 0) throw faultOfId(type, 5);
	return id;
}

/** Bytes of the property length at `from`, 0 when it is not there yet. */
function sizeOfLengthAt(bytes: Uint8Array, from: number, end: number, last: number, type: number): number {
	const limit = end < last ? end : last;
	const size = variableSize(bytes, from, limit);
	if (size === 0) throw longVariable(type, "property length");
	if (from + size <= limit) return size;
	if (limit === last) throw fault(5, MALFORMED, `${packetNames[type]}: no property length`, "MQTT-2.2.2-1");
	return 0;
}

function tooLarge(type: number, length: number): MQTTError {
	const message = `${packetNames[type]}: ${length} bytes of properties do not fit the packet`;
	return fault(5, MALFORMED, message, "MQTT-2.2.2.1");
}

/** @throws MQTTError unless it is one of 5.0 that 3.1.1 does not have */
function refuseFirst(first: number): void {
	const wrong = faultOfFirst(first, 5);
	if (wrong !== undefined) throw wrong;
}

function refuseSize(type: number, size: number, maximum: number): never {
	const message = `${packetNames[type]}: ${size} bytes, at most ${maximum} were allowed`;
	throw fault(5, PACKET_TOO_LARGE, message, "MQTT-3.1.2-24");
}

function newFlags(decoder: Decoder, first: number): void {
	decoder.first = first;
	decoder.QoS = (first >> 1) & 3;
	decoder.retain = (first & 1) !== 0;
	decoder.duplicate = (first & 8) !== 0;
}

/** @throws MQTTError: a packet of this type cannot be so long */
function checkLength(type: number, length: number): void {
	let expected = "";
	if (type === PINGRESP) {
		if (length > 0) expected = "0";
	} else if (type === AUTH) {
		if (length === 1) expected = "0 or at least 2";
	} else {
		const least = type === DISCONNECT ? 0 : type === SUBACK || type === UNSUBACK ? 4 : 2;
		if (length < least) expected = `at least ${least}`;
	}
	if (expected === "") return;
	throw fault(5, MALFORMED, `${packetNames[type]}: ${length} bytes, expected ${expected}`, `MQTT-3.${type}.1`);
}

/** Are so many reason codes possible? One for each filter, and what was asked for fits the window. */
function checkCount(type: number, count: number, size: number): void {
	if (count === 0) throw fault(5, PROTOCOL_ERROR, `${packetNames[type]}: no reason code`, `MQTT-3.${type}.3`);
	if (count <= size) return;
	const message = `${packetNames[type]}: ${count} reason codes are more than expected`;
	throw fault(5, PROTOCOL_ERROR, message, `MQTT-3.${type}.3-1`);
}

function readCodes(decoder: Decoder, type: number, at: number, count: number): void {
	const codes: number[] = [];
	for (const end = at + count; at < end; at++) {
		const code = decoder.bytes[at]!;
		if (!isReason(code, type)) throw wrongReason(code, type);
		codes.push(code);
	}
	decoder.codes = codes;
}
