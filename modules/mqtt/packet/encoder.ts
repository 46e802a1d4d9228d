import { invalid } from "./error";
import { encodeString, encodeText } from "./text";
import { encodeFilter, encodeTopic } from "./topic";
import { PUBLISH, type QoS, SUBSCRIBE, type UNSUBSCRIBE } from "./types";

/** MQTT 3.1.1 §2.2.3: the most bytes that can follow a fixed header. */
export const MAXIMUM_LENGTH = 268_435_455;

/** Where PUBLISH carries its flags (MQTT 3.1.1 §3.3.1). */
export const DUPLICATE_FLAG = 8;
export const RETAIN_FLAG = 1;

/** A Last Will (MQTT 3.1.1 §3.1.2.5). */
export interface Will {
	topic: string;
	/** Empty when omitted. */
	message?: string | ByteBuffer;
	/** 0 when omitted. */
	QoS?: number;
	retain?: boolean | number;
}

/** What CONNECT carries. */
export interface ConnectOptions {
	/** Client identifier. */
	id: string;
	user?: string | undefined;
	password?: string | ByteBuffer | undefined;
	/** Seconds, 0..65,535. */
	keepAlive: number;
	clean: boolean;
	will?: Will | undefined;
}

/** One line of a SUBSCRIBE or UNSUBSCRIBE. */
export interface SubscribeItem {
	topic: string;
	/** Requested maximum, 0 when omitted; SUBSCRIBE only. */
	QoS?: number;
}

/** Bytes that a remaining length occupies: 1..4 (MQTT 3.1.1 §2.2.3). */
export function lengthSize(length: number): number {
	if (length < 128) return 1;
	if (length < 16_384) return 2;
	return length < 2_097_152 ? 3 : 4;
}

/** Writes a remaining length; returns the offset behind it. */
export function writeLength(bytes: Uint8Array, at: number, length: number): number {
	while (length > 127) {
		bytes[at++] = (length & 127) | 128;
		length >>= 7;
	}
	bytes[at] = length;
	return at + 1;
}

