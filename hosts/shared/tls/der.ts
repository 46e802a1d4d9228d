/** DER (X.690): elements by their tags, lengths checked. */

export const Tag = Object.freeze({
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	identifier: 0x06,
	sequence: 0x30,
});

/** Reads elements one after another. What is malformed throws. */
export class DerReader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get more(): boolean {
		return this.#at < this.#bytes.length;
	}

	/** The next element's tag; undefined at the end. */
	get tag(): number | undefined {
		return this.#bytes[this.#at];
	}

	/** The contents of the next element, which must have this tag if one is given. */
	next(tag?: number): Uint8Array {
		return this.#element(tag).contents;
	}

	/** The next element with its header. */
	whole(tag?: number): Uint8Array {
		return this.#element(tag).whole;
	}

	/** The contents of the next element if it has this tag. */
	optional(tag: number): Uint8Array | undefined {
		return this.tag === tag ? this.next(tag) : undefined;
	}

	/** Steps over one element. */
	skip(): void {
		this.#element();
	}

	#element(tag?: number): { contents: Uint8Array; whole: Uint8Array } {
		const start = this.#at;
		const found = this.#byte();
		if (tag !== undefined && found !== tag) throw new Error(`DER: tag ${found}, expected ${tag}`);
		let length = this.#byte();
		if (length > 0x84) throw new Error("DER: a length of more than 4 bytes");
		if (length === 0x80) throw new Error("DER: no length");
		if (length > 0x80) {
			let count = length & 0x7f;
			length = 0;
			while (count-- > 0) length = length * 256 + this.#byte();
		}
		const from = this.#at;
		if (length > this.#bytes.length - from) throw new Error("DER: it is cut short");
		this.#at = from + length;
		return { contents: this.#bytes.subarray(from, this.#at), whole: this.#bytes.subarray(start, this.#at) };
	}

	#byte(): number {
		if (this.#at >= this.#bytes.length) throw new Error("DER: it is cut short");
		return this.#bytes[this.#at++]!;
	}
}

/** An object identifier in dotted form. */
export function readIdentifier(contents: Uint8Array): string {
	const parts: number[] = [];
	let value = 0;
	for (const byte of contents) {
		value = value * 128 + (byte & 0x7f);
		if (byte & 0x80) continue;
		if (parts.length === 0)
			parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
		else parts.push(value);
		value = 0;
	}
	return parts.join(".");
}

/** The bytes of a bit string whose last bits are all used. */
export function readBits(contents: Uint8Array): Uint8Array {
	if (contents[0] !== 0) throw new Error("DER: a bit string with unused bits");
	return contents.subarray(1);
}

/** A UTCTime (2 digits of the year) or GeneralizedTime, in ms since 1970. */
export function readTime(contents: Uint8Array): number {
	const text = String.fromCharCode(...contents);
	const [, year, ...rest] = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
	if (year === undefined) throw new Error(`DER: "${text}" is not a time in UTC`);
	const [month, day, hour, minute, second] = rest.map(Number);
	const full = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
	return Date.UTC(full, month! - 1, day, hour, minute, second);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
	return true;
}
