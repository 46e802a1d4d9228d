import { type Packet, PUBACK, PUBCOMP, PUBREC } from "./packets";

/** Messages that may be on their way to a client. */
const WINDOW = 20;

interface Outgoing {
	readonly number: number;
	readonly QoS: number;
	readonly topic: string;
	readonly payload: Uint8Array;
	id: number;
	/** It was sent in this or an earlier connection. */
	sent: boolean;
	/** QoS 2: PUBREC came, PUBREL is due. */
	released: boolean;
}

/** What a broker remembers of a client, all of it durable: each method is one transaction. */
export class BrokerSession {
	readonly filters = new Map<string, number>();
	/** Identifiers of QoS 2 messages that were taken and not released. */
	readonly #taken = new Set<number>();
	readonly #queue: Outgoing[] = [];
	/** Of `#queue`, from the start: those that were sent on this connection. */
	#sent = 0;

	get queued(): number {
		return this.#queue.length;
	}

	get taken(): number {
		return this.#taken.size;
	}

	/** A message of the client. True: it is a new one, to be handed on; false: a repetition. */
	take({ QoS, id, duplicate }: Packet): boolean {
		if (QoS < 2) return true;
		if (this.#taken.has(id)) {
			if (!duplicate) throw new Error(`identifier ${id} is in use and the message has no DUP (MQTT-3.3.1-1)`);
			return false;
		}
		this.#taken.add(id);
		return true;
	}

	/** PUBREL. */
	release(id: number): void {
		this.#taken.delete(id);
	}

	queue(number: number, topic: string, payload: Uint8Array, QoS: number): void {
		this.#queue.push({ number, topic, payload, QoS, id: 0, sent: false, released: false });
	}

	/** A new connection: all goes out again, in order. */
	restart(): void {
		this.#sent = 0;
	}

	/** The next to send; `undefined`: nothing now. */
	next(): { message: Outgoing; duplicate: boolean } | undefined {
		if (this.#sent >= Math.min(WINDOW, this.#queue.length)) return undefined;
		const message = this.#queue[this.#sent++]!;
		const duplicate = message.sent;
		if (message.id === 0) message.id = this.#allocate();
		message.sent = true;
		return { message, duplicate };
	}

	/** PUBACK, PUBREC or PUBCOMP. True: PUBREL is due. */
	answer({ type, id }: Packet): boolean {
		const index = this.#queue.findIndex((message) => message.id === id);
		const message = this.#queue[index];
		if (!message || index >= this.#sent) {
			// The end of an exchange that an acknowledgement ended which was repeated.
			if (type === PUBREC) return true;
			return false;
		}
		if (message.QoS === 1 ? type !== PUBACK : type === PUBACK)
			throw new Error(`packet ${type} acknowledges message ${message.number} of QoS ${message.QoS}`);
		if (type === PUBREC) {
			message.released = true;
			return true;
		}
		if (type === PUBCOMP && !message.released) throw new Error(`PUBCOMP ${id} before PUBREC`);
		this.#queue.splice(index, 1);
		this.#sent--;
		return false;
	}

	/** The lowest that is free: it comes again soon, and a receiver that does not forget in time takes a new message for an old one. */
	#allocate(): number {
		let free = 1;
		while (this.#queue.some(({ id }) => id === free)) free++;
		return free;
	}
}
