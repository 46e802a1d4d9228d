import { join } from "node:path";
import { createInterface } from "node:readline";
import { windowFor } from "../../hosts/moddable/panel/layout";
import { loadNode } from "../load-node";
import { root } from "../root";
import { debuggerProblem } from "../xsbug";
import { isBoard } from "./boards";
import { BuildError, build } from "./build";
import { runContract } from "./contract";
import { bridgeOf, debuggerFromEnvironment, runBridge, serialPort, startXsbug, xsbugToStart } from "./debug";
import { renewFigures } from "./figures";
import { describeImage, idfFolder, writeFlash } from "./flash";
import { renewHeap } from "./heap";
import { type ModdableOptions, ownPlatform, parseOptions, UsageError, usage } from "./options";
import { buildPanel, findSimulator, PanelMachine } from "./panel";
import { panelData } from "./panel-data";
import { buildRunner, ModdableMachine } from "./runner";
import { findSdk, needs } from "./sdk";

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** `vagalume moddable`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args.includes("--help") || args.includes("-h")) {
		process.stdout.write(usage);
		return 0;
	}
	try {
		const options = parseOptions(args);
		return await actions[options.action](options);
	} catch (error) {
		if (error instanceof UsageError) {
			process.stderr.write(`vagalume moddable: ${error.message}\n\n${usage}`);
			return 2;
		}
		if (!(error instanceof BuildError)) throw error;
		process.stderr.write(`vagalume moddable: ${error.message}\n`);
		return 1;
	}
}

const actions: Readonly<Record<ModdableOptions["action"], (options: ModdableOptions) => Promise<number>>> = {
	async doctor({ platform }) {
		let missing = 0;
		for (const { name, found, advice } of needs(platform)) {
			if (found === undefined) missing++;
			say(found === undefined ? `missing  ${name}\n         ${advice}` : `ok       ${name}: ${found}`);
		}
		say(missing === 0 ? `all is there for ${platform}` : `${missing} missing for ${platform}`);
		return missing === 0 ? 0 : 1;
	},

	async build(options) {
		await buildAndSay(options);
		return 0;
	},

	async flash(options) {
		if (!isBoard(options.platform))
			throw new BuildError(`flash is for boards, not for ${options.platform}: --platform esp32`);
		const built = await buildAndSay(options);
		writeFlash(idfFolder(built, options.platform), options.port);
		say("written: the board starts now; watch it with mosquitto_sub -t 'vagalume/#' -v");
		return 0;
	},

	async debug(options) {
		const sdk = sdkFor(options.platform);
		const board = isBoard(options.platform);
		if (!board) checkHeadless(options.platform);
		// What is missing is told before minutes of building.
		const bridge = board ? bridgeOf(sdk, serialPort(options)) : undefined;
		const address = debuggerFromEnvironment();
		const program = xsbugToStart({ sdk, xsbug: options.xsbug }, address, await debuggerProblem(address));
		const built = board ? await buildAndSay(options) : await build({ ...options, sdk, onLine: quiet() });
		const xsbug = program && (await startXsbug(program, address));
		say(`${xsbug ? "xsbug started" : "xsbug is there"}: ${address.host}:${address.port}`);
		try {
			if (!bridge) return await runHere(sdk, built);
			writeFlash(idfFolder(built, options.platform), options.port);
			return await runBridge(bridge, address);
		} finally {
			xsbug?.kill();
		}
	},

	figures() {
		return renewFigures(sdkFor(ownPlatform()), say);
	},

	async memory() {
		checkHeadless(ownPlatform());
		await renewHeap(sdkFor(ownPlatform()), say);
		say("npm run generate brings it into docs/size.md");
		return 0;
	},

	async run(options) {
		checkHeadless(options.platform);
		const sdk = sdkFor(options.platform);
		if (options.panel) return runWithPanel(sdk, options);
		const built = await build({ ...options, sdk, onLine: quiet() });
		return runHere(sdk, built);
	},

	async test(options) {
		const found = findSdk();
		if ("problem" in found) {
			say(`skipped: the contract suite under Moddable (${found.problem})`);
			return 0;
		}
		checkHeadless(options.platform);
		const sdk = sdkFor(options.platform);
		const manifest = join(root, "test", "moddable", "manifest.json");
		const built = await build({ ...options, sdk, manifest, onLine: quiet() });
		const { failed } = await runContract({ runner: buildRunner(sdk), built, onLine: say });
		return failed === 0 ? 0 : 1;
	},
};

/** In the SDK's simulator, until its window is closed. Resolves to the exit status. */
async function runWithPanel(sdk: string, options: ModdableOptions): Promise<number> {
	const simulator = findSimulator(sdk);
	const built = await build({ ...options, sdk, onLine: quiet() });
	const panel = await buildPanel();
	const window = windowFor(panelData((await loadNode()).node));
	const machine = new PanelMachine({ simulator, panel, window, built, folder: root, onLine: say });
	const stop = () => machine.stop();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
	const input = createInterface({ input: process.stdin });
	input.on("line", (line) => machine.order(line));
	const status = await machine.ended;
	input.close();
	process.stdin.destroy();
	return status ?? 1;
}

/** Runs a build on this computer, with standard input and output; resolves to the exit status. */
async function runHere(sdk: string, built: string): Promise<number> {
	const machine = new ModdableMachine({ runner: buildRunner(sdk), built, folder: root, input: true, onLine: say });
	// Ctrl-C reaches the child by itself; a signal to this process alone does not.
	const stop = () => machine.stop();
	process.on("SIGTERM", stop);
	process.on("SIGINT", () => {});
	return (await machine.ended) ?? 1;
}

/** Resolves to the folder of what was built. */
async function buildAndSay(options: ModdableOptions): Promise<string> {
	const since = Date.now();
	const built = await build({ ...options, sdk: sdkFor(options.platform), onLine: say });
	say(`built: ${built}`);
	if (isBoard(options.platform)) say(describeImage(built, since));
	return built;
}

/** Throws BuildError with what is missing first. */
function sdkFor(platform: string): string {
	const missing = needs(platform).find(({ found }) => found === undefined);
	if (missing) throw new BuildError(`${missing.name}: missing. ${missing.advice}`);
	return process.env["MODDABLE"]!;
}

function checkHeadless(platform: string): void {
	if (platform === "lin" && ownPlatform() === "lin") return;
	const how = /^(mac|win)$/.test(platform) ? `the SDK's simulator: mcconfig -d -m -p ${platform}` : "the board itself";
	throw new BuildError(`nothing here runs a build for ${platform} without a display; take ${how}`);
}

/** The compiler's progress is left out; warnings and errors pass, and a line that says that it goes on. */
function quiet(): (line: string) => void {
	let told = false;
	return (line) => {
		const progress = /^# (tsc|xsc|xsid|cc|copy|mcrez|ld|xsl) /.test(line) || /^(### |Total resource)/.test(line);
		if (!progress) say(line);
		else if (!told) {
			told = true;
			say("building");
		}
	};
}
