import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { DebuggerAddress } from "../hosts/desktop/engine";
import { problemsOfTokenService, type TokenService } from "../modules/description/token-service";
import { problemOfBroker } from "../modules/description/validate";
import { checkDebugger, withDebugger } from "./debugger";
import { rawKey, readPublicKeys } from "./release-keys";
import { UsageError } from "./usage";

/** What `vagalume sim` was asked for, checked. */
export interface SimOptions {
	readonly help: boolean;
	readonly headless: boolean;
	readonly json: boolean;
	/** A URL, or DISCOVERED: nodes find it by DNS-SD. Undefined: start an embedded broker. */
	readonly broker: string | undefined;
	readonly id: string | undefined;
	readonly nodes: number;
	readonly panelPort: number;
	/** The address that the panel listens on. */
	readonly panelHost: string;
	/** PEM texts. */
	readonly ca: string | undefined;
	readonly certificate: string | undefined;
	readonly key: string | undefined;
	readonly user: string | undefined;
	readonly password: string | undefined;
	/** Where nodes get a token to use as their password. */
	readonly token: TokenService | undefined;
	/** Public keys whose releases are taken, in base64url. */
	readonly releaseKeys: readonly string[] | undefined;
	/** Images may come over http://, too. */
	readonly updateOverHTTP: boolean;
	/** Seconds. */
	readonly keepAlive: number | undefined;
	readonly time: "real" | "virtual";
	/** Seconds of node time. */
	readonly duration: number | undefined;
	readonly seed: number | undefined;
	readonly nvs: string | undefined;
	/** Bytes, as on the 32-bit board. */
	readonly heap: number;
	/** A script of the world: a JSON file. */
	readonly world: string | undefined;
	/** Where xsbug listens; undefined: no debugging. */
	readonly debug: DebuggerAddress | undefined;
}

/** `--broker`: nodes look for it on this computer's network, as node.ts says. */
export const DISCOVERED = "dns-sd";
/** The heap of an ESP32 node: what is left of its RAM beside Wi-Fi, TLS and the system. */
export const DEFAULT_HEAP = 65_536;
/** Less does not hold the engine's stack and built-ins. */
const SMALLEST_HEAP = 32_768;
const DEFAULT_PANEL_PORT = 8080;
/** Each has a thread of its own, and a tab in xsbug. */
const MOST_DEBUGGED = 16;

const declared = {
	headless: { type: "boolean" },
	json: { type: "boolean" },
	help: { type: "boolean", short: "h" },
	broker: { type: "string" },
	id: { type: "string" },
	nodes: { type: "string" },
	"panel-port": { type: "string" },
	"panel-host": { type: "string" },
	ca: { type: "string" },
	cert: { type: "string" },
	key: { type: "string" },
	user: { type: "string" },
	"password-file": { type: "string" },
	"token-file": { type: "string" },
	"keep-alive": { type: "string" },
	"release-key": { type: "string" },
	"update-over-http": { type: "boolean" },
	time: { type: "string" },
	duration: { type: "string" },
	seed: { type: "string" },
	nvs: { type: "string" },
	heap: { type: "string" },
	world: { type: "string" },
	debug: { type: "string" },
} as const satisfies ParseArgsConfig["options"];

