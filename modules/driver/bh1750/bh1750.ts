// ROHM BH1750FVI: ambient light.
// https://www.mouser.com/datasheet/2/348/bh1750fvi-e-186247.pdf
import type I2C from "embedded:io/i2c";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";

const Opcode = Object.freeze({ POWER_ON: 0x01, RESET: 0x07, CONTINUOUS: 0x10 });
/** The first result takes so long (ms) at most. */
const MEASUREMENT = 180;
/** Counts of one lux. */
const COUNTS = 1.2;

/** ECMA-419 §14 Ambient light sensor on I2C: address 0x23, or 0x5c with ADDR high. 0 to 54,612 lux in steps of 0.83. */
class BH1750 {
	#io: I2C | undefined;
	readonly #opcode = new Uint8Array(1);
	readonly #data = new Uint8Array(2);
	readonly #onSample: (() => void) | undefined;
	/** Runs while the first measurement is under way. */
	#first: Timer | undefined;
	/** A sample was asked for while there was none. */
	#owed = false;

	/** Throws when the part does not answer. `onSample` is called when a sample that `sample` could not give is there. */
	constructor(options: SensorOptions) {
		const { sensor } = options;
		const Bus = sensor.io as typeof I2C;
		this.#onSample = options.onSample;
		this.#io = new Bus({ hz: 400_000, address: 0x23, ...sensor } as ConstructorParameters<typeof I2C>[0]);
		try {
			this.#send(Opcode.POWER_ON);
			this.#send(Opcode.RESET);
			this.#send(Opcode.CONTINUOUS);
		} catch (error) {
			this.close();
			throw error;
		}
		this.#first = Timer.set(() => this.#measured(), MEASUREMENT);
	}

	/** Nothing can be configured. */
	configure(_options: Record<string, unknown>): void {
		this.#open();
	}

	/** Lux; `undefined` until the first measurement is done. Throws when the part does not answer. */
	sample(): Sample | undefined {
		const io = this.#open();
		this.#owed = this.#first !== undefined;
		if (this.#owed) return undefined;
		io.read(this.#data);
		// Once more, for a part that has lost its power: it would say 0 lux for ever.
		this.#send(Opcode.CONTINUOUS);
		return { illuminance: ((this.#data[0]! << 8) | this.#data[1]!) / COUNTS };
	}

	close(): void {
		Timer.clear(this.#first);
		this.#first = undefined;
		this.#io?.close();
		this.#io = undefined;
	}

	#measured(): void {
		this.#first = undefined;
		if (this.#owed) this.#onSample?.call(this);
	}

	#open(): I2C {
		if (!this.#io) throw new Error("BH1750 is closed");
		return this.#io;
	}

	#send(opcode: number): void {
		this.#opcode[0] = opcode;
		this.#open().write(this.#opcode);
	}
}

export default BH1750;
