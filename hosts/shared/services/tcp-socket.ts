import { SocketEvent } from "../operations/network";
import { type ByteStream, type Connection, type Network, RECEIVE_WINDOW, SEND_BUFFER } from "./network";
import { describe } from "./network-error";

/**
 * One TCP or TLS connection as the node sees it: a receive window, a send buffer, and silence while its Wi-Fi is away.
 * Bytes that do not fit the window count as not yet arrived; the stream is paused, so that the peer is held back.
 */
export class TCPSocket {
	readonly connection: Connection;
	readonly #network: Network;
	readonly #stream: ByteStream;
	#report: (event: number, a?: number | string, b?: string) => void;
	readonly #chunks: Uint8Array[] = [];
	/** Read from the first chunk already. */
	#offset = 0;
	/** Bytes in `#chunks`, and how many of them the node may see. */
	#total = 0;
	#arrived = 0;
	#writable = 0;
	#held: Uint8Array[] = [];
	/** The peer took the connection; the node knows. */
	#established = false;
	#connected = false;
	#tellWritable = false;
	#failure: Error | undefined;
	#told = false;
	#closed = false;

	/** `open` gets what to call once the connection stands. */
	constructor(
		network: Network,
		connection: Connection,
		open: (onConnect: () => void) => ByteStream,
		report: (event: number, a?: number | string, b?: string) => void,
	) {
		this.#network = network;
		this.connection = connection;
		this.#report = report;
		const stream = open(() => this.#onConnect());
		this.#stream = stream;
		stream.on("data", (chunk: Uint8Array) => this.#onData(chunk));
		stream.on("end", () => this.#fail(ended(connection)));
		stream.on("error", (error: Error) => this.#fail(describe(error, connection)));
		stream.on("close", () => this.#fail(ended(connection)));
		network.tap?.opened?.(connection);
	}

	/** Bytes to read now. */
	get readable(): number {
		return this.#arrived;
	}

	/** Bytes that `write` takes now. */
	get writable(): number {
		return this.#failure ? 0 : this.#writable;
	}

	/** Up to `byteLength` bytes; undefined when there are none. */
	read(byteLength: number): Uint8Array | undefined {
		const count = Math.min(byteLength, this.#arrived);
		if (this.#arrived === 0) return undefined;
		const first = this.#chunks[0]!;
		let bytes: Uint8Array;
		if (first.byteLength - this.#offset >= count) {
			bytes = first.subarray(this.#offset, this.#offset + count);
			this.#drop(count);
		} else {
			bytes = new Uint8Array(count);
			for (let position = 0; position < count; ) {
				const chunk = this.#chunks[0]!;
				const part = chunk.subarray(this.#offset, this.#offset + count - position);
				bytes.set(part, position);
				position += part.byteLength;
				this.#drop(part.byteLength);
			}
		}
		this.#total -= count;
		this.#arrived -= count;
		this.#arrive();
		if (this.#total < RECEIVE_WINDOW && this.#stream.isPaused()) this.#stream.resume();
		this.#tellFailure();
		return bytes;
	}

	/** Takes all of `bytes` or throws; returns how many more fit, undefined when the connection has ended. */
	write(bytes: Uint8Array): number | undefined {
		if (this.#failure) return undefined;
		if (!this.#connected) throw new Error("TCP write: not connected yet (wait for onWritable)");
		if (bytes.byteLength > this.#writable)
			throw new Error(`TCP write: ${bytes.byteLength} bytes, but only ${this.#writable} are writable`);
		if (bytes.byteLength === 0) return this.#writable;
		this.#writable -= bytes.byteLength;
		this.#network.tap?.bytes?.(this.connection, "out", bytes);
		if (this.#network.up) this.#send(bytes);
		else this.#held.push(bytes);
		return this.#writable;
	}

	/** Hands the connection to a new owner, who is told what is readable and writable. */
	adopt(report: (event: number, a?: number | string, b?: string) => void): void {
		this.#report = report;
		if (this.#arrived > 0) report(SocketEvent.readable, this.#arrived);
		if (this.#connected && !this.#failure) report(SocketEvent.writable, this.#writable);
		this.#told = false;
		this.#tellFailure();
	}

	/** The Wi-Fi came back, or went away. */
	onLink(): void {
		if (!this.#network.up) return;
		if (this.#established) this.#onConnect();
		for (const bytes of this.#held.splice(0)) this.#send(bytes);
		this.#arrive();
		this.#tellFailure();
		if (this.#closed) this.#stream.destroy();
	}

	/** The board gives the connection up. */
	abort(message: string): void {
		this.#fail(Object.assign(new Error(message), { code: "ECONNABORTED" }));
		this.#tellFailure(true);
	}

	/** Sends what was written, then ends the connection. True when it must stay known, for it cannot tell the peer now. */
	close(): boolean {
		this.#finish();
		if (!this.#connected) this.#stream.destroy();
		else if (this.#network.up) {
			this.#stream.end();
			this.#stream.resume();
			// A peer that does not end its side must not keep this process alive.
			this.#stream.unref?.();
		} else return true;
		return false;
	}

	/** The power went. */
	destroy(): void {
		this.#finish();
		this.#stream.destroy();
	}

	#finish(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#report = () => {};
		this.#chunks.length = 0;
		this.#held = [];
		this.#total = this.#arrived = 0;
		this.#network.tap?.closed?.(this.connection);
	}

	#onConnect(): void {
		if (this.#connected || this.#closed) return;
		this.#established = true;
		if (!this.#network.up) return;
		this.#connected = true;
		this.#writable = SEND_BUFFER;
		this.#report(SocketEvent.writable, this.#writable);
	}

	#onData(chunk: Uint8Array): void {
		if (this.#closed) return;
		this.#chunks.push(chunk);
		this.#total += chunk.byteLength;
		if (this.#total >= RECEIVE_WINDOW) this.#stream.pause();
		this.#arrive();
	}

	/** Lets bytes into the window: all at once, as far as there is room. */
	#arrive(): void {
		if (!this.#network.up) return;
		const count = Math.min(RECEIVE_WINDOW, this.#total) - this.#arrived;
		if (count <= 0) return;
		if (this.#network.tap?.bytes) this.#show(count);
		this.#arrived += count;
		this.#report(SocketEvent.readable, this.#arrived);
	}

	#show(count: number): void {
		let skip = this.#offset + this.#arrived;
		let left = count;
		for (const chunk of this.#chunks) {
			if (left === 0) break;
			const part = chunk.subarray(Math.min(skip, chunk.byteLength), Math.min(skip + left, chunk.byteLength));
			skip = Math.max(0, skip - chunk.byteLength);
			left -= part.byteLength;
			if (part.byteLength > 0) this.#network.tap?.bytes?.(this.connection, "in", part);
		}
	}

	#drop(count: number): void {
		this.#offset += count;
		if (this.#offset === this.#chunks[0]!.byteLength) {
			this.#chunks.shift();
			this.#offset = 0;
		}
	}

	#send(bytes: Uint8Array): void {
		this.#stream.write(bytes, (error) => {
			if (error) return;
			this.#writable += bytes.byteLength;
			if (this.#tellWritable) return;
			this.#tellWritable = true;
			Promise.resolve().then(() => {
				this.#tellWritable = false;
				if (!this.#failure) this.#report(SocketEvent.writable, this.#writable);
			});
		});
	}

	#fail(error: Error): void {
		if (this.#failure) return;
		this.#failure = error;
		this.#tellFailure();
	}

	/** What arrived before the end can still be read: the end is told after it. */
	#tellFailure(now = false): void {
		if (!this.#failure || this.#told) return;
		if (!now && (this.#total > 0 || (this.#connected && !this.#network.up))) return;
		this.#told = true;
		this.#report(SocketEvent.error, this.#failure.message, (this.#failure as { code?: string }).code ?? "");
	}
}

function ended({ address, port }: Connection): Error {
	return Object.assign(new Error(`connection closed by ${address}:${port}`), { code: "ECONNCLOSED" });
}
