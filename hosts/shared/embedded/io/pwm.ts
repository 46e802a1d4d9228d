import type { PWMOptions } from "embedded:io/pwm";
import { call } from "vagalume:host";
import { board } from "../../operations/board";
import { checkOptions, getInteger, requireInteger } from "../options";
import { checkFormat, closed, setTarget } from "./common";

const TYPE = "PWM";
const LAST_PIN = 63;
/** The clock that the board's PWM timers divide, in Hz. */
const CLOCK = 80_000_000;

/** A pulse-width modulated output (ECMA-419 §10). Duty is 0 until the first `write`. */
class PWM {
	declare readonly target: unknown;
	#handle = 0;
	#hz: number;
	#resolution: number;
	#max: number;

	/**
	 * `hz` (1,024 by default) times 2^`resolution` (1..14 bits, 10 by default) must not exceed 80 MHz. Throws Error when the pin
	 * is in use or no PWM channel is free.
	 */
	constructor(options: PWMOptions) {
		checkOptions(TYPE, options);
		const number = requireInteger(TYPE, "pin", options.pin, 0, LAST_PIN);
		const hz = options.hz === undefined ? 1024 : Number(options.hz);
		if (!(hz > 0 && hz <= CLOCK)) throw new RangeError(`PWM: hz ${String(options.hz)} is not a positive number`);
		const resolution = getInteger(TYPE, "resolution", options.resolution, 1, 14) ?? 10;
		if (hz * (1 << resolution) > CLOCK)
			throw new RangeError(`PWM: ${hz} Hz with ${resolution} bits is beyond the timer's 80 MHz`);
		checkFormat(TYPE, options.format ?? "number", "number");
		setTarget(this, options);
		this.#hz = hz;
		this.#resolution = resolution;
		this.#max = (1 << resolution) - 1;
		this.#handle = call(board.pwmOpen, number, hz, resolution) as number;
	}

	get hz(): number {
		if (!this.#handle) throw closed(TYPE);
		return this.#hz;
	}

	/** Bits: `write` takes 0..2^resolution-1. */
	get resolution(): number {
		if (!this.#handle) throw closed(TYPE);
		return this.#resolution;
	}

	/** Always throws: a PWM only writes. */
	read(): never {
		throw this.#handle ? new Error("PWM: an output cannot be read") : closed(TYPE);
	}

	/** Sets the duty: 0 is always low, 2^resolution-1 always high. Throws RangeError for anything but an integer of that range. */
	write(value: number): void {
		if (!this.#handle) throw closed(TYPE);
		// Fades write often: what is right passes without a call.
		if ((value | 0) !== value || value < 0 || value > this.#max)
			value = requireInteger(TYPE, "value", value, 0, this.#max);
		call(board.pwmWrite, this.#handle, value);
	}

	close(): void {
		if (!this.#handle) return;
		call(board.pwmClose, this.#handle);
		this.#handle = 0;
	}

	get format(): "number" {
		if (!this.#handle) throw closed(TYPE);
		return "number";
	}
	set format(value: string) {
		if (!this.#handle) throw closed(TYPE);
		checkFormat(TYPE, value, "number");
	}
}

export default PWM;
