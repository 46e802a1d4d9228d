import type { TLSOptions, TLSParameters } from "embedded:io/socket/tcp/tls";
import { TCPStream } from "../../moddable/tcp-stream";
import { der } from "../../moddable/tls/certificates";
import { TLSStream } from "../../moddable/tls/tls-stream";
import { RECEIVE_WINDOW, SEND_BUFFER } from "../../shared/services/network";

/**
 * ECMA-419 §10, TLS Client socket: the SDK's sessions (1.2) under this project's own check of certificates, which
 * hosts/moddable describes. Whatever is refused comes to `onError`. Options under `tls` (the standard) or `secure` (Moddable).
 */
class TLS {
	#stream: TLSStream | undefined;
	#parts: Uint8Array[] = [];
	#readable = 0;
	/** Bytes that were given to the stream and have not left it. */
	#waiting = 0;
	readonly #options: TLSOptions;
	readonly format = "buffer";
	declare target: unknown;

	constructor(options: TLSOptions) {
		const { address, port, target, noDelay } = options;
		if (address === undefined) throw new TypeError("TLS: address is required (names are for the resolver)");
		if ((options.format ?? "buffer") !== "buffer") throw new RangeError('TLS: format must be "buffer"');
		const parameters: TLSParameters = { ...options.secure, ...options.tls };
		const serverName = parameters.serverName ?? parameters.host ?? options.host;
		if (serverName === undefined) throw new TypeError("TLS: host is required");
		const { clientCertificate, clientKey } = parameters;
		if ((clientCertificate === undefined) !== (clientKey === undefined))
			throw new TypeError("TLS: clientCertificate and clientKey are required together");
		const ca = parameters.ca ?? parameters.certificate;
		this.#options = options;
		const stream = new TLSStream(
			{
				serverName,
				date: Date.now(),
				...(ca !== undefined && { ca: der.certificates(ca as string, "ca") }),
				...(clientCertificate !== undefined && {
					certificate: der.certificates(clientCertificate as string, "client certificate"),
					key: der.key(clientKey as string),
				}),
			},
			(onConnect) => new TCPStream({ peer: { address, port: port! }, noDelay, onConnect, kept: RECEIVE_WINDOW }),
			() => this.#tellWritable(),
		);
		this.#stream = stream;
		let failure: Error | undefined;
		stream.on("data", (bytes: Uint8Array) => this.#arrive(bytes));
		stream.on("error", (error: Error) => {
			failure = error;
		});
		stream.on("close", () => {
			if (!this.#stream) return;
			const error = failure ?? Object.assign(new Error("the connection has ended"), { code: "ECONNRESET" });
			options.onError?.call(this as never, error);
		});
		if (target !== undefined) this.target = target;
	}

	close(): void {
		const stream = this.#stream;
		this.#stream = undefined;
		this.#parts = [];
		stream?.end();
	}

	read(option?: number | ByteBuffer): ArrayBuffer | number | undefined {
		if (!this.#stream) throw new Error("TLS: closed");
		if (this.#readable === 0) return undefined;
		if (option === undefined || typeof option === "number") {
			const bytes = new Uint8Array(Math.min(option ?? this.#readable, this.#readable));
			this.#take(bytes);
			return bytes.buffer;
		}
		const count = Math.min(option.byteLength, this.#readable);
		this.#take(
			ArrayBuffer.isView(option)
				? new Uint8Array(option.buffer, option.byteOffset, count)
				: new Uint8Array(option, 0, count),
		);
		return count;
	}

	/** Throws when it is more than may be written; after the connection's end it discards. */
	write(data: ByteBuffer): number {
		if (!this.#stream) throw new Error("TLS: closed");
		const bytes = ArrayBuffer.isView(data)
			? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
			: new Uint8Array(data);
		if (bytes.byteLength > SEND_BUFFER - this.#waiting) throw new Error("TLS write: more than may be written");
		this.#waiting += bytes.byteLength;
		this.#stream.write(bytes, (error) => {
			this.#waiting -= bytes.byteLength;
			if (!error && this.#stream) Promise.resolve().then(() => this.#tellWritable());
		});
		return SEND_BUFFER - this.#waiting;
	}

	#arrive(bytes: Uint8Array): void {
		this.#parts.push(bytes);
		this.#readable += bytes.byteLength;
		if (this.#readable > RECEIVE_WINDOW) this.#stream?.pause();
		this.#options.onReadable?.call(this as never, this.#readable);
	}

	#take(target: Uint8Array): void {
		for (let at = 0; at < target.byteLength; ) {
			const part = this.#parts[0]!;
			const count = Math.min(part.byteLength, target.byteLength - at);
			target.set(part.subarray(0, count), at);
			at += count;
			if (count === part.byteLength) this.#parts.shift();
			else this.#parts[0] = part.subarray(count);
		}
		this.#readable -= target.byteLength;
		if (this.#readable <= RECEIVE_WINDOW) this.#stream?.resume();
	}

	#tellWritable(): void {
		if (this.#stream) this.#options.onWritable?.call(this as never, SEND_BUFFER - this.#waiting);
	}
}

export default TLS;
