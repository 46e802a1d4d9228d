// Ambient light by a photoresistor (such as GL5528) on an analog pin.
// https://cdn-learn.adafruit.com/assets/assets/000/010/127/original/PDV-P8001.pdf describes one.
import type Analog from "embedded:io/analog";
import type { Sample, SensorOptions } from "embedded:sensor/_common";

export interface LightOptions extends SensorOptions {
	/** `io`: `device.io.Analog`. */
	sensor: { io: unknown; pin: number } & LightConfiguration;
}

export type LightConfiguration = {
	/** Ohms of the fixed resistor from the pin to ground: 100..1,000,000; 10,000 by default. The photoresistor goes to the supply. */
	resistor?: number;
	/** Ohms of the photoresistor at 10 lux: 15,000 by default. */
	r10?: number;
	/** How steep it is: resistance falls with illuminance^gamma. 0.1..2; 0.7 by default. */
	gamma?: number;
	/** The supply, in units of the converter's full scale: 1 by default; 3.3 / 2.45 where the converter ends at 2.45 V. */
	supply?: number;
};

/**
 * ECMA-419 §14 Ambient light sensor: `illuminance` in lux, approximately.
 *
 * With the share s of the supply at the pin, the photoresistor has R = resistor * (1 - s) / s ohms, and
 * illuminance = 10 * (r10 / R) ^ (1 / gamma) lux. Parts differ by a factor of two: calibrate `r10` against a luxmeter.
 */
class Light {
	#io: Analog | undefined;
	#full = 0;
	#resistor = 10_000;
	#r10 = 15_000;
	#gamma = 0.7;
	#supply = 1;

	constructor(options: LightOptions) {
		const { sensor } = options;
		this.#io = new (sensor.io as typeof Analog)(sensor);
		try {
			this.#full = 2 ** this.#io.resolution - 1;
			this.configure(sensor);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Changes what `options` names. Throws RangeError for a value out of range. */
	configure(options: LightConfiguration): void {
		this.#open();
		const { resistor = this.#resistor, r10 = this.#r10, gamma = this.#gamma, supply = this.#supply } = options;
		check("resistor", resistor, 100, 1_000_000);
		check("r10", r10, 100, 10_000_000);
		check("gamma", gamma, 0.1, 2);
		check("supply", supply, 0.1, 10);
		this.#resistor = resistor;
		this.#r10 = r10;
		this.#gamma = gamma;
		this.#supply = supply;
	}

	/** Lux. At either end of the converter it is the last value that the converter can tell from the end. */
	sample(): Sample {
		const least = 1 / this.#full;
		const share = Math.min(1 - least, Math.max(least, this.#open().read() / this.#full / this.#supply));
		const photoresistor = (this.#resistor * (1 - share)) / share;
		return { illuminance: 10 * (this.#r10 / photoresistor) ** (1 / this.#gamma) };
	}

	close(): void {
		this.#io?.close();
		this.#io = undefined;
	}

	#open(): Analog {
		if (!this.#io) throw new Error("light sensor is closed");
		return this.#io;
	}
}

function check(name: string, value: number, low: number, high: number): void {
	if (!(value >= low && value <= high))
		throw new RangeError(`light sensor: ${name} ${value} is outside ${low}..${high}`);
}

export default Light;
