import type { Sample } from "embedded:sensor/_common";
import type { ChannelDescription } from "../description/description";
import { type Conversion, type QuantityDescription, quantityTable, round } from "../description/units";

/** One value of a node: taken from a sample, in the unit and with the decimals of node.ts. */
export class Channel {
	readonly name: string;
	readonly #description: ChannelDescription;
	readonly #quantity: QuantityDescription;
	readonly #conversion: Conversion;
	#value: number | null = null;
	#told: number | null = null;

	constructor(name: string, description: ChannelDescription) {
		const quantity = quantityTable[description.quantity];
		const conversion = quantity?.units[description.unit ?? quantity.unit];
		if (!quantity || !conversion)
			throw new RangeError(`channel "${name}": ${description.quantity} has no unit "${description.unit}"`);
		this.name = name;
		this.#description = description;
		this.#quantity = quantity;
		this.#conversion = conversion;
	}

	get unit(): string {
		return this.#description.unit ?? this.#quantity.unit;
	}

	/** The latest value; null before the first one and while the sensor fails. */
	get value(): number | null {
		return this.#value;
	}

	/**
	 * Takes its value from a sample: of a compound sensor (`{thermometer: {temperature}}`) or of a single one
	 * (`{temperature}`). Returns false when the sample does not have it.
	 */
	take(sample: Sample): boolean {
		const { classification, property, decimals } = this.#quantity;
		const part = sample[classification] as Record<string, unknown> | undefined;
		const reading = (part ?? sample)[property];
		const { factor, offset } = this.#conversion;
		const value =
			typeof reading === "number"
				? round(reading * factor + offset, this.#description.decimals ?? decimals)
				: Number.NaN;
		this.#value = Number.isFinite(value) ? value : null;
		return this.#value !== null;
	}

	clear(): void {
		this.#value = null;
	}

	/** True when the value is further from the one last told than its threshold. */
	get changed(): boolean {
		const { threshold } = this.#description;
		if (threshold === undefined || this.#value === null) return false;
		return this.#told === null || Math.abs(this.#value - this.#told) > threshold;
	}

	/** The value was published: changes are counted from here. */
	told(): void {
		this.#told = this.#value;
	}

	/** What a sample lacks when `take` returned false. */
	get missing(): string {
		return this.#description.quantity;
	}
}
