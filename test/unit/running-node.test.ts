import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { VERSION } from "../../modules/info/info";
import packageJson from "../../package.json" with { type: "json" };
import { clock } from "../support/clock";
import { FakeBoard } from "../support/fake-device";
import { Bench } from "../support/running";

const realNow = Date.now;
let bench: Bench;
/** The node's date follows the test's clock from here on; undefined: it was never set. */
function date(at: number | undefined): void {
	const start = clock.now;
	Date.now = () => (at === undefined ? clock.now : at + clock.now - start);
}
beforeEach(() => {
	date(undefined);
});
afterEach(() => {
	bench.end();
	Date.now = realNow;
});

describe("a node that boots", () => {
	it("joins the Wi-Fi network, asks the time, and connects", () => {
		bench = new Bench();
		bench.node.start();
		assert.deepEqual(bench.board.wifi.joins, ["home"]);
		assert.ok(!bench.session.started, "not before it has an address");
		bench.network("192.168.0.7");
		assert.ok(bench.session.started);
		assert.equal(bench.board.timeAnswers.length, 1);
	});
	it("says online, retained, and who it is", () => {
		bench = new Bench().boot();
		const status = bench.session.published.find(({ topic }) => topic === "vagalume/n1/status")!;
		assert.equal(status.payload, "online");
		assert.equal(status.QoS, 1);
		assert.equal(status.retain, true);
		const info = JSON.parse(bench.last("info")!);
		assert.deepEqual(info, {
			name: "Vagalume",
			version: packageJson.version,
			board: "ESP32-DevKitC",
			host: "test",
			bootCount: 1,
			resetReason: "power-on",
			channels: { temperature: "°C", humidity: "%", illuminance: "lx", rssi: "dBm", heap: "B", uptime: "s" },
			lights: { onboard: "dimmable", strip: "rgb" },
			relays: ["fan"],
			buttons: ["boot"],
			commands: ["report", "restart", "identify", "interval", "ping", "discovery"],
		});
		assert.equal(VERSION, packageJson.version);
	});
	it("has everything off, and says so", () => {
		bench = new Bench().boot();
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "OFF");
		assert.equal(JSON.parse(bench.last("led/strip")!).state, "OFF");
		assert.equal(bench.last("relay/fan"), "OFF");
		assert.equal(bench.board.levels.get(26), 0);
	});
	it("counts its boots", () => {
		const board = new FakeBoard();
		bench = new Bench({ board });
		bench.end();
		bench = new Bench({ board }).boot();
		assert.equal(JSON.parse(bench.last("info")!).bootCount, 2);
	});
	it("goes on when its flash is broken", () => {
		const board = new FakeBoard();
		board.flash.broken = true;
		bench = new Bench({ board }).boot();
		assert.equal(bench.last("status"), "online");
		assert.match(bench.lines.join("\n"), /warn boot not counted: flash is worn out/);
	});
	it("goes on without a light that its host cannot drive, and names it", () => {
		const board = new FakeBoard();
		board.hasStrip = false;
		bench = new Bench({ board }).boot();
		assert.equal(bench.last("log"), "error lights.strip: this host has no LightStrip");
		bench.session.send(`${bench.base}/led/strip/set`, "ON");
		assert.equal(bench.last("log"), 'error led "strip": unknown, this node has onboard');
		bench.session.send(`${bench.base}/led/onboard/set`, "ON");
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "ON");
	});
	it("waits for the date before TLS, for 30 s at most", () => {
		bench = new Bench({ settings: { broker: "mqtts://broker" } });
		bench.node.start();
		bench.network("192.168.0.7");
		assert.ok(!bench.session.started);
		clock.advance(29_999);
		assert.ok(!bench.session.started);
		clock.advance(1);
		assert.ok(bench.session.started);
	});
	it("connects with TLS as soon as it has the date", () => {
		bench = new Bench({ settings: { broker: "mqtts://broker" } });
		bench.node.start();
		bench.network("192.168.0.7");
		bench.answerTime();
		assert.ok(bench.session.started);
	});
});

