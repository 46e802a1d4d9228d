import { clock, type Entry } from "./clock";

/** Options that ECMA-419 §10.13 defines, as far as a client uses them. */
interface Options {
	address: string;
	host?: string;
	port: number;
	target?: unknown;
	onReadable?: (this: FakeTCP, count: number) => void;
	onWritable?: (this: FakeTCP, count: number) => void;
	onError?: (this: FakeTCP, error?: Error) => void;
}

/** How sockets that are made from now on behave, and what was made. */
export const network = {
	/** Every socket made, in order. */
	sockets: [] as FakeTCP[],
	/** Bytes that a socket takes before it has to be drained; Infinity: it drains itself. */
	allowance: Number.POSITIVE_INFINITY,
	/** What the resolver answers; an Error for failure, `undefined` for silence. */
	address: "10.0.0.1" as string | Error | undefined,
	resolvers: 0,
	/** Told of every socket that is made. */
	onSocket: undefined as ((socket: FakeTCP) => void) | undefined,
	/** What onWritable tells when a socket connects. */
	connect: "at once" as "at once" | "never" | "refused",
	reset(): void {
		network.sockets = [];
		network.allowance = Number.POSITIVE_INFINITY;
		network.address = "10.0.0.1";
		network.resolvers = 0;
		network.connect = "at once";
		network.onSocket = undefined;
	},
	get last(): FakeTCP {
		return network.sockets[network.sockets.length - 1]!;
	},
};

/** An in-memory ECMA-419 TCP socket, its other end driven by the test. As strict as the strictest host. */
export class FakeTCP {
	readonly options: Options;
	readonly target: unknown;
	/** Everything that was written and not taken yet. */
	#written: number[] = [];
	#arrived: number[] = [];
	allowance = network.allowance;
	closed = false;
	failed = false;
	writes = 0;
	#format = "buffer";
	/** The server's side: told of what is written, at once. */
	onWrite: ((bytes: Uint8Array) => void) | undefined;
	/** The server's side: the client closed. */
	onClose: (() => void) | undefined;

	constructor(options: Options) {
		this.options = options;
		this.target = options.target;
		network.sockets.push(this);
		network.onSocket?.(this);
		if (network.connect === "at once") this.#later(() => this.#writable());
		else if (network.connect === "refused") this.fail(new Error("connection refused"));
	}

	get format(): string {
		return this.#format;
	}

	/** Throws once it is closed, as the SDK's do. */
	set format(format: string) {
		if (this.closed) throw new Error("closed");
		this.#format = format;
	}

	#later(callback: () => void): void {
		clock.add(() => !this.closed && callback(), 0, undefined);
	}

	#writable(): void {
		this.options.onWritable?.call(this, Math.min(this.allowance, 5000));
	}

	read(target?: number | ArrayBuffer | Uint8Array): ArrayBuffer | number | undefined {
		if (this.closed) throw new Error("closed");
		if (this.#arrived.length === 0) return undefined;
		if (this.#format === "number") return this.#arrived.shift();
		if (target === undefined) target = this.#arrived.length;
		const length = typeof target === "number" ? target : target.byteLength;
		// Moddable's sockets refuse to read more than there is.
		if (length <= 0 || length > this.#arrived.length) throw new Error("invalid");
		const bytes = Uint8Array.from(this.#arrived.splice(0, length));
		if (typeof target === "number") return bytes.buffer as ArrayBuffer;
		const view = target instanceof ArrayBuffer ? new Uint8Array(target) : target;
		view.set(bytes);
		return length;
	}

	write(data: ArrayBuffer | ArrayBufferView): number {
		if (this.closed) throw new Error("closed");
		if (this.failed) throw new Error("broken");
		const bytes = ArrayBuffer.isView(data)
			? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
			: new Uint8Array(data);
		if (bytes.length > Math.min(this.allowance, 5000)) throw new Error("would block");
		this.writes++;
		if (this.onWrite) this.onWrite(bytes);
		else this.#written.push(...bytes);
		this.allowance -= bytes.length;
		return Math.min(this.allowance, 5000);
	}

	close(): void {
		if (!this.closed) this.onClose?.();
		this.closed = true;
	}

	/** The server's side: all bytes written since the last call. */
	take(): Uint8Array {
		return Uint8Array.from(this.#written.splice(0));
	}

	/** The server's side: sends bytes, in pieces of `size`. They arrive now: callbacks run before this returns. */
	deliver(bytes: Iterable<number>, size = Number.POSITIVE_INFINITY): void {
		const all = [...bytes];
		while (all.length > 0 && !this.closed) {
			this.#arrived.push(...all.splice(0, size));
			this.options.onReadable?.call(this, this.#arrived.length);
		}
	}

	/** The network took what was written: `count` more bytes may be. */
	drain(count: number): void {
		this.allowance += count;
		if (!this.closed) this.#writable();
	}

	/** Bytes that wait to be read. */
	get unread(): number {
		return this.#arrived.length;
	}

	/** The connection ends. */
	fail(error?: Error): void {
		this.failed = true;
		this.#later(() => this.options.onError?.call(this, error));
	}
}

/** An ECMA-419 resolver that answers what `network.address` says. Closed, it answers no more. */
export class FakeResolver {
	#due: Entry | undefined;

	constructor() {
		network.resolvers++;
	}

	resolve(options: {
		host: string;
		onResolved: (host: string, address: string) => void;
		onError?: (error: Error) => void;
	}): void {
		const { address } = network;
		if (address === undefined) return;
		this.#due = clock.add(
			() => {
				if (address instanceof Error) options.onError?.(address);
				else options.onResolved(options.host, address);
			},
			0,
			undefined,
		);
	}

	close(): void {
		clock.remove(this.#due);
	}
}
