// Aosong AHT10 and AHT20. https://asairsensors.com/wp-content/uploads/2021/09/Data-Sheet-AHT20-Humidity-and-Temperature-Sensor-ASAIR-V1.0.03.pdf
import type { I2CPart } from "../board/i2c-bus";
import { crc8 } from "./crc";
import type { Surroundings } from "./surroundings";

const BUSY = 0x80;
const CALIBRATED = 0x08;
const MEASUREMENT = 75;
const RESET = 20;

/** Humidity and temperature sensor at 0x38 (AHT10: or 0x39). The AHT20 adds a checksum and another word for `initialize`. */
export class AHTPart implements I2CPart {
	readonly #around: Surroundings;
	readonly #initialize: number;
	readonly #checksum: boolean;
	#command: number[] = [];
	#data: number[] = [0, 0, 0, 0, 0];
	#calibrated = false;
	#ready: number | undefined;
	#resetUntil = 0;
	#position = 0;

	constructor(around: Surroundings, type: "AHT10" | "AHT20" = "AHT10") {
		this.#around = around;
		this.#initialize = type === "AHT20" ? 0xbe : 0xe1;
		this.#checksum = type === "AHT20";
	}

	powerUp(): void {
		this.#command = [];
		this.#calibrated = false;
		this.#ready = undefined;
		this.#data = [0, 0, 0, 0, 0];
		this.#resetUntil = 0;
	}

	start(): boolean {
		this.#position = 0;
		this.#command = [];
		return this.#around.time.now() >= this.#resetUntil;
	}

	write(byte: number): boolean {
		this.#command.push(byte);
		const [command, first, second] = this.#command;
		const now = this.#around.time.now();
		if (command === 0xba) {
			this.powerUp();
			this.#resetUntil = now + RESET;
		} else if (command === this.#initialize && second !== undefined) this.#calibrated = (first! & CALIBRATED) !== 0;
		else if (command === 0xac && second !== undefined) {
			this.#finish(now);
			if (this.#calibrated && !this.#busy(now)) this.#ready = now + MEASUREMENT;
		}
		return command === 0xba || command === this.#initialize || command === 0xac || command === 0x71;
	}

	read(): number {
		const now = this.#around.time.now();
		this.#finish(now);
		const bytes = [(this.#busy(now) ? BUSY : 0) | 0x10 | (this.#calibrated ? CALIBRATED : 0), ...this.#data];
		if (this.#checksum) bytes.push(crc8(bytes));
		return bytes[this.#position++] ?? 0xff;
	}

	stop(): void {
		this.#command = [];
	}

	#busy(now: number): boolean {
		return this.#ready !== undefined && now < this.#ready;
	}

	/** A measurement that is over goes to the output: 20 bits of humidity, 20 bits of temperature. */
	#finish(now: number): void {
		if (this.#ready === undefined || now < this.#ready) return;
		this.#ready = undefined;
		const humidity = fraction(this.#around.measure("humidity") / 100);
		const temperature = fraction((this.#around.measure("temperature") + 50) / 200);
		this.#data = [
			humidity >> 12,
			(humidity >> 4) & 0xff,
			((humidity & 0xf) << 4) | (temperature >> 16),
			(temperature >> 8) & 0xff,
			temperature & 0xff,
		];
	}
}

/** 0..1 as 20 bits. */
function fraction(value: number): number {
	return Math.min(0xfffff, Math.max(0, Math.round(value * 0x100000)));
}
