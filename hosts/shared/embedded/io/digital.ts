import type { DigitalOptions } from "embedded:io/digital";
import { call } from "vagalume:host";
import { board, digitalMode } from "../../operations/board";
import { attach, detach } from "../dispatch";
import { checkOptions, getCallback, getInteger, requireInteger } from "../options";
import { checkFormat, closed, setTarget } from "./common";

const TYPE = "Digital";
const LAST_PIN = 63;

/** One pin, in or out (ECMA-419 §10, Digital). */
class Digital {
	static readonly Input = digitalMode.input;
	static readonly InputPullUp = digitalMode.inputPullUp;
	static readonly InputPullDown = digitalMode.inputPullDown;
	static readonly InputPullUpDown = digitalMode.inputPullUpDown;
	static readonly Output = digitalMode.output;
	static readonly OutputOpenDrain = digitalMode.outputOpenDrain;
	static readonly Rising = 1;
	static readonly Falling = 2;

	declare readonly target: unknown;
	/** 0 once closed. */
	#handle = 0;
	#mask: number;
	/** What is exclusive-ored with a level: 1 when the pin is active low. */
	#invert: 0 | 1;
	#output: boolean;
	#onReadable: ((this: Digital) => void) | undefined;

	/**
	 * Throws TypeError when `pin` or `mode` is missing or a callback is none, RangeError for a value out of range,
	 * Error when the pin is in use or cannot do it.
	 */
	constructor(options: DigitalOptions) {
		checkOptions(TYPE, options);
		const number = requireInteger(TYPE, "pin", options.pin, 0, LAST_PIN);
		const mode = checkMode(TYPE, options.mode);
		const onReadable = getCallback(TYPE, "onReadable", options.onReadable);
		const edge = onReadable ? requireInteger(TYPE, "edge", options.edge, 1, 3) : 0;
		const initialValue = getInteger(TYPE, "initialValue", options.initialValue, 0, 1) ?? 0;
		checkFormat(TYPE, options.format ?? "number", "number");
		this.#invert = options.activeLow ? 1 : 0;
		this.#mask = (1 << (number & 31)) >>> 0;
		this.#output = mode >= Digital.Output;
		setTarget(this, options);

		const [rising, falling] = this.#invert ? [Digital.Falling, Digital.Rising] : [Digital.Rising, Digital.Falling];
		const listening = onReadable && !this.#output;
		this.#handle = call(
			board.digitalOpen,
			number >> 5,
			this.#mask,
			mode,
			listening && edge & rising ? this.#mask : 0,
			listening && edge & falling ? this.#mask : 0,
			initialValue ^ this.#invert ? this.#mask : 0,
		) as number;
		if (listening) {
			this.#onReadable = onReadable;
			attach(this.#handle, { onEvent: () => this.#readable() });
		}
	}

	/** 0 or 1. Throws Error when the pin is an output or closed. */
	read(): number {
		if (!this.#handle) throw closed(TYPE);
		if (this.#output) throw new Error("Digital: an output cannot be read");
		return (call(board.digitalRead, this.#handle) ? 1 : 0) ^ this.#invert;
	}

	/** Takes 0 or 1. Throws RangeError for another value, Error when the pin is an input or closed. */
	write(value: number): void {
		if (!this.#handle) throw closed(TYPE);
		if (!this.#output) throw new Error("Digital: an input cannot be written");
		if (value !== 0 && value !== 1) value = requireInteger(TYPE, "value", value, 0, 1);
		call(board.digitalWrite, this.#handle, value ^ this.#invert ? this.#mask : 0);
	}

	close(): void {
		if (!this.#handle) return;
		detach(this.#handle);
		call(board.digitalClose, this.#handle);
		this.#handle = 0;
		this.#onReadable = undefined;
	}

	get format(): "number" {
		if (!this.#handle) throw closed(TYPE);
		return "number";
	}
	set format(value: string) {
		if (!this.#handle) throw closed(TYPE);
		checkFormat(TYPE, value, "number");
	}

	#readable(): void {
		call(board.digitalTriggers, this.#handle);
		this.#onReadable?.call(this);
	}
}

/** `mode` of Digital and DigitalBank. */
export function checkMode(type: string, value: unknown): number {
	const mode = requireInteger(type, "mode", value, 0, 9);
	if (mode > digitalMode.inputPullUpDown && mode < digitalMode.output)
		throw new RangeError(`${type}: mode ${mode} is none of ${type}.Input, .InputPullUp, ..., .OutputOpenDrain`);
	return mode;
}

export default Digital;
