/** What a stretch of bytes belongs to: the parts of every MQTT control packet. */
export type Part = "control" | "remaining" | "header" | "properties" | "payload";

/** Some bytes of a packet, by their name in the standard. */
export interface Field {
	readonly part: Part;
	readonly name: string;
	readonly from: number;
	/** Not included. */
	readonly to: number;
	/** For people. */
	readonly value: string;
}

const decoder = new TextDecoder();

/** Reads a packet from its first byte on and writes down what each byte is. Throws RangeError where the bytes end too soon. */
export class ByteReader {
	readonly fields: Field[] = [];
	readonly #bytes: Uint8Array;
	#position = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get position(): number {
		return this.#position;
	}

	get length(): number {
		return this.#bytes.length;
	}

	peek(): number {
		return this.#at(this.#position);
	}

	byte(part: Part, name: string, tell: (value: number) => string = String): number {
		const value = this.#at(this.#position);
		this.#add(part, name, 1, tell(value));
		return value;
	}

	two(part: Part, name: string, tell: (value: number) => string = String): number {
		const value = this.#at(this.#position) * 256 + this.#at(this.#position + 1);
		this.#add(part, name, 2, tell(value));
		return value;
	}

	four(part: Part, name: string): number {
		let value = 0;
		for (let index = 0; index < 4; index++) value = value * 256 + this.#at(this.#position + index);
		this.#add(part, name, 4, String(value));
		return value;
	}

	/** A Variable Byte Integer (MQTT-1.5.5): seven bits a byte, at most four bytes. */
	variable(part: Part, name: string): number {
		let value = 0;
		for (let index = 0; index < 4; index++) {
			const byte = this.#at(this.#position + index);
			value += (byte & 127) * 128 ** index;
			if (byte >= 128) continue;
			this.#add(part, name, index + 1, String(value));
			return value;
		}
		throw new RangeError("a Variable Byte Integer has at most four bytes");
	}

	/** Two bytes of length, then so many of text. */
	text(part: Part, name: string, tell: (text: string) => string = (text) => text): string {
		const length = this.#at(this.#position) * 256 + this.#at(this.#position + 1);
		const from = this.#position + 2;
		if (from + length > this.#bytes.length) throw new RangeError("cut");
		const text = decoder.decode(this.#bytes.subarray(from, from + length));
		this.#add(part, `${name}: length`, 2, String(length));
		if (length > 0) this.#add(part, name, length, tell(text));
		return text;
	}

	/** What is left, up to `end`. */
	rest(part: Part, name: string, end = this.#bytes.length): void {
		const to = Math.min(end, this.#bytes.length);
		if (to <= this.#position) return;
		const text = decoder.decode(this.#bytes.subarray(this.#position, to));
		this.#add(part, name, to - this.#position, text);
	}

	#at(index: number): number {
		const byte = this.#bytes[index];
		if (byte === undefined) throw new RangeError("cut");
		return byte;
	}

	#add(part: Part, name: string, length: number, value: string): void {
		this.fields.push({ part, name, from: this.#position, to: this.#position + length, value });
		this.#position += length;
	}
}
