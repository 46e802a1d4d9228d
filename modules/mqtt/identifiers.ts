import { MQTTError } from "./packet/error";

const highest = 65535;

/**
 * Packet identifiers in flight (MQTT 3.1.1 §2.3.1): 1..65,535, wrapping, never one that is still in use. Most come back in
 * the order in which they went out, so what is kept is a run of them, and a list of those that are left over.
 */
export class Identifiers {
	/** The run: those from `#first` up to `#next`, which is free, are in use. */
	#first = 1;
	#next = 1;
	/** In use, and not in the run. */
	#others: number[] | undefined;

	/**
	 * A free identifier, in use from now on.
	 *
	 * @throws MQTTError `identifiers-exhausted`
	 */
	allocate(): number {
		if (this.#others) this.pass();
		const id = this.#next;
		const next = id === highest ? 1 : id + 1;
		if (next === this.#first) this.setAside();
		this.#next = next;
		return id;
	}

	/** Marks an identifier that the caller chose as in use. */
	claim(id: number): void {
		if (!this.has(id)) this.add(id);
	}

	/** Its exchange is complete: the identifier may be used again. */
	release(id: number): void {
		if (id === this.#first && id !== this.#next) this.#first = id === highest ? 1 : id + 1;
		else if (this.#others?.includes(id)) this.drop(id);
		else {
			if (!this.has(id)) return;
			// The run begins behind it.
			while (this.#first !== id) this.setAside();
			this.#first = id === highest ? 1 : id + 1;
		}
	}

	/** How many are in use. */
	get size(): number {
		return distance(this.#first, this.#next) + (this.#others?.length ?? 0);
	}

	// Not #methods: each would take a slot of each instance on XS.
	private has(id: number): boolean {
		if (distance(this.#first, id) < distance(this.#first, this.#next)) return true;
		return this.#others?.includes(id) ?? false;
	}

	/** The run goes on behind identifiers that are in use. */
	private pass(): void {
		if (this.size >= highest)
			throw new MQTTError("identifiers-exhausted", "65535 packets are in flight", "MQTT-2.3.1-2");
		while (this.#others?.includes(this.#next)) {
			const id = this.#next;
			this.drop(id);
			this.#next = id === highest ? 1 : id + 1;
		}
	}

	/** Takes the first one of the run out of it. It stays in use. */
	private setAside(): void {
		const id = this.#first;
		this.add(id);
		this.#first = id === highest ? 1 : id + 1;
	}

	private add(id: number): void {
		if (this.#others === undefined) this.#others = [id];
		else this.#others.push(id);
	}

	private drop(id: number): void {
		const others = this.#others!;
		if (others.length === 1) this.#others = undefined;
		else others.splice(others.indexOf(id), 1);
	}
}

/** How many identifiers it is from one to another, upwards and round. */
function distance(from: number, to: number): number {
	return to < from ? to - from + highest : to - from;
}
