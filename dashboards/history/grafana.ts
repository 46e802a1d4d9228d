import type { Dashboard, DataSourceRef, Panel } from "@grafana/schema";
import type { ChannelView, NodeView } from "../view";
import { MEASUREMENT, STATUS_MEASUREMENT } from "./telegraf";

/** Grafana's ids of the units of node.ts. What it has none for is written behind the value. */
export const GRAFANA_UNITS: Readonly<Record<string, string>> = {
	"°C": "celsius",
	"°F": "fahrenheit",
	K: "kelvin",
	"%": "percent",
	Pa: "pressurepa",
	hPa: "pressurehpa",
	kPa: "pressurekpa",
	mbar: "pressurembar",
	mmHg: "suffix: mmHg",
	inHg: "pressurehg",
	lx: "lux",
	klx: "suffix: klx",
	dBm: "dBm",
	B: "bytes",
	kB: "deckbytes",
	KiB: "kbytes",
	s: "s",
	min: "m",
	h: "h",
	d: "d",
};

/** Chosen at the top of the dashboard among the databases that Grafana knows. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts its variable there
const SOURCE: DataSourceRef = { type: "influxdb", uid: "${datasource}" };
const WIDTH = 12;
const HEIGHT = 8;

/**
 * A dashboard of Grafana: status as a time line, and a panel for each channel, in its unit. Its queries are InfluxQL, which
 * InfluxDB 1, 2 and 3 speak.
 */
export function grafanaDashboard(view: NodeView): Dashboard {
	const { id, name, place, channels, interval } = view;
	const panels = [
		statusPanel(view),
		...channels.map((channel, index) => channelPanel(channel, index, id, interval)),
	].map((panel, index) => ({ id: index + 1, ...panel }));
	return {
		uid: `vg-${id}`,
		title: place === undefined ? name : `${name}, ${place}`,
		tags: ["vagalume"],
		schemaVersion: 39,
		editable: true,
		graphTooltip: 1,
		refresh: "30s",
		time: { from: "now-24h", to: "now" },
		timezone: "browser",
		templating: {
			list: [{ name: "datasource", label: "Database", type: "datasource", query: "influxdb" }],
		},
		panels,
	};
}

function statusPanel({ id }: NodeView): Panel {
	const color = (value: string, color: string, index: number) => ({
		type: "value" as never,
		options: { [value]: { color, index, text: value } },
	});
	return {
		type: "state-timeline",
		title: "Status",
		datasource: SOURCE,
		gridPos: { x: 0, y: 0, w: 2 * WIDTH, h: 4 },
		targets: [query(`SELECT "value" FROM "${STATUS_MEASUREMENT}" WHERE "node" = '${id}' AND $timeFilter`, "Status")],
		fieldConfig: {
			defaults: {
				mappings: [color("online", "green", 0), color("offline", "red", 1)],
				custom: { fillOpacity: 80, lineWidth: 0 },
			},
			overrides: [],
		},
		options: { mergeValues: true, showValue: "auto", rowHeight: 0.9, legend: { showLegend: false } },
	};
}

function channelPanel(channel: ChannelView, index: number, id: string, interval: number): Panel {
	const { name, title, unit, decimals } = channel;
	const from = `FROM "${MEASUREMENT}" WHERE "node" = '${id}' AND $timeFilter`;
	return {
		type: "timeseries",
		title,
		datasource: SOURCE,
		gridPos: { x: (index % 2) * WIDTH, y: 4 + Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
		targets: [query(`SELECT mean("${name}") ${from} GROUP BY time($__interval) fill(none)`, title)],
		// No finer than the records: else every second window would be empty.
		interval: `${interval}s`,
		fieldConfig: {
			defaults: {
				unit: GRAFANA_UNITS[unit] ?? `suffix: ${unit}`,
				decimals,
				// A line ends where three records are missing (ms).
				custom: { drawStyle: "line", lineWidth: 1, fillOpacity: 10, spanNulls: interval * 3000 },
			},
			overrides: [],
		},
		options: { legend: { showLegend: false }, tooltip: { mode: "single" } },
	};
}

function query(text: string, alias: string): Record<string, unknown> {
	return { refId: "A", datasource: SOURCE, rawQuery: true, query: text, alias, resultFormat: "time_series" };
}
