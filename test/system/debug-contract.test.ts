import assert from "node:assert/strict";
import { test } from "node:test";
import { DebuggedMachine } from "../../hosts/desktop/debug/debugged-machine";
import { root } from "../../tools/root";
import { CONTRACT, PRELOAD, runContract } from "../support/contract-run";
import { FakeXsbug } from "../support/fake-xsbug";

/** The world goes on while the node runs, as around a board: a connection may stand before the node asks. */
const TOO_LATE = / tcp: write before the connection stands throws$/;

test("a node that is debugged keeps the contract between firmware and host", async (t) => {
	const xsbug = await FakeXsbug.start();
	t.after(() => xsbug.close());
	const notices: string[] = [];
	const { lines, passed } = await runContract(false, 120_000, (options, image) => {
		const at = { host: "127.0.0.1", port: xsbug.port };
		const onNotice = (line: string) => void notices.push(line);
		return new DebuggedMachine({ ...options, root, image, main: CONTRACT, preload: PRELOAD, debugger: at, onNotice });
	});
	const failures = lines.filter((line) => line.startsWith("not ok") && !TOO_LATE.test(line));
	assert.deepEqual(failures, [], lines.join("\n"));
	assert.ok(passed > 100, `only ${passed} tests ran`);
	assert.deepEqual(notices, []);
});
