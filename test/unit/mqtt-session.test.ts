import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { MQTTError } from "../../modules/mqtt/packet/error";
import type { Message } from "../../modules/mqtt/session";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { decode } from "../support/mqtt-bytes";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

beforeEach(fresh);

const one = { QoS: 1 } as const;

describe("MQTT session: connecting", () => {
	it("asks for a session that is kept, with a keep-alive of 60 s, user and will", () => {
		const bench = new SessionBench({
			user: "u",
			password: "p",
			will: { topic: "s", message: "offline", QoS: 1, retain: true },
		});
		bench.session.start();
		clock.advance(0);
		clock.advance(0);
		const [connect] = bench.sent();
		assert.equal(connect.clean, false);
		assert.equal(connect.keepalive, 60);
		assert.equal(connect.username, "u");
		assert.equal(connect.will.retain, true);
		assert.equal(connect.will.qos, 1);
		assert.equal(bench.session.connected, false);
	});

	it("tells onConnect whether the broker kept the session", () => {
		const bench = new SessionBench().start(false);
		assert.equal(bench.session.connected, true);
		bench.lose();
		assert.equal(bench.session.connected, false);
		bench.accept(true);
		assert.deepEqual(bench.connects, [false, true]);
		assert.equal(bench.disconnects.length, 1);
	});

	it("waits 1 s + random x min(30 s, 1 s x 2^n) between attempts", () => {
		let random = 0;
		const bench = new SessionBench({ random: () => random });
		network.connect = "refused";
		bench.session.start();
		random = 0.5;
		const seen: number[] = [];
		for (let attempt = 0; attempt < 8; attempt++) {
			const before = network.sockets.length;
			const start = clock.now;
			while (network.sockets.length === before) clock.advance(10);
			seen.push(Math.round((clock.now - start) / 500) * 500);
		}
		assert.deepEqual(seen.slice(1), [1500, 2000, 3000, 5000, 9000, 16_000, 16_000]);
	});

	it("starts over with short delays after a connection that stood for 30 s, not after a shorter one", () => {
		const bench = new SessionBench({ random: () => 0.999 });
		bench.session.start();
		const delays = () =>
			bench.log.filter((line) => line.includes("next attempt")).map((line) => Number(/in (\d+) ms/.exec(line)![1]));
		for (const [stand, accepted] of [
			[0, false],
			[0, false],
			[29_000, true],
			[31_000, true],
		] as const) {
			clock.advance(0);
			clock.advance(0);
			if (accepted) {
				bench.socket.take();
				bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: true });
				for (let passed = 0; passed < stand; passed += 1000) {
					clock.advance(1000);
					if (bench.sent().some(({ cmd }) => cmd === "pingreq")) bench.receive({ cmd: "pingresp" });
				}
			}
			const before = network.sockets.length;
			bench.lose(0);
			while (network.sockets.length === before) clock.advance(10);
		}
		assert.deepEqual(delays().slice(0, 4), [1999, 2998, 4996, 1999]);
	});

	it("retries a refusal the same way, and logs its reason", () => {
		const bench = new SessionBench();
		bench.session.start();
		clock.advance(0);
		clock.advance(0);
		bench.receive({ cmd: "connack", returnCode: 4, sessionPresent: false });
		assert.ok(
			bench.log.some((line) => line.startsWith("warn: not connected: ") && line.includes("bad user name or password")),
		);
		assert.deepEqual(bench.disconnects, [], "it never stood");
		clock.advance(1000);
		bench.accept();
		assert.equal(bench.session.connected, true);
	});

	it("gives an attempt up after 30 s and tries again", () => {
		network.connect = "never";
		const bench = new SessionBench();
		bench.session.start();
		clock.advance(30_000);
		assert.ok(bench.log.some((line) => line.includes("no connection to broker.example:1883 after 30000 ms")));
		network.connect = "at once";
		clock.advance(1000);
		bench.accept();
		assert.equal(bench.session.connected, true);
	});

	it("notices a half-open connection by keep-alive", () => {
		const bench = new SessionBench({ keepAlive: 10 }).start();
		clock.advance(16_000);
		assert.match(bench.disconnects[0]!, /does not answer/);
	});

	for (const [name, options] of [
		["host", { host: "" }],
		["id", { id: "" }],
		["keepAlive", { keepAlive: 70_000 }],
		["queue.messages", { queue: { messages: 0 } }],
		["queue.bytes", { queue: { bytes: 0 } }],
		["window", { window: 0 }],
		["topic", { will: { topic: "a/#" } }],
		["password", { password: "x" }],
	] as const) {
		it(`refuses a wrong ${name} at once, not at every attempt`, () => {
			assert.throws(
				() => new SessionBench(options),
				(error) => {
					assert.ok(error instanceof MQTTError);
					assert.ok(error.message.startsWith(name), error.message);
					return true;
				},
			);
		});
	}
});

