import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const five = { version: 5 } as const;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;

proves(
	"5.0 MQTT-3.3.1-2, 5.0 MQTT-3.3.1-4, 5.0 MQTT-3.3.2-1, 5.0 MQTT-2.2.1-2, 5.0 MQTT-2.2.2-1, 5.0 MQTT-4.3.1-1",
	"QoS 0: topic, property length, payload; no identifier, no DUP; QoS 3 is refused",
	({ connected, joined }) => {
		const [session, link] = connected();
		session.publish("t", "x");
		assert.deepEqual([...link.expect("publish").bytes], [0x30, 5, 0, 1, 0x74, 0, 0x78]);
		assert.throws(() => session.publish("t", "x", { QoS: 3 }), { code: "invalid" });
		const [client, other] = joined();
		client.write("x", { topic: "t", retain: true, duplicate: true });
		assert.equal(other.expect("publish", { dup: false }).bytes[0], 0x31);
		assert.throws(() => client.write("x", { topic: "t", QoS: 3 }), { code: "invalid" });
	},
	five,
);

proves(
	"5.0 MQTT-2.2.1-3, 5.0 MQTT-4.3.2-1, 5.0 MQTT-4.3.3-1",
	"identifiers are never 0, and never one that is in use: also when 65,535 messages later they come round",
	({ connected }) => {
		const [session, link] = connected();
		session.publish("t", "held", { QoS: 2 });
		const { messageId: held } = link.expect("publish");
		session.on("a", 0);
		assert.notEqual(link.grant()["messageId"], held);
		for (let count = 0; count < 65_600; count += 10) {
			session.publishes(10, "t", "x", { QoS: 1 });
			const ids = Array.from({ length: 10 }, () => link.expect("publish", { qos: 1 })["messageId"] as number);
			assert.ok(ids.every((id) => id >= 1 && id <= 65_535 && id !== held));
			link.send(...ids.map((messageId) => ({ cmd: "puback", messageId })));
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.3.4-1, 5.0 MQTT-2.2.1-5, 5.0 MQTT-2.1.3-1, 5.0 MQTT-3.6.1-1",
	"QoS 0 is not answered, QoS 1 with PUBACK, QoS 2 with PUBREC and PUBCOMP; their flags, and PUBREL's, have their values",
	({ joined }) => {
		const [client, link] = joined();
		link.publish("t", "x");
		link.silent(1000);
		for (const messageId of [1, 256, 65_535]) {
			link.publish("t", "x", { qos: 1, messageId });
			assert.equal(link.expect("puback", { messageId }).flags, 0);
			link.publish("t", "x", { qos: 2, messageId });
			assert.equal(link.expect("pubrec", { messageId }).flags, 0);
			link.send({ cmd: "pubrel", messageId });
			assert.equal(link.expect("pubcomp", { messageId }).flags, 0);
			client.write("x", { topic: "t", QoS: 2, id: messageId });
			link.expect("publish", { messageId });
			link.send({ cmd: "pubrec", messageId });
			assert.equal(link.expect("pubrel", { messageId }).flags, 2);
			link.send({ cmd: "pubcomp", messageId });
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.3.1-1, 5.0 MQTT-3.3.1-3, 5.0 MQTT-4.3.3-2",
	"what answers a message with DUP has none; what is sent again after a cut has it",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on("t", 1, { reply: { topic: "answer", payload: "y", options: { QoS: 2 } } });
		link.grant();
		link.publish("t", "x", { qos: 1, messageId: 1, dup: true });
		link.expect("publish", { topic: "answer", dup: false });
		link.expect("puback");
		link.cut();
		broker.login({ sessionPresent: true }).expect("publish", { topic: "answer", dup: true });
	},
	five,
);

proves(
	"5.0 MQTT-3.3.2-2, 5.0 MQTT-4.7.0-1, 5.0 MQTT-3.3.2-14, 5.0 MQTT-4.7.3-2",
	"a wildcard or U+0000 in a topic or a response topic is refused",
	({ connected, joined, session }) => {
		const [tested, link] = connected();
		const [client, other] = joined();
		for (const wrong of ["#", "a/#", "+", "a/+/b", "a\0b"]) {
			assert.throws(() => tested.publish(wrong, "x", { QoS: 1 }), { code: "invalid" });
			assert.throws(() => client.write("x", { topic: wrong }), { code: "invalid" });
			const properties = { responseTopic: wrong };
			assert.throws(() => tested.publish("t", "x", { properties }), { code: "invalid" });
			assert.throws(() => client.write("x", { topic: "t", properties }), { code: "invalid" });
			assert.throws(() => session({ will: { topic: "t", message: "", properties } }), { code: "invalid" });
		}
		for (const filter of ["a\0", "\0"]) assert.throws(() => tested.on(filter, 0), { code: "invalid" });
		link.silent(1000);
		other.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-3.8.1-1, 5.0 MQTT-3.8.3-1, 5.0 MQTT-3.8.3-2, 5.0 MQTT-3.8.3-5, 02-subscribe-qos2",
	"SUBSCRIBE has the flags 0010, filters in UTF-8 and options whose reserved bits are 0; without a filter it is refused",
	({ connected, joined }) => {
		const [session, link] = connected();
		const options = { noLocal: true, retainAsPublished: true, retainHandling: 2 };
		const cases: [string, number, object | undefined, number][] = [
			["a", 0, undefined, 0],
			["são/#", 1, undefined, 1],
			["b", 2, options, 0b10_1110],
			["c", 2, { retainHandling: 1 }, 0b01_0010],
		];
		for (const [filter, QoS, given, byte] of cases) {
			session.on(filter, QoS, {}, given);
			const { flags, bytes } = link.grant();
			assert.equal(flags, 2);
			const size = Buffer.byteLength(filter);
			assert.deepEqual([...bytes.subarray(4)], [0, 0, size, ...Buffer.from(filter), byte]);
		}
		for (const wrong of [{ retainHandling: 3 }, { retainHandling: -1 }])
			assert.throws(() => session.on("d", 0, {}, wrong), { code: "invalid" });
		const [client, other] = joined();
		for (const items of [
			[],
			undefined,
			[{ topic: "", QoS: 0 }],
			[{ topic: "\ud800", QoS: 0 }],
			[{ topic: "a", QoS: 3 }],
		])
			assert.throws(() => client.write(null, { operation: SUBSCRIBE, items }), { code: "invalid" });
		link.silent(1000);
		other.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-4.8.2-1, 5.0 MQTT-4.8.2-2, 5.0 MQTT-3.8.3-4",
	"a shared subscription has a name without wildcards, and a filter behind it, and no No Local; its messages find their handler",
	({ connected }) => {
		const [session, link] = connected();
		for (const wrong of [
			"$share",
			"$share/",
			"$share//a",
			"$share/g",
			"$share/g/",
			"$share/+/a",
			"$share/g#/a",
			"$share/g+h/a",
		])
			assert.throws(() => session.on(wrong, 0), { code: "invalid" }, wrong);
		assert.throws(() => session.on("$share/g/a", 0, {}, { noLocal: true }), { code: "invalid" });
		link.silent(1000);
		session.on("$share/g/a/+", 1);
		link.grant();
		link.publish("a/b", "x");
		assert.deepEqual(session.messages, ["a/b=x"]);
	},
	five,
);

proves(
	"02-unsubscribe-v5, 02-unsubscribe-multiple-v5, 5.0 MQTT-3.10.1-1, 5.0 MQTT-3.10.3-1, 5.0 MQTT-3.10.3-2, 5.0 MQTT-2.2.1-3",
	"UNSUBSCRIBE has the flags 0010, an identifier and filters in UTF-8, one or several; the codes of UNSUBACK are told",
	({ connected, joined }) => {
		const [session, link] = connected();
		session.on("são/#", 1);
		link.grant();
		session.off("são/#");
		const { flags, bytes, messageId } = link.expect("unsubscribe", { unsubscriptions: ["são/#"] });
		assert.equal(flags, 2);
		assert.deepEqual([...bytes.subarray(4)], [0, 0, 6, ...Buffer.from("são/#")]);
		link.send({ cmd: "unsuback", messageId, granted: [0] });
		link.publish("são/a", "x", { qos: 1, messageId: 1 });
		link.expect("puback");
		assert.deepEqual(session.messages, []);
		const [client, other] = joined();
		const topics = ["unsubscribe/test", "no-sub", "#"];
		client.write(null, { operation: UNSUBSCRIBE, items: topics.map((topic) => ({ topic })) });
		const several = other.expect("unsubscribe", { unsubscriptions: topics });
		other.send({ cmd: "unsuback", messageId: several["messageId"], granted: [0, 0x11, 0x87] });
		assert.deepEqual(client.control.at(-1).payload, [0, 0x11, 0x87]);
		for (const items of [[], undefined, [{ topic: "" }], [{ topic: "\udc00" }]])
			assert.throws(() => client.write(null, { operation: UNSUBSCRIBE, items }), { code: "invalid" });
		other.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-3.4.2-1, 5.0 MQTT-3.5.2-1, 5.0 MQTT-3.6.2-1, 5.0 MQTT-3.7.2-1, 5.0 MQTT-4.3.3-9",
	"the client's own acknowledgements say success, in their shortest form, whatever became of the message: no PUBREC ever carries an error",
	({ connected }) => {
		const [session, link] = connected();
		session.on("fails", 2, { throws: true });
		link.grant();
		const cases = [
			["nobody", "x"],
			["fails", "x"],
			["fails", "x".repeat(9000)],
			["l".repeat(300), "x"],
		] as const;
		for (const [index, [topic, payload]] of cases.entries()) {
			const messageId = index + 1;
			link.publish(topic, payload, { qos: 1, messageId });
			assert.deepEqual([...link.expect("puback").bytes], [0x40, 2, 0, messageId]);
			link.publish(topic, payload, { qos: 2, messageId });
			assert.deepEqual([...link.expect("pubrec").bytes], [0x50, 2, 0, messageId]);
			link.send({ cmd: "pubrel", messageId });
			assert.deepEqual([...link.expect("pubcomp").bytes], [0x70, 2, 0, messageId]);
		}
		session.publish("t", "x", { QoS: 2 });
		const { messageId } = link.expect("publish");
		link.send({ cmd: "pubrec", messageId });
		assert.deepEqual([...link.expect("pubrel").bytes], [0x62, 2, messageId >> 8, messageId & 255]);
	},
	five,
);

for (const [kind, operation, section, good, bad] of [
	["PUBACK", PUBACK, "3.4.2", 0x87, 0x92],
	["PUBREC", PUBREC, "3.5.2", 0x97, 0x92],
	["PUBREL", PUBREL, "3.6.2", 0x92, 0x80],
	["PUBCOMP", PUBCOMP, "3.7.2", 0x92, 0x80],
] as const)
	proves(
		`5.0 MQTT-${section}-1, 5.0 MQTT-${section}-2, 5.0 MQTT-${section}-3`,
		`${kind} that the caller writes: a reason code of other packets is refused, and a reason string or user property that makes it too large`,
		({ broker, client }) => {
			const tested = client();
			const link = broker.login({ properties: { maximumPacketSize: 40 } });
			const write = (reasonCode: number, properties?: object) =>
				tested.write(null, { operation, id: 7, reasonCode, properties });
			for (const wrong of [bad, 0x18, 0xff, 256]) assert.throws(() => write(wrong), { code: "invalid" }, `${wrong}`);
			assert.throws(() => write(good, { reasonString: "x".repeat(40) }), { code: "too-large" });
			assert.throws(() => write(good, { userProperties: [["x".repeat(20), "y".repeat(20)]] }), { code: "too-large" });
			link.silent(1000);
			// The referee knows of no message that this acknowledges.
			link.send([]);
			write(good, { reasonString: "so it is" });
			const { properties } = link.expect(kind.toLowerCase(), { messageId: 7, reasonCode: good });
			assert.equal(properties.reasonString, "so it is");
		},
		five,
	);

proves(
	"5.0 MQTT-3.14.4-1, 5.0 MQTT-3.14.4-2, 5.0 MQTT-3.14.2-1, 5.0 MQTT-2.1.3-1",
	"DISCONNECT goes out with flags 0000 and reason 0; nothing follows it, and the session closes although the broker does not",
	({ connected }) => {
		const [session, link] = connected();
		session.stop();
		const { flags, bytes, reasonCode } = link.expect("disconnect", {}, { within: 0 });
		assert.equal(flags, 0);
		assert.equal(reasonCode ?? 0, 0);
		assert.ok(bytes.length <= 4);
		link.publish("t", "x", { qos: 1, messageId: 1 });
		link.closes({ within: 500 });
		assert.deepEqual(session.of("stopped"), [true]);
	},
	five,
);

proves(
	"5.0 MQTT-4.2-1",
	"byte by byte, or all at once, and through a network that takes 7 bytes at a time: it is the same conversation",
	({ broker, session }) => {
		for (const pieces of [1, 5744]) {
			broker.narrow(7);
			const tested = session({ id: `in-${pieces}` })
				.on("t", 2)
				.start();
			const link = broker.accept();
			link.flow(7, 10);
			link.expect("connect");
			const properties = { serverKeepAlive: 100, userProperties: { a: ["b", "c"] }, reasonString: "welcome" };
			link.sendIn({ pieces }, { cmd: "connack", reasonCode: 0, sessionPresent: false, properties });
			link.flow(7, 10);
			const { messageId } = link.expect("subscribe");
			link.flow();
			link.sendIn(
				{ pieces },
				{ cmd: "suback", messageId, granted: [2], properties: { reasonString: "granted" } },
				{ cmd: "publish", topic: "t", payload: "1", qos: 1, messageId: 1, properties: { contentType: "text/plain" } },
				{ cmd: "publish", topic: "t", payload: "x".repeat(600), qos: 2, messageId: 2 },
				{ cmd: "pubrel", messageId: 2, reasonCode: 0, properties: { userProperties: { d: "e" } } },
			);
			link.expect("puback", { messageId: 1 });
			link.expect("pubrec", { messageId: 2 });
			link.expect("pubcomp", { messageId: 2 });
			assert.deepEqual(tested.messages, ["t=1", `t=${"x".repeat(600)}`]);
			tested.stop();
			link.expect("disconnect");
		}
	},
	five,
);
