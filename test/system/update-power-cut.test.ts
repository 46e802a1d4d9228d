/** An update during which the power is cut at its writes: counted, and the rest of it run for each. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { RomShelf } from "../../hosts/desktop/firmware/rom-shelf";
import type { Folder } from "../../hosts/shared/folder";
import { root } from "../../tools/root";
import { imageOf, Owner, transports } from "../support/owner";
import { RecordedFolder } from "../support/recorded-folder";
import { VirtualSimulation } from "../support/virtual-simulation";

const owner = new Owner();
const shelf = new RomShelf(root);
after(() => {
	owner.close();
	shelf.close();
});
const STATE = "vagalume/sala/update";
const image = imageOf("1.1.0");
const release = owner.sign(image);

interface Run {
	readonly versions: string[];
	readonly blocks: number;
	readonly result: string | undefined;
}

/** A node with that flash, to which the release is announced; until it has confirmed it, or 20 minutes. */
async function run(t: Parameters<typeof VirtualSimulation.start>[0], folder: Folder): Promise<Run> {
	const flash = { path: "", folder, notice: undefined, close: () => {} };
	const world = await VirtualSimulation.start(t, owner.options, undefined, {
		flashOf: () => flash,
		shelf,
	});
	owner.serve(world);
	world.order("vagalume/sala/update/available", owner.announcement(release), true);
	const states = () => world.output.sent(STATE).map((text) => JSON.parse(text));
	const confirmed = () => {
		const last = states().at(-1);
		return last?.installed_version === "1.1.0" && last.phase === "idle";
	};
	for (let slice = 0; slice < 120 && !confirmed(); slice++) await world.run(10);
	const versions = world.output.sent("vagalume/sala/info").map((text) => JSON.parse(text).version as string);
	const { result } = states().at(-1) ?? {};
	assert.equal(await world.end(), 0, "no fault");
	return { versions, blocks: owner.given, result };
}

/**
 * The writes at which the power is cut: every one over MQTT; over HTTP, where only the way of the bytes differs, every fifth,
 * or with VAGALUME_POWER_CUTS=all every one, too.
 */
const STRIDE = { MQTT: 1, HTTP: process.env["VAGALUME_POWER_CUTS"] === "all" ? 1 : 5 };

for (const transport of transports)
	test(`over ${transport}, power cut at ${STRIDE[transport] === 1 ? "every" : "every fifth"} write of an update: the node boots a whole firmware, and the update comes to its end`, async (t) => {
		owner.transport = transport;
		const recorded = new RecordedFolder();
		const whole = await run(t, recorded);
		assert.equal(whole.result, "confirmed");
		assert.deepEqual(whole.versions, ["0.1.0", "1.1.0"]);
		const { count } = recorded;
		assert.ok(count > 200, `only ${count} writes`);
		let again = 0;
		let cuts = 0;
		for (let at = 0; at <= count; at += STRIDE[transport]) {
			for (const half of recorded.halves(at) ? [false, true] : [false]) {
				const { versions, blocks } = await run(t, recorded.cut(at, half));
				assert.ok(versions.length > 0 && versions.every((version) => ["0.1.0", "1.1.0"].includes(version)));
				assert.equal(versions.at(-1), "1.1.0", `cut at write ${at}${half ? ", in its middle" : ""}`);
				again += blocks;
				cuts++;
			}
		}
		// What was there was not fetched again: on average half of the image was left.
		const average = again / cuts;
		t.diagnostic(
			`${count} writes, ${cuts} cuts, ${whole.blocks} blocks, ${average.toFixed(0)} of them after a cut on average`,
		);
		assert.ok(average < 0.65 * whole.blocks, `${average} blocks of ${whole.blocks}`);
	});
