// Bosch BMP280: pressure, temperature.
// https://www.bosch-sensortec.com/media/boschsensortec/downloads/datasheets/bst-bmp280-ds001.pdf
import type I2C from "embedded:io/i2c";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";

const Register = Object.freeze({
	CALIBRATION: 0x88,
	CHIP_ID: 0xd0,
	RESET: 0xe0,
	CONTROL: 0xf4,
	CONFIG: 0xf5,
	DATA: 0xf7,
});
const CHIP_ID = 0x58;
const RESET = 0xb6;
/** ms: start-up, and the first measurement with the sampling that the constructor sets (§3.8.1). */
const STARTUP = 2;
const MEASUREMENT = 44;

/** Values for `configure`: as the registers have them (§4.3.4, §4.3.5). */
const Config = Object.freeze({
	Mode: Object.freeze({ SLEEP: 0, FORCED: 1, NORMAL: 3, SOFT_RESET: RESET }),
	Sampling: Object.freeze({ NONE: 0, X1: 1, X2: 2, X4: 3, X8: 4, X16: 5 }),
	Filter: Object.freeze({ OFF: 0, X2: 1, X4: 2, X8: 3, X16: 4 }),
	Standby: Object.freeze({ MS_1: 0, MS_63: 1, MS_125: 2, MS_250: 3, MS_500: 4, MS_1000: 5, MS_2000: 6, MS_4000: 7 }),
});

interface BMP280Configuration {
	mode?: number;
	temperatureSampling?: number;
	pressureSampling?: number;
	filter?: number;
	standbyDuration?: number;
}

/**
 * ECMA-419 §13 Sensor with options and samples of Moddable's `embedded:sensor/Barometer-Temperature/BMP280`. Address 0x76, or 0x77 with SDO
 * high. The part measures by itself every 0.5 s. Throws when it does not answer or is another one.
 */
class BMP280 {
	#io: I2C | undefined;
	readonly #register = new Uint8Array(1);
	readonly #pair = new Uint8Array(2);
	readonly #data = new Uint8Array(6);
	#calibration: DataView;

	constructor(options: SensorOptions) {
		const { sensor } = options;
		const Bus = sensor.io as typeof I2C;
		this.#io = new Bus({ hz: 400_000, address: 0x76, ...sensor } as ConstructorParameters<typeof I2C>[0]);
		try {
			const id = this.#read(Register.CHIP_ID, new Uint8Array(1))[0]!;
			if (id !== CHIP_ID)
				throw new Error(`BMP280: chip id is 0x${id.toString(16)}, not 0x58${id === 0x60 ? ": a BME280" : ""}`);
			this.#write(Register.RESET, RESET);
			Timer.delay(STARTUP);
			this.#calibration = new DataView(this.#read(Register.CALIBRATION, new Uint8Array(24)).buffer);
			this.configure({
				mode: Config.Mode.NORMAL,
				temperatureSampling: Config.Sampling.X2,
				pressureSampling: Config.Sampling.X16,
				filter: Config.Filter.X16,
				standbyDuration: Config.Standby.MS_500,
			});
			Timer.delay(MEASUREMENT);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Changes what `options` names; values as in `Config`. Throws RangeError for a value that does not fit its register. */
	configure(options: BMP280Configuration): void {
		let control = this.#read(Register.CONTROL, this.#register)[0]!;
		let config = this.#read(Register.CONFIG, this.#register)[0]!;
		const { mode, temperatureSampling, pressureSampling, filter, standbyDuration } = options;
		if (mode !== undefined) control = (control & 0xfc) | fits("mode", mode, 3);
		if (pressureSampling !== undefined)
			control = (control & 0xe3) | (fits("pressureSampling", pressureSampling, 5) << 2);
		if (temperatureSampling !== undefined)
			control = (control & 0x1f) | (fits("temperatureSampling", temperatureSampling, 5) << 5);
		if (filter !== undefined) config = (config & 0xe3) | (fits("filter", filter, 4) << 2);
		if (standbyDuration !== undefined) config = (config & 0x1f) | (fits("standbyDuration", standbyDuration, 7) << 5);
		this.#write(Register.CONFIG, config);
		this.#write(Register.CONTROL, control);
	}

	/** Pa and °C of the latest measurement. Throws when the part does not answer, or has not measured yet. */
	sample(): Sample {
		const data = this.#read(Register.DATA, this.#data);
		const pressure = (data[0]! << 12) | (data[1]! << 4) | (data[2]! >> 4);
		const temperature = (data[3]! << 12) | (data[4]! << 4) | (data[5]! >> 4);
		if (temperature === 0x80000) throw new Error("BMP280: no measurement: it is switched off or lost its power");
		const fine = this.#fine(temperature);
		return { barometer: { pressure: this.#pascal(pressure, fine) }, thermometer: { temperature: fine / 5120 } };
	}

	close(): void {
		this.#io?.close();
		this.#io = undefined;
	}

	/** Compensation in double precision (§8.1): temperature in 1/5120 °C. */
	#fine(raw: number): number {
		const t1 = this.#calibration.getUint16(0, true);
		const distance = raw / 131072 - t1 / 8192;
		return (raw / 16384 - t1 / 1024) * this.#signed(2) + distance * distance * this.#signed(4);
	}

	#pascal(raw: number, fine: number): number {
		const warmth = fine / 2 - 64000;
		let offset = (warmth * warmth * this.#signed(16)) / 32768 + warmth * this.#signed(14) * 2;
		offset = offset / 4 + this.#signed(12) * 65536;
		let slope = ((this.#signed(10) * warmth * warmth) / 524288 + this.#signed(8) * warmth) / 524288;
		slope = (1 + slope / 32768) * this.#calibration.getUint16(6, true);
		const pressure = ((1048576 - raw - offset / 4096) * 6250) / slope;
		const second = (this.#signed(22) * pressure * pressure) / 2147483648;
		return pressure + (second + (pressure * this.#signed(20)) / 32768 + this.#signed(18)) / 16;
	}

	#signed(offset: number): number {
		return this.#calibration.getInt16(offset, true);
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

	#open(): I2C {
		if (!this.#io) throw new Error("BMP280 is closed");
		return this.#io;
	}
}

function fits(name: string, value: number, max: number): number {
	if (!Number.isInteger(value) || value < 0 || value > max)
		throw new RangeError(`BMP280: ${name} ${value} is not an integer of 0..${max}`);
	return value;
}

export { BMP280 as default, BMP280, Config };
