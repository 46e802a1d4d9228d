import { isIP } from "node:net";
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { type Role, roles } from "../../deploy/mosquitto/rights";
import { UsageError } from "../../sim/usage";
import { CONTROL } from "./state";

export const actions = [
	"init",
	"add-node",
	"add-user",
	"update-node",
	"revoke",
	"rotate",
	"list",
	"test",
	"run",
	"cloud-init",
	"push",
] as const;
export type Action = (typeof actions)[number];
const steps = ["begin", "switch", "finish"] as const;

const ROLES = Object.entries(roles).map(([role, what]) => `                         ${role.padEnd(14)} ${what}\n`);

export const usage = `usage: vagalume broker init --dir DIR --host NAME,...
       vagalume broker add-node ID --dir DIR [--certificate]
       vagalume broker add-user NAME --dir DIR [--role ROLE] [--certificate]
       vagalume broker update-node ID --dir DIR
       vagalume broker revoke ID --dir DIR
       vagalume broker rotate [ID] --dir DIR [--host NAME,... | --authority begin|switch|finish]
       vagalume broker list --dir DIR
       vagalume broker test --dir DIR
       vagalume broker run --dir DIR [--port 8883] [--advertise]
       vagalume broker cloud-init --dir DIR [--letsencrypt EMAIL] > FILE
       vagalume broker push [USER@]HOST --dir DIR

A Mosquitto broker of your own: TLS, one password each, and an access list that follows from node.ts.

  init         makes DIR: a certificate authority (DIR/ca.crt is for the clients), the server's certificate
  add-node     lets a node in; writes DIR/clients/ID/password, for --user ID --password-file
  add-user     lets a person or a program in
  update-node  gives a node the rights of node.ts as it is now
  revoke       ends a node or a user; a broker that runs here drops that user at once
  rotate       a new certificate for the server; with ID a new password (and certificate) for a user
  list         who may enter, and which certificate ends when
  test         starts a copy of the broker on this machine, is each user in turn, and proves what each may and may not
  run          starts mosquitto in the foreground
  cloud-init   writes the user data that makes a fresh Ubuntu host, on Azure or elsewhere, this broker (secrets are in it)
  push         sends what has changed to such a host, by ssh, and has it taken over and checked there

  --dir DIR              the broker's folder; keep it to yourself
  --host NAME,...        the names and IP addresses that clients know the broker by
  --certificate          also client.crt and client.key, for the port that asks for no password
  --role ROLE            of a user (panel when left out)
${ROLES.join("")}  --authority STEP       a new authority: begin (DIR/ca.crt has both: give it to all clients), switch (the
                         server's and the clients' certificates are the new one's), finish (the old one is gone)
  --port N               MQTT over TLS (8883)
  --websocket-port N     MQTT over WebSocket over TLS (one above --port: 8884)
  --certificate-port N   MQTT over TLS with client certificates (one above that: 8885)
  --max-connections N    at a time, on each port (500)
  --letsencrypt EMAIL    the server's certificate is one of Let's Encrypt, for the first name of --host
  --bind ADDRESS         listens on this address only
  --advertise            tells the local network where the broker is (DNS-SD), for nodes that look for it; one of its
                         names has to end in .local
  --advertise-as NAME    the same, by this name ("Vagalume on " and the computer's)
  -h, --help
`;

export interface RunOptions {
	readonly port: number;
	readonly webSocketPort: number;
	readonly certificatePort: number;
	readonly connections: number;
	readonly bind: string | undefined;
	/** The broker's name for people, if the local network is to be told where it is. */
	readonly advertise: string | undefined;
}

export interface BrokerOptions extends RunOptions {
	readonly action: Action;
	readonly dir: string;
	/** ID or NAME. */
	readonly name: string | undefined;
	readonly hosts: readonly string[] | undefined;
	readonly certificate: boolean;
	readonly role: Role;
	/** For Let's Encrypt. */
	readonly email: string | undefined;
	readonly authority: (typeof steps)[number] | undefined;
}

const declared = {
	dir: { type: "string" },
	host: { type: "string", multiple: true },
	certificate: { type: "boolean" },
	role: { type: "string" },
	authority: { type: "string" },
	port: { type: "string" },
	"websocket-port": { type: "string" },
	"certificate-port": { type: "string" },
	"max-connections": { type: "string" },
	bind: { type: "string" },
	advertise: { type: "boolean" },
	"advertise-as": { type: "string" },
	letsencrypt: { type: "string" },
} as const;

/** Which options an action takes, `dir` aside. */
const takes: Record<Action, readonly (keyof typeof declared)[]> = {
	init: ["host"],
	"add-node": ["certificate"],
	"add-user": ["certificate", "role"],
	"update-node": [],
	revoke: [],
	rotate: ["host", "authority"],
	list: [],
	test: [],
	run: ["port", "websocket-port", "certificate-port", "max-connections", "bind", "advertise", "advertise-as"],
	"cloud-init": ["letsencrypt"],
	push: [],
};
const named: readonly Action[] = ["add-node", "add-user", "update-node", "revoke", "push"];

