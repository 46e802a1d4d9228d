declare module "timer" {
	/** An opaque timer. */
	class Timer {
		private constructor();
		private readonly brand;
		/** Runs `callback` once after `interval` ms (0 when omitted), then every `repeat` ms when given. */
		static set(this: void, callback: (timer: Timer) => void, interval?: number, repeat?: number): Timer;
		/** Runs `callback` every `interval` ms. */
		static repeat(this: void, callback: (timer: Timer) => void, interval: number): Timer;
		/** Changes when a timer runs next, and its repeat; without an interval it is suspended. */
		static schedule(this: void, timer: Timer, interval?: number, repeat?: number): void;
		/** Ends a timer; `undefined` and an ended timer are accepted. */
		static clear(this: void, timer: Timer | undefined | null): void;
		/** Waits, blocking the node. */
		static delay(this: void, milliseconds: number): void;
	}
	export default Timer;
}

declare module "time" {
	const Time: {
		/** Sets the clock: seconds since 1970-01-01T00:00:00Z (a fraction is accepted). */
		set(seconds: number): void;
		/** Milliseconds since an arbitrary start; wraps. Compare with `delta`. */
		readonly ticks: number;
		/** `end - start` in ms, right across a wrap; `end` defaults to now. */
		delta(start: number, end?: number): number;
		/** Offset from UTC in seconds. */
		timezone: number;
		/** Daylight saving time in seconds. */
		dst: number;
	};
	export default Time;
}
