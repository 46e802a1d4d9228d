/** The whole way on one computer, in real time: key, release, node, push. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../../tools/root";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Simulator } from "../support/simulator";

const folder = mkdtempSync(join(tmpdir(), "vagalume-ota-"));
after(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => join(folder, ...names);

function vagalume(...args: string[]): Promise<{ status: number | null; output: string }> {
	const child: ChildProcess = spawn(process.execPath, ["bin/vagalume.js", ...args], {
		cwd: root,
		env: { ...process.env, VAGALUME_OTA_HISTORY: at("history") },
	});
	let output = "";
	child.stdout!.on("data", (chunk) => {
		output += chunk;
	});
	child.stderr!.on("data", (chunk) => {
		output += chunk;
	});
	return new Promise((resolve) => child.once("close", (status) => resolve({ status, output })));
}

test("a release is pushed to a node, which confirms it: status 0; one by another key is refused: status 1", {
	skip: withoutMosquitto,
	timeout: 240_000,
}, async (t) => {
	const broker = await Mosquitto.start();
	t.after(() => broker.stop());
	const url = `mqtt://127.0.0.1:${broker.port}`;
	for (const name of ["mine", "other"])
		assert.equal((await vagalume("keys", "new", "--out", at(name), "--no-passphrase")).status, 0);
	const release = (name: string, version: string) =>
		vagalume("release", "--key", at(name, "release.key"), "--version", version, "--out", at(version));
	assert.equal((await release("mine", "1.1.0")).status, 0);
	assert.equal((await release("other", "1.2.0")).status, 0);
	const simulator = new Simulator(["--broker", url, "--id", "sala", "--release-key", at("mine", "release.pub")]);
	t.after(() => simulator.child.kill());
	await simulator.ready();
	const push = (version: string) => vagalume("ota", "push", at(version), "--node", "sala", "--broker", url);

	const refused = await push("1.2.0");
	assert.equal(refused.status, 1, refused.output);
	assert.match(refused.output, /FAILED sala: refused: release: key [0-9a-f]{16} is none of those that are trusted/);

	const done = await push("1.1.0");
	assert.equal(done.status, 0, done.output);
	assert.match(done.output, /sala: downloading\n/);
	assert.match(done.output, /ok {5}sala: runs 1\.1\.0\n1 of 1 run 1\.1\.0, 0 failed, 0 were not told/);

	const status = await vagalume("ota", "status", "--broker", url);
	assert.match(status.output, /sala {2,}online +1\.1\.0 +idle +1\.1\.0 runs/);

	const again = await push("1.1.0");
	assert.equal(again.status, 0, again.output);
	simulator.child.kill("SIGTERM");
	assert.equal((await simulator.ended).code, 0);
});

test("what is wrong is said, with status 2", async () => {
	for (const [args, about] of [
		[["nonsense"], /"nonsense": expected one of push, status, abort, history/],
		[["push", "--node", "a", "--broker", "mqtt://x"], /the folder of a release is missing/],
		[["push", at("none"), "--node", "a", "--broker", "mqtt://x"], /ENOENT/],
		[["push", at("none"), "--broker", "mqtt://x"], /either --node ID or --group/],
		[["status"], /--broker is missing/],
		[["status", "--broker", "http://x"], /expected mqtt:\/\//],
		[["status", "--broker", "mqtt://127.0.0.1:1"], /--broker mqtt:\/\/127.0.0.1:1: .*ECONNREFUSED/],
		[["abort", "--broker", "mqtt://x"], /--node ID is missing/],
		[["push", "x", "--group", "--stages", "1,200%", "--broker", "mqtt://x"], /--stages 200%/],
	] as const) {
		const { status, output } = await vagalume("ota", ...args);
		assert.equal(status, 2, args.join(" "));
		assert.match(output, about);
	}
});
