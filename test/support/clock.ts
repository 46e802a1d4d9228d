/** Virtual time for unit tests: what `timer` and `time` stand for in Node. Nothing happens until `advance`. */
interface Entry {
	due: number;
	order: number;
	repeat: number | undefined;
	callback: (timer: Entry) => void;
}

let now = 0;
let order = 0;
let entries: Entry[] = [];

export const clock = {
	/** Milliseconds since `reset`. */
	get now(): number {
		return now;
	},
	/** When the next timer is due, in ms since `reset`; undefined when none is. */
	get next(): number | undefined {
		const due = Math.min(...entries.map((entry) => entry.due));
		return due < Number.POSITIVE_INFINITY ? due : undefined;
	},
	/** Timers that are still due: 0 after everything was closed. */
	get pending(): number {
		return entries.filter((entry) => entry.due !== Number.POSITIVE_INFINITY).length;
	},
	reset(): void {
		now = 0;
		entries = [];
	},
	/** Runs everything that is due within the next `milliseconds`, in order. */
	advance(milliseconds: number): void {
		const end = now + milliseconds;
		for (;;) {
			const next = entries.filter((entry) => entry.due <= end).sort((a, b) => a.due - b.due || a.order - b.order)[0];
			if (!next) break;
			now = next.due;
			if (next.repeat === undefined) entries = entries.filter((entry) => entry !== next);
			else {
				next.due = now + next.repeat;
				next.order = order++;
			}
			next.callback(next);
		}
		now = end;
	},
	add(callback: (timer: Entry) => void, interval: number, repeat: number | undefined): Entry {
		const entry = { due: now + interval, order: order++, repeat, callback };
		entries.push(entry);
		return entry;
	},
	schedule(entry: Entry, interval: number | undefined, repeat: number | undefined): void {
		entry.due = interval === undefined ? Number.POSITIVE_INFINITY : now + interval;
		entry.order = order++;
		entry.repeat = repeat;
		if (!entries.includes(entry)) entries.push(entry);
	},
	remove(entry: Entry | null | undefined): void {
		entries = entries.filter((other) => other !== entry);
	},
};
export type { Entry };
