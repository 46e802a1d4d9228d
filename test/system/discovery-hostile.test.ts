/** A node that looks for its broker where somebody sends it the largest and the slowest answers that fit in a packet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AdvertisedService, answer } from "../../sim/network/dnssd-responder";
import { DiscoveryWorld, service } from "../support/discovery-world";

const A = 1;
const PTR = 12;
const TXT = 16;
const SRV = 33;
const TYPE = ["_mqtt", "_tcp", "local"];
/** As many labels as fit in 255 bytes, and the longest host that a local network has (RFC 6762 §3). */
const LONGEST = [...Array.from({ length: 124 }, () => "h"), "local"];
const HOST = ["h".repeat(63), "local"];

const word = (value: number) => [value >> 8, value & 255];
const label = (text: string) => [text.length, ...Buffer.from(text)];
const name = (labels: readonly string[]) => [...labels.flatMap(label), 0];

function record(owner: readonly number[], type: number, data: readonly number[]): number[] {
	return [...owner, ...word(type), 0, 1, 0, 0, 0, 10, ...word(data.length), ...data];
}

function packet(query: Uint8Array, records: readonly number[][]): Uint8Array {
	return Uint8Array.from([
		...query.subarray(0, 2),
		0x84,
		0,
		0,
		0,
		...word(records.length),
		0,
		0,
		0,
		0,
		...records.flat(),
	]);
}

/** A broker with the longest name, the longest host and the fullest TXT record. */
function large(query: Uint8Array, number: number): Uint8Array {
	const instance = name([`${String.fromCharCode(65 + number)}${"x".repeat(62)}`, ...TYPE]);
	const pairs = Array.from({ length: 16 }, (_, key) => label(`${String.fromCharCode(97 + key)}=${"v".repeat(29)}`));
	return packet(query, [
		record(name(TYPE), PTR, instance),
		record(instance, SRV, [0, 0, 0, 0, ...word(1883), ...name(HOST)]),
		record(instance, TXT, pairs.flat()),
		record(name(HOST), A, [10, 6, 6, 6]),
	]);
}

/** As many addresses as fit, and all of the same long name by pointers (RFC 1035 §4.1.4). */
function slow(query: Uint8Array): Uint8Array {
	const records = [record(name(HOST), A, [10, 6, 6, 6])];
	while (records.length < 80) records.push(record([0xc0, 12], A, [10, 6, 6, 7]));
	return packet(query, records);
}

/** As many servers as fit, each with another host than the one before. */
function restless(query: Uint8Array): Uint8Array {
	const records = [record(name([`A${"x".repeat(62)}`, ...TYPE]), SRV, [0, 0, 0, 0, 7, 91, ...name(LONGEST)])];
	const host = 12 + name([`A${"x".repeat(62)}`, ...TYPE]).length + 10 + 6;
	while (records.length < 50)
		records.push(record([0xc0, 12], SRV, [0, 0, 0, 0, 7, 91, 0xc0, host + 2 * (records.length % 2)]));
	return packet(query, records);
}

const eight = (query: Uint8Array) => Array.from({ length: 8 }, (_, number) => large(query, number));

const attacks: Readonly<Record<string, (query: Uint8Array) => Uint8Array[]>> = {
	large: eight,
	slow: (query) => Array(16).fill(slow(query)),
	restless: (query) => Array(16).fill(restless(query)),
};

for (const [what, make] of Object.entries(attacks))
	test(`the ${what} ones: a node whose queue is full goes on, and finds its broker as soon as that is there`, async (t) => {
		const world = await DiscoveryWorld.start(t, { name: "Casa" }, []);
		world.serve("10.0.9.1", 1883);
		// Until no more records fit.
		await world.run(500);
		let number = 0;
		world.responder = (query) => (number++ % 2 === 0 ? eight(query) : make(query));
		const before = world.simulation.nodes[0]!.statistics()!.compute;
		await world.run(60);
		const packets = (number / 2) * 24;
		const each = (world.simulation.nodes[0]!.statistics()!.compute - before) / packets;
		t.diagnostic(`${Math.round(each)} compute units for each of ${packets} packets`);
		assert.ok(world.lines(/nobody answers for _mqtt\._tcp, but "Ax+", .*"Hx+", and "Casa" is wanted/).length >= 2);
		world.services = [service("Casa", "10.0.9.1", 1883)];
		await world.run(60);
		assert.equal(world.output.sent("vagalume/sala/status").at(-1), "online");
		assert.equal(JSON.parse(world.output.sent("vagalume/sala/info").at(-1)!).bootCount, 1);
		assert.ok(world.output.sent("vagalume/sala/telemetry").length >= 40);
	});

test("in a class of twenty brokers each node finds its own", async (t) => {
	const world = await DiscoveryWorld.start(t, { name: "Aluna 20" }, []);
	world.serve("10.0.9.20", 1883);
	const services = Array.from({ length: 20 }, (_, index) => service(`Aluna ${index + 1}`, `10.0.9.${index + 1}`, 1883));
	// Each computer answers for itself, in any order; more than sixteen packets at once are lost.
	world.responder = (query) => {
		services.push(...services.splice(0, 7));
		return services.flatMap((one: AdvertisedService) => answer(query, [one]) ?? []);
	};
	await world.run(10);
	assert.equal(world.lines(/MQTT: connected/).length, 1);
	assert.deepEqual(
		world.lines(/DNS-SD/).map((line) => line.replace(/^info /, "")),
		['DNS-SD: "Aluna 20" is 10-0-9-20.local, 10.0.9.20:1883'],
	);
});
