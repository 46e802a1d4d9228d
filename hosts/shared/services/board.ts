/**
 * What a node's board looks like to the services: hardware without names. The simulator's virtual board is one; a
 * board behind a cable could be another. Opening throws `Error` when a pin does not exist, cannot do it, or is in use.
 */
export interface Board {
	/** A boot begins: all that was open is closed, pins float; parts keep their power. Parts' own time is `clock`. */
	boot(clock: BoardClock): void;
	/** Some pins of one bank: bank 0 is GPIO 0 to 31, bank 1 GPIO 32 to 63. */
	openDigital(options: DigitalPortOptions): DigitalPort;
	openAnalog(pin: number): AnalogPort;
	openPwm(pin: number, hz: number, resolution: number): PwmPort;
	openI2C(options: I2CPortOptions): I2CPort;
	/** `length` LEDs. */
	openStrip(pin: number, length: number): StripPort;
	/** Several may be open on one pin, as on a bus: each exchange is complete in itself. */
	openWire(pin: number): WirePort;
}

/** The node's view of time. */
export interface BoardClock {
	/** ms, monotonic */
	now(): number;
	/** Makes the node wait: a part stretches the I2C clock. */
	delay(milliseconds: number): void;
}

export interface Port {
	/** Gives the pins back; may be called again. */
	close(): void;
}

export interface DigitalPortOptions {
	readonly bank: number;
	/** Masks of 32 bits, unsigned. */
	readonly pins: number;
	readonly mode: number;
	readonly rises: number;
	readonly falls: number;
	readonly initialValue: number;
	/** Called at each edge asked for, with the mask of the pin. Never from within `openDigital`. */
	onTrigger?(pins: number): void;
}
export interface DigitalPort extends Port {
	read(): number;
	write(value: number): void;
}
export interface AnalogPort extends Port {
	/** 12 bits: 0 (0 V) to 4,095 (3.3 V). */
	read(): number;
}
export interface PwmPort extends Port {
	/** 0 (always low) to 2^resolution-1 (always high). */
	write(value: number): void;
}
export interface I2CPortOptions {
	readonly data: number;
	readonly clock: number;
	readonly hz: number;
	/** 7 bits. */
	readonly address: number;
	readonly port?: number;
}
export interface I2CPort extends Port {
	/** Throws when the part does not acknowledge. */
	read(byteLength: number, stop: boolean): Uint8Array;
	/** Throws when the part does not acknowledge its address or a byte. */
	write(bytes: Uint8Array, stop: boolean): void;
}
export interface StripPort extends Port {
	/** Three bytes a LED: red, green, blue. */
	write(pixels: Uint8Array): void;
}
export interface WirePort extends Port {
	/** Pulls low for so many microseconds, lets go, and returns the widths (us) of what follows: high, low, high, ... */
	exchange(low: number, count: number): Uint16Array;
	/** 1-Wire reset: true when a part answers. */
	reset(): boolean;
	/** A 1-Wire time slot: writes a 0, or a 1 which reads the line. */
	bit(value: 0 | 1): 0 | 1;
}
