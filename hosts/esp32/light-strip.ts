import NeoPixel from "neopixel";

/** A strip of addressable RGB LEDs on one pin, by the SDK's NeoPixel: `device.system.LightStrip`. Dark until the first `write`. */
class LightStrip {
	#pixels: NeoPixel | undefined;
	readonly #length: number;

	/** `length`: 1..1,024 LEDs. `order`: how the LEDs want their bytes, `GRB` (the default) or `RGB`. */
	constructor({ pin, length, order = "GRB" }: { pin: number; length: number; order?: "GRB" | "RGB" }) {
		if (!Number.isInteger(length) || length < 1 || length > 1024)
			throw new RangeError(`LightStrip: length ${length} is outside 1..1024`);
		if (order !== "GRB" && order !== "RGB")
			throw new RangeError(`LightStrip: order "${String(order)}" is neither "GRB" nor "RGB"`);
		this.#length = length;
		this.#pixels = new NeoPixel({ pin, length, order });
		// The firmware's bytes are what is meant: the SDK's default is a quarter of them.
		this.#pixels.brightness = 255;
	}

	/** Sets all LEDs: 3 bytes each, red, green, blue, whatever the order on the wire. Throws RangeError for another length. */
	write(bytes: Uint8Array): void {
		const pixels = this.#pixels;
		if (!pixels) throw new Error("LightStrip: closed");
		if (bytes.byteLength !== this.#length * 3)
			throw new RangeError(`LightStrip: ${bytes.byteLength} bytes, expected ${this.#length * 3}`);
		for (let index = 0, at = 0; index < this.#length; index++, at += 3)
			pixels.setPixel(index, pixels.makeRGB(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!));
		pixels.update();
	}

	close(): void {
		const pixels = this.#pixels;
		this.#pixels = undefined;
		pixels?.close();
	}
}

export default LightStrip;
