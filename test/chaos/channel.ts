import type { Clock, TimerHandle } from "../../hosts/shared/clock";
import type { Direction } from "./judge";
import { Framer, type Packet } from "./packets";
import type { LinkPlan } from "./plan";
import type { Wire } from "./wire";

/** What a channel asks of, and tells, the connection that it is one half of. */
export interface ChannelOwner {
	readonly plan: LinkPlan;
	/** Bytes that both directions may still take before the cut. */
	readonly budget: number;
	/** 0..1, of the plan. */
	random(): number;
	emitted(from: Direction, packet: Packet): void;
	passed(from: Direction, packet: Packet): void;
	/** Bytes are about to go on their way. */
	spend(count: number): void;
	/** They went, all that `passed` told of among them. */
	moved(): void;
	/** Until when (ms of the clock) nothing moves in that direction. */
	stalledUntil(from: Direction): number;
	/** The budget is used up, or a changed packet may not be completed. */
	cut(): void;
	/** The next packet that begins is to be changed. */
	takeCorruption(from: Direction): LinkPlan["corruption"] | undefined;
	/** Any byte may become any other. */
	readonly wild: boolean;
	/** What the receiver got is no MQTT any more: it has to end the connection. */
	poisoned(from: Direction): void;
	/** The sender sends what is no MQTT. */
	nonsense(from: Direction, error: Error): void;
}

interface Piece {
	readonly bytes: Buffer;
	/** ms of the clock. */
	readonly due: number;
	/** The connection is cut behind it. */
	readonly last: boolean;
	/** It holds a packet that must end the connection. */
	readonly poison: boolean;
}

/** ms that two times may differ and be the same. */
const ROUNDING = 0.01;

/** How likely it is, when any byte may become any other, that a piece has one. */
const WILDNESS = 0.04;

/** One direction of a connection: bytes wait here for what the plan has for them. */
export class Channel {
	readonly #from: Direction;
	readonly #clock: Clock;
	readonly #owner: ChannelOwner;
	readonly #target: Wire;
	readonly #sender = new Framer();
	readonly #receiver = new Framer();
	readonly #queue: Piece[] = [];
	#timer: TimerHandle | undefined;
	#singles: Buffer | undefined;
	#deaf = false;
	#closed = false;
	#onEmpty: (() => void) | undefined;

	constructor(from: Direction, clock: Clock, owner: ChannelOwner, target: Wire) {
		this.#from = from;
		this.#clock = clock;
		this.#owner = owner;
		this.#target = target;
	}

	/** Nothing waits to pass. */
	get empty(): boolean {
		return this.#queue.length === 0 && !this.#singles;
	}

	/** Nothing passes any more. */
	close(): void {
		this.#closed = true;
		this.#clock.clear(this.#timer);
		this.#queue.length = 0;
		this.#singles = undefined;
	}

	/** The sender has ended: calls back once all it sent has passed. */
	finish(onEmpty: () => void): void {
		this.#onEmpty = onEmpty;
		this.#settle();
	}

