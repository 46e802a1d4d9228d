import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root";
import { BuildError, OUTPUT } from "./build";
import { tellLines } from "./lines";

const SOURCE = join(root, "hosts", "moddable", "runner", "runner.c");

/** Compiles the runner against the SDK's header, once for both; returns its path. Throws BuildError. */
export function buildRunner(sdk: string): string {
	const headers = join(sdk, "build", "simulators", "modules");
	const hash = createHash("sha256")
		.update(readFileSync(SOURCE))
		.update(readFileSync(join(headers, "screen.h")));
	const path = join(OUTPUT, `runner-${hash.digest("hex").slice(0, 12)}`);
	if (existsSync(path)) return path;
	mkdirSync(OUTPUT, { recursive: true });
	const glib = spawnSync("pkg-config", ["--cflags", "--libs", "glib-2.0"], { encoding: "utf8" });
	if (glib.status !== 0) throw new BuildError("pkg-config finds no glib-2.0: see vagalume moddable doctor");
	const flags = glib.stdout.trim().split(/\s+/);
	const args = ["-O2", "-DmxLinux=1", `-I${headers}`, SOURCE, "-o", path, ...flags, "-ldl"];
	const { status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
	if (status !== 0) throw new BuildError(`the runner does not compile:\n${stderr}`);
	return path;
}

export interface MachineOptions {
	readonly runner: string;
	/** The folder of an `mc.so`. */
	readonly built: string;
	/** Where the machine keeps its files: below it, in `.vagalume/moddable`. */
	readonly folder: string;
	/** Variables of its process, beside this one's. */
	readonly env?: NodeJS.ProcessEnv;
	/** Passes standard input on. */
	readonly input?: boolean;
	onLine(line: string): void;
}

/** A machine of the SDK that runs in a process of its own, without a display. */
export class ModdableMachine {
	/** Its exit status, once it has ended; null for a signal. */
	readonly ended: Promise<number | null>;
	readonly #child: ChildProcess;

	constructor({ runner, built, folder, input = false, env = {}, onLine }: MachineOptions) {
		const child = spawn(runner, [join(built, "mc.so")], {
			cwd: folder,
			env: { ...process.env, ...env },
			// The SDK takes a program with "xsbug" in its path for the debugger itself, which is debugged at another port.
			argv0: "runner",
			stdio: [input ? "inherit" : "pipe", "pipe", "pipe"],
		});
		this.#child = child;
		tellLines(child, onLine);
		this.ended = new Promise((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (code) => resolve(code));
		});
	}

	/** Types a line: `set temperature 31`, `press boot`. */
	order(line: string): void {
		this.#child.stdin!.write(`${line}\n`);
	}

	/** Asks for the end, as Ctrl-C does: the firmware says goodbye first. */
	stop(): void {
		this.#child.kill("SIGTERM");
	}

	/** Ends it at once: the power goes. */
	kill(): void {
		this.#child.kill("SIGKILL");
	}
}
