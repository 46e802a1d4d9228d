import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../tools/root";

const vagalume = (...args: string[]) =>
	spawnSync(process.execPath, [join(root, "bin/vagalume.js"), "dashboards", ...args], { encoding: "utf8" });

test("vagalume dashboards writes all files for another broker and another node into a folder", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-dashboards-"));
	t.after(() => rmSync(folder, { recursive: true }));
	const out = join(folder, "mine");
	const { status, stdout } = vagalume("--out", out, "--broker", "mqtts://broker.example:8884", "--id", "sala");
	assert.equal(status, 0);
	const files = readdirSync(out).sort();
	assert.deepEqual(files, readdirSync(join(root, "dashboards/generated")).sort());
	for (const file of files) {
		assert.ok(stdout.includes(`wrote ${join(out, file)}\n`), file);
		const text = readFileSync(join(out, file), "utf8");
		assert.doesNotMatch(text, /vagalume-1|localhost/, file);
		assert.match(text, /sala/, file);
		if (file !== "grafana.json") assert.match(text, /broker\.example/, file);
	}
});

test("vagalume dashboards refuses what is wrong, and says what was expected", () => {
	const refused = (...args: string[]) => {
		const { status, stderr } = vagalume(...args);
		assert.equal(status, 2, args.join(" "));
		return stderr;
	};
	assert.match(refused("--id", "sala"), /--out DIR is missing/);
	assert.match(refused("--out", "x", "--id", "all"), /--id: /);
	assert.match(refused("--out", "x", "--broker", "http://h"), /--broker "http:\/\/h" is not mqtt\(s\):\/\/host:port/);
	const secret = refused("--out", "x", "--broker", "mqtt://me:s3cret@h");
	assert.match(secret, /has a user or password: enter these in the client/);
	assert.doesNotMatch(secret, /s3cret/);
	assert.match(refused("--nonsense"), /--nonsense/);
	assert.match(vagalume("--help").stdout, /--out DIR[\s\S]*--broker URL[\s\S]*--id ID/);
});
