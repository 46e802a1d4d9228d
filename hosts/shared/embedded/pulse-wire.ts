import { call, callInto } from "vagalume:host";
import { board } from "../operations/board";
import { closed } from "./io/common";
import { checkOptions, requireInteger } from "./options";

const TYPE = "PulseWire";
const LAST_PIN = 63;

/** A single data wire with a pull-up resistor, driven at microseconds by the host: `device.system.PulseWire`. */
class PulseWire {
	#handle = 0;

	/** Several instances may share a pin: each call is a complete exchange. Throws Error when the pin is used for something else. */
	constructor(options: { pin: number }) {
		checkOptions(TYPE, options);
		this.#handle = call(board.wireOpen, requireInteger(TYPE, "pin", options.pin, 0, LAST_PIN)) as number;
	}

	/**
	 * Pulls the wire low for 1..20,000 us, lets it go, and records how long (us) it then stays high, low, high, ... until `widths`
	 * is full or the wire has been still for 1 ms. Returns how many widths were recorded; 0 when no part answered.
	 */
	exchange(lowMicroseconds: number, widths: Uint16Array): number {
		if (!this.#handle) throw closed(TYPE);
		const low = requireInteger(TYPE, "lowMicroseconds", lowMicroseconds, 1, 20_000);
		return callInto(widths, board.wireExchange, this.#handle, low, widths.length)! >> 1;
	}

	/** 1-Wire: a reset pulse; true when at least one part answers with its presence. */
	reset(): boolean {
		if (!this.#handle) throw closed(TYPE);
		return call(board.wireReset, this.#handle) as boolean;
	}

	writeByte(value: number): void {
		if (!this.#handle) throw closed(TYPE);
		call(board.wireWrite, this.#handle, requireInteger(TYPE, "value", value, 0, 255));
	}

	/** 255 when no part drives the wire. */
	readByte(): number {
		if (!this.#handle) throw closed(TYPE);
		return call(board.wireRead, this.#handle) as number;
	}

	/** 1-Wire: one time slot. Writing 1 also reads: a part may hold the wire low. */
	bit(value: 0 | 1): 0 | 1 {
		if (!this.#handle) throw closed(TYPE);
		return call(board.wireBit, this.#handle, value ? 1 : 0) as 0 | 1;
	}

	close(): void {
		if (!this.#handle) return;
		call(board.wireClose, this.#handle);
		this.#handle = 0;
	}
}

export default PulseWire;
