import { stampPublish } from "./packet/encoder";
import { MQTTError } from "./packet/error";
import type { QoS } from "./packet/types";

/** What became of a message. */
export type Fate =
	/** QoS 1: the broker acknowledged it. QoS 0: it was handed to the network. */
	| "delivered"
	/** It was not sent, for lack of room or of a connection. */
	| "dropped"
	/** It was being sent when the connection broke: it may have arrived. */
	| "unknown"
	/** It was too old to be sent. */
	| "expired";

/** What happens to a message when the outbox is full. */
export type Policy =
	/** `publish` throws `queue-full`. */
	| "refuse"
	/** Messages that were queued first make room. */
	| "drop-oldest"
	/** It is dropped itself. */
	| "drop-newest"
	/** It takes the place of a queued message with the same topic; else as `drop-oldest`. */
	| "latest-per-topic";

/**
 * Room that a message leaves to others when it is queued: with it in use, the outbox is full for that message. It drops
 * none of those others, only messages that left room themselves.
 */
export interface Spare {
	readonly messages: number;
	/** Of encoded packets. */
	readonly bytes: number;
}

const nothing: Spare = Object.freeze({ messages: 0, bytes: 0 });

export type OnFate = (fate: Fate) => void;

const idMask = 0xffff;
const qosShift = 16;
const qosMask = 3;
/** It went out in this session of the broker's at least once. */
const sentFlag = 1 << 18;
/** It left room to others. */
const modestFlag = 1 << 19;

/**
 * Messages that wait to be sent, or for their acknowledgement, in order. Each is one encoded packet and a number, so that
 * sending it again costs nothing and a hundred short ones fit in a few kilobytes.
 */
export class Outbox {
	readonly #maximumMessages: number;
	readonly #maximumBytes: number;
	readonly #report: (onFate: OnFate, fate: Fate) => void;
	// One entry a message, in parallel, because an object for each costs more than a short message.
	readonly #packets: ArrayBuffer[] = [];
	readonly #marks: number[] = [];
	readonly #topics: (string | undefined)[] = [];
	readonly #fates: (OnFate | undefined)[] = [];
	#bytes = 0;
	#dropped = 0;
	/** Entries before it went out on this connection and wait for an acknowledgement. */
	#next = 0;
	#lastId = 0;
	/** Identifiers that something else than a message uses, such as SUBSCRIBE. */
	#reserved = 0;

	/**
	 * @param messages at most so many are kept
	 * @param bytes of encoded packets, at most
	 * @param report tells the fate of a message to the one who wants to know it
	 */
	constructor(messages: number, bytes: number, report: (onFate: OnFate, fate: Fate) => void) {
		this.#report = report;
		this.#maximumMessages = messages;
		this.#maximumBytes = bytes;
	}

	get messages(): number {
		return this.#packets.length;
	}

	/** Bytes of encoded packets. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Messages that wait for their acknowledgement. */
	get inFlight(): number {
		return this.#next;
	}

	/** Messages that were not sent on this connection. */
	get waiting(): number {
		return this.#packets.length - this.#next;
	}

	/**
	 * Puts a message at the end, making room as the policy says. Returns false when the message itself was dropped.
	 *
	 * @throws MQTTError `queue-full`: policy `refuse`; or `invalid`: larger than the whole outbox
	 */
	add(
		packet: Uint8Array,
		QoS: QoS,
		topic: string,
		policy: Policy,
		onFate: OnFate | undefined,
		spare: Spare = nothing,
	): boolean {
		const size = packet.length;
		if (size > this.#maximumBytes)
			throw new MQTTError("invalid", `message of ${size} bytes: the outbox holds ${this.#maximumBytes}`);
		const dropped: OnFate[] = [];
		if (policy === "latest-per-topic") {
			const index = this.#topics.indexOf(topic, this.#next);
			// Replaced, not dropped for want of room: that is no news.
			const onFate = index < 0 ? undefined : this.#remove(index);
			if (onFate) dropped.push(onFate);
		}
		const fits = this.#makeRoom(size, policy, dropped, spare);
		if (!fits && onFate) dropped.push(onFate);
		if (fits) {
			const mark = (QoS << qosShift) | (spare === nothing ? 0 : modestFlag);
			this.#push(packet, mark, policy === "latest-per-topic" ? topic : undefined, onFate);
		}
		for (const one of dropped) this.#report(one, "dropped");
		return fits;
	}

	#push(packet: Uint8Array, mark: number, topic: string | undefined, onFate: OnFate | undefined): void {
		this.#packets.push(packet.buffer as ArrayBuffer);
		this.#marks.push(mark);
		this.#topics.push(topic);
		this.#fates.push(onFate);
		this.#bytes += packet.length;
	}

