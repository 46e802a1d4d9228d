import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { clock } from "../support/clock";
import { field } from "../support/mqtt-bytes";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

beforeEach(fresh);

const two = { QoS: 2 } as const;
/** Control packets, shortly: `pubrel#1`. */
const names = (packets: { cmd: string; messageId?: number }[]) =>
	packets.map(({ cmd, messageId }) => `${cmd}${messageId === undefined ? "" : `#${messageId}`}`);

describe("MQTT session: publishing at QoS 2", () => {
	it("MQTT-4.3.3-1: PUBLISH, PUBREC, PUBREL, PUBCOMP, and only then it is delivered", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "a", two);
		assert.deepEqual(bench.published(), ["t=a 2#1"]);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		assert.deepEqual(names(bench.sent()), ["pubrel#1"]);
		assert.deepEqual(bench.fates, []);
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		assert.deepEqual(bench.fates, ["a: delivered"]);
		assert.deepEqual(bench.session.queued, { messages: 0, bytes: 0 });
	});

	it("a PUBACK, as of a broker without QoS 2, delivers it; one that comes past PUBREC does not", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "a", two);
		bench.publish("t", "b", two);
		bench.sent();
		bench.receive({ cmd: "pubrec", messageId: 2 });
		for (const messageId of [1, 2, 3]) bench.receive({ cmd: "puback", messageId });
		assert.deepEqual(bench.fates, ["a: delivered"]);
		bench.receive({ cmd: "pubcomp", messageId: 2 });
		assert.deepEqual(bench.fates, ["a: delivered", "b: delivered"]);
	});

	it("the payload takes no memory any more once the broker has it", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "x".repeat(1000), two);
		assert.ok(bench.session.queued.bytes > 1000);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		assert.deepEqual(bench.session.queued, { messages: 1, bytes: 4 });
	});

	it("MQTT-4.4.0-1, MQTT-4.6.0-4: session kept: PUBRELs in the order of their PUBRECs, then PUBLISHes with DUP, then new ones", () => {
		const bench = new SessionBench().start();
		for (const name of ["a", "b", "c", "d"]) bench.publish("t", name, two);
		bench.sent();
		bench.receive({ cmd: "pubrec", messageId: 3 });
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.sent();
		bench.lose();
		bench.publish("t", "e", two);
		bench.accept(true);
		const sent = bench.sent();
		assert.deepEqual(names(sent), ["pubrel#3", "pubrel#1", "publish#2", "publish#4", "publish#5"]);
		assert.deepEqual(
			sent.slice(2).map(({ dup }) => dup),
			[true, true, false],
		);
		for (const id of [3, 1]) bench.receive({ cmd: "pubcomp", messageId: id });
		assert.deepEqual(bench.fates, ["c: delivered", "a: delivered"]);
	});

	it("session lost: past PUBREC its fate is unknown and it is not resent; before, it goes out as new", () => {
		const bench = new SessionBench().start();
		for (const name of ["a", "b"]) bench.publish("t", name, two);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.lose();
		bench.accept(false);
		assert.deepEqual(bench.fates, ["a: unknown"]);
		assert.deepEqual(bench.published(), ["t=b 2#3"]);
	});

	it("a PUBREC that comes again is answered again; answers that no message waits for change nothing", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "a", two);
		bench.sent();
		bench.receive({ cmd: "puback", messageId: 9 });
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		bench.receive({ cmd: "pubcomp", messageId: 9 });
		assert.deepEqual(bench.fates, []);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.receive({ cmd: "pubrec", messageId: 1 });
		assert.deepEqual(names(bench.sent()), ["pubrel#1", "pubrel#1"]);
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		assert.deepEqual(bench.fates, ["a: delivered"]);
	});

	it("connects anew when PUBCOMP never comes, and sends PUBREL again", () => {
		const bench = new SessionBench().start();
		bench.publish("t", "a", two);
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.sent();
		for (let second = 0; second < 29; second++) clock.advance(1000);
		assert.equal(bench.disconnects.length, 0);
		clock.advance(3000);
		assert.equal(bench.disconnects.length, 1);
		bench.accept(true);
		assert.deepEqual(names(bench.sent()), ["pubrel#1"]);
	});

	it("identifiers go round without meeting one that is in use", () => {
		const bench = new SessionBench({ window: 3 }).start();
		bench.publish("t", "slow", two);
		const seen = new Set<number>([1]);
		for (let count = 0; count < 70_000; count++) {
			bench.publish("t", "", { QoS: 1, onFate: () => {} });
			const [{ messageId }] = bench.sent().slice(-1);
			assert.ok(messageId > 0 && (count > 65_533 || !seen.has(messageId)), `${messageId}`);
			assert.notEqual(messageId, 1);
			seen.add(messageId);
			bench.receive({ cmd: "puback", messageId });
		}
		assert.equal(seen.size, 65_535);
	});
});

