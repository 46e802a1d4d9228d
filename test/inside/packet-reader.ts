/** Feeds a decoder and writes down what comes out: the same code in Node.js and in XS. */
import { BAD, Decoder, FRAGMENT, NONE, SKIPPED } from "../../modules/mqtt/packet/decoder";
import type { Properties } from "../../modules/mqtt/packet/properties";
import * as types from "../../modules/mqtt/packet/types";

/** The event that asks the program in XS to write a packet, beside those of operations.ts. */
export const WRITE = 100;

/** A packet, in values that JSON can carry; `BAD` with what was wrong. */
export interface Read {
	type: number;
	id?: number;
	topic?: string;
	QoS?: number;
	retain?: boolean;
	duplicate?: boolean;
	/** Bytes of payload that were announced, and those that came. */
	byteLength?: number;
	payload?: number[];
	fragments?: number;
	sessionPresent?: boolean;
	returnCode?: number;
	reasonCode?: number;
	codes?: number[];
	properties?: Record<string, unknown>;
	code?: string;
	clause?: string;
	message?: string;
}

export interface Reading {
	version?: 4 | 5;
	/** Bytes of the window. */
	window?: number;
	maximumTopic?: number;
	topicAliasMaximum?: number;
	maximumPacketSize?: number;
	tolerant?: boolean;
	/** How many bytes come at once, again and again from the start. All at once when empty. */
	pieces?: readonly number[];
	/** What the unused part of the window is filled with before each `next`: the decoder may not look at it. */
	junk?: number;
}

/** What the decoder makes of some bytes. Throws when it breaks a promise. */
export function readPackets(bytes: ArrayLike<number>, reading: Reading = {}): Read[] {
	const { version = 4, window = 512, maximumTopic = 256, topicAliasMaximum = 0, maximumPacketSize, junk } = reading;
	const pieces = reading.pieces?.length ? reading.pieces : [Math.max(bytes.length, 1)];
	const decoder = new Decoder(window, maximumTopic, version, topicAliasMaximum, maximumPacketSize);
	decoder.tolerant = reading.tolerant ?? false;
	const packets: Read[] = [];
	let at = 0;
	let turn = 0;
	let piece = 0;
	// A packet has two bytes at least, and each piece is asked for at most twice.
	for (let calls = 4 * bytes.length + 16; ; calls--) {
		if (calls === 0) throw new Error("next comes to no end");
		if (junk !== undefined) decoder.bytes.fill(junk, decoder.end);
		const type = decoder.next();
		if (decoder.start > decoder.end || decoder.end > window) throw new Error("beyond the window");
		if (type === NONE) {
			if (piece === 0) piece = Math.min(pieces[turn++ % pieces.length]!, bytes.length - at);
			if (piece === 0) return packets;
			const target = decoder.target(piece);
			if (target === undefined) throw new Error("the window is full and nothing comes out: deaf");
			for (let index = 0; index < target.length; index++) target[index] = bytes[at++]!;
			piece -= target.length;
			decoder.end += target.length;
			continue;
		}
		if (type !== FRAGMENT) packets.push(packetOf(decoder, type, version));
		if (type === BAD) return packets;
		if (type === types.PUBLISH || type === FRAGMENT) take(decoder, packets[packets.length - 1]!);
	}
}

/** Consumes what there is of a payload. */
function take(decoder: Decoder, message: Read): void {
	const { start, available } = decoder;
	for (let index = 0; index < available; index++) message.payload!.push(decoder.bytes[start + index]!);
	message.fragments!++;
	decoder.start += available;
	decoder.remaining -= available;
}

function packetOf(decoder: Decoder, type: number, version: number): Read {
	const packet: Read = { type };
	if (type === BAD) {
		const { code, clause, message, reasonCode } = decoder.error!;
		if (typeof code !== "string") throw decoder.error;
		packet.code = code;
		packet.message = message;
		if (clause !== undefined) packet.clause = clause;
		if (reasonCode !== undefined) packet.reasonCode = reasonCode;
		return packet;
	}
	if (decoder.id !== 0) packet.id = decoder.id;
	if (decoder.properties) packet.properties = plain(decoder.properties);
	if (type === types.PUBLISH || type === SKIPPED) {
		packet.QoS = decoder.QoS;
		packet.byteLength = decoder.byteLength;
		if (type === SKIPPED) {
			if (decoder.passed) packet.message = decoder.passed.message;
			return packet;
		}
		packet.topic = decoder.topic;
		packet.retain = decoder.retain;
		packet.duplicate = decoder.duplicate;
		packet.payload = [];
		packet.fragments = 0;
	} else if (version === 5 && type !== types.PINGRESP) {
		if (type !== types.SUBACK && type !== types.UNSUBACK) packet.reasonCode = decoder.reasonCode;
	}
	if (type === types.CONNACK) {
		packet.sessionPresent = decoder.sessionPresent;
		packet.returnCode = decoder.returnCode;
	}
	if (type === types.SUBACK || (version === 5 && type === types.UNSUBACK)) packet.codes = decoder.codes!;
	return packet;
}

/** Properties, with arrays of numbers for bytes. */
function plain(properties: Properties): Record<string, unknown> {
	const result: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(properties))
		result[name] = ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
	return result;
}
