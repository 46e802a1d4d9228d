/** A session on client classes that have no more than ECMA-419 §25, Moddable's above all. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import type { MessageInfo } from "../../modules/mqtt/options";
import type { SessionOptions } from "../../modules/mqtt/session";
import { StandardClient } from "../../modules/mqtt/standard-client";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { frame } from "../support/mqtt-bytes";
import { fresh, over, text, throwsCode } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";
import { moddableClass, Reticent, type StandardClass, withoutModdableClass } from "../support/standard-classes";

beforeEach(fresh);

/** What is due at once: Moddable's class acknowledges by a timer. */
function settle(): void {
	for (let round = 0; round < 3; round++) clock.advance(0);
}

class Bench extends SessionBench {
	/** What handlers got: `topic=payload QoS`, `r` for retain, `!` for duplicate. */
	readonly received: string[] = [];

	constructor(standard: StandardClass, options: Partial<SessionOptions> = {}) {
		super({
			client: { socket: { io: FakeTCP }, dns: { io: FakeResolver }, io: StandardClient, standard } as never,
			...options,
		});
		this.session.on("in/#", 2, ({ topic, payload, QoS, retain, duplicate }) => {
			const size = payload.length > 20 ? payload.length : new TextDecoder().decode(payload);
			this.received.push(`${topic}=${size} ${QoS}${retain ? "r" : ""}${duplicate ? "!" : ""}`);
		});
	}

	/** Connects, and grants the subscription. */
	override start(): this {
		super.start();
		return this.grant();
	}

	/** The broker accepts the next attempt. */
	again(): this {
		this.accept(true);
		return this.grant();
	}

	grant(): this {
		settle();
		const asked = this.sent().find(({ cmd }) => cmd === "subscribe");
		this.receive({ cmd: "suback", messageId: asked.messageId, granted: [2] });
		settle();
		return this;
	}

	deliver(topic: string, payload: string, further: object = {}): void {
		this.receive({ cmd: "publish", topic, payload, ...further });
		settle();
	}

	/** What was sent, shortly: `puback#1`. */
	names(): string[] {
		settle();
		return this.sent().map(({ cmd, messageId }) => `${cmd}${messageId === undefined ? "" : `#${messageId}`}`);
	}
}

const classes: [string, StandardClass | undefined, string | false][] = [
	["a class that shows as little as Moddable's", Reticent as never, false],
	["Moddable's own class", moddableClass, withoutModdableClass],
];

for (const [name, found, skip] of classes)
	describe(`a session on ${name}`, { skip }, () => {
		const standard = found!;

		it("connects with will, user and password, texts or bytes, and keep-alive", () => {
			const bench = new Bench(standard, {
				user: "maria",
				password: text("segredo"),
				keepAlive: 90,
				will: { topic: "w", message: text("gone"), QoS: 1, retain: true },
			});
			bench.session.start();
			settle();
			const [{ clean, keepalive, username, password, will }] = bench.sent();
			assert.deepEqual([clean, keepalive, username, `${password}`], [false, 90, "maria", "segredo"]);
			assert.deepEqual([will.topic, `${will.payload}`, will.qos, will.retain], ["w", "gone", 1, true]);
			bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false });
			assert.ok(bench.session.connected);
			assert.equal(network.resolvers, 1, "one look-up: Moddable's class cannot be closed during its own");
		});

		it("has a will without a message published as an empty one", () => {
			const bench = new Bench(standard, { will: { topic: "w" } });
			bench.session.start();
			settle();
			assert.equal(bench.sent()[0].will.payload.length, 0);
		});

		it("publishes at QoS 0, 1 and 2", () => {
			const bench = new Bench(standard).start();
			for (const QoS of [0, 1, 2] as const) bench.publish(`out/${QoS}`, `m${QoS}`, { QoS, retain: QoS === 1 });
			assert.deepEqual(bench.published(), ["out/0=m0", "out/1=m1 1#2", "out/2=m2 2#3"]);
			bench.receive({ cmd: "puback", messageId: 2 });
			bench.receive({ cmd: "pubrec", messageId: 3 });
			assert.deepEqual(bench.names(), ["pubrel#3"]);
			bench.receive({ cmd: "pubcomp", messageId: 3 });
			assert.deepEqual(bench.fates, ["m0: delivered", "m1: delivered", "m2: delivered"]);
		});

		it("publishes an empty payload: so a retained message is taken back", () => {
			const bench = new Bench(standard).start();
			bench.publish("out", "", { QoS: 1, retain: true });
			const [packet] = bench.sent();
			assert.deepEqual([packet.payload.length, packet.retain, packet.qos], [0, true, 1]);
		});

