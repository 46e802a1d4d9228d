// Texas Instruments TMP117. https://www.ti.com/lit/ds/symlink/tmp117.pdf
import type { I2CPart } from "../board/i2c-bus";
import type { Surroundings } from "./surroundings";

const TEMPERATURE = 0;
const CONFIGURATION = 1;
const HIGH_LIMIT = 2;
const LOW_LIMIT = 3;
const ID = 15;

/** °C of one bit. */
const STEP = 0.0078125;
/** Temperature before the first conversion: -256 °C. */
const NONE = 0x8000;
const DATA_READY = 0x2000;
/** ms of one conversion; averages by register value. */
const CONVERSION = 15.5;
const averages = [1, 8, 32, 64] as const;
/** ms from conversion to conversion by CONV bits; a longer active time wins (§7.3.2). */
const cycles = [15.5, 125, 250, 500, 1000, 4000, 8000, 16000] as const;

/** Temperature sensor at 0x48 to 0x4b. */
export class TMP117Part implements I2CPart {
	readonly #around: Surroundings;
	readonly #registers = new Uint16Array(16);
	#bytes: number[] = [];
	#pointer = 0;
	#low: number | undefined;
	/** When the next result is there; `undefined` in shutdown. */
	#ready: number | undefined;

	constructor(around: Surroundings) {
		this.#around = around;
	}

	powerUp(): void {
		this.#registers.fill(0);
		this.#registers[TEMPERATURE] = NONE;
		this.#registers[HIGH_LIMIT] = 0x6000;
		this.#registers[LOW_LIMIT] = 0x8000;
		this.#registers[ID] = 0x0117;
		this.#pointer = TEMPERATURE;
		this.#configure(0x0220);
	}

	start(reading: boolean): boolean {
		this.#convert();
		this.#low = undefined;
		if (!reading) this.#bytes = [];
		return true;
	}

	write(byte: number): boolean {
		this.#bytes.push(byte);
		if (this.#bytes.length === 1) this.#pointer = byte & 15;
		else if (this.#bytes.length === 3) this.#set((this.#bytes[1]! << 8) | byte);
		return true;
	}

	read(): number {
		if (this.#low !== undefined) {
			const low = this.#low;
			this.#low = undefined;
			return low;
		}
		const value = this.#registers[this.#pointer]!;
		// Reading temperature or configuration clears the flag (§7.6.3).
		if (this.#pointer <= CONFIGURATION) this.#registers[CONFIGURATION]! &= ~DATA_READY;
		this.#low = value & 0xff;
		return value >> 8;
	}

	stop(): void {}

	#set(value: number): void {
		if (this.#pointer === CONFIGURATION) {
			// Takes 2 ms, in which the part answers: Moddable's driver does not wait.
			if (value & 2) this.powerUp();
			else this.#configure(value);
		} else if (this.#pointer === HIGH_LIMIT || this.#pointer === LOW_LIMIT) this.#registers[this.#pointer] = value;
	}

	#configure(value: number): void {
		this.#registers[CONFIGURATION] = value & 0x0ffc;
		this.#ready = ((value >> 10) & 3) === 1 ? undefined : this.#around.time.now() + this.#active();
	}

	#active(): number {
		return CONVERSION * averages[(this.#registers[CONFIGURATION]! >> 5) & 3]!;
	}

	#convert(): void {
		const now = this.#around.time.now();
		if (this.#ready === undefined || now < this.#ready) return;
		const configuration = this.#registers[CONFIGURATION]!;
		const value = Math.round(this.#around.measure("temperature") / STEP);
		this.#registers[TEMPERATURE] = value;
		let flags = DATA_READY;
		if (value > signed(this.#registers[HIGH_LIMIT]!)) flags |= 0x8000;
		if (value < signed(this.#registers[LOW_LIMIT]!)) flags |= 0x4000;
		if (((configuration >> 10) & 3) === 3) {
			// One shot: then shutdown.
			this.#registers[CONFIGURATION] = (configuration & 0x03fc) | 0x0400 | flags;
			this.#ready = undefined;
			return;
		}
		this.#registers[CONFIGURATION] = (configuration & 0x0ffc) | flags;
		const cycle = Math.max(cycles[(configuration >> 7) & 7]!, this.#active());
		this.#ready += (Math.floor((now - this.#ready) / cycle) + 1) * cycle;
	}
}

function signed(word: number): number {
	return (word << 16) >> 16;
}
