import type { Clock, TimerHandle } from "./clock";

/**
 * A node's view of the world's clock. A node that waits in `Timer.delay` blocks itself, not the world: in virtual time its
 * own time runs ahead, and its next event waits until the world has caught up. Timers count from the node's time.
 */
export class NodeClock implements Clock {
	readonly #clock: Clock;
	readonly #onDelay: (date: number) => void;
	readonly #timers = new Set<TimerHandle>();
	#busyUntil = 0;

	/** `onDelay` is told the new date after each `delay` in virtual time. */
	constructor(clock: Clock, onDelay: (date: number) => void = () => {}) {
		this.#clock = clock;
		this.#onDelay = onDelay;
	}

	get virtual(): boolean {
		return this.#clock.virtual;
	}

	now(): number {
		return this.#clock.now() + this.ahead;
	}

	date(): number {
		return this.#clock.date() + this.ahead;
	}

	/** How far the node is ahead of the world, in ms: 0 unless it has just waited in virtual time. */
	get ahead(): number {
		return this.virtual ? Math.max(0, this.#busyUntil - this.#clock.now()) : 0;
	}

	set(callback: () => void, delay: number): TimerHandle {
		const handle = this.#clock.set(() => {
			this.#timers.delete(handle);
			callback();
		}, Math.max(0, delay) + this.ahead);
		this.#timers.add(handle);
		return handle;
	}

	clear(handle: TimerHandle | undefined): void {
		if (handle && this.#timers.delete(handle)) this.#clock.clear(handle);
	}

	/** Blocks the node for `milliseconds`; in real time the whole process with it. */
	delay(milliseconds: number): void {
		if (!(milliseconds > 0)) return;
		if (this.virtual) {
			this.#busyUntil = this.now() + milliseconds;
			this.#onDelay(this.date());
		} else this.block(milliseconds);
	}

	soon(callback: () => void): void {
		if (this.virtual) this.set(callback, 0);
		else this.#clock.soon(callback);
	}

	block(milliseconds: number): void {
		this.#clock.block(milliseconds);
	}

	/** Ends all timers that were set through this clock. */
	close(): void {
		for (const handle of this.#timers) this.#clock.clear(handle);
		this.#timers.clear();
	}
}
