import type { MQTTError } from "./error";
import type { Properties } from "./properties";
import {
	BINARY,
	BIT,
	FLAG,
	FOUR_BYTES,
	PAIRS,
	type Property,
	propertyById,
	SUBSCRIPTION_IDENTIFIER,
	sectionOf,
	TOPIC,
	TOPIC_ALIAS,
	TWO_BYTES,
	VARIABLE,
} from "./property-table";
import { fault, MALFORMED, PROTOCOL_ERROR, TOPIC_ALIAS_INVALID } from "./reasons";
import { decodeString } from "./text";
import { DISCONNECT, PUBLISH, packetNames } from "./types";

/** Where a topic alias is put that stands among properties. */
export interface AliasHolder {
	/** 0 for none. */
	alias: number;
}

/**
 * Reads `bytes[at..end)`, the properties of a packet of a server. A topic alias is put into `holder`, not into the result.
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
		const property = receivedProperty(bytes[at]!, where);
		at++;
		const size = sizeOf(bytes, at, end, property, where);
		const { id, name, kind } = property;
		if (at + size > end) throw beyond(`${packetNames[where]}: ${name}`);
		if (id === TOPIC_ALIAS) {
			decodeAlias(bytes, at, holder);
			at += size;
			continue;
		}
		const value = decodeValue(bytes, at, size, property, where);
		at += size;
		result ??= {};
		if (kind === PAIRS || id === SUBSCRIPTION_IDENTIFIER) {
			const list = id === SUBSCRIPTION_IDENTIFIER ? "subscriptionIdentifiers" : name;
			result[list] ??= [];
			(result[list] as unknown[]).push(value);
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
	if (property === undefined)
		throw fault(5, MALFORMED, `${packetNames[where]}: no property has the identifier ${id}`, "MQTT-2.2.2.2");
	if (((property.received >> where) & 1) === 0) {
		const expiry = where === DISCONNECT && property.name === "sessionExpiryInterval";
		const message = `${packetNames[where]}: ${property.name} is not allowed in it`;
		if (expiry) throw fault(5, PROTOCOL_ERROR, message, "MQTT-3.14.2-2");
		throw fault(5, MALFORMED, message, "MQTT-2.2.2.2");
	}
	return property;
}

/** Bytes that a value takes whose kind says so, else 0. */
export function fixedSize(kind: number): number {
	if (kind === FOUR_BYTES) return 4;
	if (kind === TWO_BYTES) return 2;
	return kind === FLAG || kind === BIT ? 1 : 0;
}

/** Bytes that the value at `at` takes; more than there are when it is cut off. */
function sizeOf(bytes: Uint8Array, at: number, end: number, property: Property, where: number): number {
	const { kind } = property;
	const fixed = fixedSize(kind);
	if (fixed > 0) return fixed;
	if (kind === VARIABLE) {
		const size = variableSize(bytes, at, end);
		if (size === 0) throw longVariable(`${packetNames[where]}: ${property.name}`);
		return size;
	}
	if (end - at < 2) return 2;
	let size = 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
	if (kind === PAIRS) {
		if (end - at < size + 2) return size + 2;
		size += 2 + ((bytes[at + size]! << 8) | bytes[at + size + 1]!);
	}
	return size;
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
export function decodeVariable(bytes: Uint8Array, at: number, size: number, what: string): number {
	let value = 0;
	for (let index = size - 1; index >= 0; index--) value = (value << 7) | (bytes[at + index]! & 127);
	if (size > 1 && bytes[at + size - 1] === 0)
		throw fault(5, MALFORMED, `${what}: ${size} bytes for ${value}`, "MQTT-1.5.5-1");
	return value;
}

export function longVariable(what: string): MQTTError {
	return fault(5, MALFORMED, `${what}: a length of more than 4 bytes`, "MQTT-1.5.5");
}

function decodeValue(bytes: Uint8Array, at: number, size: number, property: Property, where: number): unknown {
	const { kind, name } = property;
	switch (kind) {
		case FLAG:
		case BIT: {
			const value = bytes[at]!;
			if (value > 1) throw fault(5, PROTOCOL_ERROR, `${packetNames[where]}: ${name} ${value}`, sectionOf(where));
			return kind === BIT ? value : value === 1;
		}
		case TWO_BYTES:
		case FOUR_BYTES:
		case VARIABLE: {
			const value = decodeNumber(bytes, at, size, property, where);
			if (value >= property.minimum) return value;
			throw fault(5, PROTOCOL_ERROR, `${packetNames[where]}: ${name} 0`, sectionOf(where));
		}
		case BINARY:
			return bytes.slice(at + 2, at + size);
		case PAIRS: {
			const middle = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
			const key = decodeText(bytes, at, middle, property, where);
			return [key, decodeText(bytes, middle, at + size, property, where)];
		}
		default: {
			const text = decodeText(bytes, at, at + size, property, where);
			if (kind !== TOPIC) return text;
			const what = `${packetNames[where]}: ${name}`;
			if (text === "") throw fault(5, PROTOCOL_ERROR, `${what} is empty`, "MQTT-4.7.3-1");
			if (text.includes("+") || text.includes("#"))
				throw fault(5, PROTOCOL_ERROR, `${what} with a wildcard`, "MQTT-3.3.2-14");
			return text;
		}
	}
}

function decodeNumber(bytes: Uint8Array, at: number, size: number, property: Property, where: number): number {
	if (property.kind === VARIABLE) return decodeVariable(bytes, at, size, `${packetNames[where]}: ${property.name}`);
	const low = (bytes[at + size - 2]! << 8) | bytes[at + size - 1]!;
	return size === 2 ? low : ((bytes[at]! << 8) | bytes[at + 1]!) * 65536 + low;
}

/** The text whose length stands at `at`, and which ends before `end`. */
function decodeText(bytes: Uint8Array, at: number, end: number, property: Property, where: number): string {
	return decodeString(bytes, at + 2, end - at - 2, `${packetNames[where]}: ${property.name}`, 5);
}

/** Keeps the topic alias of a PUBLISH. */
export function decodeAlias(bytes: Uint8Array, at: number, holder: AliasHolder): void {
	if (holder.alias !== 0) throw twice("topicAlias", PUBLISH);
	holder.alias = (bytes[at]! << 8) | bytes[at + 1]!;
	if (holder.alias === 0) throw fault(5, TOPIC_ALIAS_INVALID, "PUBLISH: topicAlias 0", "MQTT-3.3.2-8");
}

export function beyond(what: string): MQTTError {
	return fault(5, MALFORMED, `${what} does not fit the properties`, "MQTT-2.2.2.1");
}

function twice(name: string, where: number): MQTTError {
	return fault(5, PROTOCOL_ERROR, `${packetNames[where]}: ${name} is there twice`, sectionOf(where));
}
