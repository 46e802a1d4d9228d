import { DEFAULT_METER } from "../../hosts/desktop/desktop-node";
import { boardTable } from "../../modules/description/boards";
import { driverTable } from "../../modules/description/drivers";
import { gpioOf } from "../../modules/description/pins";
import { baseOf, topics } from "../../modules/description/topics";
import { quantityTable } from "../../modules/description/units";
import { hex } from "../board/i2c-bus";
import type { PartState } from "../board/observers";
import type { ComputeGauge } from "./compute-gauge";
import type { Journal } from "./journal";
import type { PanelNode } from "./panel-node";
import type {
	ChannelView,
	HardwareView,
	NodeSummary,
	PartView,
	PinView,
	QuantityView,
	Vitals,
	WireView,
} from "./protocol";

export interface ViewContext {
	readonly node: PanelNode;
	readonly journal: Journal;
	/** As set at the panel, dBm. */
	readonly signal: number | undefined;
	readonly broker: string | undefined;
	readonly compute: ComputeGauge;
}

export function summaryOf(node: PanelNode): NodeSummary {
	const { id, description, on, wifi } = node;
	const { name, place } = description;
	const units: Record<string, string> = {};
	for (const { channels } of Object.values(description.sensors))
		for (const [channel, { quantity, unit = quantityTable[quantity]?.unit ?? "" }] of Object.entries(channels))
			units[channel] = unit;
	return { id, name, place, board: boardTitle(node), on, up: wifi.up, base: baseOf(description, id), units };
}

export function boardTitle({ description }: PanelNode): string {
	return boardTable[description.board]?.title ?? description.board;
}

/** The pins that the board leads out. */
export function hardwareOf({ description }: PanelNode): HardwareView {
	const { lastPin = 0, taken = [] } = boardTable[description.board] ?? {};
	const pins = Array.from({ length: lastPin + 1 }, (_, gpio) => gpio).filter((gpio) => !taken.includes(gpio));
	return { name: description.board, pins };
}

export function vitalsOf({ node, journal, signal, broker, compute }: ViewContext): Vitals {
	const { on, wifi, line, time } = node;
	const statistics = on ? node.statistics() : undefined;
	const { latency, loss, reachable } = line;
	return {
		on,
		reason: on ? undefined : journal.reason,
		broker,
		pace: time?.pace,
		wifi: { up: wifi.up, RSSI: wifi.RSSI, signal },
		line: { latency, loss, reachable },
		heap: statistics && { used: statistics.used, peak: statistics.peak, limit: statistics.heap },
		compute: statistics && { used: compute.used, peak: compute.peak, limit: DEFAULT_METER },
	};
}

export function pinsOf({ workbench: { board } }: PanelNode): Record<number, PinView> {
	return Object.fromEntries(
		board.pins().map(({ pin, level, duty, owner }) => {
			const volts = owner === "Analog" ? board.pin(pin).volts : undefined;
			return [
				pin,
				{
					level,
					duty: thousandths(duty),
					volts: volts === undefined ? undefined : Math.round(volts * 100) / 100,
					use: owner,
				},
			];
		}),
	);
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
			const noise = node.world.noise(own);
			return {
				name: own,
				quantity,
				unit,
				low,
				high,
				step,
				value: Math.round(value / step) / (1 / step),
				held,
				noise,
				channel,
			};
		});
		return {
			name: state.name,
			kind: "sensor",
			title: name,
			wiring: sensorWiring(node, name),
			wires: sensorWires(node, name),
			onboard: false,
			driver,
			plugged,
			quantities,
		};
	}
	const wiring = `GPIO ${state.pin}`;
	const onboard = Object.values(boardTable[description.board]?.pin ?? {}).includes(state.pin);
	const wires = (pin: string) => [{ gpio: state.pin, pin }];
	if (state.kind === "button") {
		const { title = name, toggles } = description.buttons[name]!;
		return {
			name: state.name,
			kind: "button",
			title,
			wiring,
			wires: wires("1.l"),
			onboard,
			pressed: state.pressed,
			toggles,
		};
	}
	const base = baseOf(description, node.id);
	const kind = state.kind === "relay" ? "relay" : "led";
	const topic = topics.order(base, kind, name);
	const said = journal.last(topics.state(base, kind, name));
	if (state.kind === "relay") {
		const { title = name } = description.relays[name]!;
		return {
			name: state.name,
			kind: "relay",
			title,
			wiring,
			wires: wires("IN"),
			onboard,
			topic,
			state: said,
			on: state.on,
		};
	}
	const { title = name, kind: light } = description.lights[name]!;
	const pin = state.kind === "strip" ? "DIN" : "A";
	const output = { name: state.name, title, wiring, wires: wires(pin), onboard, topic, state: said };
	if (state.kind === "strip") return { ...output, kind: "strip", pixels: Buffer.from(state.pixels).toString("hex") };
	return {
		...output,
		kind: "led",
		dimmable: light === "dimmable",
		brightness: thousandths(state.brightness),
	};
}

function thousandths(value: number): number {
	return Math.round(value * 1000) / 1000;
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

function sensorWires({ description }: PanelNode, name: string): WireView[] {
	const sensor = description.sensors[name]!;
	if (driverTable[sensor.driver]?.connection === "i2c") {
		const { data, clock } = boardTable[description.board]!.i2c.default;
		return [
			{ gpio: data, pin: "SDA" },
			{ gpio: clock, pin: "SCL" },
		];
	}
	const gpio = "pin" in sensor ? gpioOf(description.board, sensor.pin) : undefined;
	if (gpio === undefined) return [];
	return [{ gpio, pin: driverTable[sensor.driver]?.connection === "analog" ? "AO" : "DATA" }];
}
