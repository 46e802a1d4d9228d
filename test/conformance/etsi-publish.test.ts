import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const topic = "casa/sala/temperatura";

proves(
	"TP_MQTT_CLIENT_PUBLISH_001, 3.1.1 MQTT-3.3.1-2, 3.1.1 MQTT-4.3.1-1",
	"QoS 0 goes without DUP, also when a layer above asks for it",
	({ connected, joined }) => {
		const [session, link] = connected();
		session.publish(topic, "21.5");
		assert.equal(link.expect("publish", { topic, payload: "21.5", qos: 0, dup: false }).flags, 0);
		const [client, other] = joined();
		client.write("x", { topic, QoS: 0, retain: true, duplicate: true });
		assert.equal(other.expect("publish", { qos: 0, dup: false }).flags, 1);
	},
);

for (const [purpose, QoS] of [
	["TP_MQTT_CLIENT_PUBLISH_002", 1],
	["TP_MQTT_CLIENT_PUBLISH_003", 2],
] as const)
	proves(purpose, `a new message at QoS ${QoS} goes without DUP`, ({ joined }) => {
		const [client, link] = joined();
		for (const retain of [false, true]) {
			client.write("x", { topic, QoS, retain });
			assert.equal(link.expect("publish", { topic, qos: QoS, dup: false, retain }).flags, (QoS << 1) | Number(retain));
		}
	});

proves(
	"TP_MQTT_CLIENT_PUBLISH_004, 3.1.1 MQTT-3.3.2-1, 3.1.1 MQTT-1.5.3-1, 3.1.1 MQTT-4.7.3-2",
	"the topic comes first and is UTF-8; what cannot be is refused and not sent",
	({ connected }) => {
		const [session, link] = connected();
		for (const name of ["a", "casa/são", "\u{1f525}/\uffff", " /"]) {
			session.publish(name, "x");
			const { bytes } = link.expect("publish", { topic: name });
			const length = Buffer.byteLength(name);
			assert.deepEqual([...bytes.subarray(2, 4 + length)], [0, length, ...Buffer.from(name)]);
		}
		for (const wrong of ["\ud800", "a/\udc00", "a\0b"])
			assert.throws(() => session.publish(wrong, "x"), { code: "invalid" });
		link.silent(1000);
	},
);

proves(
	"TP_MQTT_CLIENT_PUBLISH_005, 3.1.1 MQTT-3.3.2-2, 3.1.1 MQTT-4.7.1-1",
	"a topic with a wildcard is refused and not sent",
	({ connected, joined }) => {
		const [session, link] = connected();
		const [client, other] = joined();
		for (const wrong of ["#", "+", "a/#", "a/+/b", "a+b", "#/a"]) {
			assert.throws(() => session.publish(wrong, "x", { QoS: 1 }), { code: "invalid", clause: "MQTT-3.3.2-2" });
			assert.throws(() => client.write("x", { topic: wrong }), { code: "invalid", clause: "MQTT-3.3.2-2" });
		}
		link.silent(1000);
		other.silent(1000);
	},
);

proves("TP_MQTT_CLIENT_PUBLISH_006, 3.1.1 MQTT-3.3.4-1", "a message at QoS 0 is not answered", ({ connected }) => {
	const [session, link] = connected();
	session.on(topic, 0);
	link.grant();
	link.publish(topic, "x", { qos: 0 });
	assert.deepEqual(session.messages, [`${topic}=x`]);
	link.silent(44_000);
});

proves(
	"TP_MQTT_CLIENT_PUBLISH_007, 3.1.1 MQTT-3.3.4-1",
	"a message at QoS 1 is answered with PUBACK, once",
	({ connected }) => {
		const [session, link] = connected();
		session.on(topic, 1);
		link.grant();
		link.publish(topic, "x", { qos: 1, messageId: 4711 });
		link.expect("puback", { messageId: 4711 }, { within: 0 });
		assert.deepEqual(session.messages, [`${topic}=x`]);
		link.silent(44_000);
	},
);

proves(
	"TP_MQTT_CLIENT_PUBLISH_008, 3.1.1 MQTT-3.3.4-1",
	"a message at QoS 2 is answered with PUBREC, once",
	({ joined }) => {
		const [client, link] = joined();
		link.publish(topic, "x", { qos: 2, messageId: 4711 });
		link.expect("pubrec", { messageId: 4711 }, { within: 0 });
		assert.deepEqual(client.messages, [`${topic}=x`]);
		link.silent(44_000);
	},
);

