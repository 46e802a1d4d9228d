import assert from "node:assert/strict";
import { test } from "node:test";
import { type CellResult, nameOf, runCell } from "../chaos/cells";
import type { Cell } from "../chaos/run";

/** In CI; `npm run chaos` has more. */
const MESSAGES = 2_000;
const SEED = 1;

/** Lines of the packet log that a failure shows. */
const TAIL = 300;

/** A test of one cell: nothing lost, at QoS 2 nothing twice, in order, memory flat. `more` looks at its figures. */
export function testCell(cell: Cell, more: (totals: CellResult["totals"]) => void = () => {}): void {
	const { fault, direction, QoS } = cell;
	const name = `${fault}, ${direction}, QoS ${QoS}: nothing is lost${QoS === 2 ? ", nothing comes twice" : ""}`;
	test(name, async (t) => {
		const { totals, failures } = await runCell(cell, { messages: MESSAGES, seed: SEED });
		const [failure] = failures;
		if (failure) {
			const { seed, messages, cutPoint, violations, log } = failure;
			const cut = cutPoint ? ` --cut ${cutPoint.kind}:${cutPoint.index}:${cutPoint.when}` : "";
			const count = cutPoint ? messages : MESSAGES;
			const again = `npm run chaos -- --cell "${nameOf(cell)}" --messages ${count} --seed ${cutPoint ? seed : SEED}${cut}`;
			assert.fail([...violations, `again: ${again}`, ...log.slice(-TAIL)].join("\n"));
		}
		const { messages, lost, twice, disordered, connections, again, ambiguous, forgotten } = totals;
		t.diagnostic(
			`${messages} messages, ${connections} connections, ${again} again, ${ambiguous} ambiguous, ${forgotten} the broker's`,
		);
		assert.deepEqual({ lost, twice, disordered }, { lost: 0, twice: 0, disordered: 0 });
		assert.ok(messages > MESSAGES * 0.9, `only ${messages} messages were judged`);
		more(totals);
	});
}
