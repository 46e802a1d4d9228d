import { invalid } from "./error";

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
 * @throws MQTTError `invalid`: U+0000, a lone surrogate, or more than 65,535 bytes (MQTT-1.5.3-1, MQTT-1.5.3-2, §1.5.3)
 */
export function encodeString(text: string, what: string): Uint8Array {
	if (typeof text !== "string") invalid(`${what}: expected a string`);
	if (text.includes("\0")) invalid(`${what}: contains U+0000`, "MQTT-1.5.3-2");
	const bytes = new Uint8Array(ArrayBuffer.fromString(text));
	if (bytes.length !== text.length) {
		for (const character of text) {
			const point = character.codePointAt(0)!;
			if (point >= 0xd800 && point <= 0xdfff) invalid(`${what}: contains a lone surrogate`, "MQTT-1.5.3-1");
		}
	}
	if (bytes.length > 65535) invalid(`${what}: ${bytes.length} bytes, at most 65535 are possible`, "MQTT-1.5.3");
	return bytes;
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
