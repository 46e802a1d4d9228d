import type { AnalogOptions } from "embedded:io/analog";
import { call } from "vagalume:host";
import { board } from "../../operations/board";
import { checkOptions, getInteger, requireInteger } from "../options";
import { checkFormat, closed, setTarget } from "./common";

const TYPE = "Analog";
const LAST_PIN = 63;
/** Bits of the board's converter. */
const NATIVE = 12;

/** A voltage (ECMA-419 §10, Analog input): 0 at 0 V, 2^resolution-1 at 3.3 V. */
class Analog {
	declare readonly target: unknown;
	#handle = 0;
	#resolution: number;

	/** `resolution` asks for so many bits; at most 12 are given. Throws Error when the pin is in use or has no converter. */
	constructor(options: AnalogOptions) {
		checkOptions(TYPE, options);
		const number = requireInteger(TYPE, "pin", options.pin, 0, LAST_PIN);
		this.#resolution = Math.min(
			NATIVE,
			getInteger(TYPE, "resolution", options.resolution, 1, Number.MAX_SAFE_INTEGER) ?? NATIVE,
		);
		checkFormat(TYPE, options.format ?? "number", "number");
		setTarget(this, options);
		this.#handle = call(board.analogOpen, number) as number;
	}

	get resolution(): number {
		if (!this.#handle) throw closed(TYPE);
		return this.#resolution;
	}

	read(): number {
		if (!this.#handle) throw closed(TYPE);
		return (call(board.analogRead, this.#handle) as number) >> (NATIVE - this.#resolution);
	}

	/** Always throws: a converter only reads. */
	write(): void {
		throw this.#handle ? new Error("Analog: an input cannot be written") : closed(TYPE);
	}

	close(): void {
		if (!this.#handle) return;
		call(board.analogClose, this.#handle);
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

export default Analog;
