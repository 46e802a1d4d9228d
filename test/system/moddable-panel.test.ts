/**
 * The panel in the SDK's simulator, on a virtual display, with a mouse. Skipped, by name, where there is no SDK or no display.
 * With VAGALUME_SCREENSHOT=FILE it writes the picture of the documentation.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ledColour, stripColours } from "../../hosts/moddable/panel/colours";
import { windowFor } from "../../hosts/moddable/panel/layout";
import { rowsOf } from "../../hosts/moddable/panel/rows";
import node from "../../node";
import { buildPanel, findSimulator, PanelMachine } from "../../tools/moddable/panel";
import { panelData } from "../../tools/moddable/panel-data";
import { buildForTest, withoutSimulator } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { until } from "../support/until";
import { type Picture, VirtualDisplay, withoutDisplay } from "../support/virtual-display";

/** A first build compiles the engine, too. */
const BUILD = { timeout: 900_000 };

/** Of the simulator's rows, in pixels: their height, where their controls begin, and the parts of those. */
const ROW = 30;
const CONTROLS = 120;
const SWITCH = CONTROLS + 25;
const BUTTON = CONTROLS + 38;
const TRACK = { left: CONTROLS + 15, width: 130 };
/** The line below the simulator's own header, and what is above it. */
const LINE = "#dbdbdb";
const HEADER = "#f0f0f0";

const data = panelData(node);
const rows = rowsOf(data);
const window = windowFor(data);

