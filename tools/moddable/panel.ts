import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { INBOX } from "../../hosts/moddable/panel/inbox";
import { SHUTDOWN } from "../../hosts/moddable/panel/protocol";
import { root } from "../root";
import { BuildError, OUTPUT } from "./build";
import { tellLines } from "./lines";
import { toolFolder } from "./sdk";

/** As the SDK's simulator calls itself where it keeps its own. */
const SIGNATURE = "tech.moddable.mcsim";
/** How long the firmware may take to say goodbye (ms), and how often it is looked whether orders were read. */
const GOODBYE = 4000;
const READING = 20;

/** Builds the panel, a folder for the SDK's simulator; resolves to its path. The SDK's modules are the simulator's own. */
export async function buildPanel(entry = join(root, "hosts/generated/panel.ts")): Promise<string> {
	const folder = join(OUTPUT, "simulators");
	await build({
		entryPoints: [entry],
		outfile: join(folder, "vagalume.js"),
		bundle: true,
		format: "esm",
		target: "es2022",
		external: ["piu/*", "ControlsPane", "DevicePane"],
		tsconfig: join(root, "tsconfig.json"),
		logLevel: "silent",
	});
	return folder;
}

/** The simulator of an SDK. Throws BuildError when it was not built, or can show nothing. */
export function findSimulator(sdk: string, env: NodeJS.ProcessEnv = process.env): string {
	const path = join(toolFolder(sdk), "mcsim");
	if (!existsSync(path))
		throw new BuildError(
			`mcsim: missing. Build it with the SDK's tools: make in ${sdk}/build/makefiles/lin (Debian: apt-get install libgtk-3-dev)`,
		);
	if (!env["DISPLAY"] && !env["WAYLAND_DISPLAY"])
		throw new BuildError(
			"no display: DISPLAY is not set. Run it in a desktop session, or under a virtual display: xvfb-run npm run moddable -- run --panel",
		);
	return path;
}

export interface PanelOptions {
	/** The SDK's simulator. */
	readonly simulator: string;
	/** The folder of the panel. */
	readonly panel: string;
	/** Pixels; of it, the rows beside the board. */
	readonly window: { readonly width: number; readonly height: number; readonly rows: number };
	/** The folder of an `mc.so`. */
	readonly built: string;
	/** Where the machine keeps its files: below it, in `.vagalume/moddable`. */
	readonly folder: string;
	readonly env?: NodeJS.ProcessEnv;
	onLine(line: string): void;
}

/** A machine in the SDK's simulator, in a window of its own, and with preferences of its own: those of the user stay as they are. */
export class PanelMachine {
	/** Its exit status, once the window is closed; null for a signal. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;
	readonly #own: string;
	#waiting: string[] = [];
	#reading: NodeJS.Timeout | undefined;

	constructor({ simulator, panel, window, built, folder, env = process.env, onLine }: PanelOptions) {
		this.#own = ownFolder(window);
		const paths = [panel, join(built, "mc.so")];
		// Its output comes a line at a time only when it is told so.
		const stdbuf = inPath("stdbuf", env["PATH"]);
		const [program, ...args] = [...(stdbuf ? [stdbuf, "-oL", "-eL"] : []), simulator, ...paths];
		const child = spawn(program!, args, {
			cwd: folder,
			// No bus: else a simulator that runs already would take the files, and this one would end.
			env: { ...env, XDG_CONFIG_HOME: this.#own, DBUS_SESSION_BUS_ADDRESS: "disabled:", NO_AT_BRIDGE: "1" },
			stdio: ["ignore", "pipe", "pipe"],
			// Ctrl-C is not for it: it would end without a goodbye.
			detached: true,
		});
		this.#child = child;
		tellLines(child, onLine);
		this.ended = new Promise((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (code) => resolve(code));
		});
		const kill = () => child.kill("SIGKILL");
		process.once("exit", kill);
		const end = () => {
			process.off("exit", kill);
			clearTimeout(this.#reading);
			rmSync(this.#own, { recursive: true, force: true });
		};
		this.ended.then(end, end);
	}

	/** The process, for those who look at its window. */
	get pid(): number | undefined {
		return this.#child.pid;
	}

	/** Types a line: `set temperature 31`, `press boot`. */
	order(line: string): void {
		this.#waiting.push(line);
		this.#deliver();
	}

	/** Asks for the end: the firmware says goodbye first. */
	stop(): void {
		this.order(SHUTDOWN);
		const late = setTimeout(() => this.#child.kill("SIGTERM"), GOODBYE);
		const latest = setTimeout(() => this.#child.kill("SIGKILL"), 2 * GOODBYE);
		const settle = () => {
			clearTimeout(late);
			clearTimeout(latest);
		};
		this.ended.then(settle, settle);
	}

	/** Ends it at once: the power goes. */
	kill(): void {
		this.#child.kill("SIGKILL");
	}

	/** Lays the lines down where the panel looks; those that it has not read yet are not written over. */
	#deliver(): void {
		if (this.#reading || this.#waiting.length === 0) return;
		const inbox = join(this.#own, SIGNATURE, INBOX);
		if (!existsSync(inbox)) {
			writeFileSync(`${inbox}.new`, `${this.#waiting.join("\n")}\n`);
			renameSync(`${inbox}.new`, inbox);
			this.#waiting = [];
			return;
		}
		this.#reading = setTimeout(() => {
			this.#reading = undefined;
			this.#deliver();
		}, READING);
	}
}

/** A folder for a simulator's preferences. */
function ownFolder({ width, height, rows }: PanelOptions["window"]): string {
	mkdirSync(OUTPUT, { recursive: true });
	const folder = mkdtempSync(join(OUTPUT, "mcsim-"));
	mkdirSync(join(folder, SIGNATURE));
	writeFileSync(
		join(folder, `${SIGNATURE}.main.json`),
		JSON.stringify({ controlsCurrent: rows, controlsStatus: true, infoStatus: false }),
	);
	writeFileSync(join(folder, `${SIGNATURE}.ini`), `[window]\nwidth=${width}\nheight=${height}\n`);
	return folder;
}

function inPath(program: string, path = ""): string | undefined {
	return path
		.split(delimiter)
		.map((folder) => join(folder, program))
		.find((file) => existsSync(file));
}
