/** PEM (RFC 7468): DER in base64 between its lines. */

/** The blocks of a text, with their labels (`CERTIFICATE`, `PRIVATE KEY`); empty when there are none. */
export function readPem(text: string): { label: string; der: Uint8Array }[] {
	const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g);
	return [...blocks].map(([, label, body]) => ({ label: label!, der: decodeBase64(body!) }));
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeBase64(text: string): Uint8Array {
	const bytes: number[] = [];
	let bits = 0;
	let count = 0;
	for (const character of text) {
		if (character === "=" || character.trim() === "") continue;
		const value = alphabet.indexOf(character);
		if (value < 0) throw new Error(`PEM: "${character}" is not base64`);
		bits = (bits << 6) | value;
		count += 6;
		if (count < 8) continue;
		count -= 8;
		bytes.push((bits >> count) & 0xff);
		bits &= (1 << count) - 1;
	}
	return Uint8Array.from(bytes);
}
