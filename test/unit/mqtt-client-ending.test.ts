import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh, over } from "../support/mqtt-client";

beforeEach(fresh);

describe("MQTT client: ending", () => {
	it("is over without a callback after close, at any moment", () => {
		const moments: [string, () => Bench][] = [
			["while resolving", () => new Bench()],
			[
				"while connecting",
				() => {
					network.connect = "never";
					const bench = new Bench();
					clock.advance(0);
					return bench;
				},
			],
			[
				"before CONNACK",
				() => {
					const bench = new Bench();
					clock.advance(0);
					clock.advance(0);
					return bench;
				},
			],
			["when connected", () => new Bench({ keepAlive: 1000 }).connect()],
			[
				"with a message half read",
				() => {
					const bench = new Bench().connect();
					bench.receive({ cmd: "publish", topic: "t", payload: "xy" });
					bench.client.read(1);
					return bench;
				},
			],
		];
		for (const [moment, make] of moments) {
			fresh();
			const bench = make();
			bench.client.close();
			bench.client.close();
			clock.advance(100_000);
			assert.equal(bench.errors.length, 0, moment);
			assert.equal(bench.closes, 0, moment);
			over();
		}
	});

	for (const name of ["onReadable", "onWritable", "onControl", "onError", "onClose", "onSkipped"] as const) {
		it(`can be closed within ${name}`, () => {
			let calls = 0;
			const bench = new Bench({
				[name](this: MQTTClient) {
					calls++;
					this.close();
				},
			}).connect();
			const packets = [
				{ cmd: "publish", topic: "x".repeat(300), payload: "" },
				{ cmd: "publish", topic: "t", payload: "abc", qos: 1, messageId: 1 },
				{ cmd: "publish", topic: "t", payload: "abc", qos: 1, messageId: 2 },
			];
			bench.socket.deliver(packets.flatMap((packet) => [...encode({ ...packet } as never)]));
			if (name === "onError" || name === "onClose") {
				while (bench.readable.length > 0 && !bench.socket.closed) {
					bench.readable.pop();
					bench.client.read();
					clock.advance(0);
				}
				bench.socket.fail(new Error("gone"));
			}
			clock.advance(10);
			assert.equal(calls, 1);
			over();
		});
	}

	it("reports the end once: onError, then onClose", () => {
		const order: string[] = [];
		const bench = new Bench({
			onError: () => order.push("error"),
			onClose: () => order.push("close"),
		} as never).connect();
		bench.socket.fail(new Error("reset by peer"));
		clock.advance(10);
		assert.deepEqual(order, ["error", "close"]);
		over();
	});

	it("after DISCONNECT the end of the connection is no error", () => {
		const bench = new Bench({ keepAlive: 1000 }).connect();
		bench.client.write(null, { operation: MQTTClient.DISCONNECT });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["disconnect"],
		);
		bench.socket.fail();
		clock.advance(0);
		assert.equal(bench.errors.length, 0);
		assert.equal(bench.closes, 1);
		over();
	});

	it("MQTT-3.14.4-1: closes itself after DISCONNECT when the broker does not", () => {
		const bench = new Bench({ keepAlive: 1000 }).connect();
		bench.client.write(null, { operation: MQTTClient.DISCONNECT });
		clock.advance(5000);
		assert.equal(bench.closes, 1);
		over();
	});

	it("leaves an exception of the application to the host, and is sound afterwards", () => {
		let fail = true;
		const bench = new Bench({
			onReadable() {
				this.read();
				if (fail) throw new Error("application");
			},
		}).connect();
		const message = { cmd: "publish", topic: "t", payload: "x", qos: 1 };
		assert.throws(() => bench.receive({ ...message, messageId: 1 }), /application/);
		fail = false;
		bench.receive({ ...message, messageId: 2 });
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[1, 2],
		);
	});
});
