import { Entries } from "./entries";
import { noSpare, type OnFate, type OutboxOwner, type Queueing, type Spare } from "./fate";
import { stampPublish } from "./packet/encoder";
import { MQTTError } from "./packet/error";
import { PUBREL, type QoS, type Version } from "./packet/types";
import { isPublish, isPubrel, reencode, stampExpiry, topicIs } from "./publish-packet";
import type { Store } from "./store";

const idMask = 0xffff;
const qosShift = 16;
const qosMask = 3;
/** It went out in this session of the broker's at least once. */
const sentFlag = 1 << 18;
/** It left room to others. */
const modestFlag = 1 << 19;
/** QoS 2: PUBREC came, what is kept is the PUBREL. */
const releasedFlag = 1 << 20;
/** A newer message with its topic takes its place. */
const latestFlag = 1 << 21;
/** It is a packet of MQTT 5. */
const fiveFlag = 1 << 22;
/** How often the connection ended on it: 0..31. */
const strikeShift = 24;
const strikeMask = 31;

/**
 * Messages that wait to be sent, or for their acknowledgement, in order: first those whose PUBREL is due (QoS 2), in the
 * order of their PUBRECs, then those that were sent, then the others (MQTT 3.1.1 §4.6). Each is one encoded packet and a
 * number, so that sending it again costs nothing and a hundred short ones fit in a few kilobytes.
 */
export class Outbox {
	readonly #maximumMessages: number;
	readonly #maximumBytes: number;
	readonly #owner: OutboxOwner;
	readonly #store: Store | undefined;
	readonly #version: Version;
	readonly #entries = new Entries();
	#dropped = 0;
	/** The broker acknowledged something since this was last cleared. */
	progress = false;
	/** Entries before it went out on this connection and wait for an acknowledgement. */
	#next = 0;
	/** Entries before it wait for PUBCOMP. */
	#released = 0;
	#lastId = 0;
	/** Identifiers after the last one that are known to be free. */
	#runway = 0;
	/** The identifier that something else than a message uses, such as SUBSCRIBE. */
	#reserved = 0;

	/**
	 * @param messages at most so many are kept
	 * @param bytes of encoded packets, at most
	 * @param owner tells the fate of a message to the one who wants to know it
	 * @param store keeps durable messages in flash
	 * @param version of MQTT that the packets are of
	 */
	constructor(messages: number, bytes: number, owner: OutboxOwner, store?: Store, version: Version = 4) {
		this.#owner = owner;
		this.#version = version;
		this.#maximumMessages = messages;
		this.#maximumBytes = bytes;
		this.#store = store;
	}

	get messages(): number {
		return this.#entries.length;
	}

	/** Bytes of encoded packets. */
	get bytes(): number {
		return this.#entries.bytes;
	}

	/** Messages that wait for their acknowledgement. */
	get inFlight(): number {
		return this.#next;
	}

	/** Messages that wait for PUBCOMP. */
	get released(): number {
		return this.#released;
	}

	/** Messages that were not sent on this connection. */
	get waiting(): number {
		return this.#entries.length - this.#next;
	}

