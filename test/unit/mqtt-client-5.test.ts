import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import type { MQTTClientOptions } from "../../modules/mqtt/options";
import type { Properties } from "../../modules/mqtt/packet/properties";
import { clock } from "../support/clock";
import { Bench, fresh, over, string, text } from "../support/mqtt-client";

beforeEach(fresh);

/** A client that speaks MQTT 5.0. */
function five(options: Partial<MQTTClientOptions> = {}): Bench {
	return new Bench({ version: 5, ...options });
}

function reads(this: MQTTClient): void {
	this.read();
}

describe("MQTT 5.0 client: connecting", () => {
	it("sends its properties and those of the will, and tells those of CONNACK", () => {
		const bench = five({
			keepAlive: 60_000,
			properties: { sessionExpiryInterval: 3600, receiveMaximum: 10, userProperties: [["board", "esp32"]] },
			will: { topic: "t", message: "gone", properties: { willDelayInterval: 5, contentType: "text/plain" } },
		}).dial();
		const [connect] = bench.sent();
		assert.equal(connect.protocolVersion, 5);
		assert.equal(connect.properties.sessionExpiryInterval, 3600);
		assert.equal(connect.properties.receiveMaximum, 10);
		assert.equal(connect.properties.userProperties.board, "esp32");
		assert.equal(connect.will.properties.willDelayInterval, 5);
		assert.equal(connect.will.properties.contentType, "text/plain");
		assert.equal(bench.client.limits, undefined);
		const properties = { assignedClientIdentifier: "auto-7", sessionExpiryInterval: 60 };
		bench.receive({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties });
		assert.deepEqual(bench.control, [
			{ operation: MQTTClient.CONNACK, returnCode: 0, reasonCode: 0, sessionPresent: false, properties },
		]);
		assert.equal(bench.client.connected, true);
	});

	it("knows what the server takes", () => {
		const standard = {
			receiveMaximum: 65535,
			maximumQoS: 2,
			retainAvailable: true,
			maximumPacketSize: Number.POSITIVE_INFINITY,
			topicAliasMaximum: 0,
			wildcardSubscriptionAvailable: true,
			subscriptionIdentifiersAvailable: true,
			sharedSubscriptionAvailable: true,
		};
		assert.deepEqual(five().connect().client.limits, standard);
		const limits = {
			receiveMaximum: 20,
			maximumQoS: 1,
			retainAvailable: false,
			maximumPacketSize: 1000,
			topicAliasMaximum: 10,
			wildcardSubscriptionAvailable: false,
			subscriptionIdentifiersAvailable: false,
			sharedSubscriptionAvailable: false,
		};
		assert.deepEqual(five().connect(false, limits).client.limits, limits);
		assert.equal(new Bench().connect().client.limits, undefined);
	});

	it("MQTT-3.1.2-21: the server's keep-alive counts, not its own", () => {
		const pings = (own: number, servers: number) => {
			fresh();
			const bench = five({ keepAlive: own }).connect(false, { serverKeepAlive: servers });
			clock.advance(30_000);
			return bench.sent().length > 0 || bench.errors.length > 0;
		};
		assert.equal(pings(600_000, 10), true);
		assert.equal(pings(10_000, 600), false);
		assert.equal(pings(0, 10), true);
		assert.equal(pings(10_000, 0), false);
	});

	it("says why it was refused: reason, the server's words, and where else to go", () => {
		const bench = five().dial();
		const properties = { reasonString: "moved to the new house", serverReference: "new.example" };
		bench.receive({ cmd: "connack", reasonCode: 0x9d, sessionPresent: false, properties });
		const [error] = bench.errors;
		assert.equal(error!.code, "refused");
		assert.equal(error!.reasonCode, 0x9d);
		assert.equal(error!.returnCode, 0x9d);
		assert.match(error!.message, /server moved \(0x9d\): moved to the new house; it refers to new\.example/);
		assert.equal(error!.properties!.serverReference, "new.example");
		assert.deepEqual(bench.control, []);
		over();
	});

	it("understands a server that knows only MQTT 3.1.1", () => {
		const bench = five().dial();
		bench.socket.deliver([0x20, 2, 0, 1]);
		assert.equal(bench.errors[0]!.code, "refused");
		assert.match(bench.errors[0]!.message, /unsupported protocol version/);
		over();
	});

	it("MQTT-3.2.2-4: refuses a session that it did not ask for", () => {
		const bench = five({ clean: true }).dial();
		bench.sent();
		bench.receive({ cmd: "connack", reasonCode: 0, sessionPresent: true });
		assert.equal(bench.errors[0]!.clause, "MQTT-3.2.2-4");
		assert.deepEqual(bench.sent()[0].reasonCode, 0x82);
		const kept = five({ clean: false }).connect(true);
		assert.equal(kept.control[0]!.sessionPresent, true);
		kept.client.close();
		over();
	});

	for (const [name, options] of [
		["version", { version: 3 }],
		["version", { version: 6 }],
		["properties", { version: 4, properties: { receiveMaximum: 5 } }],
		["topicAliases", { version: 4, topicAliases: 5 }],
		["topicAliases", { version: 5, topicAliases: 65536 }],
		["property receiveMaximum", { version: 5, properties: { receiveMaximum: 0 } }],
		["property topicAlias", { version: 5, properties: { topicAlias: 1 } }],
		["contentType", { version: 5, will: { topic: "t", properties: { contentType: 5 as never } } }],
		["properties", { version: 4, will: { topic: "t", properties: { contentType: "x" } } }],
	] as [string, Partial<MQTTClientOptions>][]) {
		it(`refuses ${JSON.stringify(options)}`, () => {
			assert.throws(() => new Bench(options), { code: "invalid", message: new RegExp(`^${name}`) });
			over();
		});
	}
});

