import type { Writable } from "node:stream";
import type { LogView, MessageView, NodeState, NodeUpdate } from "./protocol";

/** Between two updates to one page (ms): at most 20 a second. */
const PACE = 50;
/** Messages, and log lines, that wait for a slow page; older ones are left out. */
const LONGEST_QUEUE = 200;

/** What changes as a whole, and when that was. */
export type Changing = Pick<NodeState, "date" | "vitals" | "parts" | "channels">;

/**
 * One page that watches one node. Changes are gathered and sent at most 20 times a second; while the page does not read
 * they are gathered on, so that it gets the latest state and not every one between. Memory is bounded.
 */
export class Feed {
	readonly #stream: Writable;
	readonly #changing: () => Changing;
	/** What the page knows: JSON by section. */
	readonly #known = new Map<string, string>();
	#messages: MessageView[] = [];
	#log: LogView[] = [];
	#dropped = 0;
	#timer: NodeJS.Timeout | undefined;
	#last = 0;
	#blocked = false;
	#closed = false;

	/** Sends `state` at once, and what `changing` tells from then on. */
	constructor(stream: Writable, state: NodeState, changing: () => Changing) {
		this.#stream = stream;
		this.#changing = changing;
		this.#difference(state);
		this.#write(`retry: 1000\n${event("state", state)}`);
	}

	/** Something may have changed. */
	touch(): void {
		if (this.#timer !== undefined || this.#blocked || this.#closed) return;
		this.#timer = setTimeout(() => this.#flush(), Math.max(0, this.#last + PACE - performance.now()));
	}

	message(message: MessageView): void {
		this.#queue(this.#messages, message);
	}

	log(line: LogView): void {
		this.#queue(this.#log, line);
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#stream.end();
	}

	#queue<T>(queue: T[], item: T): void {
		if (queue.length === LONGEST_QUEUE) {
			queue.shift();
			this.#dropped += 1;
		}
		queue.push(item);
		this.touch();
	}

	#flush(): void {
		this.#timer = undefined;
		const update: { -readonly [K in keyof NodeUpdate]: NodeUpdate[K] } = this.#difference(this.#changing());
		if (this.#messages.length > 0) update.messages = this.#messages;
		if (this.#log.length > 0) update.log = this.#log;
		if (this.#dropped > 0) update.dropped = this.#dropped;
		this.#messages = [];
		this.#log = [];
		this.#dropped = 0;
		this.#write(event("update", update));
	}

	/** What the page does not know yet. */
	#difference({ date, vitals, parts, channels }: Changing): NodeUpdate {
		const difference: { -readonly [K in keyof NodeUpdate]: NodeUpdate[K] } = { date };
		if (this.#news("vitals", vitals)) difference.vitals = vitals;
		const newParts = Object.entries(parts).filter(([name, part]) => this.#news(`part ${name}`, part));
		if (newParts.length > 0) difference.parts = Object.fromEntries(newParts);
		const newChannels = Object.entries(channels).filter(([name, channel]) => this.#news(`channel ${name}`, channel));
		if (newChannels.length > 0) difference.channels = Object.fromEntries(newChannels);
		return difference;
	}

	#news(section: string, value: object): boolean {
		const json = JSON.stringify(value);
		if (this.#known.get(section) === json) return false;
		this.#known.set(section, json);
		return true;
	}

	#write(text: string): void {
		this.#last = performance.now();
		if (this.#stream.write(text)) return;
		this.#blocked = true;
		this.#stream.once("drain", () => {
			this.#blocked = false;
			this.touch();
		});
	}
}

function event(name: string, value: object): string {
	return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
