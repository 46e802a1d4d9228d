import assert from "node:assert/strict";
import { test } from "node:test";
import { drivers } from "../../modules/description/drivers";
import { OtherNode } from "../support/other-node";

const pins = [14, 27, 32, 33];

test("every driver that node.ts may name gives values on the virtual board", (t) => {
	let pin = 0;
	const sensors: Record<string, object> = {};
	for (const [driver, { connection, quantities }] of Object.entries(drivers)) {
		const name = driver.toLowerCase().replace(/\W/g, "");
		const channels = Object.fromEntries(quantities.map((quantity, index) => [`${name}${index}`, { quantity }]));
		const wired = connection === "i2c" ? { i2c: "default" } : connection === "none" ? {} : { pin: pins[pin++] };
		// Two parts with the same address: the second one has another.
		const address = driver === "BME280" ? { address: 0x77 } : {};
		sensors[name] = { driver, ...wired, ...address, channels };
	}
	const description = {
		schema: 1,
		id: "vagalume-1",
		name: "All drivers",
		board: "esp32-devkitc",
		telemetry: { interval: 10 },
		lights: {},
		relays: {},
		sensors,
		buttons: {},
	};
	const other = new OtherNode(description);
	t.after(() => other.remove());
	const { status, stderr, lines } = other.simulate(["--time", "virtual", "--duration", "60", "--heap", "131072"]);
	assert.equal(status, 0, stderr);
	const record = JSON.parse(lines.filter(({ topic }) => /\/telemetry$/.test(topic ?? "")).at(-1).payload);
	const errors = lines.filter(({ level }) => level === "error").map(({ message }) => message);
	const silent = Object.entries(record).filter(([, value]) => value === null);
	assert.deepEqual(silent, [], errors.join("\n"));
});
