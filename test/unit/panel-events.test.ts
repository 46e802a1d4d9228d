import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { after, afterEach, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Feed } from "../../sim/panel/feed";
import { NodeWatch } from "../../sim/panel/node-watch";
import { Panel } from "../../sim/panel/panel";
import type { NodeState, PacketView } from "../../sim/panel/protocol";
import { FakePanelNode } from "../support/fake-panel-node";
import { act, BoardPage, newsIn } from "../support/panel-client";
import { until } from "../support/until";

const node = new FakePanelNode();
const base = "vagalume/vagalume-1";
const streams: BoardPage[] = [];
let panel: Panel;

before(async () => {
	panel = await Panel.start({
		nodes: [node],
		port: 0,
		brokerUrl: () => "mqtt://127.0.0.1:1883",
		broker: { open: () => new PassThrough(), explain: String },
	});
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

async function open(): Promise<{ stream: BoardPage; state: NodeState }> {
	const stream = new BoardPage(panel.url, node.id);
	streams.push(stream);
	await until(() => stream.state !== undefined, 2000, "the first state");
	return { stream, state: stream.state! };
}

test("the first news is the whole state: the node, its parts, channels, and what it said before", async () => {
	const { state } = await open();
	assert.equal(state.name, "Vagalume");
	assert.equal(state.board, "ESP32-DevKitC");
	assert.equal(state.base, base);
	assert.deepEqual(
		{ ...state.vitals, heap: state.vitals.heap?.limit, compute: state.vitals.compute?.limit },
		{
			on: true,
			broker: "mqtt://127.0.0.1:1883",
			wifi: { up: true, RSSI: -57 },
			pace: 1,
			line: { latency: 0, loss: 0, reachable: true },
			heap: 65_536,
			compute: 25_000_000,
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
			noise: 0,
			channel: "temperature",
		},
	);
	assert.deepEqual(Object.keys(state.channels), ["temperature", "humidity", "illuminance", "rssi", "heap", "uptime"]);
	assert.match(state.channels["temperature"]?.value ?? "", /^\d+(\.\d)?$/);
	assert.deepEqual(state.log.at(0)?.text, "boot");
	const [first] = state.packets;
	assert.equal(first?.type, "PUBLISH");
	assert.deepEqual(first.message, {
		topic: `${base}/status`,
		payload: "online",
		size: 6,
		qos: 1,
		retain: true,
		dup: false,
	});
	const bytes = Buffer.from(first.bytes, "base64");
	assert.equal(bytes.length, first.length);
	assert.ok(bytes.subarray(4).toString().startsWith(`${base}/status`), "the bytes of the wire");
	const values = state.history["temperature"]!;
	assert.equal(values.length, 2);
	assert.ok(Math.abs(values[0]! - state.date) < 60_000 && values[1]! > -20 && values[1]! < 50, String(values));
	assert.ok(state.orders.some(({ topic }) => topic === `${base}/relay/fan/set`));
	assert.equal(state.pins[2]?.use, "PWM");
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
	const packets = stream.updates.flatMap(({ packets = [] }) => packets);
	assert.deepEqual(
		packets.map(({ direction, message }) => `${direction} ${message?.topic}`),
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

test("a power cut takes heap and compute away and says why", async () => {
	const { stream } = await open();
	node.powerCut();
	await until(() => stream.updates.some(({ vitals }) => vitals?.on === false), 1000, "the power cut");
	const vitals = stream.updates.findLast(({ vitals }) => vitals)?.vitals;
	assert.equal(vitals?.reason, "power cut");
	assert.equal(vitals?.heap, undefined);
	assert.equal(vitals?.compute, undefined);
	node.powerOn();
	await until(() => stream.updates.at(-1)?.vitals?.on === true, 1000, "the node on again");
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
	await until(() => stream.updates.some(({ packets }) => packets), 1000, "the message");
	const { message, bytes } = stream.updates.flatMap(({ packets = [] }) => packets)[0]!;
	assert.ok(message);
	assert.equal(Buffer.from(bytes, "base64").length, 1024);
	assert.equal(message.payload.length, 1000);
	assert.equal(message.size, 10_000);
});

test("a page that opens late gets the latest 100 messages, oldest first", async () => {
	for (let count = 0; count < 150; count++) node.say("count", String(count));
	const { state } = await open();
	const counts = state.packets.map(({ message }) => Number(message?.payload));
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
	assert.ok(most < 1_400_000, `${most} bytes wait for the page`);
	page.read();
	await until(() => newsIn(page.text).length > 2, 1000, "the rest");
	const updates = newsIn(page.text).flatMap((news) => (news.type === "update" ? [news.update] : []));
	const packets = updates.flatMap(({ packets = [] }) => packets);
	const lines = updates.flatMap(({ log = [] }) => log);
	const dropped = updates.reduce((sum, { dropped = 0 }) => sum + dropped, 0);
	assert.match(packets.at(-1)!.message!.payload, /^4\/999 /);
	assert.equal(packets.length + lines.length + dropped, 10_000);
	assert.ok(packets.length <= 400 && lines.length <= 400);
	const part = updates.findLast(({ parts }) => parts)?.parts?.["sensor/climate"];
	assert.ok(part?.kind === "sensor" && part.quantities[0]?.value === 24);
});

test("a feed that was closed sends nothing more", async () => {
	const page = new SlowPage();
	page.read();
	const state = { vitals: {}, pins: {}, parts: {}, channels: {} } as unknown as NodeState;
	const feed = new Feed(page, state, () => state);
	feed.packet({ type: "PINGREQ" } as PacketView);
	feed.close();
	const { length } = page.text;
	feed.packet({ type: "PINGREQ" } as PacketView);
	await sleep(80);
	assert.equal(page.text.length, length);
});
