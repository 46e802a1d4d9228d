import assert from "node:assert/strict";
import { proves } from "../support/conformance";
import type { Link } from "../support/scripted/broker";

const five = { version: 5 } as const;
const SUBSCRIBE = 8;

/** Messages wait, and so many go out at a time as the broker allows; each acknowledgement lets one more out. */
function drains(link: Link, payloads: string, QoS: number, most: number): void {
	const flying: number[] = [];
	let next = 0;
	while (next < payloads.length || flying.length > 0) {
		while (next < payloads.length && flying.length < most)
			flying.push(link.expect("publish", { payload: payloads[next++], qos: QoS })["messageId"]);
		link.silent(100);
		const messageId = flying.shift()!;
		if (QoS === 1) link.send({ cmd: "puback", messageId });
		else {
			link.send({ cmd: "pubrec", messageId });
			link.expect("pubrel", { messageId });
			link.send({ cmd: "pubcomp", messageId });
		}
	}
}

for (const [clauses, QoS, most] of [
	["03-publish-c2b-qos1-receive-maximum, 5.0 MQTT-3.3.4-7, 5.0 MQTT-4.9.0-1, 5.0 MQTT-4.9.0-2", 1, 3],
	["03-publish-c2b-qos2-receive-maximum-1, 5.0 MQTT-3.3.4-7, 5.0 MQTT-4.9.0-2", 2, 1],
	["03-publish-c2b-qos2-receive-maximum-2, 5.0 MQTT-3.3.4-7, 5.0 MQTT-4.9.0-2", 2, 2],
] as const)
	proves(
		clauses,
		`receive maximum ${most}: never more than ${most} messages at QoS ${QoS} in flight, and all arrive in order`,
		({ broker, session }) => {
			const tested = session();
			for (const payload of "abcdefgh") tested.publish("t", payload, { QoS });
			tested.start();
			const link = broker.login({ properties: { receiveMaximum: most } });
			drains(link, "abcdefgh", QoS, most);
			assert.equal(tested.fates.length, 8);
			link.cut();
			// Another connection, another maximum.
			for (const payload of "ijklmnop") tested.publish("t", payload, { QoS });
			drains(
				broker.login({ sessionPresent: true, properties: { receiveMaximum: most + 2 } }),
				"ijklmnop",
				QoS,
				most + 2,
			);
		},
		five,
	);

proves(
	"5.0 MQTT-3.3.4-7, 5.0 MQTT-4.9.0-2, 5.0 MQTT-4.4.0-1",
	"what is sent again after a cut counts, too, on a connection that allows less",
	({ broker, connected }) => {
		const [session, link] = connected();
		for (const payload of "abcd") session.publish("t", payload, { QoS: 1 });
		const ids = [..."abcd"].map((payload) => link.expect("publish", { payload })["messageId"]);
		link.cut();
		const again = broker.login({ sessionPresent: true, properties: { receiveMaximum: 2 } });
		again.expect("publish", { payload: "a", dup: true });
		again.expect("publish", { payload: "b", dup: true });
		again.silent(1000);
		again.send({ cmd: "puback", messageId: ids[0] });
		again.expect("publish", { payload: "c", dup: true });
		again.silent(1000);
		for (const messageId of ids.slice(1, 3)) again.send({ cmd: "puback", messageId });
		again.expect("publish", { payload: "d", dup: true, messageId: ids[3] });
	},
	five,
);

proves(
	"5.0 MQTT-3.3.4-8, 5.0 MQTT-4.9.0-3",
	"the quota is used up: QoS 0, SUBSCRIBE, acknowledgements, PUBREL and PINGREQ go out all the same",
	({ broker, session }) => {
		const tested = session({ keepAlive: 20 });
		tested.publish("t", "a", { QoS: 2 }).publish("t", "waits", { QoS: 1 }).start();
		const link = broker.login({ properties: { receiveMaximum: 1 } });
		const { messageId } = link.expect("publish", { payload: "a" });
		link.silent(1000);
		tested.on("in", 2);
		link.grant();
		link.publish("in", "x", { qos: 1, messageId: 1 });
		link.expect("puback", { messageId: 1 });
		link.publish("in", "x", { qos: 2, messageId: 2 });
		link.expect("pubrec", { messageId: 2 });
		link.send({ cmd: "pubrel", messageId: 2 });
		link.expect("pubcomp", { messageId: 2 });
		link.send({ cmd: "pubrec", messageId });
		link.expect("pubrel", { messageId });
		link.expect("pingreq");
		link.send({ cmd: "pingresp" }, { cmd: "pubcomp", messageId });
		link.expect("publish", { payload: "waits" });
	},
	five,
);

