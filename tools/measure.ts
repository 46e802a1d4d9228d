import type { Statistics } from "../hosts/desktop/engine";
import type { NodeDescription } from "../modules/description/description";
import { DEFAULT_HEAP, parseSimOptions } from "../sim/options";
import type { Output } from "../sim/output";
import { Simulation } from "../sim/simulation";
import { root } from "./root";

const HOUR = 3600;
/** Connected, the first record is out, and nothing is under way. */
const REST = 6;

/** Says nothing but what goes wrong. */
const silence: Output = {
	log(_date, _node, line) {
		if (line.startsWith("error ")) process.stderr.write(`${line}\n`);
	},
	message() {},
	notice() {},
	ready() {},
	blocked: () => undefined,
	async flush() {},
};

/** Runs a node for an hour of virtual time; resolves to its figures at the end. Throws when the node did not last. */
export function measureHour(description: NodeDescription): Promise<Statistics> {
	return measureAfter(description, HOUR);
}

/** As `measureHour`, of a node that has just connected and rests: `slots` and `chunks` are what it holds on to. */
export function measureRest(description: NodeDescription): Promise<Statistics> {
	return measureAfter(description, REST, true);
}

async function measureAfter(description: NodeDescription, seconds: number, collect = false): Promise<Statistics> {
	const options = parseSimOptions(["--headless", "--time", "virtual", "--seed", "1", "--heap", String(DEFAULT_HEAP)]);
	const simulation = await Simulation.start({ options, output: silence, root, description });
	await simulation.advance(seconds);
	const [node] = simulation.nodes;
	if (collect) node!.collect();
	const figures = node!.statistics();
	simulation.stop();
	if ((await simulation.run()) !== 0 || !figures) throw new Error(`the node of node.ts did not live for ${seconds} s`);
	return figures;
}

const number = new Intl.NumberFormat("en");

/** What a node's memory looks like after an hour, as a Markdown table; bytes as on the 32-bit board. */
export function memoryTable({ heap, stack, slotsPeak, chunksPeak, stackPeak, reserved }: Statistics): string {
	const kilobyte = (bytes: number) => `${number.format(bytes)} bytes`;
	return [
		"| an hour of this node (engine's meter) | of its heap of 65,536 bytes |",
		"| --- | --- |",
		`| slots, at most | ${kilobyte(slotsPeak)} (${number.format(slotsPeak / 16)} slots) |`,
		`| chunks, at most | ${kilobyte(chunksPeak)} |`,
		`| stack | ${kilobyte(stack)} (deepest: ${stackPeak} of ${stack / 16} slots) |`,
		`| taken from the pool, at most | ${kilobyte(reserved)} (${Math.round((100 * reserved) / heap)} %) |`,
	].join("\n");
}
