/** The judge of the chaos test, given runs that it has to find fault with. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Direction, Exchange, Judge } from "../chaos/judge";
import { acknowledge, connack, Framer, type Packet, PUBACK, PUBCOMP, PUBREC, PUBREL, publish } from "../chaos/packets";
import { IN_TOPIC, OUT_TOPIC, payloadOf } from "../inside/chaos-messages";

function parsed(bytes: Uint8Array): Packet {
	let found: Packet | undefined;
	new Framer().push(bytes, (packet) => {
		found = packet;
	});
	return found!;
}

/** A judge, and packets that reach it: whole, unless they are said to be lost on their way. */
class Court {
	readonly violations: string[] = [];
	readonly judge: Judge;
	exchange = new Exchange();
	readonly #direction: Direction;
	readonly #QoS: 1 | 2;

	/** `exact`: the broker is right. */
	constructor(QoS: 1 | 2, direction: Direction, exact = false) {
		this.#direction = direction;
		this.#QoS = QoS;
		this.judge = new Judge({ QoS, direction, exact, onViolation: (text) => this.violations.push(text) });
		this.connack(false);
	}

	pass(from: Direction, bytes: Uint8Array, arrives = true): void {
		const packet = parsed(bytes);
		this.judge.emitted(from, packet, this.exchange);
		if (arrives) this.judge.passed(from, packet, this.exchange);
	}

	/** A new connection. */
	connack(sessionPresent: boolean): void {
		this.exchange = new Exchange();
		this.pass("in", connack(sessionPresent, 0));
	}

