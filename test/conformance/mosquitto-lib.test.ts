import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const will = { topic: "topic/on/unexpected/disconnect", message: "will message", QoS: 1, retain: true };
const sentWill = { topic: will.topic, qos: 1, retain: true };

proves("01-con-discon-success", "connects, and says goodbye with DISCONNECT", ({ broker, session }) => {
	const tested = session({ id: "01-con-discon-success", clean: true }).start();
	const link = broker.accept();
	link.expect("connect", { clientId: "01-con-discon-success", clean: true, keepalive: 60 });
	assert.deepEqual(tested.connects, []);
	link.connack();
	assert.deepEqual(tested.connects, [false]);
	tested.stop();
	link.expect("disconnect");
	link.closes({ within: 500 });
	broker.quiet(120_000);
});

proves("01-keepalive-pingreq", "an idle connection is kept by PINGREQ and PINGRESP", ({ connected }) => {
	const [session, link] = connected({ keepAlive: 5 });
	for (let count = 0; count < 3; count++) {
		link.expect("pingreq", {}, { within: 5000 });
		link.send({ cmd: "pingresp" });
	}
	assert.equal(session.connected, true);
});

proves("01-no-clean-session", "asks for a session that is kept, unless told otherwise", ({ broker, session }) => {
	session().start();
	broker.accept().expect("connect", { clean: false });
	session({ clean: true }).start();
	broker.accept().expect("connect", { clean: true });
});

proves("01-unpwd-set", "user and password are sent", ({ broker, session }) => {
	session({ user: "uname", password: ";'[08gn=#" }).start();
	const { password } = broker.accept().expect("connect", { username: "uname" });
	assert.equal(String(password), ";'[08gn=#");
});

proves("01-will-set", "a will is sent", ({ broker, session }) => {
	session({ will }).start();
	const sent = broker.accept().expect("connect")["will"];
	assert.deepEqual({ ...sent, payload: String(sent.payload) }, { ...sentWill, payload: "will message" });
});

proves("01-will-unpwd-set", "a will, a user and a password are sent together", ({ broker, session }) => {
	session({ will, user: "oibvvwqw", password: "#'^2hg9a&nm38*us" }).start();
	const { will: sent, password } = broker.accept().expect("connect", { username: "oibvvwqw" });
	assert.deepEqual({ ...sent, payload: String(sent.payload) }, { ...sentWill, payload: "will message" });
	assert.equal(String(password), "#'^2hg9a&nm38*us");
});

for (const QoS of [0, 1, 2])
	proves(`02-subscribe-qos${QoS}`, `subscribes at QoS ${QoS}, and learns what was granted`, ({ joined }) => {
		const [client, link] = joined();
		const topic = `qos${QoS}/test`;
		client.write(null, { operation: SUBSCRIBE, items: [{ topic, QoS }] });
		const { messageId } = link.grant();
		assert.deepEqual(client.control.at(-1), { operation: 9, id: messageId, payload: [QoS] });
	});

for (const QoS of [0, 1, 2])
	proves(`02-subscribe-qos${QoS}`, `a handler at QoS ${QoS} is subscribed, once`, ({ connected }) => {
		const [session, link] = connected();
		session.on(`qos${QoS}/test`, QoS).on(`qos${QoS}/test`, QoS);
		const { subscriptions } = link.grant();
		assert.deepEqual({ ...subscriptions[0] }, { topic: `qos${QoS}/test`, qos: QoS });
		link.silent(1000);
	});

proves("02-unsubscribe", "unsubscribes several filters, and learns that it was done", ({ joined }) => {
	const [client, link] = joined();
	client.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "unsubscribe/test" }, { topic: "no-sub" }] });
	const { messageId } = link.expect("unsubscribe", { unsubscriptions: ["unsubscribe/test", "no-sub"] });
	link.send({ cmd: "unsuback", messageId });
	assert.deepEqual(client.control.at(-1), { operation: 11, id: messageId });
});

proves("03-publish-qos0", "a message goes out at QoS 0, and nothing is waited for", ({ connected }) => {
	const [session, link] = connected();
	session.publish("pub/qos0/test", "message");
	link.expect("publish", { topic: "pub/qos0/test", payload: "message", qos: 0 }, { within: 0 });
	assert.equal(session.queued.messages, 0);
});

proves("03-publish-qos0-no-payload", "an empty message goes out, and comes in", ({ connected }) => {
	const [session, link] = connected();
	session.publish("pub/qos0/no-payload/test", "");
	const { bytes } = link.expect("publish", { payload: "" });
	assert.equal(bytes.length, 2 + 2 + "pub/qos0/no-payload/test".length);
	session.on("in", 1);
	link.grant();
	for (const qos of [0, 1]) link.publish("in", "", { qos, messageId: 1 });
	link.expect("puback");
	link.publish("in", "still listening");
	assert.deepEqual(session.messages, ["in=", "in=", "in=still listening"]);
});

