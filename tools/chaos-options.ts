import { parseArgs } from "node:util";

export const help = `usage: vagalume chaos [options]        (npm run chaos -- ...)

A node in XS sends and receives numbered messages while everything goes wrong: connections cut, stalled, in single bytes,
gathered, delayed and corrupted; brokers restarted and killed; the node's power cut inside its writes. Nothing may be
lost, nothing may come twice at QoS 2. docs/chaos.md says how it is judged.

  --messages N       messages a cell (default 100000)
  --seed N           of all that goes wrong (default 1): the same seed is the same run, but for the pace of real sockets
  --cell PATTERN     only cells whose name has this in it, such as "virtual/cut/out/2", "power cut" or "in/2"
  --cut KIND:N:WHEN  one run, in which the power goes at the Nth write: "storage:12:before", "socket:3:after"
  --jobs N           processes (default: one for each processor)
  --markdown FILE    writes the table there, too
  --list             the names of the cells
`;

export interface ChaosOptions {
	readonly help: boolean;
	readonly list: boolean;
	readonly messages: number;
	readonly seed: number;
	readonly pattern: string;
	readonly cutPoint: { kind: "storage" | "socket"; index: number; when: "before" | "after" } | undefined;
	readonly jobs: number | undefined;
	readonly markdown: string | undefined;
}

/** @throws Error: an option is wrong, and what was expected */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
	const text = { type: "string" } as const;
	const { values } = parseArgs({
		args: [...args],
		options: {
			messages: text,
			seed: text,
			cell: text,
			cut: text,
			jobs: text,
			markdown: text,
			list: { type: "boolean" },
			help: { type: "boolean", short: "h" },
		},
	});
	return {
		help: values.help ?? false,
		list: values.list ?? false,
		messages: whole("--messages", values.messages, 1, 10_000_000) ?? 100_000,
		seed: whole("--seed", values.seed, 0, 0xffff_ffff) ?? 1,
		pattern: values.cell ?? "",
		cutPoint: values.cut === undefined ? undefined : cutPoint(values.cut),
		jobs: whole("--jobs", values.jobs, 1, 64),
		markdown: values.markdown,
	};
}

function whole(option: string, text: string | undefined, least: number, most: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < least || value > most)
		throw new Error(`${option} ${text}: expected a whole number of ${least}..${most}`);
	return value;
}

function cutPoint(text: string): NonNullable<ChaosOptions["cutPoint"]> {
	const [, kind, index, when] = /^(storage|socket):(\d+):(before|after)$/.exec(text) ?? [];
	if (!kind)
		throw new Error(`--cut ${text}: expected "storage" or "socket", a number, "before" or "after": storage:12:before`);
	return { kind: kind as "storage", index: Number(index), when: when as "before" };
}
