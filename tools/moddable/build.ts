import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { locked } from "../file-lock";
import { root } from "../root";
import { tellLines } from "./lines";
import type { ModdableOptions } from "./options";
import { toolFolder } from "./sdk";

/** All that the Moddable build writes: nothing goes into the SDK. */
export const OUTPUT = join(root, "build", "moddable");

/** Thrown when mcconfig, or what it runs, has failed. */
export class BuildError extends Error {}

export interface BuildOptions extends Pick<ModdableOptions, "platform" | "kind" | "config"> {
	readonly sdk: string;
	/** Path of the manifest; the root's when omitted. */
	readonly manifest?: string;
	/** Gets each line that the build writes. */
	onLine(line: string): void;
}

const flags = { release: [], instrumented: ["-i"], debug: ["-d"] } as const;
const folders = { release: "release", instrumented: "instrument", debug: "debug" } as const;

/**
 * Builds by mcconfig; resolves to the folder of what was built. Its target is always `build`: the default ones of mcconfig
 * end other processes by name. Throws BuildError.
 */
export async function build(options: BuildOptions): Promise<string> {
	const { sdk, platform, kind, config, onLine } = options;
	const manifest = options.manifest ?? join(root, "manifest.json");
	mkdirSync(OUTPUT, { recursive: true });
	const args = [...flags[kind], "-m", "-p", platform, "-t", "build", "-o", OUTPUT, manifest, ...config];
	// One after the other: make does not expect a second one in its folder.
	const mcconfig = () => run(join(toolFolder(sdk), "mcconfig"), args, environment(sdk), onLine);
	const status = await locked(join(OUTPUT, "lock"), mcconfig, () =>
		onLine("another build is under way: waiting for its end"),
	);
	const built = builtFolder(join(OUTPUT, "bin", platform), folders[kind], basename(dirname(manifest)));
	if (status !== 0 || !built) throw new BuildError(`mcconfig ended with status ${status}`);
	return built;
}

/** mcconfig puts `mc` between a computer's platform and the kind. */
function builtFolder(folder: string, kind: string, name: string): string | undefined {
	return [join(folder, "mc", kind, name), join(folder, kind, name)].find((path) => existsSync(path));
}

/** Runs mcconfig up to one file of its build, in a folder of its own, with IDF_PATH and PATH of `env`. Resolves to the exit status. */
export function buildFile(options: {
	readonly sdk: string;
	readonly platform: string;
	readonly output: string;
	readonly target: string;
	readonly manifest: string;
	readonly env: NodeJS.ProcessEnv;
	onLine(line: string): void;
}): Promise<number> {
	const { sdk, platform, output, target, manifest, env, onLine } = options;
	const args = ["-m", "-p", platform, "-t", target, "-o", output, manifest];
	return run(
		join(toolFolder(sdk), "mcconfig"),
		args,
		{ ...env, ...environment(sdk, env["PATH"]), IDF_PATH: env["IDF_PATH"] },
		onLine,
	);
}

/** The SDK's tools, and before them this project's stand-in for tsc. */
function environment(sdk: string, before = process.env["PATH"] ?? ""): NodeJS.ProcessEnv {
	const bin = join(OUTPUT, "path");
	const tsc = fileURLToPath(new URL("./tsc.js", import.meta.url));
	mkdirSync(bin, { recursive: true });
	if (process.platform === "win32") writeFileSync(join(bin, "tsc.cmd"), `@"${process.execPath}" "${tsc}" %*\r\n`);
	else if (!existsSync(join(bin, "tsc"))) {
		chmodSync(tsc, 0o755);
		symlinkSync(tsc, join(bin, "tsc"));
	}
	const path = [bin, toolFolder(sdk), before].join(delimiter);
	return { ...process.env, MODDABLE: sdk, PATH: path };
}

function run(
	program: string,
	args: readonly string[],
	env: NodeJS.ProcessEnv,
	onLine: (line: string) => void,
): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
		tellLines(child, onLine);
		child.once("error", reject);
		child.once("close", (code) => resolve(code ?? 1));
	});
}
