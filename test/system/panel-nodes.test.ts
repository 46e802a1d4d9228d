// Panels of other nodes than the default one: another board, many nodes, a broker elsewhere with a password.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { TestBrowser, takePicture, violations, withoutChromium } from "../support/browser";
import { freePort } from "../support/free-port";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { OtherNode } from "../support/other-node";
import { act } from "../support/panel-client";
import { processFigures } from "../support/process-figures";
import { Simulator } from "../support/simulator";
import { taskTimes } from "../support/trace";

/** How long they are watched (s), and how many: `VAGALUME_PANEL_NODES=50 VAGALUME_PANEL_SECONDS=600 npm test -- panel-nodes`. */
const SECONDS = Number(process.env["VAGALUME_PANEL_SECONDS"] ?? 60);
const NODES = Number(process.env["VAGALUME_PANEL_NODES"] ?? 20);
const skip = withoutChromium;
let browser: TestBrowser;

before(async () => {
	if (!skip) browser = await TestBrowser.start();
});
after(async () => {
	if (skip) return;
	await browser.close();
	assert.deepEqual(browser.faults, [], "errors on the page");
});

/** Starts a simulator; resolves to the panel's address. */
async function start(args: string[], root?: string): Promise<{ simulator: Simulator; url: string; broker: string }> {
	const port = String(await freePort());
	const simulator = new Simulator(["--panel-port", port, ...args], { panel: true, root });
	const [, broker = "", url = ""] = /broker (\S+)\s+panel (\S+)/.exec(await simulator.ready())!;
	return { simulator, url, broker };
}

const share = (busy: number, seconds: number) => `${((100 * busy) / seconds).toFixed(0)} %`;
const megabytes = (...bytes: number[]) => bytes.map((count) => (count / 1e6).toFixed(1)).join(" ");
const online = (page: Page) => page.locator("[data-testid=status][data-status=online]");

test("another node.ts, other pins and two more LEDs, draws and works with no other change", { skip }, async (t) => {
	const other = new OtherNode({
		schema: 1,
		id: "sala",
		name: "Sala",
		place: "Térreo",
		base: "casa/terreo/sala",
		board: "esp32-c3-devkitm",
		telemetry: { interval: 1 },
		lights: {
			window: { kind: "dimmable", pin: 4 },
			door: { kind: "on-off", pin: 5 },
			shelf: { kind: "dimmable", pin: 6, activeLow: true },
			ring: { kind: "rgb", pin: "strip", length: 1 },
		},
		relays: {},
		sensors: {
			air: {
				driver: "BME280",
				i2c: "default",
				channels: {
					temperature: { quantity: "thermometer.temperature", unit: "°C", decimals: 1 },
					pressure: { quantity: "barometer.pressure", unit: "hPa", decimals: 1 },
				},
			},
			water: { driver: "DS18B20", pin: 10, channels: { water: { quantity: "thermometer.temperature", unit: "°C" } } },
		},
		buttons: { bell: { pin: "button" } },
	});
	t.after(() => other.remove());
	const { simulator, url } = await start([], other.folder);
	t.after(() => simulator.stop());
	const page = await browser.page(url);
	await online(page).waitFor();
	const wires = await page
		.locator("[data-wire]")
		.evaluateAll((all) => all.map((wire) => wire.getAttribute("data-wire")));
	assert.deepEqual(wires.sort(), [
		"10 sensor/water",
		"2 sensor/air",
		"3 sensor/air",
		"4 led/window",
		"5 led/door",
		"6 led/shelf",
		"8 led/ring",
		"9 button/bell",
	]);
	for (const name of ["window", "door", "shelf"]) {
		await page.getByRole("switch", { name: `Switch ${name}` }).click();
		await page.locator(`[data-output="led/${name}"].is-on`).waitFor();
	}
	await page.locator('[data-quantity="air/pressure"]').getByRole("textbox", { name: "Pressure (Pa)" }).fill("90000");
	await page.keyboard.press("Enter");
	await page.getByText("reported 900 hPa").waitFor();
	await takePicture(page, "panel-other-node");
	await page.context().close();
});

