/** Time for everything around a node: the wall clock, or virtual time that jumps from event to event. */
export interface Clock {
	readonly virtual: boolean;
	/** Milliseconds since the simulation started; monotonic. */
	now(): number;
	/** The world's date in milliseconds since 1970. */
	date(): number;
	/** Runs `callback` once, after `delay` ms. Never synchronously. */
	set(callback: () => void, delay: number): TimerHandle;
	/** `undefined` and handles that ran are accepted. */
	clear(handle: TimerHandle | undefined): void;
	/** Runs `callback` once what runs now is over, without delay. */
	soon(callback: () => void): void;
	/** Blocks the process for `milliseconds`. Not in virtual time. */
	block(milliseconds: number): void;
}

/** Identifies a timer of one clock. */
export interface TimerHandle {
	/** When it runs, in ms of `now()`. */
	readonly due: number;
}
