import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fate, OnFate, Policy, Spare } from "../../modules/mqtt/fate";
import { Outbox } from "../../modules/mqtt/outbox";
import { encodePublish } from "../../modules/mqtt/packet/encoder";
import { encodeTopic } from "../../modules/mqtt/packet/topic";

/** Adds a message as `publish` does. */
function add(outbox: Outbox, topic: string, policy: Policy, onFate?: OnFate, spare?: Spare): boolean {
	const options = { policy, ...(onFate && { onFate }), ...(spare && { spare }) };
	return outbox.add(message(topic), encodeTopic(topic), options, undefined, false, 0);
}

const message = (topic: string) => encodePublish(encodeTopic(topic), new Uint8Array(10), 1, false);

test("records that leave room to others never crowd out a state, and drop the oldest of their own", () => {
	const fates: string[] = [];
	const outbox = new Outbox(4, 10_000, { tell: (onFate, fate) => onFate(fate) });
	const record = (name: string) =>
		add(outbox, name, "drop-oldest", (fate: Fate) => fates.push(`${name} ${fate}`), { messages: 2, bytes: 0 });
	for (const name of ["r1", "r2", "r3"]) assert.equal(record(name), true);
	assert.deepEqual(fates, ["r1 dropped"]);
	assert.equal(add(outbox, "state", "latest-per-topic"), true);
	assert.equal(add(outbox, "event", "drop-oldest"), true);
	assert.equal(outbox.messages, 4);
	assert.deepEqual(fates, ["r1 dropped"]);
});

test("room is left in bytes, too", () => {
	const size = message("r").length;
	const outbox = new Outbox(100, 4 * size, { tell: (onFate, fate) => onFate(fate) });
	const spare = { messages: 0, bytes: 2 * size };
	for (let count = 0; count < 5; count++) add(outbox, "r", "drop-oldest", undefined, spare);
	assert.equal(outbox.messages, 2);
	assert.equal(add(outbox, "s", "refuse"), true);
	assert.throws(() => add(outbox, "r", "refuse", undefined, spare), { code: "queue-full" });
});

test("a record never drops what others have put into the room it left them", () => {
	const outbox = new Outbox(6, 10_000, { tell: () => {} });
	const spare = { messages: 3, bytes: 0 };
	const record = () => add(outbox, "r", "drop-oldest", undefined, spare);
	assert.ok(record());
	for (let count = 0; count < 5; count++) assert.ok(add(outbox, "e", "drop-oldest"));
	assert.equal(record(), false);
	assert.equal(outbox.messages, 6);
	assert.equal(outbox.takeDropped(), 0);
});

test("a state that takes the place of an older one drops nothing for want of room", () => {
	const fates: Fate[] = [];
	const outbox = new Outbox(6, 10_000, { tell: (onFate, fate) => onFate(fate) });
	for (let count = 0; count < 3; count++) add(outbox, "s", "latest-per-topic", (fate) => fates.push(fate));
	assert.equal(outbox.messages, 1);
	assert.equal(outbox.takeDropped(), 0);
	assert.deepEqual(fates, ["dropped", "dropped"]);
});
