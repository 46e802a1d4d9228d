import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hour = ["--headless", "--time", "virtual", "--duration", "3600", "--json"];

function simulate(args: readonly string[], folder = root) {
	const started = performance.now();
	const result = spawnSync(process.execPath, [join(folder, "bin/vagalume.js"), "sim", ...args], {
		cwd: folder,
		encoding: "utf8",
		maxBuffer: 64 * 1024 * 1024,
	});
	return { ...result, seconds: (performance.now() - started) / 1000 };
}
const lines = (text: string) =>
	text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));

test("an hour of the default node in virtual time: the same bytes every run, other values with another seed", () => {
	const first = simulate([...hour, "--seed", "1"]);
	assert.equal(first.status, 0, first.stderr);
	const second = simulate([...hour, "--seed", "1"]);
	assert.equal(first.stdout, second.stdout);
	const other = simulate([...hour, "--seed", "2"]);
	const records = (text: string) =>
		lines(text).filter(({ topic, direction }) => direction === "out" && /\/telemetry$/.test(topic));
	assert.equal(records(first.stdout).length, 360);
	assert.notDeepEqual(
		records(first.stdout).map(({ payload }) => JSON.parse(payload).temperature),
		records(other.stdout).map(({ payload }) => JSON.parse(payload).temperature),
	);
	const all = lines(first.stdout);
	assert.equal(all[0].time.slice(0, 16), "2026-01-01T00:00");
	assert.equal(all.at(-1).time.slice(0, 13), "2026-01-01T01");
	assert.equal(
		all
			.filter(({ topic }) => /\/status$/.test(topic ?? ""))
			.map(({ payload }) => payload)
			.join(),
		"online,offline",
	);
	// The claim is one second after start-up; a loaded test machine gets four times that, start-up included.
	assert.ok(first.seconds < 4, `${first.seconds} s`);
});

test("the default node lives for an hour in a heap of 65,536 bytes", () => {
	const { status, stderr } = simulate([...hour, "--seed", "1", "--heap", "65536"]);
	assert.equal(status, 0, stderr);
});

test("a firmware that leaks ends with 'memory full', the TypeScript line, and exit status 1", () => {
	const copy = mkdtempSync(join(tmpdir(), "vagalume-leak-"));
	for (const name of [
		"bin",
		"hosts",
		"sim",
		"modules",
		"types",
		"tools",
		"main.ts",
		"node.ts",
		"package.json",
		"build",
	]) {
		cpSync(join(root, name), join(copy, name), { recursive: true });
	}
	symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
	writeFileSync(
		join(copy, "modules/leak.ts"),
		[
			'import Timer from "timer";',
			"",
			"export function leak(): void {",
			"\tconst kept: unknown[] = [];",
			"\tTimer.repeat(() => {",
			"\t\tkept.push(new Uint8Array(1000));",
			"\t}, 1000);",
			"}",
			"",
		].join("\n"),
	);
	const main = readFileSync(join(copy, "main.ts"), "utf8");
	writeFileSync(join(copy, "main.ts"), `${main}\nimport { leak } from "./modules/leak";\nleak();\n`);
	const { status, stdout, stderr } = simulate([...hour, "--seed", "1"], copy);
	rmSync(copy, { recursive: true });
	assert.equal(status, 1, stderr);
	assert.match(stdout + stderr, /memory full/);
	assert.match(stdout + stderr, /modules\/leak\.ts:6/);
});
