import { createInterface } from "node:readline";
import { CompileError } from "../hosts/desktop/firmware/compiler";
import { loadNode } from "../tools/load-node";
import { root } from "../tools/root";
import { control } from "./control";
import { help, parseSimOptions, type SimOptions } from "./options";
import { JsonOutput, type Output, TextOutput } from "./output";
import { Simulation } from "./simulation";
import { UsageError } from "./usage";

/** Exit statuses. */
const FAULT = 1;
const USAGE = 2;

/** `vagalume sim`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	let options: SimOptions;
	try {
		options = parseSimOptions(args);
	} catch (error) {
		return refuse(error);
	}
	if (options.help) {
		process.stdout.write(help);
		return 0;
	}
	const { node: description, faults } = await loadNode();
	if (faults.length > 0) {
		for (const fault of faults) process.stderr.write(`node.ts: ${fault}\n`);
		return FAULT;
	}
	const output: Output = options.json
		? new JsonOutput(process.stdout, process.stderr)
		: new TextOutput(process.stdout, process.stdout.isTTY ?? false);
	// Before anything is said to be ready: whoever reads that may end it at once.
	let started: Simulation | undefined;
	let asked = false;
	const stop = () => {
		asked = true;
		started?.stop();
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
	// Whoever reads along may go: `vagalume sim | head`.
	process.stdout.on("error", stop);
	let simulation: Simulation;
	try {
		simulation = await Simulation.start({ options, output, root, description });
	} catch (error) {
		return refuse(error);
	}
	started = simulation;
	if (asked) simulation.stop();
	const lines = options.time === "virtual" ? undefined : createInterface({ input: process.stdin, terminal: false });
	lines?.on("line", (line) => {
		const answer = control(line, simulation.nodes);
		if (answer !== undefined) output.notice(answer);
	});
	const status = await simulation.run();
	lines?.close();
	process.stdin.destroy();
	return status;
}

function refuse(error: unknown): number {
	if (error instanceof UsageError) {
		process.stderr.write(`vagalume sim: ${error.message}\n`);
		return USAGE;
	}
	const { message, trace } = error as Error & { trace?: string };
	const known = error instanceof CompileError || trace !== undefined;
	process.stderr.write(`${known ? message : ((error as Error).stack ?? message)}\n${trace ? `${trace}\n` : ""}`);
	return FAULT;
}
