/** Fifty nodes in virtual time, updated in stages by their owner's tool. */
import assert from "node:assert/strict";
import { after, describe, type TestContext, test } from "node:test";
import { type Connection, Fleet, type Outcome, rollOut, type Shipment, STAGES } from "../../tools/ota/fleet";
import { statusTable } from "../../tools/ota/screen";
import { imageOf, Owner } from "../support/owner";
import { VirtualSimulation } from "../support/virtual-simulation";

const NODES = 50;
const owner = new Owner();
after(() => owner.close());

function shipmentOf(image: Uint8Array): Shipment {
	return { version: "1.1.0", text: owner.sign(image), images: owner.images };
}

async function fleetOf(t: TestContext): Promise<{ world: VirtualSimulation; fleet: Fleet; ids: string[] }> {
	const world = await VirtualSimulation.start(t, ["--nodes", String(NODES), "--release-key", owner.keyFile]);
	const { simulation } = world;
	const connection: Connection = {
		publish: (topic, payload) => simulation.order(topic, payload),
		subscribe: (filter, handler) =>
			simulation.broker!.subscribe(filter, (topic, payload) => handler(topic, payload.toString(), false)),
	};
	const fleet = new Fleet(connection, simulation.clock, "vagalume/{id}");
	fleet.watchAll();
	await world.run(20);
	return { world, fleet, ids: fleet.nodes.map(({ id }) => id) };
}

/** Rolls a release out, while time passes. */
async function roll(world: VirtualSimulation, fleet: Fleet, ids: string[], shipment: Shipment) {
	const stages: number[] = [];
	let result: { outcomes: readonly Outcome[]; untouched: readonly string[] } | undefined;
	void rollOut(
		ids,
		(id) => fleet.push(id, shipment),
		STAGES,
		(_, part) => stages.push(part.length),
	).then((all) => {
		result = all;
	});
	for (let minute = 0; minute < 120 && !result; minute++) await world.run(60);
	assert.ok(result, "it never ends");
	return { ...result, stages };
}

describe("a fleet of 50 nodes", () => {
	test("is updated in stages: 1, 10 %, all", async (t) => {
		const { world, fleet, ids } = await fleetOf(t);
		assert.equal(ids.length, NODES);
		const { outcomes, untouched, stages } = await roll(world, fleet, ids, shipmentOf(imageOf("1.1.0")));
		assert.deepEqual(stages, [1, 4, 45]);
		assert.deepEqual(
			outcomes.filter(({ ok }) => !ok),
			[],
		);
		assert.equal(outcomes.length, NODES);
		assert.deepEqual(untouched, []);
		assert.ok(fleet.nodes.every(({ state }) => state?.installed_version === "1.1.0"));
		assert.match(statusTable(fleet.nodes)[1]!, /^sala-1 {2,}online +1\.1\.0 +idle +1\.1\.0 runs$/);
	});

	test("a bad release stops at the first stage: 49 nodes never hear of it", async (t) => {
		const { world, fleet, ids } = await fleetOf(t);
		const bad = imageOf("1.1.0", { "main.ts": "throw new Error('oops');" });
		const { outcomes, untouched, stages } = await roll(world, fleet, ids, shipmentOf(bad));
		assert.deepEqual(stages, [1]);
		assert.deepEqual(outcomes, [{ id: "sala-1", ok: false, message: "rolled-back: 1.1.0 was given up: reset: panic" }]);
		assert.equal(untouched.length, NODES - 1);
		const told = world.output.messages.filter(({ topic }) => topic.endsWith("/update/available"));
		assert.deepEqual([...new Set(told.map(({ topic }) => topic))], ["vagalume/sala-1/update/available"]);
		assert.ok(fleet.nodes.every(({ state, status }) => state?.installed_version === "0.1.0" && status === "online"));
	});

	test("a node that does not come back stops the roll-out, too", async (t) => {
		const { world, fleet, ids } = await fleetOf(t);
		const shipment = shipmentOf(imageOf("1.1.0"));
		world.simulation.nodes[0]!.powerCut();
		const { outcomes, untouched } = await roll(world, fleet, ids, shipment);
		assert.match(outcomes[0]!.message, /nothing was heard for 7 minutes; the last was: nothing/);
		assert.equal(untouched.length, NODES - 1);
	});
});
