import type { Rom } from "../../hosts/desktop/engine/index";
import type { FuzzTarget } from "../inside/mqtt-fuzz";
import { insideRom } from "../support/inside";
import { Attack, AttackError, type AttackResult } from "./attack";

/** Packets for one machine: what fails can be replayed within seconds. */
export const roundSize = 10_000;

export interface FuzzOptions {
	/** Mutated packets, for each layer and version. */
	readonly packets: number;
	/** Of the first machine; the next one's is greater by one. */
	readonly seed: number;
	readonly layers: readonly FuzzTarget["layer"][];
	readonly versions: readonly FuzzTarget["version"][];
	/** Told after each machine. */
	onRound?(target: FuzzTarget, packets: number, result: AttackResult): void;
}

/** What failed, and how to see it again. */
export class FuzzError extends Error {
	constructor(
		target: FuzzTarget,
		seed: number,
		packets: number,
		error: AttackError,
		least: readonly Uint8Array[] | undefined,
	) {
		const { layer, version } = target;
		super(
			[
				`${layer}, version ${version}: ${error.message}`,
				`again: npm run fuzz -- --layer ${layer} --version ${version} --seed ${seed} --packets ${packets}`,
				least
					? "with a new connection, these bytes after SUBACK are enough:"
					: "the connection's last bytes (these alone are not enough):",
				`  ${hex(least ?? error.pieces).slice(-4000)}`,
			].join("\n"),
		);
	}
}

/** A blank between two pieces; `(61*20)` is a byte so many times. */
function hex(pieces: readonly Uint8Array[]): string {
	const shorten = (run: string) => (run.length > 2 ? `(${run.slice(0, 2)}*${run.length / 2})` : run);
	return pieces
		.map((piece) =>
			Buffer.from(piece)
				.toString("hex")
				.replace(/(..)\1{7,}|../g, shorten),
		)
		.join(" ");
}

/** Attacks them all. @throws FuzzError */
export function fuzz({ packets, seed, layers, versions, onRound }: FuzzOptions): void {
	const rom = insideRom("mqtt-fuzz", { timer: "test/inside/counted-timer" });
	for (const version of versions) {
		for (const layer of layers) {
			for (let done = 0, round = 0; done < packets; round++) {
				const count = Math.min(roundSize, packets - done);
				// Every second session keeps its messages in flash, and meets power cuts.
				const target = { layer, version, persistent: layer === "session" && (seed + round) % 2 === 0 };
				const result = attack(rom, target, seed + round, count);
				done += count;
				onRound?.(target, done, result);
			}
		}
	}
	rom.close();
}

function attack(rom: Rom, target: FuzzTarget, seed: number, packets: number): AttackResult {
	try {
		return new Attack({ rom, ...target, seed, packets }).run();
	} catch (error) {
		if (!(error instanceof AttackError)) throw error;
		throw new FuzzError(target, seed, packets, error, minimise(rom, target, error));
	}
}

/** The fewest bytes that fail with the same words on a connection of their own; `undefined` when they do not fail there. */
function minimise(rom: Rom, target: FuzzTarget, { message, pieces }: AttackError): Uint8Array[] | undefined {
	const kind = (text: string) => text.split("\n")[0]!.replace(/\d+/g, "");
	const fails = (some: readonly Uint8Array[]) => {
		try {
			new Attack({ rom, ...target, seed: 0, packets: 0 }).replay(some);
			return false;
		} catch (error) {
			return kind((error as Error).message) === kind(message);
		}
	};
	let least = [...pieces];
	if (!fails(least)) return undefined;
	for (let size = least.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
		for (let at = 0; at < least.length; ) {
			const fewer = least.toSpliced(at, size);
			if (fails(fewer)) least = fewer;
			else at += size;
		}
	}
	return least;
}
