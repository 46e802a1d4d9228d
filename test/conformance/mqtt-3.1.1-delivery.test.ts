import assert from "node:assert/strict";
import { proves } from "../support/conformance";
import type { Link } from "../support/scripted/broker";

const one = { QoS: 1 } as const;

/** The next packets: `publish a`, `publish b!` with DUP, ... */
function next(link: Link, count: number): string[] {
	return Array.from({ length: count }, () => {
		const { cmd, payload, dup } = link.expect(link.waiting[0]?.cmd ?? "publish");
		return `${cmd} ${payload}${dup ? "!" : ""}`;
	});
}

proves(
	"3.1.1 MQTT-3.1.2-6",
	"with a clean session nothing of the one before is used: what was in flight goes out as new, filters are subscribed anew",
	({ broker, connected }) => {
		const [session, link] = connected({ clean: true });
		session.on("t", 1).publish("a", "x", one);
		link.grant();
		const { messageId } = link.expect("publish", { dup: false });
		link.cut();
		const again = broker.accept();
		again.expect("connect", { clean: true });
		again.connack();
		again.grant();
		const fresh = again.expect("publish", { payload: "x", dup: false });
		again.send({ cmd: "puback", messageId: fresh["messageId"] });
		assert.notEqual(fresh["messageId"], undefined);
		assert.ok(messageId >= 1);
		assert.deepEqual(session.fates, ["x: delivered"]);
	},
	{ five: "5.0 MQTT-3.1.2-4" },
);

proves(
	"3.1.1 MQTT-3.1.3-2",
	"every connection of a session has the same client identifier; another session has its own",
	({ broker, session }) => {
		session({ id: "sala" }).start();
		for (let count = 0; count < 5; count++) {
			const link = broker.accept();
			link.expect("connect", { clientId: "sala" });
			link.connack({ sessionPresent: count > 0 });
			link.cut();
		}
		broker.login();
		session({ id: "quarto" }).start();
		broker.accept().expect("connect", { clientId: "quarto" });
	},
	{ five: "5.0 MQTT-3.1.3-2" },
);

proves(
	"3.1.1 MQTT-3.3.1-1, 3.1.1 MQTT-4.6.0-1, 3.1.1 MQTT-4.4.0-1, 3.1.1 MQTT-2.3.1-3",
	"after a cut: what was sent goes out again first, in its order, with DUP and its identifiers; what was not, after it, without",
	({ broker, connected }) => {
		const [session, link] = connected({ window: 4 });
		for (const payload of ["a", "b", "c", "d", "e", "f"]) session.publish("t", payload, one);
		const ids = ["a", "b", "c", "d"].map((payload) => link.expect("publish", { payload, dup: false })["messageId"]);
		link.send({ cmd: "puback", messageId: ids[1] });
		link.expect("publish", { payload: "e" });
		link.cut();
		const again = broker.login({ sessionPresent: true });
		assert.deepEqual(next(again, 4), ["publish a!", "publish c!", "publish d!", "publish e!"]);
		assert.deepEqual(
			again.heard.slice(1, 4).map(({ messageId }) => messageId),
			[ids[0], ids[2], ids[3]],
		);
		again.cut();
		const third = broker.login({ sessionPresent: true });
		assert.deepEqual(next(third, 4), ["publish a!", "publish c!", "publish d!", "publish e!"]);
		for (const { messageId } of third.heard.slice(1)) third.send({ cmd: "puback", messageId });
		assert.deepEqual(next(third, 1), ["publish f"]);
		third.send({ cmd: "puback", messageId: third.heard.at(-1)!["messageId"] });
		assert.deepEqual(
			session.fates.map((fate) => fate[0]),
			["b", "a", "c", "d", "e", "f"],
		);
	},
	{ five: "5.0 MQTT-3.3.1-1, 5.0 MQTT-4.6.0-1, 5.0 MQTT-4.4.0-1" },
);

proves(
	"3.1.1 MQTT-4.1.0-1, 3.1.1 MQTT-4.1.0-2, 3.1.1 MQTT-3.1.2-4",
	"attempts that are refused, then a day of silence: what was in flight, queued and subscribed is still there",
	({ broker, connected, version }) => {
		const [session, link] = connected({ keepAlive: 0 });
		session.on("t", 1).publish("a", "sent", one);
		link.grant();
		const { messageId } = link.expect("publish");
		link.cut();
		session.publish("a", "queued", one);
		for (let attempt = 0; attempt < 10; attempt++) {
			const refused = broker.accept();
			refused.expect("connect");
			refused.connack({ code: version === 5 ? 0x88 : 3 });
			refused.closes({ within: 0 });
		}
		const last = broker.login({ sessionPresent: true }, { within: 40_000 });
		last.expect("publish", { payload: "sent", dup: true, messageId });
		const queued = last.expect("publish", { payload: "queued", dup: false });
		last.silent(29_000);
		last.send({ cmd: "puback", messageId }, { cmd: "puback", messageId: queued["messageId"] });
		last.silent(86_400_000);
		last.publish("t", "x", { qos: 1, messageId: 1 });
		last.expect("puback");
		assert.deepEqual(session.messages, ["t=x"]);
		assert.deepEqual(session.fates, ["sent: delivered", "queued: delivered"]);
	},
	{ five: "5.0 MQTT-4.1.0-1, 5.0 MQTT-3.1.2-23, 5.0 MQTT-4.13.2-1" },
);

