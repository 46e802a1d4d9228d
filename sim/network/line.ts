import { sequence } from "../world/random";

/** What may be said about a line; members that are left out stay as they are. */
export interface LineChange {
	/** ms that every packet takes longer, one way: 0..5,000. */
	readonly latency?: number | undefined;
	/** Of the packets that are lost, in percent: 0..50. */
	readonly loss?: number | undefined;
	/** False: nothing passes, and nobody says so. */
	readonly reachable?: boolean | undefined;
}

export const LONGEST_LATENCY = 5000;
export const HEAVIEST_LOSS = 50;

/** TCP sends a lost packet again after so many ms, then after twice that (RFC 6298). */
const RETRANSMISSION = 200;
const MOST_RETRANSMISSIONS = 6;

/** What lies between one node and the servers that it reaches. Nothing is wrong with it until it is told so. */
export class Line {
	#latency = 0;
	#loss = 0;
	#reachable = true;
	readonly #random: () => number;
	readonly #listeners = new Set<() => void>();

	/** `seed`: of which packets are lost. */
	constructor(seed: number) {
		this.#random = sequence(seed);
	}

	get latency(): number {
		return this.#latency;
	}

	get loss(): number {
		return this.#loss;
	}

	get reachable(): boolean {
		return this.#reachable;
	}

	/** Nothing is wrong with it: bytes pass at once. */
	get perfect(): boolean {
		return this.#latency === 0 && this.#loss === 0 && this.#reachable;
	}

	/** Throws RangeError, and changes nothing, when a figure is out of its range. */
	change({ latency = this.#latency, loss = this.#loss, reachable = this.#reachable }: LineChange): void {
		within("latency", latency, LONGEST_LATENCY, "ms");
		within("loss", loss, HEAVIEST_LOSS, "%");
		this.#latency = latency;
		this.#loss = loss;
		this.#reachable = reachable;
		for (const listener of [...this.#listeners]) listener();
	}

	/** ms that the next packet takes: its way, and what it takes to send it again when it is lost. */
	delay(): number {
		let delay = this.#latency;
		for (let count = 0; count < MOST_RETRANSMISSIONS && this.lost(); count++) delay += RETRANSMISSION * 2 ** count;
		return delay;
	}

	/** True for a packet that does not arrive. */
	lost(): boolean {
		return this.#loss > 0 && this.#random() * 100 < this.#loss;
	}

	/** Told after each change; returns what ends that. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}
}

function within(name: string, value: number, high: number, unit: string): void {
	if (!(value >= 0 && value <= high)) throw new RangeError(`${name}: ${value} is outside 0..${high} ${unit}`);
}
