import { RealClock } from "../../hosts/desktop/clock";
import type { Clock, TimerHandle } from "../../hosts/shared/clock";

/** The wall clock, run faster: what takes a node a minute is over in a moment, while bytes and brokers go at their own pace. */
export class ScaledClock implements Clock {
	readonly virtual = false;
	readonly #clock = new RealClock();
	readonly #factor: number;

	/** @param factor ms of this clock in a ms of the wall clock */
	constructor(factor: number) {
		this.#factor = factor;
	}

	now(): number {
		return this.#clock.now() * this.#factor;
	}

	date(): number {
		return this.#clock.date();
	}

	set(callback: () => void, delay: number): TimerHandle {
		return this.#clock.set(callback, delay / this.#factor);
	}

	soon(callback: () => void): void {
		this.#clock.soon(callback);
	}

	block(milliseconds: number): void {
		this.#clock.block(milliseconds / this.#factor);
	}

	clear(handle: TimerHandle | undefined): void {
		this.#clock.clear(handle);
	}
}
