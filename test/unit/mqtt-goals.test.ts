// The goals that were set for MQTT on a microcontroller; `npm run bench -- mqtt inside` prints all figures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { insideRom } from "../support/inside";
import { messageCost } from "../support/mqtt-costs";
import { goals, hundredGoal, sessionGoal } from "../support/mqtt-goals";
import { holdings } from "../support/mqtt-memory";

const rom = insideRom("mqtt-costs");

for (const { units, slots, ...traffic } of goals) {
	const { direction, QoS, size } = traffic;
	test(`to ${direction} ${size} bytes at QoS ${QoS} takes at most ${units} compute units and ${slots} slots`, () => {
		const cost = messageCost(rom, traffic);
		assert.ok(cost.units > 100 && cost.units <= units, `${cost.units} units`);
		assert.ok(cost.slots > 0 && cost.slots <= slots, `${cost.slots} slots`);
	});
}

test("an idle session holds at most 8 KB of heap, and 100 messages in flight 24 KB", () => {
	const held = holdings(rom);
	assert.ok(held.session > 1000 && held.session <= sessionGoal, `${held.session} bytes`);
	assert.ok(held.hundredInFlight > 5000 && held.hundredInFlight <= hundredGoal, `${held.hundredInFlight} bytes`);
});
