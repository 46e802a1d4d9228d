import { call } from "vagalume:host";
import { board } from "../operations/board";
import { closed } from "./io/common";
import { checkOptions, requireInteger } from "./options";

const TYPE = "LightStrip";
const LAST_PIN = 63;

/** A strip of addressable RGB LEDs on one pin: `device.system.LightStrip`. Dark until the first `write`. */
class LightStrip {
	#handle = 0;
	#size: number;

	/**
	 * `length`: 1..1,024 LEDs. `order`: how the LEDs want their bytes, `GRB` (WS2812, the default) or `RGB`. Throws Error when
	 * the pin is in use.
	 */
	constructor(options: { pin: number; length: number; order?: "GRB" | "RGB" }) {
		checkOptions(TYPE, options);
		const number = requireInteger(TYPE, "pin", options.pin, 0, LAST_PIN);
		const length = requireInteger(TYPE, "length", options.length, 1, 1024);
		const order = options.order ?? "GRB";
		if (order !== "GRB" && order !== "RGB")
			throw new RangeError(`LightStrip: order "${String(order)}" is neither "GRB" nor "RGB"`);
		this.#size = length * 3;
		this.#handle = call(board.stripOpen, number, length) as number;
	}

	/** Sets all LEDs: 3 bytes each, red, green, blue, whatever the order on the wire. Throws RangeError for another length. */
	write(pixels: Uint8Array): void {
		if (!this.#handle) throw closed(TYPE);
		if (pixels.byteLength !== this.#size)
			requireInteger(TYPE, "number of bytes", pixels.byteLength, this.#size, this.#size);
		call(board.stripWrite, this.#handle, pixels);
	}

	close(): void {
		if (!this.#handle) return;
		call(board.stripClose, this.#handle);
		this.#handle = 0;
	}
}

export default LightStrip;
