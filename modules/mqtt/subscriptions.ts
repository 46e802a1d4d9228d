import type { SubscribeItem } from "./packet/encoder";
import type { QoS } from "./packet/types";

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

/** Which filters the broker is to deliver, and which of them it knows of. */
export class Subscriptions {
	#list: Subscription[] = [];
	#asked: Subscription[] = [];
	/** Connections in a row that the broker closed instead of answering. */
	#unanswered = 0;
	/** Some filters may be wanted, or unwanted. */
	#changed = false;

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

	/** There is something to ask for, and no answer due. */
	get due(): boolean {
		return this.#changed && this.#asked.length === 0;
	}

	/** An answer is due. */
	get waiting(): boolean {
		return this.#asked.length > 0;
	}

	/** What to subscribe to next, at most `limit` filters; none while an answer is due. */
	ask(limit: number): readonly Subscription[] {
		return this.take(WANTED, ASKED, limit);
	}

	/** What to unsubscribe next, likewise; when that is nothing, nothing is due any more. */
	leave(limit: number): readonly Subscription[] {
		const items = this.take(UNWANTED, LEAVING, limit);
		if (items.length === 0) this.#changed = false;
		return items;
	}

	private take(from: number, to: number, limit: number): readonly Subscription[] {
		const asked = this.#asked;
		if (asked.length > 0) return [];
		if (this.#unanswered >= suspicious) limit = 1;
		for (const subscription of this.#list) {
			if (subscription.state !== from || asked.length === limit) continue;
			subscription.state = to;
			asked.push(subscription);
		}
		return asked;
	}

	/** SUBACK. `report` is called for each filter that was refused, or granted a lower QoS than asked for. */
	answer(codes: readonly number[], report: (filter: string, asked: QoS, code: number) => void): void {
		const asked = this.#asked;
		this.#asked = [];
		asked.forEach((subscription, index) => {
			const code = codes[index] ?? 0x80;
			// Asked for at a higher QoS, or not wanted any more, in the meantime: that is still to be done.
			if (subscription.state === ASKED) subscription.state = code >= 0x80 ? REFUSED : GRANTED;
			if (code !== subscription.QoS) report(subscription.topic, subscription.QoS, code);
		});
	}

	/**
	 * The broker closed the connection. Some do so instead of refusing a filter, at each connection: such a filter is barred
	 * until the next boot, or nothing else would ever be subscribed.
	 *
	 * @returns the filter that was barred, if one was
	 */
	closed(): string | undefined {
		const asked = this.#asked;
		this.#unanswered = asked.length > 0 ? this.#unanswered + 1 : 0;
		if (asked.length !== 1 || this.#unanswered < endurance) return undefined;
		const subscription = asked[0]!;
		if (subscription.state !== ASKED) return undefined;
		this.#unanswered = suspicious;
		subscription.state = BARRED;
		return subscription.topic;
	}

	/** UNSUBACK. */
	left(): void {
		this.#asked = [];
		this.#list = this.#list.filter(({ state }) => state !== LEAVING);
	}

	/** A new connection: what was not granted is asked for again; everything, when the broker lost the session. */
	restart(kept: boolean): void {
		this.#asked = [];
		this.#changed = true;
		if (!kept) this.#list = this.#list.filter(({ count }) => count > 0);
		for (const subscription of this.#list) {
			if (subscription.count === 0) subscription.state = UNWANTED;
			else if (subscription.state !== BARRED && (!kept || subscription.state !== GRANTED)) subscription.state = WANTED;
		}
	}
}