describe("telemetry", () => {
	it("comes 3 s after the boot when there is no clock, without a time", () => {
		bench = new Bench();
		bench.node.start();
		clock.advance(2999);
		assert.equal(bench.records.length, 0);
		clock.advance(1);
		assert.deepEqual(bench.records, [
			{
				time: null,
				seq: 1,
				temperature: 21,
				humidity: 45,
				illuminance: 18,
				rssi: null,
				heap: 32_768,
				uptime: 3,
			},
		]);
	});
	it("comes as soon as the clock is set, with the time, then every interval", () => {
		bench = new Bench();
		bench.node.start();
		clock.advance(700);
		bench.network("192.168.0.7");
		date(Date.UTC(2026, 0, 1));
		bench.answerTime();
		clock.advance(0);
		assert.equal(bench.records.length, 1);
		assert.match(bench.records[0]!.time as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		clock.advance(10_000);
		clock.advance(10_000);
		assert.deepEqual(
			bench.records.map(({ seq }) => seq),
			[1, 2, 3],
		);
		assert.deepEqual(Object.keys(bench.records[0]!), [
			"time",
			"seq",
			"temperature",
			"humidity",
			"illuminance",
			"rssi",
			"heap",
			"uptime",
		]);
	});
	it("is queued at QoS 1 while offline, and values are not", () => {
		bench = new Bench();
		bench.node.start();
		clock.advance(33_000);
		assert.equal(bench.records.length, 4);
		const [record] = bench.session.published;
		assert.deepEqual({ QoS: record!.QoS, policy: record!.policy }, { QoS: 1, policy: "drop-oldest" });
		assert.equal(bench.last("telemetry/temperature"), undefined);
	});
	it("gives each channel's value as a plain number, retained, after the connect and with each record", () => {
		bench = new Bench();
		bench.node.start();
		clock.advance(3000);
		bench.session.connect();
		assert.equal(bench.last("telemetry/temperature"), "21");
		const { QoS, retain } = bench.session.published.findLast(({ topic }) => topic.endsWith("/telemetry/heap"))!;
		assert.deepEqual({ QoS, retain }, { QoS: 0, retain: true });
		bench.board.samples.SHT3x = { thermometer: { temperature: -0.04 }, hygrometer: { humidity: 44 } };
		clock.advance(10_000);
		assert.equal(bench.last("telemetry/temperature"), "0");
	});
	it("has null for a sensor that fails, which is said once", () => {
		bench = new Bench().boot();
		clock.advance(3000);
		bench.board.samples.SHT3x = new Error("no acknowledge");
		clock.advance(30_000);
		assert.equal(bench.records.at(-1)!.temperature, null);
		assert.equal(bench.lines.filter((line) => line.includes("no acknowledge")).length, 1);
		assert.equal(bench.session.all(`${bench.base}/log`).filter((line) => line.includes("no acknowledge")).length, 1);
	});
});

describe("commands", () => {
	beforeEach(() => {
		bench = new Bench().boot();
		clock.advance(3000);
	});

	it("ping is answered with the id it came with", () => {
		assert.deepEqual(bench.command("ping", { id: "a" }), { id: "a", ok: true, result: { uptime: 3 } });
		assert.deepEqual(bench.command("ping", { id: 7 }), { id: 7, ok: true, result: { uptime: 3 } });
		assert.deepEqual(bench.command("ping"), { ok: true, result: { uptime: 3 } });
	});
	it("report makes a record at once", () => {
		const before = bench.records.length;
		assert.deepEqual(bench.command("report"), { ok: true, result: { seq: before + 1 } });
		assert.equal(bench.records.length, before + 1);
	});
	it("interval changes the time between records, and outlives a restart", () => {
		assert.deepEqual(bench.command("interval"), { ok: true, result: { seconds: 10 } });
		assert.deepEqual(bench.command("interval", { seconds: 2 }), { ok: true, result: { seconds: 2 } });
		const before = bench.records.length;
		clock.advance(10_000);
		assert.equal(bench.records.length, before + 5);
		const { board } = bench;
		bench.end();
		bench = new Bench({ board }).boot();
		assert.deepEqual(bench.command("interval"), { ok: true, result: { seconds: 2 } });
		assert.deepEqual(bench.command("interval", { seconds: null }), { ok: true, result: { seconds: 10 } });
	});
	it("interval outside its range is refused and changes nothing", () => {
		for (const seconds of [0, -1, 86_401, "10", true])
			assert.equal(
				(bench.command("interval", { seconds }).error as { message: string }).message.slice(0, 8),
				"seconds ",
			);
		assert.deepEqual(bench.command("interval"), { ok: true, result: { seconds: 10 } });
	});
	it("identify blinks a light and leaves it as it was", () => {
		assert.deepEqual(bench.command("identify", { seconds: 2 }), { ok: true, result: { light: "onboard", seconds: 2 } });
		assert.equal(bench.board.duties.get(2), 1023);
		clock.advance(2100);
		assert.equal(bench.board.duties.get(2), 0);
		assert.match(
			JSON.stringify(bench.command("identify", { light: "porch" })),
			/light \\"porch\\" is none of onboard, strip/,
		);
	});
	it("restart answers, says offline, saves, and then restarts", () => {
		bench.command("interval", { seconds: 5 });
		assert.deepEqual(bench.command("restart", { id: 1 }), { id: 1, ok: true, result: {} });
		assert.equal(bench.board.restarts, 0, "not before the command was acknowledged");
		clock.advance(0);
		assert.equal(bench.last("status"), "offline");
		assert.ok(bench.session.stopped);
		assert.equal(bench.board.restarts, 1);
		assert.equal(bench.board.flash.values.get("node/interval"), "5");
	});
	it("reach every node of the group, which answers on its own topic", () => {
		assert.deepEqual(bench.command("ping", { id: 3 }, "vagalume/all"), { id: 3, ok: true, result: { uptime: 3 } });
	});
	it("that nobody knows are answered with those that are", () => {
		assert.deepEqual(bench.command("dance", { id: 1 }), {
			id: 1,
			ok: false,
			error: { message: "unknown command, this node has report, restart, identify, interval, ping, discovery" },
		});
	});
	for (const [payload, message] of [
		["{", '"{" is not valid JSON'],
		["[1]", '"[1]" is not a JSON object'],
		["7", '"7" is not a JSON object'],
		['{"a":1}', '"a" is unknown, expected no arguments'],
		['{"id":{}}', "id an object is not a number or a text of at most 64 characters"],
		["x".repeat(600), "payload of 600 bytes is longer than 512"],
		["[".repeat(400), "JSON is nested deeper than 4"],
	] as const)
		it(`with ${payload.slice(0, 12)} are answered: ${message}`, () => {
			assert.deepEqual(bench.command("ping", payload), { ok: false, error: { message } });
			assert.equal(bench.last("log"), `error command "ping": ${message}`);
		});
	it("that are retained are refused and logged", () => {
		bench.session.send(`${bench.base}/command/restart`, "", true);
		clock.advance(1000);
		assert.equal(bench.board.restarts, 0);
		assert.equal(bench.last("response/restart"), undefined);
		assert.match(bench.last("log")!, /^error command "restart": refused, it is a retained message/);
	});
});

describe("a button", () => {
	it("tells its events and toggles its light", () => {
		bench = new Bench().boot();
		bench.board.set(0, 0);
		clock.advance(1500);
		bench.board.set(0, 1);
		clock.advance(100);
		assert.deepEqual(
			bench.session.all(`${bench.base}/button/boot`).map((text) => JSON.parse(text)),
			[{ event_type: "press" }, { event_type: "hold" }, { event_type: "release" }],
		);
		assert.equal(bench.board.duties.get(2), 1023);
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "ON");
	});
	it("works without a network; the light's state follows at the connect, the old press does not", () => {
		bench = new Bench();
		bench.node.start();
		bench.board.set(0, 0);
		clock.advance(100);
		bench.board.set(0, 1);
		clock.advance(100);
		assert.equal(bench.board.duties.get(2), 1023);
		bench.session.connect();
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "ON");
		assert.equal(bench.last("button/boot"), undefined);
	});
});

