import assert from "node:assert/strict";
import { test } from "node:test";
import { PacedClock } from "../../sim/paced-clock";

const after = (clock: PacedClock, delay: number) =>
	new Promise<number>((resolve) => clock.set(() => resolve(clock.now()), delay));

test("a minute at sixty times the pace takes a second, and no timer is early", async () => {
	const clock = new PacedClock();
	clock.setPace(60);
	const wall = performance.now();
	const start = clock.now();
	const reached = await after(clock, 60_000);
	assert.ok(reached - start >= 60_000);
	const seconds = (performance.now() - wall) / 1000;
	assert.ok(seconds >= 0.99 && seconds < 5, `${seconds} s`);
});

test("timers that wait follow a new pace; time and date never go back", async () => {
	const clock = new PacedClock();
	const times = [clock.now()];
	const waiting = after(clock, 30_000);
	for (const pace of [60, 1, 30, 60]) {
		const date = clock.date();
		clock.setPace(pace);
		times.push(clock.now());
		assert.ok(clock.date() >= date - 1);
	}
	times.push(await waiting);
	assert.deepEqual(
		times,
		[...times].sort((a, b) => a - b),
	);
	assert.ok(times.at(-1)! >= 30_000);
	assert.ok(clock.date() - Date.now() > 20_000, "the date is ahead of the wall's");
});

test("a cleared timer does not run, also when the pace changed since", async () => {
	const clock = new PacedClock();
	let ran = false;
	const handle = clock.set(() => {
		ran = true;
	}, 1000);
	clock.setPace(60);
	clock.clear(handle);
	await after(clock, 6000);
	assert.equal(ran, false);
});

test("a pace out of range is refused", () => {
	const clock = new PacedClock();
	for (const pace of [0, 0.5, 61, Number.NaN]) assert.throws(() => clock.setPace(pace), /pace: .* is outside 1\.\.60/);
	assert.equal(clock.pace, 1);
});
