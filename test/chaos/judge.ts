import { numberOf } from "../inside/chaos-messages";
import { CONNACK, type Packet, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "./packets";
import { ReceiverModel } from "./receiver-model";

/** From the node, or to it. */
export type Direction = "out" | "in";

/** What one connection told about its packet identifiers. */
export class Exchange {
	/** Number of the message that last had an identifier, by direction. */
	readonly out = new Map<number, number>();
	readonly in = new Map<number, number>();
}

export interface JudgeOptions {
	readonly QoS: 1 | 2;
	readonly direction: Direction;
	/** The broker is right and forgets nothing: what it says counts, too. */
	readonly exact: boolean;
	/** A violation, told as soon as it is seen. */
	onViolation(text: string): void;
}

/** What a run came to. Zeros are wanted, except for `again`, which QoS 1 allows, and what is the broker's. */
export interface Verdict {
	/** Messages that were judged. */
	messages: number;
	/** Accepted or acknowledged, and never there. */
	lost: number;
	/** Delivered more often than a right receiver would have. At QoS 1: never counted. */
	twice: number;
	/** Delivered before one that came first. */
	disordered: number;
	/** QoS 1: deliveries beyond the first. */
	again: number;
	/** QoS 2 in: the power went between a handler and the write that remembers it; it came again, with DUP. */
	ambiguous: number;
	/** The broker acknowledged it and forgot it, or sent it twice on its own account. */
	forgotten: number;
}

/** How often a number came up. */
class Tally extends Map<number, number> {
	add(number: number): number {
		const count = (this.get(number) ?? 0) + 1;
		this.set(number, count);
		return count;
	}
}

/** Judges by what passed the proxy, and by what the node and its peers say that they did. Knows nothing of how they work. */
export class Judge {
	readonly #QoS: 1 | 2;
	readonly #exact: boolean;
	readonly #direction: Direction;
	readonly #violate: (text: string) => void;
	/** Out: `publish` returned. In: the broker took it from its publisher. */
	readonly #accepted = new Set<number>();
	/** Out: the power went while it was being published: it may be delivered. */
	readonly #undecided = new Set<number>();
	/** Out: the broker acknowledged it. In: the node did. */
	readonly #acknowledged = new Set<number>();
	readonly #completed = new Set<number>();
	/** Of `#accepted`: not at their end. */
	readonly #outstanding = new Set<number>();
	/** In: how often the node reported it. */
	readonly #reports = new Tally();
	/** Out: how often the broker handed it on. */
	readonly #receipts = new Tally();
	readonly #model = new ReceiverModel();
	/** Out: message by packet identifier, over all connections: PUBREL may come on another one than its PUBLISH. */
	readonly #numbers = new Map<number, number>();
	/** Out: PUBREC reached the node. */
	readonly #heard = new Set<number>();
	/** The broker lost the session so often, after the first connection. */
	#losses = -1;
	/** Out, QoS 2: went out twice, or nobody knows, because the broker lost the session. */
	#forgotten = 0;
	#place = 0;
	#highest = 0;
	#twice = 0;
	#disordered = 0;
	#ambiguous = 0;
	/**
	 * The messages that may come again, because the power went before they were remembered. Several: a broker that was restarted, too,
	 * may send others first, and the power may go with one of these.
	 */
	readonly #open = new Set<number>();
	/** In: reported, and not acknowledged since. */
	readonly #unanswered = new Set<number>();
	/** How often a message came again for that reason: a broker that sends it anew may do so on top of it. */
	readonly #again = new Map<number, number>();
	/** Numbers from the one up to the other are not judged: they passed while anything could be changed on its way. */
	#unjudged = Number.POSITIVE_INFINITY;
	#from = Number.POSITIVE_INFINITY;
	#suspended = false;

	constructor({ QoS, direction, exact, onViolation }: JudgeOptions) {
		this.#exact = exact;
		this.#QoS = QoS;
		this.#direction = direction;
		this.#violate = onViolation;
	}

	/** In: what is not at its end, and was not acknowledged by the node, was forgotten by the broker. Returns how many those are. */
	writeOff(): number {
		const count = this.#outstanding.size;
		this.#outstanding.clear();
		return count;
	}

	/** Accepted messages that are not at their end yet. */
	get outstanding(): number {
		return this.#outstanding.size;
	}

	/** Messages that were accepted. */
	get accepted(): number {
		return this.#accepted.size;
	}

	/** Messages that came to their end. */
	get done(): number {
		return this.#direction === "out" ? this.#acknowledged.size : this.#reports.size;
	}

	#done(number: number): boolean {
		return this.#direction === "out"
			? (this.#QoS === 1 ? this.#acknowledged : this.#completed).has(number)
			: this.#reports.has(number) && this.#acknowledged.has(number);
	}

	#check(number: number): void {
		if (this.#done(number)) this.#outstanding.delete(number);
	}

	/** From message `number` on nothing counts until `resume`. */
	suspend(number: number): void {
		this.#suspended = true;
		this.#unjudged = number;
	}

	/** Messages from `number` on count again. The broker has lost the session, so that both begin anew. */
	resume(number: number): void {
		this.#suspended = false;
		this.#from = number;
		this.#model.lose();
		this.#outstanding.clear();
	}

	/** Out: the node says that it accepted a message. In: the broker did. */
	accept(number: number): void {
		this.#accepted.add(number);
		if (this.#judged(number) && !this.#done(number)) this.#outstanding.add(number);
	}

	/** Out: the power went while a message was perhaps being accepted. */
	doubt(number: number): void {
		this.#undecided.add(number);
	}

	/** In: the power went before the write that remembers the last message. */
	cutBeforeRemembering(number: number): void {
		// One that was acknowledged had been remembered: the write was another's.
		if (this.#unanswered.has(number)) this.#open.add(number);
	}

	/** Out: the node says what became of a message. */
	fate(number: number, fate: string): void {
		if (!this.#judged(number)) return;
		if (fate === "unknown" && this.#losses > 0) this.#forgotten++;
		else if (fate !== "delivered") this.#violate(`message ${number} was accepted, and is ${fate}`);
		else if (!this.#done(number))
			this.#violate(`message ${number} is said to be delivered, and the broker did not say so`);
	}

	/** In: the node's handler got a message. */
	report(number: number, duplicate: boolean): void {
		if (!this.#judged(number)) return;
		const count = this.#reports.add(number);
		this.#unanswered.add(number);
		this.#check(number);
		const place = this.#model.place(number);
		if (place === 0) this.#violate(`message ${number} was delivered, and never came whole`);
		else if (count === 1) {
			// A broker that forgot may have changed the order itself.
			if (this.#exact ? number < this.#highest : place < this.#place) this.#disorder(number);
			this.#place = place;
			this.#highest = Math.max(this.#highest, number);
		}
		const again = this.#again.get(number) ?? 0;
		if (this.#QoS === 1 || count <= this.#model.deliveries(number) + again) return;
		if (this.#open.has(number) && duplicate) {
			this.#ambiguous++;
			this.#again.set(number, again + 1);
		} else {
			this.#twice++;
			this.#violate(
				`message ${number} was delivered ${count} times${duplicate ? ", flagged" : ""}; the power had gone with ${[...this.#open].join(", ") || "none"}`,
			);
		}
		this.#open.delete(number);
	}

	/** Out: the broker handed a message on. */
	receipt(number: number): void {
		if (this.#judged(number)) this.#receipts.add(number);
	}

	/** A whole packet left its sender. */
	emitted(from: Direction, packet: Packet, exchange: Exchange): void {
		if (this.#suspended) return;
		const { type, id } = packet;
		if (from === "in" && type === CONNACK && !packet.flag) {
			this.#model.lose();
			this.#numbers.clear();
			this.#losses++;
		}
		const answers = from !== this.#direction;
		if (!answers) return;
		const number = exchange[this.#direction].get(id);
		if (number === undefined || !this.#judged(number)) return;
		if (type === PUBACK || type === PUBREC) {
			if (this.#direction === "in" && !this.#reports.has(number) && !this.#model.excused(number))
				this.#violate(`message ${number} was acknowledged, and not delivered`);
			this.#acknowledged.add(number);
			this.#unanswered.delete(number);
		} else if (type === PUBCOMP) this.#completed.add(number);
		this.#check(number);
	}

	/** A whole packet reached its receiver. */
	passed(from: Direction, packet: Packet, exchange: Exchange): void {
		if (this.#suspended) return;
		const { type, id, QoS } = packet;
		if (from !== this.#direction) {
			const number = exchange[this.#direction].get(id);
			if (type === PUBREC && number !== undefined) this.#heard.add(number);
		} else if (type === PUBREL) {
			this.#model.release(id);
			if (!exchange[from].has(id)) exchange[from].set(id, this.#numbers.get(id) ?? 0);
		} else if (type === PUBLISH && QoS > 0) {
			const number = numberOf(packet.payload.toString("latin1"));
			const before = this.#numbers.get(id) ?? number;
			if (from === "out" && before !== number && this.#judged(before) && !this.#done(before))
				this.#violate(`identifier ${id} went to message ${number} while ${before} had it (MQTT-2.3.1-4)`);
			exchange[from].set(id, number);
			this.#numbers.set(id, number);
			if (this.#judged(number)) this.#published(number, packet);
		}
	}

	#published(number: number, { QoS, id, duplicate }: Packet): void {
		const before = this.#model.deliveries(number);
		this.#model.publish(number, QoS, id);
		if (this.#direction === "in") return;
		if (before > 0 && !duplicate && this.#losses === 0)
			this.#violate(`message ${number} came again without DUP (MQTT-3.3.1-1)`);
		if (before === 0 && number < this.#highest) this.#disorder(number);
		this.#highest = Math.max(this.#highest, number);
		if (QoS === 1 || before === 0 || this.#model.deliveries(number) === before) return;
		if (this.#losses > 0 && !this.#heard.has(number)) this.#forgotten++;
		else {
			this.#twice++;
			this.#violate(`message ${number} went out as new although the broker has it`);
		}
	}

	finish(): Verdict {
		const exact = this.#exact;
		const verdict: Verdict = {
			messages: 0,
			lost: 0,
			twice: this.#twice,
			disordered: this.#disordered,
			again: 0,
			ambiguous: this.#ambiguous,
			forgotten: this.#forgotten,
		};
		this.#suspended = false;
		for (const number of this.#accepted) {
			if (!this.#judged(number)) continue;
			verdict.messages++;
			if (this.#direction === "out") this.#finishOut(number, verdict);
			else this.#finishIn(number, verdict);
		}
		for (const number of this.#undecided) {
			const count = this.#receipts.get(number) ?? 0;
			if (exact && this.#QoS === 2 && count > 1) this.#double(number, count, verdict);
		}
		return verdict;
	}

	#finishOut(number: number, verdict: Verdict): void {
		const exact = this.#exact;
		const receipts = this.#receipts.get(number) ?? 0;
		if (!this.#done(number) || (exact && receipts === 0)) {
			verdict.lost++;
			this.#violate(`message ${number} was lost (acknowledged: ${this.#acknowledged.has(number)})`);
		} else if (receipts === 0) verdict.forgotten++;
		if (receipts <= 1) return;
		if (this.#QoS === 1) verdict.again += receipts - 1;
		else if (exact) this.#double(number, receipts, verdict);
		else verdict.forgotten++;
	}

	#finishIn(number: number, verdict: Verdict): void {
		const exact = this.#exact;
		const reports = this.#reports.get(number) ?? 0;
		if (reports === 0) {
			if (exact || (this.#acknowledged.has(number) && !this.#model.excused(number))) {
				verdict.lost++;
				this.#violate(`message ${number} was lost (acknowledged: ${this.#acknowledged.has(number)})`);
			} else {
				verdict.forgotten++;
			}
		} else if (reports > 1) {
			if (this.#QoS === 1) verdict.again += reports - 1;
			else if (!exact && this.#model.deliveries(number) > 1) verdict.forgotten++;
		}
	}

	#double(number: number, count: number, verdict: Verdict): void {
		verdict.twice++;
		this.#violate(`the broker handed message ${number} on ${count} times`);
	}

	#disorder(number: number): void {
		this.#disordered++;
		this.#violate(`message ${number} is out of order`);
	}

	#judged(number: number): boolean {
		return number < this.#unjudged ? !this.#suspended : number >= this.#from;
	}
}
