import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { MQTTError } from "../../modules/mqtt/packet/error";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { encode } from "../support/mqtt-bytes";
import { Bench, fresh } from "../support/mqtt-client";

beforeEach(fresh);

const text = (string: string) => new TextEncoder().encode(string);
const string = (buffer: unknown) => new TextDecoder().decode(buffer as ArrayBuffer);

function throwsCode(call: () => unknown, code: string, message: RegExp): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, code);
		assert.match(error.message, message);
		return true;
	});
}

/** Nothing may go on after the end: no timer, no open socket. */
function over(): void {
	for (const socket of network.sockets) assert.ok(socket.closed, "a socket is left open");
	assert.equal(clock.pending, 0, "a timer is left running");
}

describe("MQTT client: connecting", () => {
	it("resolves, connects, sends CONNECT, and tells CONNACK and how much may be written", () => {
		const bench = new Bench({ user: "u", password: "p", keepAlive: 1500, clean: false, port: 1884 });
		assert.equal(network.sockets.length, 0, "nothing happens within the constructor");
		clock.advance(0);
		clock.advance(0);
		assert.equal(bench.socket.options.address, "10.0.0.1");
		assert.equal(bench.socket.options.host, "broker.example");
		assert.equal(bench.socket.options.port, 1884);
		const [connect] = bench.sent();
		assert.equal(connect.cmd, "connect");
		assert.equal(connect.keepalive, 2, "seconds, rounded up");
		assert.equal(connect.clean, false);
		assert.equal(connect.username, "u");
		assert.deepEqual(bench.writable, []);
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: true });
		assert.deepEqual(bench.control, [{ operation: MQTTClient.CONNACK, returnCode: 0, sessionPresent: true }]);
		assert.equal(bench.writable.length, 1);
		assert.equal(bench.client.connected, true);
	});

	it("needs no resolver for an address in numbers", () => {
		new Bench({ host: "127.0.0.1" }).connect();
		assert.equal(network.resolvers, 0);
		assert.equal(network.last.options.address, "127.0.0.1");
	});

	it("sends a CONNECT that is larger than what the socket takes at once", () => {
		network.allowance = 50;
		const bench = new Bench({ will: { topic: "t", message: "x".repeat(300) } });
		clock.advance(0);
		clock.advance(0);
		for (let round = 0; round < 10; round++) bench.socket.drain(50);
		const [connect] = bench.sent();
		assert.equal(connect.will.payload.length, 300);
	});

	const codes = [
		"unacceptable protocol version",
		"client identifier rejected",
		"server unavailable",
		"bad user name or password",
		"not authorized",
	];
	for (const [index, reason] of codes.entries()) {
		it(`says why the broker refused: ${reason}`, () => {
			const bench = new Bench();
			clock.advance(0);
			clock.advance(0);
			bench.receive({ cmd: "connack", returnCode: index + 1, sessionPresent: false });
			const [error] = bench.errors;
			assert.equal(error!.code, "refused");
			assert.equal(error!.returnCode, index + 1);
			assert.equal(error!.stage, "login");
			assert.ok(error!.message.includes(reason));
			assert.deepEqual(bench.control, [], "no CONNACK that looks like success");
			assert.equal(bench.closes, 1);
			over();
		});
	}

	it("says that a name was not found", () => {
		network.address = new Error("no such host");
		const bench = new Bench();
		clock.advance(0);
		clock.advance(0);
		assert.equal(bench.errors[0]!.code, "resolve");
		assert.equal(bench.errors[0]!.stage, "resolve");
		assert.match(bench.errors[0]!.message, /broker\.example: name not found: no such host/);
		over();
	});

	it("says that the socket did not connect", () => {
		network.connect = "refused";
		const bench = new Bench();
		clock.advance(10);
		assert.equal(bench.errors[0]!.code, "connect");
		assert.match(bench.errors[0]!.message, /connection refused/);
		over();
	});

	it("says that the connection was closed before CONNACK", () => {
		const bench = new Bench();
		clock.advance(0);
		clock.advance(0);
		bench.socket.fail();
		clock.advance(0);
		assert.equal(bench.errors[0]!.code, "lost");
		assert.equal(bench.errors[0]!.stage, "login");
		over();
	});

	for (const [what, prepare, stage] of [
		["the resolver", () => (network.address = undefined), "resolve"],
		["the socket", () => (network.connect = "never"), "connect"],
		["CONNACK", () => {}, "login"],
	] as const) {
		it(`gives up after 30 s when ${what} does not come`, () => {
			prepare();
			const bench = new Bench();
			clock.advance(29_999);
			assert.equal(bench.errors.length, 0);
			clock.advance(1);
			assert.equal(bench.errors[0]!.code, "timeout");
			assert.equal(bench.errors[0]!.stage, stage);
			over();
		});
	}

	it("has no deadline any more once it is connected", () => {
		const bench = new Bench().connect();
		clock.advance(3_600_000);
		assert.equal(bench.errors.length, 0);
	});

	it("reports an exception of resolver or socket class as an error, later", () => {
		const throwing = class {
			constructor() {
				throw new Error("no memory");
			}
		};
		for (const [options, code] of [
			[{ dns: { io: throwing as never } }, "resolve"],
			[{ host: "1.2.3.4", socket: { io: throwing as never } }, "connect"],
		] as const) {
			const bench = new Bench(options as never);
			assert.equal(bench.errors.length, 0, "no callback from within the constructor");
			clock.advance(0);
			assert.equal(bench.errors[0]!.code, code);
			assert.match(bench.errors[0]!.message, /no memory/);
		}
	});

	it("MQTT-3.2.0-1: refuses a first packet that is no CONNACK, and a second CONNACK", () => {
		for (const packet of [
			{ cmd: "pingresp" },
			{ cmd: "publish", topic: "t", payload: "x" },
			{ cmd: "suback", messageId: 1, granted: [0] },
		]) {
			const bench = new Bench();
			clock.advance(0);
			clock.advance(0);
			bench.receive(packet);
			assert.equal(bench.errors[0]!.code, "protocol");
			assert.equal(bench.errors[0]!.clause, "MQTT-3.2.0-1");
			assert.deepEqual(bench.readable, []);
		}
		const bench = new Bench().connect();
		bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
		assert.equal(bench.errors[0]!.clause, "MQTT-3.2.0-1");
		over();
	});

	for (const [name, value] of [
		["host", ""],
		["host", undefined],
		["port", 0],
		["port", 65536],
		["keepAlive", -1],
		["keepAlive", 65_535_001],
		["timeout", -1],
		["receiveBuffer", 63],
		["maximumTopic", 0],
		["socket", {}],
		["dns", undefined],
		["onReadable", "callback"],
	] as const) {
		it(`refuses the option ${name}: ${JSON.stringify(value)}`, () => {
			const options = {
				host: "h",
				socket: { io: FakeTCP },
				dns: { io: FakeResolver },
				[name]: value,
			};
			throwsCode(() => new MQTTClient(options as never), "invalid", new RegExp(`^${name}`));
			over();
		});
	}

	it("leaves the options as they are, also when they are frozen", () => {
		const options = Object.freeze({
			host: "h",
			socket: Object.freeze({ io: FakeTCP }),
			dns: Object.freeze({ io: FakeResolver }),
		});
		new MQTTClient(options as never).close();
		over();
	});

	it("has the static values of ECMA-419 §25, read-only, `format` and `target`", () => {
		const names =
			"CONNECT CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK PINGREQ PINGRESP DISCONNECT";
		for (const [index, name] of names.split(" ").entries())
			assert.equal((MQTTClient as unknown as Record<string, number>)[name], index + 1);
		assert.throws(() => ((MQTTClient as unknown as Record<string, number>).CONNECT = 9), TypeError);
		const { client } = new Bench({ target: "x" });
		assert.equal(client.format, "buffer");
		assert.throws(() => (client.format = "number"), RangeError);
		assert.equal(client.target, "x");
		client.close();
	});
});

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

	it("notices that the socket takes nothing any more", () => {
		network.allowance = 100;
		const bench = new Bench({ keepAlive: 10_000 }).connect();
		bench.client.send(encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(4000) } as never));
		clock.advance(20_000);
		assert.equal(bench.errors[0]!.code, "keep-alive");
		over();
	});
});

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