describe("a relay", () => {
	beforeEach(() => {
		bench = new Bench().boot();
	});
	const order = (payload: string) => bench.session.send(`${bench.base}/relay/fan/set`, payload);

	it("obeys ON, OFF and TOGGLE and tells its state", () => {
		order("ON");
		assert.equal(bench.board.levels.get(26), 1);
		order("TOGGLE");
		assert.equal(bench.board.levels.get(26), 0);
		order("OFF");
		assert.deepEqual(bench.session.all(`${bench.base}/relay/fan`), ["OFF", "ON", "OFF", "OFF"]);
	});
	it("refuses anything else, with a word on the log", () => {
		order("50");
		assert.equal(bench.board.levels.get(26), 0);
		assert.equal(bench.last("log"), 'error relay "fan": "50" is not ON, OFF or TOGGLE');
	});
});

describe("what is to be restored", () => {
	it("is as it was after a restart, and a broken entry is ignored by name", () => {
		const board = new FakeBoard();
		const description = {
			lights: { onboard: { kind: "dimmable", pin: 2, boot: "restore" } },
			relays: { fan: { pin: 26, activeLow: true, boot: "restore" } },
		} as const;
		bench = new Bench({ board, description: description as never }).boot();
		assert.equal(board.levels.get(26), 1, "an active-low relay is off at a high level");
		bench.session.send(`${bench.base}/led/onboard/set`, "20");
		bench.session.send(`${bench.base}/relay/fan/set`, "ON");
		clock.advance(5000);
		bench.end();
		board.duties.clear();
		bench = new Bench({ board, description: description as never }).boot();
		assert.equal(JSON.parse(bench.last("led/onboard")!).brightness, 51);
		assert.equal(board.duties.get(2), Math.round((51 / 255) * 1023));
		assert.equal(board.levels.get(26), 0);
		bench.end();
		board.flash.values.set("led/onboard", "rubbish");
		bench = new Bench({ board, description: description as never }).boot();
		assert.equal(JSON.parse(bench.last("led/onboard")!).state, "OFF");
		assert.match(bench.lines.join("\n"), /warn led "onboard": saved state ignored: "rubbish" is not ON/);
	});
});

