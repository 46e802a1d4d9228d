import type MQTTClient from "./client";
import type { MessageInfo } from "./options";

/** A message as a handler gets it. */
export interface Message {
	topic: string;
	/** Valid during the call only: copy what has to stay. */
	payload: Uint8Array;
	/** The broker kept it for new subscribers: it may be old. */
	retain: boolean;
	/** It may have been delivered before. */
	duplicate: boolean;
	/** At which QoS it was delivered: 0, 1 or 2. */
	QoS: number;
}

/** Puts the fragments of incoming messages together, up to a size. One message arrives at a time. */
export class Inbox {
	readonly #maximum: number;
	readonly #deliver: (message: Message) => void;
	readonly #warn: (text: string) => void;
	#message: Message | undefined;
	#filled = 0;

	/** @param maximum bytes of the largest payload that is delivered */
	constructor(maximum: number, deliver: (message: Message) => void, warn: (text: string) => void) {
		this.#maximum = maximum;
		this.#deliver = deliver;
		this.#warn = warn;
	}

	/** The client's callback: a fragment of `count` bytes can be read. */
	onReadable(client: MQTTClient, count: number, info: MessageInfo): void {
		if (info.topic !== undefined) {
			this.#begin(info);
			if (count === info.byteLength) {
				const payload = new Uint8Array(count === 0 ? 0 : (client.read(count) as never));
				const message = this.#message;
				if (message) {
					this.#message = undefined;
					message.payload = payload;
					this.#deliver(message);
				}
				return;
			}
			if (this.#message) this.#message.payload = new Uint8Array(info.byteLength!);
		}
		const message = this.#message;
		if (!message) {
			client.read(count);
			return;
		}
		client.read(message.payload.subarray(this.#filled, this.#filled + count));
		this.#filled += count;
		if (info.more) return;
		this.#message = undefined;
		this.#deliver(message);
	}

	#begin(info: MessageInfo): void {
		const { topic, byteLength, retain, duplicate, QoS } = info as Required<MessageInfo>;
		this.#filled = 0;
		if (byteLength > this.#maximum) {
			this.#message = undefined;
			this.#warn(`message of ${byteLength} bytes on ${topic} skipped: at most ${this.#maximum} are taken`);
			return;
		}
		this.#message = {
			topic,
			payload: undefined as never,
			retain,
			duplicate,
			QoS,
		};
	}

	/** The connection ended: what was not complete comes again. */
	reset(): void {
		this.#message = undefined;
	}
}
