import assert from "node:assert/strict";
import { proves, type Script } from "../support/conformance";
import { field } from "../support/mqtt-bytes";

const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const topic = field("t");

/** What is wrong, and the bytes: each must end the connection at once. The session then connects again, and all is well. */
function ends({ broker, session }: Script, wrongs: readonly (readonly [string, readonly number[]])[], clause?: RegExp) {
	const tested = session();
	tested.on("t", 1).start();
	let link = broker.login();
	link.grant();
	for (const [what, bytes] of wrongs) {
		link.send(bytes);
		assert.ok(link.closed, `not closed: ${what}`);
		if (clause) assert.match(tested.log.at(-1)!, clause, what);
		link = broker.login({ sessionPresent: true });
		link.publish("t", what, { qos: 1, messageId: 1 });
		link.expect("puback", { messageId: 1 });
		assert.equal(tested.messages.at(-1), `t=${what}`);
		// A good connection: the next delay is a short one.
		link.silent(40_000);
	}
	assert.equal(tested.messages.length, wrongs.length, "nothing was taken from what was wrong");
}

const publish = (bytes: readonly number[]) => [0x30, bytes.length + 3, 0, bytes.length, ...bytes, 0x78];

proves("3.1.1 MQTT-1.5.3-1", "a topic that is no UTF-8 ends the connection", (script) =>
	ends(
		script,
		[
			["a lone continuation byte", publish([0x80])],
			["cut short", publish([0x61, 0xc3])],
			["overlong", publish([0xc0, 0x80])],
			["overlong, three bytes", publish([0xe0, 0x80, 0xaf])],
			["high surrogate", publish([0xed, 0xa0, 0x80])],
			["low surrogate", publish([0xed, 0xbf, 0xbf])],
			["surrogate pair", publish([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])],
			["above U+10FFFF", publish([0xf4, 0x90, 0x80, 0x80])],
			["five bytes", publish([0xf8, 0x88, 0x80, 0x80, 0x80])],
			["0xFF", publish([0xff])],
		],
		/MQTT-1\.5\.3-1/,
	),
);

proves(
	"3.1.1 MQTT-1.5.3-2, 3.1.1 MQTT-4.7.3-2",
	"a topic with U+0000 ends the connection; none is sent, in no string",
	(script) => {
		ends(
			script,
			[
				["alone", publish([0])],
				["at the end", publish([0x74, 0])],
				["within", publish([0x61, 0, 0x62])],
			],
			/MQTT-1\.5\.3-2/,
		);
		const { session, joined } = script;
		for (const options of [{ id: "a\0" }, { user: "\0" }, { will: { topic: "a\0b" } }])
			assert.throws(() => session(options), { clause: "MQTT-1.5.3-2" });
		assert.throws(() => session().on("a\0b", 0), { clause: "MQTT-1.5.3-2" });
		const [client] = joined();
		const items = [{ topic: "a\0", QoS: 0 }];
		assert.throws(() => client.write(null, { operation: SUBSCRIBE, items }), { clause: "MQTT-1.5.3-2" });
		assert.throws(() => client.write("x", { topic: "\0" }), { clause: "MQTT-1.5.3-2" });
	},
);

proves("3.1.1 MQTT-1.5.3-3", "U+FEFF in a topic is kept, both ways", ({ connected }) => {
	const [session, link] = connected();
	session.publish("\ufeffa", "x");
	const { bytes } = link.expect("publish");
	assert.deepEqual([...bytes.subarray(4, 8)], [0xef, 0xbb, 0xbf, 0x61]);
	session.on("\ufeffa", 0);
	session.on("a", 0);
	link.grant();
	link.grant();
	link.publish("\ufeffa", "with");
	link.publish("a", "without");
	assert.deepEqual(
		session.of("message").map(({ filter, payload }) => [filter, Buffer.from(payload).toString()]),
		[
			["\ufeffa", "with"],
			["a", "without"],
		],
	);
});

proves("3.1.1 MQTT-2.2.2-2", "invalid flags in any packet end the connection", (script) => {
	const wrongs: [string, number[]][] = [];
	const bodies: Record<number, number[]> = {
		4: [0, 1],
		5: [0, 1],
		6: [0, 1],
		7: [0, 1],
		9: [0, 1, 0],
		11: [0, 1],
		13: [],
	};
	for (const [type, body] of Object.entries(bodies))
		for (const flags of [0, 1, 2, 4, 8, 15])
			if (flags !== (type === "6" ? 2 : 0))
				wrongs.push([`type ${type}, flags ${flags}`, [(Number(type) << 4) | flags, body.length, ...body]]);
	ends(script, wrongs, /MQTT-2\.2\.2-2/);
});

