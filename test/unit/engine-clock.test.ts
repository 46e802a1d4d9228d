import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../support/engine";

test("the date is the computer's, until it is set", () => {
	const { machine, traced } = run("listen(() => trace(Date.now()));");
	machine.dispatch(0, 0);
	assert.ok(Math.abs(Number(traced[0]) - Date.now()) < 1000);
	machine.time = 1767225600123;
	machine.dispatch(0, 0);
	machine.dispatch(0, 0);
	machine.dateOffset = -123;
	machine.dispatch(0, 0);
	assert.deepEqual(traced.slice(1), ["1767225600123", "1767225600123", "1767225600000"]);
	machine.time = undefined;
	machine.dateOffset = 3600000;
	machine.dispatch(0, 0);
	assert.ok(Math.abs(Number(traced[4]) - Date.now() - 3600000) < 1000);
	assert.equal(machine.time, undefined);
	assert.equal(machine.dateOffset, 3600000);
});

test("dates before 1970 and fractions of a millisecond", () => {
	const { machine, traced } = run("listen(() => trace(new Date().toISOString()));");
	machine.time = -1.5;
	machine.dispatch(0, 0);
	machine.time = -86400000;
	machine.dispatch(0, 0);
	machine.time = 0.75;
	machine.dispatch(0, 0);
	assert.deepEqual(traced, ["1969-12-31T23:59:59.998Z", "1969-12-31T00:00:00.000Z", "1970-01-01T00:00:00.000Z"]);
});

test("local dates are UTC whatever the computer's zone, and follow the machine's", () => {
	const { machine, traced } = run(
		"listen((seconds) => { if (seconds) timezone(seconds); trace(new Date(2026, 0, 1, 12).toISOString(), ' ', new Date(0).getHours(), ' ', new Date(0).getTimezoneOffset()); });",
	);
	machine.dispatch(0, 0);
	machine.timezone = 3600;
	machine.dispatch(0, 0);
	machine.dispatch(-3 * 3600, 0);
	assert.deepEqual(traced, [
		"2026-01-01T12:00:00.000Z 0 0",
		"2026-01-01T11:00:00.000Z 1 -60",
		"2026-01-01T15:00:00.000Z 21 180",
	]);
	assert.equal(machine.timezone, -10800);
});

test("random numbers follow the seed, machine by machine", () => {
	const numbers = (seed: number) => {
		const { traced } = run(
			"for (let i = 0; i < 20; i++) { const n = Math.random(); if (!(0 <= n && n < 1)) throw n; trace(n); }",
			{ seed },
		);
		return traced;
	};
	assert.deepEqual(numbers(1), numbers(1));
	assert.notDeepEqual(numbers(1), numbers(2));
	assert.equal(new Set(numbers(3)).size, 20);
	const one = run("listen(() => trace(Math.random()));", { seed: 9 });
	const other = run("listen(() => trace(Math.random()));", { seed: 9 });
	for (let i = 0; i < 5; i++) {
		one.machine.dispatch(0, 0);
		other.machine.dispatch(0, 0);
	}
	assert.deepEqual(one.traced, other.traced);
});
