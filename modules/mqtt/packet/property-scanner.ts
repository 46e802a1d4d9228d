import type { Decoder } from "./decoder";
import {
	type AliasHolder,
	beyond,
	decodeNumber,
	fieldSize,
	keepAlias,
	keepNumber,
	longVariable,
	receivedProperty,
	variableSize,
} from "./property-decoder";
import { PAIRS, sizes, TOPIC_ALIAS, VARIABLE } from "./property-table";
import { PUBLISH } from "./types";

/**
 * Passes over properties that do not fit the window, and checks their structure. Of a PUBLISH it keeps a topic alias, of control
 * packets the numbers: what a server allows is known, however long its reason is.
 */
export class PropertyScanner implements AliasHolder {
	alias = 0;
	#where = 0;
	/** Bytes of properties that were not passed over yet. */
	#left = 0;
	/** Bytes of the current value, or of a topic, that were not. */
	#hop = 0;
	/** The value of a user property comes, behind its name. */
	#paired = false;

	/** Begins with `count` bytes of properties. */
	begin(count: number, where: number): void {
		this.#left = count;
		this.#where = where;
		this.#hop = 0;
		this.#paired = false;
	}

	/** Begins with `count` bytes that are no properties. */
	pass(count: number): void {
		this.#hop = this.#left = count;
	}

	/** Takes what is there from the decoder's window. True when all was passed over. */
	scan(decoder: Decoder): boolean {
		while (this.#left > 0) {
			if (this.#hop === 0 && !this.head(decoder)) return false;
			const there = decoder.end - decoder.start;
			const count = there < this.#hop ? there : this.#hop;
			decoder.start += count;
			this.#hop -= count;
			this.#left -= count;
			if (this.#hop > 0) return false;
		}
		if (this.#paired) throw beyond(this.#where, "userProperties");
		return true;
	}

	/** Reads what a property begins with; all of a number. False when that is not there yet. */
	private head(decoder: Decoder): boolean {
		const { bytes, start, end } = decoder;
		const left = this.#left;
		const where = this.#where;
		const limit = end - start < left ? end : start + left;
		if (start === limit) return false;
		let at = start;
		// The value of a user property has no identifier of its own.
		const property = this.#paired ? undefined : receivedProperty(bytes[at++]!, where);
		const name = property === undefined ? "userProperties" : property.name;
		const kind = property === undefined ? PAIRS : property.kind;
		let size = sizes[kind]!;
		if (kind === VARIABLE) {
			size = variableSize(bytes, at, limit);
			if (size === 0) throw longVariable(where, name);
		}
		if (at + (size === 0 ? 2 : size) > limit) {
			if (limit - start === left) throw beyond(where, name);
			return false;
		}
		if (kind > VARIABLE) size = fieldSize(bytes, at, limit);
		else {
			const value = decodeNumber(bytes, at, size, property!, where);
			if (property!.id === TOPIC_ALIAS) keepAlias(value, this);
			else if (where !== PUBLISH) {
				decoder.properties ??= {};
				keepNumber(decoder.properties, property!, value, where);
			}
		}
		if (at + size - start > left) throw beyond(where, name);
		this.#paired = kind === PAIRS && property !== undefined;
		decoder.start = at;
		this.#left = left - (at - start);
		this.#hop = size;
		return true;
	}
}
