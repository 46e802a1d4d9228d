/** Messages of DNS (RFC 1035 §4.1) as multicast DNS has them (RFC 6762 §18): a question out, records in. */

/** Types of records. */
export const A = 1;
export const PTR = 12;
export const TXT = 16;
export const SRV = 33;

const HEADER = 12;
const CLASS_IN = 1;
/** Of a question's class: the answer may come to the asker alone (RFC 6762 §5.4). Of a record's: it takes the place of others (§10.2). */
const TOP_BIT = 0x8000;
/** Bytes of a label (RFC 1035 §2.3.4), and of a name of a host: one label and `local` (RFC 6762 §3), with their lengths and the root. */
export const LONGEST_LABEL = 63;
export const LONGEST_HOST = 71;
/** Length bytes from here on are pointers (RFC 1035 §4.1.4). */
const POINTER = 0xc0;
/** QR, opcode and RCODE of the header's flags: what a response has there (RFC 6762 §18.2, §18.3, §18.11). */
const KIND = 0xf80f;
const RESPONSE = 0x8000;
/**
 * Bytes of names that one message may have looked at: pointers make of 1,472 bytes a hundred long names, and a node has more to
 * do than to compare them. A computer that has eight brokers needs less than half of it.
 */
const EFFORT = 8192;

/** As it is in a message, in one piece (RFC 1035 §3.1): labels with their lengths before them, and a 0. */
export type Name = Uint8Array;

/** The name with these labels. */
export function nameOf(...labels: readonly string[]): Name {
	const bytes: number[] = [];
	for (const label of labels) {
		const text = new Uint8Array(ArrayBuffer.fromString(label));
		bytes.push(text.length, ...text);
	}
	return Uint8Array.from([...bytes, 0]);
}

/** The labels with dots between them. `undefined`: the name holds what is no text. */
export function textOf(name: Name): string | undefined {
	if (name.length < 2) return "";
	const bytes = name.slice(1, -1);
	for (let at = name[0]!; at < bytes.length; ) {
		const length = bytes[at]!;
		bytes[at] = 0x2e;
		at += 1 + length;
	}
	return decode(bytes.buffer as ArrayBuffer, 0, bytes.length);
}

/** A query with one question, whose answer may come to the asker alone. */
export function queryOf(id: number, name: Name, type: number): ArrayBuffer {
	const bytes = new Uint8Array(HEADER + name.length + 4);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, id);
	view.setUint16(4, 1);
	bytes.set(name, HEADER);
	view.setUint16(HEADER + name.length, type);
	view.setUint16(HEADER + name.length + 2, CLASS_IN | TOP_BIT);
	return bytes.buffer;
}

/**
 * A response as it came from the network: nothing in it is trusted. It stands at one record after the other, so that looking at
 * them makes no garbage.
 */
export class Response {
	readonly #bytes: Uint8Array;
	#effort = EFFORT;
	#left = 0;
	/** Where the name of the record is; its type; seconds, 0 says that it is no more; where its data are, and how many bytes. */
	at = 0;
	type = 0;
	ttl = 0;
	data = 0;
	length = 0;

	constructor(packet: ArrayBuffer) {
		this.#bytes = new Uint8Array(packet);
	}

