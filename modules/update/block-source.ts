import Timer from "timer";
import { topics } from "../description/topics";
import { type IncomingMessage, LINE, type Messenger } from "../node/messenger";
import { BLOCK, type SourceOptions } from "./source";

/** An answer that takes longer is asked for again (ms); each time in a row the wait is doubled. */
const PATIENCE = 5000;
const LONGEST_PATIENCE = 60_000;
/** Place of the bytes in a message: before them is their offset, 32 bits, the highest first. */
const HEADER = 4;

export interface BlockSourceOptions extends SourceOptions {
	messenger: Messenger;
	base: string;
	/** The image's SHA-256 in base64url: what it is asked for by. */
	image: string;
}

/**
 * An image from the owner by way of the broker, for nodes that reach nothing else: one block at a time, each asked for,
 * so that nothing piles up, neither here nor there. What was not asked for is passed over.
 */
export class BlockSource {
	#options: BlockSourceOptions;
	#offset: number;
	#patience = PATIENCE;
	#timer: Timer | undefined;
	#closed = false;

	constructor(options: BlockSourceOptions) {
		this.#options = options;
		this.#offset = options.offset;
		const { messenger, base } = options;
		messenger.on(topics.block(base), 0, (message) => this.take(message));
		this.ask();
	}

	close(): void {
		this.#closed = true;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		const { messenger, base } = this.#options;
		messenger.off(topics.block(base));
	}

	private get length(): number {
		return Math.min(BLOCK, this.#options.size - this.#offset);
	}

	private ask(): void {
		const { messenger, base, image } = this.#options;
		if (messenger.connected) {
			const request = `{"image":"${image}","offset":${this.#offset},"length":${this.length}}`;
			try {
				messenger.publish(topics.request(base), request, LINE);
			} catch {
				// No room now: it is asked for again.
			}
		}
		this.#timer = Timer.set(() => {
			this.#patience = messenger.connected ? Math.min(2 * this.#patience, LONGEST_PATIENCE) : PATIENCE;
			this.#options.onWait();
			if (!this.#closed) this.ask();
		}, this.#patience);
	}

	private take({ payload, retain }: IncomingMessage): void {
		if (!this.#timer || retain || payload.byteLength !== HEADER + this.length) return;
		const offset = payload[0]! * 2 ** 24 + ((payload[1]! << 16) | (payload[2]! << 8) | payload[3]!);
		if (offset !== this.#offset) return;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#patience = PATIENCE;
		this.#offset += payload.byteLength - HEADER;
		const over = this.#offset === this.#options.size;
		this.#options.onBlock(payload.subarray(HEADER));
		if (!over && !this.#closed) this.ask();
	}
}
