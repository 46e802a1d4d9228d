import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { Panel } from "../../sim/panel/panel";
import { FakePanelNode } from "../support/fake-panel-node";
import { act as send } from "../support/panel-client";

const node = new FakePanelNode();
const base = "vagalume/vagalume-1";
let panel: Panel;

before(async () => {
	panel = await Panel.start({
		nodes: [node],
		port: 0,
		brokerUrl: () => "mqtts://broker.example",
		broker: { open: () => new PassThrough(), explain: String },
	});
});
beforeEach(() => {
	node.done.length = 0;
});
after(async () => {
	await panel.close();
	node.close();
});

const act = (action: unknown) => send(panel.url, node.id, action);
const done = async (action: unknown) => assert.deepEqual(await act(action), { status: 204, error: "" });
const part = (name: string) => node.workbench.parts()[name]!;

test("set holds a quantity for one sensor, release gives it back to nature", async () => {
	const elsewhere = node.world.value("temperature");
	await done({ type: "set", quantity: "climate/temperature", value: 31.5 });
	assert.equal(node.world.value("temperature", "climate"), 31.5);
	assert.ok(Math.abs(node.world.value("temperature") - elsewhere) < 1);
	await done({ type: "release", quantity: "climate/temperature" });
	assert.equal(node.world.held("climate/temperature"), false);
});

test("set without a sensor is for the whole world", async () => {
	await done({ type: "set", quantity: "light", value: 1234 });
	assert.equal(node.world.value("light", "light"), 1234);
	await done({ type: "release", quantity: "light" });
});

test("press holds the button until release", async () => {
	await done({ type: "press", button: "boot" });
	assert.ok("pressed" in part("button/boot") && (part("button/boot") as { pressed: boolean }).pressed);
	await done({ type: "release", button: "boot" });
	assert.equal((part("button/boot") as { pressed: boolean }).pressed, false);
});

test("press lets go by itself after its milliseconds", async () => {
	await done({ type: "press", button: "boot", milliseconds: 20 });
	await new Promise((resolve) => setTimeout(resolve, 60));
	assert.equal((part("button/boot") as { pressed: boolean }).pressed, false);
});

test("plug pulls a sensor off its wires and puts it back", async () => {
	await done({ type: "plug", sensor: "climate", plugged: false });
	assert.equal((part("sensor/climate") as { plugged: boolean }).plugged, false);
	await done({ type: "plug", sensor: "climate", plugged: true });
	assert.equal((part("sensor/climate") as { plugged: boolean }).plugged, true);
});

test("Wi-Fi, power and reset reach the node", async () => {
	await done({ type: "wifi", signal: -80 });
	await done({ type: "wifi", up: false });
	await done({ type: "wifi", up: true, signal: -60 });
	await done({ type: "reset" });
	await done({ type: "power", on: false });
	assert.deepEqual(await act({ type: "reset" }), { status: 409, error: 'node "vagalume-1" is off' });
	await done({ type: "power", on: true });
	const expected = [
		"wifi signal -80",
		"wifi down",
		"wifi signal -60",
		"wifi restore",
		"reset power-on",
		"powerCut",
		"powerOn",
	];
	assert.deepEqual(node.done, expected);
});

test("a brown-out resets with its own reason", async () => {
	await done({ type: "reset", reason: "brown-out" });
	assert.deepEqual(node.done, ["reset brown-out"]);
});

test("noise makes a sensor's value wander, no further than told", async () => {
	await done({ type: "set", quantity: "climate/humidity", value: 50 });
	await done({ type: "noise", quantity: "climate/humidity", amplitude: 4 });
	assert.equal(node.world.noise("climate/humidity"), 4);
	const value = node.world.value("humidity", "climate");
	assert.ok(value !== 50 && Math.abs(value - 50) <= 4, String(value));
	await done({ type: "noise", quantity: "climate/humidity", amplitude: 0 });
	assert.equal(node.world.value("humidity", "climate"), 50);
	await done({ type: "release", quantity: "climate/humidity" });
});

test("the way to the broker gets slow, lossy, or leads nowhere", async () => {
	await done({ type: "line", latency: 250, loss: 10 });
	await done({ type: "line", reachable: false });
	const { latency, loss, reachable } = node.line;
	assert.deepEqual({ latency, loss, reachable }, { latency: 250, loss: 10, reachable: false });
	await done({ type: "line", latency: 0, loss: 0, reachable: true });
});

test("time goes faster, and no faster than it can", async () => {
	await done({ type: "pace", pace: 10 });
	assert.equal(node.time.pace, 10);
	await done({ type: "pace", pace: 1 });
});

