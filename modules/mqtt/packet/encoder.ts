import { bytesOf } from "./bytes";
import { invalid } from "./error";
import { lengthSize, MAXIMUM_LENGTH, writeLength } from "./length";
import { encodeProperties, type Properties, WILL } from "./properties";
import { checkReason } from "./reasons";
import { encodeString, encodeText } from "./text";
import { encodeFilter, encodeTopic, isShared } from "./topic";
import {
	AUTH,
	CONNECT,
	DISCONNECT,
	type PUBACK,
	type PUBCOMP,
	PUBLISH,
	type PUBREC,
	PUBREL,
	type QoS,
	SUBSCRIBE,
	type UNSUBSCRIBE,
	type Version,
} from "./types";

export { bytesOf } from "./bytes";
export { lengthSize, MAXIMUM_LENGTH, writeLength } from "./length";

/** Where PUBLISH carries its flags (§3.3.1). */
export const DUPLICATE_FLAG = 8;
export const RETAIN_FLAG = 1;

/** A Last Will (§3.1.2.5). */
export interface Will {
	topic: string;
	/** Empty when omitted. */
	message?: string | ByteBuffer;
	/** 0 when omitted. */
	QoS?: number;
	retain?: boolean | number;
	/** MQTT 5.0. */
	properties?: Properties | undefined;
}

/** What CONNECT carries. */
export interface ConnectOptions {
	/** Client identifier. */
	id: string;
	user?: string | undefined;
	password?: string | ByteBuffer | undefined;
	/** Seconds, 0..65,535. */
	keepAlive: number;
	/** MQTT 5.0: Clean Start. */
	clean: boolean;
	will?: Will | undefined;
	/** 4 when omitted. */
	version?: Version | undefined;
	/** MQTT 5.0. */
	properties?: Properties | undefined;
}

/** One line of a SUBSCRIBE or UNSUBSCRIBE. */
export interface SubscribeItem {
	topic: string;
	/** Requested maximum, 0 when omitted; SUBSCRIBE only. */
	QoS?: number;
	/** MQTT 5.0 SUBSCRIBE: not what this client publishes itself. */
	noLocal?: boolean;
	/** MQTT 5.0 SUBSCRIBE: messages keep the RETAIN flag that they were published with. */
	retainAsPublished?: boolean;
	/** MQTT 5.0 SUBSCRIBE: retained messages are sent 0: now, 1: now if the subscription is new, 2: not now. */
	retainHandling?: number;
}

/** @throws MQTTError `invalid` unless `value` is 0, 1 or 2 */
export function checkQoS(value: number, what: string): QoS {
	if (value !== 0 && value !== 1 && value !== 2) invalid(`${what}: QoS ${value} is not 0, 1 or 2`, "MQTT-3.3.1-4");
	return value;
}

/** @throws MQTTError `invalid` unless `id` is an integer of 1..65,535 */
export function checkId(id: number, version: Version = 4): number {
	if ((id & 0xffff) !== id || id === 0)
		invalid(`packet identifier ${id} is outside 1..65535`, version === 5 ? "MQTT-2.2.1-3" : "MQTT-2.3.1-1");
	return id;
}

function binary(data: string | ByteBuffer, what: string): Uint8Array {
	const bytes = typeof data === "string" ? encodeText(data) : bytesOf(data);
	if (bytes.length > 65535) invalid(`${what}: ${bytes.length} bytes, at most 65535 are possible`, "MQTT-3.1.3");
	return bytes;
}

/** Writes properties, if there are any. */
function writeBytes(bytes: Uint8Array, at: number, part: Uint8Array | undefined): number {
	if (part === undefined) return at;
	bytes.set(part, at);
	return at + part.length;
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array): number {
	const length = field.length;
	bytes[at] = length >> 8;
	bytes[at + 1] = length;
	bytes.set(field, at + 2);
	return at + 2 + length;
}

/** The bytes of a packet whose remaining length is `length`, with its fixed header; what follows is at the end of it. */
function packet(first: number, length: number, what: string, version: Version): Uint8Array {
	if (length > MAXIMUM_LENGTH) invalid(`${what}: do not fit a packet`, version === 5 ? "MQTT-2.1.4" : "MQTT-2.2.3");
	const bytes = new Uint8Array(1 + lengthSize(length) + length);
	bytes[0] = first;
	writeLength(bytes, 1, length);
	return bytes;
}