describe("MQTT session: publishing", () => {
	it("sends QoS 0 and QoS 1 at once when connected, and tells their fate", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "zero");
		bench.publish("t", "one", { QoS: 1, retain: true });
		assert.deepEqual(bench.fates, ["zero: delivered"]);
		assert.deepEqual(bench.session.queued.messages, 1);
		const packets = bench.sent();
		assert.deepEqual(
			packets.map(({ payload, qos, retain }) => [payload.toString(), qos, retain]),
			[
				["zero", 0, false],
				["one", 1, true],
			],
		);
		bench.receive({ cmd: "puback", messageId: packets[1].messageId });
		assert.deepEqual(bench.fates, ["zero: delivered", "one: delivered"]);
		assert.deepEqual(bench.session.queued, { messages: 0, bytes: 0 });
	});

	it("takes payloads as text and as bytes", () => {
		const bench = new SessionBench().start();
		bench.session.publish("t", "é");
		bench.session.publish("t", Uint8Array.of(1, 2, 3).subarray(1));
		bench.session.publish("t", Uint8Array.of(9).buffer as ArrayBuffer);
		bench.session.publish("t", "");
		assert.deepEqual(
			bench.sent().map(({ payload }) => [...payload]),
			[[0xc3, 0xa9], [2, 3], [9], []],
		);
	});

	it("queues QoS 1 while offline and sends it in order; QoS 0 only with a policy", () => {
		const bench = new SessionBench();
		bench.publish("t", "a", one);
		bench.publish("t", "lost");
		bench.publish("t", "kept", { policy: "drop-oldest" });
		bench.publish("t", "b", one);
		assert.deepEqual(bench.fates, ["lost: dropped"]);
		bench.start();
		assert.deepEqual(bench.published(), ["t=a 1#1", "t=kept", "t=b 1#2"]);
	});

	it("keeps at most a window of messages in flight", () => {
		const bench = new SessionBench({ window: 3 }).start();
		for (let index = 0; index < 7; index++) bench.publish("t", `${index}`, one);
		assert.deepEqual(bench.published(), ["t=0 1#1", "t=1 1#2", "t=2 1#3"]);
		bench.receive({ cmd: "puback", messageId: 2 });
		assert.deepEqual(bench.published(), ["t=3 1#4"]);
		bench.receive({ cmd: "puback", messageId: 1 });
		bench.receive({ cmd: "puback", messageId: 3 });
		assert.deepEqual(bench.published(), ["t=4 1#5", "t=5 1#6"]);
	});

	it("MQTT-4.4.0-1: session kept: sends what was in flight again, with DUP and its id, in order, then the rest", () => {
		const bench = new SessionBench({ window: 3 }).start();
		for (const name of ["a", "b", "c", "d"]) bench.publish("t", name, one);
		bench.receive({ cmd: "puback", messageId: 2 });
		bench.sent();
		bench.lose();
		bench.publish("t", "e", one);
		bench.accept(true);
		assert.deepEqual(bench.published(), ["t=a 1#1!", "t=c 1#3!", "t=d 1#4!"]);
		bench.receive({ cmd: "puback", messageId: 1 });
		assert.deepEqual(bench.published(), ["t=e 1#5"]);
		for (const messageId of [3, 4, 5]) bench.receive({ cmd: "puback", messageId });
		assert.deepEqual(bench.fates.sort(), [
			"a: delivered",
			"b: delivered",
			"c: delivered",
			"d: delivered",
			"e: delivered",
		]);
	});

	it("session lost: sends what was not acknowledged anew, with a new id and without DUP, in order", () => {
		const bench = new SessionBench().start();
		for (const name of ["a", "b"]) bench.publish("t", name, one);
		bench.sent();
		bench.lose();
		bench.accept(false);
		assert.deepEqual(bench.published(), ["t=a 1#3", "t=b 1#4"]);
		bench.receive({ cmd: "puback", messageId: 3 });
		bench.receive({ cmd: "puback", messageId: 4 });
		assert.deepEqual(bench.fates, ["a: delivered", "b: delivered"]);
	});

	it("survives many reconnects without losing or reordering", () => {
		const bench = new SessionBench({ window: 4 }).start();
		const received: string[] = [];
		/** The broker reads, and knows what it has already. */
		const broker = () => {
			const packets = bench.sent().filter(({ cmd }) => cmd === "publish");
			for (const { payload } of packets) if (!received.includes(`${payload}`)) received.push(`${payload}`);
			return packets;
		};
		let next = 0;
		for (let round = 0; round < 50; round++) {
			for (let count = 0; count < 3; count++) bench.publish("t", `${next++}`, one);
			for (const { messageId } of broker().slice(0, round % 4)) bench.receive({ cmd: "puback", messageId });
			if (round % 3 === 0) {
				bench.lose();
				bench.accept(round % 2 === 0);
			}
		}
		bench.lose();
		bench.accept(true);
		for (let round = 0; round < 100; round++)
			for (const { messageId } of broker()) bench.receive({ cmd: "puback", messageId });
		assert.deepEqual(
			received,
			Array.from({ length: next }, (_, index) => `${index}`),
		);
		assert.equal(bench.session.queued.messages, 0);
	});

	it("connects anew when a PUBACK never comes, and sends the message again", () => {
		const bench = new SessionBench({ keepAlive: 0 }).start();
		bench.publish("t", "a", one);
		bench.sent();
		clock.advance(29_999);
		assert.equal(bench.session.connected, true);
		clock.advance(1);
		assert.match(bench.disconnects[0]!, /no answer from the broker for 30000 ms/);
		clock.advance(1000);
		bench.accept(true);
		assert.deepEqual(bench.published(), ["t=a 1#1!"]);
	});

	it("sends messages that are larger than what the socket takes, one after the other", () => {
		network.allowance = 100;
		const bench = new SessionBench().start();
		for (const name of ["a", "b"]) bench.publish("t", name.repeat(1000), one);
		bench.publish("t", "c".repeat(1000));
		assert.equal(bench.fates.length, 0);
		for (let round = 0; round < 40; round++) bench.socket.drain(100);
		assert.deepEqual(
			bench.published().map((line) => line.slice(0, 3)),
			["t=a", "t=b", "t=c"],
		);
		assert.deepEqual(
			bench.fates.map((line) => line.slice(-9)),
			["delivered"],
		);
	});

	it("reports a QoS 0 message that was being sent when the connection broke as unknown", () => {
		network.allowance = 100;
		const bench = new SessionBench().start();
		bench.publish("t", "x".repeat(1000));
		bench.lose();
		assert.deepEqual(bench.fates, [`${"x".repeat(1000)}: unknown`]);
	});

	it("can publish in onConnect, in a handler, and when the fate of another is told", () => {
		const bench = new SessionBench({
			onConnect: () => bench.session.publish("status", "online", { QoS: 1, retain: true }),
		});
		bench.session.on("in", 1, () => {
			bench.session.publish("out", "first", { QoS: 1, onFate: () => bench.session.publish("out", "second", one) });
			bench.session.publish("out", "zero");
		});
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		assert.deepEqual(bench.published(), ["status=online 1#2"]);
		bench.receive({ cmd: "publish", topic: "in", payload: "", qos: 1, messageId: 50 });
		assert.deepEqual(
			bench.sent().map(({ cmd, payload, messageId }) => `${cmd} ${payload ?? messageId}`),
			["publish first", "publish zero", "puback 50"],
		);
		bench.receive({ cmd: "puback", messageId: 3 });
		assert.deepEqual(bench.published(), ["out=second 1#4"]);
	});

	it("sends the next when the last is gone, at QoS 0, however often, without going deeper", () => {
		const bench = new SessionBench().start();
		let count = 0;
		let depth = 0;
		let deepest = 0;
		const next = () => {
			depth++;
			deepest = Math.max(deepest, depth);
			if (count++ < 10_000) bench.session.publish("t", "x", { onFate: next });
			depth--;
		};
		next();
		assert.equal(count, 10_001);
		assert.ok(deepest <= 2, `${deepest}`);
	});

	it("QoS 0 does not wait for the window", () => {
		const bench = new SessionBench({ window: 1 }).start();
		for (const [payload, QoS] of [
			["a", 1],
			["b", 1],
			["z", 0],
		] as const)
			bench.publish("t", payload, { QoS });
		assert.deepEqual(bench.published(), ["t=a 1#1"]);
		bench.receive({ cmd: "puback", messageId: 1 });
		assert.deepEqual(bench.published(), ["t=b 1#2", "t=z"]);
	});

	it("logs an onFate, onConnect or onDisconnect that throws, and goes on", () => {
		const fail = (): never => {
			throw new Error("ouch");
		};
		const bench = new SessionBench({ onConnect: fail, onDisconnect: fail }).start();
		bench.session.publish("t", "a", { QoS: 1, onFate: fail });
		bench.receive({ cmd: "puback", messageId: 1 });
		bench.lose();
		bench.accept();
		assert.equal(bench.session.connected, true);
		for (const what of ["onFate", "onConnect", "onDisconnect"])
			assert.ok(
				bench.log.some((line) => line.startsWith(`error: ${what} failed: Error: ouch`)),
				what,
			);
	});

	it("refuses wrong topics, QoS 3, and a message larger than the outbox", () => {
		const bench = new SessionBench({ queue: { bytes: 100 } }).start();
		assert.throws(() => bench.publish("a/#", "x"), /wildcard/);
		assert.throws(() => bench.publish("t", "x", { QoS: 3 as never }), /QoS 3 is not 0, 1 or 2/);
		assert.throws(() => bench.publish("t", "x".repeat(100), one), /message of 107 bytes: the outbox holds 100/);
		assert.deepEqual(bench.sent(), []);
	});
});

