import { Wire } from "./native";

/** A single data wire with a pull-up resistor, driven by hosts/esp32/pulse-wire.c: `device.system.PulseWire`. */
class PulseWire {
	#pin: number;

	constructor({ pin }: { pin: number }) {
		if (!Number.isInteger(pin) || pin < 0 || pin > 63) throw new RangeError(`PulseWire: pin ${pin} is outside 0..63`);
		this.#pin = pin;
		Wire.open(pin);
	}

	/**
	 * Pulls the wire low for 1..20,000 us, lets it go, and records how long (us) it then stays high, low, high, ... until `widths`
	 * is full or the wire has been still for 1 ms. Returns how many widths were recorded; 0 when no part answered.
	 */
	exchange(lowMicroseconds: number, widths: Uint16Array): number {
		if (!(lowMicroseconds >= 1 && lowMicroseconds <= 20_000))
			throw new RangeError(`PulseWire exchange: ${lowMicroseconds} us is outside 1..20,000`);
		return Wire.exchange(this.#open(), lowMicroseconds, widths);
	}

	/** 1-Wire: reset and presence; false when no part answers. */
	reset(): boolean {
		return Wire.reset(this.#open());
	}

	writeByte(value: number): void {
		for (let bit = 0; bit < 8; bit++) this.bit(((value >> bit) & 1) as 0 | 1);
	}

	/** 255 when no part drives the wire. */
	readByte(): number {
		let value = 0;
		for (let bit = 0; bit < 8; bit++) value |= this.bit(1) << bit;
		return value;
	}

	/** 1-Wire: one time slot; writing 1 also reads. */
	bit(value: 0 | 1): 0 | 1 {
		return Wire.bit(this.#open(), value);
	}

	close(): void {
		this.#pin = -1;
	}

	#open(): number {
		if (this.#pin < 0) throw new Error("PulseWire: closed");
		return this.#pin;
	}
}

export default PulseWire;