/** The text of `vagalume sim --help`. */
export const help = `usage: vagalume sim [options]        (npm start -- [options])

Runs the node that node.ts describes, on the XS engine, without hardware.

  --headless             no web panel
  --panel-port N         the panel's port (${DEFAULT_PANEL_PORT}; the next free one if it is taken)
  --panel-host ADDRESS   the panel for other computers too: 0.0.0.0, or one address of this computer
                         (127.0.0.1: this computer only). Whoever reaches it can play with the node
  --broker URL           mqtt://, mqtts://, ws:// or wss://; without it a broker starts on
                         127.0.0.1:1883 (the next free port if it is taken). ${DISCOVERED}: the node looks for
                         it on this computer's network, as broker.discover of node.ts says
  --user NAME            user at the broker
  --password-file FILE   file with the password
  --token-file FILE      file with the service that gives a token to use as password (JSON: url,
                         client, secret; docs/access.md)
  --ca FILE              certificate authority of the broker (PEM)
  --cert FILE            this node's certificate (PEM), with --key
  --key FILE             its private key (PEM)
  --keep-alive SECONDS   0, or 1..65535
  --release-key FILE     the public keys whose releases it takes (PEM; vagalume keys new)
  --update-over-http     it takes their images over http:// too, for trials without certificates
  --id ID                the node's id: its MQTT client id, and {id} in its topics
  --nodes N              several nodes; --id is then a prefix
  --time real|virtual    virtual: an hour in a fraction of a second, the same result every run
  --duration SECONDS     of node time; then a clean end
  --seed N               of the world and of the node's random numbers (a whole number)
  --world FILE           a script of the world (JSON; docs/virtual-board.md)
  --nvs DIR              where the node's flash is kept (default: .vagalume/ID; in virtual time: a
                         fresh flash for each run)
  --debug [HOST:PORT]    connect to xsbug (XSBUG_HOST and XSBUG_PORT, else localhost:5002):
                         breakpoints in TypeScript; broker and panel live on (docs/debugging.md)
  --heap BYTES           the node's heap, as on the 32-bit board (${DEFAULT_HEAP})
  --json                 log and MQTT messages as JSON lines on stdout
  -h, --help

Lines on standard input change the world, such as: set temperature 31 | press boot 200 | wifi down
Exit status: 0 a clean end, 1 a fault of the node, 2 wrong usage.
`;

/** Throws UsageError. */
export function parseSimOptions(args: readonly string[]): SimOptions {
	const values = parse(args);
	const time = values.time ?? "real";
	if (time !== "real" && time !== "virtual") throw new UsageError(`--time ${time}: expected real or virtual`);
	const broker = values.broker === undefined ? undefined : checkBroker(values.broker);
	if (time === "virtual" && broker !== undefined) {
		throw new UsageError(
			"--time virtual runs against the in-process broker: leave --broker out, or use --time real with it",
		);
	}
	if ((values.cert === undefined) !== (values.key === undefined)) {
		const [given, missing] = values.cert === undefined ? ["--key", "--cert"] : ["--cert", "--key"];
		throw new UsageError(`${given} needs ${missing}: the certificate and its private key belong together`);
	}
	if (values["password-file"] !== undefined && values.user === undefined) {
		throw new UsageError("--password-file needs --user: a password belongs to a name");
	}
	const debug = values.debug === undefined ? undefined : checkDebugger(values.debug);
	if (debug && time === "virtual")
		throw new UsageError("--debug is for real time: a node at a breakpoint stands, and virtual time with it");
	if (values["password-file"] !== undefined && values["token-file"] !== undefined) {
		throw new UsageError("--password-file and --token-file: one or the other is the node's password");
	}
	const keepAlive = whole("--keep-alive", values["keep-alive"], 0, 65_535, "seconds");
	return {
		help: values.help ?? false,
		headless: values.headless ?? false,
		json: values.json ?? false,
		broker,
		id: checkId(values.id),
		nodes:
			whole("--nodes", values.nodes, 1, debug ? MOST_DEBUGGED : 10_000, debug ? "nodes with --debug" : "nodes") ?? 1,
		panelPort: whole("--panel-port", values["panel-port"], 1, 65_535, "a TCP port") ?? DEFAULT_PANEL_PORT,
		panelHost: checkAddress(values["panel-host"]) ?? "127.0.0.1",
		ca: readText("--ca", values.ca),
		certificate: readText("--cert", values.cert),
		key: readText("--key", values.key),
		user: values.user,
		password: readText("--password-file", values["password-file"])?.replace(/\r?\n$/, ""),
		token: values["token-file"] === undefined ? undefined : tokenService(values["token-file"]),
		releaseKeys: values["release-key"] === undefined ? undefined : releaseKeys(values["release-key"]),
		updateOverHTTP: values["update-over-http"] ?? false,
		keepAlive,
		time,
		duration: positive("--duration", values.duration),
		seed: whole("--seed", values.seed, 0, 0xffff_ffff, "a seed"),
		nvs: values.nvs,
		heap: whole("--heap", values.heap, SMALLEST_HEAP, 16_777_216, "bytes") ?? DEFAULT_HEAP,
		world: readText("--world", values.world),
		debug,
	};
}

