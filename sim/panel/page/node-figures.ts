import type { BrokerLink } from "./broker-link";
import { Listeners } from "./signal";

/** Between two drawings (ms): figures that change faster cannot be read. */
const PACE = 500;
/** Drawings over which the rate is taken: nodes report at the same time, then nothing comes for 10 s. */
const LOOKS = 20;

export interface Figures {
	status: string | undefined;
	/** Latest value by channel. */
	readonly values: Map<string, string>;
	/** Colour of each light that is on; undefined: off. */
	readonly lit: Map<string, string | undefined>;
}

/** What many nodes say at the broker, kept for the overview; it is told of at most twice a second. */
export class NodeFigures extends Listeners {
	/** Messages a second, over the last 10 s. */
	rate = 0;
	readonly #nodes = new Map<string, Figures>();
	readonly #end: () => void;
	#count = 0;
	/** Earlier counts, and when they were. */
	readonly #looks: { readonly count: number; readonly at: number }[] = [{ count: 0, at: performance.now() }];

	constructor(broker: BrokerLink, bases: readonly string[]) {
		super();
		for (const base of bases) this.#nodes.set(base, { status: undefined, values: new Map(), lit: new Map() });
		const listener = (topic: string, payload: string, retained: boolean) => {
			if (!retained) this.#count++;
			this.#hear(topic, payload);
		};
		broker.messages.add(listener);
		const timer = setInterval(() => this.#tick(), PACE);
		const end = broker.subscribe(() => {
			if (broker.status !== "connected") for (const figures of this.#nodes.values()) figures.status = undefined;
		});
		this.#end = () => {
			broker.messages.delete(listener);
			clearInterval(timer);
			end();
		};
	}

	of(base: string): Figures {
		return this.#nodes.get(base)!;
	}

	close(): void {
		this.#end();
	}

	#hear(topic: string, payload: string): void {
		const [kind, what, name, ...rest] = this.#split(topic);
		if (kind === undefined || rest.length > 0) return;
		if (what === "status" && name === undefined) kind.status = payload;
		else if (what === "telemetry" && name !== undefined) kind.values.set(name, payload.slice(0, 12));
		else if (what === "led" && name !== undefined) kind.lit.set(name, colourOf(payload));
		else if (what === "relay" && name !== undefined) kind.lit.set(name, payload === "ON" ? "#ffd24a" : undefined);
	}

	#split(topic: string): [Figures | undefined, ...string[]] {
		const levels = topic.split("/");
		for (let count = levels.length - 1; count > 0; count--) {
			const figures = this.#nodes.get(levels.slice(0, count).join("/"));
			if (figures) return [figures, ...levels.slice(count)];
		}
		return [undefined];
	}

	#tick(): void {
		const now = { count: this.#count, at: performance.now() };
		const [first] = this.#looks as [typeof now];
		this.rate = ((now.count - first.count) * 1000) / (now.at - first.at);
		this.#looks.push(now);
		if (this.#looks.length > LOOKS) this.#looks.shift();
		this.tell();
	}
}

function colourOf(payload: string): string | undefined {
	try {
		const { state, color } = JSON.parse(payload) as { state?: string; color?: { r: number; g: number; b: number } };
		if (state !== "ON") return undefined;
		return color ? `rgb(${Number(color.r)} ${Number(color.g)} ${Number(color.b)})` : "#ffd24a";
	} catch {
		return undefined;
	}
}
