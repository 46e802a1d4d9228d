/**
 * Arithmetic modulo p = 2^255 - 19 (RFC 7748, RFC 8032) for an engine of doubles. An element is 11 limbs of 24 bits,
 * the least first, each between -2^23 and 2^23 and a little: products of sums of two elements are exact in 53 bits.
 * Elements live side by side in one Float64Array, and are named by the place of their first limb: an object each would
 * cost more heap than the numbers.
 *
 * Nothing here takes the same time for all values: it is for public ones, such as in the check of a signature.
 */
export type Elements = Float64Array;

/** Limbs of an element. */
export const LIMBS = 11;

/** Adding this and taking it away again leaves the next multiple of 2^24. */
const ROUND = 3 * 2 ** 75;
const INVERSE = 2 ** -24;
/** 2^264 modulo p. */
const FOLD = 19 * 2 ** 9;

/** `r[o] = r[a] * r[b]`; the operands may be sums or differences of two elements. */
export function multiply(r: Elements, o: number, a: number, b: number): void {
	const a0 = r[a]!,
		a1 = r[a + 1]!,
		a2 = r[a + 2]!,
		a3 = r[a + 3]!,
		a4 = r[a + 4]!,
		a5 = r[a + 5]!,
		a6 = r[a + 6]!,
		a7 = r[a + 7]!,
		a8 = r[a + 8]!,
		a9 = r[a + 9]!,
		a10 = r[a + 10]!;
	const b0 = r[b]!,
		b1 = r[b + 1]!,
		b2 = r[b + 2]!,
		b3 = r[b + 3]!,
		b4 = r[b + 4]!,
		b5 = r[b + 5]!,
		b6 = r[b + 6]!,
		b7 = r[b + 7]!,
		b8 = r[b + 8]!,
		b9 = r[b + 9]!,
		b10 = r[b + 10]!;
	let t0 = a0 * b0;
	let t1 = a0 * b1 + a1 * b0;
	let t2 = a0 * b2 + a1 * b1 + a2 * b0;
	let t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
	let t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
	let t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
	let t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
	let t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
	let t8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
	let t9 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0;
	let t10 =
		a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1 + a10 * b0;
	let t11 = a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2 + a10 * b1;
	let t12 = a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3 + a10 * b2;
	let t13 = a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + a10 * b3;
	let t14 = a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + a10 * b4;
	let t15 = a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + a10 * b5;
	let t16 = a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6;
	let t17 = a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7;
	let t18 = a8 * b10 + a9 * b9 + a10 * b8;
	let t19 = a9 * b10 + a10 * b9;
	let t20 = a10 * b10;
	let c: number;
	c = t11 + ROUND - ROUND;
	t11 -= c;
	t12 += c * INVERSE;
	c = t12 + ROUND - ROUND;
	t12 -= c;
	t13 += c * INVERSE;
	c = t13 + ROUND - ROUND;
	t13 -= c;
	t14 += c * INVERSE;
	c = t14 + ROUND - ROUND;
	t14 -= c;
	t15 += c * INVERSE;
	c = t15 + ROUND - ROUND;
	t15 -= c;
	t16 += c * INVERSE;
	c = t16 + ROUND - ROUND;
	t16 -= c;
	t17 += c * INVERSE;
	c = t17 + ROUND - ROUND;
	t17 -= c;
	t18 += c * INVERSE;
	c = t18 + ROUND - ROUND;
	t18 -= c;
	t19 += c * INVERSE;
	c = t19 + ROUND - ROUND;
	t19 -= c;
	t20 += c * INVERSE;
	c = t20 + ROUND - ROUND;
	t20 -= c;
	t0 += t11 * FOLD;
	t1 += t12 * FOLD;
	t2 += t13 * FOLD;
	t3 += t14 * FOLD;
	t4 += t15 * FOLD;
	t5 += t16 * FOLD;
	t6 += t17 * FOLD;
	t7 += t18 * FOLD;
	t8 += t19 * FOLD;
	t9 += t20 * FOLD;
	t10 += c * (INVERSE * FOLD);
	c = t0 + ROUND - ROUND;
	t0 -= c;
	t1 += c * INVERSE;
	c = t1 + ROUND - ROUND;
	r[o + 1] = t1 - c;
	t2 += c * INVERSE;
	c = t2 + ROUND - ROUND;
	r[o + 2] = t2 - c;
	t3 += c * INVERSE;
	c = t3 + ROUND - ROUND;
	r[o + 3] = t3 - c;
	t4 += c * INVERSE;
	c = t4 + ROUND - ROUND;
	r[o + 4] = t4 - c;
	t5 += c * INVERSE;
	c = t5 + ROUND - ROUND;
	r[o + 5] = t5 - c;
	t6 += c * INVERSE;
	c = t6 + ROUND - ROUND;
	r[o + 6] = t6 - c;
	t7 += c * INVERSE;
	c = t7 + ROUND - ROUND;
	r[o + 7] = t7 - c;
	t8 += c * INVERSE;
	c = t8 + ROUND - ROUND;
	r[o + 8] = t8 - c;
	t9 += c * INVERSE;
	c = t9 + ROUND - ROUND;
	r[o + 9] = t9 - c;
	t10 += c * INVERSE;
	c = t10 + ROUND - ROUND;
	r[o + 10] = t10 - c;
	t0 += c * (INVERSE * FOLD);
	c = t0 + ROUND - ROUND;
	r[o] = t0 - c;
	r[o + 1]! += c * INVERSE;
}

/** `r[o] = r[a] * r[a]`. Code of its own would save 8 % of the check of a signature, for 1.5 KB. */
export function square(r: Elements, o: number, a: number): void {
	multiply(r, o, a, a);
}

