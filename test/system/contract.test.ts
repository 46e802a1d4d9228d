/** The contract between firmware and host, run inside XS on the desktop host. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContractResult, runContract } from "../support/contract-run";

function check({ lines, passed, failed, skipped }: ContractResult): void {
	const failures = lines.filter((line, index) => line.startsWith("not ok") || lines[index - 1]?.startsWith("not ok"));
	assert.equal(failed, 0, failures.join("\n"));
	assert.equal(passed + skipped, lines.filter((line) => /^(ok|skip) /.test(line)).length);
}

test("the desktop host keeps the contract in real time, on sockets", async () => {
	const result = await runContract(false);
	check(result);
	assert.deepEqual(
		result.lines.filter((line) => line.startsWith("skip ")),
		[],
	);
	assert.ok(result.passed > 100, `only ${result.passed} tests ran`);
});

test("the desktop host keeps the contract in virtual time, in memory", async () => {
	const result = await runContract(true);
	check(result);
	const skipped = result.lines.filter((line) => line.startsWith("skip "));
	assert.ok(
		skipped.every((line) => / tls: |: over TLS, /.test(line)),
		skipped.join("\n"),
	);
});

test("in virtual time the contract gives the same lines every time", async () => {
	const first = await runContract(true);
	const second = await runContract(true);
	assert.deepEqual(second.lines, first.lines);
});
