const base = 1000;
const cap = 30_000;
/** A connection that stood this long, in ms, is a good one: the next attempt comes soon again. */
const stable = 30_000;

/** When to connect again: 1 s + random(0 .. min(30 s, 1 s x 2^n)), n counting the attempts since the last good connection. */
export class Backoff {
	#attempts = 0;
	readonly #random: () => number;

	/** @param random returns 0 (inclusive) to 1 (exclusive) */
	constructor(random: () => number) {
		this.#random = random;
	}

	/** The next delay, in ms. */
	next(): number {
		const span = Math.min(cap, base * 2 ** Math.min(this.#attempts, 16));
		this.#attempts++;
		return Math.round(base + this.#random() * span);
	}

	/** Tells how long a connection stood, in ms; negative after more than 24 days, when the difference of two ticks wraps. */
	stood(duration: number): void {
		if (duration >= stable || duration < 0) this.#attempts = 0;
	}
}
