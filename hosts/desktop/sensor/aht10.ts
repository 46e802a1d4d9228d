// Aosong AHT10: temperature, humidity.
// https://server4.eca.ir/eshop/AHT10/Aosong_AHT10_en_draft_0c.pdf
import type I2C from "embedded:io/i2c";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";

const INITIALIZE = Object.freeze([0xe1, 0x08, 0x00]);
const MEASURE = Object.freeze([0xac, 0x33, 0x00]);
const BUSY = 0x80;
const CALIBRATED = 0x08;
/** ms: initialization, one measurement, from one to the next. */
const INITIALIZATION = 10;
const MEASUREMENT = 80;
const INTERVAL = 2000;

/**
 * ECMA-419 §13 Sensor with the samples of Moddable's `embedded:sensor/Humidity-Temperature/AHT10`. Address 0x38, or 0x39. A measurement
 * takes 80 ms: the first one within the constructor, the others in the background, every 2 s. Throws when the part does not answer.
 */
class AHT10 {
	#io: I2C | undefined;
	readonly #command = new Uint8Array(3);
	readonly #data = new Uint8Array(6);
	#timer: Timer | undefined;
	#temperature = 0;
	#humidity = 0;
	#failure: Error | undefined;

	constructor(options: SensorOptions) {
		const { sensor } = options;
		const Bus = sensor.io as typeof I2C;
		this.#io = new Bus({ hz: 400_000, address: 0x38, ...sensor } as ConstructorParameters<typeof I2C>[0]);
		try {
			this.#send(INITIALIZE);
			Timer.delay(INITIALIZATION);
			this.#send(MEASURE);
			Timer.delay(MEASUREMENT);
			this.#read();
			this.#timer = Timer.set(() => this.#measure(), INTERVAL - MEASUREMENT);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Nothing can be configured. */
	configure(_options: Record<string, unknown>): void {
		this.#open();
	}

	/** °C and % of the latest measurement. Throws what went wrong with it: no answer, not ready, lost power. */
	sample(): Sample {
		this.#open();
		if (this.#failure) throw this.#failure;
		return { hygrometer: { humidity: this.#humidity }, thermometer: { temperature: this.#temperature } };
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#io?.close();
		this.#io = undefined;
	}

	#measure(): void {
		this.#attempt(() => this.#send(MEASURE));
		this.#timer = Timer.set(() => {
			if (!this.#failure) this.#attempt(() => this.#read());
			this.#timer = Timer.set(() => this.#measure(), INTERVAL - MEASUREMENT);
		}, MEASUREMENT);
	}

	#attempt(step: () => void): void {
		try {
			step();
			this.#failure = undefined;
		} catch (error) {
			this.#failure = error as Error;
		}
	}

	/** 20 bits of humidity, 20 bits of temperature (§5.4). */
	#read(): void {
		const data = this.#data;
		this.#open().read(data);
		if (data[0]! & BUSY) throw new Error("AHT10: not ready");
		if (!(data[0]! & CALIBRATED)) throw new Error("AHT10: not calibrated: it lost its power");
		const humidity = (data[1]! << 12) | (data[2]! << 4) | (data[3]! >> 4);
		const temperature = ((data[3]! & 15) << 16) | (data[4]! << 8) | data[5]!;
		this.#humidity = (humidity * 100) / 0x100000;
		this.#temperature = (temperature * 200) / 0x100000 - 50;
	}

	#open(): I2C {
		if (!this.#io) throw new Error("AHT10 is closed");
		return this.#io;
	}

	#send(bytes: readonly number[]): void {
		this.#command.set(bytes);
		this.#open().write(this.#command);
	}
}

export default AHT10;
