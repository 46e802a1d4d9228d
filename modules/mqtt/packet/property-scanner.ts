import type { Decoder } from "./decoder";
import {
	type AliasHolder,
	beyond,
	decodeAlias,
	fixedSize,
	longVariable,
	receivedProperty,
	variableSize,
} from "./property-decoder";
import { PAIRS, TOPIC_ALIAS, VARIABLE } from "./property-table";
import { packetNames } from "./types";

/** Passes over properties that do not fit the window: checks their structure, and keeps a topic alias. */
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
			if (this.#hop === 0 && !this.#head(decoder)) return false;
			const there = decoder.end - decoder.start;
			const count = there < this.#hop ? there : this.#hop;
			decoder.start += count;
			this.#hop -= count;
			this.#left -= count;
			if (this.#hop > 0) return false;
		}
		return true;
	}

	/** Reads what a property begins with. False when that is not there yet. */
	#head(decoder: Decoder): boolean {
		const { bytes, start, end } = decoder;
		const left = this.#left;
		const limit = end - start < left ? end : start + left;
		if (start === limit) return false;
		let at = start;
		// The value of a user property has no identifier of its own.
		const property = this.#paired ? undefined : receivedProperty(bytes[at++]!, this.#where);
		const name = property === undefined ? "userProperties" : property.name;
		const what = `${packetNames[this.#where]}: ${name}`;
		let size = property === undefined ? 0 : fixedSize(property.kind);
		const isAlias = property !== undefined && property.id === TOPIC_ALIAS;
		// What has to be there for the size to be known.
		let needed = size === 0 || isAlias ? 2 : 0;
		if (property !== undefined && property.kind === VARIABLE) {
			needed = size = variableSize(bytes, at, limit);
			if (size === 0) throw longVariable(what);
		}
		if (at + needed > limit) {
			if (limit - start === left) throw beyond(what);
			return false;
		}
		if (size === 0) size = 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
		if (at + size - start > left) throw beyond(what);
		if (isAlias) decodeAlias(bytes, at, this);
		this.#paired = property !== undefined && property.kind === PAIRS;
		decoder.start = at;
		this.#left = left - (at - start);
		this.#hop = size;
		return true;
	}
}
