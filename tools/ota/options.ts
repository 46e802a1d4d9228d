import { parseArgs } from "node:util";
import { LONGEST_URL } from "../../modules/description/http-address";
import { readText } from "../../sim/release-keys";
import { UsageError } from "../../sim/usage";
import { STAGES, type Stage } from "./fleet";
import type { ImageServerOptions } from "./image-server";

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
  --url URL              where the nodes fetch the image (https://): a file, or a folder, which ends with a slash and has
                         the files of DIR; without --url and --serve they get it by the broker
  --serve [ADDRESS:PORT] this computer serves the images meanwhile; ADDRESS, or a name, is that by which the nodes reach it
                         (127.0.0.1, and a free port, when left out)
  --serve-cert FILE --serve-key FILE
                         its certificate (PEM), by an authority that the nodes trust, and its key; without them it is
                         http://, which nodes take with --update-over-http only
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
	readonly url: string | undefined;
	readonly serve: ImageServerOptions | undefined;
	readonly broker: string | undefined;
	readonly user: string | undefined;
	readonly password: string | undefined;
	readonly ca: string | undefined;
	readonly certificate: string | undefined;
	readonly key: string | undefined;
}

/** Where images are served unless an address is given. */
const HERE = "127.0.0.1:0";
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/;

const declared = {
	node: { type: "string", multiple: true },
	group: { type: "boolean" },
	stages: { type: "string" },
	base: { type: "string" },
	url: { type: "string" },
	serve: { type: "string" },
	"serve-cert": { type: "string" },
	"serve-key": { type: "string" },
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
		parsed = parseArgs({ args: withAddress(args), options: declared, allowPositionals: true });
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
	const { url } = values;
	if (url !== undefined && (!/^https?:\/\/[!-~]+$/.test(url) || url.length > LONGEST_URL))
		throw new UsageError(`--url ${url}: expected https://host/path of at most ${LONGEST_URL} characters`);
	if (url !== undefined && values.serve !== undefined) throw new UsageError("either --url or --serve");
	if ((values["serve-cert"] === undefined) !== (values["serve-key"] === undefined))
		throw new UsageError("--serve-cert and --serve-key: one needs the other");
	if (values["serve-cert"] !== undefined && values.serve === undefined)
		throw new UsageError("--serve-cert needs --serve");
	const text = (file: string | undefined) => (file === undefined ? undefined : readText(file));
	return {
		action,
		folder,
		nodes,
		group,
		stages: values.stages === undefined ? STAGES : values.stages.split(",").map(stage),
		base: values.base,
		url,
		serve:
			values.serve === undefined
				? undefined
				: { ...addressOf(values.serve), certificate: text(values["serve-cert"]), key: text(values["serve-key"]) },
		broker: values.broker,
		user: values.user,
		password: text(values["password-file"])?.replace(/\r?\n$/, ""),
		ca: text(values.ca),
		certificate: text(values.cert),
		key: text(values.key),
	};
}

/** `--serve` may stand alone. */
function withAddress(args: readonly string[]): string[] {
	return args.map((word, index) => {
		const next = args[index + 1];
		return word === "--serve" && (next === undefined || !ADDRESS.test(next)) ? `--serve=${HERE}` : word;
	});
}

function addressOf(text: string): { address: string; port: number } {
	const [, bracketed, plain, digits] = ADDRESS.exec(text) ?? [];
	const address = bracketed ?? plain ?? "";
	const port = Number(digits);
	if (!/^[\w.:-]+$/.test(address) || port > 65_535)
		throw new UsageError(`--serve ${text}: expected ADDRESS:PORT, such as 192.168.1.10:8443`);
	if (/^(0\.0\.0\.0|::)$/.test(address))
		throw new UsageError(
			`--serve ${text}: nodes are told this address, give the one by which they reach this computer`,
		);
	return { address, port };
}

function stage(text: string): Stage {
	const [, digits, percent] = /^(\d{1,5})(%?)$/.exec(text.trim()) ?? [];
	const value = Number(digits);
	if (digits === undefined || value < 1 || (percent === "%" && value > 100))
		throw new UsageError(`--stages ${text}: expected numbers of nodes, or percent, such as 1,10%,100%`);
	return percent === "%" ? { percent: value } : { count: value };
}