test("a node that falls leaves its stack trace in the log, and can be switched on again", { skip }, async (t) => {
	// Too little memory for a record: it falls with the first one, every time.
	const { simulator, url } = await start(["--heap", "42000"]);
	t.after(() => simulator.stop());
	const page = await browser.page(url);
	await page.getByText("memory full").first().waitFor();
	await page.click("#tab-log");
	const trace = page.locator(".row.line.error", { hasText: "memory full" }).first();
	await trace.locator("pre").waitFor();
	assert.match(await trace.innerText(), /modules\/[\w-]+\/[\w-]+\.ts:\d+/);
	await page.getByRole("button", { name: "Power on" }).click();
	await page.locator(".row.line.error", { hasText: "memory full" }).nth(1).waitFor();
	assert.equal(await simulator.stop(), 1, "the exit status tells the fault");
	await page.context().close();
});

test(`${NODES} nodes at ten messages a second each: the page stays responsive, its memory flat`, {
	skip,
}, async (t) => {
	const channels = (quantities: Record<string, string>) =>
		Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, { quantity }]));
	const talker = new OtherNode({
		schema: 1,
		id: "lab",
		name: "Lab",
		board: "esp32-devkitc",
		telemetry: { interval: 1 },
		lights: { lamp: { kind: "dimmable", pin: "led" } },
		relays: {},
		sensors: {
			air: {
				driver: "BME280",
				i2c: "default",
				channels: channels({
					temperature: "thermometer.temperature",
					humidity: "hygrometer.humidity",
					pressure: "barometer.pressure",
				}),
			},
			box: {
				driver: "SHT3x",
				i2c: "default",
				channels: channels({ inside: "thermometer.temperature", damp: "hygrometer.humidity" }),
			},
			window: { driver: "BH1750", i2c: "default", channels: channels({ light: "lightmeter.illuminance" }) },
			radio: { driver: "rssi", channels: channels({ rssi: "radio.signal" }) },
			memory: { driver: "heap", channels: channels({ heap: "memory.free" }) },
			clock: { driver: "uptime", channels: channels({ uptime: "node.uptime" }) },
		},
		buttons: {},
	});
	t.after(() => talker.remove());
	const { simulator, url } = await start(["--nodes", String(NODES)], talker.folder);
	t.after(() => simulator.stop());
	const page = await browser.page(url);
	await page
		.locator(".node-card")
		.nth(NODES - 1)
		.waitFor();
	await online(page)
		.nth(NODES - 1)
		.waitFor();
	assert.deepEqual(await violations(page), []);
	const first = await page.locator(".node-card").first().getAttribute("data-node");
	const one = await browser.page(`${url}/nodes/${first}`);
	await online(one).waitFor();
	for (const [what, watched] of [
		["the overview", page],
		["one node's page", one],
	] as const) {
		await watched.bringToFront();
		const before = processFigures(simulator.child.pid!);
		const since = performance.now();
		const { longest, count, busy, heaps } = await taskTimes(watched, SECONDS / 2);
		const seconds = (performance.now() - since) / 1000;
		const after = processFigures(simulator.child.pid!);
		t.diagnostic(
			`${what}: ${count} tasks, the longest ${longest.toFixed(1)} ms, ${share(busy, seconds)} of a core; heap ${megabytes(...heaps)} MB`,
		);
		if (before && after)
			t.diagnostic(
				`the simulator: ${share(after.processor - before.processor, seconds)} of a core; resident ${megabytes(before.resident, after.resident)} MB`,
			);
		assert.ok(count > 50, `${what}: ${count} tasks were traced`);
		assert.ok(longest <= 100, `${what}: the longest task took ${longest} ms`);
		const growth = heaps.at(-1)! - heaps[1]!;
		assert.ok(growth < 3_000_000, `${what}: its memory grew by ${growth} bytes: ${heaps.join(" ")}`);
	}
	await page.bringToFront();
	await takePicture(page, "panel-nodes");
	const rate = /([\d,]+) messages\/s/.exec(await page.locator(".page-header").innerText())![1]!;
	assert.ok(Number(rate.replace(",", "")) > 9 * NODES, `${rate} messages a second`);
	await page.context().close();
	await one.context().close();
});

