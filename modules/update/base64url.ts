const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url without padding (RFC 7515 §2). */
export function encodeBase64url(bytes: Uint8Array): string {
	let text = "";
	for (let index = 0; index < bytes.length; index += 3) {
		const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
		const digits = Math.min(4, bytes.length - index + 1);
		for (let digit = 0; digit < digits; digit++) text += DIGITS[(group >> (18 - 6 * digit)) & 63]!;
	}
	return text;
}

function digitOf(code: number): number {
	if (code >= 65 && code <= 90) return code - 65;
	if (code >= 97 && code <= 122) return code - 71;
	if (code >= 48 && code <= 57) return code + 4;
	if (code === 45) return 62;
	return code === 95 ? 63 : -1;
}

/** The bytes of `text` from `from` up to `to`; undefined when they are not written in the one way that they have. */
export function decodeBase64url(text: string, from = 0, to = text.length): Uint8Array | undefined {
	if ((to - from) % 4 === 1) return undefined;
	const bytes = new Uint8Array(Math.floor((3 * (to - from)) / 4));
	let at = 0;
	let bits = 0;
	let count = 0;
	for (let index = from; index < to; index++) {
		const value = digitOf(text.charCodeAt(index));
		if (value < 0) return undefined;
		bits = ((bits & 0xff) << 6) | value;
		count += 6;
		if (count < 8) continue;
		count -= 8;
		bytes[at++] = bits >> count;
	}
	return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}
