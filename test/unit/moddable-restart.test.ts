import assert from "node:assert/strict";
import { test } from "node:test";
import { holding } from "../../sim/moddable/restart-record";

/** What still holds after these orders, one after another. */
const after = (...lines: string[]) => lines.reduce<string[]>(holding, []);

test("through a restart hold what was set, unplugged and switched off, each as it was last", () => {
	assert.deepEqual(after("set temperature 31", "unplug climate", "wifi down"), [
		"set temperature 31",
		"unplug climate",
		"wifi down",
	]);
	assert.deepEqual(after("set temperature 31", "set humidity 5", "set temperature 32"), [
		"set humidity 5",
		"set temperature 32",
	]);
	assert.deepEqual(after("wifi down", "wifi -80", "wifi up"), ["wifi -80", "wifi up"]);
});

test("what was released or put back does not, nor what lasts a moment", () => {
	assert.deepEqual(after("set temperature 31", "release temperature"), []);
	assert.deepEqual(after("unplug climate", "plug climate"), []);
	assert.deepEqual(after("press boot", "show", "memory", "reset"), []);
});
