/** A node of the simulator, in XS and virtual time, and Home Assistant's side of MQTT. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { problemsOfDevice } from "../support/home-assistant";
import { OtherNode } from "../support/other-node";
import { QuietOutput } from "../support/quiet-output";
import { VirtualSimulation } from "../support/virtual-simulation";

const topic = "homeassistant/device/sala/config";

test("the node of node.ts announces itself; a Home Assistant that starts hears it again; taken back it stays away over a restart", async (t) => {
	const world = await VirtualSimulation.start(t);
	const sent = () => world.output.sent(topic);
	await world.run(5);
	assert.equal(sent().length, 1);
	assert.deepEqual(problemsOfDevice(sent()[0]!), []);
	await world.run(10);
	world.order("homeassistant/status", "online");
	await world.run(6);
	assert.equal(sent().length, 2);
	assert.equal(sent()[1], sent()[0]);
	world.order("vagalume/sala/command/discovery", '{"enabled":false}');
	await world.run(10);
	assert.equal(sent().at(-1), "");
	world.order("vagalume/sala/command/restart", "");
	await world.run(30);
	assert.equal(JSON.parse(world.output.sent("vagalume/sala/info").at(-1)!).bootCount, 2);
	assert.equal(sent().length, 3);
});

/** Peak of a node's chunks in a minute, in bytes with garbage; and what it announced. */
async function minute(description: NodeDescription): Promise<{ peak: number; announced: string }> {
	const other = new OtherNode(description);
	const output = new QuietOutput();
	const options = parseSimOptions(["--headless", "--time", "virtual", "--id", "sala"]);
	const simulation = await Simulation.start({ options, output, root: other.folder, description });
	try {
		await simulation.advance(60);
		const { chunksPeak } = simulation.nodes[0]!.statistics()!;
		return { peak: chunksPeak, announced: output.sent(topic).at(-1) ?? "" };
	} finally {
		simulation.stop();
		await simulation.run();
		other.remove();
	}
}

test("an announcement needs no buffer of its size: with 12 more entities it takes no more of the heap", async (t) => {
	const cost = async (pins: readonly number[]) => {
		const relays = Object.fromEntries(pins.map((pin) => [`relay-${pin}`, { pin, title: `Relay of GPIO ${pin}` }]));
		const loud = { ...node, relays } as NodeDescription;
		const { homeAssistant: _, ...silent } = loud;
		const { peak, announced } = await minute(loud);
		assert.deepEqual(problemsOfDevice(announced), []);
		return { more: peak - (await minute(silent as NodeDescription)).peak, size: announced.length };
	};
	const few = await cost([4]);
	const many = await cost([4, 5, 12, 14, 15, 16, 17, 18, 19, 23, 25, 26, 27]);
	t.diagnostic(`${few.size} bytes: ${few.more} bytes more of the heap at most; ${many.size} bytes: ${many.more}`);
	assert.ok(many.size > few.size + 2_000, `${few.size}, ${many.size}`);
	assert.ok(many.more < few.more + 512, `${few.more}, ${many.more}`);
	assert.ok(many.more < many.size / 2, `${many.more}`);
});