		it("receives at QoS 0, 1 and 2, and acknowledges", () => {
			const bench = new Bench(standard).start();
			for (const qos of [0, 1, 2]) bench.deliver(`in/${qos}`, `m${qos}`, { qos, messageId: 10 + qos });
			assert.deepEqual(bench.received, ["in/0=m0 0", "in/1=m1 1", "in/2=m2 2"]);
			assert.deepEqual(bench.names(), ["puback#11", "pubrec#12"]);
			bench.receive({ cmd: "pubrel", messageId: 12 });
			assert.deepEqual(bench.names(), ["pubcomp#12"]);
		});

		it("receives any number of messages at QoS 2: none is remembered that nothing would forget", () => {
			const bench = new Bench(standard).start();
			for (let id = 1; id <= 300; id++) bench.deliver("in/2", `${id}`, { qos: 2, messageId: id });
			assert.equal(bench.received.length, 300);
			assert.deepEqual(bench.disconnects, []);
		});

		it("receives a message in pieces, and what follows it", () => {
			const bench = new Bench(standard).start();
			bench.receive({ cmd: "publish", topic: "in/large", payload: "x".repeat(3000), qos: 1, messageId: 7 }, 700);
			settle();
			bench.deliver("in/next", "n");
			assert.deepEqual(bench.received, ["in/large=3000 1", "in/next=n 0"]);
		});

		it("sends a message that is larger than what the socket takes in pieces, and what follows it after it", () => {
			const bench = new Bench(standard).start();
			bench.socket.allowance = 100;
			bench.socket.drain(0);
			bench.publish("out/large", "y".repeat(900), { QoS: 1 });
			bench.publish("out/next", "n", { QoS: 1 });
			for (let round = 0; round < 20; round++) {
				bench.socket.drain(100);
				settle();
			}
			assert.deepEqual(bench.published(), [`out/large=${"y".repeat(900)} 1#2`, "out/next=n 1#3"]);
		});

