import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import type { MQTTClientOptions, WriteOptions } from "../../modules/mqtt/options";
import type { Properties } from "../../modules/mqtt/packet/properties";
import { network } from "../support/fake-tcp";
import { Bench, fresh, over, text } from "../support/mqtt-client";

beforeEach(fresh);

/** A client that speaks MQTT 5.0. */
function five(options: Partial<MQTTClientOptions> = {}): Bench {
	return new Bench({ version: 5, ...options });
}

describe("MQTT 5.0 client: sending", () => {
	it("publishes with properties at every QoS, whole and in fragments", () => {
		const bench = five().connect();
		const properties: Properties = {
			payloadFormatIndicator: true,
			messageExpiryInterval: 60,
			responseTopic: "answer",
			correlationData: Uint8Array.of(1, 2, 3),
			userProperties: [
				["a", "1"],
				["a", "2"],
			],
		};
		bench.client.write(text("hello"), { topic: "t", properties });
		bench.client.write(text("hello"), { topic: "t", QoS: 1, retain: true });
		bench.client.write(text("he"), { topic: "t", QoS: 2, byteLength: 5, properties, duplicate: true, id: 700 });
		bench.client.write(text("llo"));
		bench.client.write(text("x".repeat(500)), { topic: "t", properties });
		bench.client.write(null, { topic: "t", QoS: 1 });
		const sent = bench.sent();
		assert.deepEqual(
			sent.map(({ payload, qos, retain, dup, messageId }) => [payload.length, qos, retain, dup, messageId]),
			[
				[5, 0, false, false, undefined],
				[5, 1, true, false, 1],
				[5, 2, false, true, 700],
				[500, 0, false, false, undefined],
				[0, 1, false, false, 2],
			],
		);
		for (const index of [0, 2, 3]) {
			const seen = sent[index].properties;
			assert.equal(seen.payloadFormatIndicator, true);
			assert.equal(seen.messageExpiryInterval, 60);
			assert.equal(seen.responseTopic, "answer");
			assert.deepEqual([...seen.correlationData], [1, 2, 3]);
			assert.deepEqual(seen.userProperties.a, ["1", "2"]);
		}
		assert.equal(sent[2].payload.toString(), "hello");
		assert.equal(sent[1].properties, undefined);
	});

	it("writes a small message in one piece", () => {
		const bench = five().connect();
		const before = bench.socket.writes;
		bench.client.write(text("hello"), { topic: "t", QoS: 1, properties: { contentType: "x" } });
		assert.equal(bench.socket.writes, before + 1);
	});

	it("MQTT-3.2.2-11, -14, -15: refuses what the server does not take, each in its own words, and sends nothing", () => {
		const bench = five().connect(false, { maximumQoS: 1, retainAvailable: false, maximumPacketSize: 100 });
		const { client } = bench;
		const large = new Uint8Array(100);
		const refuses = (code: string, message: RegExp, data: Uint8Array | null, options: WriteOptions) =>
			assert.throws(() => client.write(data, options), { code, message });
		refuses("not-supported", /QoS 2, the server takes at most 1/, large, { topic: "t", QoS: 2 });
		refuses("not-supported", /no retained messages/, large, { topic: "t", retain: true });
		refuses("too-large", /a packet of 106 bytes, the server takes at most 100/, large, { topic: "t" });
		refuses("too-large", /a packet of 10001 bytes/, null, { topic: "t", byteLength: 9994 });
		const items = Array.from({ length: 20 }, (_, index) => ({ topic: `filter/${index}` }));
		refuses("too-large", /server takes at most 100/, null, { operation: MQTTClient.SUBSCRIBE, items });
		const properties = { reasonString: "x".repeat(100) };
		refuses("too-large", /server takes/, null, { operation: MQTTClient.DISCONNECT, properties });
		assert.throws(() => client.send(new Uint8Array(101)), { code: "too-large" });
		assert.deepEqual(bench.sent(), []);
		client.write(new Uint8Array(90), { topic: "t", QoS: 1 });
		assert.equal(bench.sent()[0].messageId, 1, "no identifier was used up");
	});

	it("refuses subscriptions of a kind that the server does not offer", () => {
		const bench = five().connect(false, {
			wildcardSubscriptionAvailable: false,
			subscriptionIdentifiersAvailable: false,
			sharedSubscriptionAvailable: false,
		});
		const subscribe = (topic: string, properties?: Properties) =>
			bench.client.write(null, { operation: MQTTClient.SUBSCRIBE, items: [{ topic }], properties });
		assert.throws(() => subscribe("a/#"), { code: "not-supported", message: /"a\/#": the server offers no wildcards/ });
		assert.throws(() => subscribe("$share/g/a"), { code: "not-supported", message: /no shared subscriptions/ });
		assert.throws(() => subscribe("a", { subscriptionIdentifier: 5 }), {
			code: "not-supported",
			message: /subscriptionIdentifier: the server offers none/,
		});
		subscribe("a");
		assert.equal(bench.sent().length, 1);
	});

	it("subscribes with options and an identifier; the answers have codes, also those to UNSUBSCRIBE", () => {
		const bench = five().connect();
		bench.client.write(null, {
			operation: MQTTClient.SUBSCRIBE,
			items: [{ topic: "a/+", QoS: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 }, { topic: "b" }],
			properties: { subscriptionIdentifier: 300 },
		});
		bench.client.write(null, { operation: MQTTClient.UNSUBSCRIBE, items: [{ topic: "b" }, { topic: "c" }] });
		const [subscribe, unsubscribe] = bench.sent();
		assert.deepEqual(subscribe.subscriptions, [
			{ topic: "a/+", qos: 1, nl: true, rap: true, rh: 2 },
			{ topic: "b", qos: 0, nl: false, rap: false, rh: 0 },
		]);
		assert.equal(subscribe.properties.subscriptionIdentifier, 300);
		assert.deepEqual(unsubscribe.unsubscriptions, ["b", "c"]);
		const properties = { reasonString: "not all of it" };
		bench.receive({ cmd: "suback", messageId: 1, granted: [1, 0x87], properties });
		bench.receive({ cmd: "unsuback", messageId: 2, granted: [0, 17] });
		assert.deepEqual(bench.control.slice(1), [
			{ operation: MQTTClient.SUBACK, id: 1, payload: [1, 0x87], properties },
			{ operation: MQTTClient.UNSUBACK, id: 2, payload: [0, 17] },
		]);
		bench.client.write(null, { topic: "t", QoS: 1 });
		assert.equal(bench.sent()[0].messageId, 3);
	});

	it("tells reasons and properties of acknowledgements, also of those that say nothing", () => {
		const bench = five().connect();
		for (let count = 0; count < 4; count++) bench.client.write(null, { topic: "t", QoS: 1 });
		bench.client.write(null, { topic: "t", QoS: 2 });
		bench.receive({ cmd: "puback", messageId: 1, reasonCode: 16 });
		bench.receive({ cmd: "puback", messageId: 2, reasonCode: 0x97, properties: { reasonString: "too much" } });
		bench.socket.deliver([0x40, 2, 0, 3, 0x40, 2, 0, 4]);
		bench.socket.deliver([0x50, 2, 0, 5]);
		bench.socket.deliver([0x70, 3, 0, 5, 0x92]);
		const { PUBACK, PUBREC, PUBCOMP } = MQTTClient;
		assert.deepEqual(bench.control.slice(1), [
			{ operation: PUBACK, id: 1, reasonCode: 16 },
			{ operation: PUBACK, id: 2, reasonCode: 0x97, properties: { reasonString: "too much" } },
			{ operation: PUBACK, id: 3, reasonCode: 0 },
			{ operation: PUBACK, id: 4, reasonCode: 0 },
			{ operation: PUBREC, id: 5, reasonCode: 0 },
			{ operation: PUBCOMP, id: 5, reasonCode: 0x92 },
		]);
	});

	it("MQTT-4.3.3-4: a PUBREC that refuses gets no PUBREL, and its identifier is free", () => {
		const bench = five().connect();
		bench.client.write(null, { topic: "t", QoS: 2, id: 1 });
		bench.receive({ cmd: "pubrec", messageId: 1, reasonCode: 0x87 });
		bench.client.write(null, { topic: "t", QoS: 2 });
		bench.receive({ cmd: "pubrec", messageId: 1, reasonCode: 16 });
		bench.client.write(null, { topic: "t", QoS: 2 });
		assert.deepEqual(
			bench.sent().map(({ cmd, messageId }) => `${cmd} ${messageId}`),
			["publish 1", "publish 1", "pubrel 1", "publish 2"],
		);
		assert.equal(bench.control[1]!.reasonCode, 0x87);
	});

	it("sends acknowledgements with a reason", () => {
		const bench = five().connect();
		bench.client.write(null, {
			operation: MQTTClient.PUBCOMP,
			id: 9,
			reasonCode: 0x92,
			properties: { reasonString: "what?" },
		});
		bench.client.write(null, { operation: MQTTClient.PUBREL, id: 9, reasonCode: 0x92 });
		const [pubcomp, pubrel] = bench.sent();
		assert.deepEqual(
			[pubcomp.messageId, pubcomp.reasonCode, pubcomp.properties.reasonString, pubrel.reasonCode],
			[9, 0x92, "what?", 0x92],
		);
		assert.throws(() => bench.client.write(null, { operation: MQTTClient.PUBACK, id: 9, reasonCode: 0x92 }), {
			code: "invalid",
			message: /PUBACK: reason code 146/,
		});
	});

	it("while a message is written in fragments, short reasons wait for its end, and long ones are refused", () => {
		const bench = five().connect();
		const pubcomp = (id: number, reasonString: string) =>
			bench.client.write(null, {
				operation: MQTTClient.PUBCOMP,
				id,
				reasonCode: 0x92,
				properties: { reasonString },
			});
		bench.client.write(text("ab"), { topic: "t", byteLength: 4 });
		pubcomp(1, "short");
		assert.throws(() => pubcomp(2, "long".repeat(20)), { code: "busy" });
		bench.client.write(text("cd"));
		pubcomp(3, "long".repeat(20));
		assert.deepEqual(
			bench.sent().map(({ cmd, payload, messageId }) => `${cmd} ${payload ?? messageId}`),
			["publish abcd", "pubcomp 1", "pubcomp 3"],
		);
	});

	it("in 3.1.1 properties and reasons are refused", () => {
		const bench = new Bench().connect();
		const properties = { contentType: "x" };
		const refuses = (options: WriteOptions) =>
			assert.throws(() => bench.client.write(null, options), { code: "invalid", message: /need MQTT 5\.0/ });
		refuses({ topic: "t", properties });
		bench.client.write(null, { topic: "t" });
		refuses({ topic: "t", properties });
		refuses({ operation: MQTTClient.SUBSCRIBE, items: [{ topic: "a" }], properties: { subscriptionIdentifier: 1 } });
		refuses({ operation: MQTTClient.DISCONNECT, reasonCode: 4 });
		refuses({ operation: MQTTClient.PUBCOMP, id: 1, reasonCode: 0x92 });
		assert.throws(() => bench.client.write(null, { operation: MQTTClient.AUTH }), { code: "invalid" });
		assert.equal(bench.sent().length, 1);
	});
});