describe("MQTT session: receiving at QoS 2", () => {
	const listen = (options = {}) => {
		const bench = new SessionBench(options);
		const messages: string[] = [];
		bench.session.on("t/#", 2, ({ topic, payload, duplicate }) => {
			messages.push(`${topic}=${Buffer.from(payload)}${duplicate ? "!" : ""}`);
		});
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [2] });
		bench.sent();
		return { bench, messages };
	};
	const publish = (id: number, payload = "x", dup = false) =>
		({ cmd: "publish", topic: "t/a", payload, qos: 2, messageId: id, dup }) as const;

	it("MQTT-4.3.3-2: hands a message out once, however often it comes before its PUBREL", () => {
		const { bench, messages } = listen();
		bench.receive(publish(7));
		bench.receive(publish(7, "x", true));
		bench.receive(publish(7, "x", true), 1);
		assert.deepEqual(messages, ["t/a=x"]);
		assert.deepEqual(names(bench.sent()), ["pubrec#7", "pubrec#7", "pubrec#7"]);
		bench.receive({ cmd: "pubrel", messageId: 7 });
		bench.receive({ cmd: "pubrel", messageId: 7 });
		assert.deepEqual(names(bench.sent()), ["pubcomp#7", "pubcomp#7"]);
		bench.receive(publish(7, "y"));
		assert.deepEqual(messages, ["t/a=x", "t/a=y"]);
	});

	it("once, too, when the connection breaks before PUBREC, PUBREL or PUBCOMP arrives", () => {
		const { bench, messages } = listen();
		bench.receive(publish(1));
		bench.lose();
		bench.accept(true);
		bench.receive(publish(1, "x", true));
		bench.lose();
		bench.accept(true);
		bench.receive({ cmd: "pubrel", messageId: 1 });
		bench.lose();
		bench.accept(true);
		bench.receive({ cmd: "pubrel", messageId: 1 });
		assert.deepEqual(names(bench.sent()), ["pubcomp#1"]);
		assert.deepEqual(messages, ["t/a=x"]);
	});

	it("a large one whose rest was lost with the connection is handed out when it comes again", () => {
		const { bench, messages } = listen();
		const packet = publish(1, "z".repeat(3000));
		bench.receive({ ...packet, payload: "z".repeat(3000) }, 100);
		assert.equal(messages.length, 1);
		bench.receive({ cmd: "pubrel", messageId: 1 });
		const { encode } = bench;
		bench.socket.deliver(encode(packet).subarray(0, 1000), 100);
		bench.lose();
		bench.accept(true);
		bench.receive(packet, 100);
		assert.equal(messages.length, 2);
	});

	it("session lost: identifiers begin anew", () => {
		const { bench, messages } = listen();
		bench.receive(publish(1));
		bench.lose();
		bench.accept(false);
		bench.receive(publish(1, "other"));
		assert.deepEqual(messages, ["t/a=x", "t/a=other"]);
	});

	it("a session that the broker may have lost without anyone hearing of it: subscribed again, and a repetition stays one, also without DUP", () => {
		const { bench, messages } = listen();
		bench.receive(publish(1));
		// Whether the broker forgot everything and made a new session, its lost CONNACK would have said.
		bench.lose();
		clock.advance(0);
		clock.advance(0);
		assert.deepEqual(names(bench.sent()), ["connect"]);
		bench.lose(3000);
		bench.accept(true);
		assert.deepEqual(names(bench.sent()), ["subscribe#2"]);
		bench.receive(publish(1));
		assert.deepEqual(messages, ["t/a=x"]);
		bench.receive({ cmd: "pubrel", messageId: 1 });
		bench.receive(publish(1, "new"));
		assert.deepEqual(messages, ["t/a=x", "t/a=new"]);
	});

	it("a broker that opens exchanges without end and closes none loses the connection, not the node its memory", () => {
		const { bench, messages } = listen();
		let last = 0;
		for (let id = 1; id < 3000; id += 2) {
			if (bench.disconnects.length > 0) break;
			bench.receive(publish(id, String(id)));
			last = id;
		}
		assert.deepEqual(bench.disconnects, ["too many messages at QoS 2 without their PUBREL"]);
		// The one for which there was no room comes again, and is delivered then: once.
		clock.advance(3000);
		bench.accept(true);
		bench.receive({ cmd: "pubrel", messageId: 1 });
		bench.receive(publish(last, String(last), true));
		assert.deepEqual(
			messages.filter((message) => message.startsWith(`t/a=${last}`)),
			[`t/a=${last}!`],
		);
	});

	it("what is too large for a handler is not looked at again when it is repeated", () => {
		const { bench, messages } = listen({ maximumPayload: 10 });
		bench.receive(publish(1, "z".repeat(11)));
		bench.receive(publish(1, "z".repeat(11), true));
		assert.deepEqual(messages, []);
		assert.equal(bench.log.filter((line) => line.includes("11 bytes on t/a skipped")).length, 1);
		assert.deepEqual(names(bench.sent()), ["pubrec#1", "pubrec#1"]);
	});
});

