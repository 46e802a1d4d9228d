/** docs/chaos.md: a node in XS and mosquitto, with a proxy between them that does what networks do; only the node's time runs fast. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { allCells } from "../chaos/cells";
import { testCell } from "../support/chaos-cell";
import { withoutMosquitto } from "../support/mosquitto";

describe("against mosquitto", { skip: withoutMosquitto }, () => {
	for (const cell of allCells(["mosquitto"])) {
		testCell(cell, ({ forgotten }) => {
			// What a killed broker has acknowledged and forgotten is its own; any other broker forgets nothing.
			if (cell.fault !== "kill -9" && cell.fault !== "all") assert.equal(forgotten, 0, "the broker forgot messages");
		});
	}
});
