import type { Duplex } from "node:stream";

/** One end of a connection, for who holds it. */
export interface Wire {
	/** Bytes came. */
	onBytes: (bytes: Uint8Array) => void;
	/** The other side ended it. Once, and not after `cut`. */
	onClosed: () => void;
	write(bytes: Uint8Array): void;
	/** Ends it at once. */
	cut(): void;
}

/** The end of a socket, or of a connection in memory. */
export class StreamWire implements Wire {
	onBytes: (bytes: Uint8Array) => void = () => {};
	onClosed: () => void = () => {};
	readonly #stream: Duplex;
	readonly #touch: () => void;
	#closed = false;

	/** @param touch called whenever something is about to happen that takes turns of the event loop */
	constructor(stream: Duplex, touch: () => void = () => {}) {
		this.#stream = stream;
		this.#touch = touch;
		stream.on("data", (bytes: Uint8Array) => {
			if (!this.#closed) this.onBytes(bytes);
		});
		stream.on("error", () => {});
		stream.on("end", () => this.#end());
		stream.on("close", () => this.#end());
	}

	write(bytes: Uint8Array): void {
		if (this.#closed) return;
		this.#touch();
		this.#stream.write(bytes);
	}

	cut(): void {
		this.#closed = true;
		this.#touch();
		this.#stream.destroy();
	}

	#end(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#touch();
		this.#stream.destroy();
		this.onClosed();
	}
}

/** Two ends in memory that call each other at once. */
export function wirePair(): [Wire, Wire] {
	const ends = [0, 1].map(() => ({
		onBytes: (_bytes: Uint8Array) => {},
		onClosed: () => {},
		write: (_bytes: Uint8Array) => {},
		cut: () => {},
	})) as [Wire, Wire];
	let open = true;
	ends.forEach((end, index) => {
		const other = () => ends[1 - index]!;
		end.write = (bytes) => {
			if (open) other().onBytes(bytes);
		};
		end.cut = () => {
			if (!open) return;
			open = false;
			other().onClosed();
		};
	});
	return ends;
}