proves(
	"5.0 MQTT-3.3.4-8",
	"the quota is used up: a message at QoS 0 waits behind those above it, as the standard allows: messages leave in their order",
	({ broker, session }) => {
		const tested = session();
		tested.publish("t", "a", { QoS: 1 }).publish("t", "waits", { QoS: 1 }).start();
		const link = broker.login({ properties: { receiveMaximum: 1 } });
		const { messageId } = link.expect("publish", { payload: "a" });
		tested.publish("t", "zero");
		link.silent(1000);
		link.send({ cmd: "puback", messageId });
		const waits = link.expect("publish", { payload: "waits" });
		link.send({ cmd: "puback", messageId: waits["messageId"] });
		link.expect("publish", { payload: "zero", qos: 0 });
	},
	five,
);

for (const most of [0, 1] as const)
	proves(
		`03-publish-c2b-qos2-maximum-qos-${most}, 5.0 MQTT-3.2.2-11`,
		`maximum QoS ${most}: a higher one is refused, and nothing is sent; what was queued before goes out at QoS ${most}`,
		({ broker, session, client }) => {
			const tested = session();
			tested.publish("t", "queued", { QoS: 2 }).start();
			const link = broker.login({ properties: { maximumQoS: most } });
			const { messageId } = link.expect("publish", { payload: "queued", qos: most });
			if (most === 1) link.send({ cmd: "puback", messageId });
			assert.deepEqual(tested.fates, ["queued: delivered"]);
			assert.ok(tested.logged(/QoS/));
			for (let QoS = most + 1; QoS <= 2; QoS++)
				assert.throws(() => tested.publish("t", "x", { QoS }), { code: "not-supported" });
			link.silent(1000);
			const other = client();
			const second = broker.login({ properties: { maximumQoS: most } });
			assert.equal(other.get("limits").maximumQoS, most);
			for (let QoS = 0; QoS <= most; QoS++) {
				other.write("x", { topic: "t", QoS });
				second.expect("publish", { qos: QoS });
			}
			for (let QoS = most + 1; QoS <= 2; QoS++)
				assert.throws(() => other.write("x", { topic: "t", QoS }), { code: "not-supported", clause: "MQTT-3.2.2-11" });
			second.silent(1000);
			// Subscriptions may ask for more all the same.
			other.write(null, { operation: SUBSCRIBE, items: [{ topic: "t", QoS: 2 }] });
			second.grant([most]);
		},
		five,
	);

proves(
	"5.0 MQTT-3.2.2-14",
	"the broker does not retain: RETAIN is refused; what was queued before goes out without, and that is said",
	({ broker, session, client }) => {
		const tested = session();
		tested.publish("t", "queued", { QoS: 1, retain: true }).start();
		const link = broker.login({ properties: { retainAvailable: false } });
		link.expect("publish", { payload: "queued", retain: false });
		assert.ok(tested.logged(/retain/));
		assert.throws(() => tested.publish("t", "x", { retain: true }), { code: "not-supported" });
		link.silent(1000);
		const other = client();
		const second = broker.login({ properties: { retainAvailable: false } });
		assert.throws(() => other.write("x", { topic: "t", retain: true }), {
			code: "not-supported",
			clause: "MQTT-3.2.2-14",
		});
		second.silent(1000);
	},
	five,
);

