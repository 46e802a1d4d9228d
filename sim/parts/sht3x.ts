// Sensirion SHT3x-DIS. https://sensirion.com/media/documents/213E6A3B/63A5A569/Datasheet_SHT3x_DIS.pdf
import type { I2CPart } from "../board/i2c-bus";
import { crc8 } from "./crc";
import type { Surroundings } from "./surroundings";

/** Measurement time in ms by repeatability (§2.2). */
const HIGH = 15;
const MEDIUM = 6;
const LOW = 4;
/** Time of a soft reset in ms. */
const RESET = 1.5;

interface Shot {
	readonly duration: number;
	/** Holds the clock until the result is there; else it does not acknowledge. */
	readonly stretch: boolean;
}
/** Single shot commands (§4.3). */
const shots: Readonly<Record<number, Shot>> = {
	[0x2c06]: { duration: HIGH, stretch: true },
	[0x2c0d]: { duration: MEDIUM, stretch: true },
	[0x2c10]: { duration: LOW, stretch: true },
	[0x2400]: { duration: HIGH, stretch: false },
	[0x240b]: { duration: MEDIUM, stretch: false },
	[0x2416]: { duration: LOW, stretch: false },
};
/** Periodic mode: ms between measurements, by the command's upper byte (§4.5). */
const periods: Readonly<Record<number, number>> = {
	[0x20]: 2000,
	[0x21]: 1000,
	[0x22]: 500,
	[0x23]: 250,
	[0x27]: 100,
};
const periodic: readonly number[] = [
	0x2032, 0x2024, 0x202f, 0x2130, 0x2126, 0x212d, 0x2236, 0x2220, 0x222b, 0x2334, 0x2322, 0x2329, 0x2737, 0x2721,
	0x272a,
];

/** Humidity and temperature sensor at 0x44 or 0x45. */
export class SHT3xPart implements I2CPart {
	readonly #around: Surroundings;
	#command: number[] = [];
	#output: number[] = [];
	#status = 0;
	#busyUntil = 0;
	/** When the single shot, or the next periodic measurement, is ready. */
	#ready: number | undefined;
	#period = 0;
	#stretch = false;
	#fetching = false;

	constructor(around: Surroundings) {
		this.#around = around;
	}

	powerUp(): void {
		// Alert pending and reset detected (§4.11).
		this.#status = 0x8010;
		this.#idle();
	}

	start(reading: boolean): boolean {
		const now = this.#around.time.now();
		if (now < this.#busyUntil) return false;
		if (!reading) {
			this.#command = [];
			return true;
		}
		if (this.#output.length > 0) return true;
		if (this.#ready === undefined || (this.#period > 0 && !this.#fetching)) return false;
		if (now < this.#ready) {
			if (!this.#stretch) return false;
			this.#around.time.delay(this.#ready - now);
		}
		this.#output = this.#measurement();
		this.#fetching = false;
		if (this.#period > 0) {
			const periods = Math.floor((now - this.#ready) / this.#period) + 1;
			this.#ready += periods * this.#period;
		} else this.#ready = undefined;
		return true;
	}

	write(byte: number): boolean {
		this.#command.push(byte);
		if (this.#command.length !== 2) return this.#command.length < 2;
		return this.#execute((this.#command[0]! << 8) | byte);
	}

	read(): number {
		return this.#output.shift() ?? 0xff;
	}

	stop(): void {
		this.#command = [];
	}

	#execute(command: number): boolean {
		const now = this.#around.time.now();
		this.#status &= ~2;
		this.#output = [];
		const shot = shots[command];
		if (shot && this.#period === 0) {
			this.#ready = now + shot.duration;
			this.#stretch = shot.stretch;
		} else if (periodic.includes(command)) {
			this.#period = periods[command >> 8]!;
			this.#ready = now + HIGH;
			this.#stretch = false;
		} else if (command === 0xe000) this.#fetching = this.#period > 0;
		else if (command === 0x3093) this.#idle();
		else if (command === 0x30a2) {
			this.#idle();
			this.#status = (this.#status & 0x8000) | 0x0010;
			this.#busyUntil = now + RESET;
		} else if (command === 0xf32d) this.#output = word(this.#status);
		else if (command === 0x3041) this.#status &= ~0x8c10;
		else if (command === 0x306d) this.#status |= 0x2000;
		else if (command === 0x3066) this.#status &= ~0x2000;
		else {
			this.#status |= 2;
			return false;
		}
		return true;
	}

	#idle(): void {
		this.#command = [];
		this.#output = [];
		this.#ready = undefined;
		this.#period = 0;
		this.#stretch = false;
		this.#fetching = false;
		this.#busyUntil = 0;
	}

	#measurement(): number[] {
		const temperature = Math.round(((this.#around.measure("temperature") + 45) / 175) * 65535);
		const humidity = Math.round((this.#around.measure("humidity") / 100) * 65535);
		return [...word(temperature), ...word(humidity)];
	}
}

/** Two bytes and their checksum. */
function word(value: number): number[] {
	const clamped = Math.min(65535, Math.max(0, value));
	const bytes = [clamped >> 8, clamped & 0xff];
	return [...bytes, crc8(bytes)];
}
