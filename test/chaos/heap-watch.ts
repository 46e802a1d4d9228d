/** Bytes by which what a node holds on to may differ from look to look: a timer is set or not, a list is empty or was never made. */
const TOLERANCE = 1_024;

/** One look at a node's heap, when nothing was under way: bytes in use after garbage collection, and names of properties. */
export interface Look {
	readonly used: number;
	readonly keys: number;
}

/** Sees whether a heap grows. */
export class HeapWatch {
	readonly #looks: Look[] = [];

	add(look: Look): void {
		this.#looks.push(look);
	}

	get looks(): number {
		return this.#looks.length;
	}

	/** Bytes in use at the first look, and at the last; 0 without one. */
	get first(): number {
		return this.#looks[0]?.used ?? 0;
	}

	get last(): number {
		return this.#looks.at(-1)?.used ?? 0;
	}

	/** What is wrong; `undefined`: the heap is flat. */
	get growth(): string | undefined {
		const [first, ...others] = this.#looks;
		for (const { used, keys } of others) {
			if (used > first!.used + TOLERANCE) return `the heap grew from ${first!.used} to ${used} bytes`;
			if (keys > first!.keys) return `the engine's keys grew from ${first!.keys} to ${keys}`;
		}
		return undefined;
	}
}