describe("MQTT session: unsubscribing", () => {
	it("forgets a filter when its last handler is gone, also over a reconnect", () => {
		const bench = new SessionBench();
		const [first, second] = [() => {}, () => {}];
		bench.session.on("a", 1, first);
		bench.session.on("a", 1, second);
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		bench.sent();
		assert.equal(bench.session.off("a", first), true);
		assert.deepEqual(bench.sent(), []);
		bench.session.off("a", second);
		assert.deepEqual(names(bench.sent()), ["unsubscribe#2"]);
		bench.lose();
		bench.accept(true);
		assert.deepEqual(names(bench.sent()), ["unsubscribe#3"]);
		bench.receive({ cmd: "unsuback", messageId: 3 });
		assert.equal(bench.session.off("a"), false);
		bench.session.on("a", 2, first);
		assert.deepEqual(names(bench.sent()), ["subscribe#4"]);
	});

	it("a filter that is wanted again before the broker answered is subscribed again", () => {
		const bench = new SessionBench();
		bench.session.on("a", 1, () => {});
		bench.start();
		bench.receive({ cmd: "suback", messageId: 1, granted: [1] });
		bench.session.off("a");
		bench.session.on("a", 1, () => {});
		bench.sent();
		bench.receive({ cmd: "unsuback", messageId: 2 });
		assert.deepEqual(names(bench.sent()), ["subscribe#3"]);
	});
});

describe("MQTT session: messages with a time limit", () => {
	it("what was not sent in time is given up as expired; what was sent is not", () => {
		const bench = new SessionBench({ window: 1 }).start();
		bench.publish("t", "sent", { QoS: 1, expiry: 5 });
		bench.publish("t", "late", { QoS: 1, expiry: 5 });
		bench.publish("t", "ever", { QoS: 1 });
		bench.publish("t", "later", { QoS: 1, expiry: 9 });
		clock.advance(4900);
		assert.deepEqual(bench.fates, []);
		clock.advance(200);
		assert.deepEqual(bench.fates, ["late: expired"]);
		clock.advance(4000);
		assert.deepEqual(bench.fates, ["late: expired", "later: expired"]);
		bench.receive({ cmd: "puback", messageId: 1 });
		assert.deepEqual(bench.published(), ["t=sent 1#1", "t=ever 1#2"]);
	});

	it("offline, it expires without a connection; and no timer stays after the stop", () => {
		const bench = new SessionBench();
		bench.publish("t", "a", { QoS: 1, expiry: 60 });
		clock.advance(59_000);
		assert.deepEqual(bench.session.queued.messages, 1);
		bench.session.stop();
		clock.advance(0);
		assert.equal(clock.pending, 0);
		clock.advance(2000);
		bench.start();
		assert.deepEqual(bench.fates, ["a: expired"]);
	});

	for (const expiry of [0, -1, 1e11, Number.NaN, "x"])
		it(`refuses the time limit ${expiry}`, () => {
			const bench = new SessionBench();
			assert.throws(() => bench.publish("t", "a", { QoS: 1, expiry: expiry as number }), /expiry .* is outside 1\.\./);
		});
});

