/** docs/chaos.md: a node in XS and mosquitto, with a proxy between them that does what networks do; only the node's time runs fast. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { allCells } from "../chaos/cells";
import { testCell } from "../support/chaos-cell";
import { withoutMosquitto } from "../support/mosquitto";

// Each with a broker of its own; most of their time they wait.
describe("against mosquitto", { skip: withoutMosquitto, concurrency: 4 }, () => {
	for (const cell of allCells(["mosquitto"])) {
		testCell(cell, ({ forgotten }) => {
			// What a broker acknowledged and forgot when it was killed, or sends again after its PUBREL when it was restarted (2.0.11
			// does), is its own. One that runs does neither.
			if (!["restart", "kill -9", "all"].includes(cell.fault)) assert.equal(forgotten, 0, "the broker's own");
		});
	}
});
