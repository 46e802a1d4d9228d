import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { faults } from "./engine-faults";

const TIMES = 1000;
const MOST = 2 * 1024 * 1024;

interface Line {
	name: string;
	wrong?: string;
	/** Bytes of resident memory between the first tenth of the runs and the last. */
	grown: number;
}

test(`each fault, ${TIMES} times in one process, ends its machine alone and leaks nothing`, async (t) => {
	const script = fileURLToPath(new URL("./engine-faults-run.ts", import.meta.url));
	const child = spawn(process.execPath, ["--expose-gc", "--import", "tsx", script, String(TIMES)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const lines: Line[] = [];
	for await (const line of createInterface(child.stdout)) lines.push(JSON.parse(line) as Line);
	const status = await new Promise((resolve) =>
		child.exitCode === null ? child.on("exit", resolve) : resolve(child.exitCode),
	);
	for (const fault of faults)
		await t.test(fault.name, () => {
			const line = lines.find(({ name }) => name === fault.name);
			assert.ok(line, "the process ended before");
			assert.equal(line.wrong, undefined);
			assert.ok(line.grown < MOST, `resident memory grew by ${line.grown} bytes`);
		});
	assert.equal(status, 0);
});
