import type { I2COptions } from "embedded:io/i2c";
import { call, callInto } from "vagalume:host";
import { board } from "../../operations/board";
import { checkOptions, getInteger, requireInteger } from "../options";
import { byteBuffer, checkFormat, closed, setTarget } from "./common";

const TYPE = "I2C";
const LAST_PIN = 63;
/** One transfer at most, in bytes. */
const LONGEST = 65535;

/** One part on an I2C bus (ECMA-419 §10, I2C, synchronous IO). A part that does not acknowledge makes `read` and `write` throw Error. */
class I2C {
	declare readonly target: unknown;
	#handle = 0;

	/**
	 * `data`, `clock`, `hz` (1..1,000,000) and `address` (7 bits) are required. Several instances share a bus; throws Error when
	 * one already has the address, or a pin is in use otherwise.
	 */
	constructor(options: I2COptions) {
		checkOptions(TYPE, options);
		const data = requireInteger(TYPE, "data", options.data, 0, LAST_PIN);
		const clock = requireInteger(TYPE, "clock", options.clock, 0, LAST_PIN);
		if (data === clock) throw new RangeError(`I2C: data and clock are both pin ${data}`);
		const hz = requireInteger(TYPE, "hz", options.hz, 1, 1_000_000);
		const address = requireInteger(TYPE, "address", options.address, 0, 127);
		const port = getInteger(TYPE, "port", options.port, 0, 1);
		checkFormat(TYPE, options.format ?? "buffer", "buffer");
		setTarget(this, options);
		this.#handle = call(board.i2cOpen, data, clock, hz, address, port) as number;
	}

	/** Reads so many bytes into a new ArrayBuffer, or fills a buffer and returns its length. Zero bytes only address the part. */
	read(byteLength: number, stop?: boolean): ArrayBuffer;
	read(buffer: ByteBuffer, stop?: boolean): number;
	read(option: number | ByteBuffer, stop: boolean = true): ArrayBuffer | number {
		if (!this.#handle) throw closed(TYPE);
		if (typeof option === "number") {
			const buffer = new ArrayBuffer(requireInteger(TYPE, "byteLength", option, 0, LONGEST));
			callInto(buffer, board.i2cRead, this.#handle, option, !!stop);
			return buffer;
		}
		const buffer = byteBuffer(TYPE, option);
		callInto(buffer, board.i2cRead, this.#handle, buffer.byteLength, !!stop);
		return buffer.byteLength;
	}

	/** Writes all bytes. Zero bytes only address the part. */
	write(buffer: ByteBuffer, stop: boolean = true): void {
		if (!this.#handle) throw closed(TYPE);
		call(board.i2cWrite, this.#handle, byteBuffer(TYPE, buffer), !!stop);
	}

	/** Writes, then reads, with a repeated start in between (with a stop when `stop` is true). Returns as `read` does. */
	writeRead(buffer: ByteBuffer, byteLength: number, stop?: boolean): ArrayBuffer;
	writeRead(buffer: ByteBuffer, into: ByteBuffer, stop?: boolean): number;
	writeRead(buffer: ByteBuffer, option: number | ByteBuffer, stop: boolean = false): ArrayBuffer | number {
		if (!this.#handle) throw closed(TYPE);
		const data = byteBuffer(TYPE, buffer);
		const created = typeof option === "number";
		const into = created
			? new ArrayBuffer(requireInteger(TYPE, "byteLength", option, 0, LONGEST))
			: byteBuffer(TYPE, option);
		callInto(into, board.i2cWriteRead, this.#handle, data, into.byteLength, !!stop);
		return created ? (into as ArrayBuffer) : into.byteLength;
	}

	close(): void {
		if (!this.#handle) return;
		call(board.i2cClose, this.#handle);
		this.#handle = 0;
	}

	get format(): "buffer" {
		if (!this.#handle) throw closed(TYPE);
		return "buffer";
	}
	set format(value: string) {
		if (!this.#handle) throw closed(TYPE);
		checkFormat(TYPE, value, "buffer");
	}
}

export default I2C;
