import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const will = { topic: "casa/sala/status", message: "offline", QoS: 1, retain: true };

/** Where the connect flags stand in a CONNECT with a remaining length of one byte. */
const flagsAt = 9;

proves(
	"TP_MQTT_CLIENT_CONNECT_001, 3.1.1 MQTT-2.2.2-1",
	"CONNECT goes out with header flags 0000",
	({ broker, session }) => {
		session().start();
		const { flags, bytes } = broker.accept().expect("connect");
		assert.equal(flags, 0);
		assert.equal(bytes[0], 0x10);
	},
);

proves("TP_MQTT_CLIENT_CONNECT_002", 'CONNECT names the protocol "MQTT"', ({ broker, session }) => {
	session().start();
	const { bytes } = broker.accept().expect("connect", { protocolId: "MQTT" });
	assert.deepEqual([...bytes.subarray(2, 8)], [0, 4, 0x4d, 0x51, 0x54, 0x54]);
});

proves("TP_MQTT_CLIENT_CONNECT_003", "CONNECT has protocol level 4", ({ broker, session }) => {
	session().start();
	const { bytes } = broker.accept().expect("connect", { protocolVersion: 4 });
	assert.equal(bytes[8], 4);
});

proves(
	"TP_MQTT_CLIENT_CONNECT_004, 3.1.1 MQTT-2.2.2-1",
	"the reserved connect flag is 0, whatever the others are",
	({ broker, session }) => {
		session({ will, user: "u", password: "p", clean: true }).start();
		const link = broker.accept();
		assert.equal(link.expect("connect").bytes[flagsAt], 0b1110_1110);
		session({ id: "other" }).start();
		assert.equal(broker.accept().expect("connect").bytes[flagsAt], 0);
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_005, 3.1.1 MQTT-3.1.2-9, 3.1.1 MQTT-3.1.2-14",
	"a will has its flag, its QoS, topic and message; QoS 3 and a will without topic or message are refused",
	({ broker, session }) => {
		for (const QoS of [0, 1, 2]) {
			session({ will: { ...will, QoS } }).start();
			const { will: sent, bytes } = broker.accept().expect("connect");
			assert.equal(bytes[flagsAt], 0b0010_0100 | (QoS << 3));
			assert.deepEqual([sent.topic, String(sent.payload), sent.qos], [will.topic, "offline", QoS]);
		}
		for (const wrong of [{ QoS: 3 }, { QoS: -1 }, { topic: "" }, { topic: undefined }])
			assert.throws(() => session({ will: { ...will, ...wrong } }), { code: "invalid" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_006, 3.1.1 MQTT-3.1.2-11, 3.1.1 MQTT-3.1.2-13, 3.1.1 MQTT-3.1.2-15",
	"without a will: no flag, QoS 0, no retain, and nothing in the payload but the identifier",
	({ broker, session }) => {
		session().start();
		const { bytes, ...connect } = broker.accept().expect("connect");
		assert.equal(bytes[flagsAt]! & 0b0011_1100, 0);
		assert.equal(connect["will"], undefined);
		assert.deepEqual([...bytes.subarray(12)], [0, 4, ...Buffer.from("node")]);
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_007, 3.1.1 MQTT-3.1.2-18, 3.1.1 MQTT-3.1.2-20, 3.1.1 MQTT-3.1.2-22",
	"without a user: neither flags nor fields of user and password; a password alone is refused",
	({ broker, session }) => {
		session().start();
		const { bytes, ...connect } = broker.accept().expect("connect");
		assert.equal(bytes[flagsAt]! & 0b1100_0000, 0);
		assert.equal(connect["username"], undefined);
		assert.equal(connect["password"], undefined);
		assert.throws(() => session({ password: "p" }), { code: "invalid", clause: "MQTT-3.1.2-22" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_008, 3.1.1 MQTT-3.1.2-19, 3.1.1 MQTT-3.1.2-20",
	"a user goes without a password",
	({ broker, session }) => {
		session({ user: "sala" }).start();
		const { bytes, ...connect } = broker.accept().expect("connect", { username: "sala" });
		assert.equal(bytes[flagsAt]! & 0b1100_0000, 0b1000_0000);
		assert.equal(connect["password"], undefined);
		assert.deepEqual([...bytes.subarray(-6)], [0, 4, ...Buffer.from("sala")]);
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_009, 3.1.1 MQTT-3.1.2-19, 3.1.1 MQTT-3.1.2-21",
	"user and password go with both flags; a password may be bytes, also none at all",
	({ broker, session }) => {
		for (const password of ["p", new Uint8Array([0, 255, 128]), new Uint8Array(0)]) {
			session({ user: "sala", password }).start();
			const { bytes, ...connect } = broker.accept().expect("connect", { username: "sala" });
			assert.equal(bytes[flagsAt]! & 0b1100_0000, 0b1100_0000);
			assert.deepEqual([...connect["password"]], [...Buffer.from(password)]);
		}
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_010, 3.1.1 MQTT-3.1.3-1, 3.1.1 MQTT-3.1.3-3",
	"the payload is identifier, will topic, will message, user, password, in this order",
	({ broker, session }) => {
		session({ id: "I", will: { topic: "T", message: "M" }, user: "U", password: "P" }).start();
		const { bytes } = broker.accept().expect("connect");
		assert.equal(Buffer.from(bytes.subarray(12)).toString(), "\0\x01I\0\x01T\0\x01M\0\x01U\0\x01P");
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_011, 3.1.1 MQTT-3.1.3-4, 3.1.1 MQTT-1.5.3-1",
	"the client identifier is sent as UTF-8; what cannot be is refused",
	({ broker, session }) => {
		for (const id of ["a", "sala-são-joão", "\u{1f525}", "\uffff", "\u0001"]) {
			session({ id }).start();
			const { bytes } = broker.accept().expect("connect", { clientId: id });
			assert.deepEqual([...bytes.subarray(14)], [...Buffer.from(id)]);
		}
		for (const id of ["\ud800", "a\udc00b", "a\0b"]) assert.throws(() => session({ id }), { code: "invalid" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_012, 3.1.1 MQTT-3.1.3-7",
	"an empty client identifier asks for a clean session; with a kept one it is refused",
	({ broker, session, client }) => {
		session({ id: "", clean: true }).start();
		broker.accept().expect("connect", { clientId: "", clean: true });
		client({ id: "" });
		broker.accept().expect("connect", { clientId: "", clean: true });
		assert.throws(() => session({ id: "", clean: false }), { code: "invalid" });
		assert.throws(() => client({ id: "", clean: false }), { code: "invalid" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_013, 3.1.1 MQTT-3.1.3-10",
	"the topic of the will is sent as UTF-8; what cannot be, and a wildcard, is refused",
	({ broker, session }) => {
		session({ will: { topic: "casa/são/\u{1f525}", message: "" } }).start();
		const { bytes } = broker.accept().expect("connect");
		assert.ok(Buffer.from(bytes).includes(Buffer.from("\0\x0ecasa/são/\u{1f525}")));
		for (const topic of ["\ud800", "a\0", "a/#", "+"])
			assert.throws(() => session({ will: { topic, message: "" } }), { code: "invalid" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNECT_014, 3.1.1 MQTT-3.1.3-11",
	"the user name is sent as UTF-8; what cannot be is refused",
	({ broker, session }) => {
		session({ user: "joão\u{1f525}" }).start();
		broker.accept().expect("connect", { username: "joão\u{1f525}" });
		for (const user of ["\udfff", "a\0"]) assert.throws(() => session({ user }), { code: "invalid" });
	},
);

proves(
	"TP_MQTT_CLIENT_CONNACK_001, 3.1.1 MQTT-2.2.2-2, 3.1.1 MQTT-4.8.0-1",
	"a CONNACK with header flags other than 0000: the client closes at once",
	({ broker, session }) => {
		const tested = session({ random: 0 }).start();
		for (let flags = 15; flags >= 1; flags--) {
			const link = broker.accept();
			link.expect("connect");
			link.send([0x20 | flags, 2, 0, 0]);
			link.closes({ within: 0 });
		}
		broker.login();
		assert.equal(tested.connected, true);
		assert.deepEqual(tested.connects, [false]);
	},
);