		it("streams a message that is made while it is sent; what was published meanwhile follows it", () => {
			const bench = new Bench(standard).start();
			bench.socket.allowance = 100;
			bench.socket.drain(0);
			const pieces = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(40));
			const stream = { byteLength: 400, next: () => pieces.shift() };
			const onFate = (fate: string) => void bench.fates.push(`stream: ${fate}`);
			assert.ok(bench.session.stream("out/stream", stream, { onFate }));
			bench.publish("out/next", "n", { QoS: 1 });
			bench.deliver("in/1", "m", { qos: 1, messageId: 5 });
			for (let round = 0; round < 20; round++) {
				bench.socket.drain(50);
				settle();
			}
			const sent = bench.sent();
			assert.deepEqual(sent.map(({ cmd, topic }) => topic ?? cmd).toSorted(), ["out/next", "out/stream", "puback"]);
			assert.equal(sent[0].payload.length, 400);
			assert.deepEqual(bench.fates, ["stream: delivered"]);
		});

		it("waits for room when the socket takes no packet at all, subscriptions too", () => {
			const bench = new Bench(standard).start();
			bench.socket.allowance = 9;
			bench.socket.drain(0);
			bench.session.on("another/filter", 1, () => {});
			settle();
			assert.deepEqual(bench.names(), []);
			for (let round = 0; round < 3; round++) {
				bench.socket.drain(10);
				settle();
			}
			const [{ cmd, subscriptions }] = bench.sent();
			assert.deepEqual([cmd, subscriptions[0].topic, subscriptions[0].qos], ["subscribe", "another/filter", 1]);
		});

		it("unsubscribes", () => {
			const bench = new Bench(standard).start();
			bench.session.off("in/#");
			const [{ cmd, unsubscriptions, messageId }] = bench.sent();
			assert.deepEqual([cmd, unsubscriptions], ["unsubscribe", ["in/#"]]);
			bench.receive({ cmd: "unsuback", messageId });
		});

		it("unsubscribes what was given up while offline: the broker may have kept it", () => {
			const bench = new Bench(standard).start();
			bench.session.on("other", 0, () => {});
			bench.receive({ cmd: "suback", messageId: bench.sent()[0].messageId, granted: [0] });
			settle();
			bench.lose();
			bench.session.off("in/#");
			bench.again();
			const [{ cmd, unsubscriptions }] = bench.sent();
			assert.deepEqual([cmd, unsubscriptions], ["unsubscribe", ["in/#"]]);
		});

		it("connects again, resends what was in flight in its order, and then what was queued offline", () => {
			const bench = new Bench(standard).start();
			for (const [payload, QoS] of [
				["a", 1],
				["b", 2],
				["c", 2],
			] as const)
				bench.publish("out", payload, { QoS });
			bench.sent();
			bench.receive({ cmd: "pubrec", messageId: 3 });
			settle();
			bench.lose();
			bench.publish("out", "d", { QoS: 1 });
			bench.accept(true);
			settle();
			const sent = bench.sent().filter(({ cmd }) => cmd !== "subscribe");
			assert.deepEqual(
				sent.map(({ cmd, messageId, dup, payload }) => `${cmd}#${messageId}${dup ? "!" : ""} ${payload ?? ""}`),
				["pubrel#3 ", "publish#2! a", "publish#4! c", "publish#6 d"],
			);
		});

		it("stops: DISCONNECT, and over when the broker closes; nothing is left running", () => {
			const bench = new Bench(standard).start();
			let stopped = 0;
			bench.session.stop(() => stopped++);
			assert.deepEqual(bench.names(), ["disconnect"]);
			bench.socket.fail();
			settle();
			assert.equal(stopped, 1);
			assert.ok(!bench.log.some((line) => /^(warn|error)/.test(line)), bench.log.join("\n"));
			over();
		});

		it("may be stopped at any moment: while it resolves, connects, logs in", () => {
			for (let moment = 0; moment < 4; moment++) {
				fresh();
				const bench = new Bench(standard);
				bench.session.start();
				for (let round = 0; round < moment; round++) clock.advance(0);
				bench.session.stop();
				settle();
				clock.advance(60_000);
				over();
			}
		});

		it("gives an attempt up that leads to nothing", () => {
			network.connect = "never";
			const bench = new Bench(standard);
			bench.session.start();
			clock.advance(30_000);
			assert.match(bench.log.join("\n"), /not connected: no connection/);
			bench.session.stop();
			settle();
			over();
		});

		it("keeps the connection alive", () => {
			const bench = new Bench(standard, { keepAlive: 10 }).start();
			clock.advance(10_000);
			settle();
			assert.deepEqual(bench.names(), ["pingreq"]);
			clock.advance(20_000);
			assert.equal(bench.disconnects.length, 1);
		});

		it("a handler may close it: in onReadable, where Moddable's class cannot be closed", () => {
			let calls = 0;
			const client = new StandardClient({
				socket: { io: FakeTCP as never },
				dns: { io: FakeResolver as never },
				host: "10.0.0.1",
				standard,
				onReadable(count) {
					calls++;
					this.read(count);
					this.close();
				},
				onError: () => assert.fail("onError after close"),
			});
			settle();
			network.last.deliver([0x20, 2, 0, 0]);
			network.last.deliver([...frame(0x30, 0, 1, 97, 98), ...frame(0x30, 0, 1, 97, 98)]);
			settle();
			assert.equal(calls, 1);
			assert.ok(!client.connected);
			over();
		});

		it("a topic of more than 1,000 bytes is said to be too long, and given up", () => {
			const bench = new Bench(standard).start();
			bench.publish("t".repeat(1100), "m", { QoS: 1 });
			for (let attempt = 0; attempt < 30 && bench.fates.length === 0; attempt++) {
				settle();
				clock.advance(40_000);
				bench.accept(true);
			}
			assert.deepEqual(bench.fates, ["m: dropped"]);
			assert.match(bench.log.join("\n"), /a topic or filters of 11\d\d bytes: a standard client is given 1024 at most/);
		});

		describe("what it cannot do", () => {
			it("tell whether the broker kept the session: it says no, and subscribes again", () => {
				const bench = new Bench(standard).start();
				bench.lose();
				bench.accept(true);
				settle();
				assert.deepEqual(bench.connects, [false, false]);
				assert.deepEqual(
					bench.sent().map(({ cmd }) => cmd),
					["subscribe"],
				);
			});

			it("tell that a broker that lost the session lost a QoS 2 message past PUBREC, too: it counts as delivered", () => {
				const bench = new Bench(standard).start();
				bench.publish("out", "a", { QoS: 2 });
				bench.receive({ cmd: "pubrec", messageId: 2 });
				settle();
				bench.lose();
				bench.accept(false);
				bench.receive({ cmd: "pubcomp", messageId: 2 });
				assert.deepEqual(bench.fates, ["a: delivered"]);
			});

			it("tell a retained message, or one that comes again, from a new one", () => {
				const bench = new Bench(standard).start();
				bench.deliver("in/a", "old", { retain: true });
				bench.deliver("in/b", "again", { qos: 1, messageId: 4, dup: true });
				assert.deepEqual(bench.received, ["in/a=old 0", "in/b=again 1"]);
			});

			it("receive at QoS 2 exactly once: a repetition is handed out again", () => {
				const bench = new Bench(standard).start();
				for (const dup of [false, true]) bench.deliver("in/2", "m", { qos: 2, messageId: 9, dup });
				assert.deepEqual(bench.received, ["in/2=m 2", "in/2=m 2"]);
			});

			it("say why the broker refused", () => {
				const bench = new Bench(standard);
				bench.session.start();
				settle();
				bench.receive({ cmd: "connack", returnCode: 5, sessionPresent: false });
				settle();
				assert.match(bench.log.join("\n"), /not connected: .*or the broker refused it: the client does not say/);
			});

			it("hand out an empty message", () => {
				const bench = new Bench(standard).start();
				bench.deliver("in/a", "");
				assert.deepEqual(bench.received, []);
			});

			it("speak MQTT 5.0", () => {
				const bench = new Bench(standard, { version: 5 });
				bench.session.start();
				assert.match(bench.log.join("\n"), /a standard client speaks MQTT 3\.1\.1 only/);
			});
		});
	});