describe("MQTT session: a full outbox", () => {
	const offline = (policy: "refuse" | "drop-oldest" | "drop-newest" | "latest-per-topic") => {
		const bench = new SessionBench({ queue: { messages: 3 } });
		for (const name of ["a", "b", "c"]) bench.publish("t", name, { QoS: 1, policy });
		return bench;
	};

	it("refuse: publish throws, and what was accepted stays", () => {
		const bench = offline("refuse");
		assert.throws(
			() => bench.publish("t", "d", { QoS: 1, policy: "refuse" }),
			(error) =>
				error instanceof MQTTError && error.code === "queue-full" && /3 messages, 24 bytes/.test(error.message),
		);
		bench.start();
		assert.deepEqual(bench.published(), ["t=a 1#1", "t=b 1#2", "t=c 1#3"]);
		assert.equal(bench.fates.length, 0);
	});

	it("drop-oldest: what was queued first makes room", () => {
		const bench = offline("drop-oldest");
		bench.publish("t", "d", one);
		assert.deepEqual(bench.fates, ["a: dropped"]);
		assert.ok(bench.log.some((line) => line.startsWith("warn: outbox full: 1 message(s) dropped")));
		bench.start();
		assert.deepEqual(bench.published(), ["t=b 1#1", "t=c 1#2", "t=d 1#3"]);
	});

	it("drop-newest: the new one is dropped", () => {
		const bench = offline("drop-newest");
		bench.publish("t", "d", { QoS: 1, policy: "drop-newest" });
		assert.deepEqual(bench.fates, ["d: dropped"]);
		bench.start();
		assert.deepEqual(bench.published(), ["t=a 1#1", "t=b 1#2", "t=c 1#3"]);
	});

	it("latest-per-topic: the newest of a topic takes the place of the one before, full or not", () => {
		const bench = new SessionBench({ queue: { messages: 3 } });
		const latest = { QoS: 1, policy: "latest-per-topic" } as const;
		bench.publish("x", "x1", latest);
		bench.publish("y", "y1", latest);
		bench.publish("x", "x2", latest);
		bench.publish("z", "z1", one);
		bench.publish("x", "x3", latest);
		bench.publish("w", "w1", latest);
		assert.deepEqual(bench.fates, ["x1: dropped", "x2: dropped", "y1: dropped"]);
		bench.start();
		assert.deepEqual(bench.published(), ["z=z1 1#1", "x=x3 1#2", "w=w1 1#3"]);
	});

	it("counts bytes as well as messages", () => {
		const bench = new SessionBench({ queue: { bytes: 100 } });
		bench.publish("t", "a".repeat(40), one);
		bench.publish("t", "b".repeat(40), one);
		assert.deepEqual(bench.session.queued, { messages: 2, bytes: 94 });
		bench.publish("t", "c".repeat(90), one);
		assert.deepEqual(bench.session.queued, { messages: 1, bytes: 97 });
		assert.equal(bench.fates.length, 2);
	});

	it("never drops what is in flight: the new message is dropped instead", () => {
		const bench = new SessionBench({ queue: { messages: 2 } }).start();
		bench.publish("t", "a", one);
		bench.publish("t", "b", one);
		bench.publish("t", "c", one);
		assert.deepEqual(bench.fates, ["c: dropped"]);
		bench.lose();
		bench.publish("t", "d", one);
		assert.deepEqual(bench.fates, ["c: dropped", "d: dropped"]);
		bench.accept(true);
		bench.sent();
		for (const messageId of [1, 2]) bench.receive({ cmd: "puback", messageId });
		assert.deepEqual(bench.fates.slice(2), ["a: delivered", "b: delivered"]);
	});
});

