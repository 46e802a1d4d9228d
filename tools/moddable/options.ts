import { platformOf } from "./boards";

/** What `vagalume moddable` was asked for. */
export interface ModdableOptions {
	readonly action: Action;
	/** As mcconfig calls it: `lin`, `esp32`, `esp32/esp32c3`, ... */
	readonly platform: string;
	readonly kind: "release" | "instrumented" | "debug";
	/** Serial port of the board; esptool finds it when omitted. */
	readonly port?: string;
	/** In the SDK's simulator, with a panel. */
	readonly panel?: boolean;
	/** Start xsbug when none listens. */
	readonly xsbug: boolean;
	/** Overrides of the manifests' `config`: `broker=mqtt://...`. */
	readonly config: readonly string[];
}

export const actions = ["doctor", "build", "run", "test", "debug", "flash", "figures", "memory"] as const;
export type Action = (typeof actions)[number];

/** Wrong usage: the message says what is expected. */
export class UsageError extends Error {}

export const usage = `usage: vagalume moddable ACTION [options] [NAME=VALUE]...        (npm run moddable -- ...)

  doctor    what the Moddable SDK and its tools need on this computer, and what is missing
  build     build the firmware
  run       build it and run it on this computer, without a display or with --panel; it takes the orders of the simulator:
            set temperature 31
  test      build the contract suite for this computer and run it: the same tests as on the desktop host
  debug     build it for xsbug and run it, here without a display or on the board on USB, connected to
            xsbug at XSBUG_HOST and XSBUG_PORT (localhost:5002); starts xsbug when none listens there,
            and ends the one that it started. Boards need serial2xsbug of the SDK, too

  flash     build it and write it to the board on USB
  figures   what the firmware takes in a board's flash, for four chips: writes hosts/esp32/figures.json. Needs no ESP-IDF
  memory    what the node of node.ts takes of a heap, on this computer, with and without TLS: writes hosts/moddable/figures.json

  --platform P      lin, mac (this computer's when omitted), esp32, esp32/esp32c3, ..., or a board
                    as in node.ts: esp32/esp32-c3-devkitm, esp32/m5atom-lite
  --panel           for run: in a window of the SDK's simulator (mcsim), with the panel of node.ts
  --port PORT       of the board, for flash and debug: /dev/ttyUSB0; found by itself when omitted
  --debug           for xsbug
  --no-xsbug        debug: use the xsbug that is there, never start one
  --instrumented    with the SDK's figures
  NAME=VALUE        goes before \`config\` of the manifests: broker=mqtt://192.168.1.10 id=sala ssid=... password=...
`;

const hosts: Readonly<Record<string, string>> = { linux: "lin", darwin: "mac", win32: "win" };

/** What this computer is called as a platform. */
export function ownPlatform(): string {
	return hosts[process.platform] ?? "lin";
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): ModdableOptions {
	const [action, ...rest] = args;
	if (!actions.includes(action as Action))
		throw new UsageError(`${action === undefined ? "an action is missing" : `"${action}" is not an action`}`);
	let platform = ownPlatform();
	let kind: ModdableOptions["kind"] = action === "debug" ? "debug" : "release";
	let xsbug = true;
	let port: string | undefined;
	let panel = false;
	const config: string[] = [];
	for (let index = 0; index < rest.length; index++) {
		const word = rest[index]!;
		if (word === "--platform") {
			const value = rest[++index];
			if (value === undefined) throw new UsageError("--platform needs a name, such as lin or esp32");
			if (!/^[a-z0-9]+(\/[\w-]+)?$/.test(value)) throw new UsageError(`--platform: "${value}" is no platform's name`);
			platform = platformOf(value);
		} else if (word === "--port") {
			port = rest[++index];
			if (port === undefined) throw new UsageError("--port needs a serial port, such as /dev/ttyUSB0");
		} else if (word === "--panel") {
			if (action !== "run") throw new UsageError("--panel is for run");
			panel = true;
		} else if (word === "--debug") kind = "debug";
		else if (word === "--no-xsbug" && action === "debug") xsbug = false;
		else if (word === "--instrumented" && action === "debug")
			throw new UsageError("--instrumented: a build for xsbug has the figures already");
		else if (word === "--instrumented") kind = "instrumented";
		else if (/^\w+=/.test(word)) config.push(word);
		else throw new UsageError(`"${word}" is neither an option nor NAME=VALUE`);
	}
	return {
		action: action as Action,
		platform,
		kind,
		xsbug,
		config,
		...(port !== undefined && { port }),
		...(panel && { panel }),
	};
}
