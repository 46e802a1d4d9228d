import type { MQTTOptions } from "embedded:provider/builtin";
import Time from "time";
import Timer from "timer";
import { Backoff } from "./backoff";
import MQTTClient from "./client";
import { Inbox, type Message } from "./inbox";
import type { ControlMessage, MessageInfo, MQTTClientOptions, SkippedMessage } from "./options";
import { type Fate, Outbox, type Policy, type Spare } from "./outbox";
import { bytesOf, encodeConnect, encodePublish, encodeSubscribe, type Will } from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { encodeText } from "./packet/text";
import { encodeTopic } from "./packet/topic";
import { CONNACK, DISCONNECT, PUBACK, SUBACK, SUBSCRIBE } from "./packet/types";
import { Router } from "./router";
import { Subscriptions } from "./subscriptions";

export type { Message } from "./inbox";
export type { Fate, Policy } from "./outbox";
export type { Will } from "./packet/encoder";

export type LogLevel = "debug" | "info" | "warn" | "error";

export type MessageHandler = (message: Message) => void;

export interface SessionOptions {
	/** How to make connections: `device.network.mqtt.client`, or `mqtts`. */
	client: MQTTOptions;
	host: string;
	/** 1883 when omitted. */
	port?: number;
	/** Client identifier; needed unless `clean`. */
	id: string;
	user?: string;
	password?: string | ByteBuffer;
	/** Seconds, 0 (none) to 65,535; 60 when omitted. */
	keepAlive?: number;
	/** True: the broker forgets the session when the connection ends. False when omitted. */
	clean?: boolean;
	will?: Will;
	/** Bounds of the outbox: 128 messages and 16,384 bytes of encoded packets when omitted. */
	queue?: { messages?: number; bytes?: number };
	/** Messages in flight at QoS 1 that wait for their PUBACK, 1..65,535; 16 when omitted. */
	window?: number;
	/** Bytes of the largest payload that handlers get; 4,096 when omitted. Larger ones are skipped and logged. */
	maximumPayload?: number;
	/** 0 (inclusive) to 1 (exclusive), for the spread of reconnects; Math.random when omitted. */
	random?(): number;
	log?(level: LogLevel, text: string): void;
	/** The broker accepted. What is published here follows what was queued before. */
	onConnect?(info: { sessionPresent: boolean }): void;
	/** A connection that stood was lost. */
	onDisconnect?(reason: string): void;
}

export interface PublishOptions {
	/** 0 when omitted. */
	QoS?: 0 | 1;
	retain?: boolean;
	/** What happens when the outbox is full: `drop-oldest` when omitted. Naming one also queues a QoS 0 message while offline. */
	policy?: Policy;
	/** Room in the outbox that it leaves to others: telemetry must not crowd out states. */
	spare?: Spare;
	/** Called once, when it is known what became of the message. */
	onFate?(fate: Fate): void;
}

/** Connect deadline: resolver, TCP, TLS and CONNACK together, in ms. */
const connectTimeout = 30_000;
/** How long the broker may owe a PUBACK or SUBACK without sending any, in ms. Then the connection is made anew. */
const answerTimeout = 30_000;
/** How long `stop` waits for what is queued, and then for the broker to close, in ms. */
const drainTimeout = 2000;
const closeTimeout = 500;
/** Filters in one SUBSCRIBE. */
const filtersAtOnce = 16;

const STOPPED = 0;
/** Waiting for the next attempt. */
const WAITING = 1;
const CONNECTING = 2;
const CONNECTED = 3;
/** Sending what is queued, before DISCONNECT. */
const DRAINING = 4;
const CLOSING = 5;

/**
 * An MQTT session that outlives connections: it connects again with backoff, queues while offline, resends what was not
 * acknowledged, restores subscriptions, and routes messages to handlers. QoS 0 and 1.
 */
