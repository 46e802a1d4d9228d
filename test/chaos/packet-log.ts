import type { Direction } from "./judge";
import { describe, type Packet } from "./packets";

type Entry = readonly [
	time: number,
	link: number,
	from: Direction | "",
	stage: "emitted" | "passed",
	what: Packet | string,
];

/** The last of what passed the proxy, for whoever has to find a cause. */
export class PacketLog {
	readonly #entries: Entry[] = [];
	readonly #size: number;
	#next = 0;

	constructor(size = 300) {
		this.#size = size;
	}

	add(...entry: Entry): void {
		this.#entries[this.#next] = entry;
		this.#next = (this.#next + 1) % this.#size;
	}

	/** A line each, oldest first: `12.345 #3 node -> PUBACK 7`; `->|` is what left its sender, `|->` what reached its receiver. */
	lines(): string[] {
		const entries = [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
		return entries.map(([time, link, from, stage, what]) => {
			const head = `${(time / 1000).toFixed(3)} #${link}`;
			if (typeof what === "string") return `${head} ${what}`;
			const arrow = stage === "emitted" ? "->|" : "|->";
			return `${head} ${from === "out" ? "node" : "broker"} ${arrow} ${describe(what)}`;
		});
	}
}
