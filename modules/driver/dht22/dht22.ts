// Aosong AM2302, sold as DHT22: temperature, humidity.
// https://files.seeedstudio.com/wiki/Grove-Temperature_and_Humidity_Sensor_Pro/res/AM2302-EN.pdf
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Time from "time";
import Timer from "timer";
import type { PulseWire, PulseWireConstructor } from "../../system/system";

/** The part needs so long (ms) after power-up, and between readings. */
const WARM_UP = 1000;
const INTERVAL = 2000;
/** Start signal in us (the part asks for 0.8..20 ms). */
const START = 1100;
/** Widths of a whole answer: released, low, high of the response, then low and high of each of 40 bits. */
const WIDTHS = 83;
const FIRST_BIT = 4;
/** A high pulse of 26 us is a 0, one of 70 us a 1. */
const THRESHOLD = 48;

/**
 * ECMA-419 §13 Sensor on a single wire: `sensor: {io: device.system.PulseWire, pin}`. The part measures at most every 2 s: asked
 * more often, `sample` gives the last values again.
 */
class DHT22 {
	#io: PulseWire | undefined;
	readonly #widths = new Uint16Array(WIDTHS);
	readonly #bytes = new Uint8Array(5);
	readonly #onSample: (() => void) | undefined;
	/** `Time.ticks` of the constructor or of the last question, and the time (ms) until the next. */
	#since = Time.ticks;
	#pause = WARM_UP;
	#valid = false;
	#timer: Timer | undefined;

	/** `onSample` is called when a sample that `sample` could not give is there. */
	constructor(options: SensorOptions) {
		const { sensor } = options;
		this.#onSample = options.onSample;
		this.#io = new (sensor.io as PulseWireConstructor)(sensor as unknown as { pin: number });
	}

	/** Nothing can be configured. */
	configure(_options: Record<string, unknown>): void {
		if (!this.#io) throw new Error("DHT22 is closed");
	}

	/**
	 * °C and %. `undefined` in the first second after the constructor, when the part may just have got its power. Throws when
	 * it does not answer, or its answer is damaged; then it is left alone for 2 s.
	 */
	sample(): Sample | undefined {
		if (!this.#io) throw new Error("DHT22 is closed");
		const remaining = this.#pause - Time.delta(this.#since);
		if (remaining <= 0) this.#ask(this.#io);
		if (!this.#valid) {
			this.#timer ??= Timer.set(() => this.#ready(), remaining);
			return undefined;
		}
		const bytes = this.#bytes;
		const magnitude = ((bytes[2]! & 0x7f) << 8) | bytes[3]!;
		return {
			hygrometer: { humidity: ((bytes[0]! << 8) | bytes[1]!) / 10 },
			thermometer: { temperature: (bytes[2]! & 0x80 ? -magnitude : magnitude) / 10 },
		};
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#io?.close();
		this.#io = undefined;
	}

	#ready(): void {
		this.#timer = undefined;
		this.#onSample?.call(this);
	}

	#ask(io: PulseWire): void {
		const widths = this.#widths;
		this.#since = Time.ticks;
		this.#pause = INTERVAL;
		this.#valid = false;
		const count = io.exchange(START, widths);
		if (count === 0) throw new Error("DHT22: no answer");
		if (count < WIDTHS) throw new Error(`DHT22: answer ends after ${count} of ${WIDTHS} pulses`);
		const bytes = this.#bytes;
		bytes.fill(0);
		for (let bit = 0; bit < 40; bit++)
			if (widths[FIRST_BIT + 2 * bit]! > THRESHOLD) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
		const sum = (bytes[0]! + bytes[1]! + bytes[2]! + bytes[3]!) & 0xff;
		if (sum !== bytes[4]) throw new Error(`DHT22: checksum is 0x${bytes[4]!.toString(16)}, not 0x${sum.toString(16)}`);
		this.#valid = true;
	}
}

export default DHT22;
