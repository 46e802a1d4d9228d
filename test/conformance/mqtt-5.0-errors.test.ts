import assert from "node:assert/strict";
import { proves, type Script } from "../support/conformance";
import { field } from "../support/mqtt-bytes";

const five = { version: 5 } as const;
const MALFORMED = 0x81;
const PROTOCOL = 0x82;
const TOPIC_ALIAS = 0x94;
const TOPIC_NAME = 0x90;
const t = field("t");
const bytesOf = (text: string) => [...Buffer.from(text)];
/** PUBLISH at QoS 0 to `t`, with these bytes of properties. */
const publish = (...properties: number[]) => [
	0x30,
	properties.length + 5,
	...t,
	properties.length,
	...properties,
	0x78,
];
const toTopic = (...topic: number[]) => [0x30, topic.length + 4, 0, topic.length, ...topic, 0, 0x78];

type Wrong = readonly [what: string, reasonCodes: number | readonly number[], bytes: readonly number[]];

/** Each must be answered with DISCONNECT and one of those reason codes, and end the connection; the session comes back and is well. */
function ends({ broker, session }: Script, wrongs: readonly Wrong[], options: Record<string, unknown> = {}): void {
	const tested = session(options);
	tested.on("t", 1).start();
	let link = broker.login();
	link.grant();
	for (const [what, codes, bytes] of wrongs) {
		link.send(bytes);
		assert.equal(link.waiting[0]?.cmd, "disconnect", what);
		const { reasonCode } = link.expect("disconnect");
		assert.ok([codes].flat().includes(reasonCode), `${what}: 0x${reasonCode.toString(16)}`);
		assert.ok(link.closed, `not closed: ${what}`);
		link = broker.login({ sessionPresent: true });
		link.publish("t", what, { qos: 1, messageId: 1 });
		link.expect("puback", { messageId: 1 });
		link.silent(40_000);
	}
	assert.deepEqual(
		tested.messages,
		wrongs.map(([what]) => `t=${what}`),
		"nothing was taken from what was wrong",
	);
	tested.stop();
	link.expect("disconnect");
}

proves(
	"5.0 MQTT-1.5.4-1, 5.0 MQTT-1.5.4-2, 5.0 MQTT-1.5.7-1, 5.0 MQTT-4.7.3-2, 5.0 MQTT-4.13.1-1",
	"a string that is no UTF-8, or has U+0000, ends the connection: in the topic, in each text of a property, in each of a pair",
	(script) => {
		const wrongs: Wrong[] = [];
		const texts = { "cut short": [0xc3], surrogate: [0xed, 0xa0, 0x80], overlong: [0xc0, 0x80], "U+0000": [0x61, 0] };
		for (const [what, text] of Object.entries(texts)) {
			const one = [0, text.length, ...text];
			wrongs.push(
				[`topic, ${what}`, [MALFORMED, TOPIC_NAME], toTopic(...text)],
				[`content type, ${what}`, MALFORMED, publish(3, ...one)],
				[`response topic, ${what}`, MALFORMED, publish(8, ...one)],
				[`name of a user property, ${what}`, MALFORMED, publish(0x26, ...one, 0, 1, 0x61)],
				[`value of a user property, ${what}`, MALFORMED, publish(0x26, 0, 1, 0x61, ...one)],
				[`reason string, ${what}`, MALFORMED, [0x40, 5 + one.length, 0, 1, 0, 1 + one.length, 0x1f, ...one]],
			);
		}
		ends(script, wrongs);
	},
	five,
);

