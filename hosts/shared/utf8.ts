/** UTF-8 for code that runs in XS and in Node.js: the two have no function for it in common. */

/** The bytes of a text. Half a surrogate pair becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
	const bytes: number[] = [];
	for (const character of text) {
		let code = character.codePointAt(0)!;
		if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
		else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
		else
			bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
	}
	return Uint8Array.from(bytes);
}

/** The text of bytes that `encodeText` gave. A byte that does not belong there becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
	let text = "";
	for (let index = 0; index < bytes.length; ) {
		const first = bytes[index++]!;
		const more = first < 0x80 ? 0 : first >> 5 === 6 ? 1 : first >> 4 === 14 ? 2 : first >> 3 === 30 ? 3 : -1;
		let code = more <= 0 ? first : first & (0x3f >> more);
		let left = more;
		while (left > 0 && bytes[index]! >> 6 === 2) {
			code = (code << 6) | (bytes[index++]! & 0x3f);
			left--;
		}
		text += left === 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
	}
	return text;
}
