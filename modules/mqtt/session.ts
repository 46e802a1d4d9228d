import Time from "time";
import Timer from "timer";
import { Answers, type AnswersOwner } from "./answers";
import { Backoff } from "./backoff";
import type MQTTClient from "./client";
import { Delivery, type DeliveryOwner } from "./delivery";
import type { Fate, OnFate } from "./fate";
import { Inbox, type InboxOwner, type MessageHandler } from "./inbox";
import type { ControlMessage, MessageInfo, SkippedMessage } from "./options";
import { bytesOf, checkQoS, encodeSubscribe } from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { reasonName } from "./packet/reasons";
import { encodeText } from "./packet/text";
import { encodeTopic } from "./packet/topic";
import {
	CONNACK,
	DISCONNECT,
	PUBACK,
	PUBCOMP,
	PUBREC,
	PUBREL,
	packetNames,
	type QoS,
	SUBACK,
	SUBSCRIBE,
	UNSUBACK,
} from "./packet/types";
import { type ClientOwner, openClient } from "./session-client";
import {
	checkSessionOptions,
	defaultTiming,
	describe,
	type LogLevel,
	messageOf,
	type PublishOptions,
	type SessionOptions,
	type Timing,
	topicClauses,
	unauthorized,
} from "./session-options";
import { openStore } from "./store";
import { type Pieces, StreamedMessage, type StreamOptions } from "./streamed-message";
import { type SubscriptionOptions, Subscriptions } from "./subscriptions";

export type { Fate, Policy, Spare } from "./fate";
export type { Message, MessageHandler } from "./inbox";
export type { Will } from "./packet/encoder";
export type { LogLevel, PublishOptions, SessionOptions } from "./session-options";
export type { Pieces, StreamOptions } from "./streamed-message";

/** How long `stop` waits for what is queued, and then for the broker to close, in ms. */
const drainTimeout = 2000;
const closeTimeout = 500;

/** After so many connections that ended on the topic of a message, such messages are passed over: they would come again for ever. */
const tolerance = 2;
const plain: PublishOptions = Object.freeze({});

const STOPPED = 0;
/** Waiting for the next attempt. */
const WAITING = 1;
const CONNECTING = 2;
const CONNECTED = 3;
/** Sending what is queued, before DISCONNECT. */
const DRAINING = 4;
const CLOSING = 5;

/**
 * An MQTT session that outlives connections and, if it may write to flash, power cuts: it connects again with backoff, queues
 * while offline, resends what was not acknowledged, restores subscriptions, and routes messages to handlers. QoS 0, 1 and 2.
 */
export class Session implements ClientOwner, DeliveryOwner, InboxOwner, AnswersOwner {
	readonly #options: SessionOptions;
	readonly #timing: Timing;
	readonly #delivery: Delivery;
	readonly #inbox: Inbox;
	readonly #subscriptions: Subscriptions;
	readonly #answers: Answers;
	readonly #backoff: Backoff;
	/**
	 * The broker may have made a new session that nobody heard of, because its CONNACK did not arrive, or the node forgot it:
	 * what it says of the session being kept is then only half the truth.
	 */
	#doubtful = false;
	#state = STOPPED;
	#client: MQTTClient | undefined;
	/** Next attempt; or the deadlines of `stop`. */
	#timer: Timer | undefined;
	/** Connections in a row that ended soon because the broker delivered a message whose topic is none. */
	#offended = 0;
	#since = 0;
	/** A QoS 0 message that is partly on its way. */
	#leaving: OnFate | undefined;
	/** One that is made while it is sent. */
	#streamed: StreamedMessage | undefined;
	#pumping = false;
	#onStopped: (() => void) | undefined;
	/** What there was to say before the constructor returned. */
	#early: [LogLevel, string][] | undefined = [];

	/** @throws MQTTError `invalid`: an option is missing or out of range */
	constructor(options: SessionOptions) {
		checkSessionOptions(options);
		this.#options = options;
		this.#timing = options.timing ? { ...defaultTiming, ...options.timing } : defaultTiming;
		this.#answers = new Answers(this, this.#timing.answer);
		this.#subscriptions = new Subscriptions(this, options.version ?? 4);
		const store = openStore(options, this);
		this.#doubtful = store !== undefined;
		this.#delivery = new Delivery(options, this, store);
		this.#inbox = new Inbox(this, store, options.maximumPayload ?? 4096);
		this.#backoff = new Backoff(options.random ?? Math.random, this.#timing);
		const early = this.#early!;
		this.#early = undefined;
		// No callback from within the constructor: who makes a session has none yet.
		if (early.length > 0) Timer.set(() => this.say(early), 0);
	}

