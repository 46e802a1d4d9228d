// Maxim DS18B20: temperature.
// https://www.analog.com/media/en/technical-documentation/data-sheets/DS18B20.pdf
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";
import type { PulseWire, PulseWireConstructor } from "../../system/system";
import { crc8 } from "./crc8";

const Command = Object.freeze({
	MATCH_ROM: 0x55,
	SKIP_ROM: 0xcc,
	CONVERT: 0x44,
	READ_SCRATCHPAD: 0xbe,
	WRITE_SCRATCHPAD: 0x4e,
});
/** ms of a conversion with 9, 10, 11 and 12 bits. */
const conversions: readonly number[] = Object.freeze([94, 188, 375, 750]);
/** What the register says after power-up, before any conversion: 85 °C. */
const POWER_UP = 0x0550;
const FAMILY = 0x28;

export interface DS18B20Options extends SensorOptions {
	/** `io`: `device.system.PulseWire`. `code`: the part's 8 bytes (see `search`), when several share the wire. */
	sensor: { io: unknown; pin: number; code?: Uint8Array };
}

/**
 * ECMA-419 §13 Sensor on a 1-Wire bus. A conversion takes up to 750 ms, which would block the node: the driver converts in the
 * background, every 2 s unless `configure` says otherwise, and `sample` gives the latest value at once.
 */
class DS18B20 {
	#io: PulseWire | undefined;
	readonly #code: Uint8Array | undefined;
	readonly #scratchpad = new Uint8Array(9);
	readonly #onSample: (() => void) | undefined;
	#timer: Timer | undefined;
	#interval = 2000;
	#resolution = 12;
	#temperature: number | undefined;
	#failure: Error | undefined;
	/** A sample was asked for while there was none. */
	#owed = false;

	/** Throws when no part answers, and when `code` is damaged or not a DS18B20's. `onSample` is called when a sample that `sample` could not give is there. */
	constructor(options: DS18B20Options) {
		const { sensor } = options;
		const { code } = sensor;
		if (code && (code.length !== 8 || code[0] !== FAMILY || crc8(code, 8) !== 0))
			throw new RangeError("DS18B20: code is not that of a DS18B20");
		this.#code = code;
		this.#onSample = options.onSample;
		this.#io = new (sensor.io as PulseWireConstructor)(sensor);
		try {
			this.configure({});
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/**
	 * `resolution`: 9..12 bits, 12 by default. `interval`: ms from conversion to conversion, 750..60,000; 2,000 by default. Starts anew:
	 * `sample` gives `undefined` until the next conversion is done. Throws RangeError for another value.
	 */
	configure(options: { resolution?: number; interval?: number }): void {
		const io = this.#open();
		const { resolution = this.#resolution, interval = this.#interval } = options;
		const duration = conversions[resolution - 9];
		if (duration === undefined) throw new RangeError(`DS18B20: resolution ${resolution} is none of 9..12`);
		if (!(interval >= 750 && interval <= 60_000))
			throw new RangeError(`DS18B20: interval ${interval} ms is outside 750..60000`);
		this.#resolution = resolution;
		this.#interval = interval;
		this.#select(io);
		io.writeByte(Command.WRITE_SCRATCHPAD);
		// The alarm limits are not used: what they hold after power-up.
		io.writeByte(0x4b);
		io.writeByte(0x46);
		io.writeByte(((resolution - 9) << 5) | 0x1f);
		this.#temperature = this.#failure = undefined;
		this.#convert();
	}

	/** °C of the latest conversion; `undefined` until the first one is done. Throws what went wrong with the latest: no answer, checksum. */
	sample(): Sample | undefined {
		this.#open();
		if (this.#failure) throw this.#failure;
		this.#owed = this.#temperature === undefined;
		return this.#owed ? undefined : { temperature: this.#temperature };
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#io?.close();
		this.#io = undefined;
	}

	#convert(): void {
		const io = this.#open();
		const duration = conversions[this.#resolution - 9]!;
		Timer.clear(this.#timer);
		try {
			this.#select(io);
			io.writeByte(Command.CONVERT);
			this.#timer = Timer.set(() => this.#finish(), duration);
		} catch (error) {
			this.#failure = error as Error;
			this.#timer = Timer.set(() => this.#convert(), this.#interval);
		}
	}

	#finish(): void {
		const io = this.#open();
		try {
			this.#temperature = this.#read(io);
			this.#failure = undefined;
		} catch (error) {
			this.#failure = error as Error;
		}
		this.#timer = Timer.set(() => this.#convert(), this.#interval - conversions[this.#resolution - 9]!);
		if (this.#owed) {
			this.#owed = false;
			this.#onSample?.call(this);
		}
	}

	#read(io: PulseWire): number {
		const scratchpad = this.#scratchpad;
		this.#select(io);
		io.writeByte(Command.READ_SCRATCHPAD);
		for (let index = 0; index < 9; index++) scratchpad[index] = io.readByte();
		if (crc8(scratchpad, 9) !== 0) throw new Error("DS18B20: checksum of the scratchpad is wrong");
		const raw = ((scratchpad[1]! << 24) >> 16) | scratchpad[0]!;
		// A part that lost its power meanwhile has forgotten the resolution too: its 85 °C is no measurement.
		if (raw === POWER_UP && ((scratchpad[4]! >> 5) & 3) + 9 !== this.#resolution)
			throw new Error("DS18B20: lost its power");
		return raw / 16;
	}

	#select(io: PulseWire): void {
		if (!io.reset()) throw new Error("DS18B20: no part answers");
		if (!this.#code) {
			io.writeByte(Command.SKIP_ROM);
			return;
		}
		io.writeByte(Command.MATCH_ROM);
		for (let index = 0; index < 8; index++) io.writeByte(this.#code[index]!);
	}

	#open(): PulseWire {
		if (!this.#io) throw new Error("DS18B20 is closed");
		return this.#io;
	}
}

export default DS18B20;
