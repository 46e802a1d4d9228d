import type { MQTTError } from "./error";
import type { Properties } from "./properties";
import {
	BINARY,
	FLAG,
	PAIRS,
	type Property,
	propertyById,
	sectionOf,
	sizes,
	TOPIC,
	TOPIC_ALIAS,
	TWO_BYTES,
	VARIABLE,
} from "./property-table";
import { fault, MALFORMED, PROTOCOL_ERROR, TOPIC_ALIAS_INVALID } from "./reasons";
import { decodeString } from "./text";
import { DISCONNECT, PUBLISH, packetNames } from "./types";

/** User properties, and subscription identifiers, that are kept of a packet: an empty one takes 5 bytes there, and 120 of the heap. */
export const maximumEntries = 32;

/** Where a topic alias is put that stands among properties. */
export interface AliasHolder {
	/** 0 for none. */
	alias: number;
}

/**
 * Reads `bytes[at..end)`, the properties of a packet of a server. A topic alias is put into `holder`, not into the result; of user
 * properties and subscription identifiers the first `maximumEntries` are kept.
 *
 * @param where packet type
 * @returns `undefined` when there are none
 * @throws MQTTError: no such property, not allowed in this packet, there twice, a wrong value, text that is not UTF-8, lengths beyond `end`
 */
export function decodeProperties(
	bytes: Uint8Array,
	at: number,
	end: number,
	where: number,
	holder: AliasHolder,
): Properties | undefined {
	let result: Record<string, unknown> | undefined;
	while (at < end) {
		const property = receivedProperty(bytes[at++]!, where);
		const kind = property.kind;
		const name = property.name;
		let size = sizes[kind]!;
		let value: unknown;
		if (kind > VARIABLE) {
			size = fieldSize(bytes, at, end);
			if (at + size > end) throw beyond(where, name);
			value = kind === BINARY ? bytes.slice(at + 2, at + size) : decodeString(bytes, at + 2, size - 2, where, name, 5);
			if (kind === TOPIC) checkResponseTopic(value as string, where);
			else if (kind === PAIRS) {
				at += size;
				size = fieldSize(bytes, at, end);
				if (at + size > end) throw beyond(where, name);
				value = [value, decodeString(bytes, at + 2, size - 2, where, name, 5)];
			}
		} else {
			if (kind === VARIABLE) {
				size = variableSize(bytes, at, end);
				if (size === 0) throw longVariable(where, name);
			}
			if (at + size > end) throw beyond(where, name);
			const number = decodeNumber(bytes, at, size, property, where);
			value = kind === FLAG ? number === 1 : number;
		}
		at += size;
		if (property.id === TOPIC_ALIAS) {
			keepAlias(value as number, holder);
			continue;
		}
		result ??= {};
		if (kind === PAIRS || kind === VARIABLE) {
			const list = kind === VARIABLE ? "subscriptionIdentifiers" : name;
			const entries = (result[list] ??= []) as unknown[];
			if (entries.length < maximumEntries) entries.push(value);
		} else {
			if (result[name] !== undefined) throw twice(name, where);
			result[name] = value;
		}
	}
	return result;
}

/**
 * The property of that identifier, for a packet of a server.
 *
 * @throws MQTTError: there is none, or not in this packet
 */
export function receivedProperty(id: number, where: number): Property {
	const property = propertyById[id];
	if (property !== undefined && ((property.received >> where) & 1) === 1) return property;
	if (property === undefined)
		throw fault(5, MALFORMED, `${packetNames[where]}: no property has the identifier ${id}`, "MQTT-2.2.2.2");
	const message = `${packetNames[where]}: ${property.name} is not allowed in it`;
	if (where === DISCONNECT && property.name === "sessionExpiryInterval")
		throw fault(5, PROTOCOL_ERROR, message, "MQTT-3.14.2-2");
	throw fault(5, MALFORMED, message, "MQTT-2.2.2.2");
}

/** Bytes of the text or binary data at `at`; more than there are when it is cut off. */
export function fieldSize(bytes: Uint8Array, at: number, end: number): number {
	return end - at < 2 ? 2 : 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
}

/** Bytes of a Variable Byte Integer: one more than there are when it is cut off, 0 when it is longer than 4. */
export function variableSize(bytes: Uint8Array, at: number, end: number): number {
	for (let size = 1; size <= 4; size++) if (at + size > end || bytes[at + size - 1]! < 128) return size;
	return 0;
}

/**
 * A Variable Byte Integer of `size` bytes.
 *
 * @throws MQTTError: not in the shortest form
 */
export function decodeVariable(bytes: Uint8Array, at: number, size: number, where: number, what: string): number {
	let value = 0;
	for (let index = size - 1; index >= 0; index--) value = (value << 7) | (bytes[at + index]! & 127);
	if (size > 1 && bytes[at + size - 1] === 0)
		throw fault(5, MALFORMED, `${packetNames[where]}: ${what} ${value} in ${size} bytes`, "MQTT-1.5.5-1");
	return value;
}

export function longVariable(where: number, what: string): MQTTError {
	const clause = what === "remaining length" ? "MQTT-2.1.4" : "MQTT-1.5.5";
	return fault(5, MALFORMED, `${packetNames[where]}: ${what} of more than 4 bytes`, clause);
}

/**
 * A number of `size` bytes.
 *
 * @throws MQTTError: out of range
 */
export function decodeNumber(bytes: Uint8Array, at: number, size: number, property: Property, where: number): number {
	const { kind, name, minimum } = property;
	let value = bytes[at]!;
	if (kind === VARIABLE) value = decodeVariable(bytes, at, size, where, name);
	else if (size > 1) {
		value = (value << 8) | bytes[at + 1]!;
		if (size === 4) value = value * 65536 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
	}
	if (value < minimum || (size === 1 && kind < TWO_BYTES && value > 1)) {
		const message = `${packetNames[where]}: ${name} ${value}`;
		if (property.id === TOPIC_ALIAS) throw fault(5, TOPIC_ALIAS_INVALID, message, "MQTT-3.3.2-8");
		throw fault(5, PROTOCOL_ERROR, message, sectionOf(where));
	}
	return value;
}

function checkResponseTopic(topic: string, where: number): void {
	const name = packetNames[where];
	if (topic === "") throw fault(5, PROTOCOL_ERROR, `${name}: responseTopic is empty`, "MQTT-4.7.3-1");
	if (topic.includes("+") || topic.includes("#"))
		throw fault(5, PROTOCOL_ERROR, `${name}: responseTopic with a wildcard`, "MQTT-3.3.2-14");
}

/** Keeps the topic alias of a PUBLISH. */
export function keepAlias(alias: number, holder: AliasHolder): void {
	if (holder.alias !== 0) throw twice("topicAlias", PUBLISH);
	holder.alias = alias;
}

/** Keeps a number, or flag, that may be there once. */
export function keepNumber(properties: Properties, { name, kind }: Property, value: number, where: number): void {
	const result = properties as Record<string, unknown>;
	if (result[name] !== undefined) throw twice(name, where);
	result[name] = kind === FLAG ? value === 1 : value;
}

export function beyond(where: number, what: string): MQTTError {
	return fault(5, MALFORMED, `${packetNames[where]}: ${what} does not fit the properties`, "MQTT-2.2.2.1");
}

function twice(name: string, where: number): MQTTError {
	return fault(5, PROTOCOL_ERROR, `${packetNames[where]}: ${name} is there twice`, sectionOf(where));
}
