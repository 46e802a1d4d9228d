import Timer from "timer";
import { Uptime } from "../clock/uptime";
import type { Fate, OnFate, OutboxOwner } from "./fate";
import type { Limits } from "./options";
import { Outbox } from "./outbox";
import { encodePublish } from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { encodeProperties } from "./packet/properties";
import { PUBLISH, type QoS, type Version } from "./packet/types";
import { reencode, topicOf } from "./publish-packet";
import { describe, type LogLevel, type PublishOptions, type SessionOptions } from "./session-options";
import type { Store } from "./store";

const nothing = new Uint8Array(0);
/** After so many connections that the broker closed without an acknowledgement in between, one message is sent at a time. */
const fruitless = 2;
/** So often a connection may end on a message before others go first, and before it is given up: a poor network is patient. */
const patience = 6;
const endurance = 14;
const longest = 86_400;

/** Who a delivery belongs to. */
export interface DeliveryOwner {
	log(level: LogLevel, text: string): void;
}

/**
 * The outgoing messages of a session: makes them packets, keeps them in the outbox until their fate is known, and knows
 * what the broker takes.
 */
export class Delivery implements OutboxOwner {
	readonly outbox: Outbox;
	readonly #owner: DeliveryOwner;
	readonly #version: Version;
	readonly #window: number;
	readonly #store: Store | undefined;
	/** What the broker said it takes (MQTT 5), as of the last connection. */
	#limits: Limits | undefined;
	/** The clock of expiry, once something can expire. */
	#uptime: Uptime | undefined;
	#timer: Timer | undefined;
	/** Connections in a row that the broker closed without an acknowledgement. */
	#fruitless = 0;
	/** One message is sent at a time, so that it is known on which one the connection ends. */
	#cautious = false;
	#saidUnaffordable = false;
	/** Fates to tell when the one that is being told is over. */
	#waiting: { onFate: OnFate; fate: Fate; error: MQTTError | undefined }[] | undefined;
	#telling = false;