describe("MQTT session: subscribing", () => {
	it("subscribes when it connects, and to what is added later", () => {
		const bench = new SessionBench();
		bench.session.on("a/#", 1, () => {});
		bench.session.on("b", 0, () => {});
		bench.start();
		const [subscribe] = bench.sent();
		assert.deepEqual(
			subscribe.subscriptions.map(({ topic, qos }: { topic: string; qos: number }) => [topic, qos]),
			[
				["a/#", 1],
				["b", 0],
			],
		);
		bench.session.on("c", 1, () => {});
		bench.session.on("d", 1, () => {});
		assert.deepEqual(bench.sent(), [], "one SUBSCRIBE at a time");
		bench.receive({ cmd: "suback", messageId: subscribe.messageId, granted: [1, 0] });
		const [second] = bench.sent();
		assert.deepEqual(
			second.subscriptions.map(({ topic }: { topic: string }) => topic),
			["c", "d"],
		);
	});

	it("session kept: subscribes to nothing again, but to what is new", () => {
		const bench = new SessionBench();
		bench.session.on("a", 1, () => {});
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		bench.sent();
		bench.lose();
		bench.accept(true);
		assert.deepEqual(bench.sent(), []);
		bench.lose();
		bench.session.on("b", 1, () => {});
		bench.accept(true);
		assert.deepEqual(
			bench.sent()[0].subscriptions.map(({ topic }: { topic: string }) => topic),
			["b"],
		);
	});

	it("session lost: subscribes to everything again", () => {
		const bench = new SessionBench();
		bench.session.on("a", 1, () => {});
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		bench.lose();
		bench.accept(false);
		assert.equal(bench.sent()[0].subscriptions.length, 1);
	});

	it("a broker that has the session at the first connection is asked all the same: this firmware may have other filters", () => {
		const bench = new SessionBench();
		bench.session.on("a", 1, () => {});
		bench.start(true);
		assert.equal(bench.sent()[0].cmd, "subscribe");
	});

	it("logs a refused subscription and tries again at the next connection; logs a lower QoS", () => {
		const bench = new SessionBench();
		bench.session.on("secret", 1, () => {});
		bench.session.on("low", 1, () => {});
		bench.start();
		bench.sent();
		bench.receive({ cmd: "suback", messageId: 1, granted: [128, 0] });
		assert.ok(bench.log.includes("error: the broker refused the subscription of secret"));
		assert.ok(bench.log.includes("warn: low is subscribed at QoS 0 instead of 1"));
		assert.deepEqual(bench.sent(), [], "not at once");
		bench.lose();
		bench.accept(true);
		assert.deepEqual(
			bench.sent()[0].subscriptions.map(({ topic }: { topic: string }) => topic),
			["secret"],
		);
	});

	it("connects anew when SUBACK does not come, and subscribes again", () => {
		const bench = new SessionBench({ keepAlive: 0 });
		bench.session.on("a", 1, () => {});
		bench.start();
		clock.advance(30_000);
		assert.match(bench.disconnects[0]!, /no answer/);
		clock.advance(1000);
		bench.accept(true);
		assert.equal(bench.sent()[0].cmd, "subscribe");
	});

	it("subscribes many filters in several packets", () => {
		const bench = new SessionBench();
		for (let index = 0; index < 40; index++) bench.session.on(`f/${index}`, 1, () => {});
		bench.start();
		const seen: string[] = [];
		for (let round = 0; round < 3; round++) {
			const [subscribe] = bench.sent();
			seen.push(...subscribe.subscriptions.map(({ topic }: { topic: string }) => topic));
			bench.receive({
				cmd: "suback",
				messageId: subscribe.messageId,
				granted: subscribe.subscriptions.map(() => 1),
			});
		}
		assert.equal(new Set(seen).size, 40);
		assert.deepEqual(bench.sent(), []);
	});

	it("raises the QoS of a filter, and does not ask twice for the same", () => {
		const bench = new SessionBench();
		bench.session.on("a", 0, () => {});
		bench.start();
		bench.sent();
		bench.receive({ cmd: "suback", messageId: 1, granted: [0] });
		bench.session.on("a", 0, () => {});
		assert.deepEqual(bench.sent(), []);
		bench.session.on("a", 1, () => {});
		assert.equal(bench.sent()[0].subscriptions[0].qos, 1);
	});

	it("refuses wrong filters and QoS", () => {
		const { session } = new SessionBench();
		assert.throws(() => session.on("a#", 1, () => {}), /filter "a#"/);
		assert.throws(() => session.on("a", 3 as never, () => {}), /QoS 3/);
		assert.throws(() => session.on("a", 1, undefined as never), /handler/);
	});
});

