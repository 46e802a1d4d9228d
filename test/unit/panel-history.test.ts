import assert from "node:assert/strict";
import { test } from "node:test";
import { ComputeGauge } from "../../sim/panel/compute-gauge";
import { History } from "../../sim/panel/history";

test("a day of values a second takes bounded memory, and reaches from the first to the latest", () => {
	const history = new History();
	const day = 86_400;
	for (let second = 0; second < day; second++) history.add(second * 1000, second);
	const { values } = history;
	assert.ok(values.length <= 4002, String(values.length));
	assert.ok(values.length >= 1900, String(values.length));
	assert.deepEqual([values[0], values[1]], [0, 0]);
	assert.deepEqual(values.slice(-2), [(day - 1) * 1000, day - 1]);
	for (let index = 2; index < values.length; index += 2)
		assert.ok(values[index]! > values[index - 2]!, "dates only go up");
});

test("compute is told by the second, and a restart begins anew", () => {
	const gauge = new ComputeGauge();
	const looks: [meter: number | undefined, used: number][] = [
		[1000, 0],
		[1500, 500],
		[undefined, 0],
		[200, 0],
		[900, 700],
		[100, 100],
	];
	for (const [meter, used] of looks) {
		gauge.look(meter);
		assert.equal(gauge.used, used);
	}
	assert.equal(gauge.peak, 700);
});
