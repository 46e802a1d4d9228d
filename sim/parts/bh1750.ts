// ROHM BH1750FVI. https://www.mouser.com/datasheet/2/348/bh1750fvi-e-186247.pdf
import type { I2CPart } from "../board/i2c-bus";
import type { Surroundings } from "./surroundings";

/** ms of one measurement at high resolution. */
const MEASUREMENT = 120;

/** Ambient light sensor at 0x23 or 0x5c. */
export class BH1750Part implements I2CPart {
	readonly #around: Surroundings;
	#on = false;
	/** When the first result is there; `undefined` while nothing is measured. */
	#ready: number | undefined;
	#once = false;
	#data = 0;
	#position = 0;

	constructor(around: Surroundings) {
		this.#around = around;
	}

	powerUp(): void {
		this.#on = false;
		this.#ready = undefined;
		this.#data = 0;
	}

	start(): boolean {
		this.#position = 0;
		return true;
	}

	/** Opcodes of one byte. */
	write(opcode: number): boolean {
		if (opcode === 0x00) this.#on = false;
		else if (opcode === 0x01) this.#on = true;
		else if (opcode === 0x07) {
			if (this.#on) this.#data = 0;
		} else if (opcode === 0x10 || opcode === 0x20) {
			this.#on = true;
			this.#once = opcode === 0x20;
			this.#ready = this.#around.time.now() + MEASUREMENT;
		} else return false;
		return true;
	}

	read(): number {
		if (this.#ready !== undefined && this.#around.time.now() >= this.#ready) {
			this.#data = Math.min(65535, Math.round(this.#around.measure("light") * 1.2));
			if (this.#once) this.#ready = undefined;
		}
		return this.#position++ === 0 ? this.#data >> 8 : this.#data & 0xff;
	}

	stop(): void {}
}
