import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { root } from "../../tools/root";

test("every script of test/conformance passes with session and client inside XS, too", { timeout: 600_000 }, () => {
	const { NODE_TEST_CONTEXT, ...env } = process.env;
	const { status, stdout } = spawnSync(process.execPath, ["bin/vagalume.js", "conformance", "--xs"], {
		cwd: root,
		env,
		encoding: "utf8",
	});
	assert.equal(status, 0, stdout);
});
