import type { OnFate } from "./fate";

/**
 * The messages of an outbox, as lists in parallel: an object for each would cost more than a short message. What only few
 * messages have is in lists that are made when the first one has it.
 */
export class Entries {
	/** Encoded packets. */
	readonly packets: ArrayBuffer[] = [];
	/** Packet identifier, QoS and flags: see the outbox. */
	readonly marks: number[] = [];
	readonly fates: (OnFate | undefined)[] = [];
	deadlines: (number | undefined)[] | undefined = undefined;
	/** Where they are kept in flash. */
	keys: (number | undefined)[] | undefined = undefined;
	/** Of all packets. */
	bytes = 0;

	get length(): number {
		return this.packets.length;
	}

	insert(
		at: number,
		packet: Uint8Array,
		mark: number,
		onFate: OnFate | undefined,
		key: number | undefined,
		deadline: number | undefined,
	): void {
		const length = this.packets.length;
		if (key !== undefined) this.keys ??= new Array(length).fill(undefined);
		if (deadline !== undefined) this.deadlines ??= new Array(length).fill(undefined);
		const buffer = packet.buffer as ArrayBuffer;
		if (at === length) {
			this.packets.push(buffer);
			this.marks.push(mark);
			this.fates.push(onFate);
		} else {
			this.packets.splice(at, 0, buffer);
			this.marks.splice(at, 0, mark);
			this.fates.splice(at, 0, onFate);
		}
		this.keys?.splice(at, 0, key);
		this.deadlines?.splice(at, 0, deadline);
		this.bytes += packet.length;
	}

	/** Another packet in the place of one. */
	replace(index: number, packet: Uint8Array): void {
		this.bytes += packet.length - this.packets[index]!.byteLength;
		this.packets[index] = packet.buffer as ArrayBuffer;
	}

	remove(index: number): void {
		this.bytes -= this.packets[index]!.byteLength;
		if (index === 0) {
			this.packets.shift();
			this.marks.shift();
			this.fates.shift();
			this.keys?.shift();
			this.deadlines?.shift();
		} else {
			this.packets.splice(index, 1);
			this.marks.splice(index, 1);
			this.fates.splice(index, 1);
			this.keys?.splice(index, 1);
			this.deadlines?.splice(index, 1);
		}
	}

	/** Takes one out of its place and puts it where `to` is then. */
	move(from: number, to: number): void {
		if (from === to) return;
		move(this.packets, from, to);
		move(this.marks, from, to);
		move(this.fates, from, to);
		if (this.keys) move(this.keys, from, to);
		if (this.deadlines) move(this.deadlines, from, to);
	}
}

function move<T>(list: T[], from: number, to: number): void {
	list.splice(to, 0, list.splice(from, 1)[0] as T);
}
