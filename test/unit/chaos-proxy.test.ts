/** What the proxy of the chaos test does to bytes, and what it says of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { Judge } from "../chaos/judge";
import { acknowledge, Framer, MalformedError, PUBACK, publish } from "../chaos/packets";
import { type LinkPlan, Plan } from "../chaos/plan";
import { ChaosProxy } from "../chaos/proxy";
import { type Wire, wirePair } from "../chaos/wire";
import { OUT_TOPIC, payloadOf } from "../inside/chaos-messages";

const calm: LinkPlan = {
	cutAfter: Number.POSITIVE_INFINITY,
	cutTells: "both",
	stalls: [],
	single: false,
	gather: 0,
	delay: 0,
	corruptAfter: Number.POSITIVE_INFINITY,
	corruption: "type",
	halfOpen: false,
};

interface Arrival {
	readonly at: number;
	readonly bytes: Buffer;
}

/** A node, a broker, and the proxy between them. */
class Street {
	readonly clock = new VirtualClock();
	readonly proxy: ChaosProxy;
	readonly violations: string[] = [];
	readonly node: Wire;
	readonly broker: Wire;
	readonly arrivals: Record<"node" | "broker", Arrival[]> = { node: [], broker: [] };
	readonly closed: string[] = [];

	constructor(plan: Partial<LinkPlan>, strict = true) {
		const [node, near] = wirePair();
		const [far, broker] = wirePair();
		this.node = node;
		this.broker = broker;
		const onViolation = (text: string) => void this.violations.push(text);
		this.proxy = new ChaosProxy({
			clock: this.clock,
			plan: { link: () => ({ ...calm, ...plan }) } as unknown as Plan,
			judge: new Judge({ QoS: 1, direction: "out", exact: true, onViolation: () => {} }),
			connect: () => far,
			onPackets: () => {},
			onViolation,
			random: () => 0.5,
			patience: 5_000,
			strict,
		});
		for (const [name, wire] of [
			["node", node],
			["broker", broker],
		] as const) {
			wire.onBytes = (bytes) => this.arrivals[name].push({ at: this.clock.now(), bytes: Buffer.from(bytes) });
			wire.onClosed = () => this.closed.push(name);
		}
		this.proxy.accept(near);
	}

	got(name: "node" | "broker"): Buffer {
		return Buffer.concat(this.arrivals[name].map(({ bytes }) => bytes));
	}

