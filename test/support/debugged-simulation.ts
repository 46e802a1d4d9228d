import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { root } from "../../tools/root";
import { type Breakpoint, type DebuggedConnection, FakeXsbug } from "./fake-xsbug";
import { QuietOutput } from "./quiet-output";

/** A line of the project's TypeScript: the first in which `text` stands. */
export function lineWith(file: string, text: string): Breakpoint {
	const path = join(root, file);
	const line =
		readFileSync(path, "utf8")
			.split("\n")
			.findIndex((candidate) => candidate.includes(text)) + 1;
	if (line === 0) throw new Error(`${file} has no line with "${text}"`);
	return { path, line };
}

/** A simulation in real time whose node is connected to a debugger of the test's own. Both end with the test. */
export class DebuggedSimulation {
	readonly xsbug: FakeXsbug;
	readonly simulation: Simulation;
	readonly output: QuietOutput;
	/** The node's first boot, as the debugger sees it. */
	readonly machine: DebuggedConnection;
	readonly #ended: Promise<number>;

	private constructor(xsbug: FakeXsbug, simulation: Simulation, output: QuietOutput, machine: DebuggedConnection) {
		this.xsbug = xsbug;
		this.simulation = simulation;
		this.output = output;
		this.machine = machine;
		this.#ended = simulation.run();
	}

	static async start(
		t: TestContext,
		args: readonly string[] = [],
		breakpoints: readonly Breakpoint[] = [],
		exceptions = false,
	): Promise<DebuggedSimulation> {
		const nvs = mkdtempSync(join(tmpdir(), "vagalume-debug-"));
		const output = new QuietOutput();
		const xsbug = await FakeXsbug.start(breakpoints, exceptions);
		const options = parseSimOptions(["--id", "sala", "--nvs", nvs, "--debug", xsbug.address, ...args]);
		const { default: description } = (await import("../../node")) as { default: NodeDescription };
		const machine = xsbug.machine();
		const simulation = await Simulation.start({ options, output, root, description });
		const world = new DebuggedSimulation(xsbug, simulation, output, await machine);
		t.after(async () => {
			await world.end();
			await xsbug.close();
			rmSync(nvs, { recursive: true, force: true });
		});
		return world;
	}

	/** Resolves to the exit status. */
	get ended(): Promise<number> {
		return this.#ended;
	}

	end(): Promise<number> {
		this.simulation.stop();
		return this.#ended;
	}
}
