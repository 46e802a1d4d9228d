/** When to connect again: base + random(0 .. min(cap, base x 2^n)), n counting the attempts since the last good connection. */
export class Backoff {
	#attempts = 0;
	readonly #random: () => number;
	readonly #timing: { base: number; cap: number; stable: number };

	/**
	 * @param random returns 0 (inclusive) to 1 (exclusive)
	 * @param timing `base` and `cap` of the delay, and how long a good connection stands (`stable`), in ms
	 */
	constructor(random: () => number, timing: { base: number; cap: number; stable: number }) {
		this.#random = random;
		this.#timing = timing;
	}

	/** The next delay, in ms. */
	next(): number {
		const { base, cap } = this.#timing;
		const span = Math.min(cap, base * 2 ** Math.min(this.#attempts, 16));
		this.#attempts++;
		return Math.round(base + this.#random() * span);
	}

	/** Tells how long a connection stood, in ms; negative after more than 24 days, when the difference of two ticks wraps. */
	stood(duration: number): void {
		if (duration >= this.#timing.stable || duration < 0) this.#attempts = 0;
	}
}
