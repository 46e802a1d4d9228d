import assert from "node:assert/strict";
import { proves } from "../support/conformance";
import type { Sendable } from "../support/scripted/wire";

const five = { version: 5 } as const;

/** The forms in which an acknowledgement of 5.0 may come: its first byte, and what follows the identifier. */
const forms = (first: number, messageId: number): [string, Sendable][] => {
	const id = [messageId >> 8, messageId & 255];
	return [
		["without reason code", [first, 2, ...id]],
		["with a reason code", [first, 3, ...id, 0]],
		["with empty properties", [first, 4, ...id, 0, 0]],
		["with a property", [first, 17, ...id, 0, 13, 0x26, 0, 3, 0x6b, 0x65, 0x79, 0, 5, 0x76, 0x61, 0x6c, 0x75, 0x65]],
	];
};

proves(
	"03-publish-c2b-qos1-len",
	"PUBACK with and without reason code and properties",
	({ connected }) => {
		const [session, link] = connected();
		for (let index = 0; index < 4; index++) {
			session.publish("len/qos1/test", `${index}`, { QoS: 1 });
			const { messageId } = link.expect("publish", { qos: 1 });
			const [form, bytes] = forms(0x40, messageId)[index]!;
			link.send(bytes);
			assert.equal(session.fates.at(-1), `${index}: delivered`, form);
		}
	},
	five,
);

proves(
	"03-publish-c2b-qos2-len",
	"PUBREC and PUBCOMP with and without reason code and properties",
	({ connected }) => {
		const [session, link] = connected();
		for (let index = 0; index < 4; index++) {
			session.publish("len/qos2/test", `${index}`, { QoS: 2 });
			const { messageId } = link.expect("publish", { qos: 2 });
			link.send(forms(0x50, messageId)[index]![1]);
			link.expect("pubrel", { messageId });
			link.send(forms(0x70, messageId)[index]![1]);
			assert.equal(session.fates.at(-1), `${index}: delivered`);
		}
	},
	five,
);

proves(
	"03-publish-b2c-qos2-len",
	"PUBREL with and without reason code and properties",
	({ connected }) => {
		const [session, link] = connected();
		session.on("len/qos2/test", 2);
		link.grant();
		for (let index = 0; index < 4; index++) {
			link.publish("len/qos2/test", `${index}`, { qos: 2, messageId: 56 });
			link.expect("pubrec", { messageId: 56 });
			link.send(forms(0x62, 56)[index]![1]);
			link.expect("pubcomp", { messageId: 56 });
		}
		assert.equal(session.messages.length, 4);
	},
	five,
);

proves(
	"03-request-response, 03-request-response-correlation",
	"a request names where it wants its answer, and what the answer is to carry; both arrive, and both go out",
	({ connected }) => {
		const [session, link] = connected();
		const correlationData = new Uint8Array([0, 255, 7]);
		session.publish("request/topic", "action", {
			QoS: 1,
			properties: { responseTopic: "response/topic", correlationData },
		});
		const request = link.expect("publish", { topic: "request/topic" });
		assert.equal(request["properties"].responseTopic, "response/topic");
		assert.deepEqual([...request["properties"].correlationData], [0, 255, 7]);
		link.send({ cmd: "puback", messageId: request["messageId"] });
		session.on("response/topic", 1);
		link.grant();
		const properties = { correlationData: Buffer.from([0, 255, 7]), responseTopic: "back/again" };
		link.publish("response/topic", "done", { qos: 1, messageId: 1, properties });
		link.expect("puback");
		const { properties: arrived } = session.of("message")[0];
		assert.deepEqual([...arrived.correlationData], [0, 255, 7]);
		assert.equal(arrived.responseTopic, "back/again");
	},
	five,
);

for (const QoS of [0, 1, 2])
	proves(
		`11-prop-recv-qos${QoS}`,
		`the properties of a message at QoS ${QoS} reach the handler`,
		({ connected }) => {
			const [session, link] = connected();
			session.on("prop/test", 2);
			link.grant();
			const properties = {
				payloadFormatIndicator: true,
				messageExpiryInterval: 3600,
				contentType: "plain/text",
				responseTopic: "msg/123",
				correlationData: Buffer.from("c"),
				userProperties: { name: ["one", "two"], other: "three" },
			};
			link.publish("prop/test", "message", { qos: QoS, ...(QoS ? { messageId: 1 } : {}), properties });
			if (QoS > 0) link.expect(QoS === 1 ? "puback" : "pubrec");
			const { properties: arrived } = session.of("message")[0];
			assert.deepEqual(
				{ ...arrived, correlationData: [...arrived.correlationData] },
				{
					...properties,
					correlationData: [0x63],
					userProperties: [
						["name", "one"],
						["name", "two"],
						["other", "three"],
					],
				},
			);
		},
		five,
	);

proves(
	"11-prop-send-content-type",
	"a content type is sent with a message, and with the will",
	({ broker, session }) => {
		const properties = { contentType: "text/plain" };
		const tested = session({ will: { topic: "w", message: "m", properties } }).start();
		const link = broker.accept();
		assert.equal(link.expect("connect")["will"].properties.contentType, "text/plain");
		link.connack();
		tested.publish("prop/qos0", "message", { properties });
		assert.equal(link.expect("publish")["properties"].contentType, "text/plain");
	},
	five,
);

proves(
	"11-prop-send-payload-format",
	"a payload format is sent with a message, and with the will",
	({ broker, session }) => {
		const properties = { payloadFormatIndicator: true };
		const tested = session({ will: { topic: "w", message: "m", properties } }).start();
		const link = broker.accept();
		assert.equal(link.expect("connect")["will"].properties.payloadFormatIndicator, true);
		link.connack();
		tested.publish("prop/qos0", "message", { properties });
		const { bytes } = link.expect("publish");
		assert.deepEqual([...bytes.subarray(-10)], [2, 1, 1, ...Buffer.from("message")]);
	},
	five,
);
