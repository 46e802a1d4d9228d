// Texas Instruments TMP117: temperature.
// https://www.ti.com/lit/ds/symlink/tmp117.pdf
import type Digital from "embedded:io/digital";
import type SMBus from "embedded:io/smbus";
import type { Sample, SensorOptions } from "embedded:sensor/_common";
import Timer from "timer";

const Register = Object.freeze({ TEMPERATURE: 0x00, CONFIGURATION: 0x01, HIGH: 0x02, LOW: 0x03, ID: 0x0f });
const Bit = Object.freeze({
	HIGH_ALERT: 0x8000,
	LOW_ALERT: 0x4000,
	MODE: 0x0c00,
	CYCLE: 0x0380,
	AVERAGING: 0x0060,
	THERMOSTAT: 0x0010,
	POLARITY: 0x0008,
	SOFT_RESET: 0x0002,
});
const SHUTDOWN = 0x0400;
const ONE_SHOT = 0x0c00;
/** After a reset: continuous, a result a second, 8 averages (§7.6.3). */
const DEFAULTS = 0x0220;
/** °C of one bit. */
const STEP = 0.0078125;
/** What the register says before the first conversion. */
const NONE = 0x8000;
/** ms */
const RESET = 2;
const CONVERSION = 15.5;
const averages: readonly number[] = Object.freeze([0, 8, 32, 64]);

interface TMP117Options extends SensorOptions {
	/** The ALERT pin: a Digital input. */
	alert?: { io: typeof Digital; pin: number };
	onAlert?: (this: TMP117) => void;
}
interface TMP117Configuration {
	/** Rest between samples, each of which then waits for its own conversion. */
	shutdownMode?: boolean;
	/** Limits of the alert in °C: -256..255.99. */
	highTemperature?: number;
	lowTemperature?: number;
	thermostatMode?: "interrupt" | "comparator";
	/** 0..7: a result every 16, 125, 250, 500, 1,000, 4,000, 8,000 or 16,000 ms. */
	conversionRate?: number;
	/** 0, 8, 32 or 64 conversions for a result. */
	averaging?: number;
	/** 1: ALERT is active high. */
	polarity?: 0 | 1;
}

/**
 * ECMA-419 §13 Sensor on SMBus with options and samples of Moddable's `embedded:sensor/Temperature/TMP117`. Addresses 0x48 to 0x4b. It converts
 * by itself, once a second. Throws when it does not answer or is another one.
 */
class TMP117 {
	#io: SMBus | undefined;
	#monitor: Digital | undefined;

	constructor(options: TMP117Options) {
		const { sensor, alert, onAlert } = options;
		const Bus = sensor.io as typeof SMBus;
		this.#io = new Bus({ hz: 400_000, address: 0x48, ...sensor } as ConstructorParameters<typeof SMBus>[0]);
		try {
			const id = this.#io.readUint16(Register.ID, true) & 0x0fff;
			if (id !== 0x117) throw new Error(`TMP117: device id is 0x${id.toString(16)}, not 0x117`);
			this.#io.writeUint16(Register.CONFIGURATION, Bit.SOFT_RESET, true);
			Timer.delay(RESET);
			if (alert && onAlert)
				this.#monitor = new alert.io({
					mode: alert.io.InputPullUp,
					...alert,
					edge: alert.io.Falling,
					onReadable: () => onAlert.call(this),
				});
			// The first result is one conversion, not eight, so that it is there at once.
			this.#io.writeUint16(Register.CONFIGURATION, DEFAULTS & ~Bit.AVERAGING, true);
			Timer.delay(Math.ceil(CONVERSION));
			this.#io.writeUint16(Register.CONFIGURATION, DEFAULTS, true);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Changes what `options` names. Throws RangeError for a value that the part does not have. */
	configure(options: TMP117Configuration): void {
		const io = this.#open();
		const { shutdownMode, thermostatMode, conversionRate, averaging, polarity } = options;
		let configuration = io.readUint16(Register.CONFIGURATION, true);
		if (shutdownMode !== undefined) configuration = (configuration & ~Bit.MODE) | (shutdownMode ? SHUTDOWN : 0);
		if (thermostatMode !== undefined) {
			if (thermostatMode !== "interrupt" && thermostatMode !== "comparator")
				throw new RangeError(
					`TMP117: thermostatMode "${String(thermostatMode)}" is neither "interrupt" nor "comparator"`,
				);
			configuration = (configuration & ~Bit.THERMOSTAT) | (thermostatMode === "interrupt" ? Bit.THERMOSTAT : 0);
		}
		if (conversionRate !== undefined) {
			if (!Number.isInteger(conversionRate) || conversionRate < 0 || conversionRate > 7)
				throw new RangeError(`TMP117: conversionRate ${conversionRate} is not an integer of 0..7`);
			configuration = (configuration & ~Bit.CYCLE) | (conversionRate << 7);
		}
		if (averaging !== undefined) {
			const index = averages.indexOf(averaging);
			if (index < 0) throw new RangeError(`TMP117: averaging ${averaging} is none of 0, 8, 32, 64`);
			configuration = (configuration & ~Bit.AVERAGING) | (index << 5);
		}
		if (polarity !== undefined) configuration = (configuration & ~Bit.POLARITY) | (polarity ? Bit.POLARITY : 0);
		const high = limit("highTemperature", options.highTemperature);
		const low = limit("lowTemperature", options.lowTemperature);
		if (high !== undefined) io.writeUint16(Register.HIGH, high, true);
		if (low !== undefined) io.writeUint16(Register.LOW, low, true);
		io.writeUint16(Register.CONFIGURATION, configuration, true);
	}

	/**
	 * `temperature` in °C; `alert`: 1 above the high limit, 2 below the low one, 0 between. Throws when the part does not answer, or
	 * lost its power.
	 */
	sample(): Sample & { temperature: number; alert: number } {
		const io = this.#open();
		let configuration = io.readUint16(Register.CONFIGURATION, true);
		if ((configuration & Bit.MODE) === SHUTDOWN) {
			io.writeUint16(Register.CONFIGURATION, configuration | ONE_SHOT, true);
			Timer.delay(Math.ceil(CONVERSION * (averages[(configuration & Bit.AVERAGING) >> 5] || 1)));
			configuration = io.readUint16(Register.CONFIGURATION, true);
		}
		const raw = io.readUint16(Register.TEMPERATURE, true);
		if (raw === NONE) throw new Error("TMP117: no measurement: it lost its power");
		const alert = (configuration & Bit.HIGH_ALERT ? 1 : 0) | (configuration & Bit.LOW_ALERT ? 2 : 0);
		return { temperature: ((raw << 16) >> 16) * STEP, alert };
	}

	close(): void {
		this.#monitor?.close();
		this.#monitor = undefined;
		this.#io?.close();
		this.#io = undefined;
	}

	#open(): SMBus {
		if (!this.#io) throw new Error("TMP117 is closed");
		return this.#io;
	}
}

function limit(name: string, degrees: number | undefined): number | undefined {
	if (degrees === undefined) return undefined;
	const value = Math.round(degrees / STEP);
	if (!(value >= -32768 && value <= 32767))
		throw new RangeError(`TMP117: ${name} ${degrees} °C is outside -256..255.99`);
	return value & 0xffff;
}

export default TMP117;
