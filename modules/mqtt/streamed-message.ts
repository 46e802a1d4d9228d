import type MQTTClient from "./client";
import type { OnFate } from "./fate";
import { invalid, MQTTError } from "./packet/error";
import { encodeText } from "./packet/text";

/** A payload that is made while it is sent, so that nothing has to hold all of it. */
export interface Pieces {
	/** Bytes of UTF-8 of all pieces. */
	readonly byteLength: number;
	/** The next piece; undefined behind the last one. */
	next(): string | undefined;
}

export interface StreamOptions {
	readonly retain?: boolean;
	/** Told once: `delivered` (all of it was handed to the socket), `dropped` (none of it), or `unknown` (the connection broke in between). */
	readonly onFate?: OnFate;
}

/** A QoS 0 PUBLISH that leaves in fragments (ECMA-419 §25 `write`): as the socket takes them, a piece of the payload in memory at a time. */
export class StreamedMessage {
	readonly onFate: OnFate | undefined;
	readonly #topic: string;
	readonly #pieces: Pieces;
	readonly #retain: boolean;
	/** Bytes that are still to come; those of `#piece` included. */
	#left: number;
	#piece: Uint8Array | undefined;
	#offset = 0;
	#begun = false;

	constructor(topic: string, pieces: Pieces, { retain = false, onFate }: StreamOptions) {
		this.#topic = topic;
		this.#pieces = pieces;
		this.#retain = retain;
		this.#left = pieces.byteLength;
		this.onFate = onFate;
	}

	/** Its header is on its way: no other PUBLISH may follow before the rest of it. */
	get begun(): boolean {
		return this.#begun;
	}

	/**
	 * Sends what the client takes now. True: all of it was sent.
	 *
	 * @param room bytes that the client said may be written
	 * @throws MQTTError what the client's `write` throws; `invalid`: the pieces have not `byteLength` bytes
	 */
	send(client: MQTTClient, room: number): boolean {
		if (!this.#begun) {
			if (client.busy) return false;
			try {
				room = client.write(undefined, { topic: this.#topic, retain: this.#retain, byteLength: this.#left });
			} catch (error) {
				if (error instanceof MQTTError && error.code === "overflow") return false;
				throw error;
			}
			this.#begun = true;
		}
		while (this.#left > 0 && room > 0) {
			const piece = this.#piece ?? this.advance();
			const end = Math.min(piece.length, this.#offset + room);
			room = client.write(piece.subarray(this.#offset, end));
			this.#left -= end - this.#offset;
			this.#offset = end;
			if (end === piece.length) this.#piece = undefined;
		}
		return this.#left === 0;
	}

	// Not a #method: each would take a slot of each instance on XS.
	private advance(): Uint8Array {
		const text = this.#pieces.next();
		if (text === undefined) invalid(`stream: the pieces end ${this.#left} bytes before byteLength`);
		const piece = encodeText(text);
		if (piece.length > this.#left) invalid("stream: the pieces have more than byteLength bytes");
		this.#offset = 0;
		this.#piece = piece;
		return piece;
	}
}
