import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadNode } from "../../tools/load-node";
import { OtherNode } from "../support/other-node";

const virtual = ["--time", "virtual", "--nvs", "flash"];
const topic = /\/telemetry$/;

test("telemetry.durable: records made while the broker was away are in flash, and go out after the next boot, in order", async (t) => {
	const { node } = await loadNode();
	const other = new OtherNode({ ...node, telemetry: { ...node.telemetry, durable: true } });
	t.after(() => other.remove());
	writeFileSync(join(other.folder, "world.json"), '[{"at":25,"wifi":"down"}]');
	const first = other.simulate([...virtual, "--duration", "225", "--world", "world.json"]);
	assert.equal(first.status, 0, first.stderr);
	const second = other.simulate([...virtual, "--duration", "60"]);
	assert.equal(second.status, 0, second.stderr);
	const records = second.lines.filter((line) => topic.test(line.topic ?? "")).map((line) => JSON.parse(line.payload));
	const sequence = records.map(({ seq }) => seq as number);
	// The half-open connection was found after 30 to 90 s; what was made from then on was kept: up to the 23rd record.
	const kept = sequence.slice(0, sequence.indexOf(1));
	assert.ok(kept.length >= 10, `${sequence}`);
	assert.deepEqual(
		kept,
		kept.map((_, index) => 24 - kept.length + index),
	);
	assert.ok(sequence.length >= kept.length + 5, "and those of the new boot follow");
});

test("broker.version: 5 with the simulator's own broker, which speaks 3.1.1, is wrong usage that says what to do", async (t) => {
	const { node } = await loadNode();
	const other = new OtherNode({ ...node, broker: { version: 5 } });
	t.after(() => other.remove());
	const { status, stderr } = other.simulate(["--time", "virtual", "--duration", "5"]);
	assert.equal(status, 2);
	assert.match(stderr, /--broker: .*MQTT 5 \(broker\.version\)/);
});
