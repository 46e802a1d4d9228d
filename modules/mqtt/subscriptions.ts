import { encodeSubscribe, type SubscribeItem } from "./packet/encoder";
import { reasonName } from "./packet/reasons";
import { packetNames, type QoS, SUBACK, SUBSCRIBE, UNSUBSCRIBE, type Version } from "./packet/types";
import type { LogLevel } from "./session-options";

/** Filters in one SUBSCRIBE. */
const filtersAtOnce = 16;

const WANTED = 0;
const ASKED = 1;
const GRANTED = 2;
const REFUSED = 3;
/** The broker is to forget it. */
const UNWANTED = 4;
const LEAVING = 5;
/** The connection ends on it: it is not asked for any more. */
const BARRED = 6;

/** So often the connection may end on a SUBSCRIBE before filters are asked for one at a time, and on one filter before it is barred. */
const suspicious = 2;
const endurance = 8;

/** MQTT 5, §3.8.3.1: how the broker treats a subscription. */
export interface SubscriptionOptions {
	/** What this client publishes does not come back. */
	noLocal?: boolean;
	/** The retain flag comes as it was published. */
	retainAsPublished?: boolean;
	/** Retained messages are sent: at every SUBSCRIBE (0), if the subscription is new (1), never (2). */
	retainHandling?: 0 | 1 | 2;
}

interface Subscription extends SubscribeItem {
	QoS: QoS;
	state: number;
	/** Handlers that want it. */
	count: number;
}

/** Who hears of filters that are not granted. */
export interface SubscriptionsOwner {
	log(level: LogLevel, text: string): void;
}

/** Which filters the broker is to deliver, and which of them it knows of. */
export class Subscriptions {
	readonly #owner: SubscriptionsOwner;
	readonly #version: Version;
	/** Packet identifier of what was asked for last. */
	#id = 0;
	#list: Subscription[] = [];
	#asked: Subscription[] = [];
	/** Connections in a row that the broker closed instead of answering. */
	#unanswered = 0;
	/** Some filters may be wanted, or unwanted. */
	#changed = false;

	constructor(owner: SubscriptionsOwner, version: Version) {
		this.#owner = owner;
		this.#version = version;
	}

	/** Adds a filter for one more handler, or raises its QoS. */
	add(topic: string, QoS: QoS, options?: SubscriptionOptions): void {
		const subscription = this.find(topic);
		this.#changed = true;
		if (!subscription) {
			this.#list.push({ topic, ...options, QoS, state: WANTED, count: 1 });
			return;
		}
		if (subscription.state === BARRED) subscription.state = REFUSED;
		const gone = subscription.state === UNWANTED || subscription.state === LEAVING;
		subscription.count++;
		if (!gone && subscription.QoS >= QoS && !options) return;
		Object.assign(subscription, options);
		subscription.QoS = gone || QoS > subscription.QoS ? QoS : subscription.QoS;
		subscription.state = WANTED;
	}

	/** One handler fewer wants the filter, or none does. The last one gone, the broker is to forget it. */
	remove(topic: string, all: boolean): void {
		const subscription = this.find(topic);
		if (!subscription || subscription.count === 0) return;
		this.#changed = true;
		subscription.count = all ? 0 : subscription.count - 1;
		if (subscription.count === 0) subscription.state = UNWANTED;
	}

