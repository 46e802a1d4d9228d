import type { TCPOptions } from "embedded:io/socket/tcp";
import NativeTCP from "moddable/tcp";

type Format = "buffer" | "number";

/**
 * ECMA-419 §10, TCP socket: lwIP's, by the SDK. Made good here: `noDelay` under the standard's name, `read` of more than there is,
 * an Error for `onError`, and `write` after the end, which returns 0. `address` is an IP address.
 */
class TCP {
	#native: NativeTCP | undefined;
	#format: Format;
	#connected = false;
	/** Bytes that lie in the socket, as far as was told. */
	#readable = 0;
	declare target: unknown;

	constructor(options: TCPOptions) {
		const { address, port, onReadable, onWritable, onError, target } = options;
		if (address === undefined) throw new TypeError("TCP: address is required (names are for the resolver)");
		this.#format = checkFormat(options.format ?? "buffer");
		this.#native = new NativeTCP({
			address,
			port: port!,
			nodelay: options.noDelay ?? false,
			onReadable: (count) => {
				this.#readable = count;
				onReadable?.call(this as never, count);
			},
			onWritable: (count) => {
				this.#connected = true;
				onWritable?.call(this as never, count);
			},
			onError: () => {
				const [message, code] = this.#connected
					? ["the connection has ended", "ECONNRESET"]
					: ["there is no connection", "ECONNREFUSED"];
				onError?.call(this as never, Object.assign(new Error(message), { code }));
			},
		});
		if (target !== undefined) this.target = target;
	}

	close(): void {
		const native = this.#native;
		this.#native = undefined;
		native?.close();
	}

	read(option?: number | ByteBuffer): ArrayBuffer | number | undefined {
		const native = this.#check();
		if (this.#readable === 0) return undefined;
		if (this.#format === "number") {
			const bytes = this.#take(native, 1);
			return bytes && new Uint8Array(bytes)[0];
		}
		if (option === undefined) return this.#take(native, this.#readable);
		if (typeof option === "number") return this.#take(native, Math.min(option, this.#readable));
		const count = Math.min(option.byteLength, this.#readable);
		if (count === 0) return undefined;
		const part = ArrayBuffer.isView(option)
			? new Uint8Array(option.buffer, option.byteOffset, count)
			: new Uint8Array(option, 0, count);
		this.#readable -= count;
		native.read(part);
		return count;
	}

	/** Throws when it is more than may be written. */
	write(data: ByteBuffer | number): number {
		const native = this.#check();
		const bytes = this.#format === "number" ? Uint8Array.of(checkByte(data)) : (data as ByteBuffer);
		return (native.write(bytes) as number | undefined) ?? 0;
	}

	get remoteAddress(): string | undefined {
		return this.#check().remoteAddress;
	}

	get remotePort(): number | undefined {
		return this.#check().remotePort;
	}

	get format(): Format {
		return this.#format;
	}
	set format(value: Format) {
		this.#format = checkFormat(value);
	}

	#take(native: NativeTCP, count: number): ArrayBuffer | undefined {
		if (count <= 0) return undefined;
		this.#readable -= count;
		return native.read(count) as ArrayBuffer | undefined;
	}

	#check(): NativeTCP {
		if (!this.#native) throw new Error("TCP: closed");
		return this.#native;
	}
}

function checkFormat(value: Format): Format {
	if (value !== "buffer" && value !== "number") throw new RangeError(`TCP: format "${String(value)}" is unknown`);
	return value;
}

function checkByte(value: unknown): number {
	const byte = Number(value);
	if (!Number.isInteger(byte) || byte < 0 || byte > 255)
		throw new RangeError(`TCP write: byte ${value} is outside 0..255`);
	return byte;
}

export default TCP;
