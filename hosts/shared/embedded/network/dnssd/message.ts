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
/** Bytes of a name (RFC 1035 §2.3.4). */
const LONGEST_NAME = 255;
/** QR, opcode and RCODE of the header's flags: what a response has there (RFC 6762 §18.2, §18.3, §18.11). */
const KIND = 0xf80f;
const RESPONSE = 0x8000;

/** Labels of a name, without the root. */
export type Name = readonly string[];

/** Does a name stand for the same? ASCII letters are alike (RFC 6762 §16). */
export function sameName(one: Name, other: Name): boolean {
	return one.length === other.length && one.every((label, index) => sameLabel(label, other[index]!));
}

export function sameLabel(one: string, other: string): boolean {
	return one === other || one.toLowerCase() === other.toLowerCase();
}

/** A query with one question, whose answer may come to the asker alone. */
export function queryOf(id: number, name: Name, type: number): ArrayBuffer {
	const labels = name.map((label) => new Uint8Array(ArrayBuffer.fromString(label)));
	const bytes = new Uint8Array(labels.reduce((length, label) => length + 1 + label.length, HEADER + 5));
	const view = new DataView(bytes.buffer);
	view.setUint16(0, id);
	view.setUint16(4, 1);
	let at = HEADER;
	for (const label of labels) {
		bytes[at] = label.length;
		bytes.set(label, at + 1);
		at += 1 + label.length;
	}
	view.setUint16(at + 1, type);
	view.setUint16(at + 3, CLASS_IN | TOP_BIT);
	return bytes.buffer;
}

/** A record of a message, valid while it is looked at. */
export interface ResourceRecord {
	readonly name: Name;
	/** Seconds; 0 says that it is no more. */
	readonly ttl: number;
	/** Where its data are in the message, and how many bytes. */
	readonly at: number;
	readonly length: number;
}

/** A response as it came from the network: nothing in it is trusted. */
export class Response {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;

	constructor(packet: ArrayBuffer) {
		this.#bytes = new Uint8Array(packet);
		this.#view = new DataView(packet);
	}

	/** Is it one, and what number does it answer to? `undefined`: it is none. */
	get id(): number | undefined {
		if (this.#bytes.length < HEADER || (this.#view.getUint16(2) & KIND) !== RESPONSE) return undefined;
		return this.#view.getUint16(0);
	}

	/** Calls `each` for all records of a type, of all sections, up to where the message makes no sense. */
	records(type: number, each: (record: ResourceRecord) => void): void {
		const view = this.#view;
		const { byteLength } = view;
		let at = HEADER;
		for (let left = view.getUint16(4); left > 0; left--) {
			at = this.#skip(at) + 4;
			if (at > byteLength) return;
		}
		for (let left = view.getUint16(6) + view.getUint16(8) + view.getUint16(10); left > 0; left--) {
			const start = at;
			at = this.#skip(at) + 10;
			if (at > byteLength) return;
			const length = view.getUint16(at - 2);
			if (at + length > byteLength) return;
			if (view.getUint16(at - 10) === type && (view.getUint16(at - 8) & ~TOP_BIT) === CLASS_IN) {
				const name = this.name(start);
				if (name) each({ name, ttl: view.getUint32(at - 6), at, length });
			}
			at += length;
		}
	}

	/** The name there, in one piece or in several (RFC 1035 §4.1.4). `undefined`: there is none. */
	name(at: number): Name | undefined {
		const bytes = this.#bytes;
		const labels: string[] = [];
		let size = 0;
		// Pointers lead backwards only, so that they come to an end.
		for (let before = at; ; ) {
			const length = bytes[at];
			if (length === undefined) return undefined;
			if (length === 0) return labels;
			if (length >= 0xc0) {
				const next = bytes[at + 1];
				if (next === undefined) return undefined;
				at = ((length & 0x3f) << 8) | next;
				if (at >= before || at < HEADER) return undefined;
				before = at;
				continue;
			}
			size += 1 + length;
			if (length > 63 || size > LONGEST_NAME) return undefined;
			const label = this.text(at + 1, length);
			if (label === undefined) return undefined;
			labels.push(label);
			at += 1 + length;
		}
	}

	/** A text without control characters: it goes to logs. `undefined`: it is none. */
	text(at: number, length: number): string | undefined {
		const bytes = this.#bytes;
		if (at + length > bytes.length) return undefined;
		// XS ends a text at a zero byte, accepts half surrogates, and other forms of U+0000.
		for (let index = at; index < at + length; index++) if (bytes[index] === 0) return undefined;
		try {
			const text = String.fromArrayBuffer(bytes.buffer as ArrayBuffer, at, length);
			for (const character of text) if (!isPrintable(character.codePointAt(0)!)) return undefined;
			return text;
		} catch {
			return undefined;
		}
	}

	/** The number of 16 bits there. */
	number(at: number): number {
		return this.#view.getUint16(at);
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
			if (length === undefined || (length > 63 && length < 0xc0)) return bytes.length;
			if (length === 0) return at + 1;
			if (length >= 0xc0) return at + 2;
			at += 1 + length;
		}
	}
}

function isPrintable(code: number): boolean {
	return code >= 32 && (code < 0x7f || code > 0x9f) && (code < 0xd800 || code > 0xdfff);
}