describe("MQTT 5.0 client: topic aliases", () => {
	const topics = (bench: Bench) =>
		bench.sent().map(({ topic, properties }) => `${topic}=${properties?.topicAlias ?? "-"}`);

	it("sends the topics that come first once only, as far as the server takes aliases", () => {
		const bench = five({ topicAliases: 5 }).connect(false, { topicAliasMaximum: 2 });
		const { client } = bench;
		for (const topic of ["home/one", "home/two", "home/one", "home/three", "home/two", "home/three", "t"])
			client.write(text("x"), { topic });
		client.write(text("ab"), { topic: "home/one", byteLength: 4, QoS: 1, properties: { contentType: "x" } });
		client.write(text("cd"));
		assert.deepEqual(topics(bench), [
			"home/one=1",
			"home/two=2",
			"=1",
			"home/three=-",
			"=2",
			"home/three=-",
			"t=-",
			"=1",
		]);
	});

	it("uses no alias that the server did not hear of", () => {
		network.allowance = 60;
		const bench = five({ topicAliases: 5 }).connect(false, { topicAliasMaximum: 9 });
		bench.socket.drain(10);
		assert.throws(() => bench.client.write(new Uint8Array(200), { topic: "home/one" }), { code: "overflow" });
		bench.socket.drain(200);
		bench.client.write(text("x"), { topic: "home/two" });
		bench.client.write(text("x"), { topic: "home/one" });
		assert.deepEqual(topics(bench), ["home/two=1", "home/one=2"]);
	});

	it("begins anew with each connection, and leaves packets of `send` alone", () => {
		for (let count = 0; count < 2; count++) {
			const bench = five({ topicAliases: 1 }).connect(false, { topicAliasMaximum: 1 });
			bench.client.send(Uint8Array.of(0x30, 8, 0, 4, 0x68, 0x6f, 0x6d, 0x65, 0, 0x78));
			bench.client.write(text("x"), { topic: "home" });
			bench.client.write(text("x"), { topic: "home" });
			assert.deepEqual(topics(bench), ["home=-", "home=1", "=1"]);
			bench.client.close();
		}
	});

	it("takes those of the application, within the server's bounds", () => {
		const bench = five().connect(false, { topicAliasMaximum: 3 });
		const write = (topic: string, topicAlias: number) =>
			bench.client.write(text("x"), { topic, properties: { topicAlias } });
		write("home", 3);
		write("", 3);
		assert.throws(() => write("home", 4), { code: "not-supported", message: /topicAlias: 4.*at most 3/ });
		assert.throws(() => write("home", 0), { code: "invalid", clause: "MQTT-3.3.2-8" });
		assert.throws(() => bench.client.write(null, { topic: "" }), { code: "invalid", message: /topic: is empty/ });
		assert.deepEqual(topics(bench), ["home=3", "=3"]);
		const other = five({ topicAliases: 1 }).connect(false, { topicAliasMaximum: 3 });
		const given = { topic: "home", properties: { topicAlias: 1 } };
		assert.throws(() => other.client.write(null, given), { code: "invalid", message: /topicAliases gives them/ });
	});

	it("resolves those of the server", () => {
		const seen: (string | undefined)[] = [];
		const bench = five({
			properties: { topicAliasMaximum: 2 },
			onReadable(count, { topic, properties }) {
				seen.push(topic, String(properties?.topicAlias));
				this.read(count);
			},
		}).connect();
		bench.receive({ cmd: "publish", topic: "home/lamp", payload: "x", properties: { topicAlias: 1 } });
		bench.receive({ cmd: "publish", topic: "", payload: "x", properties: { topicAlias: 1 } });
		assert.equal(seen[0], "home/lamp");
		assert.equal(seen[2], "home/lamp");
		bench.receive({ cmd: "publish", topic: "", payload: "x", properties: { topicAlias: 3 } });
		assert.equal(bench.errors[0]!.code, "protocol");
		assert.equal(bench.sent()[0].reasonCode, 0x94);
		over();
	});
});