	/** Bytes of the sender. */
	receive(chunk: Uint8Array): void {
		let bytes: Buffer = Buffer.from(chunk);
		const starts: number[] = [];
		let at = -this.#sender.pending;
		try {
			this.#sender.push(bytes, (packet) => {
				starts.push(at);
				at += packet.byteLength;
				this.#owner.emitted(this.#from, packet);
			});
		} catch (error) {
			this.#owner.nonsense(this.#from, error as Error);
		}
		if (this.#closed) return;
		const start = starts.find((offset) => offset >= 0);
		const corruption = start === undefined ? undefined : this.#owner.takeCorruption(this.#from);
		let last = false;
		if (corruption === "cut") {
			bytes = this.#damage(bytes, start!, starts.find((offset) => offset > start!) ?? at);
			last = true;
		} else if (corruption) bytes = spoil(bytes, start!, corruption);
		if (this.#owner.wild && this.#owner.random() < WILDNESS) {
			const place = Math.floor(this.#owner.random() * bytes.length);
			bytes[place]! ^= 1 << Math.floor(this.#owner.random() * 8);
		}
		this.#queue.push({ bytes, due: this.#due(), last, poison: corruption !== undefined && !last });
		this.#arm();
	}

	/** Changes a byte between header and end of the packet at `start..end`, and leaves its last byte out. */
	#damage(bytes: Buffer, start: number, end: number): Buffer {
		let content = start + 1;
		while (bytes[content]! > 127) content++;
		content++;
		const room = end - 1 - content;
		if (room > 0) {
			const place = content + Math.floor(this.#owner.random() * room);
			bytes[place]! ^= 1 << Math.floor(this.#owner.random() * 8);
		}
		return bytes.subarray(0, Math.max(end - 1, start));
	}

	#due(): number {
		const { delay, gather } = this.#owner.plan;
		const now = this.#clock.now();
		let due = delay > 0 ? now + this.#owner.random() * delay : now;
		if (gather > 0) due = Math.ceil(due / gather) * gather;
		return Math.max(due, this.#queue.at(-1)?.due ?? 0);
	}

	#arm(): void {
		const first = this.#queue[0];
		if (!first || this.#timer || this.#singles) return;
		const now = this.#clock.now();
		const due = Math.max(first.due, this.#owner.stalledUntil(this.#from));
		if (due - now > ROUNDING) {
			this.#timer = this.#clock.set(() => {
				this.#timer = undefined;
				this.#arm();
			}, due - now);
			return;
		}
		this.#queue.shift();
		let { bytes } = first;
		let { last, poison } = first;
		// What is due at the same time goes in one piece.
		while (!last && this.#queue[0] && this.#queue[0].due <= first.due) {
			const next = this.#queue.shift()!;
			bytes = Buffer.concat([bytes, next.bytes]);
			last = next.last;
			poison ||= next.poison;
		}
		this.#send(bytes, last, poison);
	}

	#send(bytes: Buffer, last: boolean, poison: boolean): void {
		const owner = this.#owner;
		const cut = owner.budget <= bytes.length;
		const part = cut ? bytes.subarray(0, owner.budget) : bytes;
		owner.spend(part.length);
		if (owner.plan.single) {
			this.#singles = part;
			this.#sendSingle(() => this.#sent(cut || last, poison));
		} else {
			this.#write(part);
			this.#sent(cut || last, poison);
		}
	}

	/** On sockets, a turn of the event loop lies between two bytes. */
	#sendSingle(done: () => void): void {
		for (;;) {
			const rest = this.#singles;
			if (!rest) return;
			this.#singles = undefined;
			if (rest.length === 0) {
				done();
				return;
			}
			this.#singles = rest.subarray(1);
			this.#write(rest.subarray(0, 1));
			if (this.#clock.virtual) continue;
			setImmediate(() => this.#sendSingle(done));
			return;
		}
	}

	#sent(cut: boolean, poison: boolean): void {
		if (this.#closed) return;
		this.#owner.moved();
		if (this.#closed) return;
		if (cut) {
			this.#owner.cut();
			return;
		}
		if (poison) this.#owner.poisoned(this.#from);
		this.#arm();
		this.#settle();
	}

	#write(bytes: Buffer): void {
		if (bytes.length === 0 || this.#closed) return;
		// Told first: the receiver may answer at once.
		if (!this.#deaf) {
			try {
				this.#receiver.push(bytes, (packet) => this.#owner.passed(this.#from, packet));
			} catch {
				this.#deaf = true;
			}
		}
		if (!this.#closed) this.#target.write(bytes);
	}

	#settle(): void {
		if (!this.empty || !this.#onEmpty) return;
		const done = this.#onEmpty;
		this.#onEmpty = undefined;
		done();
	}
}

function spoil(bytes: Buffer, start: number, how: "type" | "flags" | "length"): Buffer {
	const first = bytes[start]!;
	if (how === "length")
		return Buffer.concat([bytes.subarray(0, start + 1), Buffer.alloc(4, 0xff), bytes.subarray(start + 1)]);
	const isPublish = first >> 4 === 3;
	bytes[start] = how === "flags" ? first | (isPublish ? 6 : 9) : bytes.length & 1 ? first & 15 : first | 0xf0;
	return bytes;
}