proves(
	"03-publish-c2b-qos1-disconnect, 3.1.1 MQTT-4.4.0-1, 3.1.1 MQTT-2.3.1-3",
	"cut before PUBACK: on the next connection the message goes out again, with DUP and its identifier",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.publish("pub/qos1/test", "message", { QoS: 1 });
		const { messageId } = link.expect("publish", { qos: 1, dup: false });
		link.cut();
		const again = broker.login({ sessionPresent: true });
		again.expect("publish", { topic: "pub/qos1/test", payload: "message", qos: 1, dup: true, messageId });
		assert.deepEqual(session.fates, []);
		again.send({ cmd: "puback", messageId });
		assert.deepEqual(session.fates, ["message: delivered"]);
		again.cut();
		broker.login({ sessionPresent: true }).silent(10_000);
	},
);

proves("03-publish-c2b-qos2", "QoS 2: PUBLISH, PUBREC, PUBREL, PUBCOMP", ({ joined }) => {
	const [client, link] = joined();
	client.write("message", { topic: "pub/qos2/test", QoS: 2 });
	const { messageId } = link.expect("publish", { topic: "pub/qos2/test", payload: "message", qos: 2 });
	link.send({ cmd: "pubrec", messageId });
	link.expect("pubrel", { messageId }, { within: 0 });
	link.send({ cmd: "pubcomp", messageId });
	link.silent(1000);
	assert.deepEqual(
		client.control.slice(1).map(({ operation, id }) => `${operation} ${id}`),
		[`5 ${messageId}`, `7 ${messageId}`],
	);
});

proves("03-publish-b2c-qos1", "a message at QoS 1 is delivered, then acknowledged", ({ connected }) => {
	const [session, link] = connected();
	session.on("pub/qos1/receive", 1);
	link.grant();
	link.publish("pub/qos1/receive", "message", { qos: 1, messageId: 123 });
	assert.deepEqual(session.messages, ["pub/qos1/receive=message"]);
	link.expect("puback", { messageId: 123 });
});

for (const cmd of ["puback", "pubcomp"] as const)
	proves(
		cmd === "puback" ? "03-publish-b2c-qos1-unexpected-puback" : "03-publish-b2c-qos2-unexpected-pubcomp",
		`${cmd.toUpperCase()} for an identifier that nothing has is passed over`,
		({ connected }) => {
			const [session, link] = connected({ keepAlive: 5 });
			session.publish("t", "x", { QoS: 1 });
			const { messageId } = link.expect("publish");
			for (const id of [13_423, messageId === 1 ? 2 : 1]) link.send({ cmd, messageId: id });
			assert.deepEqual(session.fates, []);
			link.expect("pingreq", {}, { within: 5000 });
			link.send({ cmd: "pingresp" }, { cmd: "puback", messageId });
			assert.deepEqual(session.fates, ["x: delivered"]);
		},
	);

proves("03-publish-b2c-qos2", "a message at QoS 2: PUBREC, then PUBCOMP", ({ joined }) => {
	const [client, link] = joined();
	link.publish("pub/qos2/receive", "message", { qos: 2, messageId: 13_423 });
	link.expect("pubrec", { messageId: 13_423 });
	assert.deepEqual(client.messages, ["pub/qos2/receive=message"]);
	link.send({ cmd: "pubrel", messageId: 13_423 });
	link.expect("pubcomp", { messageId: 13_423 });
	link.silent(1000);
});

proves(
	"03-publish-b2c-qos2-unexpected-pubrel",
	"PUBREL for nothing is answered with PUBCOMP; a message at QoS 2 then goes its way",
	({ connected }) => {
		const [session, link] = connected();
		session.on("pub/qos2/receive", 1);
		link.grant();
		link.send({ cmd: "pubrel", messageId: 1000 });
		link.expect("pubcomp", { messageId: 1000 });
		link.publish("pub/qos2/receive", "message", { qos: 2, messageId: 13_423 });
		link.expect("pubrec", { messageId: 13_423 });
		link.send({ cmd: "pubrel", messageId: 13_423 });
		link.expect("pubcomp", { messageId: 13_423 });
		link.publish("pub/qos2/receive", "quit");
		assert.deepEqual(session.messages, ["pub/qos2/receive=message", "pub/qos2/receive=quit"]);
	},
);

proves("04-retain-qos0", "a message goes out with RETAIN; the handler learns of it when one comes", ({ connected }) => {
	const [session, link] = connected();
	session.publish("retain/qos0/test", "retained message", { retain: true });
	assert.equal(link.expect("publish", { qos: 0, retain: true }).flags, 1);
	session.on("retain/#", 0);
	link.grant();
	link.publish("retain/a", "old", { retain: true });
	link.publish("retain/a", "new");
	assert.deepEqual(
		session.of("message").map(({ retain }) => retain),
		[true, false],
	);
});

proves("09-util-topic-tokenise", "levels of a topic may be empty, at each end too", ({ connected }) => {
	const [session, link] = connected();
	const topics = ["topic", "a/deep/topic/hierarchy", "/a/deep/topic", "a//deep", "topic/", "/", "//"];
	for (const topic of topics) session.on(topic, 0);
	// What follows while the first SUBACK is due goes out in one packet.
	link.grant();
	link.grant();
	for (const topic of topics) link.publish(topic, "x");
	assert.deepEqual(
		session.of("message").map(({ filter }) => filter),
		topics,
	);
	session.on("+/+", 0);
	link.grant();
	link.publish("/", "levels");
	link.publish("a", "none");
	assert.deepEqual(
		session.of("message").flatMap(({ filter, topic }) => (filter === "+/+" ? [topic] : [])),
		["/"],
	);
});