/** Properties for a packet of MQTT 5.0; none at all for one of 3.1.1. */
function propertiesFor(version: Version, properties: Properties | undefined, where: number): Uint8Array | undefined {
	if (version === 5) return encodeProperties(properties, where);
	if (properties !== undefined) invalid("properties: need MQTT 5.0");
	return undefined;
}

/**
 * A CONNECT packet (§3.1).
 *
 * @throws MQTTError `invalid`, with the name of the option that is wrong
 */
export function encodeConnect(options: ConnectOptions): Uint8Array {
	const { will, keepAlive, password, version = 4 } = options;
	if (version !== 4 && version !== 5) invalid(`version: ${version}, expected 4 or 5`, "MQTT-3.1.2-2");
	const fields = [encodeString(options.id, "id", version)];
	let flags = 0;
	if (options.clean) flags |= 0x02;
	else if (fields[0]!.length === 0 && version === 4)
		invalid("id: a session that is kept (clean: false) needs one", "MQTT-3.1.3-8");
	const properties = propertiesFor(version, options.properties, CONNECT);
	let willProperties: Uint8Array | undefined;
	if (will !== undefined && will !== null) {
		flags |= 0x04 | (checkQoS(will.QoS ?? 0, "will") << 3) | (will.retain ? 0x20 : 0);
		willProperties = propertiesFor(version, will.properties, WILL);
		fields.push(encodeTopic(will.topic, version), binary(will.message ?? "", "will message"));
	}
	if (options.user) {
		flags |= 0x80;
		fields.push(encodeString(options.user, "user", version));
	}
	if (password !== undefined && password !== null && password !== "") {
		if (!options.user && version === 4) invalid("password: needs a user", "MQTT-3.1.2-22");
		flags |= 0x40;
		fields.push(binary(password, "password"));
	}
	if ((keepAlive & 0xffff) !== keepAlive) invalid(`keepAlive: ${keepAlive} s is outside 0..65535`, "MQTT-3.1.2-10");
	let length = 10 + (properties?.length ?? 0) + (willProperties?.length ?? 0);
	for (const field of fields) length += 2 + field.length;
	const bytes = packet(CONNECT << 4, length, "CONNECT", version);
	let at = bytes.length - length;
	bytes.set([0, 4, 0x4d, 0x51, 0x54, 0x54, version, flags, keepAlive >> 8, keepAlive & 255], at);
	at = writeBytes(bytes, at + 10, properties);
	for (let index = 0; index < fields.length; index++) {
		// The will's follow the client identifier.
		if (index === 1) at = writeBytes(bytes, at, willProperties);
		at = writeField(bytes, at, fields[index]!);
	}
	return bytes;
}

/**
 * A whole PUBLISH packet (§3.3) with room for its identifier, ready to be kept and resent.
 *
 * @param topic the bytes that `encodeTopic` returned; in 5.0 none when a topic alias stands for it
 * @param properties what `encodeProperties` returned, for MQTT 5.0; `undefined` for 3.1.1
 */
