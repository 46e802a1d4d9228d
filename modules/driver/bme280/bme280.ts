// Bosch BME280: temperature, humidity, pressure.
// https://www.bosch-sensortec.com/media/boschsensortec/downloads/datasheets/bst-bme280-ds002.pdf
import type I2C from "embedded:io/i2c";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";
import { Calibration } from "./calibration";

const Register = Object.freeze({
	CHIP_ID: 0xd0,
	RESET: 0xe0,
	CONTROL_HUMIDITY: 0xf2,
	STATUS: 0xf3,
	CONTROL: 0xf4,
	CONFIG: 0xf5,
	DATA: 0xf7,
});
const CHIP_ID = 0x60;
const RESET = 0xb6;
const NORMAL = 3;
/** Times in ms (§1.1, §9.1 with all oversampling 1). */
const STARTUP = 2;
const MEASUREMENT = 10;

/** Register values by number of samples, filter coefficient and ms of standby (§5.4). */
const samplings: readonly number[] = Object.freeze([0, 1, 2, 4, 8, 16]);
const filters: readonly number[] = Object.freeze([0, 2, 4, 8, 16]);
const standbys: readonly number[] = Object.freeze([0.5, 62.5, 125, 250, 500, 1000, 10, 20]);

export interface BME280Configuration {
	/** Samples averaged for one measurement: 1, 2, 4, 8 or 16; 0 switches a quantity off. */
	temperatureSampling?: number;
	humiditySampling?: number;
	pressureSampling?: number;
	/** Coefficient of the filter over measurements: 0 (off), 2, 4, 8 or 16. */
	filter?: number;
	/** ms between measurements: 0.5, 10, 20, 62.5, 125, 250, 500 or 1000. */
	standby?: number;
}

/**
 * ECMA-419 §13 Sensor on I2C (address 0x76; 0x77 with SDO high). It measures by itself, every 0.5 s unless `configure` says
 * otherwise; `sample` reads the latest: °C, % and Pa. Throws when the part does not answer or is another one.
 */
class BME280 {
	#io: I2C | undefined;
	#calibration: Calibration;
	readonly #register = new Uint8Array(1);
	readonly #pair = new Uint8Array(2);
	readonly #data = new Uint8Array(8);
	/** Register values: humidity, temperature and pressure with mode, standby with filter. */
	#humidity = 1;
	#control = (1 << 5) | (1 << 2) | NORMAL;
	#config = 4 << 5;

	constructor(options: SensorOptions) {
		const { sensor } = options;
		const Bus = sensor.io as typeof I2C;
		this.#io = new Bus({ hz: 400_000, address: 0x76, ...sensor } as ConstructorParameters<typeof I2C>[0]);
		try {
			const id = this.#read(Register.CHIP_ID, new Uint8Array(1))[0]!;
			if (id !== CHIP_ID)
				throw new Error(`BME280: chip id is 0x${id.toString(16)}, not 0x60${id === 0x58 ? ": a BMP280" : ""}`);
			this.#write(Register.RESET, RESET);
			Timer.delay(STARTUP);
			this.#calibration = new Calibration(this.#read(0x88, new Uint8Array(26)), this.#read(0xe1, new Uint8Array(7)));
			this.configure({});
			Timer.delay(MEASUREMENT);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Changes what `options` names. Throws RangeError for a value that the part does not have. */
	configure(options: BME280Configuration): void {
		this.#open();
		const { temperatureSampling, humiditySampling, pressureSampling, filter, standby } = options;
		let [humidity, control, config] = [this.#humidity, this.#control, this.#config];
		if (temperatureSampling !== undefined)
			control = (control & 0x1f) | (choose("temperatureSampling", samplings, temperatureSampling) << 5);
		if (pressureSampling !== undefined)
			control = (control & 0xe3) | (choose("pressureSampling", samplings, pressureSampling) << 2);
		if (humiditySampling !== undefined) humidity = choose("humiditySampling", samplings, humiditySampling);
		if (filter !== undefined) config = (config & 0xe3) | (choose("filter", filters, filter) << 2);
		if (standby !== undefined) config = (config & 0x1f) | (choose("standby", standbys, standby) << 5);
		// CONFIG is only sure to be taken while asleep; CONTROL makes CONTROL_HUMIDITY take effect (§5.4.3, §5.4.6).
		this.#write(Register.CONTROL, control & ~NORMAL);
		this.#write(Register.CONFIG, config);
		this.#write(Register.CONTROL_HUMIDITY, humidity);
		this.#write(Register.CONTROL, control);
		[this.#humidity, this.#control, this.#config] = [humidity, control, config];
	}

	/**
	 * The latest measurement; humidity or pressure that is switched off is left out. Throws when the part does not answer, lost
	 * its power, or has its temperature switched off, which the others need.
	 */
	sample(): Sample {
		this.#open();
		const data = this.#read(Register.DATA, this.#data);
		const pressure = (data[0]! << 12) | (data[1]! << 4) | (data[2]! >> 4);
		const temperature = (data[3]! << 12) | (data[4]! << 4) | (data[5]! >> 4);
		const humidity = (data[6]! << 8) | data[7]!;
		// A quantity that was not measured reads 0x80000, humidity 0x8000.
		if (temperature === 0x80000) throw new Error("BME280: no measurement: it is switched off or lost its power");
		const fine = this.#calibration.fine(temperature);
		const sample: Sample = { thermometer: { temperature: fine / 5120 } };
		if (humidity !== 0x8000) sample.hygrometer = { humidity: this.#calibration.humidity(humidity, fine) };
		if (pressure !== 0x80000) sample.barometer = { pressure: this.#calibration.pressure(pressure, fine) };
		return sample;
	}

	close(): void {
		this.#io?.close();
		this.#io = undefined;
	}

	#open(): I2C {
		if (!this.#io) throw new Error("BME280 is closed");
		return this.#io;
	}

	#read(register: number, into: Uint8Array): Uint8Array {
		this.#register[0] = register;
		this.#open().writeRead(this.#register, into);
		return into;
	}

	#write(register: number, value: number): void {
		this.#pair[0] = register;
		this.#pair[1] = value;
		this.#open().write(this.#pair);
	}
}

function choose(name: string, choices: readonly number[], value: number): number {
	const index = choices.indexOf(value);
	if (index < 0) throw new RangeError(`BME280: ${name} ${value} is none of ${choices.join(", ")}`);
	return index;
}

export default BME280;