/** Throws UsageError. */
export function parseBrokerOptions(args: readonly string[]): BrokerOptions {
	const { values, positionals } = parse(args);
	const [word, name, ...rest] = positionals;
	const action = actions.find((one) => one === word);
	if (!action) throw new UsageError(`"${word ?? ""}": expected one of ${actions.join(", ")}`);
	for (const option of Object.keys(values) as (keyof typeof declared)[])
		if (option !== "dir" && !takes[action].includes(option)) throw new UsageError(`${action} takes no --${option}`);
	if (!values.dir) throw new UsageError("--dir DIR is missing: the broker's folder");
	if (named.includes(action) && name === undefined) throw new UsageError(`${action}: the ID is missing`);
	if (rest.length > 0) throw new UsageError(`"${rest[0]}" is too much`);
	if (name !== undefined && !named.includes(action) && action !== "rotate")
		throw new UsageError(`${action}: "${name}" is too much`);
	const authority = steps.find((step) => step === values.authority);
	if (values.authority !== undefined && !authority)
		throw new UsageError(`--authority ${values.authority}: expected one of ${steps.join(", ")}`);
	if ([name, values.host, authority].filter((one) => one !== undefined).length > 1 && action === "rotate")
		throw new UsageError("rotate: one of ID, --host and --authority at a time");
	const role = values.role ?? "panel";
	if (!Object.hasOwn(roles, role))
		throw new UsageError(`--role ${role}: expected one of ${Object.keys(roles).join(", ")}`);
	const number = (option: keyof typeof values, most: number) =>
		wholeNumber(`--${option}`, values[option] as string | undefined, most);
	// Below the last ones, for the two that follow it.
	const port = number("port", 65_533) ?? 8883;
	const webSocketPort = number("websocket-port", 65_534) ?? port + 1;
	const certificatePort = number("certificate-port", 65_535) ?? webSocketPort + 1;
	if (new Set([port, webSocketPort, certificatePort]).size < 3)
		throw new UsageError("--port, --websocket-port and --certificate-port: expected three different ports");
	if (values.bind !== undefined && isIP(values.bind) === 0)
		throw new UsageError(`--bind ${values.bind}: expected an IP address of this machine`);
	// It goes into a shell's file, between apostrophes.
	if (values.letsencrypt !== undefined && !/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(values.letsencrypt))
		throw new UsageError(`--letsencrypt ${values.letsencrypt}: expected an address such as me@example.org`);
	return {
		email: values.letsencrypt,
		action,
		dir: values.dir,
		name: name === undefined ? undefined : checkName(action, name),
		hosts: values.host?.flatMap((list) => list.split(",")).map(checkHost),
		certificate: values.certificate ?? false,
		role: role as Role,
		authority,
		port,
		webSocketPort,
		certificatePort,
		connections: number("max-connections", 100_000) ?? 500,
		bind: values.bind,
		advertise: checkAdvertise(values.advertise, values["advertise-as"], values.bind),
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({ args: [...args], options: declared, allowPositionals: true });
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

/** A node's id, as in node.ts; a user's may have a few signs more. Both are names of folders. */
function checkName(action: Action, name: string): string {
	if (action === "push") {
		if (/^[\w.-]+(@[\w.:-]+)?$/.test(name) && !name.startsWith("-")) return name;
		throw new UsageError(`push ${name}: expected [USER@]HOST, as ssh takes it`);
	}
	if (name === CONTROL) throw new UsageError(`"${name}" is this tool's own user: choose another name`);
	const node = action === "add-node";
	if (node && (!/^[A-Za-z0-9_-]{1,32}$/.test(name) || name === "all"))
		throw new UsageError(`"${name}": expected a node's id, 1 to 32 letters, digits, "-" or "_", and not "all"`);
	if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/.test(name))
		throw new UsageError(
			`"${name}": expected 1 to 64 letters, digits, "_", "-", "." or "@", the first one a letter or digit`,
		);
	return name;
}

function checkHost(host: string): string {
	if (isIP(host) !== 0) return host;
	if (host.length <= 253 && host.split(".").every((label) => /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(label)))
		return host;
	throw new UsageError(`--host ${host}: expected names such as broker.example, or IP addresses, with commas between`);
}

/** A label of the DNS has 63 bytes at most (RFC 6763 §4.1.1). */
const LABEL = 63;

function checkAdvertise(
	advertise: boolean | undefined,
	name: string | undefined,
	bind: string | undefined,
): string | undefined {
	if (!advertise && name === undefined) return undefined;
	if (bind?.startsWith("127.") || bind === "::1")
		throw new UsageError(
			`--advertise: with --bind ${bind} no other computer reaches the broker: leave --bind out, or give it the IPv4 ` +
				"address that this computer has on the local network",
		);
	if (bind?.includes(":"))
		throw new UsageError(
			`--advertise: nodes come by IPv4, and --bind ${bind} is IPv6: leave it out, or give an IPv4 one`,
		);
	if (name === undefined) return `Vagalume on ${hostname().split(".")[0]}`.slice(0, LABEL);
	// The dot would end the label for the library that writes it.
	if (!/^[^.\p{Cc}]+$/u.test(name) || Buffer.byteLength(name) > LABEL)
		throw new UsageError(
			`--advertise-as "${name}": expected 1 to ${LABEL} bytes of UTF-8, with neither "." nor control characters`,
		);
	return name;
}

function wholeNumber(option: string, text: string | undefined, most: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!/^\d{1,6}$/.test(text) || value < 1 || value > most)
		throw new UsageError(`${option} ${text}: expected a whole number, 1..${most}`);
	return value;
}