proves(
	"3.1.1 MQTT-4.3.2-1",
	"QoS 1: unacknowledged until its own PUBACK, on the first connection or a later one; then forgotten",
	({ broker, connected }) => {
		const [session, link] = connected();
		session.publish("t", "a", one).publish("t", "b", one);
		const a = link.expect("publish", { payload: "a", qos: 1, dup: false })["messageId"];
		const b = link.expect("publish", { payload: "b", qos: 1, dup: false })["messageId"];
		assert.notEqual(a, b);
		link.send({ cmd: "puback", messageId: b });
		assert.deepEqual(session.fates, ["b: delivered"]);
		// Twice, and for what is not in flight.
		link.send({ cmd: "puback", messageId: b }, { cmd: "puback", messageId: 65_535 });
		assert.equal(session.queued.messages, 1);
		link.cut();
		const again = broker.login({ sessionPresent: true });
		again.expect("publish", { payload: "a", dup: true, messageId: a });
		again.send({ cmd: "puback", messageId: a });
		assert.deepEqual(session.fates, ["b: delivered", "a: delivered"]);
		assert.equal(session.queued.messages, 0);
	},
	{ five: "5.0 MQTT-4.3.2-1, 5.0 MQTT-4.3.2-2, 5.0 MQTT-4.3.2-3" },
);

proves(
	"3.1.1 MQTT-4.3.2-2",
	"QoS 1: PUBACK when the handlers have returned; the same identifier is then a new message, DUP or not",
	({ connected }) => {
		const [session, link] = connected();
		session.on("t", 1, { reply: { topic: "answer", payload: "from within" } });
		link.grant();
		for (const dup of [false, true, true]) {
			link.publish("t", "x", { qos: 1, messageId: 9, dup });
			link.expect("publish", { payload: "from within" });
			link.expect("puback", { messageId: 9 });
		}
		assert.deepEqual(session.messages, ["t=x", "t=x", "t=x"]);
	},
	{ five: "5.0 MQTT-4.3.2-4, 5.0 MQTT-4.3.2-5" },
);

proves(
	"3.1.1 MQTT-4.5.0-2",
	"every message is acknowledged: nobody waits for it, a handler fails, it is too large, its topic is too long",
	({ connected }) => {
		const [session, link] = connected();
		session.on("fails", 1, { throws: true });
		link.grant();
		const cases: [string, string][] = [
			["nobody", "x"],
			["fails", "x"],
			["fails", "x".repeat(10_000)],
			["l".repeat(300), "x"],
			["l".repeat(3000), "x".repeat(10_000)],
		];
		for (const [index, [topic, payload]] of cases.entries()) {
			link.publish(topic, payload, { qos: 1, messageId: index + 1 });
			link.expect("puback", { messageId: index + 1 });
			link.publish(topic, payload, { qos: 2, messageId: index + 1 });
			link.expect("pubrec", { messageId: index + 1 });
			link.send({ cmd: "pubrel", messageId: index + 1 });
			link.expect("pubcomp", { messageId: index + 1 });
		}
		assert.ok(session.logged(/the handler of fails failed/));
		link.publish("fails", "still there");
		assert.equal(session.messages.at(-1), "fails=still there");
	},
	{ five: "5.0 MQTT-4.5.0-2" },
);

for (const [clause, qos, answer] of [
	["3.1.1 MQTT-4.6.0-2", 1, "puback"],
	["3.1.1 MQTT-4.6.0-3", 2, "pubrec"],
] as const)
	proves(
		clause,
		`${answer.toUpperCase()}s leave in the order of the messages, also when the network takes none of them at first`,
		({ broker, session }) => {
			const ids = [9, 3, 65_535, 1, 4711, 2];
			const packets = ids.map((messageId) => ({ cmd: "publish", topic: "t", payload: `${messageId}`, qos, messageId }));
			broker.narrow(20);
			const tested = session().on("t", 1).start();
			const link = broker.accept();
			link.flow(20);
			link.expect("connect");
			link.connack();
			link.flow(20);
			link.grant();
			link.send(...packets);
			for (let turn = 0; turn < 20; turn++) link.flow(3);
			for (const messageId of ids) link.expect(answer, { messageId });
			link.flow();
			link.send(...packets.map((packet) => ({ ...packet, messageId: packet.messageId ^ 256 })));
			for (const messageId of ids) link.expect(answer, { messageId: messageId ^ 256 });
			assert.equal(tested.messages.length, 12);
		},
		{ five: clause.replace("3.1.1", "5.0") },
	);

proves(
	"3.1.1 MQTT-4.6.0-4, 3.1.1 MQTT-2.3.1-6",
	"PUBRELs leave in the order of the PUBRECs, whatever the order of the messages was",
	({ broker, client }) => {
		const tested = client();
		const link = broker.login();
		for (const id of [1, 2, 3, 4]) {
			tested.write("x", { topic: "t", QoS: 2, id });
			link.expect("publish", { messageId: id });
		}
		const order = [3, 1, 4, 2];
		link.send(...order.map((messageId) => ({ cmd: "pubrec", messageId })));
		for (const messageId of order) link.expect("pubrel", { messageId });
	},
	{ five: "5.0 MQTT-4.6.0-4, 5.0 MQTT-2.2.1-5" },
);
