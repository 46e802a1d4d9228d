// Bosch BMP280 and BME280. https://www.bosch-sensortec.com/media/boschsensortec/downloads/datasheets/bst-bmp280-ds001.pdf
// https://www.bosch-sensortec.com/media/boschsensortec/downloads/datasheets/bst-bme280-ds002.pdf
import type { I2CPart } from "../board/i2c-bus";
import type { Surroundings } from "./surroundings";

/** Calibration of one part: figures as a real one has them. */
const T = [27504, 26435, -1000] as const;
const P = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000] as const;
const H = [75, 365, 0, 313, 50, 30] as const;

/** Raw value of a measurement that was skipped, 20 bits. */
const SKIPPED = 0x80000;
/** Oversampling by register value. */
const samples = [0, 1, 2, 4, 8, 16, 16, 16] as const;
/** Standby in ms by register value: the parts differ in the last two. */
const standby = [0.5, 62.5, 125, 250, 500, 1000, 2000, 4000] as const;

/** Pressure and temperature (BMP280), with humidity (BME280), at 0x76 or 0x77. */
export class BoschPart implements I2CPart {
	readonly #around: Surroundings;
	readonly #humid: boolean;
	readonly #registers = new Uint8Array(256);
	#pointer: number | undefined;
	/** When the measurement under way is over. */
	#ready: number | undefined;
	#busyUntil = 0;
	/** What ctrl_hum says takes effect with the next write to ctrl_meas (BME280 §5.4.3). */
	#humidity = 0;

	constructor(around: Surroundings, type: "BMP280" | "BME280") {
		this.#around = around;
		this.#humid = type === "BME280";
	}

	powerUp(): void {
		const registers = this.#registers;
		registers.fill(0);
		registers[0xd0] = this.#humid ? 0x60 : 0x58;
		[...T, ...P].forEach((value, index) => {
			registers[0x88 + 2 * index] = value & 0xff;
			registers[0x89 + 2 * index] = (value >> 8) & 0xff;
		});
		if (this.#humid) {
			registers[0xa1] = H[0];
			registers[0xe1] = H[1] & 0xff;
			registers[0xe2] = H[1] >> 8;
			registers[0xe3] = H[2];
			registers[0xe4] = H[3] >> 4;
			registers[0xe5] = (H[3] & 0xf) | ((H[4] & 0xf) << 4);
			registers[0xe6] = H[4] >> 4;
			registers[0xe7] = H[5];
		}
		this.#store(SKIPPED, SKIPPED, 0x8000);
		this.#ready = undefined;
		this.#humidity = 0;
		this.#pointer = undefined;
	}

