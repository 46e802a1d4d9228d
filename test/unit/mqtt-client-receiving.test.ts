import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh, over, string, throwsCode } from "../support/mqtt-client";

beforeEach(fresh);

describe("MQTT client: receiving", () => {
	it("announces a message with its flags, and reads it", () => {
		const bench = new Bench({
			onReadable(count, info) {
				bench.readable.push({ count, info });
				assert.equal(string(this.read()), "on");
				assert.equal(this.read(), undefined, "no more");
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "led/set", payload: "on", retain: true });
		bench.receive({ cmd: "publish", topic: "led/set", payload: "on", qos: 1, messageId: 9, dup: true });
		assert.deepEqual(
			bench.readable.map(({ count, info }) => ({ count, ...info })),
			[
				{ count: 2, more: false, topic: "led/set", QoS: 0, byteLength: 2, retain: true, duplicate: false },
				{ count: 2, more: false, topic: "led/set", QoS: 1, byteLength: 2, retain: false, duplicate: true, id: 9 },
			],
		);
		assert.deepEqual(
			bench.sent().map(({ cmd, messageId }) => [cmd, messageId]),
			[["puback", 9]],
		);
	});

	for (const QoS of [0, 1, 2]) {
		it(`announces an empty payload at QoS ${QoS} and hears what follows`, () => {
			const bench = new Bench({ onReadable: (count, info) => void bench.readable.push({ count, info }) }).connect();
			bench.receive({ cmd: "publish", topic: "t", payload: "", qos: QoS, messageId: 5 });
			bench.receive({ cmd: "publish", topic: "t", payload: "", qos: QoS, messageId: 6 });
			assert.deepEqual(
				bench.readable.map(({ count, info }) => [count, info.byteLength, info.more]),
				[
					[0, 0, false],
					[0, 0, false],
				],
			);
			assert.deepEqual(
				bench.sent().map(({ cmd, messageId }) => `${cmd} ${messageId}`),
				[[], ["puback 5", "puback 6"], ["pubrec 5", "pubrec 6"]][QoS],
			);
		});
	}

	for (const size of [1, 3, 100, 1460]) {
		it(`passes 100 KB through its buffer in fragments, ${size} bytes at a time`, () => {
			const payload = Buffer.alloc(100_000, "abcdefghij");
			const parts: Buffer[] = [];
			const bench = new Bench({
				onReadable(count, info) {
					bench.readable.push({ count, info });
					parts.push(Buffer.from(this.read(count)!));
				},
			}).connect();
			bench.receive({ cmd: "publish", topic: "big", payload, qos: 1, messageId: 3 }, size);
			assert.ok(Buffer.concat(parts).equals(payload));
			assert.ok(parts.every((part) => part.length <= 512));
			const infos = bench.readable.map(({ info }) => info);
			assert.equal(infos.filter(({ topic }) => topic !== undefined).length, 1, "the topic comes once");
			assert.equal(infos.filter(({ more }) => !more).length, 1);
			assert.equal(infos[infos.length - 1]!.more, false);
			assert.deepEqual(
				bench.sent().map(({ cmd }) => cmd),
				["puback"],
			);
		});
	}

	it("reads a fragment bit by bit, as a number of bytes, and into buffers", () => {
		const bench = new Bench({
			onReadable() {
				assert.equal(string(this.read(2)), "ab");
				const view = new Uint8Array(8);
				assert.equal(this.read(view.subarray(1, 4)), 3);
				assert.equal(string(view), "\0cde\0\0\0\0");
				const buffer = new ArrayBuffer(2);
				assert.equal(this.read(buffer), 2);
				assert.equal(string(buffer), "fg");
				assert.equal(string(this.read(100)), "h", "no more than there is");
				bench.readable.push({ count: 0, info: { more: false } });
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "abcdefgh" });
		assert.equal(bench.readable.length, 1);
	});

	it("waits with the next message, and with the acknowledgement, until this one was read", () => {
		const bench = new Bench().connect();
		bench.receive({ cmd: "publish", topic: "one", payload: "111", qos: 1, messageId: 1 });
		bench.receive({ cmd: "publish", topic: "two", payload: "2", qos: 1, messageId: 2 });
		clock.advance(1000);
		assert.equal(bench.readable.length, 1);
		assert.deepEqual(bench.sent(), []);
		assert.equal(string(bench.client.read(2)), "11");
		clock.advance(0);
		assert.deepEqual(bench.sent(), []);
		assert.equal(string(bench.client.read()), "1");
		assert.equal(bench.readable.length, 1, "no callback from within read");
		clock.advance(0);
		assert.equal(bench.readable.length, 2);
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[1],
		);
		bench.client.read();
		clock.advance(0);
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[2],
		);
	});

	it("acknowledges after the callback returned, not before", () => {
		const bench = new Bench({
			onReadable() {
				this.read();
				assert.deepEqual(bench.sent(), []);
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 1, messageId: 4 });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["puback"],
		);
	});

	it("without onReadable it consumes and acknowledges messages", () => {
		const bench = new Bench({ onReadable: undefined as never }).connect();
		for (const payload of ["", "x", "y".repeat(5000)])
			bench.receive({ cmd: "publish", topic: "t", payload, qos: 1, messageId: 1 + payload.length });
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[1, 2, 5001],
		);
	});

	it("MQTT-4.3.3-2: answers QoS 2 with PUBREC and PUBCOMP", () => {
		const bench = new Bench({
			onReadable() {
				this.read();
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 2, messageId: 300 });
		bench.receive({ cmd: "pubrel", messageId: 300 });
		assert.deepEqual(
			bench.sent().map(({ cmd, messageId }) => [cmd, messageId]),
			[
				["pubrec", 300],
				["pubcomp", 300],
			],
		);
		assert.deepEqual(bench.control.slice(1), [{ operation: MQTTClient.PUBREL, id: 300 }]);
	});

	it("reads an empty message as any other", () => {
		const seen: string[] = [];
		const bench = new Bench({
			onReadable(count) {
				seen.push(string(this.read(count)));
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "" });
		bench.receive({ cmd: "publish", topic: "t", payload: "x" });
		assert.deepEqual(seen, ["", "x"]);
		throwsCode(() => bench.client.read(-1), "invalid", /read: -1 bytes/);
	});

	it("takes PUBACKs as they come: alone, together, in pieces, behind a message", () => {
		const bench = new Bench({
			onReadable() {
				this.read();
			},
		}).connect();
		for (let id = 1; id <= 8; id++) bench.client.write(null, { topic: "t", QoS: 1 });
		const puback = (id: number) => [0x40, 2, 0, id];
		bench.socket.deliver(puback(1));
		bench.socket.deliver([...puback(2), ...puback(3)]);
		bench.socket.deliver([...puback(4), ...puback(5)], 3);
		bench.socket.deliver([0x30, 4, 0, 1, 0x74, 0x78, ...puback(6)]);
		bench.socket.deliver(puback(7), 1);
		bench.socket.deliver(puback(8));
		assert.deepEqual(
			bench.control.slice(1),
			[1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({ operation: MQTTClient.PUBACK, id })),
		);
		assert.equal(bench.errors.length, 0);
	});

	it("takes no part of a message for a PUBACK, however it arrives", () => {
		const likePuback = [0x40, 2, 0, 1];
		const parts: number[][] = [];
		let fail = false;
		const bench = new Bench({
			onReadable() {
				parts.push([...new Uint8Array(this.read()!)]);
				if (fail) throw new Error("application");
			},
		}).connect();
		const header = [0x30, 11, 0, 1, 0x74];
		// In a message that fits the window, in one that does not, in the topic of one that is skipped, and after an exception.
		bench.socket.deliver(header);
		bench.socket.deliver(likePuback);
		bench.socket.deliver(likePuback);
		assert.deepEqual(parts.splice(0), [[...likePuback, ...likePuback]]);
		bench.socket.deliver([0x30, 0x83, 0x10, 0, 1, 0x74, ...new Array(1024).fill(7)]);
		for (let count = 0; count < 256; count++) bench.socket.deliver(likePuback);
		const all = parts.splice(0).flat();
		assert.deepEqual([all.length, all.slice(-4)], [2048, likePuback]);
		bench.socket.deliver([0x30, 0x82, 0x10, 0x04, 0x00]);
		for (let count = 0; count < 512; count++) bench.socket.deliver(likePuback.map(() => 0x40));
		assert.equal(bench.skipped.length, 1);
		fail = true;
		const short = [0x30, 4, 0, 1, 0x74, 0x78];
		assert.throws(() => bench.socket.deliver([...short, ...header]), /application/);
		fail = false;
		bench.socket.deliver(likePuback);
		bench.socket.deliver(likePuback);
		assert.deepEqual(parts, [[0x78], [...likePuback, ...likePuback]]);
		assert.deepEqual([bench.control.length, bench.errors.length], [1, 0]);
	});

	it("tells PUBREC and PUBREL before it answers them, so that a layer above can note them first", () => {
		const seen: string[] = [];
		const bench = new Bench({
			onReadable() {
				this.read();
			},
			onControl({ operation }) {
				for (const { cmd } of bench.sent()) seen.push(cmd);
				if (operation !== MQTTClient.CONNACK) seen.push(`told ${operation}`);
			},
		});
		bench.connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 2, messageId: 7 });
		bench.receive({ cmd: "pubrel", messageId: 7 });
		bench.receive({ cmd: "pubrec", messageId: 8 });
		for (const { cmd } of bench.sent()) seen.push(cmd);
		assert.deepEqual(seen, ["pubrec", `told ${MQTTClient.PUBREL}`, "pubcomp", `told ${MQTTClient.PUBREC}`, "pubrel"]);
	});

	for (const cmd of ["pubrec", "pubrel"]) {
		for (const [how, end] of [
			["closes", (client: MQTTClient) => client.close()],
			["disconnects", (client: MQTTClient) => void client.write(null, { operation: MQTTClient.DISCONNECT })],
		] as const) {
			it(`answers nothing when onControl ${how} at ${cmd}`, () => {
				const bench = new Bench({
					onControl({ operation }) {
						if (operation !== MQTTClient.CONNACK) end(this);
					},
				}).connect();
				bench.receive({ cmd, messageId: 3 });
				bench.socket.drain(100);
				const left = bench.sent().map((packet) => packet.cmd);
				assert.deepEqual(left, how === "closes" ? [] : ["disconnect"]);
				bench.client.close();
				over();
			});
		}
	}

	it("loses no answer when onControl fills the room for answers", () => {
		network.allowance = 120;
		const bench = new Bench({
			onControl({ operation }) {
				if (operation !== MQTTClient.PUBREC) return;
				throwsCode(
					() => {
						for (let id = 1; ; id++) this.write(null, { operation: MQTTClient.PUBACK, id });
					},
					"busy",
					/wait/,
				);
			},
		});
		bench.connect();
		bench.client.send(encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(200) } as never));
		bench.receive({ cmd: "pubrec", messageId: 500 });
		bench.receive({ cmd: "pubrec", messageId: 501 });
		for (let round = 0; round < 100; round++) bench.socket.drain(8);
		const pubrels = bench.sent().filter(({ cmd }) => cmd === "pubrel");
		assert.deepEqual(
			pubrels.map(({ messageId }) => messageId),
			[500, 501],
		);
	});

	it("skips and acknowledges a message with a topic that is too long, and says so", () => {
		const bench = new Bench({
			onReadable(count, info) {
				bench.readable.push({ count, info });
				this.read();
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "x".repeat(3000), payload: "y".repeat(3000), qos: 1, messageId: 8 }, 100);
		bench.receive({ cmd: "publish", topic: "ok", payload: "!" });
		assert.deepEqual(bench.skipped, [{ QoS: 1, byteLength: 3000, reason: "the topic is longer than maximumTopic" }]);
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[8],
		);
		assert.equal(bench.readable[0]!.info.topic, "ok");
	});

	it("ends the connection at the first malformed packet, with the clause", () => {
		const bench = new Bench().connect();
		bench.socket.deliver([0x36, 5, 0, 1, 0x61, 0, 1]);
		assert.equal(bench.errors[0]!.code, "malformed");
		assert.equal(bench.errors[0]!.clause, "MQTT-3.3.1-4");
		assert.equal(bench.errors[0]!.stage, "connected");
		assert.equal(bench.closes, 1);
		over();
	});

	it("ignores acknowledgements that nothing waits for", () => {
		const bench = new Bench().connect();
		for (const cmd of ["puback", "pubcomp", "unsuback"]) bench.receive({ cmd, messageId: 99 });
		bench.receive({ cmd: "suback", messageId: 99, granted: [0] });
		bench.receive({ cmd: "pubrec", messageId: 99 });
		assert.equal(bench.errors.length, 0);
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["pubrel"],
		);
	});
});
