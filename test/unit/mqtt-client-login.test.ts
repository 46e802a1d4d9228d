import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { Bench, fresh } from "../support/mqtt-client";

beforeEach(fresh);

test("a CONNACK that comes before CONNECT was sent whole does not let another packet into the middle of it", () => {
	network.allowance = 8;
	const bench = new Bench();
	clock.advance(0);
	clock.advance(0);
	bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
	const subscribe = { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "a" }] };
	assert.throws(() => bench.client.write(null, subscribe), /busy|a packet is being sent/);
	bench.socket.drain(1000);
	bench.client.write(null, subscribe);
	assert.deepEqual(
		bench.sent().map(({ cmd }) => cmd),
		["connect", "subscribe"],
	);
});