/** The bytes of `data`, not copied. */
export function bytesOf(data: ByteBuffer): Uint8Array {
	// Asking for members costs XS less than `instanceof`.
	if ((data as Uint8Array).BYTES_PER_ELEMENT === 1) return data as Uint8Array;
	if ((data as Uint8Array).buffer === undefined && data.byteLength !== undefined)
		return new Uint8Array(data as ArrayBuffer);
	if (!ArrayBuffer.isView(data)) invalid("data: expected an ArrayBuffer or a view on one");
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** @throws MQTTError `invalid` unless `value` is 0, 1 or 2 */
export function checkQoS(value: number, what: string): QoS {
	if (value !== 0 && value !== 1 && value !== 2) invalid(`${what}: QoS ${value} is not 0, 1 or 2`, "MQTT-3.3.1-4");
	return value;
}

/** @throws MQTTError `invalid` unless `id` is an integer of 1..65,535 */
export function checkId(id: number): number {
	if ((id & 0xffff) !== id || id === 0) invalid(`packet identifier ${id} is outside 1..65535`, "MQTT-2.3.1-1");
	return id;
}

function binary(data: string | ByteBuffer, what: string): Uint8Array {
	const bytes = typeof data === "string" ? encodeText(data) : bytesOf(data);
	if (bytes.length > 65535) invalid(`${what}: ${bytes.length} bytes, at most 65535 are possible`, "MQTT-3.1.3");
	return bytes;
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array): number {
	const length = field.length;
	bytes[at] = length >> 8;
	bytes[at + 1] = length;
	bytes.set(field, at + 2);
	return at + 2 + length;
}

/**
 * A CONNECT packet of MQTT 3.1.1 (§3.1).
 *
 * @throws MQTTError `invalid`, with the name of the option that is wrong
 */
export function encodeConnect(options: ConnectOptions): Uint8Array {
	const { will, keepAlive } = options;
	const fields = [encodeString(options.id, "id")];
	let flags = 0;
	if (options.clean) flags |= 0x02;
	else if (fields[0]!.length === 0) invalid("id: a session that is kept (clean: false) needs one", "MQTT-3.1.3-8");
	if (will !== undefined && will !== null) {
		flags |= 0x04 | (checkQoS(will.QoS ?? 0, "will") << 3) | (will.retain ? 0x20 : 0);
		fields.push(encodeTopic(will.topic), binary(will.message ?? "", "will message"));
	}
	if (options.user) {
		flags |= 0x80;
		fields.push(encodeString(options.user, "user"));
	}
	const password = options.password;
	if (password !== undefined && password !== null && password !== "") {
		if (!options.user) invalid("password: needs a user", "MQTT-3.1.2-22");
		flags |= 0x40;
		fields.push(binary(password, "password"));
	}
	if ((keepAlive & 0xffff) !== keepAlive) invalid(`keepAlive: ${keepAlive} s is outside 0..65535`, "MQTT-3.1.2-10");
	let length = 10;
	for (const field of fields) length += 2 + field.length;
	const bytes = new Uint8Array(1 + lengthSize(length) + length);
	bytes[0] = 0x10;
	let at = writeLength(bytes, 1, length);
	bytes.set([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, keepAlive >> 8, keepAlive & 255], at);
	at += 10;
	for (const field of fields) at = writeField(bytes, at, field);
	return bytes;
}

/**
 * A whole PUBLISH packet (§3.3) with room for its identifier, ready to be kept and resent.
 *
 * @param topic the bytes that `encodeTopic` returned
 */
export function encodePublish(topic: Uint8Array, payload: Uint8Array, QoS: QoS, retain: boolean): Uint8Array {
	const length = 2 + topic.length + (QoS > 0 ? 2 : 0) + payload.length;
	if (length > MAXIMUM_LENGTH) invalid(`payload: ${payload.length} bytes do not fit a packet`, "MQTT-2.2.3");
	const bytes = new Uint8Array(1 + lengthSize(length) + length);
	bytes[0] = (PUBLISH << 4) | (QoS << 1) | (retain ? RETAIN_FLAG : 0);
	const at = writeField(bytes, writeLength(bytes, 1, length), topic);
	bytes.set(payload, QoS > 0 ? at + 2 : at);
	return bytes;
}

/** Puts identifier and DUP flag into a packet that `encodePublish` made at QoS 1 or 2. */
export function stampPublish(packet: Uint8Array, id: number, duplicate: boolean): void {
	let at = 1;
	while (packet[at]! > 127) at++;
	at += 3 + ((packet[at + 1]! << 8) | packet[at + 2]!);
	packet[at] = id >> 8;
	packet[at + 1] = id;
	if (duplicate) packet[0]! |= DUPLICATE_FLAG;
	else packet[0]! &= ~DUPLICATE_FLAG;
}

/**
 * A SUBSCRIBE (§3.8) or UNSUBSCRIBE (§3.10) packet.
 *
 * @throws MQTTError `invalid`: no items, a wrong filter, QoS or identifier
 */
export function encodeSubscribe(
	type: typeof SUBSCRIBE | typeof UNSUBSCRIBE,
	id: number,
	items: readonly SubscribeItem[],
): Uint8Array {
	const subscribe = type === SUBSCRIBE;
	checkId(id);
	if (!items || items.length === 0)
		invalid("items: expected at least one", subscribe ? "MQTT-3.8.3-3" : "MQTT-3.10.3-2");
	const filters: Uint8Array[] = [];
	let length = 2;
	for (const item of items) {
		const filter = encodeFilter(item.topic);
		filters.push(filter);
		length += 2 + filter.length + (subscribe ? 1 : 0);
	}
	if (length > MAXIMUM_LENGTH) invalid("items: do not fit a packet", "MQTT-2.2.3");
	const bytes = new Uint8Array(1 + lengthSize(length) + length);
	bytes[0] = (type << 4) | 2;
	let at = writeLength(bytes, 1, length);
	bytes[at] = id >> 8;
	bytes[at + 1] = id;
	at += 2;
	for (let index = 0; index < filters.length; index++) {
		at = writeField(bytes, at, filters[index]!);
		if (subscribe) bytes[at++] = checkQoS(items[index]!.QoS ?? 0, `filter "${items[index]!.topic}"`);
	}
	return bytes;
}
