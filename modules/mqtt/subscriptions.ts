import type { QoS } from "./packet/types";

const WANTED = 0;
const ASKED = 1;
const GRANTED = 2;
const REFUSED = 3;

interface Subscription {
	topic: string;
	QoS: QoS;
	state: number;
}

/** Which filters the broker is to deliver, and which of them it knows of. */
export class Subscriptions {
	readonly #list: Subscription[] = [];
	#asked: Subscription[] = [];

	/** Adds a filter, or raises its QoS. */
	add(topic: string, QoS: QoS): void {
		for (const subscription of this.#list) {
			if (subscription.topic !== topic) continue;
			if (subscription.QoS < QoS) {
				subscription.QoS = QoS;
				subscription.state = WANTED;
			}
			return;
		}
		this.#list.push({ topic, QoS, state: WANTED });
	}

	/** An answer is due. */
	get waiting(): boolean {
		return this.#asked.length > 0;
	}

	/** What to ask for next, at most `limit` filters; none while an answer is due. */
	ask(limit: number): readonly Subscription[] {
		const asked = this.#asked;
		if (asked.length > 0) return [];
		for (const subscription of this.#list) {
			if (subscription.state !== WANTED || asked.length === limit) continue;
			subscription.state = ASKED;
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
			// Asked for at a higher QoS in the meantime: that is still to be done.
			if (subscription.state === ASKED) subscription.state = code === 0x80 ? REFUSED : GRANTED;
			if (code !== subscription.QoS) report(subscription.topic, subscription.QoS, code);
		});
	}

	/** A new connection: what was not granted is asked for again; everything, when the broker lost the session. */
	restart(kept: boolean): void {
		this.#asked = [];
		for (const subscription of this.#list) {
			if (!kept || subscription.state !== GRANTED) subscription.state = WANTED;
		}
	}
}
