// Sensirion SHT3x-DIS: temperature, humidity.
// https://sensirion.com/media/documents/213E6A3B/63A5A569/Datasheet_SHT3x_DIS.pdf
import type I2C from "embedded:io/i2c";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Time from "time";
import Timer from "timer";
import { crc8 } from "./crc8";

const Command = Object.freeze({
	SOFT_RESET: 0x30a2,
	BREAK: 0x3093,
	/** High repeatability, twice a second. */
	PERIODIC: 0x2236,
	FETCH: 0xe000,
});
/** ms: reset, break, first measurement (§2.2, §4.8). */
const RESET = 2;
const BREAK = 1;
const MEASUREMENT = 16;
/** Without a new measurement for so long (ms) the part has stopped: it lost its power. */
const STALE = 1000;

/**
 * ECMA-419 §13 Sensor with the samples of Moddable's `embedded:sensor/Humidity-Temperature/SHT3x`. Address 0x44, or 0x45 with ADDR
 * high. The part measures by itself twice a second, so that `sample` need not wait. Throws when it does not answer.
 */
class SHT3x {
	#io: I2C | undefined;
	readonly #command = new Uint8Array(2);
	readonly #data = new Uint8Array(6);
	#temperature: number | undefined;
	#humidity = 0;
	/** `Time.ticks` of the last measurement. */
	#fresh = 0;

	constructor(options: SensorOptions) {
		const { sensor } = options;
		const Bus = sensor.io as typeof I2C;
		this.#io = new Bus({ hz: 1_000_000, address: 0x44, ...sensor } as ConstructorParameters<typeof I2C>[0]);
		try {
			// A part that measures periodically takes no reset before it was told to stop (§4.5).
			this.#send(Command.BREAK);
			Timer.delay(BREAK);
			this.#send(Command.SOFT_RESET);
			Timer.delay(RESET);
			this.#send(Command.PERIODIC);
			Timer.delay(MEASUREMENT);
			this.#fresh = Time.ticks;
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Nothing can be configured. */
	configure(_options: Record<string, unknown>): void {
		this.#open();
	}

	/** °C and %. Throws when the part does not answer, has stopped, or a checksum is wrong. */
	sample(): Sample {
		if (!this.#fetch() && (this.#temperature === undefined || Time.delta(this.#fresh) > STALE))
			throw new Error("SHT3x: has stopped measuring: it lost its power");
		return { hygrometer: { humidity: this.#humidity }, thermometer: { temperature: this.#temperature! } };
	}

	close(): void {
		this.#io?.close();
		this.#io = undefined;
	}

	/** False when there is no new measurement since the last one: the part then does not acknowledge (§4.6). */
	#fetch(): boolean {
		const data = this.#data;
		this.#send(Command.FETCH);
		try {
			this.#open().read(data);
		} catch {
			return false;
		}
		if (crc8(data, 0, 2) !== data[2]) throw new Error("SHT3x: checksum of the temperature is wrong");
		if (crc8(data, 3, 5) !== data[5]) throw new Error("SHT3x: checksum of the humidity is wrong");
		this.#temperature = (((data[0]! << 8) | data[1]!) * 175) / 65535 - 45;
		this.#humidity = (((data[3]! << 8) | data[4]!) * 100) / 65535;
		this.#fresh = Time.ticks;
		return true;
	}

	#open(): I2C {
		if (!this.#io) throw new Error("SHT3x is closed");
		return this.#io;
	}

	#send(command: number): void {
		this.#command[0] = command >> 8;
		this.#command[1] = command;
		this.#open().write(this.#command);
	}
}

export default SHT3x;
