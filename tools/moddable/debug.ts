import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type DebuggerAddress, debuggerAddress, debuggerProblem } from "../xsbug";
import { BuildError } from "./build";
import type { ModdableOptions } from "./options";
import { ownPlatform, UsageError } from "./options";
import { toolFolder } from "./sdk";

/** Bits a second between the board's debugger and serial2xsbug, unless DEBUGGER_SPEED says otherwise: what the SDK builds in. */
const SPEED = "460800";
/** How long xsbug may take until it listens (ms), and how often that is asked. */
const START = 15_000;
const PACE = 200;

/** A program, as `spawn` takes it. */
export interface Program {
	readonly program: string;
	readonly args: readonly string[];
}

/** xsbug of the SDK for this computer. Throws BuildError when it was not built. */
export function xsbugOf(sdk: string, platform = ownPlatform()): Program {
	const file = platform === "mac" ? "xsbug.app" : platform === "win" ? "xsbug.exe" : "xsbug";
	const paths = ["release", "debug"].map((kind) => join(sdk, "build", "bin", platform, kind, file));
	const found = paths.find((path) => existsSync(path));
	if (found === undefined)
		throw new BuildError(
			`xsbug is not built: ${paths[0]} is missing. Build it: npx xs-dev setup, or make in ${sdk}/build/makefiles/${platform}`,
		);
	// Of an application macOS wants to start one itself.
	return platform === "mac"
		? { program: join(found, "Contents", "MacOS", "xsbug"), args: [] }
		: { program: found, args: [] };
}

/** What joins a board on USB to xsbug. Throws BuildError. */
export function bridgeOf(sdk: string, port: string, env: NodeJS.ProcessEnv = process.env): Program {
	const program = join(toolFolder(sdk), process.platform === "win32" ? "serial2xsbug.exe" : "serial2xsbug");
	if (!existsSync(program)) throw new BuildError(`serial2xsbug is not built: ${program} is missing (npx xs-dev setup)`);
	return { program, args: [port, env["DEBUGGER_SPEED"] || SPEED, "8N1"] };
}

/** The board's serial port: as asked for, or as the SDK's variables say, or the only one that is there. Throws BuildError. */
export function serialPort(
	options: Pick<ModdableOptions, "port">,
	env: NodeJS.ProcessEnv = process.env,
	devices: readonly string[] = serialDevices(),
): string {
	const port = options.port ?? (env["DEBUGGER_PORT"] || env["UPLOAD_PORT"]);
	if (port) return port;
	if (devices.length === 1) return devices[0]!;
	throw new BuildError(
		devices.length === 0
			? "no board is on USB: connect it, or name its serial port with --port"
			: `several serial ports are there (${devices.join(", ")}): name the board's with --port`,
	);
}

function serialDevices(): string[] {
	const names = process.platform === "win32" ? [] : readdirSync("/dev");
	const pattern = process.platform === "darwin" ? /^cu\.(usb|SLAB|wch)/ : /^tty(USB|ACM)\d+$/;
	return names.filter((name) => pattern.test(name)).map((name) => `/dev/${name}`);
}

/** Where xsbug is to be found, by XSBUG_HOST and XSBUG_PORT. Throws UsageError. */
export function debuggerFromEnvironment(env: NodeJS.ProcessEnv = process.env): DebuggerAddress {
	const address = debuggerAddress(env);
	if (!address) throw new UsageError(`XSBUG_PORT is "${env["XSBUG_PORT"]}": expected a TCP port`);
	return address;
}

/** What to start: xsbug, unless one listens already. Throws BuildError when that is not possible, or not wanted. */
export function xsbugToStart(
	options: { readonly sdk: string; readonly xsbug: boolean },
	{ host, port }: DebuggerAddress,
	problem: string | undefined,
): Program | undefined {
	if (problem === undefined) return undefined;
	const where = `no xsbug listens at ${host}:${port} (${problem})`;
	if (!options.xsbug) throw new BuildError(`${where}, and --no-xsbug forbids to start one`);
	if (host !== "localhost" && host !== "127.0.0.1")
		throw new BuildError(`${where}: start it on that computer, or unset XSBUG_HOST`);
	if (port !== 5002) throw new BuildError(`${where}, and xsbug itself listens at 5002 only: unset XSBUG_PORT`);
	return xsbugOf(options.sdk);
}

/** Starts xsbug and waits until it listens. Throws BuildError when it ends instead. */
export async function startXsbug({ program, args }: Program, address: DebuggerAddress): Promise<ChildProcess> {
	const child = spawn(program, args, { stdio: "ignore" });
	let ended: string | undefined;
	child.once("error", (error) => {
		ended = error.message;
	});
	child.once("exit", (code, signal) => {
		ended ??= `it ended with ${signal ?? `status ${code}`}`;
	});
	for (const end = performance.now() + START; performance.now() < end && ended === undefined; ) {
		if ((await debuggerProblem(address)) === undefined) return child;
		await new Promise((resolve) => setTimeout(resolve, PACE));
	}
	child.kill();
	throw new BuildError(
		`xsbug does not start: ${ended ?? `it does not listen after ${START / 1000} s`}. It needs a display (DISPLAY on Linux)`,
	);
}

/** Runs a program of the board's debugging until it ends; resolves to its exit status. */
export function runBridge({ program, args }: Program, { host, port }: DebuggerAddress): Promise<number> {
	return new Promise((resolve, reject) => {
		const env = { ...process.env, XSBUG_HOST: host, XSBUG_PORT: String(port) };
		const child = spawn(program, args, { stdio: "inherit", env });
		process.on("SIGTERM", () => child.kill());
		process.on("SIGINT", () => {});
		child.once("error", reject);
		child.once("exit", (code, signal) => resolve(signal ? 0 : (code ?? 1)));
	});
}
