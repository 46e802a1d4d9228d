import { baseOf, topics } from "../../modules/description/topics";
import type { NodeEvent, PanelNode } from "./panel-node";
import type { LogView, MessageView } from "./protocol";

/** Messages and log lines that are kept for a page that opens later. */
const KEPT = 100;
/** Longer texts are cut. */
const LONGEST_TEXT = 1000;

/** What one node has said: its latest messages and log lines, and the last payload of the topics that the page shows. */
export class Journal {
	readonly messages: MessageView[] = [];
	readonly log: LogView[] = [];
	readonly #last = new Map<string, string | undefined>();
	readonly #status: string;
	#reason: string | undefined;

	constructor({ description, id }: PanelNode) {
		const base = baseOf(description, id);
		this.#status = topics.status(base);
		this.#last.set(this.#status, undefined);
		for (const name of Object.keys(description.lights)) this.#last.set(topics.state(base, "led", name), undefined);
		for (const name of Object.keys(description.relays)) this.#last.set(topics.state(base, "relay", name), undefined);
		for (const { channels } of Object.values(description.sensors))
			for (const name of Object.keys(channels)) this.#last.set(topics.channel(base, name), undefined);
	}

	/** Why the node is off. */
	get reason(): string | undefined {
		return this.#reason;
	}

	/** What the node said last about itself, since it has power. */
	get status(): string | undefined {
		return this.#last.get(this.#status);
	}

	/** The payload that the node published last on one of the topics of its lights, relays and channels. */
	last(topic: string): string | undefined {
		return this.#last.get(topic);
	}

	/** Takes an event in; returns what a page is shown of it, if anything. */
	add(event: NodeEvent): { message: MessageView } | { log: LogView } | undefined {
		if (event.type === "power") {
			this.#reason = event.on ? undefined : event.reason;
			this.#last.set(this.#status, undefined);
			return undefined;
		}
		if (event.type === "log") {
			const { date, level } = event;
			return { log: keep(this.log, { date, level, text: cut(event.text) }) };
		}
		const { date, direction, topic, qos, retain } = event;
		const payload = cut(event.payload);
		if (direction === "out" && this.#last.has(topic)) this.#last.set(topic, payload);
		const size = Buffer.byteLength(event.payload);
		return { message: keep(this.messages, { date, direction, topic: cut(topic), payload, size, qos, retain }) };
	}
}

function keep<T>(list: T[], item: T): T {
	if (list.length === KEPT) list.shift();
	list.push(item);
	return item;
}

function cut(text: string): string {
	return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
