import type MQTTClient from "./client";
import type { MessageInfo } from "./options";
import type { Properties } from "./packet/properties";
import { Received } from "./received";
import { Router } from "./router";
import { describe, type LogLevel } from "./session-options";
import type { Store } from "./store";

const tooMany = "too many messages at QoS 2 without their PUBREL";

/** A message as a handler gets it. */
export interface Message {
	topic: string;
	/** Valid during the call only: copy what has to stay. */
	payload: Uint8Array;
	/** The broker kept it for new subscribers: it may be old. */
	retain: boolean;
	/** It may have been delivered before: at QoS 1, or when the power was cut at the wrong instant. */
	duplicate: boolean;
	/** At which QoS it was delivered: 0, 1 or 2. */
	QoS: number;
	/** MQTT 5. */
	properties?: Properties;
}

/** Who an inbox belongs to. */
export interface InboxOwner {
	log(level: LogLevel, text: string): void;
	/** The connection is of no use any more. */
	lose(reason: string): void;
}

export type MessageHandler = (message: Message) => void;

/**
 * The incoming messages of a session: puts their fragments together, up to a size, hands each to the handlers of its topic,
 * and sees to it that one at QoS 2 is handed out once. One message arrives at a time.
 */
export class Inbox {
	static readonly #visit = (handler: MessageHandler, inbox: Inbox) => inbox.call(handler);

	readonly router = new Router<MessageHandler>();
	readonly #owner: InboxOwner;
	readonly #store: Store | undefined;
	readonly #maximum: number;
	/** QoS 2 messages that were delivered and not released; made when the first one comes. */
	#received: Received | undefined;
	#message: Message | undefined;
	/** Its identifier at QoS 2, 0 when it is a repetition; else 0. */
	#id = 0;
	#filled = 0;

	/**
	 * @param store remembers QoS 2 messages over a power cut
	 * @param maximum bytes of the largest payload that is delivered
	 */
	constructor(owner: InboxOwner, store: Store | undefined, maximum: number) {
		this.#owner = owner;
		this.#store = store;
		this.#maximum = maximum;
		if (!store) return;
		const received = new Received();
		store.loadReceived(received);
		if (!received.empty) this.#received = received;
	}

	/** A new connection; `kept`: the broker still has the session. */
	restart(kept: boolean): void {
		const received = this.#received;
		if (kept || !received || received.empty) return;
		received.clear();
		this.save();
	}

	/** The client's callback: a fragment of `count` bytes can be read. */
	onReadable(client: MQTTClient, count: number, info: MessageInfo): void {
		if (info.topic !== undefined) {
			this.begin(info);
			const message = this.#message;
			if (message && count === info.byteLength) {
				message.payload = new Uint8Array(count === 0 ? 0 : (client.read(count) as never));
				this.end();
				return;
			}
			if (message) message.payload = new Uint8Array(info.byteLength!);
		}
		const message = this.#message;
		if (message) {
			client.read(message.payload.subarray(this.#filled, this.#filled + count));
			this.#filled += count;
		} else if (count > 0) client.read(count);
		if (!info.more) this.end();
	}

	private begin(info: MessageInfo): void {
		const { topic, byteLength, retain, duplicate, QoS } = info as Required<MessageInfo>;
		this.#filled = this.#id = 0;
		this.#message = undefined;
		if (QoS === 2) {
			// Also without DUP: a broker that was restarted may not set it.
			if (this.#received?.has(info.id!)) return;
			this.#id = info.id!;
		}
		if (byteLength > this.#maximum) {
			const text = `message of ${byteLength} bytes on ${topic} skipped: at most ${this.#maximum} are taken`;
			this.#owner.log("warn", text);
			return;
		}
		const message: Message = { topic, payload: undefined as never, retain, duplicate, QoS };
		if (info.properties) message.properties = info.properties;
		this.#message = message;
	}

	private end(): void {
		const message = this.#message;
		const id = this.#id;
		if (id !== 0) {
			this.#received ??= new Received();
			if (!this.#received.add(id)) {
				// It comes again: who delivered it now would deliver it twice.
				this.#message = undefined;
				this.#owner.lose(tooMany);
				return;
			}
		}
		if (message) {
			const count = this.router.match(message.topic, Inbox.#visit, this);
			this.#message = undefined;
			if (count === 0) this.#owner.log("debug", `no handler for ${message.topic}`);
		}
		// A QoS 2 message was delivered: until it is released, one with its identifier is a repetition. PUBREC follows.
		if (id !== 0) this.save();
	}

	private call(handler: MessageHandler): void {
		const message = this.#message!;
		try {
			handler(message);
		} catch (error) {
			this.#owner.log("error", `the handler of ${message.topic} failed: ${describe(error)}`);
		}
	}

	/** PUBREL: the broker has forgotten the identifier, too. PUBCOMP follows. */
	release(id: number): void {
		const received = this.#received;
		if (!received?.has(id)) return;
		if (received.delete(id)) this.save();
		else this.#owner.lose(tooMany);
	}

	private save(): void {
		try {
			this.#store?.saveReceived(this.#received!);
		} catch (error) {
			this.#owner.log("error", `a QoS 2 identifier: ${describe(error)}`);
		}
	}

	/** The connection ended: what was not complete comes again. */
	reset(): void {
		this.#id = 0;
	}
}
