/**
 * What a right receiver makes of the packets that reached it (MQTT 3.1.1 §4.3): how often each message is delivered. The
 * judge holds the real ones against it.
 */
export class ReceiverModel {
	/** Identifiers of QoS 2 messages between PUBLISH and PUBREL. */
	readonly #taken = new Set<number>();
	readonly #deliveries = new Map<number, number>();
	readonly #places = new Map<number, number>();

	/** How often message `number` is delivered. */
	deliveries(number: number): number {
		return this.#deliveries.get(number) ?? 0;
	}

	/** Its place in the order of first deliveries, from 1; 0: it was not delivered. */
	place(number: number): number {
		return this.#places.get(number) ?? 0;
	}

	/** PUBLISH. */
	publish(number: number, QoS: number, id: number): void {
		if (QoS === 2) {
			if (this.#taken.has(id)) return;
			this.#taken.add(id);
		}
		const before = this.deliveries(number);
		this.#deliveries.set(number, before + 1);
		if (before === 0) this.#places.set(number, this.#places.size + 1);
	}

	/** PUBREL. */
	release(id: number): void {
		this.#taken.delete(id);
	}

	/** The session was lost. */
	lose(): void {
		this.#taken.clear();
	}
}