	#makeRoom(size: number, policy: Policy, dropped: OnFate[], spare: Spare): boolean {
		const packets = this.#packets;
		const most = this.#maximumMessages - spare.messages;
		const mostBytes = this.#maximumBytes - spare.bytes;
		if (packets.length < most && this.#bytes + size <= mostBytes) return true;
		if (policy === "refuse")
			throw new MQTTError("queue-full", `the outbox is full: ${packets.length} messages, ${this.#bytes} bytes`);
		if (policy === "drop-newest") return false;
		let messages = 1;
		let bytes = size;
		for (let index = 0; index < packets.length; index++) {
			if (!this.#kept(index, spare)) continue;
			messages++;
			bytes += packets[index]!.byteLength;
		}
		if (messages > most || bytes > mostBytes) return false;
		let index = this.#next;
		while (packets.length >= most || this.#bytes + size > mostBytes) {
			if (this.#kept(index, spare)) index++;
			else this.#drop(index, dropped);
		}
		return true;
	}

	/** What was sent must not be dropped: the broker may have it. Nor what is there for others, by one that leaves them room. */
	#kept(index: number, spare: Spare): boolean {
		return this.#out(index) || (spare !== nothing && (this.#marks[index]! & modestFlag) === 0);
	}

	#out(index: number): boolean {
		return index < this.#next || (this.#marks[index]! & sentFlag) !== 0;
	}

	/** Messages that were dropped to make room since this was last asked. */
	takeDropped(): number {
		const count = this.#dropped;
		this.#dropped = 0;
		return count;
	}

	#drop(index: number, dropped: OnFate[]): void {
		const onFate = this.#remove(index);
		this.#dropped++;
		if (onFate) dropped.push(onFate);
	}

	#remove(index: number): OnFate | undefined {
		this.#bytes -= this.#packets[index]!.byteLength;
		const onFate = this.#fates[index];
		if (index === 0) {
			this.#packets.shift();
			this.#marks.shift();
			this.#topics.shift();
			this.#fates.shift();
		} else {
			this.#packets.splice(index, 1);
			this.#marks.splice(index, 1);
			this.#topics.splice(index, 1);
			this.#fates.splice(index, 1);
		}
		if (index < this.#next) this.#next--;
		return onFate;
	}

	/** A free packet identifier, used by something else until the next call. */
	reserve(): number {
		this.#reserved = 0;
		this.#reserved = this.#allocate();
		return this.#reserved;
	}

	#allocate(): number {
		let id = this.#lastId;
		do id = id === 65535 ? 1 : id + 1;
		while (id === this.#reserved || this.#find(id) >= 0);
		this.#lastId = id;
		return id;
	}

	#find(id: number): number {
		const marks = this.#marks;
		for (let index = 0; index < marks.length; index++) if ((marks[index]! & idMask) === id) return index;
		return -1;
	}

	/**
	 * The next packet to send, stamped with its identifier, and with DUP when it was sent before; `undefined` when there is
	 * none, or `window` messages wait for their acknowledgement. Call `sent` when it was handed to the network.
	 */
	peek(window: number): Uint8Array | undefined {
		const index = this.#next;
		if (index >= this.#packets.length || index >= window) return undefined;
		const bytes = new Uint8Array(this.#packets[index]!);
		const mark = this.#marks[index]!;
		if (((mark >> qosShift) & qosMask) > 0) {
			let id = mark & idMask;
			if (id === 0) {
				id = this.#allocate();
				this.#marks[index] = mark | id;
			}
			stampPublish(bytes, id, (mark & sentFlag) !== 0);
		}
		return bytes;
	}

	/** What `peek` returned was handed to the network. At QoS 0 it is forgotten, and the one who wants to know its fate returned. */
	sent(): OnFate | undefined {
		const index = this.#next;
		if (((this.#marks[index]! >> qosShift) & qosMask) === 0) return this.#remove(index);
		this.#marks[index]! |= sentFlag;
		this.#topics[index] = undefined;
		this.#next++;
		return undefined;
	}

	/** PUBACK: forgets the message and reports it as delivered. False when no message has that identifier. */
	acknowledge(id: number): boolean {
		const index = this.#find(id);
		if (index < 0 || !this.#out(index)) return false;
		const onFate = this.#remove(index);
		if (onFate) this.#report(onFate, "delivered");
		return true;
	}

	/**
	 * A new connection: everything goes out again, in order.
	 *
	 * @param kept the broker still has the session: identifiers stay, and DUP is set; else each message is as new
	 */
	restart(kept: boolean): void {
		this.#next = 0;
		this.#reserved = 0;
		if (kept) return;
		const marks = this.#marks;
		for (let index = 0; index < marks.length; index++) marks[index]! &= (qosMask << qosShift) | modestFlag;
	}
}