describe("MQTT session: receiving", () => {
	const listen = (options = {}) => {
		const bench = new SessionBench(options);
		const messages: string[] = [];
		bench.session.on("t/#", 1, ({ topic, payload, retain, duplicate, QoS }: Message) => {
			const text = payload.length > 50 ? `${payload.length} bytes` : Buffer.from(payload).toString();
			messages.push(`${topic}=${text}${retain ? " retained" : ""}${duplicate ? " again" : ""} ${QoS}`);
		});
		bench.start();
		bench.sent();
		return { bench, messages };
	};

	it("hands messages to handlers with topic, payload and flags", () => {
		const { bench, messages } = listen();
		bench.receive({ cmd: "publish", topic: "t/a", payload: "é", retain: true });
		bench.receive({ cmd: "publish", topic: "t", payload: "", qos: 1, messageId: 3, dup: true });
		bench.receive({ cmd: "publish", topic: "other", payload: "x", qos: 1, messageId: 4 });
		assert.deepEqual(messages, ["t/a=é retained 0", "t= again 1"]);
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[3, 4],
		);
		assert.ok(bench.log.includes("debug: no handler for other"));
	});

	for (const size of [1, 200, 5000]) {
		it(`puts the fragments of a large message together, ${size} bytes at a time`, () => {
			const { bench, messages } = listen();
			const payload = Buffer.from(Array.from({ length: 4096 }, (_, index) => index));
			bench.session.on("t/sum", 1, (message) => assert.ok(Buffer.from(message.payload).equals(payload)));
			bench.receive({ cmd: "publish", topic: "t/sum", payload, qos: 1, messageId: 2 }, size);
			assert.deepEqual(messages, ["t/sum=4096 bytes 1"]);
			assert.deepEqual(bench.sent().filter(({ cmd }) => cmd === "puback").length, 1);
		});
	}

	it("skips, logs and acknowledges what is larger than maximumPayload, and what has too long a topic", () => {
		const { bench, messages } = listen({ maximumPayload: 600 });
		bench.receive({ cmd: "publish", topic: "t/a", payload: "x".repeat(601), qos: 1, messageId: 2 });
		bench.receive({ cmd: "publish", topic: `t/${"y".repeat(300)}`, payload: "x", qos: 1, messageId: 3 });
		bench.receive({ cmd: "publish", topic: "t/b", payload: "x".repeat(600), qos: 1, messageId: 4 });
		assert.deepEqual(messages, ["t/b=600 bytes 1"]);
		assert.deepEqual(
			bench.sent().map(({ messageId }) => messageId),
			[2, 3, 4],
		);
		assert.ok(bench.log.includes("warn: message of 601 bytes on t/a skipped: at most 600 are taken"));
		assert.ok(bench.log.some((line) => line.includes("skipped: the topic is longer")));
	});

	it("logs a handler that throws, acknowledges the message, and calls the other handlers", () => {
		const { bench, messages } = listen();
		bench.session.on("t/+", 1, () => {
			throw new Error("no such lamp");
		});
		bench.receive({ cmd: "publish", topic: "t/a", payload: "x", qos: 1, messageId: 2 });
		assert.deepEqual(messages, ["t/a=x 1"]);
		assert.ok(bench.log.some((line) => line.startsWith("error: the handler of t/a failed: Error: no such lamp")));
		assert.ok(bench.sent().some(({ cmd, messageId }) => cmd === "puback" && messageId === 2));
	});

	it("acknowledges when the handler has returned, not before; a promise is not awaited", () => {
		const { bench } = listen();
		bench.session.on("t/a", 1, async () => {
			assert.ok(!bench.sent().some(({ cmd }) => cmd === "puback"));
			await new Promise(() => {});
		});
		bench.receive({ cmd: "publish", topic: "t/a", payload: "x", qos: 1, messageId: 2 });
		assert.ok(bench.sent().some(({ cmd }) => cmd === "puback"));
	});

	it("can be stopped by a handler", () => {
		const bench = new SessionBench();
		bench.session.on("t", 1, () => bench.session.stop());
		bench.start();
		bench.sent();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		bench.receive({ cmd: "publish", topic: "t", payload: "", qos: 0 });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["disconnect"],
		);
	});

	it("forgets half a message when the connection breaks", () => {
		const { bench, messages } = listen();
		bench.socket.deliver([0x30, 0x90, 0x10, 0, 3, 0x74, 0x2f, 0x61, ...new Array(1000).fill(1)]);
		bench.lose();
		bench.accept();
		bench.receive({ cmd: "publish", topic: "t/a", payload: "whole" });
		assert.deepEqual(messages, ["t/a=whole 0"]);
	});
});

