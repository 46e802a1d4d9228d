// The panel in another browser than the one that the other tests use.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepPicture } from "../support/browser";
import { Firefox, withoutFirefox } from "../support/firefox";
import { freePort } from "../support/free-port";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

test("in Firefox the page shows the node online, lights its LED by a click, and the chart follows the sensor", {
	skip: withoutFirefox,
	timeout: 120_000,
}, async (t) => {
	const simulator = new Simulator(["--panel-port", String(await freePort())], { panel: true });
	t.after(() => simulator.stop());
	const url = /panel (\S+)/.exec(await simulator.ready())![1]!;
	const firefox = await Firefox.start(1380, 900);
	t.after(() => firefox.close());
	await firefox.goto(url);
	await firefox.sees("[data-testid=status][data-status=online]");
	assert.equal(await firefox.evaluate("document.title"), "Vagalume · Vagalume");

	const glow = () => firefox.evaluate<boolean>(`document.querySelector('[data-part="led/onboard"] wokwi-led').value`);
	assert.equal(await glow(), false);
	await firefox.click('[data-output="led/onboard"] [role=switch]');
	await firefox.sees('[data-output="led/onboard"].is-on');
	await until(glow, 10_000, "the LED glows on the drawing");

	await firefox.click("#tab-history");
	await firefox.sees('[data-chart="Temperature"] canvas');
	const chart = () =>
		firefox.evaluate<string>(`document.querySelector('[data-chart="Temperature"] canvas').toDataURL()`);
	const before = await chart();
	const field = '[data-quantity="climate/temperature"] input:not([type=range])';
	await firefox.click(field);
	await firefox.evaluate(`document.querySelector('${field}').select()`);
	await firefox.type("31.5\uE007");
	const said = () =>
		firefox.evaluate<string>(`document.querySelector('[data-chart="Temperature"] strong').textContent`);
	await until(async () => (await said()) === "31.5 °C", 30_000, "the next record on the chart");
	await until(async () => (await chart()) !== before, 5_000, "the line is drawn");
	keepPicture("panel-firefox", await firefox.picture());
	assert.deepEqual(firefox.faults, [], "errors on the page");
});
