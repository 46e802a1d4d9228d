import { readFileSync } from "node:fs";
import type { NodeDescription } from "../modules/description/description";
import { asyncApi } from "./asyncapi/document";
import { nodeRedFlow } from "./flow/node-red";
import { grafanaDashboard } from "./history/grafana";
import { telegrafConfiguration } from "./history/telegraf";
import { iotMqttPanel, panelSettings } from "./phone/iot-mqtt-panel";
import { type ViewOptions, viewOf } from "./view";

/** What clients import, by file name. Throws RangeError on a wrong broker. */
export function dashboardFiles(node: NodeDescription, options: ViewOptions = {}): Map<string, string> {
	const view = viewOf(node, options);
	const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
	return new Map([
		["node-red.json", json(nodeRedFlow(view))],
		["iot-mqtt-panel.json", json(iotMqttPanel(view))],
		["iot-mqtt-panel.md", panelSettings(view)],
		["telegraf.conf", telegrafConfiguration(view)],
		["grafana.json", json(grafanaDashboard(view))],
		["asyncapi.json", json(asyncApi(node, view, version))],
	]);
}

function json(value: unknown): string {
	return `${JSON.stringify(value, undefined, 2)}\n`;
}
