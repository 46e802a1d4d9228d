import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProofRecord } from "../test/support/conformance";
import { conformancePage } from "./conformance-page";
import { globSync } from "./glob";
import { root } from "./root";
import { runProgram } from "./run-program";

const help = `usage: vagalume conformance [--check | --xs]        (npm run conformance -- ...)

Runs the tests that prove clauses of standards, and writes docs/conformance.md from their results.
  --check   writes nothing: fails when the page is stale
  --xs      runs the scripts with session and client inside XS, and writes nothing
`;

const PAGE = "docs/conformance.md";

/** The test files that prove clauses. */
export function conformanceFiles(): string[] {
	return [
		...globSync(root, "test/conformance", ".test.ts"),
		...globSync(root, "test/system", ".test.ts").filter((file) => file.includes("/conformance-")),
	];
}

/** An empty folder where a run leaves what its tests proved; name it in `VAGALUME_RECORD`. */
export function freshRecords(): string {
	const folder = join(root, "build", "conformance");
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	return folder;
}

/** Why the page is not what a run says; empty when it is. */
export function stalePage(folder: string): string[] {
	const { text, faults } = conformancePage(readRecords(folder));
	if (faults.length === 0 && text !== undefined && readFileSync(join(root, PAGE), "utf8") !== text)
		faults.push(`${PAGE} is stale: run 'npm run conformance'`);
	return faults;
}

function readRecords(folder: string): ProofRecord[] {
	return readdirSync(folder)
		.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as ProofRecord);
}

/** `vagalume conformance`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	const unknown = args.find((arg) => arg !== "--check" && arg !== "--xs");
	if (unknown !== undefined) {
		process.stderr.write(help);
		return unknown === "--help" ? 0 : 2;
	}
	const inXS = args.includes("--xs");
	const folder = inXS ? "" : freshRecords();
	const files = conformanceFiles().filter((file) => !inXS || file.startsWith("test/conformance/"));
	const status = await runProgram(
		process.execPath,
		[
			"--import",
			"./test/support/register.js",
			"--test",
			"--test-concurrency=2",
			"--test-force-exit",
			"--test-reporter=dot",
			...files,
		],
		{ ...process.env, VAGALUME_RECORD: folder, VAGALUME_PLACE: inXS ? "xs" : "node" },
	);
	if (status !== 0 || inXS) return status;
	if (args.includes("--check")) {
		const faults = stalePage(folder);
		for (const fault of faults) process.stderr.write(`conformance: ${fault}\n`);
		return faults.length > 0 ? 1 : 0;
	}
	const { text, faults } = conformancePage(readRecords(folder));
	for (const fault of faults) process.stderr.write(`conformance: ${fault}\n`);
	if (text === undefined || faults.length > 0) return 1;
	writeFileSync(join(root, PAGE), text);
	process.stdout.write(`wrote ${PAGE}\n`);
	return 0;
}
