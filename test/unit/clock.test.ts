import assert from "node:assert/strict";
import { test } from "node:test";
import Timer from "timer";
import { clock } from "../support/clock";

test("virtual time runs timers in the order in which they are due", () => {
	clock.reset();
	const seen: string[] = [];
	Timer.set(() => seen.push(`b ${clock.now}`), 20);
	const repeating = Timer.repeat(() => seen.push(`a ${clock.now}`), 15);
	clock.advance(30);
	Timer.clear(repeating);
	assert.deepEqual(seen, ["a 15", "b 20", "a 30"]);
	assert.equal(clock.pending, 0);
});
