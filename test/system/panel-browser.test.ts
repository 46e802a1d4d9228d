// A person at the panel: Debian's chromium, a simulator of its own, its embedded broker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { TestBrowser, takePicture, violations, withoutChromium } from "../support/browser";
import { freePort } from "../support/free-port";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const KEEP_ALIVE = 4;
const base = "vagalume/vagalume-1";
const skip = withoutChromium;
let browser: TestBrowser;
let simulator: Simulator;
let observer: Observer;
let url: string;
let page: Page;

before(async () => {
	if (skip) return;
	const port = await freePort();
	simulator = new Simulator(["--panel-port", String(port), "--keep-alive", String(KEEP_ALIVE)], { panel: true });
	const [, broker = "", panel = ""] = /broker (\S+)\s+panel (\S+)/.exec(await simulator.ready())!;
	url = panel;
	observer = await Observer.connect(broker, `${base}/#`);
	browser = await TestBrowser.start();
	page = await browser.page(url);
});
after(async () => {
	if (skip) return;
	await browser.close();
	await observer.end();
	await simulator.stop();
	assert.deepEqual(browser.faults, [], "errors on the page");
});

/** What the badge says. */
const status = (wanted: string) => page.locator(`[data-testid=status][data-status=${wanted}]`).waitFor();
const tab = (name: string) => page.click(`#tab-${name}`);
/** The light that a drawing throws. */
const glow = (part: string) =>
	page.locator(`[data-part="${part}"] wokwi-led`).evaluate((led) => {
		const { value, brightness } = led as unknown as { value: boolean; brightness: number };
		return value ? brightness : 0;
	});
const records = () => observer.of(`${base}/telemetry`).map((record) => JSON.parse(record) as Record<string, number>);

test("a person sees the node come online", { skip }, async () => {
	await page.getByRole("heading", { name: "Vagalume", level: 1 }).waitFor();
	await status("online");
	assert.equal(await page.title(), "Vagalume · Vagalume");
});

test("the board is drawn with its parts, wired to the pins that node.ts says", { skip }, async () => {
	for (const part of ["led/onboard", "led/strip", "relay/fan", "button/boot", "sensor/climate", "sensor/light"])
		assert.equal(await page.locator(`[data-part="${part}"]`).count(), 1, part);
	const wires = await page
		.locator("[data-wire]")
		.evaluateAll((all) => all.map((wire) => wire.getAttribute("data-wire")));
	assert.deepEqual(wires.sort(), [
		"0 button/boot",
		"13 led/strip",
		"2 led/onboard",
		"21 sensor/climate",
		"22 sensor/climate",
		"26 relay/fan",
		"34 sensor/light",
	]);
	await page.hover('[data-pin="2"]');
	await page.getByRole("tooltip").getByText("GPIO 2: 0.0 % · PWM").waitFor();
});

test("the LED switched on glows on the drawing, and is a retained message", { skip }, async () => {
	assert.equal(await glow("led/onboard"), 0);
	await page.getByRole("switch", { name: "Switch onboard" }).click();
	await until(async () => (await glow("led/onboard")) > 0.9, 20_000, "the LED glows");
	await tab("topics");
	const leaf = page.locator(`[data-topic="${base}/led/onboard"]`);
	await leaf.getByText('"state":"ON"').waitFor();
	await observer.sees(`${base}/led/onboard`, /"state":"ON"/);
	await page.getByRole("slider", { name: "onboard: Brightness" }).fill("26");
	await until(async () => Math.abs((await glow("led/onboard")) ** 2 - 26 / 255) < 0.02, 20_000, "a tenth of the light");
});

test("the push button on the drawing switches the LED, by mouse and by key", { skip }, async () => {
	const button = page.locator('[data-part="button/boot"] wokwi-pushbutton button');
	await button.hover();
	await page.mouse.down();
	await observer.sees(`${base}/button/boot`, /"press"/);
	await page.mouse.up();
	await observer.sees(`${base}/button/boot`, /"release"/);
	await until(async () => (await glow("led/onboard")) === 0, 20_000, "the LED is off");
	const card = page.getByRole("region", { name: "boot", exact: true }).getByRole("button", { name: "Press boot" });
	await card.focus();
	await page.keyboard.down(" ");
	await until(async () => (await card.getAttribute("aria-pressed")) === "true", 20_000, "pressed");
	// As long as the firmware needs to tell a press from a bouncing contact.
	const presses = () => observer.of(`${base}/button/boot`).filter((event) => event.includes('"press"')).length;
	await until(() => presses() === 2, 20_000, "a second press");
	await page.keyboard.up(" ");
	await until(async () => (await glow("led/onboard")) > 0, 20_000, "the LED is on again");
});

test("an order from the publish form is obeyed: a record every second", { skip }, async () => {
	await tab("topics");
	await page.getByRole("button", { name: '{"seconds":5}' }).first().click();
	await page.getByRole("textbox", { name: "Payload" }).fill('{"seconds":1}');
	await page.getByRole("button", { name: "Send" }).click();
	await page.getByText("published", { exact: true }).waitFor();
	await observer.sees(`${base}/response/interval`, /"ok":true/);
});

