import { digitalMode } from "../../hosts/shared/operations/board";

export type Level = 0 | 1;

/** The board's supply, which is the converter's full scale too. */
export const SUPPLY = 3.3;

/** One GPIO: what the firmware makes of it on one side, what parts and the world do to it on the other. */
export class Pin {
	readonly number: number;
	/** What the firmware has open on it: `Digital`, `PWM`, ... */
	owner: string | undefined;
	#mode: number | undefined;
	#out: Level = 0;
	#pwm: number | undefined;
	#driven: Level | undefined;
	#resistor: Level | undefined;
	#source: (() => number) | undefined;
	#level: Level = 0;
	#duty = 0;
	readonly #hasPulls: boolean;
	readonly #listeners = new Set<(pin: Pin, edge: boolean) => void>();
	readonly #onShort: () => void;
	#wasShorted = false;

	/** `hasPulls`: the chip has pull resistors behind this pin. `onShort`: it is driven from both sides, as of now. */
	constructor(number: number, hasPulls: boolean, onShort: () => void) {
		this.number = number;
		this.#hasPulls = hasPulls;
		this.#onShort = onShort;
	}

	/** What a voltmeter would call high or low. */
	get level(): Level {
		return this.#level;
	}

	/** The share of the time that the pin is high: 0..1. */
	get duty(): number {
		return this.#duty;
	}

	/** Volts, as the converter sees them; `undefined` when nothing is connected. */
	get volts(): number | undefined {
		if (this.#source) return Math.min(SUPPLY, Math.max(0, this.#source()));
		if (this.#driven === undefined && this.#resistor === undefined) return undefined;
		return this.#level * SUPPLY;
	}

	get mode(): number | undefined {
		return this.#mode;
	}

	get output(): boolean {
		return this.#pwm !== undefined || this.#mode === digitalMode.output;
	}

	/** The firmware configures the pin; `undefined` lets it float. */
	configure(mode: number | undefined, out: Level = 0): void {
		this.#mode = mode;
		this.#out = out;
		this.#pwm = undefined;
		this.#update();
	}

	/** The firmware sets an output. */
	write(out: Level): void {
		this.#out = out;
		this.#update();
	}

	/** The firmware's PWM: the share of the time that it is high. */
	modulate(duty: number): void {
		this.#pwm = duty;
		this.#update();
	}

	/** A part drives the pin; `undefined` lets it go. */
	drive(level: Level | undefined): void {
		this.#driven = level;
		this.#update();
	}

	/** A resistor outside the chip, to supply (1) or ground (0). */
	resistor(level: Level | undefined): void {
		this.#resistor = level;
		this.#update();
	}

	/** A voltage outside the chip. */
	connect(source: (() => number) | undefined): void {
		this.#source = source;
		this.#update();
	}

	/** True when firmware and a part drive against each other. */
	get shorted(): boolean {
		if (this.#driven === undefined) return false;
		if (this.#pwm !== undefined) return true;
		if (this.#mode === digitalMode.output) return this.#driven !== this.#out;
		return this.#mode === digitalMode.outputOpenDrain && this.#out === 0 && this.#driven === 1;
	}

	/** `listener` is called after each change of level or duty; returns what ends that. */
	onChange(listener: (pin: Pin, edge: boolean) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#update(): void {
		const { shorted } = this;
		if (shorted && !this.#wasShorted) this.#onShort();
		this.#wasShorted = shorted;
		const duty = this.#pwm ?? this.#resolve();
		const level: Level = duty >= 0.5 ? 1 : 0;
		if (duty === this.#duty && level === this.#level) return;
		const edge = level !== this.#level;
		this.#duty = duty;
		this.#level = level;
		for (const listener of this.#listeners) listener(this, edge);
	}

	#resolve(): Level {
		const mode = this.#mode;
		if (mode === digitalMode.output) return this.#out;
		if (mode === digitalMode.outputOpenDrain && this.#out === 0) return 0;
		if (this.#driven !== undefined) return this.#driven;
		if (this.#source) return this.#source() > SUPPLY / 2 ? 1 : 0;
		if (this.#resistor !== undefined) return this.#resistor;
		if (mode === digitalMode.inputPullUp && this.#hasPulls) return 1;
		return 0;
	}
}
