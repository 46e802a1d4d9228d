import {
	add,
	carry,
	type Elements,
	invert,
	LIMBS,
	multiply,
	POWER_LIMBS,
	pack,
	powerForRoot,
	set,
	square,
	subtract,
	unpack,
} from "./field";
import { SHA512 } from "./sha512";

/** Doublings in a step: some 150,000 compute units, 30 ms of an ESP32. */
const STEP = 8;
const BITS = 256;
/** Odd multiples 1, 3, 5, 7 of a point. */
const MULTIPLES = 4;

// RFC 8032 §5.1, the least byte first.
const D = "a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352";
const ROOT_OF_MINUS_ONE = "b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b";
const BASE = "5866666666666666666666666666666666666666666666666666666666666666";
/** The order of the group: 2^252 + 27742317777372353535851937790883648493. */
const ORDER = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

// Where the elements lie. A point is X, Y, Z, T; a multiple is Y + X, Y - X, 2 d T, 2 Z.
const [X, Y, Z, T] = [0, LIMBS, 2 * LIMBS, 3 * LIMBS];
const POINT = 4 * LIMBS;
const SUM = 0;
const DOUBLE_D = SUM + POINT;
const CONSTANT_D = DOUBLE_D + LIMBS;
const ROOT = CONSTANT_D + LIMBS;
const [E, F, G, H] = [ROOT + LIMBS, ROOT + 2 * LIMBS, ROOT + 3 * LIMBS, ROOT + 4 * LIMBS];
const [U, V] = [H + LIMBS, H + 2 * LIMBS];
const SCRATCH = V + LIMBS;
const OF_KEY = SCRATCH + POWER_LIMBS;
const OF_BASE = OF_KEY + MULTIPLES * POINT;
const ROOM = OF_BASE + MULTIPLES * POINT;

/**
 * The check of a signature of Ed25519 (RFC 8032 §5.1.7) in steps, each short enough for an event among others. It takes
 * about 6 KB while it lasts. All that it works on is public: it makes no secret of its timing.
 *
 * A key or a signature that is not in its one canonical form is refused, and so is a key of small order.
 */
export class Verification {
	#elements: Elements = new Float64Array(ROOM);
	#signature: Uint8Array;
	#key: Uint8Array;
	/** SHA-512 of the signature's first half, the key and the message. */
	#hash: Uint8Array | undefined;
	/** Digits of the scalars of key and base: odd, from -7 to 7, or 0. */
	#ofKey = new Int8Array(BITS + 1);
	#ofBase = new Int8Array(BITS + 1);
	/** How many steps of preparation were done. */
	#prepared = 0;
	#next = BITS;
	#result: boolean | undefined;

	/**
	 * @param key 32 bytes
	 * @param message what was signed; read here, not kept
	 * @param signature 64 bytes; neither it nor the key is to be changed while this lasts
	 */
	constructor(key: Uint8Array, message: Uint8Array, signature: Uint8Array) {
		this.#key = key;
		this.#signature = signature;
		if (key.length !== 32 || signature.length !== 64 || !below(signature.subarray(32), ORDER)) this.#result = false;
		else this.#hash = new SHA512().update(signature.subarray(0, 32)).update(key).update(message).digest();
	}

