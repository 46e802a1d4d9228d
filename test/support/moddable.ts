/** The firmware under the Moddable SDK, for system tests: built once a process, each node in a folder of its own. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../modules/system/system";
import { type BuildOptions, build } from "../../tools/moddable/build";
import { ownPlatform } from "../../tools/moddable/options";
import { buildRunner, ModdableMachine } from "../../tools/moddable/runner";
import { findSdk, needs, toolFolder } from "../../tools/moddable/sdk";
import { until } from "./until";

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutModdable: string | false = reason();

function reason(): string | false {
	const found = findSdk();
	if ("problem" in found) return `no Moddable SDK: ${found.problem}`;
	if (ownPlatform() !== "lin") return "the runner without a display is for Linux";
	const missing = needs("lin").find((need) => need.found === undefined);
	return missing ? `${missing.name} is missing: ${missing.advice}` : false;
}

/** The same for what needs the SDK's simulator. */
export const withoutSimulator: string | false =
	withoutModdable ||
	(existsSync(join(toolFolder(process.env["MODDABLE"]!), "mcsim")) ? false : "mcsim: not built with the SDK's tools");

/** Builds a manifest of this project (the root's when omitted); resolves to what `ModdableMachine` needs. */
export async function buildForTest(
	manifest?: string,
	{ kind = "release", config = [] }: Partial<Pick<BuildOptions, "kind" | "config">> = {},
): Promise<{ runner: string; built: string }> {
	const sdk = process.env["MODDABLE"]!;
	const lines: string[] = [];
	const onLine = (line: string) => void lines.push(line);
	try {
		const built = await build({
			sdk,
			platform: "lin",
			kind,
			config,
			onLine,
			...(manifest && { manifest }),
		});
		return { runner: buildRunner(sdk), built };
	} catch (error) {
		throw new Error(`${(error as Error).message}\n${lines.slice(-40).join("\n")}`);
	}
}

/** A node under Moddable, with flash and settings of its own. Start it, cut its power and start it again as often as you like. */
export class ModdableNode {
	/** What it wrote on its console, over all its lives. */
	readonly lines: string[] = [];
	readonly #folder = mkdtempSync(join(tmpdir(), "vagalume-moddable-"));
	readonly #program: { runner: string; built: string };
	readonly #env: NodeJS.ProcessEnv;
	#machine: ModdableMachine | undefined;

	/** `env`: variables of its process, beside this one's. */
	constructor(program: { runner: string; built: string }, settings: Settings, env: NodeJS.ProcessEnv = {}) {
		this.#program = program;
		this.#env = env;
		this.configure(settings);
	}

	/** From the next start on. */
	configure(settings: Settings): void {
		const storage = join(this.#folder, ".vagalume", "moddable");
		mkdirSync(storage, { recursive: true });
		writeFileSync(join(storage, "settings.json"), JSON.stringify(settings));
	}

	start(): void {
		const onLine = (line: string) => void this.lines.push(line);
		this.#machine = new ModdableMachine({ ...this.#program, folder: this.#folder, env: this.#env, onLine });
	}

	order(line: string): void {
		this.#machine!.order(line);
	}

	/** Waits for a line of its console. */
	async says(pattern: RegExp, timeout = 10_000): Promise<string> {
		const find = () => this.lines.find((line) => pattern.test(line));
		await until(() => find() !== undefined, timeout, `${pattern} on the console`).catch((error: Error) => {
			throw new Error(`${error.message}:\n${this.lines.slice(-15).join("\n")}`);
		});
		return find()!;
	}

	/** Ends it in order; resolves to its exit status. */
	async stop(): Promise<number | null> {
		this.#machine?.stop();
		return this.#gone();
	}

	/** The power goes. */
	async cut(): Promise<void> {
		this.#machine?.kill();
		await this.#gone();
	}

	/** Ends it, whatever it does, and removes its files. */
	async remove(): Promise<void> {
		await this.cut();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async #gone(): Promise<number | null> {
		const status = this.#machine ? await this.#machine.ended : null;
		this.#machine = undefined;
		return status;
	}
}
