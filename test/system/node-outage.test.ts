import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const base = "vagalume/sala";
/** For this client the broker keeps what arrives while it is away itself. */
const persistent = { clean: false, clientId: "observer", reconnectPeriod: 50 };

const sequence = (observer: Observer) =>
	observer.of(`${base}/telemetry`).map((payload) => JSON.parse(payload).seq as number);
const counting = (length: number) => Array.from({ length }, (_, index) => index + 1);
const logged = (node: Simulator, pattern: RegExp) => node.lines.some((line) => pattern.test(line.message ?? ""));

test("a broker that is away at the start: the node boots, and its records arrive later, in order", {
	skip: withoutMosquitto,
}, async () => {
	const broker = await Mosquitto.start();
	const observer = await Observer.connect(broker.url, `${base}/#`, persistent);
	await broker.stop();
	const node = new Simulator(["--broker", broker.url, "--id", "sala"]);
	assert.match(await node.ready(), /^ready/);
	await until(() => logged(node, /refused/i), 10_000, "the log says why");
	await sleep(11_000);
	await broker.start();
	await until(() => sequence(observer).length >= 2, 30_000, "two records");
	assert.deepEqual(sequence(observer).slice(0, 2), [1, 2]);
	await observer.sees(`${base}/status`, "online");
	await node.stop();
	await observer.end();
	await broker.remove();
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
	test(`a broker that goes away by ${signal} and comes back: no record is missing, none out of order`, {
		skip: withoutMosquitto,
	}, async () => {
		const broker = await Mosquitto.start();
		const observer = await Observer.connect(broker.url, `${base}/#`, persistent);
		const node = new Simulator(["--broker", broker.url, "--id", "sala"]);
		await node.ready();
		await observer.sees(`${base}/telemetry`, /"seq":1\b/);
		const answer = observer.next(`${base}/response/interval`);
		await observer.publish(`${base}/command/interval`, '{"seconds":1}');
		const response = JSON.parse((await answer).payload);
		assert.equal(response.ok, true, JSON.stringify(response));
		await until(() => sequence(observer).length >= 3, 10_000, "records every second");
		// mosquitto saves its own state once a second (what it acknowledged since then it forgets when killed).
		const before = sequence(observer).length;
		await broker.stop(signal);
		await until(() => logged(node, /connection|disconnect|lost|closed/i), 10_000, "the node notices");
		await sleep(4_000);
		await broker.start();
		await until(() => sequence(observer).length >= before + 4, 40_000, "the records of the outage");
		// What was on its way when the broker went may come twice (QoS 1); nothing may be missing or out of order.
		const all = [...new Set(sequence(observer))];
		assert.deepEqual(all, counting(all.length));
		await node.stop();
		await observer.end();
		await broker.remove();
	});
}
