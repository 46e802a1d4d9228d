import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import failures from "../support/failures.js";

test("a failed test is kept with place and reason; its suite, and what passed, are not", async () => {
	const directory = mkdtempSync(join(tmpdir(), "vagalume-failures-"));
	const before = process.env["VAGALUME_FAILURES"];
	const path = join(directory, "failures");
	process.env["VAGALUME_FAILURES"] = path;
	try {
		const error = Object.assign(new Error("test failed"), { cause: new Error("1 is not 2") });
		async function* events() {
			yield { type: "test:pass", data: { name: "good" } };
			yield { type: "test:fail", data: { name: "bad", file: "a.test.ts", line: 3, details: { error } } };
			const suite = Object.assign(new Error("1 subtest failed"), { failureType: "subtestsFailed" });
			yield { type: "test:fail", data: { name: "suite", details: { error: suite } } };
		}
		for await (const printed of failures(events())) assert.fail(`printed ${printed}`);
		assert.equal(readFileSync(path, "utf8"), "failed: bad\n    a.test.ts:3\n    1 is not 2\n");
	} finally {
		if (before === undefined) delete process.env["VAGALUME_FAILURES"];
		else process.env["VAGALUME_FAILURES"] = before;
		rmSync(directory, { recursive: true });
	}
});
