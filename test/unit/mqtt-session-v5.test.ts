import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import mqtt from "mqtt-packet";
import type { Message, SessionOptions } from "../../modules/mqtt/session";
import { clock } from "../support/clock";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

beforeEach(fresh);

/** A session that speaks MQTT 5, and a broker that does. */
class Bench5 extends SessionBench {
	constructor(options: Partial<SessionOptions> = {}) {
		super({ version: 5, ...options });
	}

	override receive(packet: { cmd: string; [member: string]: unknown }, size?: number): void {
		const whole = { dup: false, qos: 0, retain: false, reasonCode: 0, ...packet };
		this.socket.deliver(mqtt.generate(whole as never, { protocolVersion: 5 }), size);
	}

	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	override sent(): any[] {
		const packets: unknown[] = [];
		const parser = mqtt.parser({ protocolVersion: 5 });
		parser.on("packet", (packet) => packets.push(packet));
		parser.on("error", (error) => assert.fail(error));
		parser.parse(Buffer.from(this.socket.take()));
		return packets;
	}

	/** Connects to a broker that says this in CONNACK. */
	begin(properties = {}, sessionPresent = false): this {
		this.session.start();
		this.acceptWith(properties, sessionPresent);
		return this;
	}

	acceptWith(properties: object, sessionPresent: boolean): void {
		clock.advance(0);
		clock.advance(0);
		this.socket.take();
		this.receive({ cmd: "connack", sessionPresent, properties });
	}
}

const one = { QoS: 1 } as const;

describe("MQTT 5 session: connecting", () => {
	it("asks for a session that does not expire, unless the options say otherwise", () => {
		for (const [options, expected] of [
			[{}, 0xffff_ffff],
			[{ sessionExpiry: 3600 }, 3600],
			[{ clean: true }, undefined],
		] as const) {
			const bench = new Bench5(options);
			bench.session.start();
			clock.advance(0);
			clock.advance(0);
			const [connect] = bench.sent();
			assert.equal(connect.protocolVersion, 5);
			assert.equal(connect.properties?.sessionExpiryInterval, expected);
			bench.session.stop();
			clock.advance(0);
		}
	});

	it("refuses options of MQTT 5 in a session of 3.1.1, and wrong ones", () => {
		assert.throws(() => new SessionBench({ sessionExpiry: 1 }), /need version 5/);
		assert.throws(() => new SessionBench({ version: 3 as never }), /version: 3 is not 4 or 5/);
		assert.throws(() => new Bench5({ properties: { topicAlias: 1 } }), /topicAlias/);
		const bench = new SessionBench();
		assert.throws(() => bench.publish("t", "x", { QoS: 1, properties: { contentType: "text/plain" } }), /version 5/);
		assert.throws(() => bench.session.on("t", 1, () => {}, { noLocal: true }), /version 5/);
	});

	it("logs why the broker refused, or ended the connection, and tries again", () => {
		const bench = new Bench5();
		bench.session.start();
		clock.advance(0);
		clock.advance(0);
		bench.receive({
			cmd: "connack",
			reasonCode: 0x87,
			sessionPresent: false,
			properties: { reasonString: "no such node" },
		});
		assert.match(bench.log.at(-1)!, /not authorized.*next attempt/);
		clock.advance(1000);
		bench.acceptWith({}, false);
		bench.receive({ cmd: "disconnect", reasonCode: 0x8b, properties: { reasonString: "back soon" } });
		assert.match(bench.log.at(-1)!, /server shutting down.*back soon.*next attempt/);
	});
});

