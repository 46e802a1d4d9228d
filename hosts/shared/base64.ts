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
