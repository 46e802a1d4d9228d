import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import { numberOf } from "../inside/chaos-messages";
import { BrokerSession } from "./broker-session";
import {
	acknowledge,
	bare,
	CONNECT,
	connack,
	DISCONNECT,
	Framer,
	MalformedError,
	type Packet,
	PINGREQ,
	PINGRESP,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	publish,
	SUBSCRIBE,
	suback,
} from "./packets";
import { type Wire, wirePair } from "./wire";

/** How the broker dies while it works at a packet. */
export type Death =
	/** It never saw the packet. */
	| "before"
	/** It did what the packet asks for, and could not say so. */
	| "after";

export interface BrokerEvents {
	/** A message of a client was taken: handed on to its subscribers, once. */
	onTaken(number: number, QoS: number): void;
	/** A client broke the standard. */
	onComplaint(text: string): void;
}

interface Visitor {
	readonly wire: Wire;
	readonly framer: Framer;
	/** The client identifier, once CONNECT came. */
	id: string | undefined;
	keepAlive: number;
	silence: TimerHandle | undefined;
	/** Number of the message sent last on this connection, in its order. */
	last: number;
}

/**
 * A small broker that is right and forgets nothing: MQTT 3.1.1 with persistent sessions, QoS 1 and 2 in both directions. What
 * it acknowledges is durable, at whatever instant it is killed.
 */
export class BrokerModel {
	readonly #clock: Clock;
	readonly #events: BrokerEvents;
	readonly #sessions = new Map<string, BrokerSession>();
	readonly #visitors = new Set<Visitor>();
	#up = true;
	#death: Death | undefined;
	#onDeath: () => void = () => {};

	constructor(clock: Clock, events: BrokerEvents) {
		this.#clock = clock;
		this.#events = events;
	}

	get up(): boolean {
		return this.#up;
	}

	session(id: string): BrokerSession | undefined {
		return this.#sessions.get(id);
	}