describe("MQTT session: stopping", () => {
	it("sends what is queued, then DISCONNECT, and is over when the broker closes", () => {
		const bench = new SessionBench().start();
		let stopped = 0;
		bench.publish("status", "offline", { QoS: 1, retain: true });
		bench.session.stop(() => stopped++);
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["publish"],
		);
		bench.receive({ cmd: "puback", messageId: 1 });
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["disconnect"],
		);
		assert.equal(stopped, 0);
		bench.socket.fail();
		clock.advance(0);
		assert.equal(stopped, 1);
		assert.ok(bench.socket.closed);
		assert.equal(clock.pending, 0);
		assert.equal(bench.session.connected, false);
	});

	it("waits no longer than 2 s for acknowledgements and 0.5 s for the broker to close", () => {
		const bench = new SessionBench().start();
		let stopped = 0;
		bench.publish("t", "a", one);
		bench.session.stop(() => stopped++);
		bench.sent();
		clock.advance(2000);
		assert.deepEqual(
			bench.sent().map(({ cmd }) => cmd),
			["disconnect"],
		);
		clock.advance(500);
		assert.equal(stopped, 1);
		assert.equal(clock.pending, 0);
		assert.equal(bench.session.queued.messages, 1, "kept for the next start");
		bench.start(true);
		assert.deepEqual(bench.published(), ["t=a 1#1!"]);
	});

	it("stops at any moment: before start, while connecting, while waiting; twice", () => {
		for (const moment of ["before", "connecting", "waiting"]) {
			fresh();
			const bench = new SessionBench();
			if (moment !== "before") bench.session.start();
			if (moment === "connecting") clock.advance(0);
			if (moment === "waiting") {
				network.connect = "refused";
				clock.advance(500);
			}
			let stopped = 0;
			bench.session.stop(() => stopped++);
			bench.session.stop(() => stopped++);
			assert.equal(stopped, 0, "no callback from within the call");
			clock.advance(0);
			assert.equal(stopped, 2, moment);
			const made = network.sockets.length;
			clock.advance(100_000);
			assert.equal(network.sockets.length, made, `${moment}: no further attempt`);
			assert.equal(clock.pending, 0, moment);
		}
	});

	it("starts again after it stopped, with its subscriptions", () => {
		const bench = new SessionBench();
		bench.session.on("a", 1, () => {});
		bench.start();
		bench.sent();
		bench.session.stop();
		clock.advance(3000);
		bench.session.start();
		bench.accept(false);
		assert.equal(bench.sent()[0].cmd, "subscribe");
	});

	it("is told when the connection breaks while it stops", () => {
		const bench = new SessionBench().start();
		let stopped = 0;
		bench.publish("t", "a", one);
		bench.session.stop(() => stopped++);
		bench.socket.fail();
		clock.advance(0);
		assert.equal(stopped, 1);
		clock.advance(100_000);
		assert.equal(network.sockets.length, 1);
	});
});

