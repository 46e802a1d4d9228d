import assert from "node:assert/strict";
import { test } from "node:test";
import { runTelling } from "../../tools/run-program";

test("what two programs say alike is told once, and the exit status is each one's own", async (context) => {
	const printed: string[] = [];
	context.mock.method(process.stdout, "write", (text: string) => {
		if (/^(same|first|second)$/m.test(text)) printed.push(text);
		return true;
	});
	const told = new Set<string>();
	const say = (lines: string[], status: number) =>
		runTelling(
			process.execPath,
			["-e", `console.log(${JSON.stringify(lines.join("\n"))}); process.exitCode = ${status}`],
			told,
		);
	const statuses = [await say(["same", "first"], 2), await say(["same", "second"], 0)];
	context.mock.restoreAll();
	assert.deepEqual(statuses, [2, 0]);
	assert.deepEqual(printed, ["same\n", "first\n", "second\n"]);
});
