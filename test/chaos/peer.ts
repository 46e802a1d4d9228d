import { connect as connectSocket } from "node:net";
import { IN_TOPIC, numberOf, OUT_TOPIC, payloadOf } from "../inside/chaos-messages";
import {
	acknowledge,
	CONNACK,
	connect,
	Framer,
	type Packet,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	publish,
	SUBACK,
	subscribe,
} from "./packets";
import { StreamWire } from "./wire";

/** ms of the wall clock from a lost connection to the next attempt. */
const AGAIN = 20;
/** Messages on their way to the broker: mosquitto 2.0.11 forgets each that is beyond its 20, and acknowledges it. */
const WINDOW = 16;

interface Outgoing {
	readonly number: number;
	id: number;
	sent: boolean;
	released: boolean;
}

/**
 * The other end of the messages at a real broker: publishes to the node, or takes what the node published; at QoS 2, past the
 * proxy, through restarts of the broker.
 */
export class Peer {
	/** The subscription stands. */
	ready = false;
	readonly #port: number;
	readonly #onTaken: (number: number) => void;
	readonly #onMessage: (number: number) => void;
	readonly #queue: Outgoing[] = [];
	#sent = 0;
	#lastId = 0;
	readonly #taken = new Set<number>();
	#wire: StreamWire | undefined;
	#online = false;
	#again: NodeJS.Timeout | undefined;
	#closed = false;

	/**
	 * @param onTaken the broker has a message for good
	 * @param onMessage the broker handed a message of the node on
	 */
	constructor(port: number, onTaken: (number: number) => void, onMessage: (number: number) => void) {
		this.#port = port;
		this.#onTaken = onTaken;
		this.#onMessage = onMessage;
		this.#connect();
	}

	/** Publishes a message to the node. */
	publish(number: number): void {
		this.#queue.push({ number, id: 0, sent: false, released: false });
		this.#pump();
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#again);
		this.#wire?.cut();
	}

	#connect(): void {
		const socket = connectSocket({ port: this.#port, host: "127.0.0.1", noDelay: true });
		const wire = new StreamWire(socket);
		const framer = new Framer();
		this.#wire = wire;
		wire.onBytes = (bytes) => framer.push(bytes, (packet) => this.#packet(wire, packet));
		wire.onClosed = () => {
			this.#online = false;
			if (!this.#closed) this.#again = setTimeout(() => this.#connect(), AGAIN);
		};
		wire.write(connect("chaos-peer", false, 60));
	}

	#packet(wire: StreamWire, packet: Packet): void {
		const { type, id } = packet;
		switch (type) {
			case CONNACK:
				this.#restart(packet.flag);
				wire.write(subscribe(this.#allocate(), OUT_TOPIC, 2));
				break;
			case SUBACK:
				this.ready = true;
				break;
			case PUBLISH:
				if (packet.QoS < 2 || !this.#taken.has(id)) this.#onMessage(numberOf(packet.payload.toString("latin1")));
				if (packet.QoS === 2) this.#taken.add(id);
				if (packet.QoS > 0) wire.write(acknowledge(packet.QoS === 1 ? PUBACK : PUBREC, id));
				break;
			case PUBREL:
				this.#taken.delete(id);
				wire.write(acknowledge(PUBCOMP, id));
				break;
			case PUBREC: {
				const message = this.#queue.find((one) => one.id === id);
				if (message) message.released = true;
				wire.write(acknowledge(PUBREL, id));
				break;
			}
			case PUBCOMP: {
				const index = this.#queue.findIndex((one) => one.id === id);
				if (index >= 0) {
					this.#onTaken(this.#queue.splice(index, 1)[0]!.number);
					this.#sent--;
				}
				break;
			}
		}
		this.#pump();
	}

	#restart(kept: boolean): void {
		this.#online = true;
		this.#sent = 0;
		if (kept) return;
		this.#taken.clear();
		// What it had acknowledged it had for good, as far as anybody can know; the rest is as new.
		for (let index = this.#queue.length - 1; index >= 0; index--) {
			const message = this.#queue[index]!;
			if (message.released) this.#onTaken(this.#queue.splice(index, 1)[0]!.number);
			else message.sent = false;
		}
	}

	#pump(): void {
		const wire = this.#wire;
		if (!wire || !this.#online) return;
		while (this.#sent < Math.min(WINDOW, this.#queue.length)) {
			const message = this.#queue[this.#sent++]!;
			if (message.id === 0) message.id = this.#allocate();
			if (message.released) wire.write(acknowledge(PUBREL, message.id));
			else {
				wire.write(publish(IN_TOPIC, Buffer.from(payloadOf(message.number)), 2, message.id, message.sent));
				message.sent = true;
			}
		}
	}

	#allocate(): number {
		do this.#lastId = (this.#lastId % 65535) + 1;
		while (this.#queue.some(({ id }) => id === this.#lastId));
		return this.#lastId;
	}
}