	/** Connects, and again whenever the connection is lost, until `stop`. */
	start(): void {
		if (this.#state === STOPPED) this.connect();
	}

	/** The broker accepted the connection, and it was not lost since. */
	get connected(): boolean {
		return this.#state === CONNECTED || this.#state === DRAINING;
	}

	/** What waits in the outbox, in flight included; bytes of encoded packets. */
	get queued(): { messages: number; bytes: number } {
		const { messages, bytes } = this.#delivery.outbox;
		return { messages, bytes };
	}

	/**
	 * Publishes a message. QoS 1 and 2: it is kept until the broker acknowledged it. QoS 0: it goes out now or, behind what
	 * waits, as soon as possible; offline it is dropped unless a policy is named.
	 *
	 * @throws MQTTError `invalid`: topic, QoS, property; `too-large`, `not-supported`: the broker does not take it;
	 * `queue-full`, `write-budget`: policy `refuse`; `storage`: a durable message that flash did not take
	 */
	publish(topic: string, payload: string | ByteBuffer, options?: PublishOptions): void {
		const QoS = checkQoS(options?.QoS ?? 0, "publish");
		const name = encodeTopic(topic);
		const bytes = typeof payload === "string" ? encodeText(payload) : bytesOf(payload);
		const delivery = this.#delivery;
		const online = this.#state === CONNECTED;
		const packet = delivery.encode(name, bytes, options);
		if (QoS === 0) {
			const onFate = options?.onFate;
			if (!online && !options?.policy) {
				if (onFate) delivery.tell(onFate, "dropped");
				return;
			}
			const client = this.#client;
			if (online && delivery.outbox.waiting === 0 && client!.connected && !client!.busy && !this.#streamed) {
				if (!this.#options.topicAliases || !this.writeShort(topic, bytes, options)) client!.send(packet);
				this.left(onFate);
				return;
			}
		}
		delivery.add(packet, name, options ?? plain);
		this.pump();
	}

	/** As `publish`; resolves to what became of the message, and rejects with what `publish` throws. */
	deliver(topic: string, payload: string | ByteBuffer, options?: PublishOptions): Promise<Fate> {
		return new Promise((resolve) => {
			const told = options?.onFate;
			const onFate: OnFate = (fate, error) => {
				resolve(fate);
				told?.(fate, error);
			};
			this.publish(topic, payload, { ...options, onFate });
		});
	}

	/**
	 * Publishes a message at QoS 0 that is made while it is sent, before what waits. It is for this connection only.
	 * Returns false, and does nothing, when there is none, or when another such message is under way.
	 *
	 * @throws MQTTError `invalid`: topic
	 */
	stream(topic: string, pieces: Pieces, options: StreamOptions = plain): boolean {
		encodeTopic(topic);
		if (this.#state !== CONNECTED || this.#streamed) return false;
		this.#streamed = new StreamedMessage(topic, pieces, options);
		this.pump();
		return true;
	}

	/** By the client's `write`, which knows topic aliases (MQTT 5). False when it has no room for it now. */
	private writeShort(topic: string, bytes: Uint8Array, options: PublishOptions | undefined): boolean {
		const { retain = false, properties, expiry } = options ?? {};
		try {
			this.#client!.write(bytes, {
				topic,
				retain,
				properties: expiry === undefined ? properties : { messageExpiryInterval: expiry, ...properties },
			});
		} catch (error) {
			if (error instanceof MQTTError && error.code === "overflow") return false;
			throw error;
		}
		return true;
	}

	/**
	 * Routes messages of a filter to a handler, and subscribes. A handler that throws is logged; a promise is not awaited.
	 *
	 * @param options MQTT 5
	 * @throws MQTTError `invalid`: filter, QoS, options
	 */
	on(filter: string, QoS: QoS, handler: MessageHandler, options?: SubscriptionOptions): void {
		checkQoS(QoS, "on");
		if (typeof handler !== "function") invalid("on: expected a handler");
		const { version = 4 } = this.#options;
		if (options && version !== 5) invalid("on: options need version 5");
		encodeSubscribe(SUBSCRIBE, 1, [{ topic: filter, QoS, ...options }], version);
		this.#inbox.router.on(filter, handler);
		this.#subscriptions.add(filter, QoS, options);
		this.pump();
	}

	/** Takes a handler from a filter (all of them when omitted), and unsubscribes when that was the last one. False: it was not there. */
	off(filter: string, handler?: MessageHandler): boolean {
		if (!this.#inbox.router.off(filter, handler)) return false;
		this.#subscriptions.remove(filter, handler === undefined);
		this.pump();
		return true;
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
			this.#timer = Timer.set(() => this.stopped(), 0);
			this.#state = CLOSING;
			this.drop();
			return;
		}
		this.#state = DRAINING;
		this.#timer = Timer.set(() => this.disconnect(), drainTimeout);
		this.pump();
	}

	private connect(): void {
		const options = this.#options;
		this.#state = CONNECTING;
		this.#timer = undefined;
		const { host, port } = options;
		this.log("info", `connecting to ${port === undefined ? host : `${host}:${port}`}`);
		try {
			this.#client = openClient(options, this.#timing, this.#offended >= tolerance, this);
		} catch (error) {
			this.lose(messageOf(error));
		}
	}

	/** For the client. */
	readable(client: MQTTClient, count: number, info: MessageInfo): void {
		this.#inbox.onReadable(client, count, info);
	}

	/** For the client. */
	skipped({ byteLength, reason }: SkippedMessage): void {
		this.log("warn", `message of ${byteLength} bytes skipped: ${reason}`);
	}

	/** For the client. */
	control(message: ControlMessage): void {
		const { operation, id } = message;
		const outbox = this.#delivery.outbox;
		if (operation === CONNACK) {
			this.accepted(message.sessionPresent);
			return;
		}
		if (operation === PUBREL) {
			this.#inbox.release(id!);
			return;
		}
		if (operation === SUBACK || operation === UNSUBACK) {
			const subscriptions = this.#subscriptions;
			if (operation === SUBACK ? !subscriptions.granted(id!, message.payload!) : !subscriptions.left(id!)) return;
		} else if (operation === PUBACK || operation === PUBREC || operation === PUBCOMP) {
			const reason = message.reasonCode ?? 0;
			let known = false;
			if (reason >= 0x80 && operation !== PUBCOMP) known = outbox.reject(id!, this.rejected(message));
			else if (operation === PUBACK) known = outbox.acknowledge(id!);
			else if (operation === PUBCOMP) known = outbox.complete(id!);
			else known = this.guard(() => outbox.release(id!), "PUBREC") ?? true;
			if (!known) this.log("debug", `${packetNames[operation]} ${id} for no message`);
		} else return;
		this.#answers.came();
		this.pump();
	}

	private rejected({ operation, reasonCode, properties }: ControlMessage): MQTTError {
		const why = properties?.reasonString ?? reasonName(reasonCode!, operation);
		const error = new MQTTError("rejected", `the broker refused a message: ${why} (${reasonCode})`);
		error.reasonCode = reasonCode;
		this.log("error", error.message);
		return error;
	}

	/** `told`: whether the broker kept the session; undefined when the client class does not tell: then what is right in both cases is done. */
	private accepted(told: boolean | undefined): void {
		const sessionPresent = told ?? false;
		this.#state = CONNECTED;
		this.#since = Time.ticks;
		if (told === undefined) this.log("info", "connected");
		else this.log("info", told ? "connected, the session was kept" : "connected, with a new session");
		this.#inbox.restart(told ?? true);
		this.#delivery.restart(told ?? true, this.#client!.limits);
		this.#subscriptions.restart(sessionPresent && !this.#doubtful, told === false);
		this.#doubtful = false;
		this.guard(() => this.#options.onConnect?.({ sessionPresent }), "onConnect");
		this.pump();
	}

	/** Sends what can be sent: subscriptions, then messages in order. `room`: bytes that a message under way may write. Also for the client. */
	pump(room = 0): void {
		if (this.#pumping || !this.connected) return;
		this.#pumping = true;
		const client = this.#client!;
		const delivery = this.#delivery;
		const outbox = delivery.outbox;
		try {
			if (!client.busy) this.leave("delivered");
			if (this.#streamed) this.sendStreamed(client, room);
			// Behind a message that has begun, all others wait.
			while (!this.#streamed?.begun && this.connected && client.connected && !client.busy) {
				const owed = this.owed;
				const ask = this.#subscriptions.next(outbox, client.limits?.maximumPacketSize ?? Number.POSITIVE_INFINITY);
				if (ask !== undefined) {
					client.send(ask);
					this.#answers.expect(owed);
					continue;
				}
				const packet = delivery.next();
				if (packet === undefined) break;
				const before = outbox.inFlight;
				client.send(packet);
				const onFate = outbox.sent();
				if (outbox.inFlight > before) this.#answers.expect(owed);
				else this.left(onFate);
			}
		} catch (error) {
			// What the client refuses is the connection's end, not the node's.
			if (!(error instanceof MQTTError)) throw error;
			this.lose(error.message);
		} finally {
			this.#pumping = false;
		}
		if (this.#state !== DRAINING || outbox.messages > 0 || this.#streamed?.begun) return;
		if (client.connected && !client.busy) this.disconnect();
	}

	private sendStreamed(client: MQTTClient, room: number): void {
		const streamed = this.#streamed!;
		try {
			if (streamed.send(client, room)) this.endStream("delivered");
		} catch (error) {
			// A message that has begun cannot be taken back: only the end of the connection ends it.
			if (streamed.begun || !(error instanceof MQTTError)) throw error;
			this.endStream("dropped", error);
		}
	}

	private endStream(fate: Fate, error?: MQTTError): void {
		const streamed = this.#streamed;
		this.#streamed = undefined;
		if (streamed?.onFate) this.#delivery.tell(streamed.onFate, fate, error);
	}

	/** A QoS 0 message was handed to the client, which may have sent a part of it only. */
	private left(onFate: OnFate | undefined): void {
		this.leave("delivered");
		if (!onFate) return;
		this.#leaving = onFate;
		if (!this.#client?.busy) this.leave("delivered");
	}

	private leave(fate: Fate): void {
		const leaving = this.#leaving;
		if (!leaving) return;
		this.#leaving = undefined;
		this.#delivery.tell(leaving, fate);
	}

	/** For the parts of a session: the broker owes an answer. */
	get owed(): boolean {
		return this.#delivery.outbox.inFlight > 0 || this.#subscriptions.waiting;
	}

	/** For the parts of a session: a packet is on its way. */
	get busy(): boolean {
		return this.#client!.busy;
	}

	/** For the parts of a session: some brokers swallow what they do not take, and everything behind it. */
	unanswered(limit: number): void {
		this.#delivery.closed();
		this.lose(`no answer from the broker for ${limit} ms`);
	}

	/** For the client. */
	failed(error: MQTTError): void {
		// CONNECT was sent, CONNACK did not come: nobody knows what the broker did.
		if (error.stage === "login" && error.code !== "refused") this.#doubtful = true;
		else if (topicClauses.includes(error.clause ?? ""))
			this.#offended = Time.delta(this.#since) < this.#timing.stable ? this.#offended + 1 : 1;
		else if (error.code === "lost" || error.code === "disconnected") {
			this.#subscriptions.closed();
			this.#delivery.closed();
		}
		if (unauthorized.includes(error.returnCode ?? error.reasonCode)) {
			const { code } = error;
			if (code === "refused" || code === "disconnected")
				this.guard(() => this.#options.onUnauthorized?.(), "onUnauthorized");
		}
		this.lose(error.message);
	}

	/** The connection is gone, was not made, or is of no use: another one follows. For the parts of a session. */
	lose(reason: string): void {
		if (this.#state === STOPPED || this.#state === WAITING) return;
		const before = this.#state;
		const stood = this.connected;
		this.#state = WAITING;
		this.drop();
		if (stood) this.#backoff.stood(Time.delta(this.#since));
		if (before === CLOSING || before === DRAINING) {
			Timer.clear(this.#timer);
			this.#timer = undefined;
			this.stopped();
			return;
		}
		const delay = this.#backoff.next();
		this.#timer = Timer.set(() => this.connect(), delay);
		this.log("warn", `${stood ? "disconnected" : "not connected"}: ${reason}; next attempt in ${delay} ms`);
		if (stood) this.guard(() => this.#options.onDisconnect?.(reason), "onDisconnect");
	}

	/** Closes the client and forgets what belongs to its connection. */
	private drop(): void {
		this.#answers.clear();
		const client = this.#client;
		this.#client = undefined;
		this.#inbox.reset();
		client?.close();
		this.leave("unknown");
		if (this.#streamed) this.endStream(this.#streamed.begun ? "unknown" : "dropped");
	}

	private disconnect(): void {
		Timer.clear(this.#timer);
		this.#state = CLOSING;
		try {
			this.#client!.write(undefined, { operation: DISCONNECT });
		} catch (error) {
			if (!(error instanceof MQTTError)) throw error;
		}
		this.#timer = Timer.set(() => this.lose("the broker did not close the connection"), closeTimeout);
	}

	private stopped(): void {
		this.#timer = undefined;
		this.#state = STOPPED;
		this.#delivery.pause();
		this.log("info", "stopped");
		const callback = this.#onStopped;
		this.#onStopped = undefined;
		callback?.();
	}

	private say(lines: readonly [LogLevel, string][]): void {
		for (const [level, text] of lines) this.log(level, text);
	}

	/** Says something to the owner of the session. */
	log(level: LogLevel, text: string): void {
		if (this.#early) this.#early.push([level, text]);
		else this.#options.log?.(level, text);
	}

	private guard<Result>(call: () => Result, what: string): Result | undefined {
		try {
			return call();
		} catch (error) {
			this.log("error", `${what} failed: ${describe(error)}`);
			return undefined;
		}
	}
}
