import { bytesOf } from "./bytes";
import { invalid } from "./error";
import { lengthSize, MAXIMUM_LENGTH, writeLength } from "./length";
import {
	BINARY,
	FLAG,
	FOUR_BYTES,
	type Property,
	propertyByName,
	sectionOf,
	TOPIC,
	TOPIC_ALIAS,
	TWO_BYTES,
	VARIABLE,
	WILL,
} from "./property-table";
import { encodeString } from "./text";
import { AUTH, CONNECT, PUBLISH, packetNames } from "./types";

export { WILL } from "./property-table";

/** The properties of a packet (MQTT 5.0 §2.2.2), by the names of the standard. */
export interface Properties {
	/** PUBLISH and will: the payload is UTF-8. */
	payloadFormatIndicator?: boolean | undefined;
	/** PUBLISH and will: seconds. */
	messageExpiryInterval?: number | undefined;
	/** PUBLISH and will. */
	contentType?: string | undefined;
	/** PUBLISH and will: where an answer is expected. */
	responseTopic?: string | undefined;
	/** PUBLISH and will: an answer carries it too. A `Uint8Array` when it arrives. */
	correlationData?: ByteBuffer | undefined;
	/** SUBSCRIBE: 1..268,435,455. */
	subscriptionIdentifier?: number | undefined;
	/** PUBLISH that arrives: those of the subscriptions that it matched. */
	subscriptionIdentifiers?: number[] | undefined;
	/** CONNECT, CONNACK, DISCONNECT that is sent: seconds, 0xFFFFFFFF for ever. */
	sessionExpiryInterval?: number | undefined;
	/** CONNACK. */
	assignedClientIdentifier?: string | undefined;
	/** CONNACK: seconds. */
	serverKeepAlive?: number | undefined;
	/** CONNECT, CONNACK, AUTH. */
	authenticationMethod?: string | undefined;
	/** CONNECT, CONNACK, AUTH. A `Uint8Array` when it arrives. */
	authenticationData?: ByteBuffer | undefined;
	/** CONNECT. */
	requestProblemInformation?: boolean | undefined;
	/** Will: seconds. */
	willDelayInterval?: number | undefined;
	/** CONNECT. */
	requestResponseInformation?: boolean | undefined;
	/** CONNACK. */
	responseInformation?: string | undefined;
	/** CONNACK, DISCONNECT that arrives. */
	serverReference?: string | undefined;
	/** CONNACK, acknowledgements, DISCONNECT, AUTH. */
	reasonString?: string | undefined;
	/** CONNECT, CONNACK: 1..65,535. */
	receiveMaximum?: number | undefined;
	/** CONNECT, CONNACK: 0..65,535. */
	topicAliasMaximum?: number | undefined;
	/** PUBLISH that is sent: 1..65,535. The decoder resolves those that arrive. */
	topicAlias?: number | undefined;
	/** CONNACK: 0 or 1. */
	maximumQoS?: number | undefined;
	/** CONNACK. */
	retainAvailable?: boolean | undefined;
	/** Everywhere but in PINGREQ and PINGRESP: names and values; names may repeat. */
	userProperties?: readonly (readonly [name: string, value: string])[] | undefined;
	/** CONNECT, CONNACK: bytes, 1..4,294,967,295. */
	maximumPacketSize?: number | undefined;
	/** CONNACK. */
	wildcardSubscriptionAvailable?: boolean | undefined;
	/** CONNACK. */
	subscriptionIdentifiersAvailable?: boolean | undefined;
	/** CONNACK. */
	sharedSubscriptionAvailable?: boolean | undefined;
}

/** Where a Variable Byte Integer of any length has room in front of the properties. */
const lengthRoom = 4;

/** Properties that are being written. */
class Writer {
	bytes = new Uint8Array(64);
	at = lengthRoom;

	/** Makes room for `count` bytes. */
	room(count: number): void {
		const { bytes, at } = this;
		if (at + count <= bytes.length) return;
		this.bytes = new Uint8Array(2 * (at + count));
		this.bytes.set(bytes);
	}

	/** A number of `count` bytes. */
	number(value: number, count: number): void {
		this.room(count);
		for (let shift = 8 * (count - 1); shift >= 0; shift -= 8) this.bytes[this.at++] = value >>> shift;
	}

	/** Texts and binary data. */
	field(field: Uint8Array): void {
		this.number(field.length, 2);
		this.room(field.length);
		this.bytes.set(field, this.at);
		this.at += field.length;
	}

