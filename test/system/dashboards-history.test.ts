/**
 * What a node of the simulator reports, in InfluxDB as Telegraf's documented parsers write it, asked for by the queries of the
 * dashboard. Telegraf and Grafana themselves are not in Debian: they do not run here.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Panel } from "@grafana/schema";
import { grafanaDashboard } from "../../dashboards/history/grafana";
import { DATABASE, MEASUREMENT, STATUS_MEASUREMENT } from "../../dashboards/history/telegraf";
import { viewOf } from "../../dashboards/view";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { InfluxDB, withoutInfluxDB } from "../support/influxdb";
import { VirtualSimulation } from "../support/virtual-simulation";

/** A record in line protocol: its numbers are fields, its time is the point's. */
function pointOf(record: Record<string, unknown>): string {
	const { time, ...rest } = record;
	const fields = Object.entries(rest).filter(([, value]) => typeof value === "number");
	const text = fields.map(([name, value]) => `${name}=${value}`).join();
	return `${MEASUREMENT},node=sala ${text} ${Date.parse(String(time))}000000`;
}

test("the queries of Grafana's dashboard find each channel's values and its status", {
	skip: withoutInfluxDB,
}, async (t) => {
	const world = await VirtualSimulation.start(t);
	await world.run(60);
	world.node.powerCut();
	await world.run(120);
	world.node.powerOn();
	await world.run(60);
	const records = world.output.sent("vagalume/sala/telemetry").map((text) => JSON.parse(text));
	const statuses = world.output.messages
		.filter(({ topic, direction }) => topic === "vagalume/sala/status" && direction === "out")
		.map(({ date, payload }) => `${STATUS_MEASUREMENT},node=sala value="${payload}" ${date}000000`);
	const database = await InfluxDB.start(DATABASE);
	t.after(() => database.stop());
	await database.write(DATABASE, [...records.map(pointOf), ...statuses]);

	const { panels } = grafanaDashboard(viewOf(node as NodeDescription, { id: "sala" }));
	const ask = async (panel: Panel) => {
		const text = String(panel.targets![0]!["query"]);
		const filled = text.replace("$timeFilter", "time > 0").replace("$__interval", String(panel.interval));
		return (await database.query(filled, DATABASE)).map(([, value]) => value);
	};
	const [status, ...channels] = panels as Panel[];
	assert.deepEqual(await ask(status!), ["online", "online"]);
	assert.equal(channels.length, 6);
	for (const panel of channels) {
		const found = await ask(panel);
		assert.equal(found.length, records.length, panel.title);
		assert.equal(found.at(-1), records.at(-1)[panel.title!], panel.title);
	}
});
