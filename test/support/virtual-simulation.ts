import type { TestContext } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import { parseSimOptions } from "../../sim/options";
import type { SimNode } from "../../sim/sim-node";
import { Simulation, type SimulationSetup } from "../../sim/simulation";
import { root } from "../../tools/root";
import { QuietOutput } from "./quiet-output";

/** A node in virtual time inside the test's own process: the test moves the time, and sees pins as well as messages. */
export class VirtualSimulation {
	readonly simulation: Simulation;
	readonly output: QuietOutput;
	#status: Promise<number> | undefined;

	private constructor(simulation: Simulation, output: QuietOutput) {
		this.simulation = simulation;
		this.output = output;
	}

	/** Ends with the test, whatever comes of it. */
	static async start(
		t: TestContext,
		args: readonly string[] = [],
		change?: NodeDescription,
		more: Pick<SimulationSetup, "flashOf" | "shelf"> = {},
	): Promise<VirtualSimulation> {
		const output = new QuietOutput();
		const options = parseSimOptions(["--headless", "--time", "virtual", "--id", "sala", ...args]);
		const description = change ?? ((await import("../../node")) as { default: NodeDescription }).default;
		const world = new VirtualSimulation(
			await Simulation.start({ options, output, root, description, ...more }),
			output,
		);
		t.after(() => world.end());
		return world;
	}

	get node(): SimNode {
		return this.simulation.nodes[0]!;
	}

	/** Lets so many seconds of node time pass. */
	run(seconds: number): Promise<void> {
		return this.simulation.advance(seconds);
	}

	/** An order, as another client would send it. */
	order(topic: string, payload: string | Uint8Array, retain = false): void {
		this.simulation.order(topic, payload, retain);
	}

	/** Ends it cleanly, once; resolves to the exit status. */
	end(): Promise<number> {
		this.simulation.stop();
		this.#status ??= this.simulation.run();
		return this.#status;
	}
}
