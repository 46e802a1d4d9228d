import { boardTable } from "../../modules/description/boards";
import { driverTable } from "../../modules/description/drivers";
import { gpioOf } from "../../modules/description/pins";
import { baseOf, topics } from "../../modules/description/topics";
import { quantityTable } from "../../modules/description/units";
import { hex } from "../board/i2c-bus";
import type { PartState } from "../board/observers";
import type { Journal } from "./journal";
import type { PanelNode } from "./panel-node";
import type { ChannelView, NodeSummary, PartView, QuantityView, Vitals } from "./protocol";

export interface ViewContext {
	readonly node: PanelNode;
	readonly journal: Journal;
	/** As set at the panel, dBm. */
	readonly signal: number | undefined;
	readonly broker: string | undefined;
}

export function summaryOf({ node, journal }: Pick<ViewContext, "node" | "journal">): NodeSummary {
	const { id, description, on, wifi } = node;
	const { name, place } = description;
	return { id, name, place, board: boardTitle(node), on, up: wifi.up, status: node.status ?? journal.status };
}

export function boardTitle({ description }: PanelNode): string {
	return boardTable[description.board]?.title ?? description.board;
}

export function vitalsOf({ node, journal, signal, broker }: ViewContext): Vitals {
	const { on, wifi } = node;
	const statistics = on ? node.statistics() : undefined;
	return {
		on,
		reason: on ? undefined : journal.reason,
		status: node.status ?? journal.status,
		broker,
		orders: node.order !== undefined,
		wifi: { up: wifi.up, RSSI: wifi.RSSI, signal },
		heap: statistics && { used: statistics.used, peak: statistics.peak, limit: statistics.heap },
	};
}

export function partsOf({ node, journal }: ViewContext): Record<string, PartView> {
	const world = node.world.snapshot();
	const views: Record<string, PartView> = {};
	for (const state of Object.values(node.workbench.parts())) views[state.name] = partView(node, journal, world, state);
	return views;
}

export function channelsOf({ node, journal }: ViewContext): Record<string, ChannelView> {
	const base = baseOf(node.description, node.id);
	const views: Record<string, ChannelView> = {};
	for (const [sensor, { channels }] of Object.entries(node.description.sensors))
		for (const [name, { title = name, quantity, unit = quantityTable[quantity]?.unit ?? "" }] of Object.entries(
			channels,
		))
			views[name] = { title, sensor, quantity, unit, value: journal.last(topics.channel(base, name)) };
	return views;
}

function partView(
	node: PanelNode,
	journal: Journal,
	world: ReturnType<PanelNode["world"]["snapshot"]>,
	state: PartState,
): PartView {
	const { description } = node;
	const name = state.name.slice(state.name.indexOf("/") + 1);
	if (state.kind === "sensor") {
		const { driver, plugged } = state;
		const quantities = Object.entries(state.values).map(([quantity, value], index): QuantityView => {
			const { unit = "", low = 0, high = 1 } = world[quantity] ?? {};
			const own = `${name}/${quantity}`;
			const step = high - low > 1000 ? 1 : 0.1;
			const channel = channelOf(node, name, driverTable[driver]?.quantities[index]);
			const held = node.world.held(own) || node.world.held(quantity);
			return {
				name: own,
				quantity,
				unit,
				low,
				high,
				step,
				value: Math.round(value / step) / (1 / step),
				held,
				channel,
			};
		});
		return {
			name: state.name,
			kind: "sensor",
			title: name,
			wiring: sensorWiring(node, name),
			driver,
			plugged,
			quantities,
		};
	}
	const wiring = `GPIO ${state.pin}`;
	if (state.kind === "button") {
		const { title = name, toggles } = description.buttons[name]!;
		return { name: state.name, kind: "button", title, wiring, pressed: state.pressed, toggles };
	}
	const base = baseOf(description, node.id);
	const kind = state.kind === "relay" ? "relay" : "led";
	const topic = topics.order(base, kind, name);
	const said = journal.last(topics.state(base, kind, name));
	if (state.kind === "relay") {
		const { title = name } = description.relays[name]!;
		return { name: state.name, kind: "relay", title, wiring, topic, state: said, on: state.on };
	}
	const { title = name, kind: light } = description.lights[name]!;
	const output = { name: state.name, title, wiring, topic, state: said };
	if (state.kind === "strip") return { ...output, kind: "strip", pixels: Buffer.from(state.pixels).toString("hex") };
	return {
		...output,
		kind: "led",
		dimmable: light === "dimmable",
		brightness: Math.round(state.brightness * 1000) / 1000,
	};
}

/** The channel that reports what a sensor's driver calls `quantity`. */
function channelOf({ description }: PanelNode, sensor: string, quantity: string | undefined): string | undefined {
	const channels = Object.entries(description.sensors[sensor]!.channels);
	return channels.find(([, channel]) => channel.quantity === quantity)?.[0];
}

function sensorWiring({ description }: PanelNode, name: string): string {
	const sensor = description.sensors[name]!;
	const { connection, addresses } = driverTable[sensor.driver]!;
	if (connection === "i2c") return `I2C ${hex(("address" in sensor ? sensor.address : undefined) ?? addresses![0]!)}`;
	return "pin" in sensor ? `GPIO ${gpioOf(description.board, sensor.pin) ?? sensor.pin}` : "";
}