proves("3.1.1 MQTT-3.3.1-4", "a message at QoS 3 ends the connection; none is sent", (script) => {
	ends(
		script,
		[0x36, 0x37, 0x3e, 0x3f].map((first) => [`0x${first.toString(16)}`, [first, 6, ...topic, 0, 1, 0x78]]),
		/MQTT-3\.3\.1-4/,
	);
	const { session, joined } = script;
	assert.throws(() => session().publish("t", "x", { QoS: 3 }), { code: "invalid" });
	const [client] = joined();
	assert.throws(() => client.write("x", { topic: "t", QoS: 3 }), { clause: "MQTT-3.3.1-4" });
	for (const QoS of [3, -1, 1.5])
		assert.throws(() => client.write(null, { operation: SUBSCRIBE, items: [{ topic: "t", QoS }] }), {
			code: "invalid",
		});
});

proves(
	"3.1.1 MQTT-4.8.0-1",
	"whatever else breaks the protocol ends the connection, before CONNACK and after",
	(script) => {
		const wrongs: [string, number[]][] = [
			["packet type 0", [0, 0]],
			["packet type 15", [0xf0, 0]],
			["CONNECT", [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0]],
			["SUBSCRIBE", [0x82, 6, 0, 1, ...topic, 0]],
			["UNSUBSCRIBE", [0xa2, 5, 0, 1, ...topic]],
			["PINGREQ", [0xc0, 0]],
			["DISCONNECT", [0xe0, 0]],
			["a second CONNACK", [0x20, 2, 0, 0]],
			["remaining length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 1]],
			["PUBLISH without a topic", [0x30, 2, 0, 0]],
			["PUBLISH whose topic is longer than the packet", [0x30, 3, 0, 2, 0x74]],
			["PUBLISH without room for its identifier", [0x32, 4, ...topic, 0]],
			["PUBLISH with identifier 0", [0x32, 6, ...topic, 0, 0, 0x78]],
			["PUBLISH to a wildcard", publish([0x23])],
			["PUBACK with identifier 0", [0x40, 2, 0, 0]],
			["PUBACK too short", [0x40, 1, 0]],
			["PUBACK too long", [0x40, 3, 0, 1, 0]],
			["PUBREC with identifier 0", [0x50, 2, 0, 0]],
			["PUBREL with identifier 0", [0x62, 2, 0, 0]],
			["PUBREL too long", [0x62, 3, 0, 1, 0]],
			["PUBCOMP with identifier 0", [0x70, 2, 0, 0]],
			["SUBACK without codes", [0x90, 2, 0, 1]],
			["SUBACK with a reserved code", [0x90, 3, 0, 1, 3]],
			["SUBACK longer than any that was asked for", [0x90, 0xff, 0xff, 0x7f, 0, 1]],
			["UNSUBACK too long", [0xb0, 3, 0, 1, 0]],
			["PINGRESP too long", [0xd0, 1, 0]],
			["no MQTT", [...Buffer.from("HTTP/1.1 400 Bad Request\r\n")]],
		];
		ends(script, wrongs);
		const { broker, session } = script;
		const early: [string, number[]][] = [
			["PUBLISH", publish([0x74])],
			["PUBACK", [0x40, 2, 0, 1]],
			["PINGRESP", [0xd0, 0]],
			["CONNACK too short", [0x20, 1, 0]],
			["CONNACK too long", [0x20, 3, 0, 0, 0]],
			["CONNACK with reserved flags", [0x20, 2, 2, 0]],
			["CONNACK with a refusal and a session", [0x20, 2, 1, 5]],
		];
		session({ id: "early" }).start();
		for (const [what, bytes] of early) {
			const link = broker.accept();
			link.expect("connect");
			link.send(bytes);
			assert.ok(link.closed, `not closed: ${what}`);
		}
	},
);

proves(
	"3.1.1 MQTT-4.8.0-2",
	"an acknowledgement that the network refuses ends the connection; the message comes again on the next one",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on("t", 1);
		link.grant();
		link.jam();
		link.publish("t", "x", { qos: 1, messageId: 1 });
		link.closes({ within: 0 });
		const again = broker.login({ sessionPresent: true });
		again.publish("t", "x", { qos: 1, messageId: 1, dup: true });
		again.expect("puback", { messageId: 1 });
		assert.deepEqual(
			session.of("message").map(({ duplicate }) => duplicate),
			[false, true],
		);
	},
);

