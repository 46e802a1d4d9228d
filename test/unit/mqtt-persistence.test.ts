import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Received } from "../../modules/mqtt/received";
import type { SessionOptions } from "../../modules/mqtt/session";
import { clock } from "../support/clock";
import { FakeFlash } from "../support/fake-flash";
import { fresh } from "../support/mqtt-client";
import { SessionBench } from "../support/mqtt-session";

let flash: FakeFlash;
beforeEach(() => {
	fresh();
	flash = new FakeFlash();
});

const two = { QoS: 2, durable: true } as const;
const one = { QoS: 1, durable: true } as const;
const names = (packets: { cmd: string; messageId?: number; dup?: boolean }[]) =>
	packets.map(({ cmd, messageId, dup }) => `${cmd}${messageId === undefined ? "" : `#${messageId}`}${dup ? "!" : ""}`);

/** Boots: what was in memory is gone, what is in flash is not. */
function boot(options: Partial<SessionOptions> = {}): SessionBench {
	clock.reset();
	flash.revive();
	return new SessionBench({ persistence: { storage: flash.storage }, ...options });
}

describe("a session in flash: publishing", () => {
	it("what was queued before a power cut goes out after it, in order; what is not durable does not", () => {
		const before = boot();
		before.publish("t", "a", one);
		before.publish("t", "b", { QoS: 1 });
		before.publish("t", "c", two);
		const after = boot();
		assert.equal(after.session.queued.messages, 2);
		after.start();
		assert.deepEqual(after.published(), ["t=a 1#1", "t=c 2#2"]);
	});

	it("QoS 1: one write a message, one deletion when the broker has it, nothing is left", () => {
		const bench = boot().start();
		for (let count = 0; count < 10; count++) {
			bench.publish("t", "a", one);
			bench.receive({ cmd: "puback", messageId: bench.sent()[0].messageId });
		}
		assert.equal(flash.writes, 20);
		assert.equal(flash.values.size, 0);
	});

	it("session kept by the broker: a message in flight goes out again with its identifier and DUP", () => {
		const before = boot().start();
		before.publish("t", "a", two);
		before.publish("t", "b", two);
		before.receive({ cmd: "pubrec", messageId: 1 });
		const after = boot().start(true);
		assert.deepEqual(names(after.sent()), ["pubrel#1", "publish#2!"]);
		after.receive({ cmd: "pubcomp", messageId: 1 });
		after.receive({ cmd: "pubrec", messageId: 2 });
		after.receive({ cmd: "pubcomp", messageId: 2 });
		assert.equal(flash.values.size, 0);
	});

	it("session lost: past PUBREC it is not resent, before it goes out without DUP", () => {
		const before = boot().start();
		before.publish("t", "a", two);
		before.publish("t", "b", two);
		before.receive({ cmd: "pubrec", messageId: 1 });
		const after = boot().start(false);
		assert.deepEqual(names(after.sent()), ["publish#2"]);
		assert.equal(flash.values.size, 1);
	});

	it("identifiers of before the boot are not given to other messages", () => {
		const before = boot().start();
		for (const name of ["a", "b", "c"]) before.publish("t", name, one);
		before.receive({ cmd: "puback", messageId: 2 });
		const after = boot();
		after.start(true);
		after.publish("t", "d", one);
		const ids = after.sent().map(({ messageId }) => messageId);
		assert.equal(new Set(ids).size, 3);
		assert.deepEqual(ids.slice(0, 2), [1, 3]);
	});

	it("what expires goes on expiring after the boot", () => {
		boot().publish("t", "a", { ...one, expiry: 100 });
		const after = boot();
		clock.advance(99_000);
		assert.equal(after.session.queued.messages, 1);
	});

	it("a full flash refuses the message, and says so; the queue is as it was", () => {
		const bench = boot();
		bench.publish("t", "a", one);
		flash.broken = true;
		assert.throws(() => bench.publish("t", "b", one), { code: "storage" });
		assert.equal(bench.session.queued.messages, 1);
		bench.publish("t", "c", { QoS: 1 });
		assert.equal(bench.session.queued.messages, 2);
	});

	it("a flash that fails while messages are under way costs a line of the log, not the connection", () => {
		const bench = boot().start();
		bench.publish("t", "a", two);
		flash.broken = true;
		bench.receive({ cmd: "pubrec", messageId: 1 });
		bench.receive({ cmd: "pubcomp", messageId: 1 });
		assert.deepEqual(bench.fates, ["a: delivered"]);
		assert.equal(bench.session.connected, true);
		assert.ok(bench.log.some((line) => line.startsWith("error")));
	});

	it("without persistence a durable message is refused", () => {
		const bench = new SessionBench();
		assert.throws(() => bench.publish("t", "a", one), { code: "storage", message: /needs persistence/ });
	});

	it("QoS 0 is never written", () => {
		const bench = boot();
		bench.publish("t", "a", { QoS: 0, policy: "drop-oldest", durable: true });
		assert.equal(flash.writes, 0);
	});

	it("a state that takes the place of an older one takes it in flash, too", () => {
		const bench = boot();
		for (const value of ["1", "2", "3"]) bench.publish("t", value, { ...one, policy: "latest-per-topic" });
		assert.equal(flash.values.size, 1);
		assert.deepEqual(boot().start().published(), ["t=3 1#3"]);
	});
});

describe("a session in flash: the write budget", () => {
	const writes = { burst: 10, perHour: 60 };

	it("refuses durable messages when it is spent (policy `refuse`), and takes them again later", () => {
		const bench = boot({ persistence: { storage: flash.storage, writes } });
		const publish = () => bench.publish("t", "a", { ...one, policy: "refuse" });
		for (let count = 0; count < 10; count++) publish();
		assert.throws(publish, { code: "write-budget" });
		assert.equal(bench.session.queued.messages, 10);
		clock.advance(60_000);
		publish();
		assert.throws(publish, { code: "write-budget" });
	});

	it("with another policy keeps them in memory only, and says so once", () => {
		const bench = boot({ persistence: { storage: flash.storage, writes } });
		for (let count = 0; count < 15; count++) bench.publish("t", "a", one);
		assert.equal(bench.session.queued.messages, 15);
		assert.equal(flash.values.size, 10);
		assert.equal(bench.log.filter((line) => line.includes("write budget")).length, 1);
	});

	it("a day of messages without end writes no more than the budget", () => {
		const bench = boot({ persistence: { storage: flash.storage, writes }, queue: { messages: 20 } });
		for (let second = 0; second < 86_400; second++) {
			bench.publish("t", "a", one);
			clock.advance(1000);
		}
		// A deletion makes room for each message that is dropped: these count, too.
		assert.ok(flash.writes <= 10 + 24 * 60 + 20, `${flash.writes} writes`);
		assert.ok(flash.writes > 1000, `${flash.writes} writes`);
	});
});

describe("a session in flash: receiving at QoS 2", () => {
	const listen = (bench: SessionBench, kept: boolean) => {
		const messages: string[] = [];
		bench.session.on("t", 2, ({ payload }) => {
			if (!flash.dead) messages.push(String(Buffer.from(payload)));
		});
		bench.start(kept);
		bench.sent();
		return messages;
	};
	const publish = (id: number, dup = false) =>
		({ cmd: "publish", topic: "t", payload: `m${id}`, qos: 2, messageId: id, dup }) as const;

	it("MQTT-4.3.3-2: a message is handed out once, also when the power is cut before PUBREC, PUBREL or PUBCOMP arrive", () => {
		const first = boot();
		const messages = listen(first, false);
		first.receive(publish(1));
		assert.deepEqual(messages, ["m1"]);
		const second = boot();
		const more = listen(second, true);
		second.receive(publish(1, true));
		assert.deepEqual(names(second.sent()), ["pubrec#1"]);
		const third = boot();
		listen(third, true);
		third.receive({ cmd: "pubrel", messageId: 1 });
		assert.deepEqual(names(third.sent()), ["pubcomp#1"]);
		assert.deepEqual(more, []);
		assert.equal(flash.values.size, 0);
		third.receive(publish(1));
	});

	it("the identifier is in flash before PUBREC leaves, and out of it before PUBCOMP leaves", () => {
		const bench = boot();
		const messages = listen(bench, false);
		flash.cut = { at: 1, after: false };
		bench.receive(publish(1));
		assert.equal(flash.dead, true);
		assert.equal(flash.values.size, 0);
		assert.deepEqual(messages, ["m1"]);
		// What a dead board would have sent does not count; a living one sends it after the write.
		const again = boot();
		listen(again, true);
		again.receive(publish(1, true));
		assert.equal(flash.values.size, 1);
	});

	it("the broker's session lost: nothing of before counts", () => {
		const first = boot();
		listen(first, false);
		first.receive(publish(1));
		const second = boot();
		const messages = listen(second, false);
		second.receive(publish(1));
		assert.deepEqual(messages, ["m1"]);
	});

	it("with another broker or client identifier nothing of before counts", () => {
		const first = boot();
		listen(first, false);
		first.receive(publish(1));
		const second = boot({ host: "other.example" });
		const messages = listen(second, true);
		second.receive(publish(1, true));
		assert.deepEqual(messages, ["m1"]);
	});
});

describe("a session in flash: damage", () => {
	it("whatever the flash holds, the node boots, says what it could not read, and goes on", () => {
		const before = boot();
		for (let count = 0; count < 4; count++) before.publish("topic", `payload ${count}`, two);
		const sound = new Map(flash.values);
		let state = 1;
		const random = (below: number) => {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			return Math.floor((state / 2 ** 32) * below);
		};
		for (let round = 0; round < 500; round++) {
			flash.values.clear();
			for (const [key, value] of sound) {
				const bytes = Uint8Array.from(value);
				for (let count = random(4); count > 0; count--) bytes[random(bytes.length)] = random(256);
				flash.values.set(key, random(3) === 0 ? bytes.slice(0, random(bytes.length)) : bytes);
			}
			flash.values.set(
				"mqtt/in",
				Uint8Array.from({ length: random(40) }, () => random(256)),
			);
			flash.values.set("mqtt/m0", new Uint8Array(3));
			flash.values.set("mqtt/other", new Uint8Array(3));
			const bench = boot().start(true);
			bench.sent();
			bench.publish("t", "lives", { QoS: 1 });
			assert.equal(bench.session.connected, true);
			assert.match(bench.published().at(-1) ?? "", /lives/);
		}
	});

	it("a message of 3.1.1 in flash is sent as one of MQTT 5, and the other way round", () => {
		boot().publish("t", "a", one);
		const five = boot({ version: 5 });
		assert.equal(five.session.queued.messages, 1);
		five.publish("t", "b", one);
		const four = boot().start(true);
		assert.deepEqual(four.published(), ["t=a 1#1!", "t=b 1#2!"]);
	});

	it("more messages than the queue now takes are given up, with an error on the log", () => {
		const before = boot();
		for (let count = 0; count < 5; count++) before.publish("t", String(count), one);
		const after = boot({ queue: { messages: 3 } });
		assert.equal(after.session.queued.messages, 3);
		assert.deepEqual(after.log, [], "not from within the constructor");
		clock.advance(0);
		assert.ok(after.log.some((line) => /error: 2 message\(s\)/.test(line)));
	});
});

describe("identifiers of received messages", () => {
	it("are what was added and not deleted, whatever the order", () => {
		const received = new Received();
		const model = new Set<number>();
		let state = 7;
		for (let count = 0; count < 20_000; count++) {
			state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
			const id = 1 + ((state >>> 8) % 60);
			if (state % 3 > 0) {
				assert.ok(received.add(id));
				model.add(id);
			} else {
				assert.ok(received.delete(id));
				model.delete(id);
			}
			assert.equal(received.has(id), model.has(id));
			if (count % 500 > 0) continue;
			const view = new DataView(new ArrayBuffer(received.byteLength));
			received.write(view, 0);
			const other = new Received();
			other.read(view, 0);
			for (let one = 0; one <= 61; one++) assert.equal(other.has(one), model.has(one), `${one}`);
		}
	});

	it("of a broker that counts up take a few bytes, also at the end of their range", () => {
		const received = new Received();
		for (let id = 1; id <= 65_535; id++) assert.ok(received.add(id));
		assert.equal(received.byteLength, 4);
		assert.ok(received.has(65_535));
		for (let id = 1; id <= 65_535; id++) assert.ok(received.delete(id));
		assert.ok(received.empty);
	});
});
