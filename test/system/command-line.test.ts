import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vagalume = (...args: string[]) =>
	spawnSync(process.execPath, [join(root, "bin/vagalume.js"), ...args], { encoding: "utf8", timeout: 60_000 });

test("wrong usage ends with 2 and names the option", () => {
	const { status, stderr } = vagalume("sim", "--time", "virtual", "--broker", "mqtt://127.0.0.1");
	assert.equal(status, 2);
	assert.match(stderr, /--broker/);
	assert.equal(vagalume("sing").status, 2);
	assert.equal(vagalume("sim", "--heap", "much").status, 2);
});

test("a node.ts with a comma too few: its line and what was expected, no stack of the tools", (context) => {
	const copy = mkdtempSync(join(tmpdir(), "vagalume-comma-"));
	context.after(() => rmSync(copy, { recursive: true }));
	for (const name of ["bin", "dashboards", "modules", "tools", "package.json"])
		cpSync(join(root, name), join(copy, name), {
			recursive: true,
			filter: (path) => !path.slice(root.length).includes("node_modules"),
		});
	for (const name of ["hosts", "node_modules", "sim"]) symlinkSync(join(root, name), join(copy, name));
	const node = readFileSync(join(root, "node.ts"), "utf8").replace('board: "esp32-devkitc",', 'board: "esp32-devkitc"');
	writeFileSync(join(copy, "node.ts"), node);
	const program = join(copy, "bin/vagalume.js");
	const { status, stderr } = spawnSync(process.execPath, [program, "dashboards", "--out", join(copy, "out")], {
		encoding: "utf8",
	});
	assert.equal(status, 1);
	assert.match(stderr, /^node\.ts:9:\d+: ERROR: Expected "}" but found "telemetry"\n$/);
});

test("a folder that cannot be made is named, without a stack", () => {
	const { status, stderr } = vagalume("dashboards", "--out", join(root, "package.json/panels"));
	assert.equal(status, 1);
	assert.match(stderr, /^vagalume dashboards: ENOTDIR: .*package\.json\/panels'\n$/);
});

test("--help lists every option and ends with 0", () => {
	const { status, stdout } = vagalume("sim", "--help");
	assert.equal(status, 0);
	for (const option of "headless broker id nodes panel-port ca cert key user password-file keep-alive time duration seed nvs heap json".split(
		" ",
	)) {
		assert.match(stdout, new RegExp(`--${option}\\b`));
	}
});

test("--duration ends a node in real time cleanly", () => {
	const { status, stderr } = vagalume("sim", "--headless", "--json", "--duration", "1", "--nvs", "build/test-flash");
	assert.equal(status, 0, stderr);
	assert.match(stderr, /^ready/m);
});

test("without --broker any MQTT client can watch through the embedded broker", async () => {
	const node = new Simulator(["--id", "sala"]);
	const url = /mqtt:\/\/127\.0\.0\.1:\d+/.exec(await node.ready())![0];
	const observer = await Observer.connect(url);
	await observer.sees("vagalume/sala/status", "online");
	await observer.publish("vagalume/sala/relay/fan/set", "ON");
	await observer.sees("vagalume/sala/relay/fan", "ON");
	const second = new Simulator(["--id", "quarto"]);
	assert.notEqual(/mqtt:\/\/127\.0\.0\.1:\d+/.exec(await second.ready())![0], url);
	assert.equal(await second.stop("SIGTERM"), 0);
	await observer.end();
	assert.equal(await node.stop("SIGINT"), 0);
});

test("--nodes starts several, each with topics of its own", async () => {
	const node = new Simulator(["--nodes", "3", "--id", "lab"]);
	const url = /mqtt:\/\/127\.0\.0\.1:\d+/.exec(await node.ready())![0];
	const observer = await Observer.connect(url);
	for (const id of ["lab-1", "lab-2", "lab-3"]) await observer.sees(`vagalume/${id}/status`, "online");
	await observer.end();
	assert.equal(await node.stop(), 0);
});

test("a heap in which the node cannot boot: memory full, with the line, exit status 1, and no ready", () => {
	const { status, stdout, stderr } = vagalume(
		"sim",
		"--headless",
		"--time",
		"virtual",
		"--heap",
		"32768",
		"--duration",
		"5",
	);
	assert.equal(status, 1);
	assert.match(stdout + stderr, /memory full: of 32768 bytes/);
	assert.match(stdout + stderr, /at .*\(modules\/.*\.ts:\d+\)/);
	assert.doesNotMatch(stdout + stderr, /^ready/m);
});

test("SIGTERM in the moment of ready is a clean end: offline, exit status 0", async () => {
	for (let round = 0; round < 5; round++) {
		const node = new Simulator(["--id", "sala"]);
		node.child.stderr!.once("data", () => node.child.kill("SIGTERM"));
		assert.equal((await node.ended).code, 0);
		assert.equal(await node.stop(), 0);
	}
});
