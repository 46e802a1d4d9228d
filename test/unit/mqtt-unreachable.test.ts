import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Peer } from "../support/brokers/peer";
import { clock } from "../support/clock";
import { freePort } from "../support/free-port";
import { NodeResolver, NodeTCP, realTime } from "../support/node-tcp";

/** Over real sockets and the real resolver; with brokers: `test/system/brokers-*`. */
describe("MQTT where no broker is", () => {
	let endTime: () => void;
	beforeEach(() => {
		clock.reset();
		endTime = realTime();
	});
	afterEach(() => endTime());

	const connect = (host: string, port: number) =>
		Peer.connect({ host, port, id: "node", socket: { io: NodeTCP as never }, dns: { io: NodeResolver as never } });

	it("a name that does not exist is told", async () => {
		await assert.rejects(connect("no-such-host.invalid", 1883), /no-such-host\.invalid: name not found/);
	});

	it("a port that nobody listens on is told", async () => {
		await assert.rejects(connect("localhost", await freePort()), /ECONNREFUSED/);
	});
});
