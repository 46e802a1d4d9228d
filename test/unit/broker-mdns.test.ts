import assert from "node:assert/strict";
import { test } from "node:test";
import { Allowance } from "../../tools/broker/mdns/allowance";
import { onLink } from "../../tools/broker/mdns/interfaces";

test("an allowance: so many at once, then so many a second", () => {
	let now = 0;
	const allowance = new Allowance(5, () => now);
	const take = (times: number) => Array.from({ length: times }, () => allowance.take()).filter(Boolean).length;
	assert.equal(take(20), 5);
	now += 400;
	assert.equal(take(20), 2);
	now += 3_600_000;
	assert.equal(take(20), 5);
});

test("an address is on the network segments whose bits it has, up to the 32nd", () => {
	const address = (text: string, netmask: string) => ({ address: text, netmask, internal: false });
	const own = [
		address("127.0.0.1", "255.0.0.0"),
		address("192.0.2.200", "255.255.255.0"),
		address("192.0.2.201", "255.255.255.128"),
		address("10.1.2.3", "255.255.255.255"),
		address("203.0.113.9", "255.255.254.0"),
	];
	const found = (other: string) => onLink(other, own).map((one) => one.address);
	assert.deepEqual(found("192.0.2.7"), ["192.0.2.200"]);
	assert.deepEqual(found("192.0.2.130"), ["192.0.2.200", "192.0.2.201"]);
	assert.deepEqual(found("203.0.112.1"), ["203.0.113.9"]);
	assert.deepEqual(found("127.9.9.9"), ["127.0.0.1"]);
	assert.deepEqual(found("10.1.2.4"), []);
	assert.deepEqual(found("10.1.2.3"), ["10.1.2.3"]);
	assert.deepEqual(found("198.51.100.1"), []);
});
