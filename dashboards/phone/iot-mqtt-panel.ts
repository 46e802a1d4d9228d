import type { BrokerAddress } from "../broker-address";
import type { NodeView } from "../view";
import { type Panel, panelsOf } from "./panels";

/** Of the app's backups; those of 2025 have it. */
const DATA_VERSION = 152;
const CONNECTION = "connection_0";
const DASHBOARD = "dashboard_0";

/**
 * A backup for the phone app "IoT MQTT Panel" to restore. Its format is published nowhere: this one follows backups that users
 * of the app have published, and uses only kinds of panels and members that are in these.
 */
export function iotMqttPanel(view: NodeView): object {
	return {
		dataVersion: DATA_VERSION,
		globalSettings: { runInBackground: true, defaultConnection: CONNECTION },
		connections: [connection(view.name, view.broker)],
		dashboards: [
			{
				dashboardName: view.name,
				dashboardId: DASHBOARD,
				connectionId: CONNECTION,
				dashboardPrefixTopic: "",
				dashboardColor: "light",
				dashboardIcon: "dashboard",
				lockPanels: false,
			},
		],
		panels: panelsOf(view).map((panel, index) => ({
			connectionId: CONNECTION,
			dashboardId: DASHBOARD,
			panelId: `panel_${index}`,
			...panel,
		})),
	};
}

function connection(connectionName: string, { host, port, path, tls, webSocket }: BrokerAddress): object {
	const type = webSocket ? (tls ? "wss" : "ws") : tls ? "ssl" : "tcp";
	return {
		connectionName,
		clientId: "",
		host: host.replace(/^\[|\]$/g, ""),
		port,
		path: webSocket ? path : "/mqtt",
		connectionType: type,
		username: "",
		password: "",
		keepAlive: 60,
		cleanSession: true,
		autoConnect: true,
		disableHostnameCheck: false,
		allowUntrustCACertificate: false,
		tlsVersion: "TLSv1.2",
		caCertificateFileName: "",
		clientCertificateFileName: "",
		clientKeyFileName: "",
		sslClientPassword: "",
		encryptionPassword: "",
		enableWillMessage: false,
		willTopic: "",
		willPayload: "",
		willRetain: false,
		willQoS: 0,
		defaultDashboard: DASHBOARD,
		connectionId: CONNECTION,
		notifyOnDisconnect: false,
	};
}

/** The same settings as a table in Markdown, to enter by hand, in this app or another. */
export function panelSettings(view: NodeView): string {
	const { broker, name } = view;
	const rows = panelsOf(view).map((panel) => {
		const { type, panelName, qos, retain } = panel;
		const cells = [
			...[type, panelName, ...topicsOf(panel)],
			payloadsOf(panel),
			String(qos),
			retain === false ? "no" : "",
		];
		return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
	});
	return `# ${name} on a phone

Written by \`vagalume dashboards\` from node.ts: the settings in iot-mqtt-panel.json, to enter by hand in an app that does not take that file.

Connection: \`${broker.host}\`, port ${broker.port}, ${broker.webSocket ? `WebSocket with path \`${broker.path || "/"}\`` : "TCP"}, ${broker.tls ? "TLS" : "no TLS"}; no topic prefix.

| panel | name | publish topic | subscribe topic | payloads | QoS | retain |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function topicsOf(panel: Panel): [publish: string, subscribe: string] {
	const [item] = (panel["comboItemList"] as { topic: string }[] | undefined) ?? [];
	const topic = String(item?.topic ?? panel["topic"]);
	if (panel["mqttType"] === "sub") return ["", code(topic)];
	return [code(topic), panel["mqttType"] === "pub" ? "" : code(String(panel["seperateSubscribeTopic"]))];
}

/** What is sent and understood. `<payload>` stands for the panel's value. */
function payloadsOf(panel: Panel): string {
	const { payloadOn, payloadOff, payloadMin, payloadMax, payload, unit, jsonPath, jsonEnvelope } = panel;
	const [item] = (panel["comboItemList"] as { unit: string }[] | undefined) ?? [];
	const said = [
		payloadOn && `on ${code(payloadOn)}, off ${code(payloadOff)}`,
		payloadMin !== undefined && `${payloadMin} to ${payloadMax}`,
		payload && code(payload),
		(item?.unit ?? unit) && `unit ${item?.unit ?? unit}`,
		jsonPath && `JSON path ${code(jsonPath)}`,
		jsonEnvelope && `JSON to send ${code(jsonEnvelope)}`,
	];
	return said.filter(Boolean).join("; ");
}

function code(text: unknown): string {
	return `\`${text}\``;
}