describe("MQTT session: over a poor network", () => {
	it("everything arrives once in flight order at 1 byte a time, both ways", () => {
		network.allowance = 7;
		const bench = new SessionBench();
		const received: string[] = [];
		bench.session.on("in", 1, ({ payload }) => received.push(Buffer.from(payload).toString()));
		bench.session.start();
		const sent: string[] = [];
		let bytes: number[] = [];
		for (let count = 0; count < 10; count++) bench.publish("out", `message ${count}`, one);
		for (let round = 0; round < 400; round++) {
			clock.advance(1);
			bench.socket.drain(3);
			bytes.push(...bench.socket.take());
			for (;;) {
				if (bytes.length < 2 || bytes.length < 2 + bytes[1]!) break;
				const [packet] = decode(Uint8Array.from(bytes.slice(0, 2 + bytes[1]!)));
				bytes = bytes.slice(2 + bytes[1]!);
				if (packet.cmd === "connect") bench.receive({ cmd: "connack", returnCode: 0, sessionPresent: false }, 1);
				if (packet.cmd === "subscribe") {
					bench.receive({ cmd: "suback", messageId: packet.messageId, granted: [1] }, 1);
					for (let id = 1; id < 4; id++)
						bench.receive({ cmd: "publish", topic: "in", payload: `${id}`, qos: 1, messageId: id }, 1);
				}
				if (packet.cmd === "publish") {
					sent.push(packet.payload.toString());
					bench.receive({ cmd: "puback", messageId: packet.messageId }, 1);
				}
			}
		}
		assert.deepEqual(
			sent,
			Array.from({ length: 10 }, (_, count) => `message ${count}`),
		);
		assert.deepEqual(received, ["1", "2", "3"]);
		assert.equal(bench.session.queued.messages, 0);
	});
});
