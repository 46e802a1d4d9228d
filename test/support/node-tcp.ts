import { lookup } from "node:dns";
import { connect, type Socket } from "node:net";
import { clock } from "./clock";

/** What an ECMA-419 TCP socket may have in flight, in bytes: as little as on the board. */
const window = 1460 * 4;

/** ECMA-419 §10.13 TCP over node:net, as far as a client needs it. */
export class NodeTCP {
	readonly #socket: Socket;
	readonly #options: {
		address: string;
		port: number;
		onReadable?: (this: NodeTCP, count: number) => void;
		onWritable?: (this: NodeTCP, count: number) => void;
		onError?: (this: NodeTCP, error?: Error) => void;
	};
	#arrived = Buffer.alloc(0);
	#writable = 0;
	#closed = false;

	constructor(options: NodeTCP["options"]) {
		this.#options = options;
		this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
		this.#socket.on("connect", () => this.#grow(window));
		this.#socket.on("data", (bytes: Buffer) => {
			this.#arrived = Buffer.concat([this.#arrived, bytes]);
			if (!this.#closed) this.#options.onReadable?.call(this, this.#arrived.length);
		});
		this.#socket.on("error", (error) => this.#fail(error));
		this.#socket.on("close", () => this.#fail());
	}

	/** For the type of the constructor only. */
	get options() {
		return this.#options;
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
		this.#writable -= bytes.length;
		this.#socket.write(Uint8Array.from(bytes), () => this.#grow(bytes.length));
		return this.#writable;
	}

	close(): void {
		this.#closed = true;
		this.#socket.end();
		this.#socket.destroySoon();
	}

	/** Cuts the connection as a power cut does: nothing is said. */
	cut(): void {
		this.#closed = true;
		this.#socket.resetAndDestroy();
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

/** Lets the virtual clock of unit tests follow the wall clock. Returns a function that ends this. */
export function realTime(): () => void {
	let last = performance.now();
	const timer = setInterval(() => {
		const now = performance.now();
		const passed = Math.floor(now - last);
		last += passed;
		clock.advance(passed);
	}, 2);
	return () => clearInterval(timer);
}