/** `r[o] = r[a] + r[b]`, not carried: good as an operand, once. */
export function add(r: Elements, o: number, a: number, b: number): void {
	for (let index = 0; index < LIMBS; index++) r[o + index] = r[a + index]! + r[b + index]!;
}

/** `r[o] = r[a] - r[b]`, not carried: good as an operand, once. */
export function subtract(r: Elements, o: number, a: number, b: number): void {
	for (let index = 0; index < LIMBS; index++) r[o + index] = r[a + index]! - r[b + index]!;
}

/** Brings the limbs of a sum of up to 2^20 elements back to their bounds. */
export function carry(r: Elements, o: number): void {
	let c = 0;
	for (let index = 0; index < LIMBS; index++) {
		const limb = r[o + index]! + c * INVERSE;
		c = limb + ROUND - ROUND;
		r[o + index] = limb - c;
	}
	r[o]! += c * (INVERSE * FOLD);
}

export function copy(r: Elements, o: number, a: number): void {
	r.copyWithin(o, a, a + LIMBS);
}

/** A small number, or 0. */
export function set(r: Elements, o: number, value: number): void {
	r.fill(0, o, o + LIMBS);
	r[o] = value;
}

/** Reads 32 bytes, the least first, without their highest bit. */
export function unpack(r: Elements, o: number, bytes: Uint8Array): void {
	for (let index = 0; index < LIMBS; index++) {
		const at = 3 * index;
		const high = index === LIMBS - 1 ? 0 : bytes[at + 2]!;
		const middle = index === LIMBS - 1 ? bytes[at + 1]! & 127 : bytes[at + 1]!;
		r[o + index] = bytes[at]! | (middle << 8) | (high << 16);
	}
	carry(r, o);
}

/** Writes the one value between 0 and p - 1 as 32 bytes, the least first. */
export function pack(r: Elements, a: number, bytes: Uint8Array): void {
	const limbs = new Float64Array(LIMBS);
	for (let index = 0; index < LIMBS; index++) limbs[index] = r[a + index]!;
	// The value was within 2^264 on either side of 0: two rounds bring it to 0..2^255 - 1, the third ends what they carry.
	for (let round = 0; round < 3; round++) {
		const above = carryUp(limbs);
		limbs[0]! += 19 * above;
	}
	limbs[0]! += 19;
	const above = carryUp(limbs);
	if (above === 0) limbs[0]! -= 19;
	carryUp(limbs);
	for (let index = 0; index < 32; index++) bytes[index] = limbs[Math.floor(index / 3)]! >>> (8 * (index % 3));
}

/** Makes limbs of 0..2^24 - 1, and 15 bits of the last; returns what is above them. */
function carryUp(limbs: Float64Array): number {
	let c = 0;
	for (let index = 0; index < LIMBS - 1; index++) {
		const limb = limbs[index]! + c;
		c = Math.floor(limb / 2 ** 24);
		limbs[index] = limb - c * 2 ** 24;
	}
	const last = limbs[LIMBS - 1]! + c;
	c = Math.floor(last / 2 ** 15);
	limbs[LIMBS - 1] = last - c * 2 ** 15;
	return c;
}

/** `r[o] = r[o] ^ (2 ^ count)`. */
export function squareTimes(r: Elements, o: number, count: number): void {
	for (let index = 0; index < count; index++) square(r, o, o);
}

/** Room that `power` needs at `t`. */
export const POWER_LIMBS = 3 * LIMBS;

/**
 * The powers that inversion (p - 2) and the square root ((p - 5) / 8) share: leaves `r[a] ^ (2^250 - 1)` in `r[o]` and
 * `r[a] ^ 11` in `r[t]`. `o` and `t` are not `a`.
 */
function power250(r: Elements, o: number, a: number, t: number): void {
	const eleven = t;
	const x = t + LIMBS;
	const y = t + 2 * LIMBS;
	square(r, x, a); // 2
	copy(r, y, x);
	squareTimes(r, y, 2); // 8
	multiply(r, y, y, a); // 9
	multiply(r, eleven, y, x); // 11
	square(r, x, eleven); // 22
	multiply(r, o, x, y); // 31 = 2^5 - 1
	raise(r, o, x, 5);
	copy(r, y, o); // 2^10 - 1
	raise(r, o, x, 10); // 2^20 - 1
	raise(r, o, x, 20); // 2^40 - 1
	squareTimes(r, o, 10);
	multiply(r, o, o, y); // 2^50 - 1
	copy(r, y, o);
	raise(r, o, x, 50); // 2^100 - 1
	raise(r, o, x, 100); // 2^200 - 1
	squareTimes(r, o, 50);
	multiply(r, o, o, y); // 2^250 - 1
}

/** From exponent 2^n - 1 to 2^2n - 1. */
function raise(r: Elements, o: number, x: number, count: number): void {
	copy(r, x, o);
	squareTimes(r, o, count);
	multiply(r, o, o, x);
}

/** `r[o] = 1 / r[a]`; uses POWER_LIMBS at `t`. */
export function invert(r: Elements, o: number, a: number, t: number): void {
	power250(r, o, a, t);
	squareTimes(r, o, 5);
	multiply(r, o, o, t);
}

/** `r[o] = r[a] ^ ((p - 5) / 8)`, with which square roots are found; uses POWER_LIMBS at `t`. */
export function powerForRoot(r: Elements, o: number, a: number, t: number): void {
	power250(r, o, a, t);
	squareTimes(r, o, 2);
	multiply(r, o, o, a);
}
