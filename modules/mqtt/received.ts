/** Ranges that are kept at most: 16 bytes each in memory. A broker counts up, so that there are few. */
const most = 64;

/**
 * Identifiers of QoS 2 messages that were delivered and not released by PUBREL yet: a message with one of them is a
 * repetition (MQTT 3.1.1 §4.3.3, MQTT-4.3.3-2). Kept as ranges, so that ten thousand in a row take no more than one.
 */
export class Received {
	/** `first * 65,536 + last`, a range each, in no order. */
	#ranges: number[] = [];

	/** Was it delivered and not released? */
	has(id: number): boolean {
		return this.find(id) >= 0;
	}

	get empty(): boolean {
		return this.#ranges.length === 0;
	}

	/** Remembers an identifier; false when there is no room for it. */
	add(id: number): boolean {
		const ranges = this.#ranges;
		if (this.find(id) >= 0) return true;
		let first = id;
		let last = id;
		for (let index = ranges.length - 1; index >= 0; index--) {
			const range = ranges[index]!;
			const from = range >>> 16;
			const to = range & 0xffff;
			if (to + 1 !== id && from - 1 !== id) continue;
			if (to + 1 === id) first = from;
			else last = to;
			ranges.splice(index, 1);
		}
		if (ranges.length >= most) return false;
		ranges.push(first * 65_536 + last);
		return true;
	}

	/** Forgets an identifier; false when there is no room for the two ranges that this leaves. */
	delete(id: number): boolean {
		const ranges = this.#ranges;
		const index = this.find(id);
		if (index < 0) return true;
		const range = ranges[index]!;
		const first = range >>> 16;
		const last = range & 0xffff;
		if (first === last) ranges.splice(index, 1);
		else if (id === first) ranges[index] = (first + 1) * 65_536 + last;
		else if (id === last) ranges[index] = range - 1;
		else {
			if (ranges.length >= most) return false;
			ranges[index] = first * 65_536 + id - 1;
			ranges.push((id + 1) * 65_536 + last);
		}
		return true;
	}

	clear(): void {
		if (this.#ranges.length > 0) this.#ranges = [];
	}

	/** Writes the ranges at an offset, 4 bytes each; returns the offset behind them. */
	write(view: DataView, at: number): number {
		for (const range of this.#ranges) {
			view.setUint32(at, range);
			at += 4;
		}
		return at;
	}

	/** Bytes that `write` needs. */
	get byteLength(): number {
		return this.#ranges.length * 4;
	}

	/** Takes what `write` wrote; what is no range is left out. */
	read(view: DataView, at: number): void {
		this.clear();
		for (; at + 4 <= view.byteLength && this.#ranges.length < most; at += 4) {
			const range = view.getUint32(at);
			const first = range >>> 16;
			if (first > 0 && first <= (range & 0xffff)) this.#ranges.push(range);
		}
	}

	private find(id: number): number {
		const ranges = this.#ranges;
		for (let index = 0; index < ranges.length; index++) {
			const range = ranges[index]!;
			if ((range & 0xffff) >= id && range >>> 16 <= id) return index;
		}
		return -1;
	}
}