describe("MQTT 5 session: publishing", () => {
	it("carries the properties of a message", () => {
		const bench = new Bench5().begin();
		const correlationData = Buffer.from([1, 2]);
		bench.publish("t", "x", {
			QoS: 1,
			expiry: 60,
			properties: { contentType: "text/plain", responseTopic: "answer", correlationData, userProperties: [["a", "b"]] },
		});
		const [{ properties }] = bench.sent();
		assert.equal(properties.messageExpiryInterval, 60);
		assert.equal(properties.contentType, "text/plain");
		assert.equal(properties.responseTopic, "answer");
		assert.deepEqual(Buffer.from(properties.correlationData), correlationData);
		assert.deepEqual({ ...properties.userProperties }, { a: "b" });
	});

	it("MQTT-3.3.2-6: sends what is left of the time of a message that waited", () => {
		const bench = new Bench5();
		bench.publish("t", "x", { QoS: 1, expiry: 60, properties: { payloadFormatIndicator: true } });
		clock.advance(20_000);
		bench.begin();
		assert.equal(bench.sent()[0].properties.messageExpiryInterval, 40);
		clock.advance(5000);
		bench.lose();
		bench.acceptWith({}, true);
		const [again] = bench.sent();
		assert.equal(again.dup, true);
		assert.ok(again.properties.messageExpiryInterval < 36);
	});

	it("a message that the broker acknowledges with a reason that says no was dropped, and the error says why", () => {
		const bench = new Bench5().begin();
		const told: string[] = [];
		const onFate = (fate: string, error?: Error & { code?: string; reasonCode?: number | undefined }) =>
			told.push(`${fate} ${error?.code} ${error?.reasonCode}`);
		bench.session.publish("t", "1", { QoS: 1, onFate });
		bench.session.publish("t", "2", { QoS: 2, onFate });
		bench.sent();
		bench.receive({ cmd: "puback", messageId: 1, reasonCode: 0x97 });
		bench.receive({ cmd: "pubrec", messageId: 2, reasonCode: 0x87 });
		assert.deepEqual(told, ["dropped rejected 151", "dropped rejected 135"]);
		assert.deepEqual(bench.sent(), []);
		assert.ok(bench.log.some((line) => /error: .*quota exceeded/.test(line)));
	});

	it("a message without subscribers (0x10) was delivered", () => {
		const bench = new Bench5().begin();
		bench.publish("t", "1", one);
		bench.receive({ cmd: "puback", messageId: 1, reasonCode: 0x10 });
		assert.deepEqual(bench.fates, ["1: delivered"]);
	});

	it("MQTT-3.3.4-7: never has more in flight than the broker's receive maximum, resent ones included", () => {
		const bench = new Bench5().begin({ receiveMaximum: 2 });
		for (const name of ["a", "b", "c", "d"]) bench.publish("t", name, { QoS: name === "a" ? 2 : 1 });
		assert.equal(bench.sent().length, 2);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["pubrel"],
		);
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		assert.equal(bench.sent().length, 1);
		bench.lose();
		bench.acceptWith({ receiveMaximum: 1 }, true);
		assert.deepEqual(
			bench.sent().map(({ payload }) => String(payload)),
			["b"],
		);
	});

	it("refuses what the broker said it does not take, and what was accepted before stays", () => {
		const bench = new Bench5().begin({ maximumPacketSize: 50, maximumQoS: 1, retainAvailable: false });
		assert.throws(() => bench.publish("t", "x".repeat(50), one), { code: "too-large", message: /the broker takes 50/ });
		assert.throws(() => bench.publish("t", "x", { QoS: 2 }), { code: "not-supported", message: /QoS 2/ });
		assert.throws(() => bench.publish("t", "x", { retain: true }), { code: "not-supported", message: /retained/ });
		bench.publish("t", "ok", one);
		assert.equal(bench.sent().length, 1);
	});

	it("what was accepted before the broker was known goes out in a form that it takes; only what is too large is dropped", () => {
		const bench = new Bench5();
		bench.publish("t", "two", { QoS: 2 });
		bench.publish("t", "kept", { QoS: 1, retain: true });
		bench.publish("t", "x".repeat(60), one);
		bench.publish("t", "last", one);
		bench.begin({ maximumPacketSize: 50, maximumQoS: 1, retainAvailable: false });
		assert.deepEqual(
			bench.sent().map(({ payload, qos, retain }) => [String(payload), qos, retain]),
			[
				["two", 1, false],
				["kept", 1, false],
				["last", 1, false],
			],
		);
		assert.deepEqual(bench.fates, [`${"x".repeat(60)}: dropped`]);
		assert.equal(bench.log.filter((line) => line.includes("another form")).length, 2);
	});

	it("a broker that takes QoS 0 only gets what waited at QoS 0", () => {
		const bench = new Bench5();
		bench.publish("t", "two", { QoS: 2, properties: { contentType: "x" } });
		bench.begin({ maximumQoS: 0 });
		const [packet] = bench.sent();
		assert.deepEqual([packet.qos, String(packet.payload), packet.properties.contentType], [0, "two", "x"]);
		assert.deepEqual(bench.fates, ["two: delivered"]);
	});

	it("sends a topic as its alias once the broker knows it, at QoS 0; anew on each connection", () => {
		const bench = new Bench5({ topicAliases: 2 }).begin({ topicAliasMaximum: 10 });
		for (let count = 0; count < 3; count++) bench.publish("a/long/topic", "x");
		const topics = bench.sent().map(({ topic, properties }) => [topic, properties?.topicAlias]);
		assert.equal(topics.at(-1)![0], "");
		assert.ok(topics.at(-1)![1]! >= 1);
		bench.lose();
		bench.acceptWith({ topicAliasMaximum: 10 }, true);
		bench.publish("a/long/topic", "y");
		assert.equal(bench.sent()[0].topic, "a/long/topic");
		bench.lose();
		bench.acceptWith({}, true);
		for (let count = 0; count < 3; count++) bench.publish("a/long/topic", "z");
		assert.ok(bench.sent().every(({ topic, properties }) => topic !== "" && !properties?.topicAlias));
	});
});