proves(
	"5.0 MQTT-4.13.1-1, 5.0 MQTT-3.14.1-1, 5.0 MQTT-3.15.1-1",
	"packets that are malformed: DISCONNECT 0x81, and closed",
	(script) => {
		const flags = [
			...[4, 5, 6, 7].map((type) => [type, [0, 1]] as const),
			[9, [0, 1, 0, 0]] as const,
			[11, [0, 1, 0, 0]] as const,
			[13, []] as const,
			[14, []] as const,
			[15, [0x18, 0]] as const,
		].map(([type, body]): Wrong => {
			return [`flags of type ${type}`, MALFORMED, [(type << 4) | (type === 6 ? 0 : 1), body.length, ...body]];
		});
		ends(script, [
			...flags,
			["packet type 0", MALFORMED, [0, 0]],
			["QoS 3", MALFORMED, [0x36, 7, ...t, 0, 1, 0, 0x78]],
			["remaining length of five bytes", MALFORMED, [0x30, 0x80, 0x80, 0x80, 0x80, 1]],
			["topic longer than the packet", MALFORMED, [0x30, 4, 0, 9, 0x74, 0]],
			["no room for the property length", MALFORMED, [0x30, 3, ...t]],
			["properties longer than the packet", MALFORMED, [0x30, 4, ...t, 9]],
			["property length of five bytes", MALFORMED, [0x30, 8, ...t, 0x80, 0x80, 0x80, 0x80, 1]],
			["a property cut short", MALFORMED, publish(2, 0, 0)],
			["a text longer than the properties", MALFORMED, publish(3, 0, 9, 0x61)],
			["an unknown property", MALFORMED, publish(0x7f, 0)],
			["PUBACK too short", MALFORMED, [0x40, 1, 0]],
			["SUBACK without codes", [MALFORMED, PROTOCOL], [0x90, 3, 0, 1, 0]],
			["SUBACK with a code of other packets", [MALFORMED, PROTOCOL], [0x90, 4, 0, 1, 0, 3]],
			["UNSUBACK with a code of other packets", [MALFORMED, PROTOCOL], [0xb0, 4, 0, 1, 0, 2]],
			["PUBACK with a code of other packets", [MALFORMED, PROTOCOL], [0x40, 3, 0, 1, 1]],
			["PINGRESP too long", MALFORMED, [0xd0, 1, 0]],
			["no MQTT", [MALFORMED, PROTOCOL], bytesOf("HTTP/1.1 400 Bad Request\r\n")],
		]);
	},
	five,
);

proves(
	"5.0 MQTT-4.13.1-1",
	"what breaks the protocol: DISCONNECT 0x82, and closed",
	(script) => {
		const either = [MALFORMED, PROTOCOL];
		ends(script, [
			["identifier 0", either, [0x32, 7, ...t, 0, 0, 0, 0x78]],
			["PUBACK with identifier 0", either, [0x40, 2, 0, 0]],
			["a second CONNACK", PROTOCOL, [0x20, 3, 0, 0, 0]],
			["CONNECT", PROTOCOL, [0x10, 13, 0, 4, ...bytesOf("MQTT"), 5, 2, 0, 60, 0, 0, 0]],
			["SUBSCRIBE", PROTOCOL, [0x82, 7, 0, 1, 0, ...t, 0]],
			["UNSUBSCRIBE", PROTOCOL, [0xa2, 6, 0, 1, 0, ...t]],
			["PINGREQ", PROTOCOL, [0xc0, 0]],
			["a property twice", PROTOCOL, publish(3, 0, 1, 0x61, 3, 0, 1, 0x62)],
			["a property of other packets", either, publish(0x21, 0, 1)],
			["a flag that is neither 0 nor 1", PROTOCOL, publish(1, 2)],
			["subscription identifier 0", PROTOCOL, publish(0x0b, 0)],
			["neither topic nor alias", PROTOCOL, [0x30, 4, 0, 0, 0, 0x78]],
			["a wildcard in the topic", [MALFORMED, PROTOCOL, TOPIC_NAME], toTopic(0x23)],
			["a wildcard in the response topic", [MALFORMED, PROTOCOL, TOPIC_NAME], publish(8, 0, 1, 0x2b)],
		]);
	},
	five,
);

proves(
	"5.0 MQTT-4.13.1-1, 5.0 MQTT-3.3.2-10",
	"topic aliases that were not agreed on: 0, above the maximum, none agreed on, unknown; DISCONNECT 0x94 or 0x82, and closed",
	(script) => {
		ends(
			script,
			[
				["alias 0", [TOPIC_ALIAS, PROTOCOL], publish(0x23, 0, 0)],
				["above the maximum", [TOPIC_ALIAS, PROTOCOL], publish(0x23, 0, 4)],
				["unknown", PROTOCOL, [0x30, 7, 0, 0, 3, 0x23, 0, 2, 0x78]],
			],
			{ properties: { topicAliasMaximum: 3 } },
		);
		ends(script, [["none agreed on", [TOPIC_ALIAS, PROTOCOL], publish(0x23, 0, 1)]], { id: "other" });
	},
	five,
);