describe("MQTT session: a promise for the fate", () => {
	it("resolves to it, and rejects what publish refuses", async () => {
		const bench = new SessionBench().start();
		const fate = bench.session.deliver("t", "a", { QoS: 1 });
		bench.receive({ cmd: "puback", messageId: 1 });
		assert.equal(await fate, "delivered");
		await assert.rejects(() => bench.session.deliver("#", "a"), /wildcard/);
	});
});

describe("MQTT session: a message on which the broker closes the connection (3.1.1 has no other way to say no)", () => {
	/** The connection breaks, and the next one is made when it is due. */
	const reconnect = (bench: SessionBench, kept: boolean) => {
		bench.socket.fail(new Error("reset"));
		clock.advance(0);
		clock.advance(Number(/next attempt in (\d+) ms/.exec(bench.log.at(-1)!)![1]));
		bench.accept(kept);
	};

	/** A broker that takes everything but what is `bad`. Returns after so many connections. */
	const serve = (bench: SessionBench, connections: number, bad: string, spare = () => false) => {
		const arrived: string[] = [];
		for (let count = 0; count < connections; count++) {
			let closed = false;
			for (let round = 0; round < 50 && !closed; round++) {
				const sent = bench.sent();
				if (sent.length === 0) break;
				for (const { cmd, messageId, payload, qos, subscriptions } of sent) {
					if (cmd === "subscribe") {
						closed = subscriptions.some(({ topic }: { topic: string }) => topic === bad);
						if (closed) break;
						bench.receive({ cmd: "suback", messageId, granted: subscriptions.map(() => 1) });
					}
					if (cmd === "pubrel") bench.receive({ cmd: "pubcomp", messageId });
					if (cmd !== "publish") continue;
					closed = String(payload).startsWith(bad) && !spare();
					if (closed) break;
					arrived.push(String(payload).slice(0, 9));
					bench.receive({ cmd: qos === 2 ? "pubrec" : "puback", messageId });
				}
			}
			if (!closed) return arrived;
			reconnect(bench, true);
		}
		return arrived;
	};

	for (const QoS of [1, 2] as const)
		it(`QoS ${QoS}: lets the others go first, then is given up, by name`, () => {
			const bench = new SessionBench().start();
			const publish = (payload: string) =>
				bench.session.publish(`t/${payload.slice(0, 5)}`, payload, {
					QoS,
					onFate: (fate, error) => bench.fates.push(`${payload.slice(0, 9)} ${fate} ${error?.code ?? ""}`),
				});
			publish(`poison ${"x".repeat(2000)}`);
			for (let count = 0; count < 3; count++) publish(`fine ${count}`);
			assert.deepEqual(serve(bench, 9, "poison"), ["fine 0", "fine 1", "fine 2"]);
			assert.ok(!bench.fates.some((line) => line.startsWith("poison")));
			publish("fine 3");
			assert.deepEqual(serve(bench, 20, "poison"), ["fine 3"]);
			assert.equal(bench.fates.at(-1), "poison xx dropped rejected");
			assert.match(
				bench.log.find((line) => line.startsWith("error"))!,
				/on the message of 20\d\d bytes on t\/poiso: dropped/,
			);
			assert.equal(bench.session.queued.messages, 0);
		});

	it("a broker that swallows it, and answers nothing behind it, is found, too", () => {
		const bench = new SessionBench().start();
		bench.session.publish("t/big", "poison", { QoS: 1, onFate: (fate) => bench.fates.push(`poison ${fate}`) });
		for (let count = 0; count < 3; count++) bench.publish("t", `fine ${count}`, { QoS: 1 });
		for (let connection = 0; connection < 40 && bench.session.queued.messages > 0; connection++) {
			let swallowed = false;
			for (let round = 0; round < 10; round++)
				for (const { cmd, messageId, payload } of bench.sent()) {
					if (cmd !== "publish") continue;
					swallowed ||= String(payload) === "poison";
					if (!swallowed) bench.receive({ cmd: "puback", messageId });
				}
			for (let second = 0; second < 31 && bench.session.connected; second++) {
				clock.advance(1000);
				if (bench.sent().some(({ cmd }) => cmd === "pingreq")) bench.receive({ cmd: "pingresp" });
			}
			if (bench.session.connected) break;
			clock.advance(Number(/next attempt in (\d+) ms/.exec(bench.log.at(-1)!)![1]));
			bench.accept(true);
		}
		assert.deepEqual(bench.fates, [
			...["fine 0", "fine 1", "fine 2"].map((line) => `${line}: delivered`),
			"poison dropped",
		]);
	});

	it("a network that closes often but not always loses and reorders nothing", () => {
		const bench = new SessionBench().start();
		let attempts = 0;
		for (let count = 0; count < 20; count++) bench.publish("t", `m${count}`, { QoS: 1 });
		const arrived = serve(bench, 1000, "m", () => attempts++ % 5 === 4);
		assert.deepEqual(
			arrived,
			Array.from({ length: 20 }, (_, index) => `m${index}`),
		);
		assert.equal(bench.fates.filter((line) => line.endsWith("delivered")).length, 20);
	});

	it("a filter on which it closes is found and left out; the others are subscribed", () => {
		const bench = new SessionBench();
		for (const filter of ["a", "forbidden", "b"]) bench.session.on(filter, 1, () => {});
		bench.start();
		bench.publish("t", "fine", { QoS: 1 });
		assert.deepEqual(serve(bench, 20, "forbidden"), ["fine"]);
		assert.ok(bench.log.some((line) => /error: .* on the subscription of forbidden: it is left out/.test(line)));
		reconnect(bench, false);
		const asked = bench
			.sent()
			.flatMap(({ subscriptions }) => subscriptions.map(({ topic }: { topic: string }) => topic));
		assert.deepEqual(asked, ["a", "b"]);
	});
});

