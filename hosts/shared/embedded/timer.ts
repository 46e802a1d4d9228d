/**
 * The `timer` module, as Moddable's behaves on the board. One list, in order of time, and one alarm of the host: a timer
 * costs one object, and no call into the host unless it is the next to run.
 */
import { call } from "vagalume:host";
import { ALARM_HANDLE, SystemOperation } from "../operations/system";
import { attach } from "./dispatch";

type Callback = (timer: Timer) => void;

/** `repeat` of a timer that was suspended: it does not end after its callback. */
const SUSPENDED = -1;

/** A repeating timer that is late by more does not catch up (ms). */
const LATE = 1000;

let first: Timer | undefined;
let attached = false;
/** When the host's alarm rings (ms since boot); Infinity: not set. */
let alarm = Number.POSITIVE_INFINITY;

class Timer {
	#callback: Callback | undefined;
	#due = 0;
	#repeat = 0;
	#next: Timer | undefined;
	#listed = false;

	/** Not for scripts: see `set`. */
	constructor(callback: Callback, repeat: number) {
		if (typeof callback !== "function") throw new TypeError("Timer: callback is not a function");
		this.#callback = callback;
		this.#repeat = repeat;
	}

	static set(callback: Callback, interval = 0, repeat = 0): Timer {
		const timer = new Timer(callback, toInterval(repeat));
		timer.#insert(now() + toInterval(interval));
		arm();
		return timer;
	}

	static repeat(callback: Callback, interval: number): Timer {
		return Timer.set(callback, interval, interval);
	}

	/** Throws for a timer that has ended: one that ran once is over when its callback returns. */
	static schedule(timer: Timer, interval?: number, repeat = 0): void {
		if (!(#callback in timer) || !timer.#callback) throw new Error("Timer.schedule: not a running timer");
		timer.#remove();
		if (interval === undefined) timer.#repeat = SUSPENDED;
		else {
			timer.#repeat = toInterval(repeat);
			timer.#insert(now() + toInterval(interval));
			arm();
		}
	}

	static clear(timer: Timer | undefined | null): void {
		if (typeof timer !== "object" || timer === null || !(#callback in timer)) return;
		timer.#remove();
		timer.#callback = undefined;
	}

	static delay(milliseconds: number): void {
		call(SystemOperation.delay, toInterval(milliseconds));
	}

	/** Runs the first timer that is due; the next one gets an event of its own. */
	static onEvent(): void {
		alarm = Number.POSITIVE_INFINITY;
		const timer = first;
		const time = now();
		if (timer && timer.#due <= time) {
			timer.#remove();
			// Not drifting, as on the board: one that is late catches up. After a second (the PC slept) it begins anew.
			const next = timer.#due + timer.#repeat;
			if (timer.#repeat > 0) timer.#insert(next < time - LATE ? time : next);
			arm();
			timer.#callback?.call(globalThis, timer);
			if (timer.#repeat === 0) Timer.clear(timer);
		} else arm();
	}

	static get firstDue(): number {
		return first ? first.#due : Number.POSITIVE_INFINITY;
	}

	#insert(due: number): void {
		this.#due = due;
		this.#listed = true;
		if (!first || first.#due > due) {
			this.#next = first;
			first = this;
			return;
		}
		let before = first;
		while (before.#next && before.#next.#due <= due) before = before.#next;
		this.#next = before.#next;
		before.#next = this;
	}

	#remove(): void {
		if (!this.#listed) return;
		this.#listed = false;
		if (first === this) first = this.#next;
		else {
			let before = first;
			while (before && before.#next !== this) before = before.#next;
			if (before) before.#next = this.#next;
		}
		this.#next = undefined;
	}
}

/** A removed timer leaves its alarm set: it rings once more and finds nothing due. */
function arm(): void {
	const due = Timer.firstDue;
	if (due >= alarm) return;
	if (!attached) {
		attached = true;
		attach(ALARM_HANDLE, Timer);
	}
	alarm = due;
	call(SystemOperation.alarm, due - exactNow());
}

/** Whole ms since boot. */
function now(): number {
	return Math.floor(exactNow());
}

function exactNow(): number {
	return call(SystemOperation.now) as number;
}

function toInterval(value: number): number {
	return Math.max(0, Math.trunc(Number(value)) || 0);
}

/** What scripts see: functions, no constructor. */
export default Object.freeze({
	set: Timer.set,
	repeat: Timer.repeat,
	schedule: Timer.schedule,
	clear: Timer.clear,
	delay: Timer.delay,
});
