import assert from "node:assert/strict";
import { describe, test } from "node:test";
import defaultNode from "../../node";
import type { PartState } from "../../sim/board/observers";
import { bench, clock, Digital, LightStrip, PWM, run } from "../support/board-bench";

const everything = {
	lights: defaultNode.lights,
	relays: { fan: { pin: 26 }, pump: { pin: 27, activeLow: true } },
	sensors: defaultNode.sensors,
	buttons: defaultNode.buttons,
};

describe("the workbench hangs node.ts on the board", () => {
	test("every part of the default node is there, by its name", () => {
		const { workbench } = bench(everything);
		assert.deepEqual(Object.keys(workbench.parts()), [
			"led/onboard",
			"led/strip",
			"relay/fan",
			"relay/pump",
			"button/boot",
			"sensor/climate",
			"sensor/light",
		]);
		assert.deepEqual(workbench.buttons, ["boot"]);
		assert.deepEqual(workbench.sensors, ["climate", "light"]);
	});
	test("LEDs, relays and strips show what the firmware does", () => {
		const { workbench } = bench(everything);
		const told: PartState[] = [];
		workbench.board.on("part", (state) => told.push(state));
		const off = workbench.parts();
		assert.deepEqual(off["led/onboard"], { name: "led/onboard", kind: "led", pin: 2, brightness: 0 });
		assert.deepEqual(off["relay/pump"], { name: "relay/pump", kind: "relay", pin: 27, on: false });
		const led = new PWM({ pin: 2 });
		led.write(1023);
		const pump = new Digital({ pin: 27, mode: Digital.Output, initialValue: 1 });
		pump.write(0);
		const strip = new LightStrip({ pin: 13, length: 8 });
		strip.write(new Uint8Array(24).fill(9));
		assert.deepEqual(
			told.map((state) => [state.name, "brightness" in state ? state.brightness : "on" in state ? state.on : 0]),
			[
				["led/onboard", 1],
				["relay/pump", true],
				["led/strip", 0],
			],
		);
		const on = workbench.snapshot().parts["led/strip"];
		assert.ok(on?.kind === "strip" && on.pixels.every((byte) => byte === 9));
		for (const io of [led, pump, strip]) io.close();
	});
	test("a sensor tells what it measures, and whether it is plugged", () => {
		const { workbench, world } = bench(everything);
		world.set("climate/temperature", 30);
		world.set("humidity", 40);
		const told: PartState[] = [];
		workbench.board.on("part", (state) => told.push(state));
		workbench.plug("climate", false);
		workbench.plug("climate", false);
		assert.deepEqual(told, [
			{
				name: "sensor/climate",
				kind: "sensor",
				driver: "SHT3x",
				plugged: false,
				values: { temperature: 30, humidity: 40 },
			},
		]);
	});
	test("a button moves its pin and tells of finger, not contact", async () => {
		const { workbench } = bench(everything);
		const input = new Digital({ pin: 0, mode: Digital.InputPullUp });
		const told: unknown[] = [];
		workbench.board.on("part", (state) => told.push("pressed" in state && state.pressed));
		workbench.press("boot", 100);
		await run(50);
		assert.equal(input.read(), 0);
		await run(100);
		assert.equal(input.read(), 1);
		assert.deepEqual(told, [true, false]);
		input.close();
	});
	test("a button pressed for ever is let go by release, and by close", async () => {
		const { workbench } = bench(everything);
		workbench.press("boot");
		await run(60_000);
		assert.equal(workbench.parts()["button/boot"]?.kind === "button" && workbench.board.pin(0).level, 0);
		workbench.release("boot");
		workbench.press("boot", 5000);
		workbench.close();
		const before = clock.now();
		await run(10_000);
		assert.equal(clock.now(), before + 10_000);
		assert.equal((workbench.parts()["button/boot"] as { pressed: boolean }).pressed, true, "no timer is left");
	});
	test("unknown names are refused with the known ones", () => {
		const { workbench } = bench(everything);
		assert.throws(() => workbench.press("reset"), /button "reset" is unknown: there is boot/);
		assert.throws(() => workbench.plug("boot", false), /sensor "boot" is unknown: there is climate, light/);
		assert.throws(() => bench({ board: "arduino" as never }), /board "arduino" is unknown/);
	});
});
