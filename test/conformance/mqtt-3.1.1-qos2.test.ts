import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const two = { QoS: 2 } as const;

proves(
	"3.1.1 MQTT-4.3.3-1, 03-publish-c2b-qos2",
	"sending at QoS 2: PUBLISH without DUP, PUBREL to PUBREC, delivered at PUBCOMP; then the identifier is free",
	({ connected }) => {
		const [session, link] = connected();
		session.publish("t", "x", two);
		const { messageId } = link.expect("publish", { payload: "x", qos: 2, dup: false });
		link.silent(1000);
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId }, { within: 0 });
		assert.deepEqual(session.fates, []);
		assert.equal(session.queued.messages, 1);
		// PUBREC again: PUBREL again, and no PUBLISH.
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId }, { within: 0 });
		link.send({ cmd: "pubcomp", messageId });
		assert.deepEqual(session.fates, ["x: delivered"]);
		assert.equal(session.queued.messages, 0);
		link.send({ cmd: "pubcomp", messageId });
		link.silent(1000);
		assert.deepEqual(session.fates, ["x: delivered"]);
	},
	{ five: "5.0 MQTT-4.3.3-1, 5.0 MQTT-4.3.3-2, 5.0 MQTT-4.3.3-3, 5.0 MQTT-4.3.3-4, 5.0 MQTT-4.3.3-5" },
);

proves(
	"03-publish-c2b-qos2-disconnect, 3.1.1 MQTT-4.3.3-1, 3.1.1 MQTT-4.4.0-1, 3.1.1 MQTT-2.3.1-3",
	"cut before PUBREC: PUBLISH again, with DUP; cut before PUBCOMP: PUBREL again, and never PUBLISH",
	({ broker, connected }) => {
		const [session, first] = connected();
		let link = first;
		session.publish("t", "x", two);
		const { messageId } = link.expect("publish", { dup: false });
		for (let count = 0; count < 3; count++) {
			link.cut();
			link = broker.login({ sessionPresent: true });
			link.expect("publish", { payload: "x", qos: 2, dup: true, messageId });
		}
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId });
		for (let count = 0; count < 3; count++) {
			link.cut();
			link = broker.login({ sessionPresent: true });
			link.expect("pubrel", { messageId });
			link.silent(1000);
		}
		link.send({ cmd: "pubcomp", messageId });
		assert.deepEqual(session.fates, ["x: delivered"]);
		link.cut();
		broker.login({ sessionPresent: true }).silent(29_000);
	},
	{ five: "5.0 MQTT-4.3.3-3, 5.0 MQTT-4.3.3-5, 5.0 MQTT-4.3.3-6, 5.0 MQTT-4.4.0-1" },
);

proves(
	"03-publish-c2b-qos2-timeout",
	"30 s without PUBREC, then without PUBCOMP: on a new connection PUBLISH, and PUBREL, go out again",
	({ broker, connected }) => {
		const [session, first] = connected();
		let link = first;
		session.publish("pub/qos2/test", "message", two);
		const { messageId } = link.expect("publish", { dup: false });
		link.closes({ after: 30_000, within: 30_000 });
		link = broker.login({ sessionPresent: true }, { after: 1000 });
		link.expect("publish", { dup: true, messageId });
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId });
		link.closes({ after: 30_000, within: 30_000 });
		link = broker.login({ sessionPresent: true }, { after: 1000 });
		link.expect("pubrel", { messageId });
		link.send({ cmd: "pubcomp", messageId });
		assert.deepEqual(session.fates, ["message: delivered"]);
	},
	{
		differs: "sent again on a new connection, after 30 s, as MQTT 5.0 demands (MQTT-4.4.0-1), and not on the same one",
	},
);

proves(
	"3.1.1 MQTT-4.4.0-1, 3.1.1 MQTT-4.6.0-1, 3.1.1 MQTT-4.6.0-4",
	"after a cut: PUBRELs in the order of their PUBRECs, and PUBLISHes at QoS 1 and 2 in the order in which they went out",
	({ broker, connected }) => {
		const [session, link] = connected();
		for (const [payload, QoS] of Object.entries({ a: 2, b: 1, c: 2, d: 2, e: 1, f: 2 }))
			session.publish("t", payload, { QoS });
		const ids: Record<string, number> = {};
		for (const payload of "abcdef") ids[payload] = link.expect("publish", { payload })["messageId"];
		for (const payload of ["d", "a"]) {
			link.send({ cmd: "pubrec", messageId: ids[payload] });
			link.expect("pubrel", { messageId: ids[payload] });
		}
		link.cut();
		const again = broker.login({ sessionPresent: true });
		again.expect("pubrel", { messageId: ids["d"] });
		again.expect("pubrel", { messageId: ids["a"] });
		for (const payload of "bcef") again.expect("publish", { payload, dup: true, messageId: ids[payload] });
		for (const payload of "da") again.send({ cmd: "pubcomp", messageId: ids[payload] });
		for (const payload of "be") again.send({ cmd: "puback", messageId: ids[payload] });
		for (const payload of "cf") {
			again.send({ cmd: "pubrec", messageId: ids[payload] });
			again.expect("pubrel", { messageId: ids[payload] });
			again.send({ cmd: "pubcomp", messageId: ids[payload] });
		}
		assert.equal(session.fates.filter((fate) => fate.endsWith(": delivered")).length, 6);
	},
	{ five: "5.0 MQTT-4.4.0-1, 5.0 MQTT-4.6.0-1, 5.0 MQTT-4.6.0-4" },
);