function releaseKeys(file: string): string[] {
	try {
		return readPublicKeys(file).map((key) => rawKey(key).toString("base64url"));
	} catch (error) {
		throw new UsageError(`--release-key: ${(error as Error).message}`);
	}
}

function tokenService(file: string): TokenService {
	const text = readText("--token-file", file)!;
	let service: unknown;
	try {
		service = JSON.parse(text);
	} catch {
		// The parser's message would quote a piece of the file, in which there is a secret.
		throw new UsageError(
			`--token-file ${file}: expected JSON, such as {"url":"https://...","client":"...","secret":"..."}`,
		);
	}
	const problems = problemsOfTokenService(service, "token");
	if (problems.length > 0) throw new UsageError(`--token-file ${file}: ${problems.join("; ")}`);
	return service as TokenService;
}

function parse(args: readonly string[]) {
	try {
		const { values } = parseArgs({ args: withDebugger(args), options: declared, allowPositionals: false });
		for (const [name, value] of Object.entries(values)) {
			if (value === "") throw new UsageError(`--${name}: expected a value, got an empty one`);
		}
		return values;
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(`${(error as Error).message} ('vagalume sim --help' lists the options)`);
	}
}

function whole(
	option: string,
	text: string | undefined,
	least: number,
	most: number,
	what: string,
): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < least || value > most) {
		throw new UsageError(`${option} ${text}: expected ${what}, a whole number of ${least}..${most}`);
	}
	return value;
}

function positive(option: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0)) {
		throw new UsageError(`${option} ${text}: expected a number of seconds above 0`);
	}
	return value;
}

function readText(option: string, file: string | undefined): string | undefined {
	if (file === undefined) return undefined;
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw new UsageError(`${option} ${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
	}
}

function checkBroker(text: string): string {
	if (text === DISCOVERED) return text;
	const example = "such as mqtt://192.168.1.10:1883 or mqtts://broker.example";
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		throw new UsageError(`--broker ${text}: expected a URL, ${example}`);
	}
	if (url.username !== "" || url.password !== "") {
		throw new UsageError("--broker: leave user and password out of the URL; use --user and --password-file");
	}
	if (!["mqtt:", "mqtts:", "ws:", "wss:"].includes(url.protocol) || url.hostname === "") {
		throw new UsageError(`--broker ${text}: expected mqtt://, mqtts://, ws:// or wss:// and a host, ${example}`);
	}
	if (url.protocol.startsWith("mqtt") && !["", "/"].includes(url.pathname)) {
		throw new UsageError(`--broker ${text}: MQTT has no paths; leave ${url.pathname} out`);
	}
	const problem = problemOfBroker(text);
	if (problem !== undefined) throw new UsageError(`--broker: ${problem}`);
	return text;
}

function checkAddress(address: string | undefined): string | undefined {
	if (address !== undefined && isIP(address) === 0)
		throw new UsageError(
			`--panel-host ${address}: expected an IP address of this computer, or 0.0.0.0 for all of them`,
		);
	return address;
}

function checkId(id: string | undefined): string | undefined {
	if (id === undefined) return undefined;
	if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
		throw new UsageError(`--id ${id}: expected 1 to 32 letters, digits, "-" or "_"`);
	}
	if (id === "all") throw new UsageError(`--id all: "all" names the group of every node; choose another id`);
	return id;
}
