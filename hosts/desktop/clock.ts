import type { Clock, TimerHandle } from "../shared/clock";

interface Entry extends TimerHandle {
	readonly order: number;
	callback: (() => void) | undefined;
}

interface RealEntry extends TimerHandle {
	timeout: NodeJS.Timeout;
}

/** Wall-clock time. */
export class RealClock implements Clock {
	readonly virtual = false;
	readonly #start = performance.now();

	now(): number {
		return performance.now() - this.#start;
	}

	date(): number {
		return Date.now();
	}

	set(callback: () => void, delay: number): TimerHandle {
		// setTimeout may run up to a millisecond early; Math.ceil keeps "not before".
		return {
			due: this.now() + delay,
			timeout: setTimeout(callback, Math.min(Math.ceil(delay), 0x7fffffff)),
		} as RealEntry;
	}

	clear(handle: TimerHandle | undefined): void {
		if (handle) clearTimeout((handle as RealEntry).timeout);
	}

	soon(callback: () => void): void {
		setImmediate(callback);
	}

	block(milliseconds: number): void {
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
	}
}

/** Virtual time starts here: 2026-01-01T00:00:00Z. */
export const VIRTUAL_EPOCH = Date.UTC(2026, 0, 1);

/**
 * Virtual times are whole multiples of 1/1024 ms, rounded up: their sums and differences are exact, so that a timer which
 * waits for the rest of a time finds it over, however odd the time at which its node booted.
 */
const STEPS = 1024;

/** Virtual time keeps the process busy for at most so long (ms of wall clock). */
const LONGEST_BREATH = 20;

/** Virtual time: stands still until `run` moves it on to the next timer. Equal times run in the order in which they were set. */
export class VirtualClock implements Clock {
	readonly virtual = true;
	#now = 0;
	#order = 0;
	/** A binary heap by (due, order). */
	readonly #heap: Entry[] = [];
	readonly #settle: () => Promise<void> | undefined;

	/** `settle` is awaited after each instant's timers: it ends once nothing asynchronous is under way (a stream, a broker). */
	constructor(settle: () => Promise<void> | undefined = () => undefined) {
		this.#settle = settle;
	}

	now(): number {
		return this.#now;
	}

	date(): number {
		return VIRTUAL_EPOCH + this.#now;
	}

	set(callback: () => void, delay: number): TimerHandle {
		const due = Math.ceil((this.#now + Math.max(0, delay)) * STEPS) / STEPS;
		const entry: Entry = { due, order: this.#order++, callback };
		const heap = this.#heap;
		let index = heap.length;
		heap.push(entry);
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (before(heap[parent]!, entry)) break;
			heap[index] = heap[parent]!;
			index = parent;
		}
		heap[index] = entry;
		return entry;
	}

	clear(handle: TimerHandle | undefined): void {
		if (handle) (handle as Entry).callback = undefined;
	}

	soon(callback: () => void): void {
		this.set(callback, 0);
	}

	/** Always throws: a node that waits is ahead of its world instead (NodeClock). */
	block(): never {
		throw new Error("virtual time stands still while it is waited for");
	}

	/** Runs all that is due up to `end` (ms of `now()`), then stands at `end`; ends early when `stopped` says so. */
	async run(end: number, stopped: () => boolean = () => false): Promise<void> {
		let breath = performance.now();
		for (;;) {
			const settling = this.#settle();
			if (settling) await settling;
			// Signals and sockets of this computer want their turn, too.
			if (performance.now() - breath > LONGEST_BREATH) {
				await new Promise((resolve) => setImmediate(resolve));
				breath = performance.now();
			}
			if (stopped()) return;
			const next = this.#heap[0];
			if (!next || next.due > end) break;
			this.#take();
			if (!next.callback) continue;
			this.#now = next.due;
			const callback = next.callback;
			next.callback = undefined;
			callback();
		}
		if (Number.isFinite(end)) this.#now = Math.max(this.#now, Math.floor(end * STEPS) / STEPS);
	}

	#take(): void {
		const heap = this.#heap;
		const last = heap.pop()!;
		const length = heap.length;
		if (length === 0) return;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			if (child >= length) break;
			if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
			if (before(last, heap[child]!)) break;
			heap[index] = heap[child]!;
			index = child;
		}
		heap[index] = last;
	}
}

function before(a: Entry, b: Entry): boolean {
	return a.due < b.due || (a.due === b.due && a.order < b.order);
}