	/** What left its sender, and what reached its receiver. */
	log(): string[] {
		return this.proxy.log.lines().map((line) => line.replace(/^\S+ #1 /, ""));
	}
}

const message = (number: number) => publish(OUT_TOPIC, Buffer.from(payloadOf(number)), 1, number);

test("without faults bytes pass as they are, and each packet is in the log as it leaves and as it arrives", () => {
	const street = new Street({});
	street.node.write(message(1).subarray(0, 5));
	street.node.write(message(1).subarray(5));
	street.broker.write(acknowledge(PUBACK, 1));
	assert.deepEqual(street.got("broker"), message(1));
	assert.deepEqual(street.got("node"), Buffer.from(acknowledge(PUBACK, 1)));
	assert.deepEqual(street.log(), [
		"opened",
		`node ->| PUBLISH 1 Q1 "1" ${message(1).length} B`,
		`node |-> PUBLISH 1 Q1 "1" ${message(1).length} B`,
		"broker ->| PUBACK 1",
		"broker |-> PUBACK 1",
	]);
});

test("a cut comes after its very byte, and what is behind it does not pass", () => {
	const street = new Street({ cutAfter: 9 });
	street.node.write(message(1));
	assert.deepEqual(street.got("broker"), message(1).subarray(0, 9));
	assert.deepEqual(street.closed.sort(), ["broker", "node"]);
	assert.ok(!street.log().some((line) => line.startsWith("node |->")));
});

test("a cut may tell one side only: the other lives on with nobody at the far end", () => {
	for (const cutTells of ["node", "broker"] as const) {
		const street = new Street({ cutAfter: 9, cutTells });
		street.node.write(message(1));
		assert.deepEqual(street.closed, [cutTells]);
		const other = cutTells === "node" ? "broker" : "node";
		street[other].write(acknowledge(PUBACK, 1));
		assert.equal(street.arrivals[cutTells].length, cutTells === "node" ? 0 : 1);
		street[other].cut();
		assert.deepEqual(street.closed, [cutTells]);
	}
});

test("single bytes arrive alone, all of them", () => {
	const street = new Street({ single: true });
	street.node.write(message(1));
	assert.deepEqual(street.got("broker"), message(1));
	assert.ok(street.arrivals.broker.every(({ bytes }) => bytes.length === 1));
});

test("gathered bytes arrive in one piece, at the end of their time", async () => {
	const street = new Street({ gather: 500 });
	street.node.write(message(1));
	street.clock.set(() => street.node.write(message(2)), 300);
	await street.clock.run(10_000);
	assert.equal(street.arrivals.broker.length, 1 + 1, "the first at 0 ms");
	assert.deepEqual(street.arrivals.broker[1], { at: 500, bytes: message(2) });
});

test("delayed bytes keep their order", async () => {
	const street = new Street({ delay: 1_000 });
	for (let number = 1; number <= 20; number++) street.node.write(message(number));
	await street.clock.run(10_000);
	assert.deepEqual(street.got("broker"), Buffer.concat(Array.from({ length: 20 }, (_, index) => message(index + 1))));
	assert.ok(street.arrivals.broker.at(-1)!.at >= 500);
});

test("a stall holds one direction, for its time; then all of it passes", async () => {
	const street = new Street({ stalls: [{ after: 1, duration: 30_000, who: "out" }] });
	street.node.write(message(1));
	street.node.write(message(2));
	street.broker.write(acknowledge(PUBACK, 1));
	await street.clock.run(29_999);
	assert.deepEqual(street.got("broker"), message(1));
	assert.equal(street.got("node").length, 4);
	await street.clock.run(30_000);
	assert.deepEqual(street.got("broker"), Buffer.concat([message(1), message(2)]));
});

test("what is corrupted in its header no receiver can take, and it has to end the connection", async () => {
	for (const corruption of ["type", "flags", "length"] as const) {
		const street = new Street({ corruptAfter: 1, corruption });
		street.node.write(message(1));
		street.node.write(message(2));
		assert.throws(() => new Framer().push(street.got("broker"), () => {}), MalformedError, corruption);
		assert.ok(!street.log().some((line) => line.includes("|-> PUBLISH 2")));
		await street.clock.run(60_000);
		assert.match(street.violations.join(), /the broker did not end a connection/, corruption);
	}
});

test("a receiver that ends the connection is right", async () => {
	const street = new Street({ corruptAfter: 1, corruption: "flags" });
	street.broker.onBytes = (bytes) => {
		if ((bytes[0]! & 6) === 6) street.broker.cut();
	};
	street.node.write(message(1));
	street.node.write(message(2));
	await street.clock.run(60_000);
	assert.deepEqual(street.violations, []);
	assert.deepEqual(street.closed, ["node"]);
});

test("a packet that is corrupted elsewhere is never complete", () => {
	for (const number of [2, 13]) {
		const street = new Street({ corruptAfter: 1, corruption: "cut" });
		street.node.write(message(1));
		street.node.write(message(number));
		const got = street.got("broker").subarray(message(1).length);
		assert.equal(got.length, message(number).length - 1);
		assert.notDeepEqual(got, message(number).subarray(0, -1));
		assert.deepEqual(street.closed.sort(), ["broker", "node"]);
	}
});

test("a broker that lets reserved flags pass does not get them", () => {
	const street = new Street({ corruptAfter: 0, corruption: "flags" }, false);
	street.node.write(acknowledge(PUBACK, 1));
	assert.equal(street.got("broker")[0]! >> 4, 15);
});

test("a node without power may leave its connection half open", () => {
	for (const halfOpen of [false, true]) {
		const street = new Street({ halfOpen });
		street.proxy.powerGoes();
		street.node.cut();
		assert.deepEqual(street.closed, halfOpen ? [] : ["broker"]);
		street.broker.cut();
	}
});

test("in the end a connection is calm, whatever its plan was", () => {
	const street = new Street({ cutAfter: 1, corruptAfter: 1 });
	street.proxy.rough = false;
	street.node.write(message(1));
	assert.deepEqual(street.got("broker"), message(1));
});

test("a plan is the same for the same seed, another for another, and each fault has its own", () => {
	const scale = { density: 1, duration: 1 };
	const draw = (seed: number) => {
		const plan = new Plan("all", seed, scale);
		return Array.from({ length: 20 }, () => [plan.link(), plan.blow()]);
	};
	assert.deepEqual(draw(1), draw(1));
	assert.notDeepEqual(draw(1), draw(2));
	assert.equal(new Plan("cut", 1, scale).blow(), undefined);
	assert.equal(new Plan("restart", 1, scale).link().cutAfter, Number.POSITIVE_INFINITY);
	assert.ok(new Plan("cut", 1, scale).link().cutAfter < 100_000);
	assert.ok(new Plan("stall", 1, scale).link().stalls.some(({ duration }) => duration > 0));
});
