import assert from "node:assert/strict";
import { test } from "node:test";
import { control } from "../../sim/control";
import { VirtualSimulation } from "../support/virtual-simulation";

const base = "vagalume/sala";
const brightness = (world: VirtualSimulation) => {
	const part = world.node.workbench.parts()["led/onboard"]!;
	assert.equal(part.kind, "led");
	return part.kind === "led" ? part.brightness : Number.NaN;
};

test("an order moves the virtual pin and the state, within 50 ms of node time", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	assert.equal(brightness(world), 0);
	for (const [order, duty, state] of [
		["ON", 1, { state: "ON", brightness: 255 }],
		["50", 0.5, { state: "ON", brightness: 128 }],
		['{"state":"ON","brightness":64}', 0.25, { state: "ON", brightness: 64 }],
		["OFF", 0, { state: "OFF" }],
	] as const) {
		world.order(`${base}/led/onboard/set`, order);
		await world.run(0.05);
		assert.ok(Math.abs(brightness(world) - duty) < 0.01, `${order}: ${brightness(world)}`);
		const said = JSON.parse(world.output.sent(`${base}/led/onboard`).at(-1)!);
		assert.equal(said.state, state.state);
		if ("brightness" in state) assert.ok(Math.abs(said.brightness - state.brightness) <= 1, said.brightness);
	}
	assert.equal(await world.end(), 0);
});

test("rubbish moves no pin and is said to be rubbish", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	const states = world.output.sent(`${base}/led/onboard`).length;
	for (const rubbish of ["", "blue", "101", '{"state":1}', "[".repeat(400), "x".repeat(20_000)]) {
		const lines = world.output.lines.length;
		world.order(`${base}/led/onboard/set`, rubbish);
		await world.run(1);
		assert.match(world.output.lines.slice(lines).join("\n"), /(warn|error) .*onboard/, rubbish.slice(0, 20));
	}
	assert.equal(brightness(world), 0);
	assert.equal(world.output.sent(`${base}/led/onboard`).length, states);
	await world.end();
});

test("a colour for the strip lights its pixels, for the group as well", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	for (const [topic, green] of [
		[base, 120],
		["vagalume/all", 30],
	] as const) {
		const order = { state: "ON", brightness: 255, color: { r: 255, g: green, b: 0 }, transition: 0 };
		world.order(`${topic}/led/strip/set`, JSON.stringify(order));
		await world.run(1);
		const strip = world.node.workbench.parts()["led/strip"]!;
		assert.equal(strip.kind, "strip");
		if (strip.kind === "strip") assert.deepEqual([...strip.pixels.subarray(0, 3)], [255, green, 0]);
	}
	assert.equal(await world.end(), 0);
});

test("a temperature set from outside is in the next record", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	assert.equal(control("set temperature 31", world.simulation.nodes), undefined);
	await world.run(10);
	const record = JSON.parse(world.output.sent(`${base}/telemetry`).at(-1)!);
	assert.ok(Math.abs(record.temperature - 31) < 0.3, `${record.temperature}`);
	await world.end();
});

test("a sensor that is pulled off its wires is null in the record, said once, and comes back", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(15);
	control("unplug climate", world.simulation.nodes);
	await world.run(30);
	const record = JSON.parse(world.output.sent(`${base}/telemetry`).at(-1)!);
	assert.equal(record.temperature, null);
	assert.equal(typeof record.illuminance, "number");
	const complaints = world.output.lines.filter((line) => /^(warn|error) .*climate/.test(line));
	assert.equal(complaints.length, 1, complaints.join("\n"));
	control("plug climate", world.simulation.nodes);
	await world.run(60);
	assert.equal(typeof JSON.parse(world.output.sent(`${base}/telemetry`).at(-1)!).temperature, "number");
	await world.end();
});

