import assert from "node:assert/strict";
import { test } from "node:test";
import { BH1750, bench, I2C, run } from "../support/board-bench";

const sensor = { io: I2C, data: 21, clock: 22, hz: 100_000 };
/** A node with a BH1750 called `window`, as node.ts would have it. */
const node = () => bench({ sensors: { window: { driver: "BH1750", channels: {} } } });

test("measures the world's light", async () => {
	const { world } = node();
	const driver = new BH1750({ sensor });
	for (const lux of [0, 1, 345, 50_000]) {
		world.set("light", lux);
		await run(200);
		const { illuminance } = driver.sample() as { illuminance: number };
		assert.ok(Math.abs(illuminance - lux) <= 0.5, `${illuminance} for ${lux} lux`);
	}
	driver.close();
});

test("has no sample in the first 180 ms, and says when it has", async () => {
	node();
	let told = 0;
	const driver = new BH1750({ sensor, onSample: () => void told++ });
	assert.equal(driver.sample(), undefined);
	await run(180);
	assert.equal(told, 1);
	assert.ok(driver.sample());
	driver.close();
});

test("throws when the part is not there, at the beginning or later", async () => {
	const { workbench } = node();
	const driver = new BH1750({ sensor });
	await run(200);
	workbench.plug("window", false);
	assert.throws(() => driver.sample(), /no part answers at address 0x23/);
	driver.close();
	assert.throws(() => new BH1750({ sensor }), /no part answers at address 0x23/);
});

test("goes on after the part has lost its power for a moment", async () => {
	const { workbench, world } = node();
	world.set("light", 100);
	const driver = new BH1750({ sensor });
	await run(200);
	workbench.plug("window", false);
	workbench.plug("window", true);
	driver.sample();
	await run(200);
	assert.equal(Math.round((driver.sample() as { illuminance: number }).illuminance), 100);
	driver.close();
});

test("after close it throws, has no timer left, and its address is free", async () => {
	node();
	const driver = new BH1750({ sensor, onSample: () => assert.fail("called after close") });
	driver.sample();
	driver.close();
	driver.close();
	await run(1000);
	assert.throws(() => driver.sample(), /BH1750 is closed/);
	new BH1750({ sensor }).close();
});
