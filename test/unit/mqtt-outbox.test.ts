import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fate, Outbox } from "../../modules/mqtt/outbox";
import { encodePublish } from "../../modules/mqtt/packet/encoder";
import { encodeTopic } from "../../modules/mqtt/packet/topic";

const message = (topic: string) => encodePublish(encodeTopic(topic), new Uint8Array(10), 1, false);

test("records that leave room to others never crowd out a state, and drop the oldest of their own", () => {
	const fates: string[] = [];
	const outbox = new Outbox(4, 10_000, (onFate, fate) => onFate(fate));
	const record = (name: string) =>
		outbox.add(message(name), 1, name, "drop-oldest", (fate: Fate) => fates.push(`${name} ${fate}`), {
			messages: 2,
			bytes: 0,
		});
	for (const name of ["r1", "r2", "r3"]) assert.equal(record(name), true);
	assert.deepEqual(fates, ["r1 dropped"]);
	assert.equal(outbox.add(message("state"), 1, "state", "latest-per-topic", undefined), true);
	assert.equal(outbox.add(message("event"), 1, "event", "drop-oldest", undefined), true);
	assert.equal(outbox.messages, 4);
	assert.deepEqual(fates, ["r1 dropped"]);
});

test("room is left in bytes, too", () => {
	const size = message("r").length;
	const outbox = new Outbox(100, 4 * size, (onFate, fate) => onFate(fate));
	const spare = { messages: 0, bytes: 2 * size };
	for (let count = 0; count < 5; count++) outbox.add(message("r"), 1, "r", "drop-oldest", undefined, spare);
	assert.equal(outbox.messages, 2);
	assert.equal(outbox.add(message("s"), 1, "s", "refuse", undefined), true);
	assert.throws(() => outbox.add(message("r"), 1, "r", "refuse", undefined, spare), { code: "queue-full" });
});

test("a record never drops what others have put into the room it left them", () => {
	const outbox = new Outbox(6, 10_000, () => {});
	const spare = { messages: 3, bytes: 0 };
	const record = () => outbox.add(message("r"), 1, "r", "drop-oldest", undefined, spare);
	assert.ok(record());
	for (let count = 0; count < 5; count++) assert.ok(outbox.add(message("e"), 1, "e", "drop-oldest", undefined));
	assert.equal(record(), false);
	assert.equal(outbox.messages, 6);
	assert.equal(outbox.takeDropped(), 0);
});

test("a state that takes the place of an older one drops nothing for want of room", () => {
	const fates: Fate[] = [];
	const outbox = new Outbox(6, 10_000, (onFate, fate) => onFate(fate));
	for (let count = 0; count < 3; count++)
		outbox.add(message("s"), 1, "s", "latest-per-topic", (fate) => fates.push(fate));
	assert.equal(outbox.messages, 1);
	assert.equal(outbox.takeDropped(), 0);
	assert.deepEqual(fates, ["dropped", "dropped"]);
});