	start(reading: boolean): boolean {
		if (this.#around.time.now() < this.#busyUntil) return false;
		this.#measure();
		if (!reading) this.#pointer = undefined;
		return true;
	}

	write(byte: number): boolean {
		// Writing: pairs of register and value (§5.2.1).
		if (this.#pointer === undefined) this.#pointer = byte;
		else {
			this.#set(this.#pointer, byte);
			this.#pointer = undefined;
		}
		return true;
	}

	read(): number {
		const register = this.#pointer ?? 0;
		this.#pointer = (register + 1) & 0xff;
		if (register === 0xf3) return this.#measuring() ? 0x08 : 0;
		return this.#registers[register]!;
	}

	stop(): void {}

	#set(register: number, value: number): void {
		if (register === 0xe0) {
			if (value !== 0xb6) return;
			this.powerUp();
			this.#busyUntil = this.#around.time.now() + 2;
		} else if (register === 0xf2 && this.#humid) this.#registers[0xf2] = value & 0x07;
		else if (register === 0xf4) {
			this.#registers[0xf4] = value;
			this.#humidity = this.#registers[0xf2]! & 0x07;
			this.#ready = value & 0x03 ? this.#around.time.now() + this.#duration() : undefined;
		} else if (register === 0xf5) this.#registers[0xf5] = value;
	}

	/** Longest time of one measurement in ms (BME280 §9.1). */
	#duration(): number {
		const control = this.#registers[0xf4]!;
		const temperature = samples[control >> 5]!;
		const pressure = samples[(control >> 2) & 7]!;
		const humidity = samples[this.#humidity]!;
		return (
			1.25 +
			2.3 * temperature +
			(pressure ? 2.3 * pressure + 0.575 : 0) +
			(this.#humid && humidity ? 2.3 * humidity + 0.575 : 0)
		);
	}

	#measuring(): boolean {
		return this.#ready !== undefined && this.#around.time.now() < this.#ready;
	}

	/** Brings the data registers up to date. */
	#measure(): void {
		const now = this.#around.time.now();
		if (this.#ready === undefined || now < this.#ready) return;
		const control = this.#registers[0xf4]!;
		const fine = invert(0xfffff, (raw) => fineTemperature(raw) / 5120, this.#around.measure("temperature"));
		const pressure = this.#around.measure("pressure");
		this.#store(
			control >> 5 ? fine : SKIPPED,
			(control >> 2) & 7 ? invert(0xfffff, (raw) => pascal(raw, fineTemperature(fine)), pressure) : SKIPPED,
			this.#humidity
				? invert(0xffff, (raw) => percent(raw, fineTemperature(fine)), this.#around.measure("humidity"))
				: 0x8000,
		);
		if ((control & 3) === 3) {
			const cycle = this.#duration() + standby[this.#registers[0xf5]! >> 5]!;
			this.#ready += (Math.floor((now - this.#ready) / cycle) + 1) * cycle;
		} else {
			// Forced mode: one measurement, then sleep.
			this.#ready = undefined;
			this.#registers[0xf4] = control & ~3;
		}
	}

	#store(temperature: number, pressure: number, humidity: number): void {
		const registers = this.#registers;
		registers[0xf7] = pressure >> 12;
		registers[0xf8] = (pressure >> 4) & 0xff;
		registers[0xf9] = (pressure & 0xf) << 4;
		registers[0xfa] = temperature >> 12;
		registers[0xfb] = (temperature >> 4) & 0xff;
		registers[0xfc] = (temperature & 0xf) << 4;
		if (!this.#humid) return;
		registers[0xfd] = humidity >> 8;
		registers[0xfe] = humidity & 0xff;
	}
}

/** The raw value, 0..max, whose compensation comes nearest to `wanted`: compensation is monotonic. */
function invert(max: number, compensate: (raw: number) => number, wanted: number): number {
	const rising = compensate(max) > compensate(0);
	let low = 0;
	let high = max;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (compensate(middle) < wanted === rising) low = middle;
		else high = middle;
	}
	return Math.abs(compensate(low) - wanted) < Math.abs(compensate(high) - wanted) ? low : high;
}

/** Compensation in double precision (BME280 §8.1): 1/5120 °C. */
function fineTemperature(raw: number): number {
	const first = (raw / 16384 - T[0] / 1024) * T[1];
	const second = (raw / 131072 - T[0] / 8192) ** 2 * T[2];
	return first + second;
}

/** Pascal */
function pascal(raw: number, fine: number): number {
	const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = P;
	let first = fine / 2 - 64000;
	let second = (first * first * p6) / 32768 + first * p5 * 2;
	second = second / 4 + p4 * 65536;
	first = ((p3 * first * first) / 524288 + p2 * first) / 524288;
	first = (1 + first / 32768) * p1;
	let pressure = ((1048576 - raw - second / 4096) * 6250) / first;
	first = (p9 * pressure * pressure) / 2147483648;
	second = (pressure * p8) / 32768;
	pressure += (first + second + p7) / 16;
	return pressure;
}

/** Relative humidity in percent, not yet limited to 0..100. */
function percent(raw: number, fine: number): number {
	const [h1, h2, h3, h4, h5, h6] = H;
	const warmth = fine - 76800;
	const scaled =
		(raw - (h4 * 64 + (h5 / 16384) * warmth)) *
		((h2 / 65536) * (1 + (h6 / 67108864) * warmth * (1 + (h3 / 67108864) * warmth)));
	return scaled * (1 - (h1 * scaled) / 524288);
}
