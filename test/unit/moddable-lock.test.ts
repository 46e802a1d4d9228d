import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { locked } from "../../tools/moddable/lock";

const folder = mkdtempSync(join(tmpdir(), "vagalume-lock-"));
const path = join(folder, "build", "lock");
after(() => rmSync(folder, { recursive: true }));

test("builds in one folder run one after the other, also after one that failed", async () => {
	let running = 0;
	let most = 0;
	const work = async (fails: boolean) => {
		most = Math.max(most, ++running);
		await sleep(20);
		running--;
		if (fails) throw new Error("does not compile");
	};
	const outcomes = await Promise.allSettled([true, false, false].map((fails) => locked(path, () => work(fails))));
	assert.deepEqual(
		outcomes.map(({ status }) => status),
		["rejected", "fulfilled", "fulfilled"],
	);
	assert.equal(most, 1);
	assert.ok(!existsSync(path));
});

test("a process that is gone holds nothing up", async () => {
	const { pid } = spawnSync(process.execPath, ["-e", ""]);
	writeFileSync(path, String(pid));
	assert.equal(await locked(path, async () => "built"), "built");
});