	/** The client's end of a new connection; `undefined`: nobody listens. */
	connect(): Wire | undefined {
		if (!this.#up) return undefined;
		const [near, far] = wirePair();
		const visitor: Visitor = {
			wire: far,
			framer: new Framer(),
			id: undefined,
			keepAlive: 0,
			silence: undefined,
			last: 0,
		};
		this.#visitors.add(visitor);
		far.onBytes = (bytes) => this.#bytes(visitor, bytes);
		far.onClosed = () => this.#forget(visitor);
		return near;
	}

	/** Queues a message for every session that subscribed to its topic. */
	publish(number: number, topic: string, payload: Uint8Array, QoS: number): void {
		for (const [id, session] of this.#sessions) {
			const granted = session.filters.get(topic);
			if (granted !== undefined) session.queue(number, topic, payload, Math.min(QoS, granted));
			for (const visitor of this.#visitors) if (visitor.id === id) this.#pump(visitor, session);
		}
	}

	/** Ends in order: connections are closed, nobody listens until `start`. */
	stop(): void {
		this.#up = false;
		for (const visitor of [...this.#visitors]) this.#drop(visitor);
	}

	/** kill -9, at the next packet that comes. `onDeath` is called then. */
	kill(death: Death, onDeath: () => void): void {
		this.#death = death;
		this.#onDeath = onDeath;
	}

	start(): void {
		this.#up = true;
	}

	/** Loses a client's session, as no broker should. */
	lose(id: string): void {
		for (const visitor of [...this.#visitors]) if (visitor.id === id) this.#drop(visitor);
		this.#sessions.delete(id);
	}

	#bytes(visitor: Visitor, bytes: Uint8Array): void {
		try {
			visitor.framer.push(bytes, (packet) => {
				if (this.#visitors.has(visitor)) this.#packet(visitor, packet);
			});
		} catch (error) {
			this.#events.onComplaint((error as Error).message);
			if (!(error instanceof MalformedError) && !(error instanceof Error)) throw error;
			this.#drop(visitor);
		}
	}

	#packet(visitor: Visitor, packet: Packet): void {
		const death = this.#death;
		if (death === "before") {
			this.#die();
			return;
		}
		this.#listen(visitor);
		const answers = this.#work(visitor, packet);
		if (death === "after") {
			this.#die();
			return;
		}
		for (const answer of answers) visitor.wire.write(answer);
		const session = visitor.id === undefined ? undefined : this.#sessions.get(visitor.id);
		if (session) this.#pump(visitor, session);
	}

	/** What a packet changes, and what is said to it. */
	#work(visitor: Visitor, packet: Packet): Uint8Array[] {
		if (packet.type === CONNECT) return [this.#connect(visitor, packet)];
		if (visitor.id === undefined) throw new Error(`packet ${packet.type} before CONNECT (MQTT-3.1.0-1)`);
		const session = this.#sessions.get(visitor.id)!;
		const { type, id, QoS } = packet;
		switch (type) {
			case PUBLISH: {
				const number = numberOf(packet.payload.toString("latin1"));
				if (number === 0)
					this.#events.onComplaint(`a payload that nobody published, of ${packet.payload.length} bytes`);
				if (number <= visitor.last) this.#events.onComplaint(`message ${number} after ${visitor.last} (MQTT-4.6.0-1)`);
				visitor.last = number;
				if (session.take(packet)) this.#events.onTaken(number, QoS);
				return QoS === 0 ? [] : [acknowledge(QoS === 1 ? PUBACK : PUBREC, id)];
			}
			case PUBREL:
				session.release(id);
				return [acknowledge(PUBCOMP, id)];
			case PUBACK:
			case PUBREC:
			case PUBCOMP:
				return session.answer(packet) ? [acknowledge(PUBREL, id)] : [];
			case SUBSCRIBE:
				for (const [filter, asked] of packet.items) session.filters.set(filter, asked);
				return [
					suback(
						id,
						packet.items.map(([, asked]) => asked),
					),
				];
			case PINGREQ:
				return [bare(PINGRESP)];
			case DISCONNECT:
				this.#drop(visitor);
				return [];
			default:
				throw new Error(`packet ${type} is not for a client to send`);
		}
	}

	#connect(visitor: Visitor, { topic: id, flag: clean, code: keepAlive }: Packet): Uint8Array {
		if (visitor.id !== undefined) throw new Error("a second CONNECT (MQTT-3.1.0-2)");
		// MQTT-3.1.4-2
		for (const other of [...this.#visitors]) if (other.id === id) this.#drop(other);
		if (clean) this.#sessions.delete(id);
		const known = this.#sessions.get(id);
		if (!known) this.#sessions.set(id, new BrokerSession());
		known?.restart();
		visitor.id = id;
		visitor.keepAlive = keepAlive;
		this.#listen(visitor);
		return connack(known !== undefined, 0);
	}

	#pump(visitor: Visitor, session: BrokerSession): void {
		for (let next = session.next(); next && this.#visitors.has(visitor); next = session.next()) {
			const { message, duplicate } = next;
			const { topic, payload, QoS, id } = message;
			visitor.wire.write(
				message.released ? acknowledge(PUBREL, id) : publish(topic, payload, QoS, id, duplicate && QoS > 0),
			);
		}
	}

	/** MQTT-3.1.2-24: after one and a half keep-alive intervals without a packet, the client is gone. */
	#listen(visitor: Visitor): void {
		this.#clock.clear(visitor.silence);
		if (visitor.keepAlive > 0) visitor.silence = this.#clock.set(() => this.#drop(visitor), visitor.keepAlive * 1500);
	}

	#die(): void {
		this.#death = undefined;
		this.stop();
		this.#onDeath();
	}

	#drop(visitor: Visitor): void {
		this.#forget(visitor);
		visitor.wire.cut();
	}

	#forget(visitor: Visitor): void {
		this.#clock.clear(visitor.silence);
		this.#visitors.delete(visitor);
	}
}
