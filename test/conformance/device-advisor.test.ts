import assert from "node:assert/strict";
import { proves, type Script } from "../support/conformance";

const topic = "myTrigger/topic";
/** How long an attempt waits for CONNACK, in ms. */
const deadline = 30_000;

proves("MQTT_Connect", "the session connects, with its identifier and keep-alive", ({ broker, session }) => {
	session({ id: "sala" }).start();
	broker.accept({ within: 0 }).expect("connect", { clientId: "sala", keepalive: 60 }, { within: 0 });
});

proves("MQTT_Client_Puback_Qos1", "a message of 0 bytes up to 128 KB is acknowledged", ({ connected }) => {
	const [session, link] = connected({ maximumPayload: 4096 });
	session.on(topic, 1);
	link.grant();
	const sizes = [0, 1, 127, 128, 512, 4096, 16_384, 131_072];
	for (const [index, size] of sizes.entries()) {
		link.publish(topic, "x".repeat(size), { qos: 1, messageId: 100 + index });
		link.expect("puback", { messageId: 100 + index }, { within: 0 });
	}
	assert.deepEqual(
		session.of("message").map(({ payload }) => payload.length),
		sizes.filter((size) => size <= 4096),
	);
	assert.ok(session.logged(/131072 bytes .*skipped: at most 4096/));
});

/** The delays before the next attempts of a session that gets no CONNACK. */
function delaysWithout({ broker, session }: Script, random: number, attempts: number): number[] {
	const tested = session({ random }).start();
	const delays: number[] = [];
	let lost = 0;
	for (let attempt = 0; attempt < attempts; attempt++) {
		const link = broker.accept();
		if (attempt > 0) delays.push(link.opened - lost);
		link.expect("connect", {}, { within: 0 });
		link.closes({ after: deadline, within: deadline });
		lost = link.opened + deadline;
	}
	tested.stop();
	return delays;
}

proves(
	"MQTT_Connect_Jitter_Backoff_Retries",
	"twelve attempts, each sixth with CONNACK: the delays follow random numbers, grow, and start over",
	({ broker, session, pass }) => {
		const random = [0.9, 0.1, 0.7, 0.3, 0.5];
		const tested = session({ random }).start();
		let lost = 0;
		let count = 0;
		/** Connection after a delay that random numbers spread: `n` attempts went before. */
		const next = (n: number) => {
			const link = broker.accept();
			const spread = random[count++ % 5]! * Math.min(30_000, 1000 * 2 ** n);
			assert.equal(link.opened - lost, Math.round(1000 + spread));
			link.expect("connect");
			return link;
		};
		let link = broker.accept();
		link.expect("connect");
		for (const round of [0, 1]) {
			for (let attempt = 0; attempt < 5; attempt++) {
				link.closes({ after: deadline, within: deadline });
				lost = link.opened + deadline;
				link = next(attempt + round);
			}
			link.connack();
			assert.equal(tested.connects.length, round + 1);
			if (round === 1) break;
			// It stands long enough to count as a good one.
			pass(30_000);
			link.cut();
			lost = link.opened + 30_000;
			link = next(0);
		}
	},
);

proves(
	"MQTT_Connect_Exponential_Backoff_Retries",
	"without CONNACK the delays double, up to 31 s, and are at least 1 s",
	(script) => {
		const largest = delaysWithout(script, 0.9999, 9);
		assert.deepEqual(
			largest.map((delay) => Math.round(delay / 1000)),
			[2, 3, 5, 9, 17, 31, 31, 31],
		);
		assert.deepEqual(delaysWithout(script, 0, 9), Array(8).fill(1000));
	},
);

proves(
	"MQTT_ReconnectionAfterSuccessfulConnection",
	"dropped right after CONNACK: the next attempt comes after 1 s, not before",
	({ broker, connected }) => {
		const [session, link] = connected({ random: 0 });
		link.cut();
		assert.equal(session.connected, false);
		broker.quiet(999);
		broker.login({}, { after: 1, within: 1 });
		assert.equal(session.connected, true);
	},
);

proves(
	"MQTT_Reconnect_Backoff_Retries_On_Server_Disconnect",
	"dropped after each of ten connections: delays with jitter, growing, at least 1 s",
	({ broker, session }) => {
		const random = [0.2, 0.8, 0.5];
		session({ random }).start();
		let lost = 0;
		for (let attempt = 0; attempt < 10; attempt++) {
			const link = broker.login();
			if (attempt > 0) {
				const spread = random[(attempt - 1) % 3]! * Math.min(30_000, 1000 * 2 ** (attempt - 1));
				assert.equal(link.opened - lost, Math.round(1000 + spread));
			}
			link.cut();
			lost = link.opened;
		}
		broker.login();
	},
);

