/**
 * Seeded randomness. The generator is mulberry32, whose n-th value needs no history: so a curve's noise at a time depends
 * on nothing but seed, stream and time, and one more sensor shifts nobody else's values.
 */

const STEP = 0x6d2b79f5;

/** The `index`-th value of the generator with this seed: 0 <= value < 1. */
export function at(seed: number, index: number): number {
	let state = (seed + Math.imul(index + 1, STEP)) | 0;
	state = Math.imul(state ^ (state >>> 15), state | 1);
	state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
	return ((state ^ (state >>> 14)) >>> 0) / 0x1_0000_0000;
}

/** A generator of its own: values follow each other. */
export function sequence(seed: number): () => number {
	let index = 0;
	return () => at(seed, index++);
}

/** The seed of a named stream (FNV-1a over the name, mixed with the seed). */
export function stream(seed: number, name: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
	return Math.floor(at(hash ^ seed, seed & 0xffff) * 0x1_0000_0000) | 0;
}

/** Smooth noise, -1..1: random values every `period` ms, joined by a soft curve. */
export function smooth(seed: number, time: number, period: number): number {
	const position = time / period;
	const index = Math.floor(position);
	const part = position - index;
	const weight = part * part * (3 - 2 * part);
	const from = at(seed, index);
	return 2 * (from + (at(seed, index + 1) - from) * weight) - 1;
}

/** Rough noise, about -1..1 and mostly near 0: another value every `period` ms. */
export function rough(seed: number, time: number, period: number): number {
	const index = Math.floor(time / period) * 2;
	return at(seed, index) + at(seed, index + 1) - 1;
}
