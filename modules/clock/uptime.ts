import Time from "time";

/** Time since the boot. `Time.ticks` wraps after weeks: asked at least once a day, this does not. */
export class Uptime {
	#milliseconds = 0;
	#last = Time.ticks;

	/** Seconds since this object was made, with a fraction. */
	get seconds(): number {
		const now = Time.ticks;
		this.#milliseconds += Time.delta(this.#last, now);
		this.#last = now;
		return this.#milliseconds / 1000;
	}
}
