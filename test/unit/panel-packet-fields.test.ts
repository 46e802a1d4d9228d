// The page names the bytes of packets as the standard does: another decoder judges it.
import assert from "node:assert/strict";
import { test } from "node:test";
import mqttPacket, { type Packet } from "mqtt-packet";
import { fieldsOf } from "../../sim/panel/page/mqtt/packet-fields";

const bytesOf = (packet: Packet, protocolVersion = 4) => mqttPacket.generate(packet, { protocolVersion });
const named = (packet: Packet, version = 4) =>
	fieldsOf(bytesOf(packet, version), version).map(({ part, name, value }) => `${part} ${name}: ${value}`);
const publish = {
	cmd: "publish",
	topic: "a/b",
	payload: "hi",
	qos: 2,
	retain: true,
	dup: true,
	messageId: 258,
} as const;

test("a PUBLISH of 3.1.1 is its control field, remaining length, topic, identifier and payload (MQTT-3.3)", () => {
	assert.deepEqual(named(publish), [
		"control type and flags: PUBLISH, DUP 1, QoS 2, RETAIN 1",
		"remaining remaining length: 9",
		"header topic: length: 3",
		"header topic: a/b",
		"header packet identifier: 258",
		"payload payload: hi",
	]);
});

test("a PUBLISH of MQTT 5 has its properties, each by name (MQTT-2.2.2)", () => {
	const properties = { messageExpiryInterval: 60, contentType: "x", userProperties: { k: "v" } };
	const fields = named({ ...publish, properties }, 5).filter((text) => text.startsWith("properties"));
	assert.equal(fields[0], "properties property length: 16");
	for (const text of ["message expiry interval: 60", "content type: x", "user property: value: v"])
		assert.ok(fields.includes(`properties ${text}`), `${text}: ${fields.join("\n")}`);
});

test("a CONNECT tells its will and its keep alive, and hides the password", () => {
	const connect = {
		cmd: "connect",
		protocolId: "MQTT",
		clientId: "n",
		keepalive: 60,
		clean: false,
		username: "u",
		password: Buffer.from("secret"),
		will: { topic: "w", payload: Buffer.from("offline"), qos: 1, retain: true },
	} as const;
	for (const version of [4, 5] as const) {
		const text = named({ ...connect, protocolVersion: version } as Packet, version).join("\n");
		assert.match(text, /keep alive: 60 s/);
		assert.match(text, /will \(QoS 1, retained\)/);
		assert.match(text, /will message: offline/);
		assert.match(text, /user name: u/);
		assert.doesNotMatch(text, /secret/);
	}
});

const others: [Packet, number, RegExp][] = [
	[{ cmd: "connack", returnCode: 5, sessionPresent: false }, 4, /return code: 5/],
	[{ cmd: "puback", messageId: 9 }, 4, /packet identifier: 9/],
	[{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a/#", qos: 1 }] }, 4, /topic filter: a\/#\n.*QoS 1/],
	[{ cmd: "suback", messageId: 1, granted: [1, 128] }, 4, /QoS 1\n.*128/],
	[{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a"] }, 4, /topic filter: a/],
	[{ cmd: "pingreq" }, 4, /PINGREQ/],
	[{ cmd: "disconnect", reasonCode: 4 }, 5, /reason code: 4/],
];
for (const [packet, version, expected] of others) {
	test(`every byte of a ${packet.cmd} has a name, once`, () => {
		const bytes = bytesOf(packet, version);
		const fields = fieldsOf(bytes, version);
		assert.match(fields.map(({ name, value }) => `${name}: ${value}`).join("\n"), expected);
		assert.deepEqual(
			fields.map(({ from }) => from),
			[0, ...fields.slice(0, -1).map(({ to }) => to)],
		);
		assert.equal(fields.at(-1)?.to, bytes.length);
	});
}

test("a packet that was cut, or is none, is named as far as it goes, and never throws", () => {
	const bytes = bytesOf({ ...publish, payload: "x".repeat(200), properties: { contentType: "y" } }, 5);
	for (let length = 1; length < bytes.length; length++) {
		const fields = fieldsOf(bytes.subarray(0, length), 5);
		assert.equal(fields.at(-1)?.to, length);
	}
	for (let seed = 1; seed < 500; seed++) {
		const junk = Uint8Array.from({ length: seed % 40 }, (_, index) => (seed * 7919 * (index + 3)) % 256);
		for (const version of [4, 5]) fieldsOf(junk, version);
	}
});
