// ECMA-419 §10: IO classes.

declare module "embedded:io/_common" {
	export type PinSpecifier = number;
	export type PortSpecifier = number;
}

declare module "embedded:io/digital" {
	import type { PinSpecifier } from "embedded:io/_common";
	export interface DigitalOptions {
		pin: PinSpecifier;
		mode: number;
		edge?: number;
		activeLow?: boolean;
		initialValue?: 0 | 1;
		onReadable?: (this: Digital) => void;
		format?: "number";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.1 */
	class Digital {
		static readonly Input: number;
		static readonly InputPullUp: number;
		static readonly InputPullDown: number;
		static readonly InputPullUpDown: number;
		static readonly Output: number;
		static readonly OutputOpenDrain: number;
		static readonly Rising: number;
		static readonly Falling: number;
		constructor(options: DigitalOptions);
		read(): number;
		write(value: number): void;
		close(): void;
		format: "number";
		readonly target: unknown;
	}
	export default Digital;
}

declare module "embedded:io/digitalbank" {
	export interface DigitalBankOptions {
		pins: number;
		mode: number;
		bank?: number | string;
		rises?: number;
		falls?: number;
		initialValue?: number;
		onReadable?: (this: DigitalBank, triggers: number) => void;
		format?: "number";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.2 */
	class DigitalBank {
		static readonly Input: number;
		static readonly InputPullUp: number;
		static readonly InputPullDown: number;
		static readonly InputPullUpDown: number;
		static readonly Output: number;
		static readonly OutputOpenDrain: number;
		constructor(options: DigitalBankOptions);
		read(): number;
		write(value: number): void;
		close(): void;
		format: "number";
		readonly target: unknown;
	}
	export default DigitalBank;
}

declare module "embedded:io/analog" {
	import type { PinSpecifier } from "embedded:io/_common";
	export interface AnalogOptions {
		pin: PinSpecifier;
		resolution?: number;
		format?: "number";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.3 */
	class Analog {
		constructor(options: AnalogOptions);
		/** Bits of resolution of the values that `read` returns. */
		readonly resolution: number;
		read(): number;
		close(): void;
		format: "number";
		readonly target: unknown;
	}
	export default Analog;
}

declare module "embedded:io/pwm" {
	import type { PinSpecifier } from "embedded:io/_common";
	export interface PWMOptions {
		pin: PinSpecifier;
		hz?: number;
		/** Bits of resolution of `write`'s values (Moddable's extension); the host's choice when omitted. */
		resolution?: number;
		format?: "number";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.4 */
	class PWM {
		constructor(options: PWMOptions);
		readonly hz: number;
		/** Bits of resolution: `write` takes 0..2^resolution-1. */
		readonly resolution: number;
		write(value: number): void;
		close(): void;
		format: "number";
		readonly target: unknown;
	}
	export default PWM;
}

declare module "embedded:io/i2c" {
	import type { PinSpecifier, PortSpecifier } from "embedded:io/_common";
	export interface I2COptions {
		data: PinSpecifier;
		clock: PinSpecifier;
		hz: number;
		address: number;
		port?: PortSpecifier;
		format?: "buffer";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.5 */
	class I2C {
		constructor(options: I2COptions);
		read(byteLength: number, stop?: boolean): ArrayBuffer;
		read(buffer: ByteBuffer, stop?: boolean): number;
		write(buffer: ByteBuffer, stop?: boolean): void;
		/** Writes, then reads after a repeated start (after a stop when `stop` is true). */
		writeRead(buffer: ByteBuffer, byteLength: number, stop?: boolean): ArrayBuffer;
		writeRead(buffer: ByteBuffer, into: ByteBuffer, stop?: boolean): number;
		close(): void;
		format: "buffer";
		readonly target: unknown;
	}
	export default I2C;
}

declare module "embedded:io/smbus" {
	import I2C, { type I2COptions } from "embedded:io/i2c";
	export interface SMBusOptions extends I2COptions {
		stop?: boolean;
	}
	/** ECMA-419 §10.7 */
	class SMBus extends I2C {
		constructor(options: SMBusOptions);
		readUint8(register: number): number;
		writeUint8(register: number, value: number): void;
		readUint16(register: number, bigEndian?: boolean): number;
		writeUint16(register: number, value: number, bigEndian?: boolean): void;
		readBuffer(register: number, byteLength: number): ArrayBuffer;
		readBuffer(register: number, buffer: ByteBuffer): number;
		writeBuffer(register: number, buffer: ByteBuffer): void;
		readQuick(): void;
		writeQuick(): void;
		receiveByte(): number;
		sendByte(command: number): void;
	}
	export default SMBus;
}
