import type { Action, LogView, News, NodeState, NodeUpdate, PacketView, Request } from "../protocol";
import { Listeners } from "./signal";

/** Packets and log lines that the page keeps. */
const KEPT = 300;
/** Values of a channel that the page keeps: date and value each. */
const VALUES = 4000;
/** ms */
const RETRY = 1500;

/** A refusal in the simulator's own words. */
export class Refusal extends Error {}

/** One node's board over its WebSocket: the state, kept up to date, and what a hand does to it. */
export class BoardLink extends Listeners {
	state: NodeState | undefined;
	/** The simulator answers. */
	up = false;
	/** Packets and lines that were left out because this page read too slowly. */
	dropped = 0;
	/** Told each packet as it comes. */
	readonly packets = new Set<(packet: PacketView) => void>();
	readonly #id: string;
	readonly #waiting = new Map<number, { done: () => void; refused: (error: Error) => void }>();
	#socket: WebSocket | undefined;
	#retry = 0;
	#count = 0;
	#closed = false;

	constructor(id: string) {
		super();
		this.#id = id;
		this.#open();
	}

	/** Does something to the board. Rejects with a Refusal, which says what was wrong. */
	act(action: Action): Promise<void> {
		const socket = this.#socket;
		if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Refusal("the simulator does not answer"));
		const request: Request = { id: ++this.#count, action };
		return new Promise((done, refused) => {
			this.#waiting.set(request.id, { done, refused });
			socket.send(JSON.stringify(request));
		});
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#retry);
		this.#socket?.close();
	}

	#open(): void {
		const socket = new WebSocket(`ws://${location.host}/nodes/${encodeURIComponent(this.#id)}/socket`);
		this.#socket = socket;
		socket.onmessage = ({ data }) => this.#hear(JSON.parse(data as string) as News);
		socket.onclose = () => {
			this.up = false;
			for (const { refused } of this.#waiting.values()) refused(new Refusal("the simulator does not answer"));
			this.#waiting.clear();
			if (!this.#closed) this.#retry = window.setTimeout(() => this.#open(), RETRY);
			this.tell();
		};
	}

	#hear(news: News): void {
		if (news.type === "state") {
			this.state = news.state;
			this.up = true;
		} else if (news.type === "update") this.#merge(news.update);
		else {
			const waiting = this.#waiting.get(news.id);
			this.#waiting.delete(news.id);
			if (news.type === "done") waiting?.done();
			else waiting?.refused(new Refusal(news.error));
			return;
		}
		this.tell();
	}

	#merge({ date, vitals, pins, parts, channels, packets = [], log = [], dropped = 0 }: NodeUpdate): void {
		const state = this.state;
		if (!state) return;
		this.dropped += dropped;
		this.state = {
			...state,
			date,
			vitals: vitals ?? state.vitals,
			pins: pins ?? state.pins,
			parts: parts ? { ...state.parts, ...parts } : state.parts,
			channels: channels ? { ...state.channels, ...channels } : state.channels,
			history: extended(state, packets),
			packets: joined(state.packets, packets),
			log: joined(state.log, log),
		};
		for (const packet of packets) for (const listener of this.packets) listener(packet);
	}
}

function joined<T extends PacketView | LogView>(before: readonly T[], news: readonly T[]): readonly T[] {
	return news.length === 0 ? before : [...before, ...news].slice(-KEPT);
}

/** The channels' values, with what these packets report. */
function extended({ base, history }: NodeState, packets: readonly PacketView[]): NodeState["history"] {
	const start = `${base}/telemetry/`;
	let next: Record<string, readonly number[]> | undefined;
	for (const { date, direction, message } of packets) {
		if (direction !== "out" || !message?.topic.startsWith(start)) continue;
		const name = message.topic.slice(start.length);
		const value = Number.parseFloat(message.payload);
		const values = (next ?? history)[name];
		if (!values || Number.isNaN(value)) continue;
		next ??= { ...history };
		next[name] = [...values, date, value].slice(-VALUES);
	}
	return next ?? history;
}
