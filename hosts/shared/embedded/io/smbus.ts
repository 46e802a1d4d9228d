import I2C from "embedded:io/i2c";
import type { SMBusOptions } from "embedded:io/smbus";
import { requireInteger } from "../options";
import { byteBuffer } from "./common";

const TYPE = "SMBus";

/** Registers of one part on an I2C bus (ECMA-419 §10, SMBus, synchronous IO). Throws Error when the part does not acknowledge. */
class SMBus extends I2C {
	#stop: boolean;
	readonly #three = new Uint8Array(3);
	readonly #two = this.#three.subarray(0, 2);
	readonly #one = this.#three.subarray(0, 1);

	/** `stop`: a stop, not a repeated start, between the register's number and what is read; false by default. */
	constructor(options: SMBusOptions) {
		super(options);
		this.#stop = !!options.stop;
	}

	readUint8(register: number): number {
		super.writeRead(this.#command(register), this.#one, this.#stop);
		return this.#three[0]!;
	}

	writeUint8(register: number, value: number): void {
		this.#command(register);
		this.#three[1] = requireInteger(TYPE, "value", value, -128, 255);
		super.write(this.#two);
	}

	/** Little-endian unless `bigEndian`. */
	readUint16(register: number, bigEndian?: boolean): number {
		super.writeRead(this.#command(register), this.#two, this.#stop);
		const first = this.#three[0]!;
		const second = this.#three[1]!;
		return bigEndian ? (first << 8) | second : (second << 8) | first;
	}

	/** Little-endian unless `bigEndian`. Negative values down to -32,768 go as two's complement, as on Moddable's hosts. */
	writeUint16(register: number, value: number, bigEndian?: boolean): void {
		this.#command(register);
		const word = requireInteger(TYPE, "value", value, -32768, 65535);
		this.#three[bigEndian ? 1 : 2] = word >> 8;
		this.#three[bigEndian ? 2 : 1] = word;
		super.write(this.#three);
	}

	readBuffer(register: number, byteLength: number): ArrayBuffer;
	readBuffer(register: number, buffer: ByteBuffer): number;
	readBuffer(register: number, option: number | ByteBuffer): ArrayBuffer | number {
		return super.writeRead(this.#command(register), option as ByteBuffer, this.#stop);
	}

	writeBuffer(register: number, buffer: ByteBuffer): void {
		const source = byteBuffer(TYPE, buffer);
		const bytes = ArrayBuffer.isView(source)
			? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
			: new Uint8Array(source);
		const data = new Uint8Array(1 + bytes.length);
		data[0] = this.#command(register)[0]!;
		data.set(bytes, 1);
		super.write(data);
	}

	/** The address alone, with the read bit. Throws Error when no part acknowledges. */
	readQuick(): void {
		super.read(0);
	}

	/** The address alone, with the write bit. Throws Error when no part acknowledges. */
	writeQuick(): void {
		super.write(this.#three.subarray(0, 0));
	}

	receiveByte(): number {
		super.read(this.#one);
		return this.#three[0]!;
	}

	sendByte(command: number): void {
		super.write(this.#command(command));
	}

	#command(register: number): Uint8Array {
		this.#three[0] = requireInteger(TYPE, "register", register, 0, 255);
		return this.#one;
	}
}

export default SMBus;
