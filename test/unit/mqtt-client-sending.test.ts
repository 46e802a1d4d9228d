import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh, over, text, throwsCode } from "../support/mqtt-client";

beforeEach(fresh);

describe("MQTT client: sending", () => {
	it("publishes at every QoS, with flags, and tells what may still be written", () => {
		network.allowance = 1000;
		const bench = new Bench().connect();
		const before = bench.writable[0]!;
		const left = bench.client.write(text("hi"), { topic: "a/b" });
		assert.equal(left, before - 2 - 3 - 2 - 2);
		bench.client.write(text("x"), { topic: "a/b", QoS: 1, retain: true });
		bench.client.write(text("y"), { topic: "é", QoS: 2, duplicate: true, id: 500 });
		bench.client.write(null, { topic: "empty" });
		bench.client.write(undefined, { topic: "empty", operation: MQTTClient.PUBLISH });
		const seen = bench.sent().map(({ topic, payload, qos, retain, dup, messageId }) => {
			return [topic, payload.toString(), qos, retain, dup, messageId];
		});
		assert.deepEqual(seen, [
			["a/b", "hi", 0, false, false, undefined],
			["a/b", "x", 1, true, false, 1],
			["é", "y", 2, false, true, 500],
			["empty", "", 0, false, false, undefined],
			["empty", "", 0, false, false, undefined],
		]);
	});

	it("takes every kind of byte buffer", () => {
		const bench = new Bench().connect();
		const bytes = text("abcdef");
		bench.client.write(bytes.buffer as ArrayBuffer, { topic: "t" });
		bench.client.write(bytes.subarray(1, 3), { topic: "t" });
		bench.client.write(new DataView(bytes.buffer as ArrayBuffer, 2, 2), { topic: "t" });
		bench.client.write(new Uint16Array(bytes.buffer as ArrayBuffer, 2, 1), { topic: "t" });
		assert.deepEqual(
			bench.sent().map(({ payload }) => payload.toString()),
			["abcdef", "bc", "cd", "cd"],
		);
	});

	it("writes a small message in one piece, also after one of another size", () => {
		const bench = new Bench().connect();
		for (const payload of ["x", "yy", "x", "z".repeat(150)]) {
			const before = bench.socket.writes;
			bench.client.write(text(payload), { topic: "t", QoS: 1 });
			assert.equal(bench.socket.writes, before + 1);
			assert.equal(bench.sent()[0].payload.toString(), payload);
		}
	});

	it("writes a topic that is longer than its scratch buffer", () => {
		const bench = new Bench().connect();
		bench.client.write(text("x"), { topic: "t".repeat(1000), QoS: 1 });
		assert.equal(bench.sent()[0].topic.length, 1000);
	});

	it("streams 100 KB through a socket that takes 300 bytes at a time", () => {
		network.allowance = 300;
		const total = 100_000;
		let left = 0;
		const bench = new Bench({
			onWritable(count) {
				if (left === 0) return;
				const size = Math.min(count, left);
				left -= size;
				this.write(new Uint8Array(size).fill(65));
			},
		}).connect();
		left = total - 10;
		bench.client.write(new Uint8Array(10).fill(65), { topic: "big", QoS: 1, byteLength: total });
		assert.equal(bench.client.busy, true);
		throwsCode(() => bench.client.write(text("x"), { topic: "t" }), "busy", /lacks 99990 bytes/);
		for (let round = 0; round < 1000 && bench.client.busy; round++) bench.socket.drain(300);
		const packets = bench.sent();
		assert.equal(packets.length, 1);
		assert.equal(packets[0].payload.length, total);
	});

	it("refuses more than may be written, sends nothing of it, and goes on", () => {
		network.allowance = 100;
		const bench = new Bench().connect();
		throwsCode(() => bench.client.write(new Uint8Array(200), { topic: "t", QoS: 1 }), "overflow", /208 bytes, \d+ may/);
		bench.client.write(text("x"), { topic: "t", QoS: 1 });
		const [packet] = bench.sent();
		assert.equal(packet.messageId, 1, "no identifier was used up");
	});

	it("refuses fragments that do not fit their message", () => {
		const bench = new Bench().connect();
		throwsCode(() => bench.client.write(text("x")), "invalid", /no PUBLISH is under way/);
		bench.client.write(text("a"), { topic: "t", byteLength: 3 });
		throwsCode(() => bench.client.write(text("bcd")), "invalid", /3 bytes, the message lacks only 2/);
		bench.client.write(text("bc"));
		assert.equal(bench.sent()[0].payload.toString(), "abc");
		throwsCode(
			() => bench.client.write(text("abc"), { topic: "t", byteLength: 2 }),
			"invalid",
			/byteLength: 2 is less/,
		);
	});

	it("refuses what the standard does not allow, and nothing is sent", () => {
		const bench = new Bench().connect();
		const { client } = bench;
		throwsCode(() => client.write(text("x"), {}), "invalid", /topic: expected a string/);
		throwsCode(() => client.write(text("x"), { topic: "a/#" }), "invalid", /wildcard/);
		throwsCode(() => client.write(text("x"), { topic: "t", QoS: 3 }), "invalid", /QoS 3/);
		throwsCode(() => client.write(text("x"), { topic: "t", QoS: 1, id: 0 }), "invalid", /identifier 0/);
		throwsCode(() => client.write(text("x"), { topic: "t", byteLength: 268_435_455 }), "invalid", /does not fit/);
		throwsCode(() => client.write("x" as never, { topic: "t" }), "invalid", /data: expected/);
		throwsCode(() => client.write(null, { operation: MQTTClient.SUBSCRIBE }), "invalid", /items/);
		throwsCode(() => client.write(null, { operation: MQTTClient.CONNECT }), "invalid", /CONNECT is not for/);
		throwsCode(() => client.write(null, { operation: 99 }), "invalid", /99 is not for/);
		throwsCode(() => client.write(null, { operation: MQTTClient.PUBACK }), "invalid", /identifier undefined/);
		assert.deepEqual(bench.sent(), []);
	});

	it("subscribes and unsubscribes, and hands the answers on", () => {
		const bench = new Bench().connect();
		bench.client.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic: "a/#", QoS: 2 }, { topic: "b" }] });
		bench.client.write(null, { operation: MQTTClient.UNSUBSCRIBE, items: [{ topic: "b" }], id: 77 });
		const [subscribe, unsubscribe] = bench.sent();
		assert.equal(subscribe.messageId, 1);
		assert.deepEqual(
			subscribe.subscriptions.map(({ topic, qos }: { topic: string; qos: number }) => [topic, qos]),
			[
				["a/#", 2],
				["b", 0],
			],
		);
		assert.equal(unsubscribe.messageId, 77);
		bench.receive({ cmd: "suback", messageId: 1, granted: [1, 128] });
		bench.receive({ cmd: "unsuback", messageId: 77 });
		assert.deepEqual(bench.control.slice(1), [
			{ operation: MQTTClient.SUBACK, id: 1, payload: [1, 128] },
			{ operation: MQTTClient.UNSUBACK, id: 77 },
		]);
	});

	it("sends a SUBSCRIBE that is larger than what the socket takes, bit by bit", () => {
		network.allowance = 40;
		const bench = new Bench().connect();
		const items = Array.from({ length: 20 }, (_, index) => ({ topic: `sensors/${index}`, QoS: 1 }));
		bench.client.write(null, { operation: MQTTClient.SUBSCRIBE, items });
		for (let round = 0; round < 20; round++) bench.socket.drain(40);
		assert.equal(bench.sent()[0].subscriptions.length, 20);
	});

	it("refuses more filters than their SUBACK has room for", () => {
		const bench = new Bench().connect();
		const items = Array.from({ length: 600 }, (_, index) => ({ topic: `${index}` }));
		const call = () => bench.client.write(null, { operation: MQTTClient.SUBSCRIBE, items });
		throwsCode(call, "invalid", /items: 600/);
	});

	it("MQTT-4.3.3-1: answers PUBREC with PUBREL", () => {
		const bench = new Bench().connect();
		bench.client.write(text("x"), { topic: "t", QoS: 2 });
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["publish", "pubrel"],
		);
		assert.deepEqual(
			bench.control.slice(1).map(({ operation }) => operation),
			[MQTTClient.PUBREC, MQTTClient.PUBCOMP],
		);
	});

	it("MQTT-2.3.1-1: identifiers go from 65,535 to 1, past those in flight", () => {
		const bench = new Bench().connect();
		const publish = () => {
			bench.client.write(null, { topic: "t", QoS: 1 });
			return bench.sent()[0].messageId;
		};
		assert.equal(publish(), 1);
		assert.equal(publish(), 2);
		bench.receive({ cmd: "puback", messageId: 1 });
		for (let id = 3; id <= 65535; id++) {
			assert.equal(publish(), id);
			bench.receive({ cmd: "puback", messageId: id });
		}
		assert.equal(publish(), 1);
		assert.equal(publish(), 3, "2 is still in flight");
	});

	it("sends packets that a layer above encoded, however little the socket takes", () => {
		network.allowance = 30;
		const bench = new Bench().connect();
		const packet = encode({
			cmd: "publish",
			topic: "t",
			payload: Buffer.alloc(1000, 66),
			qos: 1,
			messageId: 5,
		} as never);
		bench.client.send(packet);
		assert.equal(bench.client.busy, true);
		throwsCode(() => bench.client.send(packet), "busy", /being sent/);
		const before = bench.writable.length;
		for (let round = 0; bench.client.busy; round++) {
			assert.ok(round < 100);
			bench.socket.drain(30);
		}
		assert.ok(bench.writable.length > before, "onWritable tells that it is done");
		assert.equal(bench.sent()[0].payload.length, 1000);
	});

	it("keeps acknowledgements while the socket is full, and reads no more than it can acknowledge", () => {
		network.allowance = 120;
		const bench = new Bench({
			onReadable(count, info) {
				bench.readable.push({ count, info });
				this.read();
			},
		}).connect();
		const room = bench.socket.allowance;
		bench.client.send(
			encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(room - 5) } as never).subarray(0, room),
		);
		assert.equal(bench.socket.allowance, 0);
		for (let id = 1; id <= 100; id++)
			bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 1, messageId: id });
		assert.ok(bench.readable.length < 100, "it stopped reading");
		bench.socket.take();
		for (let round = 0; round < 100; round++) bench.socket.drain(16);
		const ids: number[] = [];
		const bytes = bench.socket.take();
		for (let at = 0; at + 4 <= bytes.length; at += 4) {
			assert.equal(bytes[at], 0x40);
			ids.push(bytes[at + 2]! * 256 + bytes[at + 3]!);
		}
		assert.deepEqual(
			ids,
			Array.from({ length: 100 }, (_, index) => index + 1),
		);
	});

	it("never puts a packet into the middle of a message that is written in fragments", () => {
		const bench = new Bench({
			onReadable() {
				this.read();
			},
		}).connect();
		bench.client.write(text("ab"), { topic: "t", byteLength: 6 });
		bench.receive({ cmd: "publish", topic: "x", payload: "y", qos: 1, messageId: 12 });
		bench.client.write(null, { operation: MQTTClient.PINGREQ });
		bench.client.write(text("cd"));
		throwsCode(() => bench.client.write(null, { operation: MQTTClient.DISCONNECT }), "busy", /lacks 2 bytes/);
		bench.client.write(text("ef"));
		assert.deepEqual(
			bench.sent().map(({ cmd, payload }) => [cmd, payload?.toString()]),
			[
				["publish", "abcdef"],
				["puback", undefined],
				["pingreq", undefined],
			],
		);
	});

	it("refuses to write before CONNACK, after DISCONNECT, and after close, each in its own words", () => {
		const bench = new Bench();
		throwsCode(() => bench.client.write(text("x"), { topic: "t" }), "not-connected", /before CONNACK/);
		bench.connect();
		bench.client.write(null, { operation: MQTTClient.DISCONNECT });
		throwsCode(() => bench.client.write(text("x"), { topic: "t" }), "closed", /after DISCONNECT/);
		bench.client.close();
		throwsCode(() => bench.client.write(text("x"), { topic: "t" }), "closed", /after close/);
		throwsCode(() => bench.client.read(), "closed", /after close/);
	});

	it("write throws what the socket throws; an acknowledgement that it refuses is reported as lost, later", () => {
		const bench = new Bench({
			onReadable() {
				this.read();
			},
		}).connect();
		bench.socket.failed = true;
		assert.throws(() => bench.client.write(text("x"), { topic: "t" }), /broken/);
		bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 1, messageId: 1 });
		assert.equal(bench.errors.length, 0);
		clock.advance(0);
		assert.equal(bench.errors[0]!.code, "lost");
		assert.match(bench.errors[0]!.message, /broken/);
		over();
	});
});