	/** Is it one, and what number does it answer to? `undefined`: it is none. */
	get id(): number | undefined {
		if (this.#bytes.length < HEADER || (this.number(2) & KIND) !== RESPONSE) return undefined;
		return this.number(0);
	}

	/** Goes before the first record. */
	rewind(): void {
		let at = HEADER;
		for (let left = this.number(4); left > 0 && at < this.#bytes.length; left--) at = this.#skip(at) + 4;
		this.data = at;
		this.length = 0;
		this.#left = this.number(6) + this.number(8) + this.number(10);
	}

	/** Goes to the next record, of all sections and of class IN. False: there is none, or the message makes no sense there. */
	next(): boolean {
		const { length } = this.#bytes;
		while (this.#left-- > 0) {
			this.at = this.data + this.length;
			const end = this.#skip(this.at);
			this.data = end + 10;
			if (this.data > length || this.#effort < 0) return false;
			this.length = this.number(end + 8);
			if (this.data + this.length > length) return false;
			this.type = this.number(end);
			this.ttl = this.number(end + 4) * 0x1_0000 + this.number(end + 6);
			if ((this.number(end + 2) & ~TOP_BIT) === CLASS_IN) return true;
		}
		return false;
	}

	/** Where the name there begins, or goes on, with a label. `undefined`: nowhere. */
	label(at: number): number | undefined {
		const bytes = this.#bytes;
		// Pointers lead backwards only, so that they come to an end.
		for (let before = at; ; before = at) {
			const length = bytes[at];
			if (length === undefined) return undefined;
			if (length < POINTER) return length > LONGEST_LABEL || at + length >= bytes.length ? undefined : at;
			if (at + 1 >= bytes.length) return undefined;
			at = this.number(at) & 0x3fff;
			if (at >= before || at < HEADER) return undefined;
		}
	}

	/** Is it the name there? ASCII letters are alike (RFC 6762 §16). */
	matches(start: number, name: Name): boolean {
		const bytes = this.#bytes;
		let own = 0;
		for (let at = this.label(start); at !== undefined; at = this.label(at)) {
			const length = bytes[at]!;
			this.#effort--;
			if (name[own] !== length || this.#effort < 0) return false;
			if (length === 0) return true;
			at++;
			own++;
			for (const end = own + length; own < end; at++, own++)
				if (name[own] !== bytes[at] && lower(name[own]!) !== lower(bytes[at]!)) {
					this.#effort -= own;
					return false;
				}
			this.#effort -= length;
		}
		return false;
	}

	/** The name there, in one piece. `undefined`: there is none, it is longer than so many bytes, or what it holds is no text. */
	name(start: number, longest: number): Name | undefined {
		const bytes = this.#bytes;
		const whole = new Uint8Array(longest);
		let size = 0;
		for (let at = this.label(start); at !== undefined; at = this.label(at)) {
			const length = bytes[at]!;
			this.#effort -= 1 + length;
			if (size + 1 + length > longest || this.#effort < 0) return undefined;
			for (const end = at + 1 + length; at < end; at++) whole[size++] = bytes[at]!;
			if (length > 0) continue;
			const name = whole.slice(0, size);
			return textOf(name) === undefined ? undefined : name;
		}
		return undefined;
	}

	/** A copy of bytes of the record's data, from their beginning. */
	copy(length: number): Uint8Array {
		return this.#bytes.slice(this.data, this.data + length);
	}

	/** The number of 16 bits there. */
	number(at: number): number {
		return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
	}

	/** The byte there. */
	byte(at: number): number {
		return this.#bytes[at]!;
	}

	/** Where the name there ends; beyond the message when it does not. */
	#skip(at: number): number {
		const bytes = this.#bytes;
		for (;;) {
			const length = bytes[at];
			if (length === undefined || (length > LONGEST_LABEL && length < POINTER)) return bytes.length;
			if (length === 0) return at + 1;
			if (length >= POINTER) return at + 2;
			at += 1 + length;
		}
	}
}

/** A text without control characters: it goes to logs. `undefined`: it is none. */
export function decode(buffer: ArrayBuffer, at: number, length: number): string | undefined {
	const bytes = new Uint8Array(buffer, at, length);
	// XS ends a text at a zero byte, accepts half surrogates, and other forms of U+0000.
	if (bytes.includes(0)) return undefined;
	try {
		const text = String.fromArrayBuffer(buffer, at, length);
		for (const character of text) if (!isPrintable(character.codePointAt(0)!)) return undefined;
		return text;
	} catch {
		return undefined;
	}
}

function isPrintable(code: number): boolean {
	return code >= 32 && (code < 0x7f || code > 0x9f) && (code < 0xd800 || code > 0xdfff);
}

/** Of an ASCII letter, the small one. */
function lower(byte: number): number {
	return byte > 64 && byte < 91 ? byte + 32 : byte;
}
