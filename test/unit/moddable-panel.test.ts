/** The panel for the SDK's simulator, without the SDK. The real one: test/system/moddable-panel.test.ts. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ledColour, stripColours } from "../../hosts/moddable/panel/colours";
import { short, windowFor } from "../../hosts/moddable/panel/layout";
import { rowsOf } from "../../hosts/moddable/panel/rows";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { quantities } from "../../sim/world/curves";
import { BuildError } from "../../tools/moddable/build";
import { ownPlatform } from "../../tools/moddable/options";
import { buildPanel, findSimulator } from "../../tools/moddable/panel";
import { panelData } from "../../tools/moddable/panel-data";
import { PanelStage } from "../support/panel-stage";

const rowNames = (description: NodeDescription) => rowsOf(panelData(description)).map(({ name }) => name);

describe("the panel of a node", () => {
	test("has what node.ts has", () => {
		assert.deepEqual(rowNames(node), [
			"power",
			"reset",
			"wifi",
			"signal",
			"button/boot",
			"sensor/climate",
			"climate/temperature",
			"climate/humidity",
			"sensor/light",
			"light/light",
			"release",
		]);
		const { title, board, lights, relays } = panelData(node);
		assert.equal(`${title}, ${board}`, "Vagalume, ESP32-DevKitC");
		assert.deepEqual(lights, [
			{ name: "onboard", title: "onboard", wiring: "GPIO 2" },
			{ name: "strip", title: "strip", wiring: "GPIO 13", length: 8 },
		]);
		assert.deepEqual(relays, [{ name: "fan", title: "fan", wiring: "GPIO 26" }]);
	});

	test("has no more than that", () => {
		const bare = { ...node, lights: {}, relays: {}, buttons: {}, sensors: {} } as NodeDescription;
		assert.deepEqual(rowNames(bare), ["power", "reset", "wifi", "signal"]);
	});

	test("has sliders for whatever its sensors measure, within what the world allows", () => {
		const sensors = {
			weather: { driver: "BME280", address: 0x77, channels: {} },
			window: { driver: "DS18B20", pin: 4, channels: {} },
			clock: { driver: "uptime", channels: {} },
		};
		const data = panelData({ ...node, sensors } as unknown as NodeDescription);
		assert.deepEqual(
			data.sensors.map(({ name, wiring, quantities }) => [name, wiring, ...quantities.map(({ name }) => name)]),
			[
				["weather", "I2C 0x77", "temperature", "humidity", "pressure"],
				["window", "GPIO 4", "temperature"],
			],
		);
		for (const { name, unit, low, high } of data.sensors.flatMap(({ quantities }) => quantities)) {
			const world = quantities[name]!;
			assert.equal(unit, world.unit);
			assert.ok(low >= world.low && high <= world.high && low < high, name);
		}
	});
});

describe("its window", () => {
	test("has room for what node.ts has, within what a screen has", () => {
		const { width, height, rows } = windowFor(panelData(node));
		assert.ok(width > rows && height >= 450 && height < 600, `${width} x ${height}`);
		const relays = Object.fromEntries([4, 5, 12, 14, 15, 16, 17, 18, 19, 21, 22].map((pin) => [`r${pin}`, { pin }]));
		assert.ok(windowFor(panelData({ ...node, relays } as NodeDescription)).height > height);
		const strip = { kind: "rgb", pin: 13, length: 3000 };
		const lights = { strip, other: { ...strip, pin: 23 } };
		assert.equal(windowFor(panelData({ ...node, relays, lights } as unknown as NodeDescription)).height, 1000);
	});

	test("has names that fit", () => {
		assert.equal(short("boot", 13), "boot");
		assert.equal(short("lamp of the hall", 13), "lamp of the …");
	});
});

describe("its colours", () => {
	test("an LED is dark, and the brighter the more light it gives", () => {
		const bright = (colour: string) => Number.parseInt(colour.slice(1, 3), 16);
		const levels = [0, 0.01, 0.1, 0.5, 1].map((brightness) => bright(ledColour(brightness)));
		assert.deepEqual(
			levels,
			levels.toSorted((a, b) => a - b),
		);
		assert.equal(new Set(levels).size, levels.length);
		assert.equal(ledColour(1), "#ffd93b");
	});

	test("the LEDs of a strip have their colours", () => {
		assert.deepEqual(stripColours("ff000000ff000000ff000000"), ["#ff0000", "#00ff00", "#0000ff", ledColour(0)]);
		assert.deepEqual(stripColours("ff00"), []);
	});
});

describe("what is done at the panel", () => {
	test("becomes the orders that one may type", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.take();
		stage.act("wifi", false);
		stage.act("wifi", true);
		stage.act("signal", -80);
		stage.act("button/boot", undefined, "eventDown");
		stage.act("button/boot", undefined, "eventUp");
		stage.act("sensor/climate", false);
		stage.act("sensor/climate", true);
		stage.act("light/light", 900);
		stage.act("power", false);
		stage.act("reset");
		assert.deepEqual(stage.take(), [
			"> wifi down",
			"> wifi up",
			"> wifi -80",
			"> hold boot",
			"> lift boot",
			"> unplug climate",
			"> plug climate",
			"> set light/light 900",
			"> power off",
			"> reset",
		]);
		stage.act("release");
		assert.deepEqual(stage.take(), [
			"> release climate/temperature",
			"> release climate/humidity",
			"> release light/light",
		]);
	});

	test("a slider that moves says where it is five times a second, and where it was let go", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.hears({ id: "x" });
		stage.take();
		const said: string[] = [];
		for (let value = 0; value < 40; value++) {
			stage.act("climate/temperature", value, "track");
			said.push(...stage.pass(50));
		}
		stage.act("climate/temperature", 40);
		said.push(...stage.pass(1000));
		assert.ok(said.length >= 9 && said.length <= 12, said.join());
		assert.equal(said.at(-1), "> set climate/temperature 40");
	});

	test("the button on the board's picture may be pressed, too", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.take();
		const button = [...stage.picture()].find(({ behavior }) => behavior && "onTouchBegan" in behavior)!;
		button.delegate("onTouchBegan", 0, 1, 1, 1);
		button.delegate("onTouchEnded");
		assert.deepEqual(stage.take(), ["> hold boot", "> lift boot"]);
	});
});

describe("what the machine says", () => {
	test("lights the LEDs, moves the rows, and is written below the board", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.hears({
			id: "vagalume-1",
			wifi: { up: true, signal: -61.4, address: "192.168.4.3" },
			parts: {
				"led/onboard": { brightness: 1 },
				"led/strip": { pixels: "ff0000".repeat(8) },
				"relay/fan": { on: true },
				"sensor/climate": { plugged: false, values: { temperature: 21.26, humidity: 47.4 } },
			},
		});
		stage.hears({ log: "info MQTT: connected" });
		assert.equal(stage.control("sensor/climate").behavior.data.value, false);
		assert.equal(stage.control("climate/temperature").behavior.data.value, 21.26);
		assert.equal(stage.control("climate/temperature").next.string, "21.3 °C");
		assert.equal(stage.control("signal").next.string, "-61 dBm");
		const shown = [...stage.picture()];
		const texts = shown.map(({ string }) => string);
		for (const text of ["GPIO 2 · 100%", "ON", "21.3 °C", "192.168.4.3 · -61 dBm", "info MQTT: connected"])
			assert.ok(texts.includes(text), text);
		assert.ok(shown.some(({ skin }) => skin?.fill === "#ffd93b"));
		assert.equal(shown.filter(({ skin }) => skin?.fill === "#ff0000").length, 8);
	});

	test("does not move a slider that was just put somewhere", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		const news = { parts: { "sensor/climate": { plugged: true, values: { temperature: 20 } } } };
		stage.hears(news);
		stage.act("climate/temperature", 33);
		stage.hears({ parts: { "sensor/climate": { plugged: true, values: { temperature: 21 } } } });
		assert.equal(stage.control("climate/temperature").behavior.data.value, 20, "the control itself is at 33");
		stage.pass(1000);
		stage.hears({ parts: { "sensor/climate": { plugged: true, values: { temperature: 33 } } } });
		assert.equal(stage.control("climate/temperature").behavior.data.value, 33);
	});

	test("is asked for until it is there, and again after each start", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		assert.deepEqual(stage.take(), ["panel"]);
		assert.deepEqual(stage.pass(2000), ["panel", "panel"]);
		stage.hears({ id: "x" });
		assert.deepEqual(stage.pass(2000), []);
		stage.launch();
		assert.deepEqual(stage.take(), ["panel"]);
	});
});

describe("the machine's life", () => {
	test("a restart launches it anew, after the delay that it asked for", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.says("restart 300");
		assert.deepEqual(stage.asked, ["quitScreen"]);
		stage.pass(250);
		assert.deepEqual(stage.asked, ["quitScreen"]);
		stage.pass(100);
		assert.deepEqual(stage.asked, ["quitScreen", "doReloadFile"]);
	});

	test("without power nothing is lit and no order gets through, until it is switched on", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.hears({ parts: { "led/onboard": { brightness: 1 } } });
		stage.says("off");
		stage.take();
		assert.equal(stage.control("power").behavior.data.value, false);
		assert.ok(![...stage.picture()].some(({ skin }) => skin?.fill === "#ffd93b"));
		stage.act("sensor/climate", false);
		assert.deepEqual(stage.pass(2000), []);
		stage.act("power", true);
		assert.deepEqual(stage.asked, ["quitScreen", "doReloadFile"]);
	});

	test("one that gave up is told from one that is off, and may be reset", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		assert.equal(stage.device.delegate("onAbort", 1, "memory full"), true, "the simulator shows no dialog");
		assert.ok([...stage.picture()].some(({ string }) => string === "memory full"));
		stage.act("reset");
		assert.deepEqual(stage.asked, ["quitScreen", "doReloadFile"]);
	});

	test("lines in the inbox are obeyed once; the end waits for the firmware's goodbye", async () => {
		const stage = await PanelStage.open();
		stage.launch();
		stage.hears({ id: "x" });
		stage.take();
		stage.inbox = "set temperature 31\npress boot\n";
		assert.deepEqual(stage.pass(200), ["> set temperature 31", "> press boot"]);
		stage.inbox = "shutdown\n";
		assert.deepEqual(stage.pass(50), ["shutdown"]);
		assert.deepEqual(stage.asked, []);
		stage.says("exit");
		assert.deepEqual(stage.asked, ["doQuit"]);
	});
});

describe("the simulator's part", () => {
	test("the panel is one file, which needs what the simulator has, and nothing else", async () => {
		const folder = await buildPanel();
		const code = readFileSync(join(folder, "vagalume.js"), "utf8");
		const needed = new Set([...code.matchAll(/\bfrom\s*"([^"]+)"/g)].map(([, specifier]) => specifier));
		assert.deepEqual([...needed].sort(), ["ControlsPane", "DevicePane", "piu/All", "piu/PC"]);
	});

	test("says what is missing: the simulator, or a display", () => {
		const sdk = mkdtempSync(join(tmpdir(), "vagalume-sdk-"));
		const tools = join(sdk, "build/bin", ownPlatform(), "release");
		mkdirSync(tools, { recursive: true });
		const problem = (message: RegExp, env: NodeJS.ProcessEnv) =>
			assert.throws(
				() => findSimulator(sdk, env),
				(error: Error) => error instanceof BuildError && message.test(error.message),
			);
		problem(/^mcsim: missing\. Build it/, { DISPLAY: ":0" });
		writeFileSync(join(tools, "mcsim"), "");
		problem(/^no display: DISPLAY is not set.*xvfb-run/, {});
		assert.equal(findSimulator(sdk, { DISPLAY: ":0" }), join(tools, "mcsim"));
		rmSync(sdk, { recursive: true });
	});
});