describe("MQTT 5.0 client: receiving", () => {
	it("tells the properties of a message with its first fragment", () => {
		const seen: (Properties | undefined)[] = [];
		const bench = five({
			onReadable(_count, { properties }) {
				seen.push(properties);
				this.read();
			},
		}).connect();
		const properties = { responseTopic: "answer", subscriptionIdentifier: [7, 9], correlationData: Buffer.from("c") };
		bench.receive({ cmd: "publish", topic: "t", payload: "x".repeat(1000), qos: 1, messageId: 3, properties });
		bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 2, messageId: 4 });
		assert.equal(seen[0]!.responseTopic, "answer");
		assert.deepEqual(seen[0]!.subscriptionIdentifiers, [7, 9]);
		assert.equal(string(seen[0]!.correlationData), "c");
		assert.deepEqual(new Set(seen.slice(1)), new Set([undefined]));
		assert.deepEqual(
			bench.sent().map(({ cmd, messageId }) => `${cmd} ${messageId}`),
			["puback 3", "pubrec 4"],
		);
	});

	it("acknowledges a message whose properties do not fit, and says that it was skipped", () => {
		const bench = five({ onReadable: reads }).connect();
		const userProperties = { a: "x".repeat(700) };
		bench.receive({ cmd: "publish", topic: "t", payload: "yy", qos: 1, messageId: 3, properties: { userProperties } });
		assert.match(bench.skipped[0]!.reason, /properties do not fit receiveBuffer/);
		assert.equal(bench.sent()[0].cmd, "puback");
	});

	it("§4.13: says why before it closes when the server breaks the protocol", () => {
		for (const [bytes, reasonCode, code] of [
			[[0x36, 6, 0, 1, 0x61, 0, 1, 0], 0x81, "malformed"],
			[[0x30, 4, 0, 0, 0, 0x78], 0x82, "protocol"],
			[[0x20, 3, 0, 0, 0], 0x82, "protocol"],
			[[0xc0, 0], 0x82, "protocol"],
			[[0xf0, 5, 0x18, 3, 0x15, 0, 0], 0x82, "protocol"],
		] as const) {
			const bench = five().connect();
			bench.socket.deliver(bytes);
			const error = bench.errors[0]!;
			assert.equal(error.code, code, `${bytes}: ${error.message}`);
			assert.equal(error.reasonCode, reasonCode);
			const [disconnect] = bench.sent();
			assert.deepEqual([disconnect?.cmd, disconnect?.reasonCode], ["disconnect", reasonCode], String(bytes));
		}
		over();
	});

	it("MQTT-3.1.2-24: closes when a packet is larger than it allowed", () => {
		const bench = five({ properties: { maximumPacketSize: 100 } }).connect();
		bench.receive({ cmd: "publish", topic: "t", payload: "x".repeat(100) });
		assert.equal(bench.errors[0]!.reasonCode, 0x95);
		assert.equal(bench.sent()[0].reasonCode, 0x95);
	});

	it("closes without a word when a packet is half sent", () => {
		const bench = five().connect();
		bench.client.write(text("a"), { topic: "t", byteLength: 5 });
		bench.socket.take();
		bench.socket.deliver([0xc0, 0]);
		assert.equal(bench.errors[0]!.code, "protocol");
		assert.equal(bench.socket.take().length, 0);
		over();
	});
});

