import { Duplex } from "node:stream";
import type { Clock } from "../../hosts/shared/clock";

export interface PairOptions {
	readonly clock: Clock;
	/** ms from one end to the other */
	readonly latency: number;
	/** Told whenever something reaches an end. */
	onActivity(): void;
}

/** One end of a connection in memory. Bytes take `latency` ms; a peer that does not read holds the writer back. */
class End extends Duplex {
	readonly #options: PairOptions;
	peer!: End;
	#resume: (() => void) | undefined;
	#ended = false;

	constructor(options: PairOptions) {
		super({ allowHalfOpen: false });
		this.#options = options;
		// An end that nobody took yet may be reset too.
		this.on("error", () => {});
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
		// A copy: the writer may use its buffer again before the bytes arrive.
		const bytes = Buffer.from(chunk);
		this.#later(() => this.peer.#arrive(bytes, callback));
	}

	override _read(): void {
		const resume = this.#resume;
		if (!resume) return;
		this.#resume = undefined;
		this.#options.onActivity();
		resume();
	}

	/** A reader goes on: what follows takes some turns of the event loop. */
	override resume(): this {
		this.#options.onActivity();
		return super.resume();
	}

	override _final(callback: () => void): void {
		this.#ended = true;
		this.#later(() => {
			if (!this.peer.destroyed) this.peer.push(null);
			callback();
		});
	}

	override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
		const { peer } = this;
		const graceful = this.#ended && error === null;
		this.#later(() => {
			if (!peer.destroyed && !graceful)
				peer.destroy(Object.assign(new Error("connection reset"), { code: "ECONNRESET" }));
		});
		this._read();
		callback(error);
	}

	#arrive(bytes: Buffer, callback: () => void): void {
		if (this.destroyed || this.push(bytes)) callback();
		else this.#resume = callback;
	}

	#later(action: () => void): void {
		const { clock, latency, onActivity } = this.#options;
		clock.set(() => {
			onActivity();
			action();
		}, latency);
	}
}

/** Two ends of a connection without sockets: for virtual time, and for tests. */
export function duplexPair(options: PairOptions): [Duplex, Duplex] {
	const one = new End(options);
	const other = new End(options);
	one.peer = other;
	other.peer = one;
	return [one, other];
}