describe("Moddable's own class, whatever stands on it", { skip: withoutModdableClass }, () => {
	const standard = moddableClass!;

	it("is deaf after an empty message, until keep-alive or an answer that is owed ends the connection", () => {
		const bench = new Bench(standard, { keepAlive: 10 }).start();
		bench.deliver("in/a", "");
		bench.deliver("in/b", "heard?");
		assert.deepEqual(bench.received, []);
		clock.advance(20_000);
		assert.equal(bench.disconnects.length, 1);
		bench.session.stop();
	});

	it("takes a topic of any length from the broker", () => {
		const bench = new Bench(standard).start();
		bench.deliver(`in/${"t".repeat(5000)}`, "m");
		assert.equal(bench.received.length, 1);
	});

	it("throws out of the socket's callback, which ends a machine, on a topic that is no UTF-8", () => {
		const bench = new Bench(standard).start();
		assert.throws(() => bench.socket.deliver(frame(0x30, 0, 1, 0xff, 1)));
	});

	it("throws there, too, when CONNECT is larger than what the socket takes", () => {
		network.allowance = 100;
		const bench = new Bench(standard, { will: { topic: "w", message: "m".repeat(200) } });
		bench.session.start();
		assert.throws(() => settle());
	});
});

describe("the class of a session's connections", () => {
	it("is client.io, when there is one", () => {
		let made = 0;
		class Counted extends MQTTClient {
			constructor(options: never) {
				super(options);
				made++;
			}
		}
		const client = { socket: { io: FakeTCP }, dns: { io: FakeResolver }, io: Counted } as never;
		new SessionBench({ client }).start();
		assert.equal(made, 1);
	});

	it("has to have `send`: else the error says what to do", () => {
		const client = { socket: { io: FakeTCP }, dns: { io: FakeResolver }, io: Reticent } as never;
		throwsCode(() => new SessionBench({ client }), "invalid", /client\.io: .*standard-client/);
	});

	it("a StandardClient without a class, or for MQTT 5.0, is refused", () => {
		const options = { socket: { io: FakeTCP }, dns: { io: FakeResolver }, host: "10.0.0.1" };
		const make = (further: object) => () => new StandardClient({ ...options, ...further } as never);
		throwsCode(make({}), "invalid", /standard: expected/);
		throwsCode(make({ standard: Reticent, version: 5 }), "invalid", /3\.1\.1 only/);
	});

	it("write and send say what is wrong: before CONNACK, while a packet is sent, after the end", () => {
		const seen: MessageInfo[] = [];
		const client = new StandardClient({
			socket: { io: FakeTCP as never },
			dns: { io: FakeResolver as never },
			host: "10.0.0.1",
			standard: Reticent as never,
			onReadable: (_count, info) => void seen.push(info),
		});
		const packet = Uint8Array.from(frame(0x30, 0, 1, 97, ...text("x".repeat(50))));
		throwsCode(() => client.send(packet), "not-connected", /before CONNACK/);
		settle();
		network.last.deliver([0x20, 2, 0, 0]);
		network.last.allowance = 30;
		network.last.drain(0);
		client.send(packet);
		throwsCode(() => client.send(packet), "busy", /wait for onWritable/);
		client.close();
		throwsCode(() => client.write(null, {}), "closed", /after the end/);
		over();
	});
});