export function encodePublish(
	topic: Uint8Array,
	payload: Uint8Array,
	QoS: QoS,
	retain: boolean,
	properties?: Uint8Array,
): Uint8Array {
	const length = 2 + topic.length + (QoS > 0 ? 2 : 0) + (properties?.length ?? 0) + payload.length;
	const first = (PUBLISH << 4) | (QoS << 1) | (retain ? RETAIN_FLAG : 0);
	const bytes = packet(first, length, `payload: ${payload.length} bytes`, properties ? 5 : 4);
	const at = writeField(bytes, bytes.length - length, topic);
	bytes.set(payload, writeBytes(bytes, QoS > 0 ? at + 2 : at, properties));
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
 * @throws MQTTError `invalid`: no items, a wrong filter, option, property or identifier
 */
export function encodeSubscribe(
	type: typeof SUBSCRIBE | typeof UNSUBSCRIBE,
	id: number,
	items: readonly SubscribeItem[],
	version: Version = 4,
	properties?: Properties,
): Uint8Array {
	const subscribe = type === SUBSCRIBE;
	checkId(id, version);
	if (!items || items.length === 0)
		invalid(
			"items: expected at least one",
			!subscribe ? "MQTT-3.10.3-2" : version === 5 ? "MQTT-3.8.3-2" : "MQTT-3.8.3-3",
		);
	const encoded = propertiesFor(version, properties, type);
	const filters: Uint8Array[] = [];
	let length = 2 + (encoded?.length ?? 0);
	for (const item of items) {
		const filter = encodeFilter(item.topic, version);
		filters.push(filter);
		length += 2 + filter.length + (subscribe ? 1 : 0);
	}
	const bytes = packet((type << 4) | 2, length, "items", version);
	let at = bytes.length - length;
	bytes[at] = id >> 8;
	bytes[at + 1] = id;
	at = writeBytes(bytes, at + 2, encoded);
	for (let index = 0; index < filters.length; index++) {
		at = writeField(bytes, at, filters[index]!);
		if (subscribe) bytes[at++] = subscriptionOptions(items[index]!, version);
	}
	return bytes;
}

/** The byte behind a filter (MQTT 3.1.1 §3.8.3, MQTT 5.0 §3.8.3.1). */
function subscriptionOptions(item: SubscribeItem, version: Version): number {
	const { topic, QoS = 0, noLocal, retainAsPublished, retainHandling } = item;
	checkQoS(QoS, `filter "${topic}"`);
	if (version === 4) {
		if (noLocal || retainAsPublished || retainHandling)
			invalid(`filter "${topic}": noLocal, retainAsPublished and retainHandling need MQTT 5.0`);
		return QoS;
	}
	if (noLocal && isShared(topic)) invalid(`filter "${topic}": noLocal of a shared subscription`, "MQTT-3.8.3-4");
	const handling = retainHandling ?? 0;
	if (handling !== 0 && handling !== 1 && handling !== 2)
		invalid(`filter "${topic}": retainHandling ${handling}, expected 0, 1 or 2`, "MQTT-3.8.3.1");
	return QoS | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (handling << 4);
}

/**
 * A PUBACK, PUBREC, PUBREL or PUBCOMP packet (§3.4 to §3.7), in its shortest form: without a reason code and properties it is the
 * same in both versions.
 *
 * @throws MQTTError `invalid`: a wrong identifier, reason code or property
 */
export function encodeAcknowledgement(
	type: typeof PUBACK | typeof PUBREC | typeof PUBREL | typeof PUBCOMP,
	id: number,
	reasonCode = 0,
	properties?: Properties,
): Uint8Array {
	checkId(id);
	return explained((type << 4) | (type === PUBREL ? 2 : 0), id, reasonCode, properties);
}

/**
 * A DISCONNECT packet (§3.14); without a reason code and properties it is that of 3.1.1.
 *
 * @throws MQTTError `invalid`: a wrong reason code or property
 */
export function encodeDisconnect(reasonCode = 0, properties?: Properties): Uint8Array {
	return explained(DISCONNECT << 4, 0, reasonCode, properties);
}

/**
 * An AUTH packet (MQTT 5.0 §3.15).
 *
 * @param reasonCode 0x18 to continue, 0x19 to authenticate again
 * @throws MQTTError `invalid`: a wrong reason code or property, or no `authenticationMethod`
 */
export function encodeAuth(reasonCode: number, properties?: Properties): Uint8Array {
	if (properties?.authenticationMethod === undefined) invalid("AUTH: needs an authenticationMethod", "MQTT-3.15.2.2");
	return explained(AUTH << 4, 0, reasonCode, properties);
}

/** A packet of an identifier (0 for none), a reason code and properties, as short as it can be. */
function explained(first: number, id: number, reasonCode: number, properties: Properties | undefined): Uint8Array {
	const type = first >> 4;
	if (reasonCode !== 0 || type === AUTH) checkReason(reasonCode, type);
	const encoded = properties && encodeProperties(properties, type);
	const before = id > 0 ? 2 : 0;
	let length = before;
	if (encoded && encoded.length > 1) length += 1 + encoded.length;
	else if (reasonCode > 0) length++;
	const bytes = packet(first, length, "properties", 5);
	let at = bytes.length - length;
	if (id > 0) {
		bytes[at++] = id >> 8;
		bytes[at++] = id;
	}
	if (length > before) bytes[at++] = reasonCode;
	if (length > before + 1) bytes.set(encoded!, at);
	return bytes;
}
