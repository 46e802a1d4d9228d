import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { leaveLock, locked, takeLock } from "../../tools/file-lock";

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

test("a lock with our own number that we do not have was another process's, in a container for example", () => {
	writeFileSync(path, String(process.pid));
	assert.equal(takeLock(path), true);
	assert.equal(takeLock(path), false, "but now we have it");
	leaveLock(path);
	assert.ok(!existsSync(path));
});

test("who waits is told so once", async () => {
	let told = 0;
	assert.ok(takeLock(path));
	setTimeout(() => leaveLock(path), 500);
	assert.equal(
		await locked(
			path,
			async () => "built",
			() => told++,
		),
		"built",
	);
	assert.equal(told, 1);
});

test("an empty lock is one that is being taken, unless it has been empty for long", () => {
	writeFileSync(path, "");
	assert.equal(takeLock(path), false);
	const before = new Date(Date.now() - 60_000);
	utimesSync(path, before, before);
	assert.equal(takeLock(path), true);
	leaveLock(path);
});