	message(number: number, id: number, duplicate = false): void {
		const topic = this.#direction === "out" ? OUT_TOPIC : IN_TOPIC;
		this.pass(this.#direction, publish(topic, Buffer.from(payloadOf(number)), this.#QoS, id, duplicate));
	}

	/** An answer of the receiver of messages. */
	answer(type: number, id: number, arrives = true): void {
		this.pass(this.#direction === "out" ? "in" : "out", acknowledge(type, id), arrives);
	}

	release(id: number): void {
		this.pass(this.#direction, acknowledge(PUBREL, id));
	}
}

describe("out, QoS 1", () => {
	test("an acknowledged message is well, once or again", () => {
		const court = new Court(1, "out", true);
		court.judge.accept(1);
		court.message(1, 7);
		court.answer(PUBACK, 7, false);
		court.connack(true);
		court.message(1, 7, true);
		court.answer(PUBACK, 7);
		court.judge.fate(1, "delivered");
		court.judge.receipt(1);
		court.judge.receipt(1);
		assert.equal(court.judge.outstanding, 0);
		assert.deepEqual(court.judge.finish(), {
			messages: 1,
			lost: 0,
			twice: 0,
			disordered: 0,
			again: 1,
			ambiguous: 0,
			forgotten: 0,
		});
		assert.deepEqual(court.violations, []);
	});

	test("accepted and never acknowledged is lost", () => {
		const court = new Court(1, "out", true);
		court.judge.accept(1);
		court.message(1, 7);
		assert.equal(court.judge.outstanding, 1);
		assert.equal(court.judge.finish().lost, 1);
	});

	test("a message that the power may have kept from being accepted may be missing", () => {
		const court = new Court(1, "out", true);
		court.judge.doubt(1);
		assert.equal(court.judge.finish().lost, 0);
	});

	test("a broker that is right and did not get an acknowledged message: the acknowledgement was another's", () => {
		const court = new Court(1, "out", true);
		court.judge.accept(1);
		court.message(1, 7);
		court.answer(PUBACK, 7);
		assert.equal(court.judge.finish().lost, 1);
		const other = new Court(1, "out");
		other.judge.accept(1);
		other.message(1, 7);
		other.answer(PUBACK, 7);
		assert.deepEqual({ ...other.judge.finish() }.forgotten, 1);
	});

	test("delivered, says the node, and the broker did not", () => {
		const court = new Court(1, "out");
		court.judge.accept(1);
		court.message(1, 7);
		court.judge.fate(1, "delivered");
		assert.match(court.violations.join(), /message 1 is said to be delivered/);
	});

	test("dropped, says the node, what it accepted", () => {
		const court = new Court(1, "out");
		court.judge.accept(1);
		court.judge.fate(1, "dropped");
		assert.match(court.violations.join(), /message 1 was accepted, and is dropped/);
	});

	test("the same again without DUP", () => {
		const court = new Court(1, "out");
		court.message(1, 7);
		court.connack(true);
		court.message(1, 7);
		assert.match(court.violations.join(), /without DUP/);
	});

	test("an identifier that is in use", () => {
		const court = new Court(1, "out");
		court.message(1, 7);
		court.message(2, 7);
		assert.match(court.violations.join(), /identifier 7 went to message 2 while 1 had it/);
	});

	test("out of order", () => {
		const court = new Court(1, "out");
		court.message(2, 7);
		court.message(1, 8);
		assert.equal(court.judge.finish().disordered, 1);
	});
});

describe("out, QoS 2", () => {
	test("the whole exchange, each half of it repeated on another connection, is one delivery", () => {
		const court = new Court(2, "out", true);
		court.judge.accept(1);
		court.message(1, 7);
		court.answer(PUBREC, 7, false);
		court.connack(true);
		court.message(1, 7, true);
		court.answer(PUBREC, 7);
		court.release(7);
		court.answer(PUBCOMP, 7, false);
		court.connack(true);
		court.release(7);
		court.answer(PUBCOMP, 7);
		court.judge.fate(1, "delivered");
		court.judge.receipt(1);
		assert.equal(court.judge.outstanding, 0);
		assert.deepEqual(court.violations, []);
		assert.equal(court.judge.finish().twice, 0);
	});

	test("PUBREC is not the end", () => {
		const court = new Court(2, "out");
		court.judge.accept(1);
		court.message(1, 7);
		court.answer(PUBREC, 7);
		assert.equal(court.judge.outstanding, 1);
		court.judge.fate(1, "delivered");
		assert.equal(court.violations.length, 1);
	});

	test("with another identifier, or after PUBREL, it is there twice", () => {
		for (const id of [8, 7]) {
			const court = new Court(2, "out");
			court.message(1, 7);
			court.answer(PUBREC, 7);
			if (id === 7) court.release(7);
			court.message(1, id, true);
			assert.equal(court.judge.finish().twice, 1, `identifier ${id}`);
		}
	});

	test("what the broker forgot with its session may come again, unless the node had its PUBREC", () => {
		for (const heard of [false, true]) {
			const court = new Court(2, "out");
			court.message(1, 7);
			court.answer(PUBREC, 7, heard);
			court.connack(false);
			court.message(1, 9);
			const { twice, forgotten } = court.judge.finish();
			assert.deepEqual([twice, forgotten], heard ? [1, 0] : [0, 1]);
		}
	});

	test("a right broker that hands it on twice has been told so", () => {
		const court = new Court(2, "out", true);
		court.judge.doubt(1);
		court.judge.receipt(1);
		court.judge.receipt(1);
		assert.equal(court.judge.finish().twice, 1);
	});
});

describe("in", () => {
	test("acknowledged and not delivered is lost, at once", () => {
		for (const [QoS, type] of [
			[1, PUBACK],
			[2, PUBREC],
		] as const) {
			const court = new Court(QoS, "in");
			court.judge.accept(1);
			court.message(1, 7);
			court.answer(type, 7);
			assert.match(court.violations.join(), /message 1 was acknowledged, and not delivered/);
			assert.equal(court.judge.finish().lost, 1);
		}
	});

	test("never sent by a broker that may forget is the broker's, by one that is right it is lost", () => {
		for (const exact of [false, true]) {
			const court = new Court(1, "in", exact);
			court.judge.accept(1);
			const { lost, forgotten } = court.judge.finish();
			assert.deepEqual([lost, forgotten], exact ? [1, 0] : [0, 1]);
		}
	});

	test("QoS 2: a repetition that is delivered, and one that is not", () => {
		const court = new Court(2, "in");
		court.message(1, 7);
		court.judge.report(1, false);
		court.connack(true);
		court.message(1, 7, true);
		assert.equal(court.judge.finish().twice, 0);
		court.judge.report(1, true);
		assert.equal(court.judge.finish().twice, 1);
	});

	test("QoS 2: the same identifier after PUBREL is another message", () => {
		const court = new Court(2, "in");
		court.message(1, 7);
		court.judge.report(1, false);
		court.answer(PUBREC, 7);
		court.release(7);
		court.message(1, 7);
		court.judge.report(1, false);
		assert.deepEqual(court.violations, []);
		assert.equal(court.judge.finish().forgotten, 0);
		court.judge.accept(1);
		assert.equal(court.judge.finish().forgotten, 1, "the broker's own repetition");
	});

	test("QoS 2: a broker that forgot uses an identifier again that is taken: to deliver and not to deliver are both right", () => {
		for (const delivers of [true, false]) {
			const court = new Court(2, "in");
			court.message(1, 7);
			court.judge.report(1, false);
			court.answer(PUBREC, 7);
			court.connack(true);
			court.judge.accept(2);
			court.message(2, 7);
			if (delivers) court.judge.report(2, false);
			court.answer(PUBREC, 7);
			assert.deepEqual(court.violations, []);
			const { lost, twice, forgotten } = court.judge.finish();
			assert.deepEqual([lost, twice, forgotten], [0, 0, delivers ? 0 : 1]);
		}
	});

	test("QoS 2: between handler and flash the power may go, once, and the repetition says so", () => {
		for (const [open, duplicate, expected] of [
			[1, true, [0, 1]],
			[1, false, [1, 0]],
			[2, true, [1, 0]],
		] as const) {
			const court = new Court(2, "in", true);
			court.message(1, 7);
			court.judge.report(1, false);
			court.judge.cutBeforeRemembering(open);
			court.connack(true);
			court.message(1, 7, true);
			court.judge.report(1, duplicate);
			const { twice, ambiguous } = court.judge.finish();
			assert.deepEqual([twice, ambiguous], expected);
		}
	});

	test("QoS 2: the power went between handler and flash twice, with two messages: each may come again, in any order", () => {
		const court = new Court(2, "in");
		court.message(1, 7);
		court.judge.report(1, false);
		court.judge.cutBeforeRemembering(1);
		court.connack(true);
		// The broker was restarted, and begins with another one.
		court.message(2, 8);
		court.judge.report(2, false);
		court.judge.cutBeforeRemembering(2);
		court.connack(true);
		for (const [number, id] of [
			[1, 7],
			[2, 8],
		] as const) {
			court.message(number, id, true);
			court.judge.report(number, true);
		}
		assert.deepEqual(court.violations, []);
		assert.equal(court.judge.finish().ambiguous, 2);
		court.judge.report(1, true);
		assert.equal(court.violations.length, 1);
	});

	test("QoS 2: a message that was acknowledged had been remembered: it may not come again, whatever was being written", () => {
		const court = new Court(2, "in", true);
		court.message(1, 7);
		court.judge.report(1, false);
		court.answer(PUBREC, 7);
		court.judge.cutBeforeRemembering(1);
		court.connack(true);
		court.message(1, 7, true);
		court.judge.report(1, true);
		assert.equal(court.judge.finish().twice, 1);
	});

	test("QoS 2: a message that the broker forgot and published anew may be cut before it is remembered, as any other", () => {
		const court = new Court(2, "in");
		court.message(1, 7);
		court.judge.report(1, false);
		court.answer(PUBREC, 7);
		court.connack(false);
		court.message(1, 8);
		court.judge.report(1, false);
		court.judge.cutBeforeRemembering(1);
		court.connack(true);
		court.message(1, 8, true);
		court.judge.report(1, true);
		assert.deepEqual(court.violations, []);
	});

	test("what came again because the power went may be sent anew by a broker that forgot, on top of it, and once", () => {
		const court = new Court(2, "in");
		court.message(1, 7);
		court.judge.report(1, false);
		court.judge.cutBeforeRemembering(1);
		court.connack(true);
		court.message(1, 7, true);
		court.judge.report(1, true);
		// The broker lost the session, and publishes it anew.
		court.connack(false);
		court.message(1, 8);
		court.judge.report(1, false);
		assert.deepEqual(court.violations, []);
		court.judge.report(1, false);
		assert.equal(court.violations.length, 1);
	});

	test("what nobody sent, and what came out of order", () => {
		const court = new Court(1, "in");
		court.message(1, 7);
		court.message(2, 8);
		court.judge.report(2, false);
		court.judge.report(1, false);
		assert.equal(court.judge.finish().disordered, 1);
		court.judge.report(3, false);
		assert.match(court.violations.join(), /message 3 was delivered, and never came whole/);
	});

	test("a broker that forgot may change the order itself: then it is the order in which messages came last that counts", () => {
		for (const exact of [false, true]) {
			const court = new Court(2, "in", exact);
			court.message(1, 7);
			court.connack(true);
			court.message(2, 8);
			court.judge.report(2, false);
			court.message(1, 9);
			court.judge.report(1, false);
			assert.equal(court.judge.finish().disordered, exact ? 1 : 0);
		}
	});

	test("while anything may be changed nothing counts, and afterwards it does again", () => {
		const court = new Court(2, "in", true);
		court.judge.suspend(2);
		court.judge.accept(2);
		court.judge.report(2, false);
		court.judge.resume(3);
		court.judge.accept(3);
		assert.deepEqual(court.violations, []);
		assert.equal(court.judge.finish().lost, 1);
	});
});
