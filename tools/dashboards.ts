import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dashboardFiles } from "../dashboards/generate";
import type { ViewOptions } from "../dashboards/view";
import { validate } from "../modules/description/validate";
import { UsageError } from "../sim/usage";
import { loadNode } from "./load-node";
import { root } from "./root";

/** All that is in it is generated, from node.ts as it is. */
export const DASHBOARDS = "dashboards/generated";

const usage = `usage: vagalume dashboards [options]

Writes what other programs import to show and control the node that node.ts describes: see docs/dashboards.md.
There is no password in these files: it is entered where they are imported.

  --out DIR      where to (${DASHBOARDS})
  --broker URL   mqtt://, mqtts://, ws:// or wss://, as the clients reach it (node.ts's, or mqtt://localhost)
  --id ID        of the node (node.ts's); needs --out
`;

interface Options extends ViewOptions {
	readonly out: string;
}

/** `vagalume dashboards`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	const { node, faults } = await loadNode();
	for (const fault of faults) process.stderr.write(`node.ts: ${fault}\n`);
	if (faults.length > 0) return 1;
	try {
		const options = parse(args);
		const problem = options.id === undefined ? undefined : validate({ ...node, id: options.id })[0];
		if (problem) throw new UsageError(`--${problem}`);
		const files = dashboardFiles(node, options);
		mkdirSync(options.out, { recursive: true });
		for (const [name, text] of files) {
			writeFileSync(join(options.out, name), text);
			process.stdout.write(`wrote ${join(options.out, name)}\n`);
		}
		return 0;
	} catch (error) {
		if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
		const message = error instanceof RangeError ? `--broker ${error.message}` : error.message;
		process.stderr.write(`vagalume dashboards: ${message}\n('vagalume dashboards --help' lists the options)\n`);
		return 2;
	}
}

function parse(args: readonly string[]): Options {
	const declared = { out: { type: "string" }, broker: { type: "string" }, id: { type: "string" } } as const;
	let values: { out?: string; broker?: string; id?: string };
	try {
		({ values } = parseArgs({ args: [...args], options: declared }));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
	const { out, broker, id } = values;
	if (out === undefined && (broker !== undefined || id !== undefined))
		throw new UsageError(`--out DIR is missing: ${DASHBOARDS} is what node.ts says, without --broker and --id`);
	return { out: out ?? join(root, DASHBOARDS), broker, id };
}
