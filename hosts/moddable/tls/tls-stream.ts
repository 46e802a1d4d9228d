import Session from "ssl/session";
import type { ByteStream, TLSParameters } from "../../shared/services/network";

type Listener = (value?: never) => void;

/** TLS 1.2, as the SDK's sessions want it. */
const VERSION = 0x303;
/** A record's payload. */
const LONGEST = 16_384;

/** What the SDK's session takes for a socket: bytes that have come, and where to put what goes. */
class Socket {
	readonly #stream: ByteStream;
	#bytes = new Uint8Array(0);
	/** The session counts it down as it reads. */
	readable = 0;
	writable = Number.MAX_SAFE_INTEGER;
	#sent: ((error?: Error | null) => void) | undefined;

	constructor(stream: ByteStream) {
		this.#stream = stream;
	}

	arrive(bytes: Uint8Array): void {
		const rest = this.#bytes.subarray(this.#bytes.length - this.readable);
		const all = new Uint8Array(rest.length + bytes.length);
		all.set(rest);
		all.set(bytes, rest.length);
		this.#bytes = all;
		this.readable = all.length;
	}

	read(target: Uint8Array): void {
		const from = this.#bytes.length - this.readable;
		target.set(this.#bytes.subarray(from, from + target.length));
	}

	write(packet: ArrayBuffer | Uint8Array): number {
		const sent = this.#sent;
		this.#sent = undefined;
		this.#stream.write(packet instanceof Uint8Array ? packet : new Uint8Array(packet), (error) => sent?.(error));
		return this.writable;
	}

	/** The next packet's end is told. */
	onSent(sent: (error?: Error | null) => void): void {
		this.#sent = sent;
	}
}

/** TLS over a stream, by the SDK's session. Whatever that throws is this stream's error: it never reaches the engine. */
export class TLSStream implements ByteStream {
	readonly #stream: ByteStream;
	readonly #session: InstanceType<typeof Session>;
	readonly #socket: Socket;
	readonly #listeners: Record<string, Listener[]> = {};
	readonly #onConnect: () => void;
	#ready = false;
	#closed = false;
	#paused = false;
	#kept: Uint8Array[] = [];
	#ended = false;

	/** `open` makes the stream below; it gets what to call once that stands. */
	constructor(parameters: TLSParameters, open: (onConnect: () => void) => ByteStream, onConnect: () => void) {
		const { serverName, ca, certificate, key, protocols } = parameters;
		this.#onConnect = onConnect;
		this.#session = new Session({
			serverName,
			protocolVersion: VERSION,
			// A session that is resumed is not verified again, whatever authority it was made with.
			cache: false,
			authorities: ca ?? [],
			...(certificate && { clientCertificates: certificate, clientKey: key }),
			...(protocols && { applicationLayerProtocolNegotiation: protocols }),
		});
		this.#session.initiateHandshake();
		const stream = open(() => this.#guard(() => this.#shake()));
		this.#stream = stream;
		this.#socket = new Socket(stream);
		stream.on("data", (bytes) => {
			this.#socket.arrive(bytes);
			this.#guard(() => (this.#ready ? this.#read() : this.#shake()));
		});
		stream.on("end", () => {
			if (this.#ready) this.#end();
			else this.#fail(Object.assign(new Error("the server ended the TLS handshake"), { code: "EPROTO" }));
		});
		stream.on("error", (error) => this.#fail(error));
		stream.on("close", () => this.#fail(undefined));
	}

	on(event: string, listener: (value: never) => void): this {
		(this.#listeners[event] ??= []).push(listener as Listener);
		return this;
	}

	write(bytes: Uint8Array, callback: (error?: Error | null) => void): void {
		if (!this.#ready || this.#closed) {
			callback(new Error("the connection is closed"));
			return;
		}
		this.#guard(() => {
			for (let at = 0; at < bytes.length; at += LONGEST) {
				const part = bytes.slice(at, at + LONGEST);
				if (at + LONGEST >= bytes.length) this.#socket.onSent(callback);
				this.#session.write(this.#socket, part);
			}
		});
	}

	end(): void {
		if (this.#ready && !this.#closed) this.#guard(() => this.#session.close(this.#socket));
		this.#stream.end();
	}

	pause(): void {
		this.#paused = true;
		this.#stream.pause();
	}

	resume(): void {
		if (!this.#paused) return;
		this.#paused = false;
		Promise.resolve().then(() => {
			this.#deliver();
			this.#stream.resume();
		});
	}

	isPaused(): boolean {
		return this.#paused;
	}

	destroy(error?: Error): void {
		this.#fail(error);
	}

	/** Goes on with the handshake as far as there are bytes for it. */
	#shake(): void {
		const session = this.#session;
		const socket = this.#socket;
		for (;;) {
			const { readable } = socket;
			const step = session.handshakeProcess;
			const done = session.handshake(socket);
			if (session.alert) throw alertError(session.alert.description);
			if (done) break;
			if (socket.readable === readable && session.handshakeProcess === step) return;
			if (socket.readable === 0 && session.handshakeProcess === -1) return;
		}
		this.#ready = true;
		this.#onConnect();
		this.#read();
	}

	#read(): void {
		while (this.#socket.readable > 0 && !this.#closed) {
			const data = this.#session.read(this.#socket);
			if (data === null) {
				this.#end();
				return;
			}
			if (data === undefined) break;
			if (data.length > 0) this.#kept.push(Uint8Array.from(data));
		}
		this.#deliver();
	}

	#deliver(): void {
		while (!this.#paused && !this.#closed) {
			const bytes = this.#kept.shift();
			if (!bytes) break;
			this.#tell("data", bytes);
		}
		if (this.#ended && this.#kept.length === 0) {
			this.#tell("end");
			this.#fail(undefined);
		}
	}

	#end(): void {
		this.#ended = true;
		this.#deliver();
	}

	#guard(action: () => void): void {
		if (this.#closed) return;
		try {
			action();
		} catch (error) {
			const { code } = error as { code?: string };
			this.#fail(Object.assign(error as Error, { code: code ?? "ERR_TLS" }));
		}
	}

	/** Ends at once; with an error, says so. */
	#fail(error: Error | undefined): void {
		if (this.#closed) return;
		if (!error && this.#ended && this.#kept.length > 0) return;
		this.#closed = true;
		this.#stream.destroy();
		Promise.resolve().then(() => {
			if (error) this.#tell("error", error);
			this.#tell("close");
		});
	}

	#tell(event: string, value?: unknown): void {
		for (const listener of this.#listeners[event] ?? []) listener(value as never);
	}
}

/** Codes of RFC 5246 §7.2 that have a name with Node; the others are a refusal of the handshake. */
const alerts: Readonly<Record<number, string>> = Object.freeze({
	0: "ECONNRESET",
	40: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
	42: "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
	48: "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
	70: "EPROTO",
});

function alertError(description: number): Error {
	const code = alerts[description] ?? "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE";
	return Object.assign(new Error(`the server refused the TLS handshake (alert ${description})`), { code });
}