test("among many nodes a person finds one by its name, and those that are not online", { skip }, async (t) => {
	const { simulator, url } = await start(["--nodes", "12", "--id", "desk", "--keep-alive", "2"]);
	t.after(() => simulator.stop());
	const page = await browser.page(url, { viewport: { width: 1280, height: 800 } });
	await online(page).nth(11).waitFor();
	const cards = page.locator(".node-card");
	const names = () => cards.evaluateAll((all) => all.map((card) => card.getAttribute("data-node")));
	const filter = page.getByRole("searchbox", { name: "Filter" });
	await filter.fill("DEVKIT desk-12");
	await page.getByText("1 of 12").waitFor();
	assert.deepEqual(await names(), ["desk-12"]);
	await filter.fill("nowhere");
	await page.getByText("0 of 12").waitFor();
	await filter.fill("");
	await cards.nth(11).waitFor();
	await page.getByText("°C").nth(11).waitFor();
	await page.getByRole("button", { name: "PT: Português" }).click();
	await page
		.locator(".values b", { hasText: /^\d+,\d °C$/ })
		.first()
		.waitFor();
	await page.getByRole("button", { name: "EN: English" }).click();
	const heights = (await page.evaluate(
		"[...document.querySelectorAll('.values b')].map((value) => value.getBoundingClientRect().height / parseFloat(getComputedStyle(value).fontSize))",
	)) as number[];
	assert.ok(heights.length >= 72 && heights.every((lines) => lines < 2), "no value is broken over two lines");
	assert.equal((await act(url, "desk-7", { type: "power", on: false })).status, 204);
	await page.getByRole("checkbox", { name: "Not online only" }).check();
	await page.locator('[data-node="desk-7"] [data-status=offline]').waitFor();
	await page.getByText("1 of 12").waitFor();
	assert.deepEqual(await names(), ["desk-7"]);
	assert.deepEqual(await violations(page), []);
	await page.context().close();
});

test("a broker elsewhere with a password: the page asks for it, and keeps it nowhere", {
	skip: skip || withoutMosquitto,
}, async (t) => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-password-"));
	const file = join(folder, "password");
	writeFileSync(file, "fireflies");
	const broker = await Mosquitto.prepare();
	const users = join(broker.directory, "users");
	writeFileSync(users, "node:fireflies\n");
	assert.equal(spawnSync("mosquitto_passwd", ["-U", users]).status, 0);
	broker.configure(["allow_anonymous false", `password_file ${users}`]);
	await broker.start();
	t.after(() => broker.remove());
	const { simulator, url } = await start(["--broker", broker.url, "--user", "node", "--password-file", file]);
	t.after(() => simulator.stop());
	const page = await browser.page(url);
	await page.click("#tab-topics");
	const connect = async (password: string) => {
		await page.getByRole("textbox", { name: "Name" }).fill("node");
		await page.getByLabel("Password").fill(password);
		await page.getByRole("button", { name: "Connect" }).click();
	};
	await connect("wrong");
	await page.getByRole("alert").filter({ hasText: "refused" }).waitFor();
	await connect("fireflies");
	await online(page).waitFor();
	await page.getByRole("switch", { name: "Switch onboard" }).click();
	await page.locator('[data-output="led/onboard"].is-on').waitFor();
	const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
	assert.doesNotMatch(String(kept), /fireflies|node"/);
	await page.reload();
	await page.click("#tab-topics");
	await page.getByLabel("Password").waitFor();
	await page.context().close();
});
