import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const SUBSCRIBE = 8;
const UNSUBSCRIBE = 10;
const DISCONNECT = 14;

proves(
	"TP_MQTT_CLIENT_SUBSCRIBE_001, 3.1.1 MQTT-2.2.2-1, 3.1.1 MQTT-3.8.1-1",
	"SUBSCRIBE goes out with header flags 0010",
	({ connected }) => {
		const [session, link] = connected();
		session.on("casa/#", 1);
		assert.equal(link.grant().flags, 0b0010);
	},
);

proves(
	"TP_MQTT_CLIENT_SUBSCRIBE_002, 3.1.1 MQTT-2.3.1-1",
	"SUBSCRIBE has an identifier that is not 0: not after 65,535 others either",
	({ joined, pass }) => {
		const [client, link] = joined();
		for (let count = 0; count < 65_540; count += 20) {
			client.writes(20, null, { operation: SUBSCRIBE, items: [{ topic: "t", QoS: 0 }] });
			const ids = Array.from({ length: 20 }, () => link.expect("subscribe")["messageId"] as number);
			assert.ok(ids.every((id) => id >= 1 && id <= 65_535));
			link.send(...ids.map((messageId) => ({ cmd: "suback", messageId, granted: [0] })));
			pass(0);
		}
	},
);

proves(
	"TP_MQTT_CLIENT_SUBSCRIBE_003, 3.1.1 MQTT-2.3.1-2",
	"each SUBSCRIBE has an identifier that no other packet in flight has",
	({ joined, connected }) => {
		const [client, link] = joined();
		const ids = ["a", "b", "c"].map((topic) => {
			client.write(null, { operation: SUBSCRIBE, items: [{ topic, QoS: 1 }] });
			return link.expect("subscribe")["messageId"];
		});
		client.write("x", { topic: "t", QoS: 1 });
		ids.push(link.expect("publish")["messageId"]);
		assert.equal(new Set(ids).size, 4);

		const [session, other] = connected();
		session.publish("t", "x", { QoS: 1 });
		const { messageId } = other.expect("publish");
		session.on("a");
		assert.notEqual(other.grant()["messageId"], messageId);
	},
);

proves(
	"TP_MQTT_CLIENT_UNSUBSCRIBE_001, 3.1.1 MQTT-2.2.2-1, 3.1.1 MQTT-3.10.1-1, 3.1.1 MQTT-2.3.1-1",
	"UNSUBSCRIBE goes out with header flags 0010, and an identifier",
	({ joined }) => {
		const [client, link] = joined();
		client.write(null, { operation: UNSUBSCRIBE, items: [{ topic: "casa/#" }] });
		const { flags, messageId } = link.expect("unsubscribe", { unsubscriptions: ["casa/#"] });
		assert.equal(flags, 0b0010);
		assert.ok(messageId >= 1);
		link.send({ cmd: "unsuback", messageId });
		assert.deepEqual(client.control.at(-1), { operation: 11, id: messageId });
	},
);

proves(
	"TP_MQTT_CLIENT_UNSUBSCRIBE_002, 3.1.1 MQTT-3.10.3-1",
	"filters of UNSUBSCRIBE are sent as UTF-8; what cannot be is refused and not sent",
	({ joined }) => {
		const [client, link] = joined();
		const topic = "casa/são/\u{1f525}/#";
		client.write(null, { operation: UNSUBSCRIBE, items: [{ topic }] });
		const { bytes } = link.expect("unsubscribe", { unsubscriptions: [topic] });
		assert.deepEqual([...bytes.subarray(4)], [0, Buffer.byteLength(topic), ...Buffer.from(topic)]);
		for (const wrong of ["\ud800", "a\0", ""])
			assert.throws(() => client.write(null, { operation: UNSUBSCRIBE, items: [{ topic: wrong }] }), {
				code: "invalid",
			});
		link.silent(1000);
	},
);

proves(
	"TP_MQTT_CLIENT_DISCONNECT_001, 3.1.1 MQTT-2.2.2-1",
	"DISCONNECT goes out with header flags 0000",
	({ connected }) => {
		const [session, link] = connected();
		session.stop();
		assert.deepEqual([...link.expect("disconnect").bytes], [0xe0, 0]);
	},
);

proves(
	"TP_MQTT_CLIENT_DISCONNECT_002, 3.1.1 MQTT-3.14.4-1, 3.1.1 MQTT-3.14.4-2",
	"after DISCONNECT nothing is sent, and the client closes although the broker does not",
	({ connected, joined, pass }) => {
		const [session, link] = connected();
		session.stop();
		link.expect("disconnect", {}, { within: 0 });
		link.publish("t", "x", { qos: 1, messageId: 1 });
		link.closes({ within: 500 });
		assert.deepEqual(session.of("stopped"), [true]);

		const [client, other] = joined({ keepAlive: 2000 });
		client.write(null, { operation: DISCONNECT });
		other.expect("disconnect", {}, { within: 0 });
		other.publish("t", "x", { qos: 1, messageId: 1 });
		assert.throws(() => client.write("x", { topic: "t" }), { code: "closed" });
		other.closes({ within: 5000 });
		pass(0);
		assert.deepEqual(client.errors, []);
		assert.deepEqual(client.of("closed"), [true]);
	},
);

proves(
	"TP_MQTT_CLIENT_FEAT_KEEPALIVE_001, 3.1.1 MQTT-3.1.2-23",
	"an idle client sends PINGREQ within each keep-alive; none when there is no keep-alive",
	({ connected }) => {
		const [session, link] = connected({ keepAlive: 10 });
		for (let count = 0; count < 20; count++) {
			link.expect("pingreq", {}, { after: 5000, within: 10_000 });
			link.send({ cmd: "pingresp" });
		}
		session.stop();
		link.expect("disconnect");
		const [, silent] = connected({ keepAlive: 0 });
		silent.silent(24 * 3_600_000);
	},
);