	/** Goes on by one step. Undefined until it is known whether the signature is right. */
	step(): boolean | undefined {
		if (this.#result !== undefined) return this.#result;
		if (this.#prepared < 5) {
			if (!this.prepare(this.#prepared++)) this.#result = false;
			return this.#result;
		}
		const r = this.#elements;
		for (let count = 0; count < STEP && this.#next >= 0; count++, this.#next--) {
			const ofKey = this.#ofKey[this.#next]!;
			const ofBase = this.#ofBase[this.#next]!;
			double(r, ofKey !== 0 || ofBase !== 0);
			if (ofKey !== 0) addMultiple(r, OF_KEY, ofKey);
			if (ofBase !== 0) addMultiple(r, OF_BASE, ofBase);
		}
		if (this.#next < 0) this.#result = this.compare();
		return this.#result;
	}

	/** A step of preparation; false when the key is none. */
	private prepare(step: number): boolean {
		const r = this.#elements;
		switch (step) {
			case 0:
				digits(reduce(this.#hash!), this.#ofKey);
				this.#hash = undefined;
				digits(this.#signature.subarray(32), this.#ofBase);
				return true;
			case 1: {
				const bytes = new Uint8Array(32);
				unpack(r, ROOT, hexadecimal(ROOT_OF_MINUS_ONE, bytes));
				unpack(r, CONSTANT_D, hexadecimal(D, bytes));
				add(r, DOUBLE_D, CONSTANT_D, CONSTANT_D);
				carry(r, DOUBLE_D);
				return decode(r, this.#key) && !isOfSmallOrder(r);
			}
			case 2:
				// S B - h A is to be found: the key's point is negated.
				negate(r, SUM + X);
				negate(r, SUM + T);
				multiples(r, OF_KEY);
				return true;
			case 3:
				return decode(r, hexadecimal(BASE, new Uint8Array(32)));
			default:
				multiples(r, OF_BASE);
				setNeutral(r);
				return true;
		}
	}

	private compare(): boolean {
		const r = this.#elements;
		const bytes = new Uint8Array(32);
		invert(r, U, SUM + Z, SCRATCH);
		multiply(r, V, SUM + X, U);
		pack(r, V, bytes);
		const odd = bytes[0]! & 1;
		multiply(r, V, SUM + Y, U);
		pack(r, V, bytes);
		bytes[31]! |= odd << 7;
		return bytes.every((byte, index) => byte === this.#signature[index]);
	}
}

function setNeutral(r: Elements): void {
	set(r, SUM + X, 0);
	set(r, SUM + Y, 1);
	set(r, SUM + Z, 1);
	set(r, SUM + T, 0);
}

function copyPoint(r: Elements, to: number, from: number): void {
	r.copyWithin(to, from, from + POINT);
}

/** The point of 32 bytes into SUM (RFC 8032 §5.1.3); false when there is none, or it is written in a second way. */
function decode(r: Elements, bytes: Uint8Array): boolean {
	const sign = bytes[31]! >> 7;
	const back = new Uint8Array(32);
	unpack(r, SUM + Y, bytes);
	pack(r, SUM + Y, back);
	back[31]! |= sign << 7;
	if (back.some((byte, index) => byte !== bytes[index])) return false;
	set(r, SUM + Z, 1);
	square(r, U, SUM + Y);
	multiply(r, V, U, CONSTANT_D);
	subtract(r, U, U, SUM + Z);
	carry(r, U); // u = y^2 - 1
	add(r, V, V, SUM + Z);
	carry(r, V); // v = d y^2 + 1
	square(r, E, V);
	multiply(r, E, E, V); // v^3
	square(r, F, E);
	multiply(r, F, F, V); // v^7
	multiply(r, F, F, U);
	powerForRoot(r, G, F, SCRATCH);
	multiply(r, G, G, E);
	multiply(r, SUM + X, G, U); // u v^3 (u v^7)^((p - 5) / 8)
	square(r, E, SUM + X);
	multiply(r, E, E, V);
	subtract(r, F, E, U);
	if (!isZero(r, F)) {
		add(r, F, E, U);
		if (!isZero(r, F)) return false;
		multiply(r, SUM + X, SUM + X, ROOT);
	}
	pack(r, SUM + X, back);
	if (sign === 1 && back.every((byte) => byte === 0)) return false;
	if ((back[0]! & 1) !== sign) negate(r, SUM + X);
	multiply(r, SUM + T, SUM + X, SUM + Y);
	return true;
}

/** Whether eight times SUM is the neutral point; leaves SUM as it is. */
function isOfSmallOrder(r: Elements): boolean {
	copyPoint(r, OF_KEY, SUM);
	for (let count = 0; count < 3; count++) double(r, true);
	const small = isZero(r, SUM + X);
	copyPoint(r, SUM, OF_KEY);
	return small;
}

function negate(r: Elements, a: number): void {
	for (let index = a; index < a + LIMBS; index++) r[index] = -r[index]!;
}

function isZero(r: Elements, a: number): boolean {
	const bytes = new Uint8Array(32);
	pack(r, a, bytes);
	return bytes.every((byte) => byte === 0);
}

/** The odd multiples of SUM. */
function multiples(r: Elements, to: number): void {
	// Twice the point lies in the room of the last multiple until that one is made.
	const twice = to + (MULTIPLES - 1) * POINT;
	asMultiple(r, to);
	double(r, true);
	asMultiple(r, twice);
	setNeutral(r);
	addAt(r, to, false);
	for (let index = 1; index < MULTIPLES; index++) {
		addAt(r, twice, false);
		asMultiple(r, to + index * POINT);
	}
}

function asMultiple(r: Elements, to: number): void {
	add(r, to, SUM + Y, SUM + X);
	subtract(r, to + LIMBS, SUM + Y, SUM + X);
	multiply(r, to + 2 * LIMBS, SUM + T, DOUBLE_D);
	add(r, to + 3 * LIMBS, SUM + Z, SUM + Z);
	for (let index = 0; index < 4; index += 1) carry(r, to + index * LIMBS);
}

function addMultiple(r: Elements, table: number, digit: number): void {
	addAt(r, table + (Math.abs(digit) >> 1) * POINT, digit < 0);
}

/** `SUM += at`, or `SUM -= at` (Hisil, Wong, Carter, Dawson 2008, §3.1, a = -1). */
function addAt(r: Elements, at: number, minus: boolean): void {
	const plus = minus ? at + LIMBS : at;
	const less = minus ? at : at + LIMBS;
	subtract(r, E, SUM + Y, SUM + X);
	multiply(r, U, E, less);
	add(r, E, SUM + Y, SUM + X);
	multiply(r, V, E, plus);
	subtract(r, E, V, U);
	add(r, H, V, U);
	multiply(r, U, SUM + T, at + 2 * LIMBS);
	multiply(r, V, SUM + Z, at + 3 * LIMBS);
	if (minus) {
		add(r, F, V, U);
		subtract(r, G, V, U);
	} else {
		subtract(r, F, V, U);
		add(r, G, V, U);
	}
	product(r, true);
}

/** `SUM += SUM`. T is left out unless an addition follows. */
function double(r: Elements, withT: boolean): void {
	square(r, U, SUM + X);
	square(r, V, SUM + Y);
	add(r, E, SUM + X, SUM + Y);
	square(r, F, E);
	add(r, H, U, V);
	subtract(r, E, H, F);
	subtract(r, G, U, V);
	square(r, F, SUM + Z);
	add(r, F, F, F);
	add(r, F, F, G);
	// Four terms: their products with E's three would not be sure to fit 53 bits.
	carry(r, F);
	product(r, withT);
}

function product(r: Elements, withT: boolean): void {
	multiply(r, SUM + X, E, F);
	multiply(r, SUM + Y, G, H);
	multiply(r, SUM + Z, F, G);
	if (withT) multiply(r, SUM + T, E, H);
}

function hexadecimal(text: string, bytes: Uint8Array): Uint8Array {
	for (let index = 0; index < bytes.length; index++)
		bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
	return bytes;
}

/** Whether a number, the least byte first, is below another. */
function below(bytes: Uint8Array, other: string): boolean {
	const bound = hexadecimal(other, new Uint8Array(bytes.length));
	for (let index = bytes.length - 1; index >= 0; index--) {
		const difference = bytes[index]! - bound[index]!;
		if (difference !== 0) return difference < 0;
	}
	return false;
}

/** 64 bytes modulo the order, a bit at a time. */
function reduce(hash: Uint8Array): Uint8Array {
	const order = hexadecimal(ORDER, new Uint8Array(32));
	const bound = words(order);
	const rest = new Int32Array(bound.length);
	for (let bit = 8 * hash.length - 1; bit >= 0; bit--) {
		let carried = (hash[bit >> 3]! >> (bit & 7)) & 1;
		for (let index = 0; index < rest.length; index++) {
			const word = (rest[index]! << 1) | carried;
			carried = word >> 24;
			rest[index] = word & 0xffffff;
		}
		if (atLeast(rest, bound)) {
			let borrowed = 0;
			for (let index = 0; index < rest.length; index++) {
				const word = rest[index]! - bound[index]! + borrowed;
				borrowed = word >> 24;
				rest[index] = word & 0xffffff;
			}
		}
	}
	for (let index = 0; index < 32; index++) order[index] = rest[Math.floor(index / 3)]! >> (8 * (index % 3));
	return order;
}

/** 24 bits each. */
function words(bytes: Uint8Array): Int32Array {
	const found = new Int32Array(LIMBS);
	for (let index = 0; index < bytes.length; index++)
		found[Math.floor(index / 3)]! |= bytes[index]! << (8 * (index % 3));
	return found;
}

function atLeast(value: Int32Array, bound: Int32Array): boolean {
	for (let index = value.length - 1; index >= 0; index--) {
		if (value[index] !== bound[index]) return value[index]! > bound[index]!;
	}
	return true;
}

/** A number of 32 bytes as digits of width 4, the least first: each odd and followed by three zeros at least, or 0. */
function digits(bytes: Uint8Array, into: Int8Array): void {
	for (let bit = 0; bit < BITS; bit++) into[bit] = (bytes[bit >> 3]! >> (bit & 7)) & 1;
	into[BITS] = 0;
	for (let bit = 0; bit <= BITS; bit++) {
		if (into[bit] === 0) continue;
		let value = 0;
		for (let index = 3; index >= 0; index--) value = 2 * value + (into[bit + index] ?? 0);
		if (value > 8) {
			// Sixteen more in the place four above.
			value -= 16;
			let at = bit + 4;
			while (into[at] === 1) into[at++] = 0;
			into[at] = 1;
		}
		into[bit] = value;
		for (let index = 1; index < 4; index++) if (bit + index <= BITS) into[bit + index] = 0;
	}
}
