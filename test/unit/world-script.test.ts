import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { parseScript, runScript, type Stage } from "../../sim/world/script";
import { World } from "../../sim/world/world";

function stage() {
	const clock = new VirtualClock();
	const world = new World({ clock, seed: 1 });
	const log: string[] = [];
	const value: Stage = {
		clock,
		world,
		press: (button, milliseconds) => log.push(`${clock.now()} press ${button} ${milliseconds}`),
		plug: (sensor, plugged) => log.push(`${clock.now()} plug ${sensor} ${plugged}`),
		wifi: (up) => log.push(`${clock.now()} wifi ${up}`),
		signal: (strength) => log.push(`${clock.now()} signal ${strength}`),
		buttons: ["boot"],
		sensors: ["climate"],
	};
	return { clock, world, log, stage: value };
}

describe("a script of the world", () => {
	test("does its steps at their times", async () => {
		const { clock, world, log, stage: on } = stage();
		const script = parseScript(
			[
				{ at: 1, set: { temperature: 20, "climate/humidity": 80 } },
				{ at: 2, press: "boot" },
				{ at: 3, press: "boot", for: 1.5, wifi: "down" },
				{ at: 4, unplug: "climate" },
				{ at: 5, plug: "climate", wifi: "up" },
				{ at: 6, wifi: -85 },
				{ at: 10, set: { temperature: 30 }, over: 10 },
				{ at: 30, release: ["temperature"] },
			],
			on,
		);
		runScript(script, on);
		await clock.run(9000);
		assert.equal(world.value("temperature"), 20);
		assert.equal(world.value("humidity", "climate"), 80);
		assert.deepEqual(log, [
			"2000 press boot 200",
			"3000 press boot 1500",
			"3000 wifi false",
			"4000 plug climate false",
			"5000 plug climate true",
			"5000 wifi true",
			"6000 signal -85",
		]);
		await clock.run(15_000);
		assert.equal(world.value("temperature"), 25);
		await clock.run(29_999);
		assert.equal(world.value("temperature"), 30);
		await clock.run(30_000);
		assert.equal(world.held("temperature"), false);
	});
	test("ends when it is told to", async () => {
		const { clock, log, stage: on } = stage();
		const end = runScript([{ at: 1, press: "boot" }], on);
		end();
		await clock.run(2000);
		assert.deepEqual(log, []);
	});
	test("a wrong script is refused with step and member", () => {
		const { stage: on } = stage();
		const wrong: [unknown, RegExp][] = [
			[{}, /array of steps/],
			[[1], /script\[0\]: an object/],
			[[{ at: 0 }, { at: -1 }], /script\[1\]\.at: seconds/],
			[[{ set: {} }], /script\[0\]\.at/],
			[[{ at: 0, sett: {} }], /script\[0\]\.sett: unknown; a step has at, set/],
			[[{ at: 0, set: { heat: 1 } }], /script\[0\]\.set: the world has no quantity "heat"/],
			[[{ at: 0, set: { temperature: "31" } }], /script\[0\]\.set: temperature: a number is expected, not "31"/],
			[[{ at: 0, set: { "atic/temperature": 3 } }], /script\[0\]\.set: "atic" is none of climate/],
			[[{ at: 0, set: { temperature: 3 }, over: "long" }], /script\[0\]\.over/],
			[[{ at: 0, release: "temperature" }], /script\[0\]\.release: an array/],
			[[{ at: 0, release: ["heat"] }], /script\[0\]\.release: the world has no quantity/],
			[[{ at: 0, press: "reset" }], /script\[0\]\.press: "reset" is none of boot/],
			[[{ at: 0, unplug: "boot" }], /script\[0\]\.unplug: "boot" is none of climate/],
			[[{ at: 0, wifi: "off" }], /script\[0\]\.wifi: "off" is none of down, up/],
			[[{ at: 0, wifi: 20 }], /script\[0\]\.wifi: 20 dBm is outside -100\.\.-20/],
		];
		for (const [json, message] of wrong) assert.throws(() => parseScript(json, on), message);
	});
});