describe("the panel in mcsim", { skip: withoutSimulator || withoutMosquitto || withoutDisplay }, () => {
	const base = "vagalume/sala";
	const folder = mkdtempSync(join(tmpdir(), "vagalume-panel-"));
	let broker: Mosquitto;
	let observer: Observer;
	let display: VirtualDisplay;
	let machine: PanelMachine;
	/** The y of the first row. */
	let top = 0;

	before(async () => {
		const { built } = await buildForTest();
		broker = await Mosquitto.start();
		observer = await Observer.connect(broker.url);
		display = await VirtualDisplay.start(window.width, window.height + 60);
		configure(JSON.stringify({ id: "sala", broker: broker.url, keepAlive: 2 }));
		machine = new PanelMachine({
			simulator: findSimulator(process.env["MODDABLE"]!, display.env),
			panel: await buildPanel(),
			window,
			built,
			folder,
			env: display.env,
			onLine: (line) => void lines.push(line),
		});
	}, BUILD);
	after(async () => {
		machine?.kill();
		await machine?.ended;
		await display?.stop();
		await observer?.end();
		await broker?.remove();
		rmSync(folder, { recursive: true, force: true });
	});
	const lines: string[] = [];

	/** From the next boot on. */
	function configure(settings: string): void {
		const storage = join(folder, ".vagalume", "moddable");
		mkdirSync(storage, { recursive: true });
		writeFileSync(join(storage, "settings.json"), settings);
	}

	/** Waits until the display shows what is asked. */
	async function shows(matches: (picture: Picture) => boolean, what: string): Promise<Picture> {
		let picture = await display.look();
		await until(
			async () => {
				picture = await display.look();
				return matches(picture);
			},
			10_000,
			what,
		);
		return picture;
	}

	const y = (row: string) => top + ROW * rows.findIndex(({ name }) => name === row) + ROW / 2;

	/** Drags a slider to a share of its track; lets go once telemetry says what is expected. */
	async function drag(row: string, from: number, to: number, channel: string, value: number): Promise<void> {
		const x = (share: number) => Math.round(TRACK.left + share * TRACK.width);
		await display.down(x(from), y(row));
		for (let step = 1; step <= 4; step++) await display.move(x(from + ((to - from) * step) / 4), y(row));
		const near = async () => Math.abs((await record())[channel]! - value) <= 1.5;
		let trembling = 0;
		const held = async () => {
			// As a hand does: GTK tells of the last of quick movements together with the next one.
			await display.move(x(to), y(row) + (trembling = 1 - trembling));
			return near();
		};
		await until(held, 10_000, `${channel} ${value} while the slider is held`);
		await display.up();
		assert.ok(await near(), `${channel} is not ${value} any more`);
	}

	async function record(): Promise<Record<string, number>> {
		const next = observer.next(`${base}/telemetry`, 10_000);
		await observer.publish(`${base}/command/report`, "");
		return JSON.parse((await next).payload);
	}

	test("shows a board that is dark, and a node that says online", async () => {
		await observer.sees(`${base}/status`, "online", 30_000).catch((error: Error) => {
			throw new Error(`${error.message}\n${lines.join("\n")}`);
		});
		const picture = await shows((seen) => headerOf(seen) > 0 && seen.count(ledColour(0)) > 500, "the panel");
		top = headerOf(picture) + 1;
		assert.equal(picture.count(ledColour(1)), 0);
		const info = JSON.parse(await observer.sees(`${base}/info`, /^\{/));
		assert.match(info.host, /^Moddable SDK/);
	});

	test("an order over MQTT lights the LED in the picture, and puts it out", async () => {
		await observer.publish(`${base}/led/onboard/set`, "100");
		await shows((seen) => seen.count(ledColour(1)) > 400, "a lit LED");
		await observer.publish(`${base}/led/onboard/set`, "OFF");
		await shows((seen) => seen.count(ledColour(1)) === 0, "a dark LED");
	});

	test("a strip has the colour that it was given, on each of its LEDs", async () => {
		await observer.publish(`${base}/led/strip/set`, '{"state":"ON","brightness":255,"color":{"r":255,"g":0,"b":128}}');
		const [colour] = stripColours("ff0080");
		await shows((seen) => seen.count(colour!) > 8 * 300, "eight LEDs");
		await observer.publish(`${base}/led/strip/set`, "OFF");
		await shows((seen) => seen.count(colour!) === 0, "a dark strip");
	});

	test("a slider that is dragged is heard in telemetry", async () => {
		await drag("climate/temperature", 0.5, 0.8, "temperature", 44);
		await drag("climate/humidity", 0.5, 0.25, "humidity", 25);
		assert.ok(Math.abs((await record())["temperature"]! - 44) <= 1.5);
	});

	test("a sensor that is unplugged has no values; plugged in again, it has", async () => {
		await display.click(SWITCH, y("sensor/climate"));
		await until(async () => (await record())["temperature"] === null, 10_000, "no temperature");
		await display.click(SWITCH, y("sensor/climate"));
		await until(async () => typeof (await record())["temperature"] === "number", 20_000, "a temperature");
	});

	test("the button that is pressed with the mouse is an event, and toggles its light in the picture", async () => {
		const press = observer.next(`${base}/button/boot`, 10_000, (event) => /"press"/.test(event));
		await display.down(BUTTON, y("button/boot"));
		await press;
		const release = observer.next(`${base}/button/boot`, 10_000, (event) => /"release"/.test(event));
		await display.up();
		await release;
		await shows((seen) => seen.count(ledColour(1)) > 400, "a lit LED");
	});

	test("Wi-Fi that is switched off is heard as offline; switched on, the node comes back", async () => {
		const offline = observer.next(`${base}/status`, 30_000, (status) => status === "offline");
		await display.click(SWITCH, y("wifi"));
		await offline;
		const online = observer.next(`${base}/status`, 30_000, (status) => status === "online");
		await display.click(SWITCH, y("wifi"));
		await online;
	});

	test("a reset boots the node anew, and what was set still holds", async () => {
		const { temperature } = await record();
		const info = observer.next(`${base}/info`, 30_000);
		await display.click(BUTTON, y("reset"));
		assert.equal(JSON.parse((await info).payload).bootCount, 2);
		assert.equal((await record())["temperature"], temperature);
	});

	test("power that is cut leaves a dark board; with power the node boots again", async () => {
		await observer.publish(`${base}/led/onboard/set`, "ON");
		await shows((seen) => seen.count(ledColour(1)) > 400, "a lit LED");
		const offline = observer.next(`${base}/status`, 30_000, (status) => status === "offline");
		await display.click(SWITCH, y("power"));
		await shows((seen) => seen.count(ledColour(1)) === 0, "a dark LED");
		await offline;
		const info = observer.next(`${base}/info`, 30_000);
		await display.click(SWITCH, y("power"));
		assert.equal(JSON.parse((await info).payload).bootCount, 3);
	});

	test("orders may be typed, too", async () => {
		machine.order("set temperature 7");
		await until(async () => (await record())["temperature"] === 7, 10_000, "the temperature that was typed");
	});

	test("a node that gave up is shown as such, and says why; mended and reset, it runs", async () => {
		const red = "#e05656";
		configure("{ broker");
		await display.click(BUTTON, y("reset"));
		await shows((seen) => seen.count(red) > 50 && seen.count(ledColour(1)) === 0, "a red lamp");
		await until(() => lines.some((line) => /settings\.json: /.test(line)), 5_000, "the reason on the console");
		configure(JSON.stringify({ id: "sala", broker: broker.url, keepAlive: 2 }));
		const info = observer.next(`${base}/info`, 30_000);
		await display.click(BUTTON, y("reset"));
		await info;
		await shows((seen) => seen.count(red) === 0, "no red lamp");
	});

	test("its picture is that of the documentation", { skip: !process.env["VAGALUME_SCREENSHOT"] }, async () => {
		await observer.publish(`${base}/led/onboard/set`, "100");
		await observer.publish(`${base}/led/strip/set`, '{"state":"ON","brightness":255,"color":{"r":110,"g":255,"b":40}}');
		await observer.publish(`${base}/relay/fan/set`, "ON");
		await drag("climate/temperature", 0.34, 0.6, "temperature", 28);
		await shows((seen) => seen.count(ledColour(1)) > 400, "a lit LED");
		await display.move(window.width - 1, window.height - 1);
		// The slider follows the machine again, which says where it is once a second.
		const picture = await shows((seen) => seen.count(stripColours("6eff28")[0]!) > 8 * 300, "a lit strip");
		await sleep(2_000);
		// Beyond the window the display is black.
		let [right, bottom] = [picture.width - 1, picture.height - 1];
		while (picture.at(right, 40) === "#000000") right--;
		while (picture.at(0, bottom) === "#000000") bottom--;
		await display.save(process.env["VAGALUME_SCREENSHOT"]!, right + 1, bottom + 1);
	});

	test("asked to end, it says goodbye first, and leaves nothing behind", async () => {
		const before = broker.log.length;
		const offline = observer.next(`${base}/status`, 10_000, (status) => status === "offline");
		machine.stop();
		assert.equal(await machine.ended, 0);
		await offline;
		await until(() => /Received DISCONNECT from sala/.test(broker.log.slice(before)), 5_000, "a goodbye");
		assert.deepEqual(
			readdirSync(dirname(await buildPanel())).filter((name) => name.startsWith("mcsim-")),
			[],
		);
	});
});

/** The y of the line below the simulator's header; 0 when there is none yet. */
function headerOf(picture: Picture): number {
	for (let y = 20; y < 120; y++)
		if (picture.at(2, y) === LINE && picture.at(2, y - 1) === HEADER && picture.at(2, y - 20) === HEADER) return y;
	return 0;
}
