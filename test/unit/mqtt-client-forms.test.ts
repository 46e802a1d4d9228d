import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import type { ControlMessage, MessageInfo, MQTTClientOptions, WriteOptions } from "../../modules/mqtt/options";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { decode, encode } from "../support/mqtt-bytes";
import { Bench, fresh, string } from "../support/mqtt-client";

beforeEach(fresh);

const buffer = (string: string) => new TextEncoder().encode(string).buffer as ArrayBuffer;

/** `device.network.mqtt` as Moddable has it: the class is `io`. */
const provided = { io: MQTTClient, dns: { io: FakeResolver }, socket: { io: FakeTCP } };

function receive(packet: { cmd: string; [member: string]: unknown }): void {
	network.last.deliver(encode(packet as never));
}

function connected(): void {
	clock.advance(0);
	clock.advance(0);
	receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
}

/** Programs as they are written for Moddable's client run unchanged. */
describe("MQTT client: forms of Moddable's examples", () => {
	it("all in onControl: subscriptions, a message in two parts, PINGREQ, and a large one that onWritable goes on with", () => {
		const control: string[] = [];
		const received: string[] = [];
		const options = {
			...provided,
			host: "broker.example",
			port: 1883,
			id: "a node",
			keepalive: 60_000,
			will: { topic: "home/will", message: buffer("gone"), QoS: 0, retain: 0 },
			onControl(this: MQTTClient & { remain?: number; counter?: number }, message: ControlMessage) {
				control.push(`${message.operation} ${message.id}`);
				if (message.operation !== MQTTClient.CONNACK) return;
				const { SUBSCRIBE, UNSUBSCRIBE, PINGREQ } = MQTTClient;
				this.write(null, { operation: SUBSCRIBE, items: [{ topic: "home/+", QoS: 2 }, { topic: "one" }] });
				this.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "one" }] });
				this.write(buffer("SM"), { topic: "home/small", byteLength: 5, QoS: 2 });
				this.write(buffer("ALL"));
				this.write(null, { operation: PINGREQ });
				this.remain = 16_384;
				this.counter = 0;
				this.write(buffer("XXL"), { topic: "home/xxl", byteLength: 3 + this.remain, QoS: 1, id: 1234 });
			},
			onReadable(this: MQTTClient, count: number) {
				received.push(string(this.read(count)));
			},
			onWritable(this: MQTTClient & { remain: number; counter: number }, count: number) {
				if (!this.remain) return;
				const length = Math.min(count, this.remain);
				this.remain -= length;
				this.counter++;
				this.write(buffer("x".repeat(length)));
			},
			onError() {
				control.push("error");
			},
		};
		new provided.io(options as never);
		connected();
		for (let round = 0; round < 10; round++) network.last.drain(5000);
		const [connect, subscribe, unsubscribe, small, ping, large] = decode(network.last.take());
		assert.deepEqual([connect.keepalive, connect.will.payload.toString(), connect.will.retain], [60, "gone", false]);
		assert.equal(subscribe.subscriptions.length, 2);
		assert.deepEqual(unsubscribe.unsubscriptions, ["one"]);
		assert.equal(small.payload.toString(), "SMALL");
		assert.equal(ping.cmd, "pingreq");
		assert.deepEqual([large.messageId, large.payload.length], [1234, 16_387]);
		receive({ cmd: "puback", messageId: 1234 });
		receive({ cmd: "pingresp" });
		receive({ cmd: "publish", topic: "home/x", payload: "hello" });
		receive({ cmd: "publish", topic: "home/x", payload: "" });
		assert.deepEqual(control.slice(1), ["4 1234", "13 undefined"]);
		assert.deepEqual(received, ["hello", ""]);
	});

	it("topics and filters as ArrayBuffers, payloads as DataViews, fragments with `null` for options", () => {
		const bench = new Bench().connect();
		const { client } = bench;
		const items = [{ topic: buffer("test/é"), QoS: 2 }];
		const write = (data: ByteBuffer | null, options: object | null) => client.write(data, options as WriteOptions);
		write(null, { operation: MQTTClient.SUBSCRIBE, items, id: 1 });
		write(null, { operation: MQTTClient.UNSUBSCRIBE, items, id: 2 });
		const data = buffer("abcdef");
		const common = { operation: MQTTClient.PUBLISH, topic: buffer("test/é"), retain: false, byteLength: 6 };
		write(new DataView(data, 0, 4), { ...common, id: 3, QoS: 1, duplicate: false, dataLength: 6 });
		write(new DataView(data, 4), null);
		write(data, { ...common, id: 3, QoS: 1, duplicate: true });
		write(null, { operation: MQTTClient.PUBREL, id: 4 });
		const [subscribe, unsubscribe, first, again, pubrel] = bench.sent();
		assert.deepEqual([subscribe.messageId, subscribe.subscriptions[0].topic], [1, "test/é"]);
		assert.deepEqual([unsubscribe.messageId, unsubscribe.unsubscriptions[0]], [2, "test/é"]);
		assert.deepEqual(
			[first.topic, first.payload.toString(), first.messageId, first.dup],
			["test/é", "abcdef", 3, false],
		);
		assert.deepEqual(
			[again.topic, again.payload.toString(), again.messageId, again.dup],
			["test/é", "abcdef", 3, true],
		);
		assert.deepEqual([pubrel.cmd, pubrel.messageId], ["pubrel", 4]);
		assert.throws(() => write(null, { topic: new Uint8Array(3) }), { code: "invalid", message: /topic: expected/ });
	});

	it("`will: null`, `user: undefined`, an empty password, and callbacks that are arrow functions", () => {
		const told: string[] = [];
		let client: MQTTClient | undefined;
		client = new MQTTClient({
			...provided,
			host: "broker.example",
			port: 1883,
			keepalive: 60_000,
			id: "x",
			user: undefined,
			password: "",
			will: null,
			onControl: (message: ControlMessage) => void told.push(`control ${message.operation}`),
			onReadable: (count: number, { topic, more }: MessageInfo) =>
				void told.push(`${topic} ${more} ${string(client!.read(count))}`),
			onWritable: (count: number) => void told.push(`writable ${count > 0}`),
			onError: (reason: Error) => void told.push(`error ${reason.message}`),
		} as never);
		connected();
		receive({ cmd: "publish", topic: "t", payload: "1" });
		network.last.fail();
		clock.advance(0);
		assert.deepEqual(told, [
			"control 2",
			"writable true",
			"t false 1",
			"error the connection was closed by the broker or the network",
		]);
	});

	it("hands the socket's options on, as TLS needs them", () => {
		const socket = { io: FakeTCP, secure: { verify: false }, TCP: { io: FakeTCP }, noDelay: false };
		new MQTTClient({ ...provided, socket, host: "broker.example", port: 8883 } as never);
		clock.advance(0);
		const { options } = network.last as unknown as { options: Record<string, unknown> };
		assert.deepEqual(options["secure"], { verify: false });
		assert.deepEqual(options["TCP"], { io: FakeTCP });
		assert.equal(options["noDelay"], false);
		assert.deepEqual([options["host"], options["address"], options["port"]], ["broker.example", "10.0.0.1", 8883]);
	});

	it("closed at once, no callback comes; closed when it is ready, what was written still left", () => {
		const told: string[] = [];
		const callbacks = {
			onControl: (message: ControlMessage) => void told.push(`control ${message.operation}`),
			onError: () => void told.push("error"),
			onClose: () => void told.push("close"),
		};
		new MQTTClient({ ...provided, host: "broker.example", ...callbacks } as never).close();
		clock.advance(60_000);
		assert.deepEqual(told, []);
		new MQTTClient({
			...provided,
			host: "broker.example",
			onControl(this: MQTTClient) {
				this.write(buffer("x"), { topic: "t" });
				this.close();
			},
		} as never);
		connected();
		assert.deepEqual(
			decode(network.last.take()).map(({ cmd }) => cmd),
			["connect", "publish"],
		);
	});
});

