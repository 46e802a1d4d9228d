import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { root } from "../root";
import { chipOf } from "./boards";
import { buildFile } from "./build";
import { StandIn } from "./stand-in";

/** Chips whose firmware is measured, as mcconfig calls them. */
export const CHIPS = ["esp32", "esp32/esp32c3", "esp32/esp32s3", "esp32/esp32c6"] as const;

/** What the linker says of the firmware in flash. */
export interface StageFigures {
	readonly instances: number;
	readonly keys: number;
	readonly slots: number;
}

export interface Stages {
	readonly status: number;
	readonly lines: readonly string[];
	readonly warnings: readonly string[];
	/** `MODULE: SPECIFIER` of each import that no module of the build is. */
	readonly unresolved: readonly string[];
	/** Undefined when the linker did not come to its end. */
	readonly figures: StageFigures | undefined;
	/** The configuration that ESP-IDF would get. */
	readonly sdkconfig: string;
}

/**
 * The stages of a build for a board that need no ESP-IDF: TypeScript, xsc and xsl. In a new folder each time, which is removed:
 * tsc writes even when it fails, so that a second run in the same one would pass.
 */
export async function runStages(
	sdk: string,
	platform: string,
	manifest = join(root, "manifest.json"),
): Promise<Stages> {
	const output = mkdtempSync(join(tmpdir(), "vagalume-stages-"));
	const standIn = new StandIn();
	const folder = join(output, "tmp", platform, "release", basename(dirname(manifest)));
	const linked = join(folder, "mc.xs.c");
	const lines: string[] = [];
	try {
		const status = await buildFile({
			sdk,
			platform,
			output,
			target: linked,
			manifest,
			env: { ...process.env, ...standIn.environment() },
			onLine: (line) => void lines.push(line),
		});
		const makefile = join(folder, "makefile");
		const sdkconfig = join(folder, `xsProj-${chipOf(platform)}`, "sdkconfig.mc");
		return {
			status,
			lines,
			warnings: lines.filter((line) => /warning/i.test(line)),
			unresolved: existsSync(makefile) ? unresolvedImports(readFileSync(makefile, "utf8"), folder) : [],
			figures: existsSync(linked) ? figuresOf(lines, readFileSync(linked, "utf8")) : undefined,
			sdkconfig: existsSync(sdkconfig) ? readFileSync(sdkconfig, "utf8") : "",
		};
	} finally {
		standIn.remove();
		rmSync(output, { recursive: true, force: true });
	}
}

function figuresOf(lines: readonly string[], linked: string): StageFigures | undefined {
	const said = lines.map((line) => /^### (\d+) instances, (\d+) keys/.exec(line)).find((match) => match);
	const slots = /\bmxHeapCount (\d+)/.exec(linked);
	return said && slots ? { instances: Number(said[1]), keys: Number(said[2]), slots: Number(slots[1]) } : undefined;
}

/** The linker takes a missing import for an error in preloaded modules only. */
function unresolvedImports(makefile: string, folder: string): string[] {
	const sources = new Map<string, string>();
	// mcconfig writes `embedded:io/digital` so.
	for (const [, name, path] of makefile.matchAll(/^\$\(MODULES_DIR\)\/(\S+)\.xsb: (\S+)/gm))
		sources.set(name!.replace(/^~\.([^/]+)\//, "$1:"), path!.replace("$(TMP_DIR)", folder));
	// mcconfig makes these itself.
	const known = new Set([...sources.keys(), "mc/config", "mod/config"]);
	const missing: string[] = [];
	for (const [name, path] of sources) {
		if (!existsSync(path)) continue;
		for (const specifier of importsOf(readFileSync(path, "utf8"))) {
			const full = specifier.startsWith(".") ? posix.join(posix.dirname(name), specifier) : specifier;
			if (!known.has(full)) missing.push(`${name}: ${specifier}`);
		}
	}
	return missing;
}

function importsOf(source: string): string[] {
	const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
	const found = code.matchAll(
		/^\s*(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"'\n]+)["']|^\s*import\s*["']([^"'\n]+)["']/gm,
	);
	return [...found].map(([, from, alone]) => (from ?? alone)!);
}