test("a press of the button is an event, and switches the LED at once", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	control("press boot 1500", world.simulation.nodes);
	await world.run(3);
	const events = world.output.sent(`${base}/button/boot`).map((payload) => JSON.parse(payload).event_type);
	assert.deepEqual(events, ["press", "hold", "release"]);
	assert.equal(brightness(world), 1);
	await world.end();
});

test("Wi-Fi that goes for a minute: records of that time arrive afterwards, in order", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(25);
	control("wifi down", world.simulation.nodes);
	await world.run(60);
	control("wifi up", world.simulation.nodes);
	await world.run(120);
	const sequence = [...new Set(world.output.sent(`${base}/telemetry`).map((payload) => JSON.parse(payload).seq))];
	assert.deepEqual(
		sequence,
		sequence.map((_, index) => index + 1),
	);
	assert.ok(sequence.length >= 20, `${sequence.length}`);
	assert.equal(await world.end(), 0);
});

test("an hour without Wi-Fi fits in the heap, and the newest records survive it", async (t) => {
	const world = await VirtualSimulation.start(t, ["--heap", "65536"]);
	await world.run(25);
	control("wifi down", world.simulation.nodes);
	await world.run(3600);
	control("wifi up", world.simulation.nodes);
	await world.run(120);
	assert.equal(world.node.on, true, world.output.notices.join("\n"));
	const sequence = world.output.sent(`${base}/telemetry`).map((payload) => JSON.parse(payload).seq as number);
	const newest = sequence.at(-1)!;
	assert.ok(newest >= 370, `${newest}`);
	// The oldest of the outage were dropped; the newest are all there, in order, up to the present.
	const kept = [...new Set(sequence)].slice(-40);
	assert.deepEqual(
		kept,
		kept.map((_, index) => newest - 39 + index),
	);
	assert.equal(await world.end(), 0);
});

test("a power cut forgets nothing that was said to be kept", async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(5);
	world.order(`${base}/command/interval`, '{"seconds":5}');
	await world.run(30);
	control("power off", world.simulation.nodes);
	await world.run(5);
	assert.equal(world.node.on, false);
	control("power on", world.simulation.nodes);
	await world.run(30);
	const info = world.output.sent(`${base}/info`).map((payload) => JSON.parse(payload));
	assert.deepEqual(
		info.map(({ bootCount }) => bootCount),
		[1, 2],
	);
	assert.equal(info[1].resetReason, "power-on");
	const times = world.output
		.sent(`${base}/telemetry`)
		.slice(-3)
		.map((payload) => Date.parse(JSON.parse(payload).time));
	assert.deepEqual(
		[times[1]! - times[0]!, times[2]! - times[1]!].map((ms) => Math.round(ms / 1000)),
		[5, 5],
	);
	await world.end();
});

test("lines that the world does not understand are explained", async (t) => {
	const world = await VirtualSimulation.start(t);
	const nodes = world.simulation.nodes;
	assert.match(control("dance", nodes)!, /"dance" is not an order/);
	assert.match(control("set warmth 3", nodes)!, /no quantity "warmth"/);
	assert.match(control("set temperature 999", nodes)!, /outside -55..125/);
	assert.match(control("press bell", nodes)!, /button "bell" is unknown: there is boot/);
	assert.match(control("wifi 5", nodes)!, /outside -100..-20/);
	assert.match(control("other: show", nodes)!, /no node "other": there is sala/);
	assert.match(control("memory", nodes)!, /of 65536 bytes/);
	assert.match(control("show", nodes)!, /led\/onboard/);
	assert.equal(control("", nodes), undefined);
	await world.end();
});

for (const seconds of [0.001, 0.3, 0.44]) {
	test(`a node that is ended ${seconds} s after its boot ends cleanly, too`, async (t) => {
		const world = await VirtualSimulation.start(t);
		await world.run(seconds);
		assert.equal(await world.end(), 0);
		assert.deepEqual(world.output.notices, []);
	});
}
