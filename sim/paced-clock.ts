import { RealClock } from "../hosts/desktop/clock";
import type { Clock, TimerHandle } from "../hosts/shared/clock";

export const FASTEST_PACE = 60;

interface Entry extends TimerHandle {
	readonly callback: () => void;
	timer: TimerHandle | undefined;
}

/**
 * The wall clock, or time that goes up to sixty times as fast, as told while it runs: nodes and their world live in it.
 * Brokers and sockets go at their own pace.
 */
export class PacedClock implements Clock {
	readonly virtual = false;
	readonly #wall = new RealClock();
	readonly #pending = new Set<Entry>();
	#pace = 1;
	/** This time, and the wall's, when the pace was changed last. */
	#from = 0;
	#since = 0;

	/** ms of this time in a ms of the wall clock. */
	get pace(): number {
		return this.#pace;
	}

	/** 1..60; timers that wait follow. Throws RangeError. */
	setPace(pace: number): void {
		if (!(pace >= 1 && pace <= FASTEST_PACE)) throw new RangeError(`pace: ${pace} is outside 1..${FASTEST_PACE}`);
		this.#from = this.now();
		this.#since = this.#wall.now();
		this.#pace = pace;
		for (const entry of this.#pending) {
			this.#wall.clear(entry.timer);
			this.#arm(entry);
		}
	}

	now(): number {
		return this.#from + (this.#wall.now() - this.#since) * this.#pace;
	}

	date(): number {
		return this.#wall.date() + Math.round(this.now() - this.#wall.now());
	}

	set(callback: () => void, delay: number): TimerHandle {
		const entry: Entry = { due: this.now() + delay, callback, timer: undefined };
		this.#pending.add(entry);
		this.#arm(entry);
		return entry;
	}

	clear(handle: TimerHandle | undefined): void {
		if (!handle) return;
		this.#wall.clear((handle as Entry).timer);
		this.#pending.delete(handle as Entry);
	}

	soon(callback: () => void): void {
		this.#wall.soon(callback);
	}

	block(milliseconds: number): void {
		this.#wall.block(milliseconds / this.#pace);
	}

	#arm(entry: Entry): void {
		entry.timer = this.#wall.set(
			() => {
				this.#pending.delete(entry);
				entry.callback();
			},
			Math.max(0, entry.due - this.now()) / this.#pace,
		);
	}
}
