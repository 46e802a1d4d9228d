import { SHA256_ROUNDS, SHA256_START } from "./sha2-words";

const BLOCK = 64;

/** SHA-256 (FIPS 180-4) of a message of any length, as it comes; for a host that has none of its own. */
export class SHA256 {
	#state = Int32Array.from(SHA256_START);
	/** The last sixteen words of the schedule. */
	#words = new Int32Array(16);
	#block = new Uint8Array(BLOCK);
	#length = 0;

	/** Takes the next bytes of the message. */
	update(bytes: Uint8Array): this {
		let index = 0;
		const at = this.#length % BLOCK;
		this.#length += bytes.length;
		if (at > 0) {
			const count = Math.min(BLOCK - at, bytes.length);
			this.#block.set(count === bytes.length ? bytes : bytes.subarray(0, count), at);
			if (at + count < BLOCK) return this;
			this.round(this.#block, 0);
			index = count;
		}
		for (; index + BLOCK <= bytes.length; index += BLOCK) this.round(bytes, index);
		if (index < bytes.length) this.#block.set(index === 0 ? bytes : bytes.subarray(index), 0);
		return this;
	}

	/** The 32 bytes of the hash; the end of this instance. */
	digest(): Uint8Array {
		const length = this.#length;
		const block = this.#block;
		let at = length % BLOCK;
		block[at++] = 0x80;
		block.fill(0, at);
		if (at > BLOCK - 8) {
			this.round(block, 0);
			block.fill(0);
		}
		const view = new DataView(block.buffer);
		view.setUint32(BLOCK - 8, Math.floor(length / 2 ** 29));
		view.setUint32(BLOCK - 4, length << 3);
		this.round(block, 0);
		const hash = new DataView(new ArrayBuffer(32));
		for (let index = 0; index < 8; index++) hash.setInt32(4 * index, this.#state[index]!);
		return new Uint8Array(hash.buffer);
	}

	private round(bytes: Uint8Array, from: number): void {
		const state = this.#state;
		const words = this.#words;
		const rounds = SHA256_ROUNDS;
		for (let index = 0; index < 16; index++, from += 4)
			words[index] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
		let a = state[0]!;
		let b = state[1]!;
		let c = state[2]!;
		let d = state[3]!;
		let e = state[4]!;
		let f = state[5]!;
		let g = state[6]!;
		let h = state[7]!;
		for (let index = 0; index < 64; index++) {
			const at = index & 15;
			let word = words[at]!;
			if (index >= 16) {
				const one = words[(at + 14) & 15]!;
				const zero = words[(at + 1) & 15]!;
				word =
					(word +
						(((one >>> 17) | (one << 15)) ^ ((one >>> 19) | (one << 13)) ^ (one >>> 10)) +
						words[(at + 9) & 15]! +
						(((zero >>> 7) | (zero << 25)) ^ ((zero >>> 18) | (zero << 14)) ^ (zero >>> 3))) |
					0;
				words[at] = word;
			}
			const first =
				h +
				(((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
				(g ^ (e & (f ^ g))) +
				rounds[index]! +
				word;
			h = g;
			g = f;
			f = e;
			e = (d + first) | 0;
			d = c;
			c = b;
			const second =
				(((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & (b ^ d)) ^ (b & d));
			b = a;
			a = (first + second) | 0;
		}
		state[0]! += a;
		state[1]! += b;
		state[2]! += c;
		state[3]! += d;
		state[4]! += e;
		state[5]! += f;
		state[6]! += g;
		state[7]! += h;
	}
}
