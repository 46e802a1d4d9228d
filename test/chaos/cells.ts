import { MosquittoWorld } from "./mosquitto-world";
import type { CutPoint } from "./node-under-test";
import { faults } from "./plan";
import { type Cell, Run, type RunResult } from "./run";
import { VirtualWorld } from "./virtual-world";

export interface CellOptions {
	readonly messages: number;
	readonly seed: number;
	/** Only the run with this power cut: as a failing run is replayed. */
	readonly cutPoint?: CutPoint | undefined;
	/** Messages done, of `messages`. */
	onProgress?(done: number): void;
}

/** What is wrong with one run, and how to see it again. */
export interface Failure {
	readonly seed: number;
	readonly messages: number;
	readonly cutPoint: CutPoint | undefined;
	readonly violations: readonly string[];
	readonly log: readonly string[];
}

/** All runs of a cell together. */
export interface CellResult {
	readonly cell: Cell;
	readonly runs: number;
	/** s of the wall clock. */
	readonly wall: number;
	/** Sums of the runs; `memory`: the first and last of the longest run, the highest peak of all. */
	readonly totals: Omit<RunResult, "violations" | "log" | "writes">;
	readonly failures: readonly Failure[];
}

/** Every square of the table, in its order. */
export function allCells(worlds: readonly Cell["world"][] = ["virtual", "mosquitto"]): Cell[] {
	return worlds.flatMap((world) =>
		faults.flatMap((fault) =>
			(["out", "in"] as const).flatMap((direction) =>
				([1, 2] as const).map((QoS): Cell => ({ world, fault, direction, QoS })),
			),
		),
	);
}

/** `virtual/power cut/out/2` */
export function nameOf({ world, fault, direction, QoS }: Cell): string {
	return `${world}/${fault}/${direction}/${QoS}`;
}

/** Messages of a run in which the power goes once: more than a window of them. */
const BATCH = 20;

/** Runs a cell to its end. */
export async function runCell(cell: Cell, options: CellOptions): Promise<CellResult> {
	const { messages, seed, cutPoint, onProgress } = options;
	const start = performance.now();
	const sum = new Sum();
	const one = async (count: number, runSeed: number, more: { cutPoint?: CutPoint; calm?: boolean } = {}) => {
		const before = sum.messages;
		const run = new Run(
			{ cell, messages: count, seed: runSeed, ...more, onProgress: (done) => onProgress?.(before + done) },
			(self) => makeWorld(cell, self),
		);
		const result = await run.toEnd();
		const { violations, log } = result;
		if (violations.length > 0)
			sum.failures.push({ seed: runSeed, messages: count, cutPoint: more.cutPoint, violations, log });
		sum.add(result);
		return result;
	};
	const everywhere = cell.fault === "power cut" && cell.world === "virtual";
	if (cutPoint) await one(messages, seed, { cutPoint });
	else if (!everywhere) await one(messages, seed);
	else {
		// Half of them with a cut here and there, also on the way back from another; then one cut at each write there is.
		await one(Math.max(BATCH, Math.floor(messages / 2)), seed);
		for (let round = seed; sum.messages < messages; round++) {
			const { writes } = await one(BATCH, round, { calm: true });
			const kind = writes.storage > 0 ? "storage" : "socket";
			for (let index = 0; index < writes[kind]; index++)
				for (const when of ["before", "after"] as const) await one(BATCH, round, { cutPoint: { kind, index, when } });
		}
	}
	return {
		cell,
		runs: sum.runs,
		wall: (performance.now() - start) / 1000,
		totals: sum.totals,
		failures: sum.failures,
	};
}

function makeWorld(cell: Cell, run: Run): VirtualWorld | MosquittoWorld {
	if (cell.world === "mosquitto") return new MosquittoWorld(run, cell.direction);
	return new VirtualWorld(run, { corrupt: cell.fault === "corrupt" || cell.fault === "all" });
}

class Sum {
	runs = 0;
	readonly failures: Failure[] = [];
	#totals: CellResult["totals"] | undefined;
	#longest = 0;

	get messages(): number {
		return this.#totals?.messages ?? 0;
	}

	get totals(): CellResult["totals"] {
		return this.#totals!;
	}

	add({ violations: _violations, log: _log, writes: _writes, ...result }: RunResult): void {
		this.runs++;
		const totals = this.#totals;
		if (!totals) this.#totals = result;
		else {
			const added = { ...totals };
			for (const key of Object.keys(result) as (keyof typeof result)[])
				if (key !== "memory") added[key] = totals[key] + result[key];
			const peak = Math.max(totals.memory.peak, result.memory.peak);
			const { first, last } = result.messages > this.#longest ? result.memory : totals.memory;
			this.#totals = { ...added, memory: { first, last, peak } };
		}
		this.#longest = Math.max(this.#longest, result.messages);
	}
}