proves(
	"3.1.1 MQTT-3.1.0-1, 3.1.1 MQTT-3.1.0-2",
	"CONNECT comes first, alone until CONNACK, and once: whatever waits, and however long the connection stands",
	({ broker, session, client }) => {
		const tested = session();
		tested.publish("t", "waits", { QoS: 1 }).on("t", 1).start();
		const link = broker.accept();
		link.expect("connect");
		link.silent(29_000);
		link.connack();
		link.grant();
		const { messageId } = link.expect("publish", { payload: "waits" });
		link.send({ cmd: "puback", messageId });
		for (let count = 0; count < 100; count++) {
			link.expect("pingreq");
			link.send({ cmd: "pingresp" });
		}
		assert.equal(link.heard.filter(({ cmd }) => cmd === "connect").length, 1);
		const early = client();
		assert.throws(() => early.write("x", { topic: "t" }), { code: "not-connected" });
		const other = broker.accept();
		other.expect("connect");
		assert.throws(() => early.write("x", { topic: "t" }), { code: "not-connected" });
		assert.throws(() => early.write(null, { operation: 1 }), { code: "not-connected" });
		other.connack();
		assert.throws(() => early.write(null, { operation: 1 }), { code: "invalid" });
	},
);

proves(
	"3.1.1 MQTT-3.8.3-1, 3.1.1 MQTT-3.8.3-3, 3.1.1 MQTT-3.10.3-2",
	"filters go out as UTF-8; SUBSCRIBE and UNSUBSCRIBE without a filter, and filters that cannot be sent, are refused",
	({ connected, joined }) => {
		const [session, link] = connected();
		for (const filter of ["casa/são/#", "\u{1f525}/+", "\uffff"]) {
			session.on(filter, 0);
			const { bytes } = link.grant();
			const size = Buffer.byteLength(filter);
			assert.deepEqual([...bytes.subarray(4)], [0, size, ...Buffer.from(filter), 0]);
		}
		assert.throws(() => session.on("\ud800", 0), { code: "invalid", clause: "MQTT-1.5.3-1" });
		const [client, other] = joined();
		for (const operation of [SUBSCRIBE, UNSUBSCRIBE])
			for (const items of [
				[],
				undefined,
				[{ topic: "\udc00", QoS: 0 }],
				[
					{ topic: "a", QoS: 0 },
					{ topic: "", QoS: 0 },
				],
			])
				assert.throws(() => client.write(null, { operation, items }), { code: "invalid" });
		link.silent(1000);
		other.silent(1000);
	},
);

proves(
	"3.1.1 MQTT-7.1.2-1, 3.1.1 MQTT-7.0.0-2",
	"byte by byte, or all at once, and through a network that takes 7 bytes at a time: it is the same conversation",
	({ broker, session }) => {
		for (const pieces of [1, 2, 5744]) {
			broker.narrow(7);
			const tested = session({ id: `in-${pieces}` })
				.on("t", 1)
				.start();
			const link = broker.accept();
			link.flow(7, 10);
			link.expect("connect");
			link.sendIn({ pieces, every: pieces === 1 ? 5 : 0 }, { cmd: "connack", returnCode: 0, sessionPresent: false });
			link.flow(7, 10);
			const { messageId } = link.expect("subscribe");
			tested.publish("t", "outgoing", { QoS: 1 });
			link.flow(7, 10);
			const { messageId: id } = link.expect("publish", { payload: "outgoing" });
			link.flow();
			link.sendIn(
				{ pieces },
				{ cmd: "suback", messageId, granted: [1] },
				{ cmd: "puback", messageId: id },
				{ cmd: "publish", topic: "t", payload: "1", qos: 1, messageId: 1 },
				{ cmd: "publish", topic: "t", payload: "x".repeat(600), qos: 1, messageId: 2 },
				{ cmd: "publish", topic: "t", payload: "", qos: 0 },
			);
			link.expect("puback", { messageId: 1 });
			link.expect("puback", { messageId: 2 });
			assert.deepEqual(tested.messages, ["t=1", `t=${"x".repeat(600)}`, "t="]);
			assert.deepEqual(tested.fates, ["outgoing: delivered"]);
			tested.stop();
			link.expect("disconnect");
		}
	},
);
