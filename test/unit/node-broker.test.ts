import assert from "node:assert/strict";
import { test } from "node:test";
import mqtt from "mqtt";
import { RealClock } from "../../hosts/desktop/clock";
import node from "../../node";
import { Internet } from "../../sim/network/internet";
import { NodeBroker } from "../../sim/node-broker";
import { parseSimOptions } from "../../sim/options";
import { discovering } from "../support/discovery-world";
import { until } from "../support/until";

const start = (args: readonly string[], description = node as ReturnType<typeof discovering>) =>
	NodeBroker.start(parseSimOptions(["--headless", ...args]), description, new Internet({ clock: new RealClock() }));

for (const [how, args, description] of [
	["that nodes are told of", [], undefined],
	["that nodes find by themselves", [], discovering({})],
	["in virtual time, when it listens nowhere", ["--time", "virtual"], undefined],
	["in virtual time, that nodes find by themselves", ["--time", "virtual"], discovering({})],
] as const)
	test(`a page reaches the simulator's own broker ${how}`, async (t) => {
		const broker = await start(args, description);
		t.after(() => broker.close());
		const heard = broker.embedded!.watch("page");
		const page = new mqtt.MqttClient(() => broker.open(), { reconnectPeriod: 0 });
		t.after(() => page.end(true));
		await page.publishAsync("page", "here", { qos: 1 });
		await until(() => heard() === "here", 5_000, "the page's message");
	});

test("--broker dns-sd: before a node has found it a page is told so, then it is that broker's place", async () => {
	const broker = await start(["--broker", "dns-sd"], discovering({}));
	assert.equal(broker.url, "dns-sd");
	assert.throws(() => broker.open(), { message: "no node has found the broker yet" });
	assert.equal(broker.explain(new Error("no node has found the broker yet")), "no node has found the broker yet");
	broker.found({ id: 1, address: "192.0.2.7", port: 1884, secure: true });
	assert.equal(broker.url, "mqtts://192.0.2.7:1884");
	const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
	assert.match(broker.explain(refused), /192\.0\.2\.7:1884/);
	await broker.close();
});