describe("a node that is ended in order", () => {
	it("says offline, saves, and leaves no timer behind", () => {
		bench = new Bench().boot();
		bench.command("interval", { seconds: 4 });
		let done = false;
		bench.board.shutdown?.(() => {
			done = true;
		});
		assert.ok(done);
		assert.equal(bench.last("status"), "offline");
		assert.equal(bench.board.flash.values.get("node/interval"), "4");
		assert.equal(clock.pending, 0);
	});
});

describe("a network that goes away", () => {
	it("is joined again, with growing pauses, and the clock asked again", () => {
		bench = new Bench().boot();
		const before = bench.board.wifi.joins.length;
		bench.network(undefined);
		clock.advance(999);
		assert.equal(bench.board.wifi.joins.length, before);
		clock.advance(1);
		assert.equal(bench.board.wifi.joins.length, before + 1);
		bench.network("192.168.0.9");
		assert.equal(bench.board.timeAnswers.length, 1);
	});
	it("that never answers is tried for ever", () => {
		bench = new Bench();
		bench.node.start();
		clock.advance(600_000);
		assert.ok(bench.board.wifi.joins.length >= 10, `${bench.board.wifi.joins.length} attempts`);
		assert.match(bench.lines.join("\n"), /warn Wi-Fi: no address within 30 s, next attempt in 30 s/);
	});
	it("does not stop telemetry, nor does a time server that is silent", () => {
		bench = new Bench();
		bench.node.start();
		bench.network("192.168.0.7");
		clock.advance(60_000);
		assert.ok(bench.records.length >= 5);
		assert.match(bench.lines.join("\n"), /warn clock: no answer, next attempt in 2 s/);
	});
});