describe("MQTT session: a message whose topic is none, which a careless broker delivers at every connection", () => {
	const topics = { wildcard: "w/+", NUL: "a\u0000b", "a lone continuation byte": [0x61, 0x80] };
	for (const version of [4, 5] as const)
		for (const [name, topic] of Object.entries(topics))
			it(`MQTT ${version}, ${name}: ends two connections, as the standard wants; then it is passed over, and what is behind it arrives`, () => {
				const bench = new SessionBench({ version });
				const messages: string[] = [];
				bench.session.on("#", 1, (message) => messages.push(message.topic));
				bench.session.start();
				const connack = version === 5 ? [0x20, 3, 1, 0, 0] : [0x20, 2, 1, 0];
				const none = version === 5 ? [0] : [];
				const bad = [...field(topic), 0, 9, ...none, 120];
				const good = [...field("good"), 0, 10, ...none, 120];
				for (let connection = 1; connection <= 3; connection++) {
					clock.advance(0);
					clock.advance(0);
					bench.socket.take();
					bench.socket.deliver(connack);
					bench.socket.take();
					bench.socket.deliver([0x32, bad.length, ...bad, 0x32, good.length, ...good]);
					assert.equal(bench.session.connected, connection === 3, `connection ${connection}`);
					if (connection < 3) clock.advance(Number(/next attempt in (\d+) ms/.exec(bench.log.at(-1)!)![1]));
				}
				assert.deepEqual(messages, ["good"]);
				assert.deepEqual([...bench.socket.take()].join(), "64,2,0,9,64,2,0,10");
				assert.match(bench.log.find((line) => line.includes("skipped"))!, /warn: message of 1 bytes skipped: PUBLISH/);
			});
});
