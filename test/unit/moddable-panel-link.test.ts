import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { PanelNews } from "../../hosts/moddable/panel/protocol";
import node from "../../node";
import { control } from "../../sim/control";
import { PanelLink } from "../../sim/moddable/panel-link";
import { bench, clock, LightStrip, PWM, run } from "../support/board-bench";

let open: PanelLink | undefined;
afterEach(() => {
	open?.close();
	open = undefined;
});

/** The default node's board, and what its link tells a panel. */
function linked() {
	const { workbench, world } = bench(node);
	const told: PanelNews[] = [];
	let radio = { up: true, signal: -60, address: "192.168.4.3" };
	const link = new PanelLink({
		id: "sala",
		clock,
		workbench,
		radio: () => radio,
		post: (message) => void told.push(JSON.parse(message)),
	});
	open = link;
	return {
		workbench,
		world,
		link,
		told,
		take: () => told.splice(0),
		setRadio: (value: typeof radio) => {
			radio = value;
		},
	};
}

describe("what the machine tells a panel", () => {
	test("is nothing while there is none", async () => {
		const { link, workbench, told } = linked();
		const led = new PWM({ pin: 2 });
		led.write(1023);
		workbench.plug("climate", false);
		link.log("info boots");
		await run(3000);
		assert.deepEqual(told, []);
	});

	test("is everything when one is there, also a second time", async () => {
		const { link, told, take } = linked();
		for (let count = 0; count < 2; count++) {
			link.open();
			const all = Object.assign({}, ...told) as PanelNews;
			assert.equal(all.id, "sala");
			assert.deepEqual(Object.keys(all.parts!), [
				"led/onboard",
				"led/strip",
				"relay/fan",
				"button/boot",
				"sensor/climate",
				"sensor/light",
			]);
			assert.deepEqual(all.wifi, { up: true, signal: -60, address: "192.168.4.3" });
			take();
		}
	});

	test("is each change within 50 ms, and no more often, however often it changes", async () => {
		const { link, take } = linked();
		link.open();
		take();
		const led = new PWM({ pin: 2 });
		const strip = new LightStrip({ pin: 13, length: 8 });
		for (let count = 0; count < 900; count++) {
			led.write(count);
			strip.write(new Uint8Array(24).fill(count));
			await run(1);
		}
		led.write(512);
		strip.write(new Uint8Array(24).fill(0xab));
		await run(50);
		const news = take();
		assert.ok(news.length > 10 && news.length <= 20, `${news.length} messages`);
		const last = Object.assign({}, ...news.map(({ parts }) => parts));
		assert.ok(Math.abs(last["led/onboard"].brightness - 0.5) < 0.01);
		assert.equal(last["led/strip"].pixels, "ab".repeat(24));
	});

	test("is the weather and the radio once a second, where they moved", async () => {
		const { link, take, world, setRadio } = linked();
		for (const name of ["temperature", "humidity", "light"]) world.set(name, 20);
		link.open();
		take();
		await run(5000);
		assert.deepEqual(take(), []);
		control("set climate/temperature 31", [{ world } as never]);
		setRadio({ up: false } as never);
		await run(1100);
		assert.deepEqual(Object.assign({}, ...take()), {
			parts: { "sensor/climate": { plugged: true, values: { temperature: 31, humidity: 20 } } },
			wifi: { up: false },
		});
	});

	test("is the console's last line", () => {
		const { link, take } = linked();
		link.open();
		take();
		link.log("warn one\ninfo two\n");
		assert.deepEqual(take(), [{ log: "info two" }]);
	});

	test("ends with the machine", async () => {
		const { link, workbench, take } = linked();
		link.open();
		link.close();
		take();
		workbench.plug("climate", false);
		link.log("late");
		await run(3000);
		assert.deepEqual(take(), []);
	});
});

test("a button may be held and let go by orders", async () => {
	const { workbench } = linked();
	const pressed = () => (workbench.parts()["button/boot"] as { pressed: boolean }).pressed;
	const nodes = [{ workbench } as never];
	assert.equal(control("hold boot", nodes), undefined);
	await run(60_000);
	assert.equal(pressed(), true);
	assert.equal(control("lift boot", nodes), undefined);
	await run(100);
	assert.equal(pressed(), false);
	assert.match(control("hold door", nodes)!, /button "door" is unknown: there is boot/);
});
