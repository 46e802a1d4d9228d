// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Telegraf
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Dashboard, Panel } from "@grafana/schema";
import { parse } from "smol-toml";
import { dashboardFiles } from "../../dashboards/generate";
import { GRAFANA_UNITS } from "../../dashboards/history/grafana";
import type { NodeDescription } from "../../modules/description/description";
import { quantityTable } from "../../modules/description/units";
import { bare, greenhouse, OTHERS_NAMES } from "../support/greenhouse";

const filesOf = (node: NodeDescription, options = {}) => dashboardFiles(node, options);
const telegraf = (node: unknown, options = {}) =>
	JSON.parse(JSON.stringify(parse(filesOf(node as NodeDescription, options).get("telegraf.conf")!)));
const grafana = (node: unknown): Dashboard => JSON.parse(filesOf(node as NodeDescription).get("grafana.json")!);

/** Of Telegraf's input `mqtt_consumer` (its sample.conf), of every input, and of the parsers `json` and `value`. */
const KNOWN =
	"servers topics topic_tag qos persistent_session client_id username password name_override tags data_format data_type json_time_key json_time_format";

describe("Telegraf's settings", () => {
	it("are TOML of options that it has: records with their own time, and the status, at QoS 1 in sessions of their own", () => {
		const { inputs, outputs } = telegraf(greenhouse);
		const [records, status, ...others] = inputs.mqtt_consumer;
		assert.deepEqual(others, []);
		for (const input of [records, status]) {
			for (const key of Object.keys(input)) assert.ok(KNOWN.split(" ").includes(key), key);
			assert.deepEqual(input.servers, ["ssl://broker.example:8883"]);
			assert.deepEqual([input.qos, input.persistent_session], [1, true]);
			assert.deepEqual(input.tags, { node: "estufa-3", place: "Quintal" });
		}
		assert.notEqual(records.client_id, status.client_id);
		assert.deepEqual(records.topics, ["casa/quintal/estufa-3/telemetry"]);
		assert.deepEqual(status.topics, ["casa/quintal/estufa-3/status"]);
		// Go's reference time in RFC 3339.
		assert.deepEqual([records.json_time_key, records.json_time_format], ["time", "2006-01-02T15:04:05Z07:00"]);
		assert.equal(outputs.influxdb_v2.length, 1);
	});

	it("have no secret, take any name, and any kind of broker", () => {
		const { inputs, outputs } = telegraf(greenhouse);
		assert.deepEqual(
			[inputs.mqtt_consumer[0].password, outputs.influxdb_v2[0].token],
			["${MQTT_PASSWORD:-}", "${INFLUX_TOKEN:?is not set}"],
		);
		const odd = { ...greenhouse, name: 'A "b"\n[x]', place: 'C:\\"d" ${HOME}' };
		assert.equal(telegraf(odd).inputs.mqtt_consumer[0].tags.place, 'C:\\"d" {HOME}');
		const server = (broker: string) => telegraf(bare, { broker }).inputs.mqtt_consumer[0].servers[0];
		assert.equal(server("mqtt://[::1]"), "tcp://[::1]:1883");
		assert.equal(server("wss://h.example/mqtt"), "wss://h.example:443/mqtt");
	});
});

describe("the dashboard for Grafana", () => {
	const panels = (node: unknown) => grafana(node).panels as Panel[];

	it("has the status as a time line, and a panel for each channel in its unit and decimals", () => {
		assert.deepEqual(
			panels(greenhouse).map(({ type, title, fieldConfig }) => [
				type,
				title,
				fieldConfig?.defaults.unit,
				fieldConfig?.defaults.decimals,
			]),
			[
				["state-timeline", "Status", undefined, undefined],
				["timeseries", "Calor", "fahrenheit", 2],
				["timeseries", "pressao", "pressurehpa", 1],
				["timeseries", "luz", "suffix: klx", 3],
				["timeseries", "vivo", "h", 1],
			],
		);
		assert.deepEqual(
			panels(bare).map(({ title }) => title),
			["Status"],
		);
		assert.doesNotMatch(JSON.stringify(grafana(greenhouse)), OTHERS_NAMES);
	});

	it("knows every unit that node.ts may name", () => {
		for (const quantity of Object.values(quantityTable))
			for (const unit of Object.keys(quantity!.units)) assert.ok(GRAFANA_UNITS[unit], unit);
	});

	it("has panels that do not lie on each other, with ids of their own, and a uid that Grafana takes", () => {
		const { uid, panels } = grafana(greenhouse) as { uid: string; panels: Panel[] };
		const cells = panels.flatMap(({ gridPos }) => {
			const { x, y, w, h } = gridPos!;
			assert.ok(x + w <= 24);
			return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
		});
		assert.equal(new Set(cells).size, cells.length);
		assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
		const longest = grafana({ ...bare, id: "a".repeat(32) }).uid!;
		for (const one of [uid, longest]) assert.match(one, /^[a-zA-Z0-9_-]{1,40}$/);
	});
});
