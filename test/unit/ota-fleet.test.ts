import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { VirtualClock } from "../../hosts/desktop/clock";
import { blockFor } from "../../tools/ota/blocks";
import { type Connection, Fleet, rollOut } from "../../tools/ota/fleet";
import { barOf } from "../../tools/ota/screen";

/** A broker that keeps what the fleet does. */
class Wire implements Connection {
	readonly published: [string, string | Uint8Array][] = [];
	readonly handlers = new Map<string, (topic: string, payload: string, retain: boolean) => void>();

	publish(topic: string, payload: string | Uint8Array): void {
		this.published.push([topic, payload]);
	}
	subscribe(filter: string, handler: (topic: string, payload: string, retain: boolean) => void): void {
		this.handlers.set(filter, handler);
	}
}

const image = Buffer.alloc(5000, "image");
const sha256 = createHash("sha256").update(image).digest("base64url");
const shipment = { version: "1.1.0", text: "signed", images: new Map([[sha256, image]]) };
const state = (changes: object) => JSON.stringify({ installed_version: "1.0.0", phase: "idle", ...changes });

describe("a fleet", () => {
	test("knows nodes by the level that is their id, wherever it stands", () => {
		for (const [base, filter, topic] of [
			["vagalume/{id}", "vagalume/+/status", "vagalume/sala/status"],
			["{id}", "+/status", "sala/status"],
			["casa/{id}/esp", "casa/+/esp/status", "casa/sala/esp/status"],
		] as const) {
			const wire = new Wire();
			const fleet = new Fleet(wire, new VirtualClock(), base);
			fleet.watchAll();
			wire.handlers.get(filter)!(topic, "online", true);
			assert.deepEqual(
				fleet.nodes.map(({ id, status }) => [id, status]),
				[["sala", "online"]],
			);
		}
	});

	test("cannot find all nodes where the base does not tell one from another", () => {
		for (const base of ["casa/sala", "casa/esp-{id}", "{id}/{id}", "casa/{id}x"])
			assert.throws(() => new Fleet(new Wire(), new VirtualClock(), base).watchAll(), /one of its levels, once/, base);
	});

	test("reaches one node whose base has no id in it", () => {
		const wire = new Wire();
		const fleet = new Fleet(wire, new VirtualClock(), "casa/terreo/sala");
		fleet.watch("esp-7");
		void fleet.push("esp-7", shipment);
		assert.deepEqual(wire.published, [["casa/terreo/sala/update/available", "signed"]]);
		wire.handlers.get("casa/terreo/sala/update/request")!(
			"casa/terreo/sala/update/request",
			JSON.stringify({ image: sha256, offset: 4096, length: 904 }),
			false,
		);
		assert.equal(wire.published[1]![0], "casa/terreo/sala/update/block");
		assert.deepEqual(wire.published[1]![1], Buffer.concat([Buffer.from([0, 0, 16, 0]), image.subarray(4096)]));
	});

	test("a state that was retained says nothing of this push; one that is none says nothing at all", async () => {
		const wire = new Wire();
		const fleet = new Fleet(wire, new VirtualClock(), "vagalume/{id}");
		fleet.watch("sala");
		const pushed = fleet.push("sala", shipment);
		const tell = (payload: string, retain = false) =>
			wire.handlers.get("vagalume/sala/update")!("vagalume/sala/update", payload, retain);
		tell(state({ result: "refused", message: "yesterday" }), true);
		tell("{");
		tell('{"phase":"idle"}');
		tell(state({}));
		tell(state({ result: "refused", message: "release 1.1.0 expired" }));
		assert.deepEqual(await pushed, { id: "sala", ok: false, message: "refused: release 1.1.0 expired" });
	});

	test("is told stage by stage: numbers of nodes, and percent of all, rounded up", async () => {
		const ids = Array.from({ length: 7 }, (_, index) => `n${index}`);
		const stages: number[] = [];
		const push = async (id: string) => ({ id, ok: id !== "n3", message: "" });
		const { outcomes, untouched } = await rollOut(
			ids,
			push,
			[{ count: 1 }, { percent: 10 }, { percent: 50 }, { percent: 100 }],
			(number, part) => stages.push(number, part.length),
		);
		assert.deepEqual(stages, [1, 1, 3, 3]);
		assert.equal(outcomes.length, 4);
		assert.deepEqual(untouched, ["n4", "n5", "n6"]);
	});
});

test("blocks: what is not asked for rightly is not answered", () => {
	const asked = { image: sha256, offset: 0, length: 100 };
	assert.equal(blockFor(JSON.stringify(asked), shipment.images)?.length, 104);
	for (const changes of [
		{ image: "x" },
		{ offset: -1 },
		{ offset: 0.5 },
		{ length: 0 },
		{ length: 4097 },
		{ offset: 4950 },
	])
		assert.equal(
			blockFor(JSON.stringify({ ...asked, ...changes }), shipment.images),
			undefined,
			JSON.stringify(changes),
		);
	for (const text of ["", "null", "[]", "{"]) assert.equal(blockFor(text, shipment.images), undefined);
});

test("a bar shows how far a node is", () => {
	const node = {
		id: "sala",
		status: "online",
		state: JSON.parse(state({ phase: "downloading", update_percentage: 50 })),
	};
	assert.equal(barOf(node), `${"#".repeat(12)}${".".repeat(12)}  50 %  sala  downloading`);
	assert.match(barOf({ ...node, status: "offline" }), /downloading, offline$/);
});