describe("MQTT 5 session: receiving", () => {
	it("hands properties to the handler, and subscribes with options", () => {
		const bench = new Bench5();
		const messages: Message[] = [];
		bench.session.on("t", 1, (message) => messages.push(message), { noLocal: true, retainHandling: 2 });
		bench.begin();
		const [{ subscriptions, messageId }] = bench.sent();
		assert.equal(subscriptions[0].nl, true);
		assert.equal(subscriptions[0].rh, 2);
		bench.receive({ cmd: "suback", messageId, granted: [1] });
		bench.receive({
			cmd: "publish",
			topic: "t",
			payload: "x",
			properties: { responseTopic: "r", correlationData: Buffer.from("c") },
		});
		assert.equal(messages[0]!.properties!.responseTopic, "r");
		assert.deepEqual(Buffer.from(messages[0]!.properties!.correlationData as Uint8Array), Buffer.from("c"));
	});

	it("subscribes in packets that the broker takes; a filter that fits none is left out, by name", () => {
		const bench = new Bench5();
		const filters = ["a", "b".repeat(20), "c".repeat(20), "d".repeat(80), "e"];
		for (const filter of filters) bench.session.on(filter, 1, () => {});
		bench.begin({ maximumPacketSize: 50 });
		const asked: string[] = [];
		for (;;) {
			const [packet] = bench.sent();
			if (!packet) break;
			assert.equal(packet.cmd, "subscribe");
			asked.push(...packet.subscriptions.map(({ topic }: { topic: string }) => topic));
			bench.receive({ cmd: "suback", messageId: packet.messageId, granted: packet.subscriptions.map(() => 1) });
		}
		assert.deepEqual(
			asked.sort(),
			filters.filter((filter) => filter.length < 50),
		);
		assert.ok(bench.log.some((line) => /error: SUBSCRIBE of d{80}: 8\d bytes, the broker takes 50/.test(line)));
		bench.session.off("b".repeat(20));
		assert.equal(bench.sent()[0].cmd, "unsubscribe");
	});

	it("logs why a filter was refused", () => {
		const bench = new Bench5();
		bench.session.on("t", 1, () => {});
		bench.begin();
		bench.receive({ cmd: "suback", messageId: bench.sent()[0].messageId, granted: [0x87] });
		assert.ok(bench.log.some((line) => /refused the subscription of t: not authorized \(135\)/.test(line)));
	});

	it("MQTT-4.3.3-2: hands a message at QoS 2 out once", () => {
		const bench = new Bench5();
		let count = 0;
		bench.session.on("t", 2, () => count++);
		bench.begin();
		bench.receive({ cmd: "suback", messageId: bench.sent()[0].messageId, granted: [2] });
		for (const dup of [false, true])
			bench.receive({ cmd: "publish", topic: "t", payload: "x", qos: 2, messageId: 9, dup });
		bench.receive({ cmd: "pubrel", messageId: 9 });
		assert.equal(count, 1);
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["pubrec", "pubrec", "pubcomp"],
		);
	});
});

describe("MQTT 5 session: a message that is made while it is sent", () => {
	it("is dropped when the broker does not take it, with the reason, and the connection stands", () => {
		const bench = new Bench5().begin({ maximumPacketSize: 300 });
		const told: string[] = [];
		let pieces = 40;
		bench.session.stream(
			"config",
			{ byteLength: 400, next: () => (pieces-- > 0 ? "0123456789" : undefined) },
			{ onFate: (fate, error) => void told.push(`${fate}: ${error?.code}`) },
		);
		assert.deepEqual(told, ["dropped: too-large"]);
		assert.ok(bench.session.connected);
	});

	it("arrives whole where the broker takes it", () => {
		const bench = new Bench5().begin({ maximumPacketSize: 500 });
		let pieces = 40;
		bench.session.stream("config", { byteLength: 400, next: () => (pieces-- > 0 ? "0123456789" : undefined) });
		const [{ topic, payload }] = bench.sent();
		assert.equal(topic, "config");
		assert.equal(payload.length, 400);
	});
});
