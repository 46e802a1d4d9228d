import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalComputer } from "./local-network";
import { until } from "./until";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** One line of `--json`. */
export interface JsonLine {
	readonly time: string;
	readonly type: "log" | "mqtt";
	readonly direction?: "in" | "out";
	readonly topic?: string;
	readonly payload?: string;
	readonly qos?: number;
	readonly retain?: boolean;
	readonly level?: string;
	readonly message?: string;
}

/** A `vagalume sim` of the test's own: its own flash, no panel unless `panel` is set, and on this machine unless `computer` is. */
export class Simulator {
	readonly lines: JsonLine[] = [];
	stderr = "";
	readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
	readonly child: ChildProcess;
	readonly #flash: string | undefined;

	/** `args`: further options; `--nvs` is a new folder unless given. */
	constructor(args: readonly string[], options: { root?: string; panel?: boolean; computer?: LocalComputer } = {}) {
		if (!args.includes("--nvs") && !args.includes("virtual")) {
			this.#flash = mkdtempSync(join(tmpdir(), "vagalume-flash-"));
		}
		const flash = this.#flash ? ["--nvs", this.#flash] : [];
		const panel = options.panel ? [] : ["--headless"];
		const folder = options.root ?? root;
		const own = [process.execPath, join(folder, "bin/vagalume.js"), "sim", ...panel, "--json", ...flash, ...args];
		const [command, ...rest] = options.computer?.inNamespace(own) ?? own;
		this.child = spawn(command!, rest, { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
		const end = () => this.child.kill("SIGKILL");
		process.once("exit", end);
		this.child.once("close", () => process.off("exit", end));
		this.ended = new Promise((resolve) => {
			this.child.once("close", (code, signal) => resolve({ code, signal }));
		});
		let open = "";
		this.child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
			const parts = (open + chunk).split("\n");
			open = parts.pop()!;
			for (const part of parts) this.lines.push(JSON.parse(part));
		});
		this.child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
			this.stderr += chunk;
		});
	}

	/** Resolves to the line that starts with `ready`. */
	async ready(): Promise<string> {
		await until(() => /^ready/m.test(this.stderr) || this.child.exitCode !== null, 30_000, "ready");
		const line = /^ready.*$/m.exec(this.stderr)?.[0];
		if (line === undefined) throw new Error(`the simulator ended before it was ready: ${this.stderr}`);
		return line;
	}

	/** The messages of one topic, so far. */
	messages(topic: string, direction: "in" | "out" = "out"): JsonLine[] {
		return this.lines.filter((line) => line.topic === topic && line.direction === direction);
	}

	/** A line on standard input: changes the world. */
	say(line: string): void {
		this.child.stdin?.write(`${line}\n`);
	}

	/** Sends a signal and resolves to the exit status once it has ended. */
	async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
		if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
		const { code } = await this.ended;
		if (this.#flash) rmSync(this.#flash, { recursive: true, force: true });
		return code;
	}
}