proves(
	"3.1.1 MQTT-4.3.3-2, 03-publish-b2c-qos2",
	"receiving at QoS 2: however often the message and its PUBREL come, also on the next connections, it is delivered once; then its identifier is a new message",
	({ broker, connected }) => {
		const [session, first] = connected();
		let link = first;
		session.on("t", 2);
		link.grant();
		const message = { qos: 2, messageId: 13_423 };
		link.publish("t", "one", message);
		link.expect("pubrec", { messageId: 13_423 });
		assert.deepEqual(session.messages, ["t=one"]);
		for (let count = 0; count < 3; count++) {
			link.publish("t", "one", { ...message, dup: true });
			link.expect("pubrec", { messageId: 13_423 });
			link.cut();
			link = broker.login({ sessionPresent: true });
			link.publish("t", "one", { ...message, dup: true });
			link.expect("pubrec", { messageId: 13_423 });
		}
		for (let count = 0; count < 3; count++) {
			link.send({ cmd: "pubrel", messageId: 13_423 });
			link.expect("pubcomp", { messageId: 13_423 });
			link.cut();
			link = broker.login({ sessionPresent: true });
		}
		assert.deepEqual(session.messages, ["t=one"]);
		link.publish("t", "two", message);
		link.expect("pubrec", { messageId: 13_423 });
		link.send({ cmd: "pubrel", messageId: 13_423 });
		link.expect("pubcomp", { messageId: 13_423 });
		assert.deepEqual(session.messages, ["t=one", "t=two"]);
	},
	{ five: "5.0 MQTT-4.3.3-8, 5.0 MQTT-4.3.3-10, 5.0 MQTT-4.3.3-11, 5.0 MQTT-4.3.3-12" },
);

proves(
	"3.1.1 MQTT-4.3.3-2",
	"PUBREC when the handlers have returned; a handler that fails gets the message no second time",
	({ connected }) => {
		const [session, link] = connected();
		session.on("t", 2, { reply: { topic: "answer", payload: "from within" }, throws: true });
		link.grant();
		for (const dup of [false, true]) {
			link.publish("t", "x", { qos: 2, messageId: 1, dup });
			if (!dup) link.expect("publish", { payload: "from within" });
			link.expect("pubrec", { messageId: 1 });
		}
		link.send({ cmd: "pubrel", messageId: 1 });
		link.expect("pubcomp", { messageId: 1 });
		assert.deepEqual(session.messages, ["t=x"]);
	},
	{ five: "5.0 MQTT-4.3.3-8" },
);

proves(
	"3.1.1 MQTT-4.6.0-3",
	"five messages at QoS 2 that overlap: PUBRECs in their order, PUBCOMPs as their PUBRELs come",
	({ connected }) => {
		const [session, link] = connected();
		session.on("t", 2);
		link.grant();
		const ids = [5, 3, 9, 1, 7];
		link.send(...ids.map((messageId) => ({ cmd: "publish", topic: "t", payload: `${messageId}`, qos: 2, messageId })));
		for (const messageId of ids) link.expect("pubrec", { messageId });
		const order = [9, 5, 7, 1, 3];
		link.send(...order.map((messageId) => ({ cmd: "pubrel", messageId })));
		for (const messageId of order) link.expect("pubcomp", { messageId });
		assert.deepEqual(
			session.messages,
			ids.map((id) => `t=${id}`),
		);
	},
	{ five: "5.0 MQTT-4.6.0-3" },
);

proves(
	"3.1.1 MQTT-4.1.0-1, 3.1.1 MQTT-3.1.2-6",
	"the broker lost the session: before PUBREC the message goes out as new, after it its fate is unknown, and an identifier received is new again",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on("t", 2).publish("a", "before", two).publish("a", "after", two);
		link.grant();
		link.expect("publish", { payload: "before" });
		const { messageId } = link.expect("publish", { payload: "after" });
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId });
		link.publish("t", "x", { qos: 2, messageId: 1 });
		link.expect("pubrec");
		link.cut();
		const again = broker.login({ sessionPresent: false });
		assert.deepEqual(session.fates, ["after: unknown"]);
		again.grant();
		again.expect("publish", { payload: "before", dup: false });
		again.publish("t", "y", { qos: 2, messageId: 1 });
		again.expect("pubrec");
		assert.deepEqual(session.messages, ["t=x", "t=y"]);
	},
	{ five: "5.0 MQTT-3.2.2-5" },
);

proves(
	"3.1.1 MQTT-4.1.0-1",
	"a CONNACK that was lost may have told of a new session: filters are subscribed again although the broker kept that one",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on("t", 1);
		link.grant();
		link.cut();
		const half = broker.accept();
		half.expect("connect");
		half.cut();
		broker.login({ sessionPresent: true }).grant();
		assert.equal(session.connected, true);
	},
	{ five: "5.0 MQTT-4.1.0-1" },
);