	constructor(options: SessionOptions, owner: DeliveryOwner, store: Store | undefined) {
		const { messages = 128, bytes = 16_384 } = options.queue ?? {};
		this.#owner = owner;
		this.#version = options.version ?? 4;
		this.#window = options.window ?? 16;
		this.#store = store;
		this.outbox = new Outbox(messages, bytes, this, store, this.#version);
		if (!store) return;
		this.#uptime = new Uptime();
		const bad = this.outbox.restore(this.now);
		const { messages: kept } = this.outbox;
		if (kept > 0) owner.log("info", `${kept} message(s) of before the boot are still to be delivered`);
		if (bad > 0) owner.log("error", `${bad} message(s) of before the boot could not be read or had no room`);
		this.expire();
	}

	/**
	 * Tells what became of a message; what the one who wants to know throws is logged. One that publishes when it is told, and
	 * whose next message has its fate at once, is told again when it returned: else that would go deeper and deeper.
	 */
	tell(onFate: OnFate, fate: Fate, error?: MQTTError): void {
		if (this.#telling) {
			this.#waiting ??= [];
			this.#waiting.push({ onFate, fate, error });
			return;
		}
		this.#telling = true;
		this.call(onFate, fate, error);
		for (let next = this.#waiting?.shift(); next; next = this.#waiting?.shift())
			this.call(next.onFate, next.fate, next.error);
		this.#waiting = undefined;
		this.#telling = false;
	}

	private call(onFate: OnFate, fate: Fate, error: MQTTError | undefined): void {
		try {
			onFate(fate, error);
		} catch (error) {
			this.#owner.log("error", `onFate failed: ${describe(error)}`);
		}
	}

	/**
	 * Makes a message a packet.
	 *
	 * @throws MQTTError `invalid`; `too-large`, `not-supported`: the broker does not take it
	 */
	encode(topic: Uint8Array, payload: Uint8Array, options: PublishOptions | undefined): Uint8Array {
		const QoS = options?.QoS ?? 0;
		const retain = options?.retain ?? false;
		let properties: Uint8Array | undefined;
		if (this.#version === 5) {
			const expiry = options?.expiry;
			const all =
				expiry === undefined ? options?.properties : { messageExpiryInterval: expiry, ...options?.properties };
			properties = encodeProperties(all, PUBLISH);
		} else if (options?.properties) invalid("publish: properties need version 5");
		const packet = encodePublish(topic, payload, QoS, retain, properties);
		if (this.#limits) {
			const problem = this.problem(packet, QoS, retain);
			if (problem) throw problem;
		}
		return packet;
	}

	private problem(packet: Uint8Array, QoS: QoS, retain: boolean): MQTTError | undefined {
		const { maximumQoS, retainAvailable, maximumPacketSize } = this.#limits!;
		if (packet.length > maximumPacketSize) {
			const text = `publish: a packet of ${packet.length} bytes, the broker takes ${maximumPacketSize}`;
			return new MQTTError("too-large", text, "MQTT-3.2.2-15");
		}
		if (QoS > maximumQoS)
			return new MQTTError("not-supported", `publish: QoS ${QoS}, the broker takes ${maximumQoS}`, "MQTT-3.2.2-11");
		if (retain && !retainAvailable)
			return new MQTTError("not-supported", "publish: the broker keeps no retained messages", "MQTT-3.2.2-14");
		return undefined;
	}

	/**
	 * Puts a message into the outbox. Returns false when it was dropped.
	 *
	 * @throws MQTTError `queue-full`, `too-large`, `storage`, `write-budget`
	 */
	add(packet: Uint8Array, topic: Uint8Array, options: PublishOptions): boolean {
		const expiry = options.expiry;
		let now = 0;
		let deadline: number | undefined;
		if (expiry !== undefined) {
			if (!(expiry >= 1 && expiry <= 0xffff_ffff)) invalid(`publish: expiry ${expiry} s is outside 1..4294967295`);
			this.#uptime ??= new Uptime();
			now = this.now;
			deadline = now + expiry;
		}
		const durable = !!options.durable && !!options.QoS && this.affordable(options.policy === "refuse");
		const added = this.outbox.add(packet, topic, options, deadline, durable, now);
		const dropped = this.outbox.takeDropped() + (added ? 0 : 1);
		if (dropped > 0)
			this.#owner.log("warn", `outbox full: ${dropped} message(s) dropped for or with ${topicOf(packet)}`);
		if (deadline !== undefined) this.expire();
		return added;
	}

	private affordable(mustBe: boolean): boolean {
		if (!this.#store) throw new MQTTError("storage", "publish: a durable message needs persistence");
		if (this.#store.affordable) {
			this.#saidUnaffordable = false;
			return true;
		}
		if (mustBe) throw new MQTTError("write-budget", "publish: the write budget of the flash is spent");
		if (!this.#saidUnaffordable)
			this.#owner.log("warn", "the write budget of the flash is spent: messages are kept in memory only");
		this.#saidUnaffordable = true;
		return false;
	}

	private get now(): number {
		return this.#uptime ? this.#uptime.seconds : 0;
	}

	/** Gives up what is too old, and looks again when the next message will be. */
	private expire(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		const now = this.now;
		const next = this.outbox.expire(now);
		if (next !== undefined)
			this.#timer = Timer.set(() => this.expire(), Math.ceil(Math.min(longest, next - now) * 1000));
	}

	/** Ends the timer; `restart` begins again. */
	pause(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	/** A connection stands. */
	restart(kept: boolean, limits: Limits | undefined): void {
		this.#limits = limits;
		this.outbox.restart(kept);
		if (this.#uptime) this.expire();
	}

	/** The next packet to send, in a form that the broker takes; `undefined` when there is none, or enough are in flight. */
	next(): Uint8Array | undefined {
		const { outbox } = this;
		const limits = this.#limits;
		if (this.#cautious && outbox.messages === 0) this.calm();
		let window = this.#cautious ? outbox.released + 1 : this.#window;
		if (!limits) return outbox.peek(window, this.now);
		window = Math.min(window, limits.receiveMaximum);
		for (;;) {
			const packet = outbox.peek(window, this.now);
			if (packet === undefined || packet[0]! >> 4 !== PUBLISH) return packet;
			const QoS = ((packet[0]! >> 1) & 3) as QoS;
			const problem = this.problem(packet, QoS, (packet[0]! & 1) !== 0);
			if (!problem) return packet;
			if (problem.code === "too-large") {
				this.#owner.log("error", `message on ${topicOf(packet)} dropped: ${problem.message}`);
				outbox.refuse(problem);
				continue;
			}
			// It was accepted before the broker was known: better sent in a lesser form than lost.
			this.#owner.log("warn", `message on ${topicOf(packet)} is sent in another form: ${problem.message}`);
			const retain = (packet[0]! & 1) !== 0 && limits.retainAvailable;
			const lesser = Math.min(QoS, limits.maximumQoS) as QoS;
			outbox.replace(reencode(packet, lesser, retain, 5, 5) ?? nothing, lesser);
		}
	}

	/**
	 * The broker closed the connection. MQTT 3.1.1 has no other word for a message that it does not take (too large, forbidden),
	 * and MQTT 5 brokers close, too. Such a message would be sent for ever, and nothing behind it. So when that happens again
	 * and again without an acknowledgement, one message is sent at a time; the one on which it goes on happening lets the others
	 * go first; and if these arrive while that one still ends each connection, it is given up.
	 */
	closed(): void {
		const { outbox } = this;
		const progress = outbox.progress;
		outbox.progress = false;
		if (progress && !this.#cautious) this.#fruitless = 0;
		else if (outbox.inFlight > 0) this.#fruitless++;
		if (this.#fruitless >= fruitless) this.#cautious = true;
		const index = this.#cautious ? outbox.lone : -1;
		if (index < 0) return;
		const strikes = outbox.strike(index);
		if (strikes < patience) return;
		const packet = outbox.packetAt(index);
		const text = `the broker closes the connection on the message of ${packet.length} bytes on ${topicOf(packet)}`;
		if (strikes < endurance) {
			if (strikes === patience) this.#owner.log("warn", `${text}: others go first`);
			outbox.postpone(index);
			return;
		}
		this.#owner.log("error", `${text}: dropped`);
		outbox.giveUp(index, new MQTTError("rejected", text));
		this.calm();
	}

	private calm(): void {
		this.#cautious = false;
		this.#fruitless = 0;
	}
}
