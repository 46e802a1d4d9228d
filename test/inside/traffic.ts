/** Messages that come back: the same measurement for every client, in XS and in Node.js. It imports nothing. */

export interface TrafficOptions {
	/** Messages under way at a time, while the rate is measured. */
	window: number;
	/** How long, in ms; a quarter of it goes before, unmeasured. */
	duration: number;
	/** Messages sent one at a time afterwards, for the latency. */
	turns: number;
}

export interface TrafficResult {
	/** Messages a second. */
	rate: number;
	/** From publish to arrival in ms: the median, and what 99 % stay below. */
	latency: number;
	latency99: number;
}

const WARMING = 0;
const MEASURING = 1;
const DRAINING = 2;
const TAKING_TURNS = 3;

/** A client publishes what it has subscribed to itself; call `arrived` for each message that comes back. */
export class Traffic {
	readonly #options: TrafficOptions;
	readonly #now: () => number;
	readonly #publish: () => void;
	readonly #done: (result: TrafficResult) => void;
	#phase = WARMING;
	#since = 0;
	#count = 0;
	#underWay = 0;
	#rate = 0;
	readonly #latencies: number[] = [];

	/** `now`: ms, as exact as can be. */
	constructor(options: TrafficOptions, now: () => number, publish: () => void, done: (result: TrafficResult) => void) {
		this.#options = options;
		this.#now = now;
		this.#publish = publish;
		this.#done = done;
	}

	/** The subscription stands. */
	start(): void {
		this.#since = this.#now();
		for (let count = 0; count < this.#options.window; count++) this.#send();
	}

	arrived(): void {
		this.#underWay--;
		const now = this.#now();
		const { duration, turns } = this.#options;
		if (this.#phase === TAKING_TURNS) {
			this.#latencies.push(now - this.#since);
			if (this.#latencies.length === turns) {
				const sorted = this.#latencies.sort((a, b) => a - b);
				this.#done({
					rate: this.#rate,
					latency: sorted[turns >> 1]!,
					latency99: sorted[Math.floor(turns * 0.99)]!,
				});
				return;
			}
			this.#since = this.#now();
			this.#send();
		} else if (this.#phase === DRAINING) {
			if (this.#underWay > 0) return;
			this.#phase = TAKING_TURNS;
			this.#since = this.#now();
			this.#send();
		} else {
			this.#count++;
			const passed = now - this.#since;
			if (this.#phase === WARMING && passed >= duration / 4) {
				this.#phase = MEASURING;
				this.#since = now;
				this.#count = 0;
			} else if (this.#phase === MEASURING && passed >= duration) {
				this.#rate = (1000 * this.#count) / passed;
				this.#phase = DRAINING;
				if (this.#underWay > 0) return;
			}
			this.#send();
		}
	}

	#send(): void {
		this.#underWay++;
		this.#publish();
	}
}