test("the temperature slider moved: telemetry and chart follow at the next report", { skip }, async () => {
	await tab("history");
	const slider = page.locator('[data-quantity="climate/temperature"]').getByRole("slider");
	await slider.fill("31.5");
	await until(() => records().some(({ temperature }) => temperature === 31.5), 20_000, "telemetry");
	await page.locator('[data-chart="Temperature"] strong', { hasText: "31.5 °C" }).waitFor();
	await page.locator('[data-quantity="climate/temperature"]').getByText("reported 31.5 °C").waitFor();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("button", { name: "Save CSV" }).click(),
	]);
	assert.equal(download.suggestedFilename(), "vagalume-1.csv");
});

test("a value typed key by key is set once it is whole, and not before", { skip }, async () => {
	const place = page.locator('[data-quantity="climate/temperature"]');
	const field = place.getByRole("textbox", { name: "Temperature (°C)", exact: true });
	await field.selectText();
	await field.pressSequentially("27.25");
	assert.equal(await field.inputValue(), "27.25");
	await field.press("Tab");
	await until(() => records().some(({ temperature }) => temperature === 27.3), 20_000, "telemetry");
	assert.ok(!records().some(({ temperature }) => [2, 27].includes(temperature as number)), "no part of it");
	await place.getByRole("slider").fill("31.5");
});

test("a sensor pulled off its wires fails as on the board", { skip }, async () => {
	const card = page.locator('[data-sensor="climate"]');
	await card.getByRole("button", { name: "Unplug" }).click();
	await tab("log");
	await page
		.locator(".row.line", { hasText: /climate/ })
		.first()
		.waitFor();
	await card.getByRole("button", { name: "Plug in" }).click();
	await card.getByText("unplugged").first().waitFor({ state: "detached" });
});

test("wrong input in any field is refused beside the field, and changes nothing", { skip }, async () => {
	const wrong: [place: string, field: string, typed: string, said: RegExp][] = [
		['[data-quantity="climate/temperature"]', "Temperature (°C)", "500", /expected -55 to 125 °C/],
		['[data-quantity="climate/humidity"]', "Humidity (%)", "wet", /expected a number/],
		['[data-quantity="climate/humidity"]', "Humidity: Noise ± (%)", "-1", /expected 0 to 100 %/],
		[".vitals", "Latency, one way (ms)", "99999", /expected 0 to 5,000 ms/],
		[".vitals", "Packet loss (%)", "", /expected a number/],
	];
	const before = records().length;
	for (const [place, field, typed, said] of wrong) {
		const input = page.locator(place).getByRole("textbox", { name: field, exact: true });
		await input.fill(typed);
		await input.press("Enter");
		await page.locator(place).getByRole("alert").filter({ hasText: said }).waitFor();
		assert.equal(await input.getAttribute("aria-invalid"), "true", field);
		await input.press("Escape");
		await page.locator(place).getByRole("alert").waitFor({ state: "detached" });
	}
	await tab("topics");
	for (const [topic, said] of [
		["", "expected a topic"],
		["vagalume/+/led", "a topic to publish to has no + and no #"],
	] as const) {
		await page.getByRole("textbox", { name: "Topic" }).fill(topic);
		await page.getByRole("button", { name: "Send" }).click();
		await page.getByRole("alert").filter({ hasText: said }).waitFor();
	}
	await tab("traffic");
	await page.getByRole("searchbox", { name: "Filter" }).fill("a/#/b");
	await page.getByRole("alert").filter({ hasText: "expected a topic filter" }).waitFor();
	await page.getByRole("searchbox", { name: "Filter" }).fill("");
	await until(() => records().length >= before + 2, 20_000, "two more records");
	assert.equal(records().at(-1)!["temperature"], 31.5);
});

test("a packet opens as its bytes, with the exchange that it belongs to", { skip }, async () => {
	await tab("traffic");
	await page.getByRole("searchbox", { name: "Filter" }).fill("vagalume/+/telemetry");
	await page.locator(".row .summary").nth(1).click();
	const details = page.getByTestId("details");
	await details.getByText("PUBACK").waitFor();
	const table = await details.locator("table").innerText();
	for (const name of ["Control field", "Remaining length", "Variable header", "packet identifier", "Payload", '"seq":'])
		assert.ok(table.includes(name), `${name} in ${table}`);
	const kinds = await details
		.locator(".bytes .field")
		.evaluateAll((fields) => fields.map(({ className }) => className.split(" ")[1]));
	assert.deepEqual([...new Set(kinds)], ["control", "remaining", "header", "payload"]);
	await takePicture(page, "panel-packet", { of: ".talk" });
	await page.getByRole("searchbox", { name: "Filter" }).fill("");
});

