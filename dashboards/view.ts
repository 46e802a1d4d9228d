import type { ChannelDescription, NodeDescription } from "../modules/description/description";
import type { LightKind } from "../modules/description/lights";
import { baseOf, topics } from "../modules/description/topics";
import { convert, type Quantity, quantityTable, round } from "../modules/description/units";
import { type BrokerAddress, brokerAddress } from "./broker-address";

/** A value that a node reports, as a client shows it. */
export interface ChannelView {
	readonly name: string;
	readonly title: string;
	readonly topic: string;
	readonly quantity: Quantity;
	readonly unit: string;
	readonly decimals: number;
	/** What a gauge goes from and to, in `unit`; undefined for what only grows. */
	readonly range: readonly [low: number, high: number] | undefined;
	/** The node's own state, not the world's. */
	readonly diagnostic: boolean;
}
/** A light, or a relay, which is one that is on or off and speaks no JSON. */
export interface OutputView<Kind extends LightKind | "relay" = LightKind | "relay"> {
	readonly name: string;
	readonly title: string;
	readonly kind: Kind;
	/** Its state. */
	readonly topic: string;
	/** Its orders. */
	readonly order: string;
}
export interface ButtonView {
	readonly name: string;
	readonly title: string;
	readonly topic: string;
}

/** A node as clients see it: its topics, and what to show of each. */
export interface NodeView {
	readonly id: string;
	readonly name: string;
	readonly place: string | undefined;
	readonly base: string;
	readonly broker: BrokerAddress;
	/** Seconds from record to record. */
	readonly interval: number;
	readonly channels: readonly ChannelView[];
	readonly lights: readonly OutputView<LightKind>[];
	readonly relays: readonly OutputView<"relay">[];
	readonly buttons: readonly ButtonView[];
	/** Commands that need no arguments: what a button of a dashboard can do. */
	readonly commands: readonly string[];
}

/** Usual values of a quantity, in its drivers' unit. */
const RANGES: Readonly<Record<Quantity, readonly [low: number, high: number] | undefined>> = {
	"thermometer.temperature": [-10, 50],
	"hygrometer.humidity": [0, 100],
	"barometer.pressure": [95_000, 105_000],
	"lightmeter.illuminance": [0, 1_000],
	"radio.signal": [-100, -30],
	"memory.free": [0, 65_536],
	"node.uptime": undefined,
};
const DIAGNOSTIC: readonly Quantity[] = ["radio.signal", "memory.free", "node.uptime"];

export interface ViewOptions {
	/** Another id than node.ts's: that of one of several nodes with the same description. */
	readonly id?: string | undefined;
	/** Where clients reach the broker; node.ts's when omitted, else `mqtt://localhost`. Throws RangeError on a wrong one. */
	readonly broker?: string | undefined;
}

/** What clients need to know of a node. */
export function viewOf(node: NodeDescription, options: ViewOptions = {}): NodeView {
	const id = options.id ?? node.id;
	const base = baseOf(node, id);
	const output = <Kind extends LightKind | "relay">(
		name: string,
		title: string | undefined,
		kind: Kind,
	): OutputView<Kind> => {
		const output = kind === "relay" ? "relay" : "led";
		return {
			name,
			title: title ?? name,
			kind,
			topic: topics.state(base, output, name),
			order: topics.order(base, output, name),
		};
	};
	return {
		id,
		name: node.name,
		place: node.place,
		base,
		broker: brokerAddress(options.broker ?? node.broker?.url ?? "mqtt://localhost"),
		interval: node.telemetry.interval,
		channels: channelsOf(node, base),
		lights: Object.entries(node.lights).map(([name, { title, kind }]) => output(name, title, kind)),
		relays: Object.entries(node.relays).map(([name, { title }]) => output(name, title, "relay")),
		buttons: Object.entries(node.buttons).map(([name, { title = name }]) => ({
			name,
			title,
			topic: topics.button(base, name),
		})),
		commands: ["report", ...(Object.keys(node.lights).length > 0 ? ["identify"] : []), "restart"],
	};
}

function channelsOf(node: NodeDescription, base: string): ChannelView[] {
	const all = Object.values(node.sensors).flatMap(({ channels }) => Object.entries<ChannelDescription>(channels));
	return all.map(([name, { title = name, quantity, unit, decimals }]) => {
		const usual = quantityTable[quantity]!;
		const shown = unit ?? usual.unit;
		const range = RANGES[quantity]?.map((value) => round(convert(quantity, shown, value), 1));
		return {
			name,
			title,
			topic: topics.channel(base, name),
			quantity,
			unit: shown,
			decimals: decimals ?? usual.decimals,
			range: range && [range[0]!, range[1]!],
			diagnostic: DIAGNOSTIC.includes(quantity),
		};
	});
}
