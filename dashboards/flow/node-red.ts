import { topics } from "../../modules/description/topics";
import type { BrokerAddress } from "../broker-address";
import type { ChannelView, NodeView } from "../view";
import { addAlert } from "./alert";
import { addLight, addRelay } from "./outputs";
import { configurationNode, type FlowNode, flowId, Tab } from "./tab";

/** Shared by the flows of all nodes. */
const UI = flowId("ui");
const THEME = flowId("theme");
const TLS = flowId("tls");

/**
 * A flow for Node-RED (4 or newer) with the nodes of `@flowfuse/node-red-dashboard`: a page with everything that a node has,
 * a page with its history of a day, and an alert when it goes offline.
 */
export function nodeRedFlow(view: NodeView): FlowNode[] {
	const { id, name, base, broker } = view;
	const brokerId = flowId(`broker ${broker.url}`);
	const tab = new Tab(id, name, base, brokerId);
	const pages: FlowNode[] = [];
	const page = (key: string, title: string, icon: string, order: number) => {
		const path = `/${id}${key === "page" ? "" : `-${key}`}`;
		pages.push(configurationNode(tab.idOf(key), "ui-page", { name: title, ui: UI, path, icon, theme: THEME, order }));
		return tab.idOf(key);
	};
	const now = page("page", name, "view-dashboard", 1);
	const history = page("history", `${name}: history`, "chart-line", 2);
	const group = (pageId: string, title: string, properties: object = {}) => {
		const settings = { name: title, page: pageId, order: pages.length, ...properties };
		pages.push(configurationNode(tab.idOf(`group ${title}`), "ui-group", settings));
		return tab.idOf(`group ${title}`);
	};
	const chartGroup = ({ name }: ChannelView) => group(history, `chart ${name}`, { showTitle: false });

	const own = group(now, view.place === undefined ? name : `${name}, ${view.place}`);
	tab.subscribe("status", topics.status(base), "utf8", ["status shown", "changed"]);
	addAlert(tab, UI, name, "changed");
	tab.row();
	tab.widget("ui-text", "status shown", own, { label: "Status" });
	addReported(tab, own, "log", "Log", topics.log(base), "utf8");
	for (const button of view.buttons)
		addReported(tab, own, `button ${button.name}`, button.title, button.topic, "json", "payload.event_type");
	for (const channel of view.channels) if (channel.diagnostic) addChannel(tab, own, chartGroup(channel), channel);
	for (const command of view.commands) {
		tab.row();
		const width = 6 / view.commands.length;
		tab.widget("ui-button", `command ${command}`, own, { label: command, width, height: 1 }, [
			`command ${command} order`,
		]);
		tab.publish(`command ${command} order`, topics.command(base, command));
	}
	if (view.lights.length + view.relays.length > 0) {
		const switches = group(now, "Lights and relays");
		for (const light of view.lights) addLight(tab, switches, light);
		for (const relay of view.relays) addRelay(tab, switches, relay);
	}
	const measured = view.channels.filter(({ diagnostic }) => !diagnostic);
	if (measured.length > 0) {
		const gauges = group(now, "Sensors", { width: "12" });
		for (const channel of measured) addChannel(tab, gauges, chartGroup(channel), channel);
	}
	return [
		...tab.nodes.slice(0, 1),
		...brokerNodes(brokerId, broker),
		configurationNode(UI, "ui-base", { name: "Vagalume" }),
		configurationNode(THEME, "ui-theme", { name: "Vagalume" }),
		...pages,
		...tab.nodes.slice(1),
	];
}

/** What a node said last on a topic, as text. */
function addReported(
	tab: Tab,
	group: string,
	key: string,
	label: string,
	topic: string,
	datatype: "json" | "utf8",
	value = "payload",
): void {
	tab.row();
	tab.subscribe(key, topic, datatype, [`${key} shown`]);
	tab.widget("ui-text", `${key} shown`, group, { label, value, wrapText: true });
}

/** A gauge where a range is known and the world is measured, else a text; and a chart. */
function addChannel(tab: Tab, group: string, chartGroup: string, channel: ChannelView): void {
	const { name, title, topic, unit, range, diagnostic } = channel;
	const id = `channel ${name}`;
	tab.row();
	tab.subscribe(id, topic, "json", [`${id} shown`, `${id} chart`]);
	if (range && !diagnostic) {
		const [min, max] = range;
		const segments = [{ from: String(min), color: "#2e7d32", text: "", textType: "value" }];
		tab.widget("ui-gauge", `${id} shown`, group, { title, units: unit, min, max, segments }, []);
	} else {
		tab.widget("ui-text", `${id} shown`, group, { label: `${title}, ${unit}` });
	}
	tab.row();
	tab.widget("ui-chart", `${id} chart`, chartGroup, { label: `${title}, ${unit}`, category: title }, []);
}

/** The connection, without user and password: Node-RED keeps those apart, encrypted. */
function brokerNodes(id: string, { host, port, url, tls, webSocket }: BrokerAddress): FlowNode[] {
	const address = webSocket ? { broker: url, port: "" } : { broker: host.replace(/^\[|\]$/g, ""), port: String(port) };
	const broker = configurationNode(id, "mqtt-broker", { name: url, ...address, usetls: tls, ...(tls && { tls: TLS }) });
	return tls ? [broker, configurationNode(TLS, "tls-config", { name: "Vagalume's broker" })] : [broker];
}
