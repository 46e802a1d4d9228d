import { lookup } from "node:dns";
import { connect, type Socket } from "node:net";
import { connect as connectSecurely, TLSSocket } from "node:tls";
import { clock } from "./clock";

/** What an ECMA-419 TCP socket may have in flight, in bytes: as little as on the board. */
const window = 1460 * 4;

/** ECMA-419 §10.13 TCP over node:net, as far as a client needs it. */
export class NodeTCP {
	/** What carries the bytes: for TLS, the socket below. */
	readonly #wire: Socket;
	readonly #socket: Socket;
	readonly #options: {
		address: string;
		port: number;
		/** TLS: the name that the certificate has to bear, and the authority that signed it (PEM). */
		host?: string;
		certificate?: string;
		target?: unknown;
		onReadable?: (this: NodeTCP, count: number) => void;
		onWritable?: (this: NodeTCP, count: number) => void;
		onError?: (this: NodeTCP, error?: Error) => void;
	};
	#arrived = Buffer.alloc(0);
	#writable = 0;
	#closed = false;
	#mute = false;

	constructor(options: NodeTCP["options"]) {
		this.#options = options;
		this.#wire = connect({ host: options.address, port: options.port, noDelay: true });
		this.#socket = this.over(this.#wire);
		this.#socket.on(this.#socket instanceof TLSSocket ? "secureConnect" : "connect", () => this.#grow(window));
		this.#socket.on("data", (bytes: Buffer) => {
			this.#arrived = Buffer.concat([this.#arrived, bytes]);
			if (!this.#closed) this.#options.onReadable?.call(this, this.#arrived.length);
		});
		this.#socket.on("error", (error) => this.#fail(error));
		this.#socket.on("close", () => this.#fail());
	}

	get target(): unknown {
		return this.#options.target;
	}

	get options() {
		return this.#options;
	}

	get bytesWritten(): number {
		return this.#socket.bytesWritten;
	}

	protected over(wire: Socket): Socket {
		return wire;
	}

	#fail(error?: Error): void {
		if (this.#closed) return;
		this.#socket.destroy();
		const { onError } = this.#options;
		this.#options.onError = undefined;
		onError?.call(this, error);
	}

	#grow(count: number): void {
		this.#writable += count;
		if (!this.#closed) this.#options.onWritable?.call(this, this.#writable);
	}

	read(target: number | Uint8Array): ArrayBuffer | number | undefined {
		const length = typeof target === "number" ? target : target.byteLength;
		if (length > this.#arrived.length) throw new Error("invalid");
		const bytes = this.#arrived.subarray(0, length);
		this.#arrived = this.#arrived.subarray(length);
		if (typeof target === "number") return Uint8Array.from(bytes).buffer as ArrayBuffer;
		target.set(bytes);
		return length;
	}

	write(data: ArrayBuffer | ArrayBufferView): number {
		const bytes = ArrayBuffer.isView(data)
			? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
			: Buffer.from(data);
		if (this.#closed || bytes.length > this.#writable) throw new Error("would block");
		if (this.#mute) return this.#writable;
		this.#writable -= bytes.length;
		this.#socket.write(Uint8Array.from(bytes), () => this.#grow(bytes.length));
		return this.#writable;
	}

	close(): void {
		this.#closed = true;
		if (this.#mute) return;
		this.#socket.end();
		this.#socket.destroySoon();
	}

	/** Cuts the connection as a power cut does: nothing is said. */
	cut(): void {
		this.#closed = true;
		this.#wire.resetAndDestroy();
	}

	/** The network breaks, and this end notices. */
	lose(): void {
		this.#wire.resetAndDestroy();
	}

	/** From now on nothing leaves, not even that it is closed: to the other end, the connection is half open. */
	mute(): void {
		this.#mute = true;
	}
}

/** TLS over node:tls, in the form of the class that the desktop host has. */
export class NodeTLS extends NodeTCP {
	protected override over(wire: Socket): Socket {
		const { host, certificate } = this.options;
		return connectSecurely({
			socket: wire,
			...(host && { servername: host }),
			...(certificate && { ca: certificate }),
		});
	}
}

/** ECMA-419 §22 resolver over Node's. */
export class NodeResolver {
	#closed = false;

	resolve(options: {
		host: string;
		onResolved: (host: string, address: string) => void;
		onError?: (error: Error) => void;
	}): void {
		lookup(options.host, { family: 4 }, (error, address) => {
			if (this.#closed) return;
			if (error) options.onError?.(error);
			else options.onResolved(options.host, address);
		});
	}

	close(): void {
		this.#closed = true;
	}
}

/** Lets the virtual clock of unit tests follow the wall clock, `speed` times as fast. Returns a function that ends this. */
export function realTime(speed = 1): () => void {
	let last = performance.now();
	const timer = setInterval(() => {
		const now = performance.now();
		const passed = Math.floor((now - last) * speed);
		last += passed / speed;
		clock.advance(passed);
	}, 2);
	return () => clearInterval(timer);
}