test("the pictures: dark, light, and as wide as a phone", { skip }, async () => {
	await page.getByRole("switch", { name: "Switch fan" }).click();
	await observer.publish(`${base}/led/strip/set`, '{"state":"ON","brightness":230,"color":{"r":255,"g":110,"b":20}}');
	await page.locator('[data-output="led/strip"].is-on').waitFor();
	await page.locator('[data-output="relay/fan"].is-on').waitFor();
	const dark = await takePicture(page, "panel");
	await page.emulateMedia({ colorScheme: "light" });
	const light = await takePicture(page, "panel-light");
	assert.ok(!dark.equals(light), "light is not dark");
	await page.emulateMedia({ colorScheme: "dark" });
	const phone = await browser.page(url, {
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
		deviceScaleFactor: 2,
	});
	await phone.locator("[data-testid=status][data-status=online]").waitFor();
	await takePicture(phone, "panel-phone");
	// 320 px: the narrowest that WCAG 2.2 §1.4.10 asks for, and a small phone.
	for (const narrow of [390, 320]) {
		await phone.setViewportSize({ width: narrow, height: 844 });
		const width = await phone.locator("html").evaluate(({ scrollWidth }) => scrollWidth);
		assert.ok(width <= narrow, `nothing sticks out to the right at ${narrow} px: ${width} px`);
	}
	await phone.context().close();
});

test("axe-core finds no serious violation, in light and in dark, whatever is shown", { skip }, async () => {
	for (const colorScheme of ["dark", "light"] as const) {
		await page.emulateMedia({ colorScheme });
		for (const name of ["traffic", "topics", "history", "log"]) {
			await tab(name);
			if (name === "traffic") await page.locator(".row .summary").first().click();
			assert.deepEqual(await violations(page), [], `${colorScheme}, ${name}`);
		}
	}
	await page.emulateMedia({ colorScheme: "dark" });
	await tab("traffic");
});

test("the network cut for a while: the QoS 1 records of that time arrive afterwards, in order", { skip }, async () => {
	await observer.publish(`${base}/command/interval`, '{"seconds":1}');
	const network = page.getByRole("switch", { name: "Wi-Fi on" });
	await network.click();
	await status("offline");
	const last = () => records().at(-1)?.["seq"] ?? 0;
	const before = last();
	await network.click();
	await status("online");
	await until(() => last() >= before + 5, 40_000, "what was kept");
	const numbers = [...new Set(records().map(({ seq }) => seq!))];
	const first = numbers[0]!;
	assert.deepEqual(
		numbers,
		Array.from({ length: numbers.length }, (_, index) => first + index),
	);
});

test("the power cut: the broker says offline within 1.5 times the keep-alive, and not at once", { skip }, async () => {
	const cut = performance.now();
	await page.getByRole("button", { name: "Cut power" }).click();
	await page.getByText("power cut").waitFor();
	await status("offline");
	const will = observer.seen.findLast(({ topic, payload }) => topic === `${base}/status` && payload === "offline")!;
	const seconds = (will.at - cut) / 1000;
	// The node spoke last within the second before; what is more than 1.5 times the keep-alive is for a busy machine.
	assert.ok(seconds > 2 && seconds <= 1.5 * KEEP_ALIVE + 3, `${seconds} s`);
	await page.getByRole("button", { name: "Power on" }).click();
	await status("online");
});

test("a broker that nothing reaches: the connection stays half-open, the broker says offline", { skip }, async () => {
	const way = page.getByRole("switch", { name: "Broker reachable" });
	await way.click();
	await status("offline");
	await way.click();
	await status("online");
});

test("time goes sixty times as fast, and at the wall's pace again", { skip }, async () => {
	const uptime = () => Number(observer.last(`${base}/telemetry/uptime`));
	const before = uptime();
	await page.getByRole("button", { name: "60×" }).click();
	const start = performance.now();
	await until(() => uptime() > before + 60, 20_000, "a minute of the node");
	assert.ok(performance.now() - start < 15_000);
	await page.getByRole("button", { name: "1×", exact: true }).click();
	await status("online");
});

test("the page speaks Portuguese, and remembers it", { skip }, async () => {
	await page.getByRole("button", { name: "PT: Português" }).click();
	await page.getByRole("heading", { name: "Sensores" }).waitFor();
	await page.reload();
	await page.getByRole("heading", { name: "Sensores" }).waitFor();
	assert.equal(await page.locator("html").getAttribute("lang"), "pt-BR");
	const place = page.locator('[data-quantity="climate/temperature"]');
	await place.getByText(/^publicado \d+,\d °C$/).waitFor();
	const field = place.getByRole("textbox", { name: "Temperatura (°C)", exact: true });
	assert.match(await field.inputValue(), /^\d+,\d$/, "a comma, as where a dot parts thousands");
	await field.fill("28,5");
	await field.press("Enter");
	await place.getByText("publicado 28,5 °C").waitFor();
	// As wide as half a laptop's screen: the name is not squeezed into a column.
	await page.setViewportSize({ width: 800, height: 900 });
	const lines = await page.locator(".who p").evaluate((line) => line.getClientRects()[0]!.height);
	assert.ok(lines < 30, `the line under the name is one: ${lines} px`);
	await page.setViewportSize({ width: 1280, height: 900 });
	const figures = await page.locator(".vital-value").all();
	for (const figure of figures) {
		const cut = await figure.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
		assert.ok(cut <= 0, `${await figure.textContent()} is whole`);
	}
	await page.getByRole("button", { name: "EN: English" }).click();
});
