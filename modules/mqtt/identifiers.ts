import { MQTTError } from "./packet/error";

/** Packet identifiers in flight (MQTT 3.1.1 §2.3.1): 1..65,535, wrapping, never one that is still in use. */
export class Identifiers {
	#last = 0;
	readonly #busy: number[] = [];

	/**
	 * A free identifier, in use from now on.
	 *
	 * @throws MQTTError `identifiers-exhausted`
	 */
	allocate(): number {
		const busy = this.#busy;
		if (busy.length >= 65535)
			throw new MQTTError("identifiers-exhausted", "65535 packets are in flight", "MQTT-2.3.1-2");
		let id = this.#last;
		do id = id === 65535 ? 1 : id + 1;
		while (busy.length > 0 && busy.includes(id));
		this.#last = id;
		busy.push(id);
		return id;
	}

	/** Marks an identifier that the caller chose as in use. */
	claim(id: number): void {
		if (!this.#busy.includes(id)) this.#busy.push(id);
	}

	/** Its exchange is complete: the identifier may be used again. */
	release(id: number): void {
		const busy = this.#busy;
		if (busy[0] === id) busy.shift();
		else {
			const index = busy.indexOf(id);
			if (index >= 0) busy.splice(index, 1);
		}
	}

	/** How many are in use. */
	get size(): number {
		return this.#busy.length;
	}
}
