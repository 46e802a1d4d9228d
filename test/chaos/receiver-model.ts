/**
 * What a right receiver makes of the packets that reached it (MQTT 3.1.1 §4.3): how often each message is delivered. The
 * judge holds the real ones against it.
 */
export class ReceiverModel {
	/** Messages at QoS 2 between PUBLISH and PUBREL, by identifier. */
	readonly #taken = new Map<number, number>();
	readonly #excused = new Set<number>();
	readonly #deliveries = new Map<number, number>();
	readonly #places = new Map<number, number>();
	#place = 0;

	/** How often message `number` is delivered. */
	deliveries(number: number): number {
		return this.#deliveries.get(number) ?? 0;
	}

	/** Its place in the order in which messages came last, from 1; 0: it never came. */
	place(number: number): number {
		return this.#places.get(number) ?? 0;
	}

	/**
	 * Its sender used an identifier for it that was taken (MQTT-2.3.1-2): to deliver it and to take it for a repetition are both
	 * right then.
	 */
	excused(number: number): boolean {
		return this.#excused.has(number);
	}

	/** PUBLISH. */
	publish(number: number, QoS: number, id: number): void {
		this.#places.set(number, ++this.#place);
		if (QoS === 2) {
			const other = this.#taken.get(id);
			if (other === number) return;
			if (other !== undefined) this.#excused.add(number);
			this.#taken.set(id, number);
		}
		this.#deliveries.set(number, this.deliveries(number) + 1);
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
