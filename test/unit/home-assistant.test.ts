import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import { drivers } from "../../modules/description/drivers";
import { quantityTable } from "../../modules/description/units";
import { validate } from "../../modules/description/validate";
import { Announcement } from "../../modules/home-assistant/announcement";
import type { Announced } from "../../modules/home-assistant/entities";
import node from "../../node";
import { clock } from "../support/clock";
import { FakeBoard } from "../support/fake-device";
import { problemsOfDevice, UPDATE_STATE } from "../support/home-assistant";
import { Bench } from "../support/running";

const announced: Announced = {
	description: node as NodeDescription,
	id: "sala",
	base: "casa/sala",
	board: "ESP32-DevKitC",
	version: "1.2.3",
	uniqueId: "0242ac110002",
	updates: true,
};

function payloadOf(changes: Partial<Announced> = {}): string {
	const pieces = new Announcement({ ...announced, ...changes });
	let text = "";
	for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) text += piece;
	assert.equal(Buffer.byteLength(text), pieces.byteLength);
	return text;
}

describe("what a node announces to Home Assistant", () => {
	it("is a device with an entity for each channel, light, relay and button, and for commands and updates", () => {
		const text = payloadOf();
		assert.deepEqual(problemsOfDevice(text), []);
		const { device, availability_topic, components } = JSON.parse(text);
		assert.deepEqual(device.identifiers, ["vagalume_sala"]);
		assert.equal(device.model, "ESP32-DevKitC");
		assert.equal(availability_topic, "casa/sala/status");
		const platforms = Object.entries(components).map(
			([id, config]) => `${id}: ${(config as { platform: string }).platform}`,
		);
		assert.deepEqual(platforms, [
			"telemetry_temperature: sensor",
			"telemetry_humidity: sensor",
			"telemetry_illuminance: sensor",
			"telemetry_rssi: sensor",
			"telemetry_heap: sensor",
			"telemetry_uptime: sensor",
			"led_onboard: light",
			"led_strip: light",
			"relay_fan: switch",
			"button_boot: event",
			"command_identify: button",
			"command_report: button",
			"command_restart: button",
			"update_firmware: update",
		]);
		assert.deepEqual(components.telemetry_temperature, {
			platform: "sensor",
			unique_id: "sala_telemetry_temperature",
			name: "temperature",
			state_topic: "casa/sala/telemetry/temperature",
			unit_of_measurement: "°C",
			device_class: "temperature",
			state_class: "measurement",
			suggested_display_precision: 1,
		});
		assert.equal(components.led_strip.command_topic, "casa/sala/led/strip/set");
		assert.deepEqual(components.led_strip.supported_color_modes, ["rgb"]);
		assert.equal(components.telemetry_rssi.entity_category, "diagnostic");
	});

	it("holds for every quantity in every unit, and every kind of light", () => {
		const sensors: Record<string, unknown> = {};
		for (const [driver, { quantities }] of Object.entries(drivers))
			for (const quantity of quantities)
				for (const unit of Object.keys(quantityTable[quantity]!.units)) {
					const name = `${driver}_${quantity}_${unit}`.replace(/[^a-zA-Z0-9]/g, (c) => `_${c.charCodeAt(0)}`);
					sensors[name] = { driver, channels: { [name]: { quantity, unit, title: `${quantity} in ${unit} "é"` } } };
				}
		const description = {
			...node,
			place: "Quarto dos fundos",
			lights: { ...node.lights, door: { kind: "on-off", pin: 4 } },
			sensors,
		} as unknown as NodeDescription;
		const text = payloadOf({ description });
		assert.deepEqual(problemsOfDevice(text), []);
		const { device, components } = JSON.parse(text);
		assert.equal(device.suggested_area, "Quarto dos fundos");
		assert.ok(Object.keys(components).length > 50);
		assert.deepEqual(components.led_door.effect_list, ["none", "blink"]);
		const klx = Object.entries(components).find(([id]) => id.endsWith("klx"))![1] as Record<string, unknown>;
		assert.equal(klx["device_class"], undefined);
	});

	it("is made in pieces of a few hundred bytes, however many entities there are", () => {
		const pieces = new Announcement(announced);
		for (let piece = pieces.next(); piece !== undefined; piece = pieces.next())
			assert.ok(Buffer.byteLength(piece) < 640, piece);
		assert.ok(pieces.byteLength > 3000);
	});

	it("has no update without keys for releases, and no `identify` without a light", () => {
		const text = payloadOf({ updates: false, description: { ...node, lights: {}, buttons: {} } as NodeDescription });
		assert.deepEqual(problemsOfDevice(text), []);
		const ids = Object.keys(JSON.parse(text).components);
		assert.ok(!ids.includes("update_firmware") && !ids.includes("command_identify"));
	});

	it("takes only members of the state of updates that Home Assistant knows", () => {
		const { value_template } = JSON.parse(payloadOf()).components.update_firmware;
		const members = [...value_template.matchAll(/'(\w+)':value_json\.(\w+)\|default\(''\)/g)];
		assert.equal(members.length, 6);
		for (const [, key, from] of members) {
			assert.equal(key, from);
			assert.ok(UPDATE_STATE.has(key), key);
		}
		assert.match(value_template, /^\{\{ \{'.*\}\|to_json \}\}$/);
	});

	it("node.ts says where, and problems are named", () => {
		const check = (homeAssistant: unknown) => validate({ ...node, homeAssistant });
		assert.deepEqual(check({ prefix: "casa/ha" }), []);
		assert.deepEqual(check({ prefix: "ha/#" }), ['homeAssistant.prefix: "ha/#" contains a wildcard (+ or #)']);
		assert.deepEqual(check({ prefix: 3 }), ["homeAssistant.prefix: expected a text, got 3"]);
		assert.deepEqual(check({ prefx: "a" }), ["homeAssistant.prefx: unknown, expected one of prefix"]);
		assert.deepEqual(check(true), ["homeAssistant: expected an object, got true"]);
	});
});

describe("a node that announces itself to Home Assistant", () => {
	const topic = "homeassistant/device/n1/config";
	let bench: Bench;
	const sent = () => bench.session.all(topic);
	beforeEach(() => {
		bench = new Bench().boot();
		clock.advance(600);
	});
	afterEach(() => bench.end());

	it("does so once it is connected, retained", () => {
		assert.equal(sent().length, 1);
		assert.deepEqual(problemsOfDevice(sent()[0]!), []);
		assert.equal(bench.session.published.find((message) => message.topic === topic)!.retain, true);
	});

	it("does so again when the broker lost the session, and not when it kept it", () => {
		clock.advance(20_000);
		bench.session.lose();
		bench.session.connect(true);
		clock.advance(20_000);
		assert.equal(sent().length, 1);
		bench.session.lose();
		bench.session.connect(false);
		clock.advance(20_000);
		assert.equal(sent().length, 2);
	});

	it("does so again when the connection breaks soon after: what was on its way may be lost", () => {
		clock.advance(3_000);
		bench.session.lose();
		bench.session.connect(true);
		clock.advance(20_000);
		assert.equal(sent().length, 2);
	});

	it("on which a broker ends each connection waits longer and longer, and comes again when Home Assistant starts", () => {
		const times: number[] = [];
		bench.session.lose();
		bench.session.connect(true);
		for (let seconds = 0; seconds < 3 * 3600; seconds++) {
			const before = sent().length;
			clock.advance(1_000);
			if (sent().length === before) continue;
			times.push(seconds);
			bench.session.lose();
			clock.advance(1_000);
			bench.session.connect(true);
		}
		const pauses = times.slice(1).map((time, index) => time - times[index]!);
		assert.ok(pauses.length >= 6 && pauses.length <= 10, pauses.join());
		assert.ok(pauses.at(-1)! > 1_500, pauses.join());
		assert.match(bench.lines.join("\n"), /warn Home Assistant: the connection broke on the announcement/);
		const before = sent().length;
		bench.session.send("homeassistant/status", "online");
		clock.advance(6_000);
		assert.equal(sent().length, before + 1);
		// This one stands: the next break finds a patient node no more.
		clock.advance(20_000);
		bench.session.lose();
		bench.session.connect(false);
		clock.advance(1_000);
		assert.equal(sent().length, before + 2);
	});

	it("hears nothing any more once it says goodbye", () => {
		clock.advance(20_000);
		bench.node.stop(() => {});
		bench.session.send("homeassistant/status", "online");
		const due = clock.now;
		clock.advance(60_000);
		assert.ok(clock.now > due);
		assert.equal(sent().length, 1);
	});

	it("does so again within 5 s when Home Assistant has started, and not when it ends", () => {
		clock.advance(20_000);
		bench.session.send("homeassistant/status", "offline");
		clock.advance(20_000);
		assert.equal(sent().length, 1);
		bench.session.send("homeassistant/status", "online");
		clock.advance(5_000);
		assert.equal(sent().length, 2);
	});

	it("is not made to do it more than once in 10 s", () => {
		clock.advance(20_000);
		for (let second = 0; second < 100; second++) {
			bench.session.send("homeassistant/status", "online");
			clock.advance(1_000);
		}
		assert.ok(sent().length <= 12, `${sent().length} announcements in 100 s`);
		assert.ok(sent().length > 8);
	});

	it("takes it back on request, for good, and gives it again", () => {
		assert.deepEqual(bench.command("discovery", { enabled: false }), { ok: true, result: { enabled: false } });
		assert.equal(bench.session.last(topic), "");
		assert.equal(bench.session.published.findLast((message) => message.topic === topic)!.retain, true);
		bench.session.send("homeassistant/status", "online");
		clock.advance(60_000);
		assert.equal(bench.session.last(topic), "");
		const { board } = bench;
		bench.end();
		bench = new Bench({ board }).boot();
		clock.advance(30_000);
		assert.deepEqual(sent(), []);
		assert.deepEqual(bench.command("discovery", {}), { ok: true, result: { enabled: false } });
		bench.command("discovery", { enabled: true });
		clock.advance(0);
		assert.deepEqual(problemsOfDevice(sent().at(-1)!), []);
	});

	it("answers wrong arguments, and changes nothing", () => {
		const answer = bench.command("discovery", { enabled: "no" });
		assert.deepEqual(answer, { ok: false, error: { message: 'enabled "no" is not true or false' } });
		assert.equal(sent().length, 1);
	});

	it("uses the prefix of node.ts; without `homeAssistant` it stays silent", () => {
		bench.end();
		bench = new Bench({ description: { homeAssistant: { prefix: "ha" } } }).boot();
		clock.advance(600);
		assert.equal(bench.session.all("ha/device/n1/config").length, 1);
		bench.end();
		bench = new Bench({ board: new FakeBoard(), description: { homeAssistant: undefined } as never }).boot();
		clock.advance(600);
		assert.deepEqual(sent(), []);
		assert.equal(bench.session.filters.includes("homeassistant/status"), false);
	});
});

describe("a light obeys what Home Assistant sends", () => {
	it("flash in seconds, as announced", () => {
		const bench = new Bench().boot();
		bench.session.send(`${bench.base}/led/onboard/set`, '{"state":"ON","flash":2}');
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "ON");
		bench.session.send(`${bench.base}/led/onboard/set`, '{"state":"ON","flash":61}');
		assert.match(bench.last("log")!, /flash 61 is not short, long, or up to 60 s/);
		bench.end();
	});
});
