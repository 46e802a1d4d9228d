// Aosong AM2302, sold as DHT22. https://files.seeedstudio.com/wiki/Grove-Temperature_and_Humidity_Sensor_Pro/res/AM2302-EN.pdf
import type { WirePart } from "../board/wire";
import type { Surroundings } from "./surroundings";

/** It needs so long (ms) after power-up, and between readings. */
const WARM_UP = 1000;
const INTERVAL = 2000;
/** Start signal: low for 0.8 to 20 ms. */
const START_LOW = 800;
const START_HIGH = 20_000;

/** Humidity and temperature sensor on a single wire: 40 bits, a bit by the width of a high pulse. */
export class DHT22Part implements WirePart {
	readonly #around: Surroundings;
	#readyAt = 0;

	constructor(around: Surroundings) {
		this.#around = around;
	}

	powerUp(): void {
		this.#readyAt = this.#around.time.now() + WARM_UP;
	}

	/** Does not answer when asked too early, or with a start signal that is too short or too long. */
	exchange(low: number): number[] | undefined {
		const now = this.#around.time.now();
		if (low < START_LOW || low > START_HIGH || now < this.#readyAt) return undefined;
		this.#readyAt = now + INTERVAL;
		const humidity = Math.min(1000, Math.max(0, Math.round(this.#around.measure("humidity") * 10)));
		const tenths = Math.min(800, Math.max(-400, Math.round(this.#around.measure("temperature") * 10)));
		const temperature = tenths < 0 ? 0x8000 | -tenths : tenths;
		const bytes = [humidity >> 8, humidity & 0xff, temperature >> 8, temperature & 0xff];
		bytes.push(bytes.reduce((sum, byte) => sum + byte) & 0xff);
		// The wire goes high for 30 us, the part answers with 80 us low and 80 us high, then sends the bits.
		const widths = [30, 80, 80];
		for (const byte of bytes) for (let bit = 7; bit >= 0; bit--) widths.push(50, (byte >> bit) & 1 ? 70 : 26);
		widths.push(50);
		return widths;
	}
}
