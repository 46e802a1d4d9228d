const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 (RFC 4648 §4), for code that runs in XS and in Node.js. */
export function encodeBase64(bytes: Uint8Array): string {
	let text = "";
	for (let index = 0; index < bytes.length; index += 3) {
		const left = bytes.length - index;
		const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
		text += DIGITS[group >> 18]! + DIGITS[(group >> 12) & 63]!;
		text += left > 1 ? DIGITS[(group >> 6) & 63]! : "=";
		text += left > 2 ? DIGITS[group & 63]! : "=";
	}
	return text;
}

/** The bytes of a text in base64; white space is left out. Throws on any other character. */
export function decodeBase64(text: string): Uint8Array {
	const bytes: number[] = [];
	let bits = 0;
	let count = 0;
	for (const character of text) {
		if (character === "=" || character.trim() === "") continue;
		const value = DIGITS.indexOf(character);
		if (value < 0) throw new Error(`base64: "${character}" is none of its digits`);
		bits = (bits << 6) | value;
		count += 6;
		if (count < 8) continue;
		count -= 8;
		bytes.push((bits >> count) & 0xff);
		bits &= (1 << count) - 1;
	}
	return Uint8Array.from(bytes);
}
