/**
 * Is this UTF-8? Asked piece by piece: the state between two pieces is a number, 0 between characters.
 * It holds how many bytes the character under way lacks, how many came, and which may come next.
 */

/** `checkText`: no UTF-8. */
export const ILL_FORMED = -1;

/** Bounds of the next byte: of any, and after E0 (not overlong), ED (no surrogate), F0 (not overlong), F4 (not beyond U+10FFFF). */
const LOW: readonly number[] = Object.freeze([0x80, 0xa0, 0x80, 0x90, 0x80]);
const HIGH: readonly number[] = Object.freeze([0xbf, 0xbf, 0x9f, 0xbf, 0x8f]);

function boundsAfter(first: number): number {
	if (first === 0xe0) return 1;
	if (first === 0xed) return 2;
	if (first === 0xf0) return 3;
	return first === 0xf4 ? 4 : 0;
}

/** Checks bytes[start..end) as what follows `state`; returns the new state, or ILL_FORMED. */
export function checkText(bytes: Uint8Array, start: number, end: number, state: number): number {
	let lacking = state & 3;
	let came = (state >> 2) & 3;
	let bounds = state >> 4;
	while (start < end) {
		const byte = bytes[start++]!;
		if (lacking === 0) {
			if (byte < 0x80) continue;
			if (byte < 0xc2 || byte > 0xf4) return ILL_FORMED;
			lacking = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
			came = 1;
			bounds = boundsAfter(byte);
		} else {
			if (byte < LOW[bounds]! || byte > HIGH[bounds]!) return ILL_FORMED;
			came = --lacking === 0 ? 0 : came + 1;
			bounds = 0;
		}
	}
	return lacking | (came << 2) | (bounds << 4);
}

/** Bytes of a character that is not whole yet: 0..3. */
export function incomplete(state: number): number {
	return (state >> 2) & 3;
}
