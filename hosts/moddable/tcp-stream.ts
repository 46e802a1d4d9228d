import NativeTCP from "moddable/tcp";
import type { ByteStream, Peer } from "../shared/services/network";

type Listener = (value?: never) => void;

interface Part {
	readonly bytes: Uint8Array;
	readonly callback: (error?: Error | null) => void;
}

/** Bytes that are kept while nobody reads, on a computer; what is beyond them stays with the peer. */
const KEPT = 262_144;

/**
 * A TCP socket of the SDK as a stream of bytes. While it is paused it goes on reading for a while: a socket of `lin` (8.2.3) whose
 * peer ends while bytes lie in it unread never tells that it has ended.
 */
export class TCPStream implements ByteStream {
	readonly peer: Peer;
	readonly #listeners: Record<string, Listener[]> = {};
	readonly #most: number;
	#native: NativeTCP | undefined;
	#onConnect: (() => void) | undefined;
	#connected = false;
	#writable = 0;
	#paused = false;
	#kept: Uint8Array[] = [];
	#keptBytes = 0;
	/** The peer has ended: told once what came before is read. */
	#ended = false;
	#broken = false;
	/** What was written and not yet taken. */
	#parts: Part[] = [];
	#ending = false;
	#closed = false;

	/** Connects, or takes over `from`. `onConnect` once it may be written. `kept`: bytes that are kept while nobody reads. */
	constructor(options: {
		peer: Peer;
		noDelay?: boolean | undefined;
		from?: NativeTCP;
		onConnect?: () => void;
		kept?: number;
	}) {
		this.peer = options.peer;
		this.#most = options.kept ?? KEPT;
		this.#onConnect = options.onConnect;
		const { address, port } = options.peer;
		this.#native = new NativeTCP({
			address,
			port,
			nodelay: options.noDelay ?? false,
			...(options.from && { from: options.from }),
			onReadable: () => this.#read(),
			onWritable: (count) => this.#write(count),
			onError: () => this.#lost(),
		});
	}

	on(event: string, listener: (value: never) => void): this {
		(this.#listeners[event] ??= []).push(listener as Listener);
		return this;
	}

	write(bytes: Uint8Array, callback: (error?: Error | null) => void): void {
		if (this.#closed || this.#ending) {
			callback(new Error("the connection is closed"));
			return;
		}
		// A copy: the writer may use its buffer again.
		this.#parts.push({ bytes: Uint8Array.from(bytes), callback });
		this.#write(this.#writable);
	}

	end(): void {
		if (this.#ending) return;
		this.#ending = true;
		if (this.#parts.length === 0) this.destroy();
	}

	pause(): void {
		this.#paused = true;
	}

	resume(): void {
		if (!this.#paused) return;
		this.#paused = false;
		Promise.resolve().then(() => this.#read());
	}

	isPaused(): boolean {
		return this.#paused;
	}

	destroy(error?: Error): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#native?.close();
		this.#native = undefined;
		this.#kept = [];
		this.#parts = [];
		Promise.resolve().then(() => {
			if (error) this.#tell("error", error);
			this.#tell("close");
		});
	}

	#read(): void {
		for (;;) {
			while (!this.#paused && !this.#closed) {
				const bytes = this.#kept.shift();
				if (!bytes) break;
				this.#keptBytes -= bytes.length;
				this.#tell("data", bytes);
			}
			const native = this.#native;
			const bytes = native && this.#keptBytes < this.#most ? native.read() : undefined;
			if (!bytes) break;
			this.#kept.push(new Uint8Array(bytes));
			this.#keptBytes += bytes.byteLength;
		}
		if (this.#ended && this.#kept.length === 0) this.#end();
	}

	#write(count: number): void {
		this.#writable = count;
		const native = this.#native;
		if (!native || this.#broken) return;
		if (!this.#connected && count > 0) {
			this.#connected = true;
			this.#onConnect?.();
		}
		while (this.#parts.length > 0 && this.#writable > 0 && !this.#closed) {
			const { bytes, callback } = this.#parts[0]!;
			const part = bytes.subarray(0, this.#writable);
			const left = native.write(part) as number | undefined;
			if (left === undefined) {
				// It broke while it was written to; the SDK says so only here, and calls nothing back any more.
				this.#broken = true;
				Promise.resolve().then(() => this.#lost());
				return;
			}
			this.#writable = left;
			if (part.length < bytes.length) this.#parts[0] = { bytes: bytes.subarray(part.length), callback };
			else {
				this.#parts.shift();
				callback();
			}
		}
		if (this.#ending && this.#parts.length === 0) this.destroy();
	}

	#lost(): void {
		if (this.#connected) {
			this.#ended = true;
			this.#read();
			return;
		}
		// The SDK does not say why; most often nobody listens there.
		this.destroy(Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" }));
	}

	#end(): void {
		if (this.#closed) return;
		if (this.#broken) {
			this.destroy(Object.assign(new Error("connection reset"), { code: "ECONNRESET" }));
			return;
		}
		this.#tell("end");
		this.destroy();
	}

	#tell(event: string, value?: unknown): void {
		for (const listener of this.#listeners[event] ?? []) listener(value as never);
	}
}
