import type { NodeDescription } from "../../modules/description/description";
import { baseOf, topics } from "../../modules/description/topics";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { root } from "../../tools/root";
import { imageOf, Owner, type Transport } from "./owner";
import { QuietOutput } from "./quiet-output";

/** Slots and chunks at most, garbage included, in bytes: of a node before it was told of a release, and up to its restart. */
export interface UpdateHeap {
	readonly before: number;
	readonly peak: number;
}

/** Measures a node in virtual time. Throws when the update does not come to its end. */
export async function updateHeap(description: NodeDescription, transport: Transport = "MQTT"): Promise<UpdateHeap> {
	const owner = new Owner();
	owner.transport = transport;
	const output = new QuietOutput();
	const options = parseSimOptions(["--headless", "--time", "virtual", "--id", "sala", ...owner.options]);
	const simulation = await Simulation.start({ options, output, root, description });
	try {
		const [node] = simulation.nodes;
		const base = baseOf(description, "sala");
		owner.serve({ output, simulation });
		await simulation.advance(60);
		const before = node!.statistics()!.peak;
		const release = owner.sign(imageOf("9.9.9"), { name: description.name, version: "9.9.9" });
		simulation.order(topics.available(base), owner.announcement(release));
		let peak = before;
		for (let step = 0; step < 6000; step++) {
			await simulation.advance(0.1);
			const last = output.sent(topics.update(base)).at(-1) ?? "";
			if (last.includes('"installing"')) return { before, peak };
			peak = Math.max(peak, node!.statistics()?.peak ?? 0);
		}
		throw new Error("the update did not come to its end");
	} finally {
		simulation.stop();
		await simulation.run();
		owner.close();
	}
}