export class Session {
	// One table for all, because a closure for each takes 160 bytes on XS.
	static readonly #callbacks: Partial<MQTTClientOptions> = Object.freeze({
		onControl(this: MQTTClient, message: ControlMessage) {
			(this.target as Session).#control(message);
		},
		onReadable(this: MQTTClient, count: number, info: MessageInfo) {
			(this.target as Session).#inbox.onReadable(this, count, info);
		},
		onSkipped(this: MQTTClient, { byteLength, reason }: SkippedMessage) {
			(this.target as Session).#log("warn", `message of ${byteLength} bytes skipped: ${reason}`);
		},
		onWritable(this: MQTTClient) {
			(this.target as Session).#pump();
		},
		onError(this: MQTTClient, error: MQTTError) {
			(this.target as Session).#lost(error.message);
		},
		onClose(this: MQTTClient) {
			(this.target as Session).#lost("the broker closed the connection");
		},
	});

	readonly #options: SessionOptions;
	readonly #outbox: Outbox;
	readonly #inbox: Inbox;
	readonly #subscriptions = new Subscriptions();
	readonly #router = new Router<MessageHandler>();
	readonly #backoff: Backoff;
	readonly #window: number;
	#state = STOPPED;
	#client: MQTTClient | undefined;
	/** Next attempt; or the deadlines of `stop`. */
	#timer: Timer | undefined;
	/** The broker owes an answer. */
	#answer: Timer | undefined;
	#since = 0;
	#subscribeId = 0;
	/** A QoS 0 message that is partly on its way. */
	#leaving: ((fate: Fate) => void) | undefined;
	#pumping = false;
	#onStopped: (() => void) | undefined;

	/** @throws MQTTError `invalid`: an option is missing or out of range */
	constructor(options: SessionOptions) {
		const { queue, window = 16, maximumPayload = 4096, keepAlive = 60 } = options;
		if (typeof options.host !== "string" || options.host === "") invalid("host: expected a name or an address");
		// Not at the first connection, but here, is what the options get wrong to be said.
		const { id, user, password, clean = false, will } = options;
		encodeConnect({ id, user, password, keepAlive: Math.ceil(keepAlive), clean, will });
		if (!(window >= 1 && window <= 65535)) invalid(`window: ${window} is outside 1..65535`);
		const { messages = 128, bytes = 16_384 } = queue ?? {};
		if (!(messages >= 1 && messages <= 65535)) invalid(`queue.messages: ${messages} is outside 1..65535`);
		if (!(bytes >= 1)) invalid(`queue.bytes: ${bytes}, expected 1 or more`);
		this.#options = options;
		this.#window = window;
		this.#outbox = new Outbox(messages, bytes, (onFate, fate) => this.#tell(onFate, fate));
		this.#inbox = new Inbox(
			maximumPayload,
			(message) => this.#dispatch(message),
			(text) => this.#log("warn", text),
		);
		this.#backoff = new Backoff(options.random ?? Math.random);
	}

	/** Connects, and again whenever the connection is lost, until `stop`. */
	start(): void {
		if (this.#state === STOPPED) this.#connect();
	}

	/** The broker accepted the connection, and it was not lost since. */
	get connected(): boolean {
		return this.#state === CONNECTED || this.#state === DRAINING;
	}

	/** What waits in the outbox, in flight included; bytes of encoded packets. */
	get queued(): { messages: number; bytes: number } {
		return { messages: this.#outbox.messages, bytes: this.#outbox.bytes };
	}

	/**
	 * Publishes a message. QoS 1: it is kept until the broker acknowledged it. QoS 0: it goes out now or, behind what waits, as
	 * soon as possible; offline it is dropped unless a policy is named.
	 *
	 * @throws MQTTError `invalid`: topic, QoS, or a message larger than the outbox; `queue-full`: policy `refuse`
	 */
	publish(topic: string, payload: string | ByteBuffer, options?: PublishOptions): void {
		const QoS = options?.QoS ?? 0;
		if (QoS !== 0 && QoS !== 1) invalid(`publish: QoS ${QoS} is not 0 or 1`);
		const name = encodeTopic(topic);
		const onFate = options?.onFate;
		const online = this.#state === CONNECTED;
		if (QoS === 0 && !online && !options?.policy) {
			if (onFate) this.#tell(onFate, "dropped");
			return;
		}
		const bytes = typeof payload === "string" ? encodeText(payload) : bytesOf(payload);
		const packet = encodePublish(name, bytes, QoS, options?.retain ?? false);
		const outbox = this.#outbox;
		const client = this.#client;
		if (QoS === 0 && online && outbox.waiting === 0 && client!.connected && !client!.busy) {
			client!.send(packet);
			this.#left(onFate);
			return;
		}
		const added = outbox.add(packet, QoS, topic, options?.policy ?? "drop-oldest", onFate, options?.spare);
		const dropped = outbox.takeDropped() + (added ? 0 : 1);
		if (dropped > 0) this.#log("warn", `outbox full: ${dropped} message(s) dropped for or with ${topic}`);
		this.#pump();
	}

	/**
	 * Routes messages of a filter to a handler, and subscribes. A handler that throws is logged; a promise is not awaited.
	 *
	 * @throws MQTTError `invalid`: filter or QoS
	 */
	on(filter: string, QoS: 0 | 1, handler: MessageHandler): void {
		if (QoS !== 0 && QoS !== 1) invalid(`on: QoS ${QoS} is not 0 or 1`);
		if (typeof handler !== "function") invalid("on: expected a handler");
		this.#router.on(filter, handler);
		this.#subscriptions.add(filter, QoS);
		this.#pump();
	}

	/**
	 * Ends the session: what is queued is sent (for at most 2 s; the rest is kept for the next `start`), then DISCONNECT, so
	 * that the broker does not publish the will, then the connection is closed.
	 *
	 * @param callback called once it is closed
	 */
	stop(callback?: () => void): void {
		if (callback) {
			const before = this.#onStopped;
			this.#onStopped = before
				? () => {
						before();
						callback();
					}
				: callback;
		}
		if (this.#state === DRAINING || this.#state === CLOSING) return;
		Timer.clear(this.#timer);
		if (this.#state !== CONNECTED) {
			// No callback from within this call.
			this.#timer = Timer.set(() => this.#stopped(), 0);
			this.#state = CLOSING;
			this.#drop();
			return;
		}
		this.#state = DRAINING;
		this.#timer = Timer.set(() => this.#disconnect(), drainTimeout);
		this.#pump();
	}

	#connect(): void {
		const options = this.#options;
		this.#state = CONNECTING;
		this.#timer = undefined;
		const { host, port = 1883 } = options;
		this.#log("info", `connecting to ${host}:${port}`);
		try {
			this.#client = new MQTTClient({
				...options.client,
				host,
				port,
				id: options.id,
				user: options.user,
				password: options.password,
				keepAlive: (options.keepAlive ?? 60) * 1000,
				clean: options.clean ?? false,
				will: options.will,
				timeout: connectTimeout,
				...Session.#callbacks,
				target: this,
			} as MQTTClientOptions);
		} catch (error) {
			this.#lost(messageOf(error));
		}
	}

	#control(message: ControlMessage): void {
		switch (message.operation) {
			case CONNACK:
				this.#connected(message.sessionPresent ?? false);
				break;
			case PUBACK:
				if (!this.#outbox.acknowledge(message.id!)) this.#log("debug", `PUBACK ${message.id} for no message`);
				this.#answered();
				this.#pump();
				break;
			case SUBACK:
				if (message.id !== this.#subscribeId) break;
				this.#subscribeId = 0;
				this.#subscriptions.answer(message.payload!, (filter, asked, code) => {
					if (code === 0x80) this.#log("error", `the broker refused the subscription of ${filter}`);
					else this.#log("warn", `${filter} is subscribed at QoS ${code} instead of ${asked}`);
				});
				this.#answered();
				this.#pump();
				break;
		}
	}

	#connected(sessionPresent: boolean): void {
		this.#state = CONNECTED;
		this.#since = Time.ticks;
		this.#log("info", sessionPresent ? "connected, the session was kept" : "connected, with a new session");
		this.#subscribeId = 0;
		this.#outbox.restart(sessionPresent);
		this.#subscriptions.restart(sessionPresent);
		this.#guard(() => this.#options.onConnect?.({ sessionPresent }), "onConnect");
		this.#pump();
	}

	/** Sends what can be sent: subscriptions, then messages in order. */
	#pump(): void {
		if (this.#pumping || !this.connected) return;
		this.#pumping = true;
		const client = this.#client!;
		const outbox = this.#outbox;
		try {
			if (!client.busy) this.#leave("delivered");
			while (this.connected && client.connected && !client.busy) {
				if (this.#subscribe(client)) continue;
				const packet = outbox.peek(this.#window);
				if (packet === undefined) break;
				client.send(packet);
				const before = outbox.inFlight;
				const onFate = outbox.sent();
				if (outbox.inFlight > before) this.#expect();
				else this.#left(onFate);
			}
		} finally {
			this.#pumping = false;
		}
		if (this.#state === DRAINING && outbox.messages === 0 && client.connected && !client.busy) this.#disconnect();
	}

	#subscribe(client: MQTTClient): boolean {
		if (this.#subscriptions.waiting) return false;
		const items = this.#subscriptions.ask(filtersAtOnce);
		if (items.length === 0) return false;
		this.#subscribeId = this.#outbox.reserve();
		client.send(encodeSubscribe(SUBSCRIBE, this.#subscribeId, items));
		this.#expect();
		return true;
	}

	/** A QoS 0 message was handed to the client, which may have sent a part of it only. */
	#left(onFate: ((fate: Fate) => void) | undefined): void {
		this.#leave("delivered");
		if (!onFate) return;
		this.#leaving = onFate;
		if (!this.#client?.busy) this.#leave("delivered");
	}

	#leave(fate: Fate): void {
		const leaving = this.#leaving;
		if (!leaving) return;
		this.#leaving = undefined;
		this.#tell(leaving, fate);
	}

	#tell(onFate: (fate: Fate) => void, fate: Fate): void {
		this.#guard(() => onFate(fate), "onFate");
	}

	/** The broker owes an answer from now on. */
	#expect(): void {
		this.#answer ??= Timer.set(() => {
			this.#answer = undefined;
			// A large message may take its time: whether that one moves, keep-alive watches.
			if (this.#client!.busy) this.#expect();
			else this.#lost(`no answer from the broker for ${answerTimeout} ms`);
		}, answerTimeout);
	}

	/** An answer came: a new deadline for the next, if one is due. */
	#answered(): void {
		Timer.clear(this.#answer);
		this.#answer = undefined;
		if (this.#outbox.inFlight > 0 || this.#subscriptions.waiting) this.#expect();
	}

	#dispatch(message: Message): void {
		const count = this.#router.match(message.topic, this.#call, message);
		if (count === 0) this.#log("debug", `no handler for ${message.topic}`);
	}

	readonly #call = (handler: MessageHandler, message: Message): void => {
		try {
			handler(message);
		} catch (error) {
			this.#log("error", `the handler of ${message.topic} failed: ${describe(error)}`);
		}
	};

	/** The connection is gone, or was not made. */
	#lost(reason: string): void {
		if (this.#state === STOPPED || this.#state === WAITING) return;
		const before = this.#state;
		const stood = this.connected;
		this.#state = WAITING;
		this.#drop();
		if (stood) this.#backoff.stood(Time.delta(this.#since));
		if (before === CLOSING || before === DRAINING) {
			Timer.clear(this.#timer);
			this.#timer = undefined;
			this.#stopped();
			return;
		}
		const delay = this.#backoff.next();
		this.#timer = Timer.set(() => this.#connect(), delay);
		this.#log("warn", `${stood ? "disconnected" : "not connected"}: ${reason}; next attempt in ${delay} ms`);
		if (stood) this.#guard(() => this.#options.onDisconnect?.(reason), "onDisconnect");
	}

	/** Closes the client and forgets what belongs to its connection. */
	#drop(): void {
		Timer.clear(this.#answer);
		this.#answer = undefined;
		const client = this.#client;
		this.#client = undefined;
		this.#inbox.reset();
		client?.close();
		this.#leave("unknown");
	}

	#disconnect(): void {
		Timer.clear(this.#timer);
		this.#state = CLOSING;
		try {
			this.#client!.write(undefined, { operation: DISCONNECT });
		} catch (error) {
			if (!(error instanceof MQTTError)) throw error;
		}
		this.#timer = Timer.set(() => this.#lost("the broker did not close the connection"), closeTimeout);
	}

	#stopped(): void {
		this.#timer = undefined;
		this.#state = STOPPED;
		this.#log("info", "stopped");
		const callback = this.#onStopped;
		this.#onStopped = undefined;
		callback?.();
	}

	#log(level: LogLevel, text: string): void {
		this.#options.log?.(level, text);
	}

	#guard(call: () => void, what: string): void {
		try {
			call();
		} catch (error) {
			this.#log("error", `${what} failed: ${describe(error)}`);
		}
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
