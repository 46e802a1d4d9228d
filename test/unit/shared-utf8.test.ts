import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText, encodeText } from "../../hosts/shared/utf8";

test("UTF-8 goes there and back as Node has it", () => {
	for (const text of ["", "abc", "é", "°C", "€", "日本語", "🦋", "a\u0000b", "\ud7ff\ue000", "x".repeat(4000)]) {
		assert.deepEqual(Buffer.from(encodeText(text)), Buffer.from(text), text.slice(0, 10));
		assert.equal(decodeText(Buffer.from(text)), text, text.slice(0, 10));
	}
});

test("what is no text becomes U+FFFD, and nothing is read beyond the end", () => {
	assert.deepEqual(Buffer.from(encodeText("\ud800")), Buffer.from("\ufffd"));
	for (const bytes of [[0xff], [0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0xa6], [0xf7, 0xbf, 0xbf, 0xbf]])
		assert.match(decodeText(Uint8Array.from(bytes)), /^\ufffd+$/, bytes.join());
	assert.equal(decodeText(Uint8Array.of(0xc3, 0x41)), "\ufffdA");
});
