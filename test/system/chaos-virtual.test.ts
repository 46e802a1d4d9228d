/** docs/chaos.md: a node in XS, a proxy that does what networks do, and a broker that is right, in virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allCells, runCell } from "../chaos/cells";
import type { Cell } from "../chaos/run";
import { testCell } from "../support/chaos-cell";

for (const cell of allCells(["virtual"])) {
	const { fault, direction, QoS } = cell;
	testCell(cell, ({ cuts, stalls, corruptions, restarts, powerCuts, forgotten, ambiguous }) => {
		// The faults that the cell is named after were there.
		const done: Readonly<Record<string, number>> = { cut: cuts, stall: stalls, corrupt: corruptions };
		const blows: Readonly<Record<string, number>> = { restart: restarts, "kill -9": restarts, "power cut": powerCuts };
		const count = { ...done, ...blows }[fault];
		if (count !== undefined) assert.ok(count > 10, `${count} times ${fault}`);
		assert.equal(forgotten, 0);
		// Only a power cut may come between a handler and what remembers the message.
		if (!(direction === "in" && QoS === 2 && powerCuts > 0)) assert.equal(ambiguous, 0);
	});
}

test("the same seed is the same run, to the packet", async () => {
	const cell: Cell = { world: "virtual", fault: "all", direction: "in", QoS: 2 };
	const [first, second, other] = [1, 1, 2].map((seed) => runCell(cell, { messages: 200, seed }));
	assert.deepEqual((await first!).totals, (await second!).totals);
	assert.notDeepEqual((await other!).totals.packets, (await first!).totals.packets);
});
