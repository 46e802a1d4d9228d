import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { staleFiles } from "./generate";
import { loadNode } from "./load-node";
import { findSdk } from "./moddable/sdk";
import { prepareTypings } from "./moddable/typings";
import { runProgram, runTelling } from "./run-program";

const require = createRequire(import.meta.url);

/** The script behind a package's command. */
function script(packageName: string, command: string): string {
	const file = require.resolve(`${packageName}/package.json`);
	const { bin } = require(file) as { bin: string | Record<string, string> };
	return join(dirname(file), typeof bin === "string" ? bin : bin[command]!);
}

/** A second check looks only at what has changed since the first. */
function project(file: string): string[] {
	return ["-p", file, "--incremental", "--tsBuildInfoFile", `build/check/${file}.tsbuildinfo`];
}

/** `vagalume check`: types, style, node.ts and generated files; resolves to the exit status. */
export async function run(): Promise<number> {
	const typescript = script("typescript", "tsc");
	const found = findSdk();
	const sdk = "sdk" in found ? [runProgram(process.execPath, [typescript, "-p", prepareTypings(found.sdk)])] : [];
	if ("problem" in found) process.stdout.write("skipped: the Moddable SDK's own typings (no SDK)\n");
	// node.ts is in several of them, and so is what is wrong with it.
	const told = new Set<string>();
	const types = (file: string) => runTelling(process.execPath, [typescript, ...project(file)], told);
	const statuses = await Promise.all([
		types("tsconfig.json"),
		types("tsconfig.tools.json"),
		types("tsconfig.page.json"),
		runProgram(process.execPath, [script("@biomejs/biome", "biome"), "ci", "--error-on-warnings"]),
		...sdk,
	]);
	const names = [
		"types of the firmware",
		"types of simulator and tools",
		"types of the panel's page",
		"style",
		"types beside the Moddable SDK's",
	];
	const failed = names.filter((_, index) => (statuses[index] ?? 0) !== 0);
	// Types first: a wrong description is best explained by its type.
	if (failed.length === 0) failed.push(...(await checkNode()));
	if (failed.length === 0) {
		process.stdout.write("check: all well\n");
		return 0;
	}
	process.stderr.write(`check: failed: ${failed.join(", ")}\n`);
	return 1;
}

async function checkNode(): Promise<string[]> {
	const { node, faults } = await loadNode();
	for (const fault of faults) process.stderr.write(`node.ts: ${fault}\n`);
	if (faults.length > 0) return ["node.ts"];
	const stale = [...(await staleFiles(node)).keys()];
	return stale.map((file) => `${file} is stale: run 'npm run generate'`);
}
