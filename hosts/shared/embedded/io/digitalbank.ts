import type { DigitalBankOptions } from "embedded:io/digitalbank";
import { call } from "vagalume:host";
import { board, digitalMode } from "../../operations/board";
import { attach, detach } from "../dispatch";
import { checkOptions, getCallback, getInteger, requireInteger } from "../options";
import { checkFormat, closed, setTarget } from "./common";
import { checkMode } from "./digital";

const TYPE = "DigitalBank";
const ALL = 0xffffffff;

/** Up to 32 pins at once, all in or all out (ECMA-419 §10, Digital bank). Masks are unsigned: write `(1 << 31) >>> 0`. */
class DigitalBank {
	static readonly Input = digitalMode.input;
	static readonly InputPullUp = digitalMode.inputPullUp;
	static readonly InputPullDown = digitalMode.inputPullDown;
	static readonly InputPullUpDown = digitalMode.inputPullUpDown;
	static readonly Output = digitalMode.output;
	static readonly OutputOpenDrain = digitalMode.outputOpenDrain;

	declare readonly target: unknown;
	#handle = 0;
	#output: boolean;
	#onReadable: ((this: DigitalBank, triggers: number) => void) | undefined;

	/**
	 * `bank` 0 (the default) is GPIO 0 to 31, bank 1 GPIO 32 to 63. With `onReadable`, `rises` or `falls` names a pin of
	 * `pins`. Throws as `Digital` does.
	 */
	constructor(options: DigitalBankOptions) {
		checkOptions(TYPE, options);
		const pins = requireInteger(TYPE, "pins", options.pins, 1, ALL);
		const mode = checkMode(TYPE, options.mode);
		const bank = getInteger(TYPE, "bank", options.bank, 0, 1) ?? 0;
		const onReadable = getCallback(TYPE, "onReadable", options.onReadable);
		const rises = ((getInteger(TYPE, "rises", options.rises, 0, ALL) ?? 0) & pins) >>> 0;
		const falls = ((getInteger(TYPE, "falls", options.falls, 0, ALL) ?? 0) & pins) >>> 0;
		if (onReadable && !rises && !falls)
			throw new RangeError("DigitalBank: onReadable needs a pin of pins in rises or falls");
		const initialValue = getInteger(TYPE, "initialValue", options.initialValue, 0, ALL) ?? 0;
		checkFormat(TYPE, options.format ?? "number", "number");
		this.#output = mode >= DigitalBank.Output;
		setTarget(this, options);

		const listening = onReadable && !this.#output;
		this.#handle = call(
			board.digitalOpen,
			bank,
			pins,
			mode,
			listening ? rises : 0,
			listening ? falls : 0,
			initialValue,
		) as number;
		if (listening) {
			this.#onReadable = onReadable;
			attach(this.#handle, { onEvent: () => this.#readable() });
		}
	}

	/** The levels of the bank's pins; other bits are 0. Throws Error when the bank is an output or closed. */
	read(): number {
		if (!this.#handle) throw closed(TYPE);
		if (this.#output) throw new Error("DigitalBank: an output cannot be read");
		return call(board.digitalRead, this.#handle) as number;
	}

	/** Sets the bank's pins; other bits are ignored. Throws RangeError for a mask out of range, Error when the bank is an input or closed. */
	write(value: number): void {
		if (!this.#handle) throw closed(TYPE);
		if (!this.#output) throw new Error("DigitalBank: an input cannot be written");
		call(board.digitalWrite, this.#handle, requireInteger(TYPE, "value", value, 0, ALL));
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
		this.#onReadable?.call(this, call(board.digitalTriggers, this.#handle) as number);
	}
}

export default DigitalBank;