proves(
	"TP_MQTT_CLIENT_PUBLISH_009, TP_MQTT_CLIENT_PUBLISH_010, 3.1.1 MQTT-2.3.1-1, 3.1.1 MQTT-2.3.1-2",
	"identifiers are never 0, and never one that is in use: also when 65,535 messages later they come round",
	({ connected }) => {
		const [session, link] = connected();
		session.publish("t", "held", { QoS: 1 });
		const { messageId: held } = link.expect("publish");
		const seen = new Set<number>();
		for (let count = 0; count < 65_600; count += 10) {
			session.publishes(10, "t", "x", { QoS: 1 });
			const ids = Array.from({ length: 10 }, () => link.expect("publish", { qos: 1 })["messageId"] as number);
			assert.ok(ids.every((id) => id >= 1 && id <= 65_535 && id !== held));
			for (const id of ids) seen.add(id);
			link.send(...ids.map((messageId) => ({ cmd: "puback", messageId })));
		}
		assert.equal(seen.size, 65_534);
	},
);

proves(
	"TP_MQTT_CLIENT_PUBLISH_010, 3.1.1 MQTT-2.3.1-2",
	"messages in flight have identifiers of their own",
	({ connected }) => {
		const [session, link] = connected({ window: 100, queue: { messages: 200 } });
		const ids = new Set<number>();
		for (let count = 0; count < 100; count++) {
			session.publish("t", `${count}`, { QoS: 1 });
			ids.add(link.expect("publish", { payload: `${count}` })["messageId"]);
		}
		assert.equal(ids.size, 100);
	},
);

proves(
	"TP_MQTT_CLIENT_PUBLISH_011, 3.1.1 MQTT-2.3.1-5",
	"at QoS 0 no identifier stands between topic and payload",
	({ connected }) => {
		const [session, link] = connected();
		session.publish("t", "x", { QoS: 0 });
		const { bytes, ...publish } = link.expect("publish");
		assert.equal(publish["messageId"], undefined);
		assert.deepEqual([...bytes], [0x30, 4, 0, 1, 0x74, 0x78]);
	},
);

for (const [kind, QoS] of [
	["PUBACK", 1],
	["PUBREC", 2],
] as const) {
	const cmd = kind.toLowerCase();
	proves(`TP_MQTT_CLIENT_${kind}_001, 3.1.1 MQTT-2.2.2-1`, `${kind} goes out with header flags 0000`, ({ joined }) => {
		const [, link] = joined();
		link.publish(topic, "x", { qos: QoS, messageId: 1 });
		assert.equal(link.expect(cmd).flags, 0);
	});
	proves(
		`TP_MQTT_CLIENT_${kind}_002, 3.1.1 MQTT-2.3.1-6`,
		`${kind} has the identifier of its message, from 1 to 65,535`,
		({ joined }) => {
			const [, link] = joined();
			for (const messageId of [1, 255, 256, 65_535]) {
				link.publish(topic, "x", { qos: QoS, messageId });
				const { bytes } = link.expect(cmd, { messageId });
				assert.deepEqual([...bytes.subarray(1)], [2, messageId >> 8, messageId & 255]);
			}
		},
	);
}

proves(
	"TP_MQTT_CLIENT_PUBREL_001, 3.1.1 MQTT-3.6.1-1",
	"PUBREL goes out with header flags 0010, as the standard has it: the purpose's 0000 is an erratum",
	({ joined }) => {
		const [client, link] = joined();
		client.write("x", { topic, QoS: 2 });
		const { messageId } = link.expect("publish", { qos: 2 });
		link.send({ cmd: "pubrec", messageId });
		assert.equal(link.expect("pubrel").flags, 0b0010);
	},
);

proves("TP_MQTT_CLIENT_PUBREL_002, 3.1.1 MQTT-2.3.1-6", "PUBREL answers PUBREC with its identifier", ({ joined }) => {
	const [client, link] = joined();
	for (const id of [1, 256, 65_535]) {
		client.write("x", { topic, QoS: 2, id });
		link.expect("publish", { messageId: id });
		link.send({ cmd: "pubrec", messageId: id });
		link.expect("pubrel", { messageId: id }, { within: 0 });
		link.send({ cmd: "pubcomp", messageId: id });
	}
});

proves(
	"TP_MQTT_CLIENT_PUBCOMP_001, 3.1.1 MQTT-2.2.2-1",
	"PUBCOMP goes out with header flags 0000 and the identifier of its PUBREL",
	({ joined }) => {
		const [, link] = joined();
		link.publish(topic, "x", { qos: 2, messageId: 258 });
		link.expect("pubrec");
		link.send({ cmd: "pubrel", messageId: 258 });
		assert.deepEqual([...link.expect("pubcomp").bytes], [0x70, 2, 1, 2]);
	},
);