test("an order is published to the node, or to its group", async () => {
	await done({ type: "order", topic: `${base}/led/onboard/set`, payload: '{"state":"ON","brightness":255}' });
	assert.equal((part("led/onboard") as { brightness: number }).brightness, 1);
	await done({ type: "order", topic: "vagalume/all/led/onboard/set", payload: "" });
	assert.equal(node.done[1], "order vagalume/all/led/onboard/set ");
});

test("without the embedded broker an order is refused and says why", async () => {
	const { order } = node;
	node.order = undefined;
	const { status, error } = await act({ type: "order", topic: `${base}/led/onboard/set`, payload: "ON" });
	node.order = order;
	assert.equal(status, 409);
	assert.match(error, /broker elsewhere/);
});

const refused: [string, unknown, RegExp][] = [
	["no object", [], /an action is a JSON object/],
	["nothing", null, /an action is a JSON object/],
	["no type", {}, /type is missing: expected a string/],
	["an unknown type", { type: "explode" }, /type "explode" is unknown: expected one of set, release/],
	["a type that every object has", { type: "toString" }, /type "toString" is unknown/],
	["a member too many", { type: "reset", hard: true }, /reset: "hard" is unknown/],
	["an unknown quantity", { type: "set", quantity: "smell", value: 1 }, /no quantity "smell".*temperature/],
	[
		"a value out of range",
		{ type: "set", quantity: "temperature", value: 500 },
		/temperature: 500 is outside -55\.\.125 °C/,
	],
	["a value that is no number", { type: "set", quantity: "light", value: "5" }, /value is ""5"": expected a number/],
	["a value that is missing", { type: "set", quantity: "light" }, /value is missing/],
	[
		"an unknown sensor of a quantity",
		{ type: "set", quantity: "attic/light", value: 1 },
		/sensor "attic" is unknown: there is climate, light/,
	],
	["release of nothing", { type: "release" }, /quantity is missing/],
	["release of an unknown sensor", { type: "release", quantity: "attic/light" }, /sensor "attic"/],
	["an unknown button", { type: "press", button: "fire" }, /button "fire" is unknown: there is boot/],
	[
		"a press without end",
		{ type: "press", button: "boot", milliseconds: 1e9 },
		/milliseconds 1000000000 is outside 1\.\.60000/,
	],
	["a press of no time", { type: "press", button: "boot", milliseconds: 0 }, /milliseconds 0 is outside/],
	["an unknown sensor", { type: "plug", sensor: "nose", plugged: true }, /sensor "nose" is unknown/],
	["half plugged", { type: "plug", sensor: "climate", plugged: 0.5 }, /plugged is "0\.5": expected true or false/],
	["Wi-Fi without anything", { type: "wifi" }, /"up" or "signal" is missing/],
	["a signal out of range", { type: "wifi", signal: 0 }, /signal 0 is outside -100\.\.-20/],
	["a line without anything", { type: "line" }, /"latency", "loss" or "reachable" is missing/],
	["a latency out of range", { type: "line", latency: -1 }, /latency: -1 is outside 0\.\.5000 ms/],
	["a loss that is no number", { type: "line", loss: "1" }, /loss is ""1"": expected a number/],
	[
		"noise out of range",
		{ type: "noise", quantity: "humidity", amplitude: 101 },
		/humidity: 101 is outside 0\.\.100 %/,
	],
	[
		"a reset for an unknown reason",
		{ type: "reset", reason: "panic" },
		/reason "panic": expected power-on or brown-out/,
	],
	["a pace out of range", { type: "pace", pace: 100 }, /pace: 100 is outside 1\.\.60/],
	["power neither on nor off", { type: "power" }, /on is missing/],
	[
		"an order to another's topic",
		{ type: "order", topic: "neighbour/led/set", payload: "" },
		/is not one of this node's: expected vagalume\/vagalume-1\/\.\.\./,
	],
	[
		"an order to a name that begins alike",
		{ type: "order", topic: `${base}0/led`, payload: "" },
		/is not one of this node's/,
	],
	["an order to a wildcard", { type: "order", topic: `${base}/#`, payload: "" }, /is not a topic name/],
	[
		"an order of half a character",
		{ type: "order", topic: `${base}/x`, payload: "\ud800" },
		/payload is no Unicode text/,
	],
	["an order without a payload", { type: "order", topic: `${base}/x` }, /payload is missing/],
];

for (const [what, action, message] of refused) {
	test(`${what} is refused by name and changes nothing`, async () => {
		const before = JSON.stringify(node.workbench.parts()["button/boot"]);
		const { status, error } = await act(action);
		assert.equal(status, 400);
		assert.match(error, message);
		assert.deepEqual(node.done, []);
		assert.equal(node.world.held("light") || node.world.held("temperature"), false);
		assert.equal(JSON.stringify(node.workbench.parts()["button/boot"]), before);
	});
}