proves("MQTT_Publish", "a message at QoS 0 goes out at once", ({ connected }) => {
	const [session, link] = connected();
	session.publish(topic, "payload");
	link.expect("publish", { topic, payload: "payload", qos: 0 }, { within: 0 });
	assert.deepEqual(session.fates, ["payload: delivered"]);
});

proves(
	"MQTT_Publish_Retry_No_Puback, 03-publish-c2b-qos1-timeout",
	"30 s without PUBACK: on a new connection the message goes out again, with DUP and its identifier, until it is acknowledged",
	({ broker, connected }) => {
		const [session, first] = connected();
		let link = first;
		session.publish(topic, "x", { QoS: 1 });
		const { messageId } = link.expect("publish", { dup: false });
		for (let count = 0; count < 3; count++) {
			link.closes({ after: 30_000, within: 30_000 });
			link = broker.login({ sessionPresent: true }, { after: 1000, within: 1000 });
			link.expect("publish", { topic, payload: "x", qos: 1, dup: true, messageId }, { within: 0 });
		}
		link.send({ cmd: "puback", messageId });
		assert.deepEqual(session.fates, ["x: delivered"]);
		link.silent(44_000);
	},
	{
		differs: "sent again on a new connection, after 30 s, as MQTT 5.0 demands (MQTT-4.4.0-1), and not on the same one",
	},
);

proves("MQTT_Subscribe", "what handlers were given for is subscribed, in one packet", ({ broker, session }) => {
	session().on("a/+", 0).on(topic, 1).start();
	const { subscriptions } = broker.login().grant();
	assert.deepEqual(
		subscriptions.map(({ topic, qos }: { topic: string; qos: number }) => `${topic} ${qos}`),
		["a/+ 0", `${topic} 1`],
	);
});

proves(
	"MQTT_Subscribe_Retry_No_Suback",
	"30 s without SUBACK: on a new connection the filter is subscribed again, until it is granted",
	({ broker, connected }) => {
		const [session, first] = connected();
		let link = first;
		session.on(topic, 1);
		link.expect("subscribe");
		for (let count = 0; count < 3; count++) {
			link.closes({ after: 30_000, within: 30_000 });
			link = broker.login({ sessionPresent: true }, { after: 1000, within: 1000 });
			link.expect("subscribe", {}, { within: 0 });
		}
		link.cut();
		broker.login({ sessionPresent: true }).grant();
		assert.equal(session.connected, true);
	},
	{
		differs:
			"sent again on a new connection, after 30 s: there it is a packet of its own, with the next free identifier",
	},
);

proves(
	"MQTT_No_Ack_PingResp",
	"no PINGRESP and no other answer: the client closes within 1.5 keep-alives, and connects again",
	({ broker, connected }) => {
		const [session, link] = connected({ keepAlive: 30 });
		link.expect("pingreq", {}, { within: 30_000 });
		link.closes({ within: 15_000 });
		assert.ok(session.logged(/broker does not answer/));
		broker.login({}, { after: 1000, within: 1000 });
	},
);

proves(
	"MQTT_Persistent_Session_Happy_Case, 3.1.1 MQTT-3.1.2-4",
	"the broker kept the session: nothing is subscribed again, and what waited there is delivered and acknowledged",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on(topic, 1);
		link.grant();
		link.cut();
		const again = broker.accept();
		again.expect("connect", { clean: false });
		again.connack({ sessionPresent: true });
		again.publish(topic, "stored", { qos: 1, messageId: 1 });
		again.expect("puback", { messageId: 1 }, { within: 0 });
		again.silent(44_000);
		assert.deepEqual(session.messages, [`${topic}=stored`]);
	},
);

proves(
	"MQTT_Expired_Persistent_Session",
	"the broker lost the session: everything is subscribed again",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.on(topic, 1).on("b", 0);
		link.grant();
		link.grant();
		link.cut();
		const again = broker.login({ sessionPresent: false });
		const { subscriptions } = again.grant();
		assert.deepEqual(
			subscriptions.map(({ topic }: { topic: string }) => topic),
			[topic, "b"],
		);
		again.publish(topic, "x", { qos: 1, messageId: 1 });
		again.expect("puback");
		assert.deepEqual(session.messages, [`${topic}=x`]);
	},
);
