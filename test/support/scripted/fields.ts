/** The strings of a packet as bytes, which the oracle does not show: it decodes what is not UTF-8 as well. */
import type { Version, WirePacket } from "./wire";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** MQTT's rules go with Unicode's: no surrogates, no overlong forms. */
export function isText(bytes: Uint8Array): boolean {
	try {
		decoder.decode(bytes);
		return true;
	} catch {
		return false;
	}
}

/** Walks through the bytes of a packet. */
class Walk {
	readonly #bytes: Uint8Array;
	at = 1;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.number();
	}

	get done(): boolean {
		return this.at >= this.#bytes.length;
	}

	byte(): number {
		if (this.done) throw new Error("the client sent a packet that ends too early");
		return this.#bytes[this.at++]!;
	}

	/** A variable byte integer. */
	number(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = this.byte();
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	}

	field(): Uint8Array {
		const length = (this.byte() << 8) | this.byte();
		this.at += length;
		return this.#bytes.subarray(this.at - length, this.at);
	}

	properties(version: Version): void {
		if (version !== 5) return;
		const length = this.number();
		this.at += length;
	}
}

/** The UTF-8 strings of a packet outside its properties, as bytes. */
export function fieldsOf({ cmd, bytes, qos }: WirePacket, version: Version): Uint8Array[] {
	const walk = new Walk(bytes);
	const fields: Uint8Array[] = [];
	if (cmd === "publish") return qos >= 0 ? [walk.field()] : [];
	if (cmd === "subscribe" || cmd === "unsubscribe") {
		walk.at += 2;
		walk.properties(version);
		while (!walk.done) {
			fields.push(walk.field());
			if (cmd === "subscribe") walk.at++;
		}
	} else if (cmd === "connect") {
		fields.push(walk.field());
		walk.at++;
		const flags = walk.byte();
		walk.at += 2;
		walk.properties(version);
		fields.push(walk.field());
		if (flags & 4) {
			walk.properties(version);
			fields.push(walk.field());
			walk.field();
		}
		if (flags & 128) fields.push(walk.field());
	}
	return fields;
}
