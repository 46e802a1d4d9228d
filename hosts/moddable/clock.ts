import type { Clock, TimerHandle } from "../shared/clock";
import { NativeTimer } from "./timer";

/** The computer's date; the firmware's is another one (NodeDate). */
const { now: realDate } = Date;

/** When nothing waits (ms). */
const NEVER = 2 ** 31 - 1;

class Entry implements TimerHandle {
	readonly due: number;
	callback: (() => void) | undefined;
	next: Entry | undefined;

	constructor(due: number, callback: () => void) {
		this.due = due;
		this.callback = callback;
	}
}

/**
 * The wall clock. All its timers are one of the SDK's: that counts its timers in 16 bits, and the one that gets the number 0
 * never runs (modTimer of `lin`, 8.2.3). Its repeat is as long as its first wait, and never 0: with any other, one that is set
 * anew while it runs is set twice, and the second time it outlives its machine.
 */
export class ModdableClock implements Clock {
	readonly virtual = false;
	readonly #start = realDate();
	#first: Entry | undefined;
	#timer: object | undefined;

	now(): number {
		return realDate() - this.#start;
	}

	date(): number {
		return realDate();
	}

	set(callback: () => void, delay: number): TimerHandle {
		const entry = new Entry(this.now() + Math.max(0, delay), callback);
		let before = this.#first;
		if (!before || before.due > entry.due) {
			entry.next = before;
			this.#first = entry;
			this.#arm();
			return entry;
		}
		while (before.next && before.next.due <= entry.due) before = before.next;
		entry.next = before.next;
		before.next = entry;
		return entry;
	}

	clear(handle: TimerHandle | undefined): void {
		if (handle) (handle as Entry).callback = undefined;
	}

	soon(callback: () => void): void {
		this.set(callback, 0);
	}

	block(milliseconds: number): void {
		NativeTimer.delay(Math.ceil(milliseconds));
	}

	#arm(): void {
		const due = this.#first?.due ?? Number.POSITIVE_INFINITY;
		const delay = Math.min(NEVER, Math.max(1, Math.ceil(due - this.now())));
		if (this.#timer) NativeTimer.schedule(this.#timer, delay, delay);
		else this.#timer = NativeTimer.set(() => this.#run(), delay, delay);
	}

	/** What is due now; what that adds waits for the next turn, so that sockets have theirs. */
	#run(): void {
		const now = this.now();
		let last: Entry | undefined;
		for (let entry = this.#first; entry && entry.due <= now; entry = entry.next) last = entry;
		let entry: Entry | undefined;
		if (last) {
			entry = this.#first;
			this.#first = last.next;
			last.next = undefined;
		}
		try {
			for (; entry; entry = entry.next) {
				const { callback } = entry;
				entry.callback = undefined;
				callback?.();
			}
		} finally {
			this.#arm();
		}
	}
}
