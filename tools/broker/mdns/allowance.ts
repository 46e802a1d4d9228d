/** Bounds how often something is done: `rate` times a second, and as many at once (a token bucket). */
export class Allowance {
	readonly #rate: number;
	readonly #now: () => number;
	#left: number;
	#last: number;

	/** `now`: a clock in ms. */
	constructor(rate: number, now: () => number = () => performance.now()) {
		this.#rate = rate;
		this.#now = now;
		this.#left = rate;
		this.#last = now();
	}

	/** True when it may be done once more, which then counts. */
	take(): boolean {
		const now = this.#now();
		this.#left = Math.min(this.#rate, this.#left + ((now - this.#last) * this.#rate) / 1000);
		this.#last = now;
		if (this.#left < 1) return false;
		this.#left--;
		return true;
	}
}