describe("MQTT 5.0 client: ending", () => {
	it("sends DISCONNECT with a reason and properties", () => {
		const bench = five({ properties: { sessionExpiryInterval: 100 } }).connect();
		bench.client.write(null, {
			operation: MQTTClient.DISCONNECT,
			reasonCode: 4,
			properties: { sessionExpiryInterval: 5, reasonString: "good night" },
		});
		const [disconnect] = bench.sent();
		assert.equal(disconnect.reasonCode, 4);
		assert.equal(disconnect.properties.sessionExpiryInterval, 5);
		assert.equal(bench.client.connected, false);
		bench.socket.fail();
		clock.advance(0);
		assert.deepEqual([bench.errors.length, bench.closes], [0, 1]);
		over();
	});

	it("§3.14.2.2.2: a session that CONNECT did not ask for cannot be kept with DISCONNECT", () => {
		const bench = five().connect();
		const wrong = { operation: MQTTClient.DISCONNECT, properties: { sessionExpiryInterval: 5 } };
		assert.throws(() => bench.client.write(null, wrong), { code: "invalid", message: /sessionExpiryInterval/ });
		assert.equal(bench.client.connected, true);
	});

	it("tells the server's DISCONNECT: first the packet, then an error with its reason", () => {
		const order: string[] = [];
		const bench = five({
			onControl: ({ operation, reasonCode }) => void order.push(`control ${operation} ${reasonCode}`),
			onError: (error) => void order.push(`${error.code} ${error.reasonCode} ${error.message}`),
			onClose: () => void order.push("close"),
		});
		bench.connect();
		bench.receive({ cmd: "disconnect", reasonCode: 0x8e, properties: { reasonString: "another one like you" } });
		assert.deepEqual(order, [
			"control 2 0",
			"control 14 142",
			"disconnected 142 the broker ended the connection: session taken over (0x8e): another one like you",
			"close",
		]);
		over();
	});

	it("a DISCONNECT of the server without a word is an end, too", () => {
		const bench = five().connect();
		bench.socket.deliver([0xe0, 0]);
		assert.equal(bench.errors[0]!.code, "disconnected");
		assert.equal(bench.errors[0]!.reasonCode, 0);
		over();
	});

	for (const cmd of ["auth", "connack", "disconnect", "pubrec", "puback", "suback"]) {
		for (const how of ["closes", "disconnects"] as const) {
			it(`is sound when onControl ${how} at ${cmd}`, () => {
				const operations = { auth: 15, connack: 2, disconnect: 14, pubrec: 5, puback: 4, suback: 9 };
				let calls = 0;
				const bench = five({
					properties: { authenticationMethod: "m" },
					onControl({ operation }) {
						if (operation !== operations[cmd as "auth"]) return;
						calls++;
						if (how === "closes" || operation === 15) this.close();
						else this.write(null, { operation: MQTTClient.DISCONNECT });
					},
				}).dial();
				bench.socket.take();
				const packets = [
					{ cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: "m" } },
					{ cmd: "connack", reasonCode: 0, sessionPresent: false },
					{ cmd: "puback", messageId: 1, reasonCode: 0x10 },
					{ cmd: "pubrec", messageId: 1 },
					{ cmd: "suback", messageId: 1, granted: [0] },
					{ cmd: "disconnect", reasonCode: 0x8b },
				];
				for (const packet of packets) if (!bench.socket.closed) bench.receive(packet);
				clock.advance(10_000);
				assert.equal(calls, 1);
				over();
			});
		}
	}
});
