import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const five = { version: 5 } as const;
const will = {
	topic: "T",
	message: "M",
	QoS: 2,
	retain: true,
	properties: { willDelayInterval: 5, contentType: "text/plain", userProperties: [["a", "b"]] },
};
/** Where the connect flags stand in a CONNECT with a remaining length of one byte. */
const flagsAt = 9;

proves(
	"5.0 MQTT-3.1.0-1, 5.0 MQTT-3.1.0-2, 5.0 MQTT-2.1.3-1, 5.0 MQTT-2.2.2-1, 5.0 MQTT-3.1.3-3",
	"CONNECT comes first and once, at protocol version 5; without properties there is a length of 0",
	({ broker, session }) => {
		session({ clean: true }).start();
		const link = broker.accept();
		const { bytes } = link.expect("connect", { protocolVersion: 5, clean: true });
		const variable = [0, 4, ...Buffer.from("MQTT"), 5, 2, 0, 60, 0];
		assert.deepEqual([...bytes], [0x10, 17, ...variable, 0, 4, ...Buffer.from("node")]);
		link.connack();
		for (let count = 0; count < 10; count++) {
			link.expect("pingreq");
			link.send({ cmd: "pingresp" });
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.1.2-9, 5.0 MQTT-3.1.2-12, 5.0 MQTT-3.1.3-1",
	"the payload is identifier, will properties, will topic, will payload, user, password; will QoS 0, 1 or 2",
	({ broker, session }) => {
		session({ id: "I", will, user: "U", password: "P", clean: true }).start();
		const { bytes } = broker.accept().expect("connect");
		assert.equal(bytes[flagsAt], 0b1111_0110);
		const payload = bytes.subarray(13);
		assert.deepEqual([...payload.subarray(0, 3)], [0, 1, 0x49]);
		const size = payload[3]!;
		assert.equal(size, 5 + (1 + 2 + 10) + (1 + 2 + 1 + 2 + 1));
		assert.equal(Buffer.from(payload.subarray(4 + size)).toString(), "\0\x01T\0\x01M\0\x01U\0\x01P");
		for (const QoS of [0, 1, 2]) {
			session({ will: { ...will, QoS } }).start();
			const sent = broker.accept().expect("connect")["will"];
			assert.equal(sent.qos, QoS);
			assert.equal(sent.properties.willDelayInterval, 5);
			assert.equal(sent.properties.contentType, "text/plain");
			assert.deepEqual({ ...sent.properties.userProperties }, { a: "b" });
		}
		assert.throws(() => session({ will: { ...will, QoS: 3 } }), { code: "invalid" });
		assert.throws(() => session({ will: { ...will, properties: { topicAlias: 1 } } }), /topicAlias/);
	},
	five,
);

proves(
	"5.0 MQTT-3.1.2-11, 5.0 MQTT-3.1.2-13, 5.0 MQTT-3.1.2-16, 5.0 MQTT-3.1.2-18",
	"without will and user: no flags but Clean Start, and nothing behind the identifier",
	({ broker, session }) => {
		for (const clean of [false, true]) {
			session({ clean }).start();
			const { bytes } = broker.accept().expect("connect");
			assert.equal(bytes[flagsAt], clean ? 2 : 0);
			assert.deepEqual([...bytes.subarray(-6)], [0, 4, ...Buffer.from("node")]);
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.1.2-17, 5.0 MQTT-3.1.2-19",
	"user and password go with their flags; 5.0 allows a user alone, too",
	({ broker, session }) => {
		session({ user: "sala", password: "p" }).start();
		const { bytes, ...connect } = broker.accept().expect("connect", { username: "sala" });
		assert.equal(bytes[flagsAt], 0b1100_0000);
		assert.equal(String(connect["password"]), "p");
		session({ user: "sala" }).start();
		assert.equal(broker.accept().expect("connect", { username: "sala" }).bytes[flagsAt], 0b1000_0000);
	},
	five,
);

proves(
	"5.0 MQTT-1.5.4-1, 5.0 MQTT-1.5.4-2, 5.0 MQTT-1.5.7-1, 5.0 MQTT-3.1.3-4, 5.0 MQTT-3.1.3-11, 5.0 MQTT-3.1.3-12, 5.0 MQTT-3.3.2-13, 5.0 MQTT-3.3.2-19",
	"every string is sent as UTF-8, in properties too; what cannot be, and U+0000, is refused",
	({ broker, session, connected }) => {
		const text = "são\u{1f525}\ufeff";
		const userProperties = [[text, text]];
		session({ id: text, user: text, will: { topic: text, message: "" }, properties: { userProperties } }).start();
		const connect = broker.accept().expect("connect", { clientId: text, username: text });
		assert.equal(connect["will"].topic, text);
		assert.deepEqual({ ...connect["properties"].userProperties }, { [text]: text });
		const [tested, link] = connected();
		const properties = { responseTopic: text, contentType: text, userProperties };
		tested.publish(text, "x", { properties });
		const sent = link.expect("publish", { topic: text })["properties"];
		assert.deepEqual([sent.responseTopic, sent.contentType, sent.userProperties[text]], [text, text, text]);
		for (const wrong of ["\ud800", "a\udc00", "a\0"]) {
			for (const options of [
				{ id: wrong },
				{ user: wrong },
				{ will: { topic: wrong, message: "" } },
				{ will: { topic: "t", message: "", properties: { contentType: wrong } } },
				{ properties: { userProperties: [[wrong, "a"]] } },
				{ properties: { userProperties: [["a", wrong]] } },
				{ properties: { authenticationMethod: wrong } },
			])
				assert.throws(() => session(options), { code: "invalid" }, JSON.stringify(options));
			for (const properties of [{ responseTopic: wrong }, { contentType: wrong }, { userProperties: [["a", wrong]] }])
				assert.throws(() => tested.publish("t", "x", { properties }), { code: "invalid" });
			assert.throws(() => tested.publish(wrong, "x"), { code: "invalid" });
			assert.throws(() => tested.on(wrong, 0), { code: "invalid" });
		}
		link.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-1.5.4-3",
	"U+FEFF is kept in a topic and in a property, both ways",
	({ connected }) => {
		const [session, link] = connected();
		session.publish("\ufeffa", "x", { properties: { contentType: "\ufeffb" } });
		const { bytes } = link.expect("publish");
		assert.ok(Buffer.from(bytes).includes(Buffer.from("\0\x04\ufeffa")));
		assert.ok(Buffer.from(bytes).includes(Buffer.from("\0\x04\ufeffb")));
		session.on("\ufeffa", 0);
		link.grant();
		link.publish("\ufeffa", "y", { properties: { contentType: "\ufeffc" } });
		assert.deepEqual(session.messages, ["\ufeffa=y"]);
		assert.equal(session.of("message")[0].properties.contentType, "\ufeffc");
	},
	five,
);

proves(
	"5.0 MQTT-1.5.5-1",
	"lengths of packets and properties, and subscription identifiers, take no more bytes than needed; longer forms end the connection",
	({ broker, session, connected, joined }) => {
		const [client, link] = joined({ receiveBuffer: 1024 });
		for (const [id, size] of [
			[1, 1],
			[127, 1],
			[128, 2],
			[16_383, 2],
			[16_384, 3],
			[2_097_151, 3],
			[2_097_152, 4],
			[268_435_455, 4],
		] as const) {
			client.write(null, { operation: 8, items: [{ topic: "t", QoS: 0 }], properties: { subscriptionIdentifier: id } });
			const { bytes, messageId } = link.expect("subscribe");
			assert.equal(bytes[4], 1 + size, `identifier ${id}`);
			link.send({ cmd: "suback", messageId, granted: [0] });
		}
		for (const length of [126, 127, 128, 129]) {
			client.write("x", { topic: "t", properties: { contentType: "c".repeat(length - 3) } });
			const { bytes } = link.expect("publish");
			const size = length < 128 ? 1 : 2;
			assert.equal(bytes.length, (3 + length + size + 1 < 128 ? 2 : 3) + 3 + size + length + 1);
		}
		for (const bytes of [
			[0xd0, 0x80, 0],
			[0x30, 0x85, 0, 0, 1, 0x74, 0, 0x78],
			[0x30, 6, 0, 1, 0x74, 0x80, 0, 0x78],
		]) {
			const [tested, other] = connected();
			other.send(bytes);
			other.expect("disconnect", { reasonCode: 0x81 });
			other.closes({ within: 0 });
			tested.stop();
		}
		assert.ok(broker.connections > 3);
		void session;
	},
	five,
);

proves(
	"01-server-keepalive-pingreq, 5.0 MQTT-3.1.2-20, 5.0 MQTT-3.1.2-21, 5.0 MQTT-3.2.2-21",
	"the keep-alive of CONNACK takes the place of the session's, shorter or longer, also none",
	({ broker, session }) => {
		for (const [asked, given] of [
			[60, 4],
			[4, 60],
			[0, 10],
		] as const) {
			const tested = session({ keepAlive: asked }).start();
			const link = broker.accept();
			link.expect("connect", { keepalive: asked });
			link.connack({ properties: { serverKeepAlive: given } });
			for (let count = 0; count < 3; count++) {
				link.expect("pingreq", {}, { after: given * 500, within: given * 1000 });
				link.send({ cmd: "pingresp" });
			}
			tested.stop();
			link.expect("disconnect");
		}
		const tested = session({ keepAlive: 10 }).start();
		const link = broker.login({ properties: { serverKeepAlive: 0 } });
		link.silent(3_600_000);
		tested.stop();
		link.expect("disconnect");
		session({ keepAlive: 10 }).start();
		broker.login().expect("pingreq", {}, { within: 10_000 });
	},
	five,
);

proves(
	"5.0 MQTT-3.1.2-23, 5.0 MQTT-3.1.3-2",
	"the session expiry interval: for ever, or as asked; none with a clean session; the identifier stays the same",
	({ broker, session }) => {
		for (const [options, expected] of [
			[{}, 0xffff_ffff],
			[{ sessionExpiry: 3600 }, 3600],
			[{ clean: true }, undefined],
			[{ sessionExpiry: 0 }, undefined],
		] as const) {
			const tested = session(options).start();
			for (let count = 0; count < 2; count++) {
				const link = broker.accept();
				const { properties } = link.expect("connect", { clientId: "node" });
				assert.equal(properties?.sessionExpiryInterval, expected);
				link.connack();
				link.cut();
			}
			tested.stop();
		}
		broker.quiet(60_000);
	},
	five,
);

proves(
	"5.0 MQTT-3.2.2-4",
	"a first connection after a start meets a session that the broker kept: it is taken over, and everything subscribed again",
	({ broker, session }) => {
		const tested = session().on("t", 1).start();
		const link = broker.login({ sessionPresent: true });
		link.grant();
		link.publish("t", "kept for the node", { qos: 1, messageId: 1 });
		link.expect("puback");
		assert.deepEqual(tested.messages, ["t=kept for the node"]);
	},
	{
		...five,
		differs:
			"orders that waited for the node while it restarted are wanted: its filters and identifier are its session",
	},
);

proves(
	"5.0 MQTT-3.2.2-4",
	"Clean Start, and the broker claims to have kept a session: DISCONNECT 0x82, and closed",
	({ broker, session }) => {
		session({ clean: true }).start();
		const link = broker.accept();
		link.expect("connect", { clean: true });
		link.connack({ sessionPresent: true });
		link.expect("disconnect", { reasonCode: 0x82 });
		link.closes({ within: 0 });
	},
	five,
);

proves(
	"5.0 MQTT-4.13.2-1, 5.0 MQTT-3.14.4-2",
	"CONNACK or DISCONNECT with an error: closed, with the broker's reason in the log, and tried again",
	({ broker, connected, session }) => {
		const tested = session().start();
		for (const [code, reason] of [
			[0x87, /[Nn]ot authori[sz]ed/],
			[0x88, /unavailable/],
			[0x89, /busy/],
			[0x84, /[Pp]rotocol/],
		] as const) {
			const link = broker.accept();
			link.expect("connect");
			link.connack({ code, properties: { reasonString: "so it is" } });
			link.closes({ within: 0 });
			assert.match(tested.log.at(-1)!, reason);
		}
		tested.stop();
		const [other, link] = connected();
		link.send({ cmd: "disconnect", reasonCode: 0x8b, properties: { reasonString: "until tomorrow" } });
		link.closes({ within: 0 });
		assert.match(other.log.at(-1)!, /until tomorrow/);
		broker.login({}, { after: 1000 });
		assert.equal(other.connected, true);
	},
	five,
);
