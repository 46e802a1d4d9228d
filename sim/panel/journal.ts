import type { Packet } from "mqtt-packet";
import { baseOf, topics } from "../../modules/description/topics";
import type { SeenMessage, SeenPacket } from "../message-log";
import { History } from "./history";
import type { NodeEvent, PanelNode } from "./panel-node";
import type { LogView, MessageView, PacketView } from "./protocol";

/** Packets and log lines that are kept for a page that opens later. */
const KEPT = 100;
/** Longer texts are cut. */
const LONGEST_PAYLOAD = 1000;
const LONGEST_LINE = 4000;
/** Bytes of a packet that a page gets. */
const MOST_BYTES = 1024;

/** What one node has said: its latest packets and log lines, its channels' values, and the last state of its outputs. */
export class Journal {
	readonly packets: PacketView[] = [];
	readonly log: LogView[] = [];
	readonly #last = new Map<string, string | undefined>();
	readonly #histories = new Map<string, { name: string; history: History }>();
	#reason: string | undefined;
	#count = 0;

	constructor({ description, id }: PanelNode) {
		const base = baseOf(description, id);
		for (const name of Object.keys(description.lights)) this.#last.set(topics.state(base, "led", name), undefined);
		for (const name of Object.keys(description.relays)) this.#last.set(topics.state(base, "relay", name), undefined);
		for (const { channels } of Object.values(description.sensors))
			for (const name of Object.keys(channels)) {
				this.#last.set(topics.channel(base, name), undefined);
				this.#histories.set(topics.channel(base, name), { name, history: new History() });
			}
	}

	/** Why the node is off. */
	get reason(): string | undefined {
		return this.#reason;
	}

	/** Of each channel. */
	get history(): Record<string, number[]> {
		return Object.fromEntries([...this.#histories.values()].map(({ name, history }) => [name, history.values]));
	}

	/** The payload that the node published last on one of the topics of its lights, relays and channels. */
	last(topic: string): string | undefined {
		return this.#last.get(topic);
	}

	/** Takes an event in; returns what a page is shown of it, if anything. */
	add(event: NodeEvent): { packet: PacketView } | { log: LogView } | undefined {
		if (event.type === "power") {
			this.#reason = event.on ? undefined : event.reason;
			return undefined;
		}
		const { date } = event;
		if (event.type === "log")
			return { log: keep(this.log, { date, level: event.level, text: cut(event.text, LONGEST_LINE) }) };
		const { message } = event.packet;
		const view = message && viewOf(message);
		if (view && message.direction === "out") this.#hear(date, view);
		return { packet: keep(this.packets, packetView(++this.#count, date, event.packet, view)) };
	}

	#hear(date: number, { topic, payload }: MessageView): void {
		if (this.#last.has(topic)) this.#last.set(topic, payload);
		const value = Number.parseFloat(payload);
		if (!Number.isNaN(value)) this.#histories.get(topic)?.history.add(date, value);
	}
}

function packetView(number: number, date: number, seen: SeenPacket, message: MessageView | undefined): PacketView {
	const { direction, connection, version, packet, bytes } = seen;
	return {
		number,
		date,
		direction,
		connection,
		version,
		type: packet.cmd.toUpperCase(),
		id: identifierOf(packet),
		length: bytes.length,
		bytes: shown(packet, bytes).toString("base64", 0, MOST_BYTES),
		message,
	};
}

/** A screen is no place for a password: it stands at the end of a CONNECT. */
function shown(packet: Packet, bytes: Buffer): Buffer {
	if (packet.cmd !== "connect" || !packet.password) return bytes;
	const masked = Buffer.from(bytes);
	return masked.fill("*", Math.max(0, masked.length - packet.password.length));
}

function identifierOf(packet: Packet): number | undefined {
	const { messageId } = packet as { messageId?: number };
	return messageId || undefined;
}

function viewOf({ topic, payload, qos, retain, dup }: SeenMessage): MessageView {
	// More bytes than characters are never needed, but for the cut to be seen.
	const text = payload.toString("utf8", 0, 4 * (LONGEST_PAYLOAD + 1));
	return {
		topic: cut(topic, LONGEST_PAYLOAD),
		payload: cut(text, LONGEST_PAYLOAD),
		size: payload.length,
		qos,
		retain,
		dup,
	};
}

function keep<T>(list: T[], item: T): T {
	if (list.length === KEPT) list.shift();
	list.push(item);
	return item;
}

function cut(text: string, longest: number): string {
	return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
