import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../support/free-port";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const base = "vagalume/sala";

test("a broker that listens for WebSocket is reached by ws://", { skip: withoutMosquitto }, async (t) => {
	const websocket = await freePort();
	const tcp = await freePort();
	const broker = await Mosquitto.start(
		[`listener ${tcp} 127.0.0.1`, `listener ${websocket} 127.0.0.1`, "protocol websockets"],
		tcp,
	);
	t.after(() => broker.remove());
	const observer = await Observer.connect(broker.url);
	t.after(() => observer.end());
	const node = new Simulator(["--broker", `ws://127.0.0.1:${websocket}/mqtt`, "--id", "sala"]);
	t.after(() => node.stop("SIGKILL"));
	assert.match(await node.ready(), /ws:\/\/127/);
	await observer.sees(`${base}/status`, "online");
	await observer.sees(`${base}/relay/fan`, "OFF");
	await observer.publish(`${base}/relay/fan/set`, "ON");
	await observer.sees(`${base}/relay/fan`, "ON");
	assert.ok(node.messages(`${base}/relay/fan`).length > 0, "the log shows what crossed the wire");
	const offline = observer.next(`${base}/status`, 5_000, (payload) => payload === "offline");
	assert.equal(await node.stop("SIGINT"), 0);
	await offline;
});

test("a WebSocket broker that is away is said to be away, and tried again", async (t) => {
	const node = new Simulator(["--broker", `ws://127.0.0.1:${await freePort()}`, "--id", "sala"]);
	t.after(() => node.stop("SIGKILL"));
	await node.ready();
	await until(() => (node.stderr.match(/ECONNREFUSED/g) ?? []).length >= 2, 15_000, "two attempts, with their reason");
	assert.equal(await node.stop("SIGINT"), 0);
});
