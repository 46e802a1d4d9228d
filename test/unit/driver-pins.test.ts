import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Analog, bench, Digital, Light, PushButton, run } from "../support/board-bench";

describe("light sensor on an analog pin", () => {
	const light = (resistor?: number) =>
		bench({ sensors: { part: { driver: "analog-light", pin: 34, resistor, channels: {} } } });

	test("gives the world's light, to some percent", () => {
		for (const resistor of [10_000, 1_000]) {
			const { world } = light(resistor);
			const driver = new Light({ sensor: { io: Analog, pin: 34, resistor } });
			for (const lux of [1, 10, 100, 700]) {
				world.set("light", lux);
				const { illuminance } = driver.sample() as { illuminance: number };
				assert.ok(Math.abs(illuminance / lux - 1) < 0.05, `${illuminance} for ${lux} lux`);
			}
			driver.close();
		}
	});
	test("is finite at both ends of the converter", () => {
		const { workbench } = light();
		const driver = new Light({ sensor: { io: Analog, pin: 34 } });
		for (const volts of [0, 3.3]) {
			workbench.board.pin(34).connect(() => volts);
			const { illuminance } = driver.sample() as { illuminance: number };
			assert.ok(illuminance > 0 && Number.isFinite(illuminance));
		}
		driver.configure({ supply: 0.5 });
		assert.ok(Number.isFinite((driver.sample() as { illuminance: number }).illuminance));
		driver.close();
	});
	test("refuses parameters out of range, and gives its pin back then", () => {
		light();
		assert.throws(() => new Light({ sensor: { io: Analog, pin: 34, resistor: 1 } }), /resistor 1 is outside/);
		const driver = new Light({ sensor: { io: Analog, pin: 34 } });
		assert.throws(() => driver.configure({ gamma: 0 }), /gamma 0/);
		driver.close();
		assert.throws(() => driver.sample(), /is closed/);
	});
});

describe("push button", () => {
	const boot = (description = {}) => bench({ buttons: { boot: { pin: 0, ...description } } });
	function listen(options: Partial<ConstructorParameters<typeof PushButton>[0]> = {}) {
		const events: string[] = [];
		const button = new PushButton({
			io: Digital,
			pin: 0,
			onPress: () => void events.push("press"),
			onRelease: () => void events.push("release"),
			onHold: () => void events.push("hold"),
			...options,
		});
		return { button, events };
	}

	test("the contact bounces, the button does not", async () => {
		const { workbench } = boot();
		let edges = 0;
		workbench.board.on("pin", () => edges++);
		const { button, events } = listen();
		for (let press = 0; press < 20; press++) {
			workbench.press("boot", 100);
			await run(300);
		}
		assert.equal(events.length, 40);
		assert.ok(events.every((event, index) => event === (index % 2 ? "release" : "press")));
		assert.ok(edges > 100, `${edges} edges`);
		button.close();
	});
	test("a long press is a hold, once, counted from the press", async () => {
		const { workbench } = boot();
		const { button, events } = listen({ hold: 500 });
		workbench.press("boot");
		await run(495);
		assert.deepEqual(events, ["press"]);
		await run(15);
		assert.deepEqual(events, ["press", "hold"]);
		await run(5000);
		workbench.release("boot");
		await run(100);
		assert.deepEqual(events, ["press", "hold", "release"]);
		button.close();
	});
	test("active high, with a pull-down", async () => {
		const { workbench } = boot({ pin: 4, pull: "down" });
		const { button, events } = listen({ pin: 4, mode: Digital.InputPullDown });
		workbench.press("boot", 100);
		await run(50);
		assert.equal(button.pressed, true);
		assert.deepEqual(button.sample(), { position: 1 });
		await run(200);
		assert.deepEqual(events, ["press", "release"]);
		button.close();
	});
	test("held while it is made, it says nothing until released", async () => {
		const { workbench } = boot();
		workbench.press("boot");
		await run(50);
		const { button, events } = listen();
		await run(3000);
		assert.deepEqual(events, []);
		workbench.release("boot");
		await run(100);
		assert.deepEqual(events, ["release"]);
		button.close();
	});
	test("after close nothing comes, and the pin is free", async () => {
		const { workbench } = boot();
		const { button, events } = listen();
		workbench.press("boot");
		await run(10);
		button.close();
		button.close();
		await run(3000);
		assert.deepEqual(events, []);
		assert.throws(() => button.pressed, /is closed/);
		new Digital({ pin: 0, mode: Digital.Output }).close();
	});
	test("times out of range are refused", () => {
		boot();
		assert.throws(() => listen({ debounce: -1 }), /debounce -1 ms/);
		assert.throws(() => listen({ hold: 5 }), /hold 5 ms/);
	});
});
