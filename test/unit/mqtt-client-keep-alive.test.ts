import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh, over, text, throwsCode } from "../support/mqtt-client";

beforeEach(fresh);

describe("MQTT client: keep-alive", () => {
	it("MQTT-3.1.2-23: sends PINGREQ before the interval is over, when nothing else is sent", () => {
		const bench = new Bench({ keepAlive: 60_000 }).connect();
		let last = clock.now;
		for (let round = 0; round < 600; round++) {
			clock.advance(1000);
			for (const { cmd } of bench.sent()) {
				assert.equal(cmd, "pingreq");
				assert.ok(clock.now - last <= 60_000 && clock.now - last >= 40_000, `after ${clock.now - last} ms`);
				last = clock.now;
				bench.receive({ cmd: "pingresp" });
			}
		}
		assert.ok(clock.now - last <= 60_000);
		assert.equal(bench.errors.length, 0);
	});

	it("does without a keep-alive of 0", () => {
		const bench = new Bench().connect();
		clock.advance(100_000_000);
		assert.deepEqual(bench.sent(), []);
		assert.equal(clock.pending, 0);
	});

	it("notices a silent broker within one and a half intervals", () => {
		const bench = new Bench({ keepAlive: 60_000 }).connect();
		const start = clock.now;
		while (bench.errors.length === 0) {
			clock.advance(1000);
			assert.ok(clock.now - start <= 90_000);
		}
		assert.equal(bench.errors[0]!.code, "keep-alive");
		assert.ok(clock.now - start >= 60_000);
		over();
	});

	it("notices it, too, while it sends all the time", () => {
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		const start = clock.now;
		while (bench.errors.length === 0) {
			clock.advance(100);
			if (bench.client.connected) bench.client.write(text("x"), { topic: "t" });
			assert.ok(clock.now - start <= 15_000);
		}
		assert.equal(bench.errors[0]!.code, "keep-alive");
	});

	it("notices a broker that sends messages and never PINGRESP", () => {
		const bench = new Bench({
			keepAlive: 10_000,
			onReadable() {
				this.read();
			},
		}).connect();
		const start = clock.now;
		while (bench.errors.length === 0) {
			clock.advance(500);
			if (!bench.socket.closed) bench.receive({ cmd: "publish", topic: "t", payload: "x" });
			assert.ok(clock.now - start <= 30_000);
		}
		assert.equal(bench.errors[0]!.code, "keep-alive");
	});

	it("is quiet while messages come and go", () => {
		const bench = new Bench({
			keepAlive: 10_000,
			onReadable() {
				this.read();
			},
		}).connect();
		for (let round = 0; round < 100; round++) {
			clock.advance(2000);
			bench.client.write(text("x"), { topic: "t" });
			bench.receive({ cmd: "publish", topic: "t", payload: "x" });
		}
		assert.ok(bench.sent().every(({ cmd }) => cmd === "publish"));
		assert.equal(bench.errors.length, 0);
	});

	it("does not take a broker for dead while the application leaves a message unread", () => {
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "x" });
		for (let round = 0; round < 20; round++) {
			clock.advance(5000);
			for (const { cmd } of bench.sent()) if (cmd === "pingreq") bench.receive({ cmd: "pingresp" });
		}
		assert.equal(bench.errors.length, 0);
	});

	it("is not stalled by a large message that is being sent slowly", () => {
		network.allowance = 100;
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		bench.client.send(encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(4000) } as never));
		while (bench.client.busy && bench.errors.length === 0) {
			clock.advance(2400);
			bench.socket.drain(100);
		}
		assert.equal(bench.errors.length, 0);
		assert.equal(bench.sent().filter(({ cmd }) => cmd === "publish").length, 1);
		bench.socket.drain(1000);
		bench.receive({ cmd: "pingresp" });
		clock.advance(9000);
		assert.equal(bench.errors.length, 0);
	});

	it("has room for PINGREQ when acknowledgements have used up theirs", () => {
		network.allowance = 100;
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		bench.client.send(encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(4000) } as never));
		const acknowledge = (id: number) => bench.client.write(null, { operation: MQTTClient.PUBACK, id });
		throwsCode(
			() => {
				for (let id = 1; ; id++) acknowledge(id);
			},
			"busy",
			/being sent/,
		);
		for (let round = 0; round < 10; round++) {
			clock.advance(1000);
			bench.socket.drain(100);
		}
		for (let round = 0; round < 40; round++) bench.socket.drain(100);
		const sent = bench.sent().map(({ cmd }) => cmd);
		assert.equal(sent.filter((cmd) => cmd === "pingreq").length, 1);
		assert.ok(sent.filter((cmd) => cmd === "puback").length >= 10);
	});

	it("notices that the socket takes nothing any more", () => {
		network.allowance = 100;
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		bench.client.send(encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(4000) } as never));
		clock.advance(20_000);
		assert.equal(bench.errors[0]!.code, "keep-alive");
		over();
	});
});
