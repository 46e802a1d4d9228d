import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { after, afterEach, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "../../sim/panel/feed";
import { NodeWatch } from "../../sim/panel/node-watch";
import { Panel } from "../../sim/panel/panel";
import type { MessageView, NodeState } from "../../sim/panel/protocol";
import { FakePanelNode } from "../support/fake-panel-node";
import { act, EventStream, eventsIn } from "../support/panel-client";
import { until } from "../support/until";

const node = new FakePanelNode();
const base = "vagalume/vagalume-1";
const streams: EventStream[] = [];
let panel: Panel;

before(async () => {
	panel = await Panel.start({ nodes: [node], port: 0, brokerUrl: () => "mqtt://127.0.0.1:1883" });
	node.log("info", "boot");
	node.greet();
	node.report();
});
afterEach(async () => {
	await Promise.all(streams.splice(0).map((stream) => stream.close()));
});
after(async () => {
	await panel.close();
	node.close();
});

async function open(): Promise<{ stream: EventStream; state: NodeState }> {
	const stream = new EventStream(panel.url, node.id);
	streams.push(stream);
	await until(() => stream.state !== undefined, 2000, "the first state");
	return { stream, state: stream.state! };
}

test("the first event is the whole state: the node, its parts, channels, and what it said before", async () => {
	const { state } = await open();
	assert.equal(state.name, "Vagalume");
	assert.equal(state.board, "ESP32-DevKitC");
	assert.equal(state.base, base);
	assert.deepEqual(
		{ ...state.vitals, heap: state.vitals.heap?.limit },
		{
			on: true,
			status: "online",
			broker: "mqtt://127.0.0.1:1883",
			orders: true,
			wifi: { up: true, RSSI: -57 },
			heap: 65_536,
		},
	);
	const names = ["led/onboard", "led/strip", "relay/fan", "button/boot", "sensor/climate", "sensor/light"];
	assert.deepEqual(Object.keys(state.parts), names);
	const strip = state.parts["led/strip"];
	assert.ok(strip?.kind === "strip" && strip.pixels === "000000".repeat(8));
	const climate = state.parts["sensor/climate"];
	assert.ok(climate?.kind === "sensor");
	assert.equal(climate.wiring, "I2C 0x44");
	const [temperature] = climate.quantities;
	assert.deepEqual(
		{ ...temperature, value: undefined },
		{
			name: "climate/temperature",
			quantity: "temperature",
			unit: "°C",
			low: -55,
			high: 125,
			step: 0.1,
			value: undefined,
			held: false,
			channel: "temperature",
		},
	);
	assert.deepEqual(Object.keys(state.channels), ["temperature", "humidity", "illuminance", "rssi", "heap", "uptime"]);
	assert.match(state.channels["temperature"]?.value ?? "", /^\d+(\.\d)?$/);
	assert.deepEqual(state.log.at(0)?.text, "boot");
	assert.deepEqual(state.messages[0], {
		date: state.messages[0]?.date,
		direction: "out",
		topic: `${base}/status`,
		payload: "online",
		size: 6,
		qos: 1,
		retain: true,
	});
});

test("an order is seen as two messages, a light that shines, and its state", async () => {
	const { stream } = await open();
	await act(panel.url, node.id, {
		type: "order",
		topic: `${base}/led/strip/set`,
		payload: '{"color":{"r":255,"g":0,"b":16}}',
	});
	await until(() => stream.updates.some(({ parts }) => parts?.["led/strip"]), 2000, "the strip");
	const part = stream.updates.findLast(({ parts }) => parts?.["led/strip"])?.parts?.["led/strip"];
	assert.ok(part?.kind === "strip" && part.pixels === "ff0010".repeat(8));
	assert.equal(JSON.parse(part.state ?? "").state, "ON");
	const messages = stream.updates.flatMap(({ messages = [] }) => messages);
	assert.deepEqual(
		messages.map(({ direction, topic }) => `${direction} ${topic}`),
		[`in ${base}/led/strip/set`, `out ${base}/led/strip`],
	);
});

test("a hand on the world is seen at once", async () => {
	const { stream } = await open();
	node.world.set("climate/temperature", 40);
	await until(() => stream.updates.length > 0, 500, "an update");
	const climate = stream.updates[0]?.parts?.["sensor/climate"];
	assert.ok(climate?.kind === "sensor" && climate.quantities[0]?.value === 40 && climate.quantities[0].held);
	node.world.release("climate/temperature");
});

test("a power cut takes status and heap away and says why", async () => {
	const { stream } = await open();
	node.powerCut();
	await until(() => stream.updates.some(({ vitals }) => vitals?.on === false), 1000, "the power cut");
	const vitals = stream.updates.findLast(({ vitals }) => vitals)?.vitals;
	assert.equal(vitals?.reason, "power cut");
	assert.equal(vitals?.status, undefined);
	assert.equal(vitals?.heap, undefined);
	node.powerOn();
	await until(() => stream.updates.at(-1)?.vitals?.status === "online", 1000, "the node online again");
});

test("a storm of changes is sent at most 20 times a second, and its end always", async () => {
	const { stream } = await open();
	const from = performance.now();
	for (let value = 0; value < 300; value++) {
		node.world.set("climate/temperature", value / 10);
		await sleep(1);
	}
	await until(
		() => {
			const part = stream.updates.findLast(({ parts }) => parts?.["sensor/climate"])?.parts?.["sensor/climate"];
			return part?.kind === "sensor" && part.quantities[0]?.value === 29.9;
		},
		1000,
		"the last value",
	);
	const seconds = (performance.now() - from) / 1000;
	assert.ok(stream.updates.length <= 20 * seconds + 2, `${stream.updates.length} updates in ${seconds} s`);
	assert.ok(stream.updates.length >= 4, `${stream.updates.length} updates`);
	node.world.release("climate/temperature");
});

test("what a page is sent of a message is bounded", async () => {
	const { stream } = await open();
	node.say("big", "ä".repeat(5000));
	await until(() => stream.updates.some(({ messages }) => messages), 1000, "the message");
	const message = stream.updates.flatMap(({ messages = [] }) => messages)[0]!;
	assert.equal(message.payload.length, 1000);
	assert.equal(message.size, 10_000);
});

test("a page that opens late gets the latest 100 messages, oldest first", async () => {
	for (let count = 0; count < 150; count++) node.say("count", String(count));
	const { state } = await open();
	const counts = state.messages.map(({ payload }) => Number(payload));
	assert.deepEqual([counts.length, counts[0], counts.at(-1)], [100, 50, 149]);
});

test("while no page is open nothing on the board is listened to, and close ends all", async (t) => {
	const { quiet, watch } = quietNode(t);
	let listening = 0;
	const { onChange } = quiet.world;
	quiet.world.onChange = (listener) => {
		listening += 1;
		const end = onChange.call(quiet.world, listener);
		return () => {
			listening -= 1;
			end();
		};
	};
	const page = new SlowPage();
	watch.open(page);
	assert.deepEqual([watch.watchers, listening, quiet.listeners], [1, 1, 1]);
	page.destroy();
	await until(() => watch.watchers === 0, 1000, "the page's end");
	assert.equal(listening, 0);
	watch.close();
	assert.equal(quiet.listeners, 0);
});

/** A node, and its watch without a server. */
function quietNode(t: TestContext): { quiet: FakePanelNode; watch: NodeWatch } {
	const quiet = new FakePanelNode({ id: "quiet" });
	const watch = new NodeWatch(quiet, () => undefined);
	t.after(() => {
		watch.close();
		quiet.close();
	});
	return { quiet, watch };
}

/** A page that reads nothing until `read`. */
class SlowPage extends Writable {
	text = "";
	#next: (() => void) | undefined;
	#slow = true;

	override _write(chunk: Buffer, _encoding: string, next: () => void): void {
		this.text += chunk.toString();
		if (this.#slow) this.#next = next;
		else next();
	}
	read(): void {
		this.#slow = false;
		this.#next?.();
	}
}

test("a page that does not read costs bounded memory, then gets the latest and learns what it missed", async (t) => {
	const { quiet, watch } = quietNode(t);
	const page = new SlowPage();
	watch.open(page);
	let most = 0;
	for (let round = 0; round < 5; round++) {
		for (let count = 0; count < 1000; count++) {
			quiet.say("storm", `${round}/${count} ${"x".repeat(900)}`);
			quiet.log("debug", "y".repeat(900));
		}
		quiet.world.set("temperature", 20 + round);
		await sleep(60);
		most = Math.max(most, page.writableLength);
	}
	assert.ok(most < 600_000, `${most} bytes wait for the page`);
	page.read();
	await until(() => eventsIn(page.text).length > 2, 1000, "the rest");
	const updates = eventsIn(page.text).flatMap(({ event, data }) => (event === "update" ? [data] : []));
	const messages = updates.flatMap(({ messages = [] }) => messages);
	const lines = updates.flatMap(({ log = [] }) => log);
	const dropped = updates.reduce((sum, { dropped = 0 }) => sum + dropped, 0);
	assert.match(messages.at(-1)!.payload, /^4\/999 /);
	assert.equal(messages.length + lines.length + dropped, 10_000);
	assert.ok(messages.length <= 400 && lines.length <= 400);
	const part = updates.findLast(({ parts }) => parts)?.parts?.["sensor/climate"];
	assert.ok(part?.kind === "sensor" && part.quantities[0]?.value === 24);
});

test("a feed that was closed sends nothing more", async () => {
	const page = new SlowPage();
	page.read();
	const state = { vitals: {}, parts: {}, channels: {} } as unknown as NodeState;
	const feed = new Feed(page, state, () => state);
	feed.message({ topic: "t" } as MessageView);
	feed.close();
	const { length } = page.text;
	feed.message({ topic: "t" } as MessageView);
	await sleep(80);
	assert.equal(page.text.length, length);
});
