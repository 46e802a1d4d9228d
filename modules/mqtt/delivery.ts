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
/** So often in a row the broker may close the connection on a message larger than all that it took, before it is given up. */
const strikes = 8;
/** Bytes: what is smaller is not suspected of being too large. */
const suspicious = 1024;
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
	/** How often in a row the broker closed the connection on the same large message. */
	#strikes = 0;
	#saidUnaffordable = false;

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

	/** Tells what became of a message; what the one who wants to know throws is logged. */
	tell(onFate: OnFate, fate: Fate, error?: MQTTError): void {
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
		if (!limits) return outbox.peek(this.#window, this.now);
		const window = Math.min(this.#window, limits.receiveMaximum);
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
	 * The broker closed the connection. When that happens again and again on a message that is larger than all that it ever
	 * took, the message is given up: else it would be sent for ever, and nothing behind it.
	 */
	closed(): void {
		const { outbox } = this;
		const index = outbox.heaviest(suspicious);
		if (index < 0) {
			this.#strikes = 0;
			return;
		}
		if (++this.#strikes < strikes) return;
		this.#strikes = 0;
		const size = outbox.sizeOf(index);
		const text = `the broker closed the connection ${strikes} times on a message of ${size} bytes, and never took one as large`;
		this.#owner.log("error", `${text}: dropped`);
		outbox.giveUp(index, new MQTTError("too-large", text));
	}
}
