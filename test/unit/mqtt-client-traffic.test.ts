import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh } from "../support/mqtt-client";

beforeEach(fresh);

/** A large message that leaves 40 bytes at a time. */
const size = 20_000;

for (const way of ["sent as a whole packet", "written in fragments"] as const) {
	describe(`MQTT client: while a large message is ${way}`, () => {
		/** A client that is at it, and what it received meanwhile. */
		function busy(keepAlive = 0): { bench: Bench; received: string[] } {
			network.allowance = 200;
			const received: string[] = [];
			let left = 0;
			const bench = new Bench({
				keepAlive,
				onReadable() {
					received.push(new TextDecoder().decode(this.read() as ArrayBuffer));
				},
				onWritable(count) {
					if (left === 0) return;
					const part = Math.min(count, left);
					left -= part;
					this.write(new Uint8Array(part));
				},
			}).connect();
			if (way === "sent as a whole packet")
				bench.client.send(encode({ cmd: "publish", topic: "large", payload: Buffer.alloc(size) } as never));
			else {
				left = size - 10;
				bench.client.write(new Uint8Array(10), { topic: "large", byteLength: size });
			}
			return { bench, received };
		}

		it("short ones arrive at once, and their acknowledgements follow it, in order", () => {
			const { bench, received } = busy();
			for (let id = 1; id <= 10; id++) {
				bench.receive({ cmd: "publish", topic: "short", payload: `${id}`, qos: 1 + (id % 2), messageId: id });
				bench.receive({ cmd: "publish", topic: "short", payload: `${id}.` });
				assert.equal(received.length, 2 * id, "it waits for nothing");
				bench.socket.drain(40);
			}
			assert.equal(bench.client.busy, true);
			for (let round = 0; round < 1000; round++) bench.socket.drain(40);
			const [large, ...answers] = bench.sent();
			assert.equal(large.payload.length, size);
			assert.deepEqual(
				answers.map(({ cmd, messageId }) => `${cmd} ${messageId}`),
				Array.from({ length: 10 }, (_, index) => `${index % 2 === 0 ? "pubrec" : "puback"} ${index + 1}`),
			);
			assert.equal(bench.client.busy, false);
		});

		it("no message is lost when more arrive than can be acknowledged", () => {
			const { bench, received } = busy();
			for (let id = 1; id <= 100; id++) {
				bench.receive({ cmd: "publish", topic: "short", payload: `${id}`, qos: 1, messageId: id });
				bench.socket.drain(40);
			}
			assert.ok(received.length < 100, "it leaves them in the socket");
			for (let round = 0; round < 1000; round++) bench.socket.drain(40);
			const [, ...answers] = bench.sent();
			assert.deepEqual(
				answers.map(({ messageId }) => messageId),
				Array.from({ length: 100 }, (_, index) => index + 1),
			);
			assert.equal(received.length, 100);
		});

		it("keep-alive goes on: no false alarm, and PINGREQ follows when there is room for it", () => {
			const { bench, received } = busy(10_000);
			for (let round = 0; bench.client.busy && round < 1000; round++) {
				clock.advance(500);
				if (round % 40 === 39)
					bench.receive({ cmd: "publish", topic: "short", payload: "x", qos: 1, messageId: round });
				bench.socket.drain(40);
			}
			assert.equal(bench.errors.length, 0);
			assert.ok(received.length > 5);
			const sent = bench.sent().map(({ cmd }) => cmd);
			assert.deepEqual(sent.slice(0, 1), ["publish"]);
			assert.ok(sent.includes("pingreq"));
			bench.receive({ cmd: "pingresp" });
			clock.advance(5000);
			assert.equal(bench.errors.length, 0);
		});

		it("keep-alive goes on: a network that takes nothing any more is noticed", () => {
			const { bench } = busy(10_000);
			for (let round = 0; round < 40; round++) {
				clock.advance(500);
				bench.socket.drain(40);
			}
			assert.equal(bench.errors.length, 0);
			clock.advance(20_000);
			assert.equal(bench.errors[0]!.code, "keep-alive");
		});

		it("another message, a subscription and DISCONNECT are refused in that moment, and possible after it", () => {
			const { bench } = busy();
			const { SUBSCRIBE } = MQTTClient;
			const others = [{ topic: "t" }, { operation: SUBSCRIBE, items: [{ topic: "t" }] }];
			for (const options of others) assert.throws(() => bench.client.write(null, options), { code: "busy" });
			for (let round = 0; round < 1000; round++) bench.socket.drain(40);
			for (const options of others) bench.client.write(null, options);
			assert.deepEqual(
				bench.sent().map(({ cmd }) => cmd),
				["publish", "publish", "subscribe"],
			);
		});
	});
}