/** What the client alone can tell of the list of bad input. Each leaves alone what was accepted before. */
describe("MQTT client: bad input", () => {
	const wrong: [string, Uint8Array | null, WriteOptions, RegExp, string?][] = [
		["a topic with +", null, { topic: "a/+/b" }, /topic "a\/\+\/b": contains a wildcard/, "MQTT-3.3.2-2"],
		["a topic with #", null, { topic: "a/#" }, /contains a wildcard/, "MQTT-3.3.2-2"],
		["a topic with U+0000", null, { topic: "a\0b" }, /topic: contains U\+0000/, "MQTT-1.5.3-2"],
		["a topic with a lone surrogate", null, { topic: "a\ud800" }, /lone surrogate/, "MQTT-1.5.3-1"],
		["an empty topic", null, { topic: "" }, /topic: is empty/, "MQTT-4.7.3-1"],
		["no topic", null, {}, /topic: expected a string/],
		["a topic of 65,536 bytes", null, { topic: "t".repeat(65_536) }, /65536 bytes, at most 65535/],
		["QoS 3", null, { topic: "t", QoS: 3 }, /QoS 3 is not 0, 1 or 2/, "MQTT-3.3.1-4"],
		["QoS -1", null, { topic: "t", QoS: -1 }, /QoS -1/, "MQTT-3.3.1-4"],
		["QoS as a text", null, { topic: "t", QoS: "1" as never }, /QoS 1 is not 0, 1 or 2/, "MQTT-3.3.1-4"],
		["more than a packet holds", null, { topic: "t", byteLength: 268_435_456 }, /does not fit a packet/],
		["identifier 0", null, { topic: "t", QoS: 1, id: 0 }, /identifier 0 is outside 1\.\.65535/],
		["identifier 65,536", null, { topic: "t", QoS: 1, id: 65536 }, /identifier 65536 is outside/],
	];
	for (const version of [4, 5] as const) {
		for (const [what, data, options, message, clause] of wrong) {
			it(`${what} is refused, version ${version}`, () => {
				const bench = new Bench({ version }).connect();
				bench.client.write(new Uint8Array(1), { topic: "before", QoS: 1 });
				const expected = {
					name: "MQTTError",
					code: "invalid",
					message,
					...(clause && version === 4 ? { clause } : {}),
				};
				for (let count = 0; count < 2; count++) assert.throws(() => bench.client.write(data, options), expected);
				bench.client.write(new Uint8Array(1), { topic: "after", QoS: 1 });
				assert.deepEqual(
					bench.sent().map(({ topic, messageId }) => `${topic} ${messageId}`),
					["before 1", "after 2"],
				);
			});
		}
	}

	it("65,535 messages in flight: the next is refused, and goes when one of them was acknowledged", () => {
		const bench = new Bench().connect();
		for (let count = 0; count < 65_535; count++) bench.client.write(null, { topic: "t", QoS: 1 });
		bench.socket.take();
		const publish = () => bench.client.write(null, { topic: "t", QoS: 1 });
		assert.throws(publish, { code: "identifiers-exhausted", message: /65535 packets are in flight/ });
		assert.throws(publish, { code: "identifiers-exhausted" });
		bench.client.write(null, { topic: "t" });
		assert.equal(bench.sent().length, 1);
		bench.receive({ cmd: "puback", messageId: 4321 });
		publish();
		assert.equal(bench.sent()[0].messageId, 4321);
	});

	for (const message of [undefined, "", new Uint8Array(0)]) {
		it(`a will whose message is ${message === undefined ? "missing" : JSON.stringify(message)} is an empty one`, () => {
			const bench = new Bench({ will: { topic: "t", message: message as never } }).dial();
			const [connect] = bench.sent();
			assert.deepEqual([connect.will.topic, connect.will.payload.length], ["t", 0]);
		});
	}

	for (const [will, message] of [
		[{}, /topic: expected a string/],
		[{ topic: "a/#" }, /contains a wildcard/],
		[{ topic: "t", QoS: 3 }, /will: QoS 3/],
		[{ topic: "t", message: new Uint8Array(65_536) }, /will message: 65536 bytes, at most 65535/],
	] as [MQTTClientOptions["will"], RegExp][]) {
		it(`a will that is wrong is refused before anything is connected: ${message}`, () => {
			assert.throws(() => new Bench({ will }), { code: "invalid", message });
			assert.equal(network.sockets.length, 0);
			assert.equal(clock.pending, 0);
		});
	}
});
