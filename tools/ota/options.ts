import { parseArgs } from "node:util";
import { readText } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";
import { STAGES, type Stage } from "./fleet";

export const actions = ["push", "status", "abort", "history"] as const;

export const usage = `usage: vagalume ota push DIR (--node ID | --group) --broker URL [options]
       vagalume ota status [--node ID] --broker URL
       vagalume ota abort --node ID --broker URL
       vagalume ota history

  push      sends a release (vagalume release) to a node, or to all of them in stages, and waits: status 0 when every one
            has confirmed it, 1 when one refused it, went back, or was not heard of again
  status    which node runs what
  abort     ends what a node fetches
  history   what was pushed from here

  --node ID              one node; may be given several times
  --group                all nodes that the broker knows
  --stages A,B,...       nodes, or percent of all: 1,10%,100% when left out; a stage in which one fails is the last
  --base BASE            of the nodes' topics; {id} in it stands for a node's id (node.ts's, or vagalume/{id})
  --broker URL           mqtt://, mqtts://, ws:// or wss://
  --user NAME --password-file FILE --ca FILE --cert FILE --key FILE
`;

export interface OtaOptions {
	readonly action: (typeof actions)[number];
	/** The folder of a release. */
	readonly folder: string | undefined;
	readonly nodes: readonly string[];
	readonly group: boolean;
	readonly stages: readonly Stage[];
	readonly base: string | undefined;
	readonly broker: string | undefined;
	readonly user: string | undefined;
	readonly password: string | undefined;
	readonly ca: string | undefined;
	readonly certificate: string | undefined;
	readonly key: string | undefined;
}

const declared = {
	node: { type: "string", multiple: true },
	group: { type: "boolean" },
	stages: { type: "string" },
	base: { type: "string" },
	broker: { type: "string" },
	user: { type: "string" },
	"password-file": { type: "string" },
	ca: { type: "string" },
	cert: { type: "string" },
	key: { type: "string" },
} as const;

/** Throws UsageError. */
export function parseOtaOptions(args: readonly string[]): OtaOptions {
	let parsed: ReturnType<typeof parseArgs<{ options: typeof declared; allowPositionals: true }>>;
	try {
		parsed = parseArgs({ args: [...args], options: declared, allowPositionals: true });
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
	const { values, positionals } = parsed;
	const [name, folder, ...rest] = positionals;
	const action = actions.find((one) => one === name);
	if (!action) throw new UsageError(`"${name ?? ""}": expected one of ${actions.join(", ")}`);
	if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much`);
	if (action === "push" && folder === undefined) throw new UsageError("push: the folder of a release is missing");
	if (action !== "push" && folder !== undefined) throw new UsageError(`${action}: "${folder}" is too much`);
	if (action !== "history" && !/^(mqtts?|wss?):\/\/./.test(values.broker ?? ""))
		throw new UsageError(`--broker ${values.broker ?? "is missing"}: expected mqtt://, mqtts://, ws:// or wss://`);
	const nodes = values.node ?? [];
	const group = values.group ?? false;
	if (action === "push" && nodes.length > 0 === group) throw new UsageError("push: either --node ID or --group");
	if (action === "abort" && nodes.length === 0) throw new UsageError("abort: --node ID is missing");
	const text = (file: string | undefined) => (file === undefined ? undefined : readText(file));
	return {
		action,
		folder,
		nodes,
		group,
		stages: values.stages === undefined ? STAGES : values.stages.split(",").map(stage),
		base: values.base,
		broker: values.broker,
		user: values.user,
		password: text(values["password-file"])?.replace(/\r?\n$/, ""),
		ca: text(values.ca),
		certificate: text(values.cert),
		key: text(values.key),
	};
}

function stage(text: string): Stage {
	const [, digits, percent] = /^(\d{1,5})(%?)$/.exec(text.trim()) ?? [];
	const value = Number(digits);
	if (digits === undefined || value < 1 || (percent === "%" && value > 100))
		throw new UsageError(`--stages ${text}: expected numbers of nodes, or percent, such as 1,10%,100%`);
	return percent === "%" ? { percent: value } : { count: value };
}
