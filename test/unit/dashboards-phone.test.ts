import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dashboardFiles } from "../../dashboards/generate";
import type { NodeDescription } from "../../modules/description/description";
import { type AsyncApi, MessageJudge } from "../support/asyncapi";
import { bare, greenhouse, OTHERS_NAMES } from "../support/greenhouse";

/** Members of each kind of panel in backups of the app (dataVersion 152) that its users have published. */
const MEMBERS: Readonly<Record<string, string>> = {
	common:
		"connectionId dashboardId disableDashboardPrefix mqttType panelId panelMergeClass panelName panelWidth qos type",
	led: "enableNotification hidePanelName iconColorOff iconColorOn iconOff iconOn iconSize isJSONPayload jsonPath notificationFilter notificationMax notificationMessage notificationMin notificationRegex notificationValue payloadOff payloadOn showReceivedTimeStamp topic",
	switch:
		"confirmBeforePublish confirmationMessage defaultColor enableNotification hasCustomIcon hidePanelName iconColorOff iconColorOn iconOff iconOn iconSize isJSONPayload jsonEnvelope jsonPath notificationFilter notificationMax notificationMessage notificationMin notificationRegex notificationValue payloadOff payloadOn retain seperateSubscribeTopic showReceivedTimeStamp showSentTimeStamp topic",
	slider:
		"confirmBeforePublish confirmationMessage defaultColor dynamicColor enableNotification firstColor firstColorEnd isJSONPayload jsonEnvelope jsonPath messageFactor notificationFilter notificationMax notificationMessage notificationMin notificationRegex notificationValue orientation payloadMax payloadMin retain secondColor secondColorEnd seperateSubscribeTopic showReceivedTimeStamp showSentTimeStamp step thirdColor topic unit",
	button:
		"buttonSize confirmBeforePublish confirmationMessage defaultColor fitToPanelWidth hasCustomIcon hidePanelName icon iconColor isJSONPayload jsonEnvelope noPayload payload retain showSentTimeStamp topic",
	gauge:
		"decimalPrecision enableNotification firstColor firstColorEnd isJSONPayload jsonPath messageFactor notificationFilter notificationMax notificationMessage notificationMin notificationRegex notificationValue payloadMax payloadMin secondColor secondColorEnd showReceivedTimeStamp step thirdColor topic unit",
	log: "digitalDisplay enableNotification fontSize hideLabel hideTopic isJSONPayload jsonPath logLength maxPersistence messageFactor notificationFilter notificationMax notificationMessage notificationMin notificationRegex notificationValue showLatestMsgOnly showReceivedTimeStamp topic unit",
	"line-graph": "comboItemList maxDuraion maxPersistence smoothCurve",
};

const filesOf = (node: NodeDescription, options = {}) => dashboardFiles(node, options);
const files = filesOf(greenhouse as NodeDescription);
const backup = JSON.parse(files.get("iot-mqtt-panel.json")!);
const panels: Record<string, unknown>[] = backup.panels;
const titles = (type: string) => panels.filter((panel) => panel["type"] === type).map(({ panelName }) => panelName);

describe("the backup for IoT MQTT Panel", () => {
	it("has panels of kinds, and with members, that backups of the app have", () => {
		for (const panel of panels) {
			const expected = `${MEMBERS["common"]} ${MEMBERS[String(panel["type"])]}`.split(" ").sort();
			assert.deepEqual(Object.keys(panel).sort(), expected, String(panel["type"]));
		}
		assert.equal(new Set(panels.map(({ panelId }) => panelId)).size, panels.length);
	});

	it("has a panel for all that the node has, and none of another node", () => {
		assert.deepEqual(titles("led"), ["Status"]);
		assert.deepEqual(titles("switch"), ["Aviso", "Lâmpada", "fita", 'Bomba "A"', "porta"]);
		assert.deepEqual(titles("slider"), ["Lâmpada: brightness", "fita: brightness"]);
		assert.deepEqual(titles("button").slice(0, 4), ["fita: red", "fita: green", "fita: blue", "fita: white"]);
		assert.deepEqual(titles("button").slice(4), ["report", "identify", "restart"]);
		assert.deepEqual(titles("gauge"), ["Calor", "pressao", "luz"]);
		assert.deepEqual(titles("line-graph"), ["Calor", "pressao", "luz"]);
		assert.deepEqual(titles("log"), ["vivo", "Campainha", "Log"]);
		assert.doesNotMatch(JSON.stringify(backup), OTHERS_NAMES);
		const { panels: few } = JSON.parse(filesOf(bare as NodeDescription).get("iot-mqtt-panel.json")!);
		assert.deepEqual(
			few.map(({ panelName }: { panelName: string }) => panelName),
			["Status", "report", "restart", "Log"],
		);
	});

	it("sends what the node understands, at QoS 1 and never retained, and hears topics that it sends", () => {
		const document: AsyncApi = JSON.parse(files.get("asyncapi.json")!);
		const judge = new MessageJudge(document);
		for (const panel of panels) {
			const { type, mqttType, topic, seperateSubscribeTopic, qos, retain, jsonEnvelope } = panel;
			const heard = mqttType === "sub" ? (topic ?? (panel["comboItemList"] as { topic: string }[])[0]!.topic) : "";
			for (const one of [heard, seperateSubscribeTopic].filter(Boolean))
				assert.equal(document.operations[judge.keyOf(String(one))!]!.action, "send", String(one));
			if (mqttType === "sub") continue;
			assert.deepEqual([qos, retain], [1, false]);
			const values = { switch: ["payloadOn", "payloadOff"], slider: ["payloadMin", "payloadMax"], button: ["payload"] };
			for (const name of values[type as keyof typeof values]) {
				const value = String(panel[name]);
				const sent = jsonEnvelope ? String(jsonEnvelope).replace("<payload>", value) : value;
				assert.equal(judge.problemOf(String(topic), sent), undefined);
			}
		}
	});

	it("connects as the broker's URL says, with neither user nor password", () => {
		const connection = (broker?: string) => {
			const text = filesOf(greenhouse as NodeDescription, { broker }).get("iot-mqtt-panel.json")!;
			const { host, port, connectionType, username, password } = JSON.parse(text).connections[0];
			assert.equal(username + password, "");
			return [connectionType, host, port];
		};
		assert.deepEqual(connection(), ["ssl", "broker.example", 8883]);
		assert.deepEqual(connection("mqtt://10.0.0.2:1884"), ["tcp", "10.0.0.2", 1884]);
		assert.deepEqual(connection("wss://h.example/mqtt"), ["wss", "h.example", 443]);
	});

	it("is a table, too, with a row for each panel", () => {
		const table = files.get("iot-mqtt-panel.md")!;
		const rows = table.split("\n").filter((line) => /^\| (led|switch|slider|button|gauge|log|line-graph) /.test(line));
		assert.equal(rows.length, panels.length);
		assert.match(table, /Connection: `broker.example`, port 8883, TCP, TLS/);
		const slider = "| `casa/quintal/estufa-3/led/fita/set` | `casa/quintal/estufa-3/led/fita` |";
		assert.ok(table.includes(`| slider | fita: brightness ${slider} 0 to 255; JSON path \`$.brightness\``), table);
		assert.doesNotMatch(table, OTHERS_NAMES);
	});
});
