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
	// One entry a message, in parallel, because an object for each costs more than a short message.
	readonly #packets: ArrayBuffer[] = [];
	readonly #marks: number[] = [];
	readonly #fates: (OnFate | undefined)[] = [];
	/** Made when the first message has a deadline, or is kept in flash. */
	#deadlines: (number | undefined)[] | undefined;
	#keys: (number | undefined)[] | undefined;
	#bytes = 0;
	#dropped = 0;
	/** Bytes of the largest packet that the broker acknowledged. */
	#largest = 0;
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
	 * Takes the messages that the store has from before the boot. They count as sent: nobody knows.
	 *
	 * @param now the clock of `expire`, in seconds
	 * @returns how many could not be taken
	 */
	restore(now: number): number {
		return this.#store!.load((key, mark, seconds, packet) => {
			const QoS = (mark >> qosShift) & qosMask;
			const id = mark & idMask;
			const free = id !== 0 && this.find(id) < 0;
			const room = this.#packets.length < this.#maximumMessages && this.#bytes + packet.length <= this.#maximumBytes;
			const released = (mark & releasedFlag) !== 0;
			const sound = released ? isPubrel(packet) : isPublish(packet, QoS);
			if (QoS === 0 || QoS === 3 || (released && QoS !== 2) || !free || !room || !sound) return false;
			const from = mark & fiveFlag ? 5 : 4;
			const bytes =
				released || from === this.#version
					? packet.slice()
					: reencode(packet, QoS as QoS, (packet[0]! & 1) !== 0, from, this.#version);
			if (!bytes) return false;
			const at = released ? this.#released++ : this.#packets.length;
			this.#packets.splice(at, 0, bytes.buffer as ArrayBuffer);
			this.#marks.splice(at, 0, (mark & ~fiveFlag) | sentFlag | this.five);
			this.#fates.splice(at, 0, undefined);
			this.noteAt(at, key, seconds > 0 ? now + seconds : undefined);
			this.#bytes += bytes.length;
			this.#lastId = id;
			return true;
		});
	}

	private get five(): number {
		return this.#version === 5 ? fiveFlag : 0;
	}

	private noteAt(at: number, key: number | undefined, deadline: number | undefined): void {
		const length = this.#packets.length - 1;
		if (key !== undefined) this.#keys ??= new Array(length).fill(undefined);
		if (deadline !== undefined) this.#deadlines ??= new Array(length).fill(undefined);
		this.#keys?.splice(at, 0, key);
		this.#deadlines?.splice(at, 0, deadline);
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
				this.append(packet, mark, onFate, this.keep(mark, seconds, packet), deadline);
			} finally {
				this.tellDropped(dropped);
			}
		} else {
			this.append(packet, mark, onFate, undefined, deadline);
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

	private append(
		packet: Uint8Array,
		mark: number,
		onFate: OnFate | undefined,
		key: number | undefined,
		deadline: number | undefined,
	): void {
		this.#packets.push(packet.buffer as ArrayBuffer);
		this.#marks.push(mark);
		this.#fates.push(onFate);
		if (key !== undefined || deadline !== undefined || this.#keys || this.#deadlines)
			this.noteAt(this.#packets.length - 1, key, deadline);
		this.#bytes += packet.length;
	}

	private tellDropped(dropped: OnFate[] | undefined): void {
		if (dropped) for (const one of dropped) this.#owner.tell(one, "dropped");
	}

	private findLatest(topic: Uint8Array): number {
		const marks = this.#marks;
		for (let index = this.#next; index < marks.length; index++) {
			if ((marks[index]! & (latestFlag | sentFlag)) !== latestFlag) continue;
			if (topicIs(new Uint8Array(this.#packets[index]!), topic)) return index;
		}
		return -1;
	}

	private isFull(size: number, spare: Spare): boolean {
		return (
			this.#packets.length >= this.#maximumMessages - spare.messages ||
			this.#bytes + size > this.#maximumBytes - spare.bytes
		);
	}

	private full(): never {
		const text = `the outbox is full: ${this.#packets.length} messages, ${this.#bytes} bytes`;
		throw new MQTTError("queue-full", text);
	}

	/** Where dropping begins; -1 when dropping all that may be dropped would not be enough. */
	private firstToDrop(size: number, spare: Spare): number {
		const packets = this.#packets;
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
		return this.out(index) || (spare !== noSpare && (this.#marks[index]! & modestFlag) === 0);
	}

	private out(index: number): boolean {
		return index < this.#next || (this.#marks[index]! & sentFlag) !== 0;
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
		this.#bytes -= this.#packets[index]!.byteLength;
		const onFate = this.#fates[index];
		const key = this.#keys?.[index];
		if (index === 0) {
			this.#packets.shift();
			this.#marks.shift();
			this.#fates.shift();
			this.#keys?.shift();
			this.#deadlines?.shift();
		} else {
			this.#packets.splice(index, 1);
			this.#marks.splice(index, 1);
			this.#fates.splice(index, 1);
			this.#keys?.splice(index, 1);
			this.#deadlines?.splice(index, 1);
		}
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
		const marks = this.#marks;
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
		const marks = this.#marks;
		for (let index = 0; index < marks.length; index++) if ((marks[index]! & idMask) === id) return index;
		return -1;
	}

	/** An exchange of that QoS under way: its index, or -1. */
	private underWay(id: number, QoS: QoS): number {
		const index = this.find(id);
		return index >= 0 && index < this.#next && ((this.#marks[index]! >> qosShift) & qosMask) === QoS ? index : -1;
	}

	/**
	 * The next packet to send, stamped with its identifier, and with DUP when it was sent before; `undefined` when there is
	 * none, or `window` messages wait for their acknowledgement. Call `sent` when it was handed to the network.
	 *
	 * @param now the clock of `expire`, in seconds
	 */
	peek(window: number, now = 0): Uint8Array | undefined {
		const index = this.#next;
		if (index >= this.#packets.length || index >= window) return undefined;
		const bytes = new Uint8Array(this.#packets[index]!);
		const mark = this.#marks[index]!;
		if ((mark & releasedFlag) !== 0) return bytes;
		const deadline = this.#deadlines?.[index];
		if (deadline !== undefined && this.#version === 5) stampExpiry(bytes, Math.max(1, Math.ceil(deadline - now)));
		if (((mark >> qosShift) & qosMask) > 0) {
			let id = mark & idMask;
			if (id === 0) {
				id = this.allocate();
				this.#marks[index] = mark | id;
			}
			stampPublish(bytes, id, (mark & sentFlag) !== 0);
		}
		return bytes;
	}

	/** Puts another packet in the place of what `peek` returned, because the broker takes it in another form only. */
	replace(packet: Uint8Array, QoS: QoS): void {
		const index = this.#next;
		this.#bytes += packet.length - this.#packets[index]!.byteLength;
		this.#packets[index] = packet.buffer as ArrayBuffer;
		const mark = (this.#marks[index]! & ~(qosMask << qosShift)) | (QoS << qosShift);
		this.#marks[index] = QoS === 0 ? mark & ~idMask : mark;
	}

	/** Removes what `peek` returned: it cannot be sent. */
	refuse(error: MQTTError): void {
		this.giveUp(this.#next, error);
	}

	/** What `peek` returned was handed to the network. At QoS 0 it is forgotten, and the one who wants to know its fate returned. */
	sent(): OnFate | undefined {
		const index = this.#next;
		if (((this.#marks[index]! >> qosShift) & qosMask) === 0) return this.remove(index);
		this.#marks[index]! |= sentFlag;
		this.#next++;
		return undefined;
	}

	/** PUBACK: forgets the message and reports it as delivered. False when no message waits for it. */
	acknowledge(id: number): boolean {
		const index = this.underWay(id, 1);
		if (index < 0) return false;
		this.took(index);
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "delivered");
		return true;
	}

	private took(index: number): void {
		const size = this.#packets[index]!.byteLength;
		if (size > this.#largest) this.#largest = size;
	}

	/** PUBREC: the broker has the message; what is kept from now on is its PUBREL. False when no message waits for it. */
	release(id: number): boolean {
		const index = this.underWay(id, 2);
		if (index < 0) return false;
		const mark = this.#marks[index]!;
		if ((mark & releasedFlag) !== 0) return true;
		const to = this.#released++;
		this.took(index);
		const packet = new Uint8Array([(PUBREL << 4) | 2, 2, id >> 8, id]);
		this.#bytes += packet.length - this.#packets[index]!.byteLength;
		this.#packets[index] = packet.buffer as ArrayBuffer;
		this.#marks[index] = mark | releasedFlag;
		if (this.#deadlines) this.#deadlines[index] = undefined;
		const key = this.#keys?.[index];
		if (index !== to) {
			move(this.#packets, index, to);
			move(this.#marks, index, to);
			move(this.#fates, index, to);
			move(this.#keys, index, to);
			move(this.#deadlines, index, to);
		}
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
		const marks = this.#marks;
		for (let index = 0; index < marks.length; index++) {
			// What is in flash keeps its identifier, or it would have to be written again.
			if (this.#keys?.[index] === undefined) marks[index]! &= ~(sentFlag | idMask);
			else marks[index]! &= ~sentFlag;
		}
		if (lost) for (const one of lost) this.#owner.tell(one, "unknown");
	}

	/** The first message in flight that is larger than any that the broker took, and than `least` bytes; or -1. */
	heaviest(least: number): number {
		if (this.#largest > least) least = this.#largest;
		for (let index = 0; index < this.#next; index++) if (this.sizeOf(index) > least) return index;
		return -1;
	}

	/** Bytes of a packet. */
	sizeOf(index: number): number {
		return this.#packets[index]!.byteLength;
	}

	/** Removes a message that was sent in vain. */
	giveUp(index: number, error: MQTTError): void {
		const onFate = this.remove(index);
		if (onFate) this.#owner.tell(onFate, "dropped", error);
	}

	/** Removes what is too old and was never sent. Returns the next deadline, if there is one. */
	expire(now: number): number | undefined {
		const deadlines = this.#deadlines;
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

function move<T>(list: T[] | undefined, from: number, to: number): void {
	if (list) list.splice(to, 0, list.splice(from, 1)[0] as T);
}
