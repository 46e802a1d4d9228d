import type { Writable } from "node:stream";
import type { LogView, News, NodeState, NodeUpdate, PacketView } from "./protocol";

/** Between two updates to one page (ms): at most 20 a second. */
const PACE = 50;
/** Packets, and log lines, that wait for a slow page; older ones are left out. */
const LONGEST_QUEUE = 200;

/** What changes as a whole, and when that was. */
export type Changing = Pick<NodeState, "date" | "vitals" | "pins" | "parts" | "channels">;

/**
 * One page that watches one node. Changes are gathered and sent at most 20 times a second; while the page does not read
 * they are gathered on, so that it gets the latest state and not every one between. Memory is bounded.
 */
export class Feed {
	readonly #stream: Writable;
	readonly #changing: () => Changing;
	/** What the page knows: JSON by section. */
	readonly #known = new Map<string, string>();
	#packets: PacketView[] = [];
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
		this.#write({ type: "state", state });
	}

	/** Something may have changed. */
	touch(): void {
		if (this.#timer !== undefined || this.#blocked || this.#closed) return;
		this.#timer = setTimeout(() => this.#flush(), Math.max(0, this.#last + PACE - performance.now()));
	}

	packet(packet: PacketView): void {
		this.#queue(this.#packets, packet);
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
		if (this.#packets.length > 0) update.packets = this.#packets;
		if (this.#log.length > 0) update.log = this.#log;
		if (this.#dropped > 0) update.dropped = this.#dropped;
		this.#packets = [];
		this.#log = [];
		this.#dropped = 0;
		this.#write({ type: "update", update });
	}

	/** What the page does not know yet. */
	#difference({ date, vitals, pins, parts, channels }: Changing): NodeUpdate {
		const difference: { -readonly [K in keyof NodeUpdate]: NodeUpdate[K] } = { date };
		if (this.#news("vitals", vitals)) difference.vitals = vitals;
		if (this.#news("pins", pins)) difference.pins = pins;
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

	#write(news: News): void {
		this.#last = performance.now();
		if (this.#stream.write(textOf(news))) return;
		this.#blocked = true;
		this.#stream.once("drain", () => {
			this.#blocked = false;
			this.touch();
		});
	}
}

/** As it goes to a page: a line of JSON. */
export function textOf(news: News): string {
	return `${JSON.stringify(news)}\n`;
}
