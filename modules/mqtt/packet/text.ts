import { invalid, MQTTError } from "./error";
import { packetNames, type Version } from "./types";

/** The UTF-8 bytes of a string. XS writes U+0000 as C0 80; here it is the one byte that UTF-8 asks for. */
export function encodeText(text: string): Uint8Array {
	const bytes = new Uint8Array(ArrayBuffer.fromString(text));
	if (!text.includes("\0")) return bytes;
	let to = 0;
	for (let from = 0; from < bytes.length; from++) {
		const byte = bytes[from]!;
		if (byte === 0xc0) from++;
		bytes[to++] = byte === 0xc0 ? 0 : byte;
	}
	return bytes.slice(0, to);
}

/**
 * The UTF-8 bytes of a string as the standard wants them in a packet.
 *
 * @param what names the string in errors
 * @throws MQTTError `invalid`: U+0000, a lone surrogate, or more than 65,535 bytes (MQTT 3.1.1 §1.5.3, MQTT 5.0 §1.5.4)
 */
export function encodeString(text: string, what: string, version: Version = 4): Uint8Array {
	if (typeof text !== "string") invalid(`${what}: expected a string`);
	if (text.includes("\0")) invalid(`${what}: contains U+0000`, textClause(version, "-2"));
	const bytes = new Uint8Array(ArrayBuffer.fromString(text));
	if (bytes.length !== text.length) {
		for (const character of text) {
			const point = character.codePointAt(0)!;
			if (point >= 0xd800 && point <= 0xdfff) invalid(`${what}: contains a lone surrogate`, textClause(version, "-1"));
		}
	}
	if (bytes.length > 65535)
		invalid(`${what}: ${bytes.length} bytes, at most 65535 are possible`, textClause(version, ""));
	return bytes;
}

/** The section on UTF-8, with the number of a clause. */
function textClause(version: Version, number: string): string {
	return (version === 5 ? "MQTT-1.5.4" : "MQTT-1.5.3") + number;
}

/** What `inspectText` finds. */
export const TEXT_GOOD = 0;
export const TEXT_ILL_FORMED = 1;
export const TEXT_NUL = 2;

/** Is `bytes[start..end)` well-formed UTF-8 without U+0000? Strict: overlong forms and surrogates are ill-formed. */
export function inspectText(bytes: Uint8Array, start: number, end: number): number {
	while (start < end) {
		const first = bytes[start++]!;
		if (first < 0x80) {
			if (first === 0) return TEXT_NUL;
			continue;
		}
		let low = 0x80;
		let high = 0xbf;
		let more = 1;
		if (first >= 0xc2 && first <= 0xdf) more = 1;
		else if (first >= 0xe0 && first <= 0xef) {
			more = 2;
			if (first === 0xe0) low = 0xa0;
			else if (first === 0xed) high = 0x9f;
		} else if (first >= 0xf0 && first <= 0xf4) {
			more = 3;
			if (first === 0xf0) low = 0x90;
			else if (first === 0xf4) high = 0x8f;
		} else return TEXT_ILL_FORMED;
		for (; more > 0; more--) {
			if (start === end) return TEXT_ILL_FORMED;
			const next = bytes[start++]!;
			if (next < low || next > high) return TEXT_ILL_FORMED;
			low = 0x80;
			high = 0xbf;
		}
	}
	return TEXT_GOOD;
}

/**
 * `bytes[start..start + length)`, which stands in a packet of type `where`, as a string. `bytes` begins where its buffer does.
 *
 * @param what names the string in errors
 * @throws MQTTError `malformed`: ill-formed UTF-8 or U+0000
 */
export function decodeString(
	bytes: Uint8Array,
	start: number,
	length: number,
	where: number,
	what: string,
	version: Version,
): string {
	let text: string | undefined;
	try {
		text = String.fromArrayBuffer(bytes.buffer as ArrayBuffer, start, length);
	} catch {
		// What is wrong is found below.
	}
	return checkText(text, bytes, start, length, where, what, version);
}

/**
 * The same, once `String.fromArrayBuffer` has said what it makes of these bytes: `undefined` when it refuses them.
 *
 * @throws MQTTError `malformed`: ill-formed UTF-8 or U+0000
 */
export function checkText(
	text: string | undefined,
	bytes: Uint8Array,
	start: number,
	length: number,
	where: number,
	what: string,
	version: Version,
): string {
	// As many characters as bytes: ASCII, all of it. XS ends a string at a zero byte, and accepts what UTF-8 forbids.
	if (text !== undefined && text.length === length && !text.includes("\0")) return text;
	const found = inspectText(bytes, start, start + length);
	if (found === TEXT_GOOD && text !== undefined) return text;
	const [wrong, number] = found === TEXT_NUL ? ["contains U+0000", "-2"] : ["is not UTF-8", "-1"];
	const message = `${packetNames[where]}: ${what} ${wrong}`;
	throw new MQTTError("malformed", message, textClause(version, number!), version === 5 ? 0x81 : undefined);
}
