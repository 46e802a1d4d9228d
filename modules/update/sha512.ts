import { SHA512_ROUNDS, SHA512_START } from "./sha2-words";

const BLOCK = 128;

/**
 * SHA-512 (FIPS 180-4) of short messages, in 32-bit halves: what a signature of Ed25519 needs. It takes no more than a
 * block's room, whatever the length of the message.
 */
export class SHA512 {
	/** Halves of the eight words. */
	#state = Int32Array.from(SHA512_START);
	/** The last sixteen words of the schedule. */
	#words = new Int32Array(32);
	#block = new Uint8Array(BLOCK);
	#length = 0;

	/** Takes the next bytes of the message: at most 2^32 in all. */
	update(bytes: Uint8Array): this {
		for (let index = 0; index < bytes.length; ) {
			const at = this.#length % BLOCK;
			const count = Math.min(BLOCK - at, bytes.length - index);
			this.#block.set(bytes.subarray(index, index + count), at);
			this.#length += count;
			index += count;
			if (this.#length % BLOCK === 0) this.round();
		}
		return this;
	}

	/** The 64 bytes of the hash; the end of this instance. */
	digest(): Uint8Array {
		const length = this.#length;
		const block = this.#block;
		let at = length % BLOCK;
		block[at++] = 0x80;
		block.fill(0, at);
		if (at > BLOCK - 16) {
			this.round();
			block.fill(0);
		}
		const view = new DataView(block.buffer);
		view.setUint32(BLOCK - 8, Math.floor(length / 2 ** 29));
		view.setUint32(BLOCK - 4, length << 3);
		this.round();
		const hash = new DataView(new ArrayBuffer(64));
		for (let index = 0; index < 16; index++) hash.setInt32(4 * index, this.#state[index]!);
		return new Uint8Array(hash.buffer);
	}

	private round(): void {
		const state = this.#state;
		const words = this.#words;
		const block = this.#block;
		for (let index = 0; index < 32; index++) {
			const at = 4 * index;
			words[index] = (block[at]! << 24) | (block[at + 1]! << 16) | (block[at + 2]! << 8) | block[at + 3]!;
		}
		let ah = state[0]!;
		let al = state[1]!;
		let bh = state[2]!;
		let bl = state[3]!;
		let ch = state[4]!;
		let cl = state[5]!;
		let dh = state[6]!;
		let dl = state[7]!;
		let eh = state[8]!;
		let el = state[9]!;
		let fh = state[10]!;
		let fl = state[11]!;
		let gh = state[12]!;
		let gl = state[13]!;
		let hh = state[14]!;
		let hl = state[15]!;
		for (let index = 0; index < 160; index += 2) {
			const at = index & 31;
			if (index >= 32) schedule(words, at);
			// T1 = h + Sum1(e) + Ch(e, f, g) + K + W; the halves are added apart, what is above 32 bits goes to the high one.
			let low =
				(hl >>> 0) +
				(((el >>> 14) ^ (eh << 18) ^ ((el >>> 18) ^ (eh << 14)) ^ ((eh >>> 9) ^ (el << 23))) >>> 0) +
				(((el & fl) ^ (~el & gl)) >>> 0) +
				(SHA512_ROUNDS[index + 1]! >>> 0) +
				(words[at + 1]! >>> 0);
			const high =
				(hh +
					((eh >>> 14) ^ (el << 18) ^ ((eh >>> 18) ^ (el << 14)) ^ ((el >>> 9) ^ (eh << 23))) +
					((eh & fh) ^ (~eh & gh)) +
					SHA512_ROUNDS[index]! +
					words[at]! +
					Math.floor(low / 2 ** 32)) |
				0;
			low |= 0;
			// T2 = Sum0(a) + Maj(a, b, c)
			const otherLow =
				(((al >>> 28) ^ (ah << 4) ^ ((ah >>> 2) ^ (al << 30)) ^ ((ah >>> 7) ^ (al << 25))) >>> 0) +
				(((al & bl) ^ (al & cl) ^ (bl & cl)) >>> 0);
			const otherHigh =
				(((ah >>> 28) ^ (al << 4) ^ ((al >>> 2) ^ (ah << 30)) ^ ((al >>> 7) ^ (ah << 25))) +
					((ah & bh) ^ (ah & ch) ^ (bh & ch)) +
					Math.floor(otherLow / 2 ** 32)) |
				0;
			hh = gh;
			hl = gl;
			gh = fh;
			gl = fl;
			fh = eh;
			fl = el;
			let sum = (dl >>> 0) + (low >>> 0);
			eh = (dh + high + Math.floor(sum / 2 ** 32)) | 0;
			el = sum | 0;
			dh = ch;
			dl = cl;
			ch = bh;
			cl = bl;
			bh = ah;
			bl = al;
			sum = (low >>> 0) + (otherLow % 2 ** 32);
			ah = (high + otherHigh + Math.floor(sum / 2 ** 32)) | 0;
			al = sum | 0;
		}
		accumulate(state, 0, ah, al);
		accumulate(state, 2, bh, bl);
		accumulate(state, 4, ch, cl);
		accumulate(state, 6, dh, dl);
		accumulate(state, 8, eh, el);
		accumulate(state, 10, fh, fl);
		accumulate(state, 12, gh, gl);
		accumulate(state, 14, hh, hl);
	}
}

/** The word at `at` of the next sixteen: its own, sigma1 of two before, seven before, sigma0 of fifteen before. */
function schedule(words: Int32Array, at: number): void {
	const one = (at + 28) & 31;
	const zero = (at + 2) & 31;
	const seven = (at + 18) & 31;
	const oh = words[one]!;
	const ol = words[one + 1]!;
	const zh = words[zero]!;
	const zl = words[zero + 1]!;
	const low =
		(words[at + 1]! >>> 0) +
		(((ol >>> 19) ^ (oh << 13) ^ ((oh >>> 29) ^ (ol << 3)) ^ ((ol >>> 6) ^ (oh << 26))) >>> 0) +
		(words[seven + 1]! >>> 0) +
		(((zl >>> 1) ^ (zh << 31) ^ ((zl >>> 8) ^ (zh << 24)) ^ ((zl >>> 7) ^ (zh << 25))) >>> 0);
	words[at] =
		(words[at]! +
			((oh >>> 19) ^ (ol << 13) ^ ((ol >>> 29) ^ (oh << 3)) ^ (oh >>> 6)) +
			words[seven]! +
			((zh >>> 1) ^ (zl << 31) ^ ((zh >>> 8) ^ (zl << 24)) ^ (zh >>> 7)) +
			Math.floor(low / 2 ** 32)) |
		0;
	words[at + 1] = low | 0;
}

function accumulate(state: Int32Array, at: number, high: number, low: number): void {
	const sum = (state[at + 1]! >>> 0) + (low >>> 0);
	state[at] = (state[at]! + high + Math.floor(sum / 2 ** 32)) | 0;
	state[at + 1] = sum | 0;
}