	/** All of it, with its length in front. */
	end(): Uint8Array {
		const length = this.at - lengthRoom;
		if (length > MAXIMUM_LENGTH) invalid(`properties: ${length} bytes do not fit a packet`, "MQTT-2.1.4");
		const start = lengthRoom - lengthSize(length);
		writeLength(this.bytes, start, length);
		return this.bytes.slice(start, this.at);
	}
}

/**
 * Properties as a packet carries them, with their length in front.
 *
 * @param where packet type, or `WILL`
 * @throws MQTTError `invalid`, with the name of the property: there is none of that name, it is not allowed there, its value is not
 */
export function encodeProperties(given: Properties | undefined, where: number): Uint8Array {
	if (given === undefined || given === null) return new Uint8Array(1);
	const writer = new Writer();
	for (const name of Object.keys(given)) {
		const value = (given as Record<string, unknown>)[name];
		if (value === undefined) continue;
		const property = propertyByName[name];
		if (property === undefined || ((property.sent >> where) & 1) === 0) refuse(name, where);
		if (property.name === "userProperties") writePairs(writer, property, value, where);
		else {
			writer.number(property.id, 1);
			writeValue(writer, property, value, where);
		}
	}
	if ((where === CONNECT || where === AUTH) && given.authenticationData !== undefined && !given.authenticationMethod)
		invalid("authenticationData: needs an authenticationMethod", sectionOf(where));
	return writer.end();
}

function writeValue(writer: Writer, property: Property, value: unknown, where: number): void {
	const { name } = property;
	switch (property.kind) {
		case FLAG:
			if (typeof value !== "boolean") refuseValue(property, value, "true or false", where);
			writer.number(value ? 1 : 0, 1);
			break;
		case TWO_BYTES:
			writer.number(checkNumber(property, value, 0xffff, where), 2);
			break;
		case FOUR_BYTES:
			writer.number(checkNumber(property, value, 0xffff_ffff, where), 4);
			break;
		case VARIABLE:
			writer.room(4);
			writer.at = writeLength(writer.bytes, writer.at, checkNumber(property, value, MAXIMUM_LENGTH, where));
			break;
		case BINARY: {
			if (typeof value !== "object" || value === null) refuseValue(property, value, "bytes", where);
			const bytes = bytesOf(value as ByteBuffer);
			if (bytes.length > 65535) refuseValue(property, `of ${bytes.length} bytes`, "at most 65535", where);
			writer.field(bytes);
			break;
		}
		default: {
			const bytes = encodeString(value as string, name, 5);
			if (property.kind === TOPIC) {
				if (bytes.length === 0) invalid(`${name}: is empty`, "MQTT-4.7.3-1");
				if ((value as string).includes("+") || (value as string).includes("#"))
					invalid(`${name} "${value}": contains a wildcard`, "MQTT-3.3.2-14");
			}
			writer.field(bytes);
		}
	}
}

function writePairs(writer: Writer, property: Property, value: unknown, where: number): void {
	if (!Array.isArray(value)) refuseValue(property, value, "pairs of name and value", where);
	for (const pair of value) {
		if (!Array.isArray(pair) || pair.length !== 2) refuseValue(property, pair, "a pair of name and value", where);
		writer.number(property.id, 1);
		writer.field(encodeString(pair[0], "name in userProperties", 5));
		writer.field(encodeString(pair[1], `userProperties "${pair[0]}"`, 5));
	}
}

function checkNumber(property: Property, value: unknown, maximum: number, where: number): number {
	const { minimum } = property;
	if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum)
		refuseValue(property, value, `an integer of ${minimum}..${maximum}`, where);
	return value;
}

function nameOf(where: number): string {
	return where === WILL ? "a will" : packetNames[where]!;
}

function refuse(name: string, where: number): never {
	if (propertyByName[name] === undefined) invalid(`property "${name}": there is none of this name`, "MQTT-2.2.2.2");
	const identifier = where === PUBLISH && name === "subscriptionIdentifier";
	invalid(`property ${name}: not for ${nameOf(where)} of a client`, identifier ? "MQTT-3.3.4-6" : "MQTT-2.2.2.2");
}

function refuseValue(property: Property, value: unknown, expected: string, where: number): never {
	const clause = property.id === TOPIC_ALIAS && value === 0 ? "MQTT-3.3.2-8" : sectionOf(where);
	invalid(`property ${property.name}: ${value}, expected ${expected}`, clause);
}