	/**
	 * Takes the messages that the store has from before the boot. They count as sent: nobody knows.
	 *
	 * @param now the clock of `expire`, in seconds
	 * @returns how many could not be taken
	 */
	restore(now: number): number {
		const entries = this.#entries;
		return this.#store!.load((key, mark, seconds, packet) => {
			const QoS = (mark >> qosShift) & qosMask;
			const id = mark & idMask;
			const free = id !== 0 && this.find(id) < 0;
			const room =
				this.#entries.length < this.#maximumMessages && this.#entries.bytes + packet.length <= this.#maximumBytes;
			const released = (mark & releasedFlag) !== 0;
			const sound = released ? isPubrel(packet) : isPublish(packet, QoS);
			if (QoS === 0 || QoS === 3 || (released && QoS !== 2) || !free || !room || !sound) return false;
			const from = mark & fiveFlag ? 5 : 4;
			const bytes =
				released || from === this.#version
					? packet.slice()
					: reencode(packet, QoS as QoS, (packet[0]! & 1) !== 0, from, this.#version);
			if (!bytes) return false;
			const at = released ? this.#released++ : this.#entries.length;
			const deadline = seconds > 0 ? now + seconds : undefined;
			entries.insert(at, bytes, (mark & ~fiveFlag) | sentFlag | this.five, undefined, key, deadline);
			this.#lastId = id;
			return true;
		});
	}

	private get five(): number {
		return this.#version === 5 ? fiveFlag : 0;
	}

	/**
	 * Puts a message at the end, making room as the policy says. Returns false when the message itself was dropped.
	 *
	 * @param topic bytes of its topic
	 * @param deadline when it is too old to be sent, on the clock of `expire`, in seconds
	 * @param durable it is kept in flash
	 * @param now the clock of `expire`
	 * @throws MQTTError `queue-full`: policy `refuse`; `too-large`: larger than the whole outbox; `storage`: flash took it not
	 */
	add(
		packet: Uint8Array,
		topic: Uint8Array,
		options: Queueing,
		deadline: number | undefined,
		durable: boolean,
		now: number,
	): boolean {
		const size = packet.length;
		if (size > this.#maximumBytes)
			throw new MQTTError("too-large", `message of ${size} bytes: the outbox holds ${this.#maximumBytes}`);
		const entries = this.#entries;
		const { policy, onFate } = options;
		const spare = options.spare ?? noSpare;
		let mark = (((packet[0]! >> 1) & qosMask) << qosShift) | this.five;
		if (spare !== noSpare) mark |= modestFlag;
		let dropped: OnFate[] | undefined;
		if (policy === "latest-per-topic") {
			mark |= latestFlag;
			const replaced = this.findLatest(topic);
			// Replaced, not dropped for want of room: that is no news.
			if (replaced >= 0) dropped = this.takeOut(replaced, dropped);
		}
		if (this.isFull(size, spare)) {
			const index = policy === "refuse" ? this.full() : policy === "drop-newest" ? -1 : this.firstToDrop(size, spare);
			if (index < 0) {
				if (onFate) (dropped ??= []).push(onFate);
				this.tellDropped(dropped);
				return false;
			}
			dropped = this.makeRoom(size, index, dropped, spare);
		}
		if (durable) {
			try {
				mark |= this.allocate();
				const seconds = deadline === undefined ? 0 : Math.max(1, Math.ceil(deadline - now));
				entries.insert(entries.length, packet, mark, onFate, this.keep(mark, seconds, packet), deadline);
			} finally {
				this.tellDropped(dropped);
			}
		} else {
			entries.insert(entries.length, packet, mark, onFate, undefined, deadline);
			this.tellDropped(dropped);
		}
		return true;
	}

	private keep(mark: number, seconds: number, packet: Uint8Array): number {
		const store = this.#store!;
		const key = store.allocate();
		store.save(key, mark, seconds, packet);
		return key;
	}

	private tellDropped(dropped: OnFate[] | undefined): void {
		if (dropped) for (const one of dropped) this.#owner.tell(one, "dropped");
	}

	private findLatest(topic: Uint8Array): number {
		const marks = this.#entries.marks;
		for (let index = this.#next; index < marks.length; index++) {
			if ((marks[index]! & (latestFlag | sentFlag)) !== latestFlag) continue;
			if (topicIs(new Uint8Array(this.#entries.packets[index]!), topic)) return index;
		}
		return -1;
	}

	private isFull(size: number, spare: Spare): boolean {
		return (
			this.#entries.length >= this.#maximumMessages - spare.messages ||
			this.#entries.bytes + size > this.#maximumBytes - spare.bytes
		);
	}

	private full(): never {
		const text = `the outbox is full: ${this.#entries.length} messages, ${this.#entries.bytes} bytes`;
		throw new MQTTError("queue-full", text);
	}

	/** Where dropping begins; -1 when dropping all that may be dropped would not be enough. */
	private firstToDrop(size: number, spare: Spare): number {
		const packets = this.#entries.packets;
		let messages = 1;
		let bytes = size;
		for (let index = 0; index < packets.length; index++) {
			if (!this.kept(index, spare)) continue;
			messages++;
			bytes += packets[index]!.byteLength;
		}
		const enough = messages <= this.#maximumMessages - spare.messages && bytes <= this.#maximumBytes - spare.bytes;
		return enough ? this.#next : -1;
	}

	private makeRoom(size: number, index: number, dropped: OnFate[] | undefined, spare: Spare): OnFate[] | undefined {
		while (this.isFull(size, spare)) {
			if (this.kept(index, spare)) index++;
			else {
				this.#dropped++;
				dropped = this.takeOut(index, dropped);
			}
		}
		return dropped;
	}

	/** What was sent must not be dropped: the broker may have it. Nor what is there for others, by one that leaves them room. */
	private kept(index: number, spare: Spare): boolean {
		return this.out(index) || (spare !== noSpare && (this.#entries.marks[index]! & modestFlag) === 0);
	}

	private out(index: number): boolean {
		return index < this.#next || (this.#entries.marks[index]! & sentFlag) !== 0;
	}

	/** Messages that were dropped to make room since this was last asked. */
	takeDropped(): number {
		const count = this.#dropped;
		this.#dropped = 0;
		return count;
	}

	/** Removes an entry, and adds the one who wants to know to a list that is made when it is needed. */
	private takeOut(index: number, out: OnFate[] | undefined): OnFate[] | undefined {
		const onFate = this.remove(index);
		if (onFate) (out ??= []).push(onFate);
		return out;
	}

	private remove(index: number): OnFate | undefined {
		const { fates, keys } = this.#entries;
		const onFate = fates[index];
		const key = keys?.[index];
		this.#entries.remove(index);
		if (index < this.#next) this.#next--;
		if (index < this.#released) this.#released--;
		if (key !== undefined) this.#store!.delete(key);
		return onFate;
	}

	/** A free packet identifier, used by something else until the next call. */
	reserve(): number {
		this.#reserved = 0;
		this.#reserved = this.allocate();
		return this.#reserved;
	}

	private allocate(): number {
		if (this.#runway === 0) this.look();
		this.#runway--;
		this.#lastId = this.#lastId === 65_535 ? 1 : this.#lastId + 1;
		return this.#lastId;
	}

	/** Goes past identifiers that are in use, and counts those that are free behind it. */
	private look(): void {
		const marks = this.#entries.marks;
		for (;;) {
			let nearest = 65_535;
			for (let index = -1; index < marks.length; index++) {
				const id = index < 0 ? this.#reserved : marks[index]! & idMask;
				if (id === 0) continue;
				const distance = id > this.#lastId ? id - this.#lastId : id - this.#lastId + 65_535;
				if (distance < nearest) nearest = distance;
			}
			this.#runway = nearest - 1;
			if (nearest > 1) return;
			this.#lastId = this.#lastId === 65_535 ? 1 : this.#lastId + 1;
		}
	}

	private find(id: number): number {
		const marks = this.#entries.marks;
		for (let index = 0; index < marks.length; index++) if ((marks[index]! & idMask) === id) return index;
		return -1;
	}

	/** An exchange of that QoS under way: its index, or -1. */
	private underWay(id: number, QoS: QoS): number {
		const index = this.find(id);
		return index >= 0 && index < this.#next && ((this.#entries.marks[index]! >> qosShift) & qosMask) === QoS
			? index
			: -1;
	}

	/**
	 * The next packet to send, stamped with its identifier, and with DUP when it was sent before; `undefined` when there is
	 * none, or it has to wait because `window` messages wait for their acknowledgement. Call `sent` when it was handed to the network.
	 *
	 * @param now the clock of `expire`, in seconds
	 */
	peek(window: number, now = 0): Uint8Array | undefined {
		const index = this.#next;
		if (index >= this.#entries.length) return undefined;
		const bytes = new Uint8Array(this.#entries.packets[index]!);
		const mark = this.#entries.marks[index]!;
		if ((mark & releasedFlag) !== 0) return bytes;
		// QoS 0 waits for nobody.
		if (index >= window && ((mark >> qosShift) & qosMask) > 0) return undefined;
		const deadline = this.#entries.deadlines?.[index];
		if (deadline !== undefined && this.#version === 5) stampExpiry(bytes, Math.max(1, Math.ceil(deadline - now)));
		if (((mark >> qosShift) & qosMask) > 0) {
			let id = mark & idMask;
			if (id === 0) {
				id = this.allocate();
				this.#entries.marks[index] = mark | id;
			}
			stampPublish(bytes, id, (mark & sentFlag) !== 0);
		}
		return bytes;
	}

	/** Puts another packet in the place of what `peek` returned, because the broker takes it in another form only. */
	replace(packet: Uint8Array, QoS: QoS): void {
		const index = this.#next;
		this.#entries.replace(index, packet);
		const mark = (this.#entries.marks[index]! & ~(qosMask << qosShift)) | (QoS << qosShift);
		this.#entries.marks[index] = QoS === 0 ? mark & ~idMask : mark;
	}

	/** Removes what `peek` returned: it cannot be sent. */
	refuse(error: MQTTError): void {
		this.giveUp(this.#next, error);
	}

	/** What `peek` returned was handed to the network. At QoS 0 it is forgotten, and the one who wants to know its fate returned. */
	sent(): OnFate | undefined {
		const index = this.#next;
		if (((this.#entries.marks[index]! >> qosShift) & qosMask) === 0) return this.remove(index);
		this.#entries.marks[index]! |= sentFlag;
		this.#next++;
		return undefined;
	}

	/**
	 * PUBACK: forgets the message and reports it as delivered. False when no message waits for it. One at QoS 2 is taken for
	 * delivered as well: so answers RabbitMQ, which has no QoS 2. It would never send PUBREC.
	 */
	acknowledge(id: number): boolean {
		const index = this.find(id);
		if (index < this.#released || index >= this.#next) return false;
		this.progress = true;
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "delivered");
		return true;
	}

	/** PUBREC: the broker has the message; what is kept from now on is its PUBREL. False when no message waits for it. */
	release(id: number): boolean {
		const index = this.underWay(id, 2);
		if (index < 0) return false;
		const mark = this.#entries.marks[index]!;
		if ((mark & releasedFlag) !== 0) return true;
		const to = this.#released++;
		this.progress = true;
		const packet = new Uint8Array([(PUBREL << 4) | 2, 2, id >> 8, id]);
		const entries = this.#entries;
		entries.replace(index, packet);
		entries.marks[index] = mark | releasedFlag;
		if (entries.deadlines) entries.deadlines[index] = undefined;
		const key = entries.keys?.[index];
		entries.move(index, to);
		if (key !== undefined) this.#store!.save(key, mark | releasedFlag, 0, packet);
		return true;
	}

	/** PUBCOMP: forgets the message and reports it as delivered. False when no message waits for it. */
	complete(id: number): boolean {
		const index = this.underWay(id, 2);
		if (index < 0 || index >= this.#released) return false;
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "delivered");
		return true;
	}

	/** The broker refused the message with a reason (MQTT 5). False when no message waits for an answer. */
	reject(id: number, error: MQTTError): boolean {
		const index = this.find(id);
		if (index < 0 || index >= this.#next) return false;
		this.progress = true;
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "dropped", error);
		return true;
	}

	/**
	 * A new connection: everything goes out again, in order.
	 *
	 * @param kept the broker still has the session: identifiers stay, and DUP is set; else each message is as new, and the fate
	 * of those past PUBREC is unknown
	 */
	restart(kept: boolean): void {
		this.#next = 0;
		this.#runway = this.#reserved = 0;
		if (kept) return;
		let lost: OnFate[] | undefined;
		while (this.#released > 0) lost = this.takeOut(0, lost);
		const marks = this.#entries.marks;
		for (let index = 0; index < marks.length; index++) {
			// What is in flash keeps its identifier, or it would have to be written again.
			if (this.#entries.keys?.[index] === undefined) marks[index]! &= ~(sentFlag | idMask);
			else marks[index]! &= ~sentFlag;
		}
		if (lost) for (const one of lost) this.#owner.tell(one, "unknown");
	}

	/** The message that waits for its first acknowledgement, if it is the only one: its index, or -1. */
	get lone(): number {
		return this.#next - this.#released === 1 ? this.#released : -1;
	}

	/** Counts that the connection ended on a message; returns how often it did. */
	strike(index: number): number {
		const mark = this.#entries.marks[index]!;
		const count = Math.min(((mark >>> strikeShift) & strikeMask) + 1, strikeMask);
		this.#entries.marks[index] = (mark & ~(strikeMask << strikeShift)) | (count << strikeShift);
		return count;
	}

	/** Lets all others go before a message: with one that the broker does not bear, nothing else would ever be sent. */
	postpone(index: number): void {
		this.#entries.move(index, this.#entries.length - 1);
		if (index < this.#next) this.#next--;
	}

	/** The packet of a message. */
	packetAt(index: number): Uint8Array {
		return new Uint8Array(this.#entries.packets[index]!);
	}

	/** Removes a message that was sent in vain. */
	giveUp(index: number, error: MQTTError): void {
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "dropped", error);
	}

	/** Removes what is too old and was never sent. Returns the next deadline, if there is one. */
	expire(now: number): number | undefined {
		const deadlines = this.#entries.deadlines;
		if (!deadlines) return undefined;
		let expired: OnFate[] | undefined;
		let nearest: number | undefined;
		for (let index = deadlines.length - 1; index >= this.#next; index--) {
			const deadline = deadlines[index];
			if (deadline === undefined || this.out(index)) continue;
			if (deadline <= now) expired = this.takeOut(index, expired);
			else if (nearest === undefined || deadline < nearest) nearest = deadline;
		}
		if (expired) for (const one of expired.reverse()) this.#owner.tell(one, "expired");
		return nearest;
	}
}
