const HEAD_END = "\r\n\r\n";

/**
 * Takes what a WebSocket carries out of the bytes of one direction: past the handshake, the payload of data frames, piece by
 * piece as it comes. It looks on only: whether the frames are right is for the two ends to say.
 */
export class WebSocketPayload {
	readonly #report: (payload: Buffer) => void;
	/** The last characters of the handshake; undefined once it is over. */
	#head: string | undefined = "";
	/** Of a frame's header. */
	#header: number[] = [];
	#opcode = 0;
	#mask: number[] = [];
	/** Bytes of payload of the current frame: to come, and that have come. */
	#rest = 0;
	#offset = 0;

	constructor(report: (payload: Buffer) => void) {
		this.#report = report;
	}

	bytes(chunk: Uint8Array): void {
		let at = 0;
		while (at < chunk.length) {
			if (this.#head !== undefined) {
				this.#head = (this.#head + String.fromCharCode(chunk[at++]!)).slice(-HEAD_END.length);
				if (this.#head === HEAD_END) this.#head = undefined;
			} else if (this.#rest > 0) {
				const count = Math.min(this.#rest, chunk.length - at);
				if (this.#opcode < 8) this.#payload(chunk.subarray(at, at + count));
				this.#rest -= count;
				this.#offset += count;
				at += count;
			} else this.#take(chunk[at++]!);
		}
	}

	#payload(masked: Uint8Array): void {
		const mask = this.#mask;
		const payload = Buffer.from(masked);
		if (mask.length > 0) {
			for (let index = 0; index < payload.length; index++) payload[index]! ^= mask[(this.#offset + index) & 3]!;
		}
		this.#report(payload);
	}

	/** One more byte of a frame's header. */
	#take(byte: number): void {
		const header = this.#header;
		header.push(byte);
		if (header.length < 2) return;
		const [first, second] = header as [number, number];
		const short = second & 127;
		const size = short === 126 ? 2 : short === 127 ? 8 : 0;
		const masking = second >= 128 ? 4 : 0;
		if (header.length < 2 + size + masking) return;
		this.#opcode = first & 15;
		this.#rest = size === 0 ? short : header.slice(2, 2 + size).reduce((length, part) => length * 256 + part, 0);
		this.#mask = header.slice(2 + size);
		this.#offset = 0;
		this.#header = [];
	}
}
