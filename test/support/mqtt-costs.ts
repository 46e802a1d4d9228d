/** Measures what messages cost inside XS, in figures that are the same every run: see test/inside/mqtt-costs.ts. */
import type { Rom, Statistics } from "../../hosts/desktop/engine/index";
import type { Preparation } from "../inside/mqtt-costs";
import { Event } from "../inside/operations";
import { Inside } from "./inside";
import { decode, encode } from "./mqtt-bytes";

export interface Cost {
	/** Compute units of the engine. */
	units: number;
	/** Slots taken of the heap. */
	slots: number;
	/** Bytes of chunks taken of the heap. */
	chunks: number;
	/** Both, in bytes as on the board: what the heap has to have free for a message. */
	bytes: number;
}

type Layer = "client" | "session";

export interface Traffic {
	layer: Layer;
	direction: "publish" | "receive";
	QoS: 0 | 1 | 2;
	/** Bytes of payload. */
	size: number;
	topic: string;
	/** 4 (MQTT 3.1.1, when omitted) or 5. */
	version?: 4 | 5;
}

/** Repetitions that are measured, after as many that are not. */
const repetitions = 32;
/** No collection comes while costs are measured. */
const roomy = 4_000_000;

/** A program that runs, connected; and the packet identifier that its next PUBLISH gets. */
export interface Connection {
	inside: Inside;
	nextId: number;
}

const nobody: Preparation = { what: "client", topic: "", size: 0, QoS: 0, version: 4, filters: [], window: 16 };

/** Has the program do something. */
export function prepare(inside: Inside, preparation: Partial<Preparation>): void {
	inside.send(Event.prepare, JSON.stringify({ ...nobody, ...preparation }));
}

/** Connects what was asked for. A session has its filters subscribed. */
export function connect(inside: Inside, preparation: Partial<Preparation>): Connection {
	prepare(inside, preparation);
	const { version = 4 } = preparation;
	inside.arrive(encode({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: false } as never, version));
	let nextId = 0;
	for (const packet of decode(inside.take(), version)) {
		if (packet.cmd !== "subscribe") continue;
		nextId = packet.messageId! + 1;
		const granted = packet.subscriptions.map(({ qos }: { qos: number }) => qos);
		inside.arrive(encode({ cmd: "suback", messageId: packet.messageId!, granted }, version));
	}
	inside.send(Event.record, false);
	return { inside, nextId };
}

const firstBytes = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 };

/** Of both versions. */
export function acknowledgement(cmd: keyof typeof firstBytes, messageId: number): Uint8Array {
	return Uint8Array.of(firstBytes[cmd], 2, messageId >> 8, messageId);
}

/** A message out, with all that follows. */
function publish(connection: Connection, QoS: number): void {
	const { inside } = connection;
	inside.send(Event.run);
	if (QoS === 0) return;
	const id = connection.nextId++;
	inside.arrive(acknowledgement(QoS === 1 ? "puback" : "pubrec", id));
	if (QoS === 2) inside.arrive(acknowledgement("pubcomp", id));
}

/** A message in, with all that follows. */
function receive(connection: Connection, packet: Uint8Array, QoS: number, idAt: number): void {
	const { inside } = connection;
	if (QoS === 0) {
		inside.arrive(packet);
		return;
	}
	const id = connection.nextId++;
	packet[idAt] = id >> 8;
	packet[idAt + 1] = id;
	inside.arrive(packet);
	if (QoS === 2) inside.arrive(acknowledgement("pubrel", id));
}

/** Connects; what is returned is one message, with all that follows. */
function exchanges(inside: Inside, { direction, QoS, size, topic, layer, version = 4 }: Traffic): () => void {
	const connection = connect(inside, { what: layer, filters: ["#"], version });
	if (direction === "receive") {
		connection.nextId = 1000;
		const payload = Buffer.alloc(size, 120);
		const packet = encode({ cmd: "publish", topic, payload, qos: QoS, messageId: 1 } as never, version);
		const idAt = packet.length - size - (version === 5 ? 3 : 2);
		return () => receive(connection, packet, QoS, idAt);
	}
	prepare(inside, { what: "publish", topic, size, QoS });
	if (QoS > 0) {
		inside.send(Event.record, true);
		inside.send(Event.run);
		connection.nextId = decode(inside.take(), version)[0].messageId;
		inside.send(Event.record, false);
		const id = connection.nextId++;
		inside.arrive(acknowledgement(QoS === 1 ? "puback" : "pubrec", id));
		if (QoS === 2) inside.arrive(acknowledgement("pubcomp", id));
	}
	return () => publish(connection, QoS);
}

/** The mean of some exchanges; and how many events each took. */
function measure(inside: Inside, exchange: () => void): { cost: Cost; events: number } {
	const { machine } = inside;
	for (let count = 0; count < repetitions; count++) exchange();
	const before = machine.statistics();
	const events = inside.events;
	for (let count = 0; count < repetitions; count++) exchange();
	const after = machine.statistics();
	if (after.collections !== before.collections) throw new Error("a collection came while costs were measured");
	const each = (name: keyof Statistics) => (after[name] - before[name]) / repetitions;
	const cost = { units: each("compute"), slots: each("slots") / 16, chunks: each("chunks"), bytes: 0 };
	return { cost, events: (inside.events - events) / repetitions };
}

/** What one message costs from the first call or event to the last. The events' own cost is taken off. */
export function messageCost(rom: Rom, traffic: Traffic): Cost {
	const inside = new Inside(rom, roomy);
	inside.send(Event.grow);
	const exchange = exchanges(inside, traffic);
	inside.collected();
	const empty = measure(inside, () => inside.send(Event.nothing, 1)).cost;
	const { cost, events } = measure(inside, exchange);
	inside.machine.close();
	const units = Math.round(cost.units - events * empty.units);
	const slots = Math.round(cost.slots - events * empty.slots);
	const chunks = Math.round(cost.chunks - events * empty.chunks);
	return { units, slots, chunks, bytes: slots * 16 + chunks };
}

/** Messages a second on this computer, one after the other, on a heap of the board's size; collections and events included. */
export function messageRate(rom: Rom, traffic: Traffic): number {
	const inside = new Inside(rom, 65_536);
	const exchange = exchanges(inside, traffic);
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 5; round++) {
		const start = performance.now();
		for (let count = 0; count < 300; count++) exchange();
		least = Math.min(least, performance.now() - start);
	}
	inside.machine.close();
	return 300_000 / least;
}