proves(
	"5.0 MQTT-4.13.1-1",
	"in place of CONNACK: a packet of another type, or a CONNACK that is malformed, ends the connection",
	({ broker, session }) => {
		session().start();
		for (const bytes of [
			[0x30, 5, ...t, 0, 0x78],
			[0x40, 2, 0, 1],
			[0xd0, 0],
			[0x20, 2, 0, 0],
			[0x20, 3, 2, 0, 0],
			[0x20, 3, 1, 0x87, 0],
			[0x20, 3, 0, 0x7f, 0],
			[0x20, 6, 0, 0, 3, 0x21, 0, 0],
			[0x20, 5, 0, 0, 2, 0x24, 2],
			[0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 0],
			[0x20, 9, 0, 0, 6, 0x13, 0, 1, 0x13, 0, 1],
			[0x21, 3, 0, 0, 0],
		]) {
			const link = broker.accept();
			link.expect("connect");
			link.send(bytes);
			if (link.waiting.length > 0) link.expect("disconnect");
			assert.ok(link.closed, `not closed: ${bytes}`);
		}
	},
	five,
);

proves(
	"5.0 MQTT-4.4.0-2, 03-publish-c2b-qos2-pubrec-error",
	"PUBACK and PUBREC with an error end the exchange: told as dropped, never sent again, no PUBREL, and the next message goes on",
	({ broker, connected }) => {
		const [session, link] = connected();
		for (const [payload, QoS] of [
			["a", 1],
			["b", 2],
			["c", 2],
		] as const)
			session.publish("t", payload, { QoS });
		const a = link.expect("publish", { payload: "a" })["messageId"];
		const b = link.expect("publish", { payload: "b" })["messageId"];
		const c = link.expect("publish", { payload: "c" })["messageId"];
		link.send({ cmd: "puback", messageId: a, reasonCode: 0x87, properties: { reasonString: "not here" } });
		link.send({ cmd: "pubrec", messageId: b, reasonCode: 0x97 });
		link.silent(100);
		assert.deepEqual(session.fates, ["a: dropped", "b: dropped"]);
		const [first, second] = session.of("fate").map(({ error }) => error);
		assert.deepEqual([first.code, first.reasonCode, second.reasonCode], ["rejected", 0x87, 0x97]);
		assert.match(first.message, /not here/);
		link.cut();
		const again = broker.login({ sessionPresent: true });
		again.expect("publish", { payload: "c", dup: true, messageId: c });
		// 0x10, no subscriber, is a success.
		again.send({ cmd: "pubrec", messageId: c, reasonCode: 0x10 });
		again.expect("pubrel", { messageId: c });
		again.send({ cmd: "pubcomp", messageId: c });
		assert.equal(session.fates.at(-1), "c: delivered");
		session.publish("t", "d", { QoS: 2 });
		again.expect("publish", { payload: "d" });
	},
	five,
);

proves(
	"5.0 MQTT-4.3.3-7",
	"a message that was sent does not expire; one that waits does, and is not sent",
	({ broker, connected, pass }) => {
		const [session, link] = connected({ keepAlive: 0 });
		session.publish("t", "sent", { QoS: 2, expiry: 10 });
		const { messageId, properties } = link.expect("publish", { payload: "sent" });
		assert.equal(properties.messageExpiryInterval, 10);
		link.cut();
		session.publish("t", "waits", { QoS: 2, expiry: 10 }).publish("t", "stays", { QoS: 2, expiry: 3600 });
		for (let count = 0; count < 3; count++) {
			const attempt = broker.accept();
			attempt.expect("connect");
			pass(20_000);
			attempt.cut();
		}
		const again = broker.login({ sessionPresent: true });
		again.expect("publish", { payload: "sent", dup: true, messageId });
		const stays = again.expect("publish", { payload: "stays", dup: false })["properties"];
		assert.ok(stays.messageExpiryInterval < 3600 - 50 && stays.messageExpiryInterval > 3600 - 200);
		assert.deepEqual(session.fates, ["waits: expired"]);
		again.send({ cmd: "pubrec", messageId });
		again.expect("pubrel", { messageId });
		again.send({ cmd: "pubcomp", messageId });
	},
	five,
);

proves(
	"5.0 MQTT-4.3.3-13",
	"a message that has expired meanwhile: its exchange is completed all the same",
	({ connected, pass }) => {
		const [session, link] = connected({ keepAlive: 0 });
		session.on("t", 2);
		link.grant();
		link.publish("t", "x", { qos: 2, messageId: 1, properties: { messageExpiryInterval: 1 } });
		link.expect("pubrec", { messageId: 1 });
		pass(60_000);
		link.send({ cmd: "pubrel", messageId: 1 });
		link.expect("pubcomp", { messageId: 1 });
		assert.deepEqual(session.messages, ["t=x"]);
	},
	five,
);