proves(
	"11-prop-oversize-packet, 5.0 MQTT-3.2.2-15",
	"a packet of as many bytes as the broker takes is sent, one more is refused; what was queued before is dropped, and that is said",
	({ broker, session, client }) => {
		const tested = session();
		tested.publish("t", "x".repeat(200), { QoS: 1, label: "large" }).publish("t", "small", { QoS: 1 }).start();
		const link = broker.login({ properties: { maximumPacketSize: 60 } });
		link.expect("publish", { payload: "small" });
		assert.deepEqual(tested.fates, ["large: dropped"]);
		// Header 2, topic 3, identifier 2, properties 1.
		for (const size of [51, 52]) {
			tested.publish("t", "x".repeat(size), { QoS: 1 });
			assert.equal(link.expect("publish").bytes.length, 8 + size);
		}
		assert.throws(() => tested.publish("t", "x".repeat(53), { QoS: 1 }), { code: "too-large" });
		link.silent(1000);
		const other = client();
		const second = broker.login({ properties: { maximumPacketSize: 60 } });
		other.write("x".repeat(54), { topic: "t" });
		second.expect("publish");
		assert.throws(() => other.write("x".repeat(55), { topic: "t" }), { code: "too-large", clause: "MQTT-3.2.2-15" });
		const items = [{ topic: "x".repeat(60), QoS: 0 }];
		assert.throws(() => other.write(null, { operation: SUBSCRIBE, items }), { code: "too-large" });
		assert.throws(() => other.write(null, { operation: 10, items }), { code: "too-large" });
		second.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-3.2.2-17, 5.0 MQTT-3.2.2-18, 5.0 MQTT-3.3.2-7, 5.0 MQTT-3.3.2-8, 5.0 MQTT-3.3.2-9",
	"topic aliases: as many as session and broker want, none when the broker named none, and each connection has its own",
	({ broker, session }) => {
		const topics = ["casa/sala/a", "casa/sala/b", "casa/sala/c"];
		const tested = session({ topicAliases: 2 }).start();
		let link = broker.login();
		for (const topic of [...topics, ...topics]) {
			tested.publish(topic, "x");
			assert.equal(link.expect("publish", { topic })["properties"]?.topicAlias, undefined);
		}
		for (const most of [1, 5]) {
			link.cut();
			link = broker.login({ sessionPresent: true, properties: { topicAliasMaximum: most } });
			const known = Math.min(2, most);
			for (const round of [1, 2])
				for (const [index, topic] of topics.entries()) {
					tested.publish(topic, "x");
					const { properties, ...publish } = link.expect("publish");
					const aliased = index < known;
					assert.equal(properties?.topicAlias, aliased ? index + 1 : undefined);
					assert.equal(publish["topic"], aliased && round === 2 ? "" : topic);
				}
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.2.2-17, 5.0 MQTT-3.3.2-8, 5.0 MQTT-3.3.2-9",
	"a topic alias that the caller names: 0, and above the broker's maximum, are refused",
	({ broker, client }) => {
		const tested = client();
		const link = broker.login({ properties: { topicAliasMaximum: 3 } });
		tested.write("x", { topic: "t", properties: { topicAlias: 3 } });
		link.expect("publish", { topic: "t" });
		tested.write("x", { topic: "", properties: { topicAlias: 3 } });
		link.expect("publish", { topic: "" });
		assert.throws(() => tested.write("x", { topic: "t", properties: { topicAlias: 0 } }), { code: "invalid" });
		assert.throws(() => tested.write("x", { topic: "t", properties: { topicAlias: 4 } }), { code: "not-supported" });
		link.silent(1000);
	},
	five,
);

proves(
	"5.0 MQTT-3.3.2-7, 5.0 MQTT-3.3.2-10",
	"aliases that the broker sets are resolved, up to the maximum in CONNECT, set anew at will, and end with the connection",
	({ broker, connected }) => {
		const [session, link] = connected({ properties: { topicAliasMaximum: 3 } });
		session.on("#", 0);
		link.grant();
		const alias = (topic: string, topicAlias: number) => link.publish(topic, "x", { properties: { topicAlias } });
		for (const [index, topic] of ["a", "b", "c"].entries()) alias(topic, index + 1);
		for (const topicAlias of [3, 1, 2, 1]) alias("", topicAlias);
		alias("other", 1);
		alias("", 1);
		assert.deepEqual(
			session.of("message").map(({ topic }) => topic),
			["a", "b", "c", "c", "a", "b", "a", "other", "other"],
		);
		link.cut();
		const again = broker.login({ sessionPresent: true });
		again.publish("", "x", { properties: { topicAlias: 1 } });
		again.expect("disconnect", { reasonCode: 0x82 });
		again.closes({ within: 0 });
	},
	five,
);

proves(
	"5.0 MQTT-3.3.4-6",
	"a subscription identifier in PUBLISH is refused; those that arrive reach the handler",
	({ connected, joined }) => {
		const [session, link] = connected();
		const properties = { subscriptionIdentifier: 1 };
		assert.throws(() => session.publish("t", "x", { properties }), { code: "invalid" });
		const [client, other] = joined();
		assert.throws(() => client.write("x", { topic: "t", properties }), { code: "invalid" });
		link.silent(1000);
		other.silent(1000);
		session.on("t", 0);
		link.grant();
		link.publish("t", "x", { properties: { subscriptionIdentifier: [7, 268_435_455] } });
		assert.deepEqual(session.of("message")[0].properties.subscriptionIdentifiers, [7, 268_435_455]);
	},
	five,
);
