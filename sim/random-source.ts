import { randomBytes } from "node:crypto";
import { sequence, stream } from "./world/random";

/** Where a node's random bytes come from: a seed, which repeats them, or the system. */
export function randomSource(seed: number | undefined, name: string): (count: number) => Uint8Array {
	if (seed === undefined) return (count) => randomBytes(count);
	const next = sequence(stream(seed, `random ${name}`));
	return (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256));
}
