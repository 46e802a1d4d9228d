import type { Clock } from "../../hosts/shared/clock";
import { type Quantity, quantities } from "./curves";
import { rough, stream } from "./random";

/** ms from one value of a sensor's noise to the next. */
const NOISE_STEP = 500;

export interface WorldOptions {
	readonly clock: Clock;
	/** Another seed, other weather. */
	readonly seed: number;
}

/** A quantity held, or on its way, from outside. */
interface Override {
	readonly from: number;
	readonly to: number;
	/** ms of `clock.now()` */
	readonly start: number;
	readonly end: number;
}

/**
 * What sensors measure. Each quantity follows a day's curve that depends only on seed and date, until it is `set` from outside;
 * `release` gives it back. A name is a quantity, `temperature`, or that of one sensor only, `climate/temperature`.
 */
export class World {
	readonly #clock: Clock;
	readonly #seeds = new Map<string, number>();
	readonly #seed: number;
	readonly #overrides = new Map<string, Override>();
	readonly #noises = new Map<string, number>();
	readonly #listeners = new Set<(name: string) => void>();

	constructor(options: WorldOptions) {
		this.#clock = options.clock;
		this.#seed = options.seed;
	}

	/** The value now, in the quantity's unit; with `sensor`, as that sensor meets it. Throws RangeError for an unknown quantity. */
	value(quantity: string, sensor?: string): number {
		const { low, high } = checkQuantity(quantity);
		const name = sensor === undefined ? quantity : `${sensor}/${quantity}`;
		const value = this.#quiet(quantity, sensor);
		const noise = this.#noises.get(name);
		if (noise === undefined) return value;
		const wandering = value + noise * rough(this.#seedOf(name), this.#clock.date(), NOISE_STEP);
		return Math.min(high, Math.max(low, wandering));
	}

	/** How far noise takes a quantity from its value, at most, either way; 0 when there is none. */
	noise(name: string): number {
		return this.#noises.get(name) ?? 0;
	}

	/** Adds noise of this amplitude, in the quantity's unit, to what is measured. Throws RangeError for more than the quantity's range. */
	setNoise(name: string, amplitude: number): void {
		const { low, high, unit } = checkQuantity(split(name)[1]);
		if (!(amplitude >= 0 && amplitude <= high - low))
			throw new RangeError(`noise of ${name}: ${amplitude} is outside 0..${high - low} ${unit}`);
		if (amplitude === 0) this.#noises.delete(name);
		else this.#noises.set(name, amplitude);
		for (const listener of this.#listeners) listener(name);
	}

	/** Holds a quantity at `value`. Throws RangeError for an unknown name, or a value out of the quantity's range. */
	set(name: string, value: number): void {
		this.ramp(name, value, 0);
	}

	/** Moves a quantity to `value` in a straight line over `seconds`, then holds it. */
	ramp(name: string, value: number, seconds: number): void {
		const [sensor, quantity] = split(name);
		checkValue(quantity, value);
		if (!(seconds >= 0)) throw new RangeError(`${name}: ${seconds} s is not a duration`);
		const from = this.#quiet(quantity, sensor);
		const start = this.#clock.now();
		this.#overrides.set(name, { from, to: value, start, end: start + seconds * 1000 });
		for (const listener of this.#listeners) listener(name);
	}

	/** Lets nature go on; does nothing when nothing was set. */
	release(name: string): void {
		checkQuantity(split(name)[1]);
		if (this.#overrides.delete(name)) for (const listener of this.#listeners) listener(name);
	}

	/** True while `set` or `ramp` holds the name. */
	held(name: string): boolean {
		return this.#overrides.has(name);
	}

	/** Told the name after each `set`, `ramp` and `release`; returns what ends that. */
	onChange(listener: (name: string) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** All quantities with unit, range, present value and whether they are held: what a panel draws. */
	snapshot(): Record<string, { unit: string; low: number; high: number; value: number; held: boolean }> {
		return Object.fromEntries(
			Object.entries(quantities).map(([name, { unit, low, high }]) => [
				name,
				{ unit, low, high, value: this.value(name), held: this.held(name) },
			]),
		);
	}

	/** Without noise. */
	#quiet(quantity: string, sensor?: string): number {
		const override =
			(sensor !== undefined && this.#overrides.get(`${sensor}/${quantity}`)) || this.#overrides.get(quantity);
		if (override) return this.#overridden(override);
		return checkQuantity(quantity).natural(this.#clock.date(), this.#seedOf(quantity));
	}

	#seedOf(name: string): number {
		let seed = this.#seeds.get(name);
		if (seed === undefined) {
			seed = stream(this.#seed, name);
			this.#seeds.set(name, seed);
		}
		return seed;
	}

	#overridden({ from, to, start, end }: Override): number {
		const now = this.#clock.now();
		if (now >= end) return to;
		return from + ((to - from) * (now - start)) / (end - start);
	}
}

/** Throws RangeError for an unknown quantity, or a value that it cannot have. */
export function checkValue(quantity: string, value: number): void {
	const { low, high, unit } = checkQuantity(quantity);
	if (!(value >= low && value <= high))
		throw new RangeError(`${quantity}: ${value} is outside ${low}..${high} ${unit}`);
}

/** `climate/temperature` -> sensor and quantity. */
export function split(name: string): [sensor: string | undefined, quantity: string] {
	const slash = name.indexOf("/");
	return slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)];
}

/** The quantity of that name; throws RangeError when there is none. */
export function checkQuantity(quantity: string): Quantity {
	const found = Object.hasOwn(quantities, quantity) ? quantities[quantity] : undefined;
	if (!found)
		throw new RangeError(`the world has no quantity "${quantity}": it has ${Object.keys(quantities).join(", ")}`);
	return found;
}