	private find(topic: string): Subscription | undefined {
		for (const subscription of this.#list) if (subscription.topic === topic) return subscription;
		return undefined;
	}

	/** An answer is due. */
	get waiting(): boolean {
		return this.#asked.length > 0;
	}

	/**
	 * The next SUBSCRIBE or UNSUBSCRIBE; `undefined` when there is nothing to ask for, or an answer is due.
	 *
	 * @param ids gives it its packet identifier
	 * @param most bytes that the broker takes in a packet
	 */
	next(ids: { reserve(): number }, most: number): Uint8Array | undefined {
		if (this.#asked.length > 0) return undefined;
		let limit = this.#unanswered >= suspicious ? 1 : filtersAtOnce;
		while (this.#changed) {
			let operation: typeof SUBSCRIBE | typeof UNSUBSCRIBE = SUBSCRIBE;
			let items = this.take(WANTED, ASKED, limit);
			if (items.length === 0) {
				operation = UNSUBSCRIBE;
				items = this.take(UNWANTED, LEAVING, limit);
				if (items.length === 0) break;
			}
			this.#id = ids.reserve();
			const packet = encodeSubscribe(operation, this.#id, items, this.#version);
			if (packet.length <= most) return packet;
			const filter = this.takeBack();
			if (filter === undefined) limit >>= 1;
			else {
				const text = `${packetNames[operation]} of ${filter}: ${packet.length} bytes, the broker takes ${most}`;
				this.#owner.log("error", text);
			}
		}
		this.#changed = false;
		return undefined;
	}

	private take(from: number, to: number, limit: number): readonly Subscription[] {
		const asked = this.#asked;
		for (const subscription of this.#list) {
			if (subscription.state !== from || asked.length === limit) continue;
			subscription.state = to;
			asked.push(subscription);
		}
		return asked;
	}

	/** The packet was too large. Returns the filter that is given up, if it was the only one in it. */
	private takeBack(): string | undefined {
		const asked = this.#asked;
		this.#asked = [];
		for (const subscription of asked) subscription.state = subscription.state === LEAVING ? UNWANTED : WANTED;
		if (asked.length !== 1) return undefined;
		const [only] = asked;
		if (only!.state === WANTED) only!.state = BARRED;
		else this.#list = this.#list.filter((subscription) => subscription !== only);
		return only!.topic;
	}

	/** SUBACK. What was refused, or granted at a lower QoS than asked for, is logged. False when it answers nothing. */
	granted(id: number, codes: readonly number[]): boolean {
		if (id !== this.#id || this.#asked.length === 0) return false;
		const asked = this.#asked;
		this.#asked = [];
		asked.forEach((subscription, index) => {
			const code = codes[index] ?? 0x80;
			// Asked for at a higher QoS, or not wanted any more, in the meantime: that is still to be done.
			if (subscription.state === ASKED) subscription.state = code >= 0x80 ? REFUSED : GRANTED;
			const { topic, QoS } = subscription;
			if (code >= 0x80) {
				const why = this.#version === 5 ? `: ${reasonName(code, SUBACK)} (${code})` : "";
				this.#owner.log("error", `the broker refused the subscription of ${topic}${why}`);
			} else if (code !== QoS) this.#owner.log("warn", `${topic} is subscribed at QoS ${code} instead of ${QoS}`);
		});
		return true;
	}

	/** UNSUBACK. False when it answers nothing. */
	left(id: number): boolean {
		if (id !== this.#id || this.#asked.length === 0) return false;
		this.#asked = [];
		this.#list = this.#list.filter(({ state }) => state !== LEAVING);
		return true;
	}

	/**
	 * The broker closed the connection. Some do so instead of refusing a filter, at each connection: such a filter is barred
	 * until the next boot, or nothing else would ever be subscribed.
	 */
	closed(): void {
		const asked = this.#asked;
		this.#unanswered = asked.length > 0 ? this.#unanswered + 1 : 0;
		if (asked.length !== 1 || this.#unanswered < endurance) return;
		const { topic, state } = asked[0]!;
		if (state !== ASKED) return;
		this.#unanswered = suspicious;
		asked[0]!.state = BARRED;
		const text = `the broker closes the connection on the subscription of ${topic}: it is left out`;
		this.#owner.log("error", text);
	}

	/**
	 * A new connection: what was not granted is asked for again; everything, unless the broker surely kept the session. What it
	 * is to forget it is told, unless it surely lost the session.
	 */
	restart(kept: boolean, lost: boolean): void {
		this.#asked = [];
		this.#changed = true;
		if (lost) this.#list = this.#list.filter(({ count }) => count > 0);
		for (const subscription of this.#list) {
			if (subscription.count === 0) subscription.state = UNWANTED;
			else if (subscription.state !== BARRED && (!kept || subscription.state !== GRANTED)) subscription.state = WANTED;
		}
	}
}
