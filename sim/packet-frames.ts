/** Longest Remaining Length of MQTT (MQTT-2.2.3): four bytes. */
const LENGTH_BYTES = 4;

/** Cuts a stream of bytes into whole MQTT control packets, however it was cut up on its way. */
export class PacketFrames {
	readonly #report: (packet: Buffer) => void;
	#parts: Buffer[] = [];
	#have = 0;
	/** Bytes of the packet under way; undefined until its Remaining Length is known. */
	#length: number | undefined;
	/** It is no MQTT: nothing more is said about it. */
	#lost = false;

	constructor(report: (packet: Buffer) => void) {
		this.#report = report;
	}

	/** The bytes are copied: the caller may use its buffer again. */
	bytes(chunk: Uint8Array): void {
		if (this.#lost) return;
		let rest: Buffer = Buffer.from(chunk);
		while (rest.length > 0) {
			this.#length ??= this.#measure(rest);
			const count = this.#length === undefined ? rest.length : Math.min(rest.length, this.#length - this.#have);
			this.#parts.push(rest.subarray(0, count));
			this.#have += count;
			rest = rest.subarray(count);
			if (this.#lost || this.#have !== this.#length) continue;
			const packet = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
			this.#parts = [];
			this.#have = 0;
			this.#length = undefined;
			this.#report(packet);
		}
	}

	/** Reads the fixed header out of what is there and what has come. */
	#measure(rest: Buffer): number | undefined {
		const head = Buffer.concat([...this.#parts, rest.subarray(0, 1 + LENGTH_BYTES)]);
		let length = 0;
		for (let index = 1; index < head.length; index++) {
			const byte = head[index]!;
			length += (byte & 0x7f) * 0x80 ** (index - 1);
			if (byte < 0x80) return 1 + index + length;
			if (index === LENGTH_BYTES) {
				this.#lost = true;
				return undefined;
			}
		}
		return undefined;
	}
}
