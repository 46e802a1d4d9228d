// What a session does to PUBLISH packets that are encoded already: those that wait, and those from before a boot.
import { lengthSize, writeLength } from "./packet/length";
import type { QoS, Version } from "./packet/types";

const EXPIRY = 0x02;
const PAYLOAD_FORMAT = 0x01;

/** Offset of the topic's length: behind the fixed header. */
export function afterHeader(packet: Uint8Array): number {
	let at = 1;
	while (packet[at]! > 127) at++;
	return at + 1;
}

/** Offset of what follows topic and packet identifier: properties, or the payload. */
export function afterTopic(packet: Uint8Array): number {
	const at = afterHeader(packet);
	return at + 2 + ((packet[at]! << 8) | packet[at + 1]!) + (packet[0]! & 6 ? 2 : 0);
}

/** Is it its topic? */
export function topicIs(packet: Uint8Array, topic: Uint8Array): boolean {
	let at = afterHeader(packet);
	const length = topic.length;
	if (((packet[at]! << 8) | packet[at + 1]!) !== length) return false;
	at += 2;
	// Topics of one node differ at the end.
	for (let index = length - 1; index >= 0; index--) if (packet[at + index] !== topic[index]) return false;
	return true;
}

/** The topic, for people. */
export function topicOf(packet: Uint8Array): string {
	const at = afterHeader(packet);
	return String.fromArrayBuffer(
		packet.buffer as ArrayBuffer,
		packet.byteOffset + at + 2,
		(packet[at]! << 8) | packet[at + 1]!,
	);
}

/** Puts what is left of the time, in seconds, into the Message Expiry Interval of MQTT 5, if the packet has one (MQTT-3.3.2-6). */
export function stampExpiry(packet: Uint8Array, seconds: number): void {
	let at = afterTopic(packet);
	if (packet[at] === undefined) return;
	while (packet[at]! > 127) at++;
	at++;
	if (packet[at] === PAYLOAD_FORMAT) at += 2;
	if (packet[at] !== EXPIRY) return;
	packet[at + 1] = seconds >>> 24;
	packet[at + 2] = seconds >>> 16;
	packet[at + 3] = seconds >>> 8;
	packet[at + 4] = seconds;
}

/** Bytes of properties, their length included, at an offset; more than there are when they are damaged. */
function propertiesSize(packet: Uint8Array, at: number): number {
	let length = 0;
	let size = 0;
	for (let shift = 0; shift < 28; shift += 7) {
		const byte = packet[at + size++] ?? 0xff;
		length |= (byte & 127) << shift;
		if (byte < 128) return size + length;
	}
	return packet.length;
}

/** The same message as a packet of another QoS, retain flag or version of MQTT. `undefined`: it is damaged. */
export function reencode(
	packet: Uint8Array,
	QoS: QoS,
	retain: boolean,
	from: Version,
	to: Version,
): Uint8Array | undefined {
	const topic = afterHeader(packet);
	const content = afterTopic(packet);
	const topicEnd = packet[0]! & 6 ? content - 2 : content;
	const properties = from === 5 ? propertiesSize(packet, content) : 0;
	const keep = to === 5 ? properties : 0;
	const rest = packet.length - content - properties;
	if (rest < 0) return undefined;
	const added = to === 5 && from !== 5 ? 1 : 0;
	const length = topicEnd - topic + (QoS > 0 ? 2 : 0) + keep + added + rest;
	const bytes = new Uint8Array(1 + lengthSize(length) + length);
	bytes[0] = 0x30 | (QoS << 1) | (retain ? 1 : 0);
	let at = writeLength(bytes, 1, length);
	bytes.set(packet.subarray(topic, topicEnd), at);
	at += topicEnd - topic + (QoS > 0 ? 2 : 0);
	bytes.set(packet.subarray(content, content + keep), at);
	bytes.set(packet.subarray(packet.length - rest), at + keep + added);
	return bytes;
}

/** Is it a whole PUBLISH of that QoS? What comes from flash can be damaged. */
export function isPublish(packet: Uint8Array, QoS: number): boolean {
	if ((packet[0]! & 0xf6) !== (0x30 | (QoS << 1))) return false;
	let length = 0;
	let at = 1;
	for (let shift = 0; ; shift += 7) {
		const byte = packet[at++];
		if (byte === undefined || shift > 21) return false;
		length |= (byte & 127) << shift;
		if (byte < 128) break;
	}
	const topicLength = (packet[at]! << 8) | packet[at + 1]!;
	return packet.length - at === length && topicLength > 0 && topicLength + (QoS > 0 ? 4 : 2) <= length;
}

/** Is it a PUBREL? */
export function isPubrel(packet: Uint8Array): boolean {
	return packet.length === 4 && packet[0] === 0x62 && packet[1] === 2;
}
