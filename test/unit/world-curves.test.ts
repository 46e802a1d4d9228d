import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { quantities } from "../../sim/world/curves";
import { at, sequence, smooth, stream } from "../../sim/world/random";
import { World } from "../../sim/world/world";

const HOUR = 3_600_000;

async function series(seed: number, quantity: string, hours = 24): Promise<number[]> {
	const clock = new VirtualClock();
	const world = new World({ clock, seed });
	const values: number[] = [];
	for (let hour = 0; hour < hours; hour++) {
		await clock.run(hour * HOUR);
		values.push(world.value(quantity));
	}
	return values;
}

describe("random numbers", () => {
	test("mulberry32 gives its published values", () => {
		const next = sequence(1);
		assert.deepEqual(
			[next(), next(), next()].map((value) => Math.round(value * 2 ** 32)),
			[2693262067, 11749833, 2265367787],
		);
		assert.equal(Math.round(at(1, 2) * 2 ** 32), 2265367787);
	});
	test("streams of one seed differ, and the same stream is the same", () => {
		assert.notEqual(stream(1, "temperature"), stream(1, "humidity"));
		assert.notEqual(stream(1, "temperature"), stream(2, "temperature"));
		assert.equal(stream(7, "light"), stream(7, "light"));
	});
	test("smooth noise stays within -1..1 and has no jumps", () => {
		let before = smooth(5, 0, 1000);
		for (let time = 10; time < 20_000; time += 10) {
			const value = smooth(5, time, 1000);
			assert.ok(Math.abs(value) <= 1);
			assert.ok(Math.abs(value - before) < 0.05, `jump at ${time}`);
			before = value;
		}
	});
});

describe("the world's day", () => {
	test("the same seed gives the same day, another seed another", async () => {
		for (const quantity of Object.keys(quantities)) {
			assert.deepEqual(await series(1, quantity), await series(1, quantity));
			assert.notDeepEqual(await series(1, quantity), await series(2, quantity));
		}
	});
	test("a value depends on the time alone, not on what was asked before", async () => {
		const clock = new VirtualClock();
		const [busy, quiet] = [new World({ clock, seed: 3 }), new World({ clock, seed: 3 })];
		for (let i = 0; i < 100; i++) {
			busy.value("humidity");
			busy.value("temperature", "climate");
			await clock.run(clock.now() + 777);
		}
		assert.equal(busy.value("temperature"), quiet.value("temperature"));
	});
	test("afternoon is warmer, drier and, like noon, brighter than night", async () => {
		for (const seed of [1, 2, 3]) {
			const [temperature, humidity, light] = [
				await series(seed, "temperature"),
				await series(seed, "humidity"),
				await series(seed, "light"),
			];
			assert.ok(temperature[15]! > temperature[4]! + 2);
			assert.ok(humidity[15]! < humidity[3]!);
			assert.ok(light[12]! > 150 && light[1]! < 50);
		}
	});
	test("every quantity stays in the range that may be set", async () => {
		for (const [name, { low, high }] of Object.entries(quantities))
			for (const value of await series(9, name, 72)) assert.ok(value >= low && value <= high, `${name} ${value}`);
	});
});

describe("the world from outside", () => {
	test("set holds a value, release gives it back to nature", async () => {
		const clock = new VirtualClock();
		const [world, nature] = [new World({ clock, seed: 1 }), new World({ clock, seed: 1 })];
		world.set("temperature", 31);
		await clock.run(HOUR);
		assert.equal(world.value("temperature"), 31);
		assert.equal(world.held("temperature"), true);
		world.release("temperature");
		assert.equal(world.value("temperature"), nature.value("temperature"));
	});
	test("a value may be set for one sensor only", () => {
		const world = new World({ clock: new VirtualClock(), seed: 1 });
		world.set("temperature", 20);
		world.set("outside/temperature", -5);
		assert.equal(world.value("temperature", "outside"), -5);
		assert.equal(world.value("temperature", "inside"), 20);
	});
	test("ramp goes in a straight line and then stays", async () => {
		const clock = new VirtualClock();
		const world = new World({ clock, seed: 1 });
		world.set("pressure", 100_000);
		world.ramp("pressure", 101_000, 10);
		await clock.run(5000);
		assert.equal(world.value("pressure"), 100_500);
		await clock.run(60_000);
		assert.equal(world.value("pressure"), 101_000);
	});
	test("changes are told, with their names", () => {
		const world = new World({ clock: new VirtualClock(), seed: 1 });
		const told: string[] = [];
		const end = world.onChange((name) => told.push(name));
		world.set("light", 5);
		world.release("light");
		end();
		world.set("light", 6);
		assert.deepEqual(told, ["light", "light"]);
		assert.equal(world.snapshot()["light"]?.held, true);
	});
	test("what is wrong is named", () => {
		const world = new World({ clock: new VirtualClock(), seed: 1 });
		assert.throws(() => world.set("temprature", 1), /no quantity "temprature": it has temperature,/);
		assert.throws(() => world.set("humidity", 101), /humidity: 101 is outside 0\.\.100 %/);
		assert.throws(() => world.set("humidity", Number.NaN), RangeError);
		assert.throws(() => world.ramp("humidity", 50, -1), RangeError);
		assert.throws(() => world.release("toString"), RangeError);
	});
});
