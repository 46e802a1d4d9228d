/** The broker of the chaos test: right, durable, and strict with its clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { BrokerModel } from "../chaos/broker-model";
import {
	acknowledge,
	bare,
	connect,
	describe,
	Framer,
	PINGREQ,
	PUBACK,
	PUBCOMP,
	PUBREC,
	PUBREL,
	publish,
	subscribe,
} from "../chaos/packets";
import type { Wire } from "../chaos/wire";
import { IN_TOPIC, OUT_TOPIC, payloadOf } from "../inside/chaos-messages";

class Bench {
	readonly clock = new VirtualClock();
	readonly taken: number[] = [];
	readonly complaints: string[] = [];
	readonly broker = new BrokerModel(this.clock, {
		onTaken: (number) => this.taken.push(number),
		onComplaint: (text) => this.complaints.push(text),
	});
	heard: string[] = [];
	closed = 0;
	wire!: Wire;

	/** Connects as a client. */
	connect(id = "node", clean = false, keepAlive = 60): this {
		const wire = this.broker.connect()!;
		const framer = new Framer();
		wire.onBytes = (bytes) => framer.push(bytes, (packet) => this.heard.push(describe(packet)));
		wire.onClosed = () => this.closed++;
		wire.write(connect(id, clean, keepAlive));
		this.wire = wire;
		return this;
	}

	publish(number: number, QoS: number, id: number, duplicate = false): void {
		this.wire.write(publish(OUT_TOPIC, Buffer.from(payloadOf(number)), QoS, id, duplicate));
	}

	give(number: number, QoS: number): void {
		this.broker.publish(number, IN_TOPIC, Buffer.from(payloadOf(number)), QoS);
	}

	/** What it said since this was last asked. */
	take(): string[] {
		return this.heard.splice(0);
	}
}

test("QoS 2 from a client: a repetition is answered and not handed on; after PUBREL the identifier is free", () => {
	const bench = new Bench().connect();
	bench.publish(1, 2, 7);
	bench.connect();
	bench.publish(1, 2, 7, true);
	bench.wire.write(acknowledge(PUBREL, 7));
	bench.publish(2, 2, 7);
	assert.deepEqual(bench.take(), [
		"CONNACK 0",
		"PUBREC 7",
		"CONNACK 0 session present",
		"PUBREC 7",
		"PUBCOMP 7",
		"PUBREC 7",
	]);
	assert.deepEqual(bench.taken, [1, 2]);
	assert.deepEqual(bench.complaints, []);
});

test("an identifier in use without DUP, messages out of order, a second CONNECT: complaints", () => {
	const reused = new Bench().connect();
	reused.publish(1, 2, 7);
	reused.publish(2, 2, 7);
	assert.match(reused.complaints.join(), /identifier 7 is in use/);
	assert.equal(reused.closed, 1);
	const order = new Bench().connect();
	order.publish(2, 1, 1);
	order.publish(1, 1, 2);
	assert.match(order.complaints.join(), /message 1 after 2/);
	const twice = new Bench().connect();
	twice.wire.write(connect("node", false, 60));
	assert.match(twice.complaints.join(), /second CONNECT/);
});

test("to a client: what was not acknowledged comes again, in order, with DUP; PUBREL after PUBREC", () => {
	const bench = new Bench().connect();
	bench.wire.write(subscribe(9, IN_TOPIC, 2));
	for (const number of [1, 2, 3]) bench.give(number, 2);
	bench.wire.write(acknowledge(PUBREC, 1));
	assert.deepEqual(bench.take().slice(2), [
		'PUBLISH 1 Q2 "1" 21 B',
		'PUBLISH 2 Q2 "2" 45 B',
		'PUBLISH 3 Q2 "3" 46 B',
		"PUBREL 1",
	]);
	bench.connect();
	assert.deepEqual(bench.take(), [
		"CONNACK 0 session present",
		"PUBREL 1",
		'PUBLISH 2 Q2 DUP "2" 45 B',
		'PUBLISH 3 Q2 DUP "3" 46 B',
	]);
	bench.wire.write(acknowledge(PUBCOMP, 1));
	bench.give(4, 2);
	assert.match(bench.take().join(), /PUBLISH 1 Q2 "4"/, "the lowest identifier that is free");
});

test("no more than twenty are on their way", () => {
	const bench = new Bench().connect();
	bench.wire.write(subscribe(9, IN_TOPIC, 1));
	for (let number = 1; number <= 30; number++) bench.give(number, 1);
	assert.equal(bench.take().length, 2 + 20);
	bench.wire.write(acknowledge(PUBACK, 1));
	assert.equal(bench.take().length, 1);
	assert.equal(bench.broker.session("node")!.queued, 29);
});

test("killed before a packet it knows nothing of it, killed after it, it knows all; either way nobody is told", async () => {
	for (const death of ["before", "after"] as const) {
		const bench = new Bench().connect();
		bench.take();
		bench.broker.kill(death, () => bench.clock.set(() => bench.broker.start(), 1_000));
		bench.publish(1, 2, 7);
		assert.deepEqual(bench.take(), []);
		assert.equal(bench.closed, 1);
		assert.equal(bench.broker.connect(), undefined, "nobody listens");
		assert.deepEqual(bench.taken, death === "before" ? [] : [1]);
		await bench.clock.run(2_000);
		bench.connect();
		bench.publish(1, 2, 7, true);
		assert.deepEqual(bench.take(), ["CONNACK 0 session present", "PUBREC 7"]);
		assert.deepEqual(bench.taken, [1]);
	}
});

test("the newer of two clients with an identifier takes over; a silent one is gone after one and a half keep-alives", async () => {
	const bench = new Bench().connect();
	bench.connect();
	assert.equal(bench.closed, 1);
	await bench.clock.run(89_000);
	bench.wire.write(bare(PINGREQ));
	await bench.clock.run(178_000);
	assert.equal(bench.closed, 1);
	await bench.clock.run(180_000);
	assert.equal(bench.closed, 2);
});

test("a clean session, or a lost one, remembers nothing", () => {
	const bench = new Bench().connect();
	bench.wire.write(subscribe(9, IN_TOPIC, 1));
	bench.broker.lose("node");
	assert.equal(bench.closed, 1);
	bench.connect();
	bench.connect("node", true);
	assert.deepEqual(
		bench.take().filter((line) => line.startsWith("CONNACK")),
		["CONNACK 0", "CONNACK 0", "CONNACK 0"],
	);
});
