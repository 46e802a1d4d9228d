import type { NodeDescription } from "../../modules/description/description";
import {
	baseOf,
	DEFAULT_BASE,
	DISCOVERY_PREFIX,
	groupOf,
	homeAssistant,
	topics,
} from "../../modules/description/topics";

/** Topic filters that a user of the broker may use. */
export interface Rights {
	readonly read: readonly string[];
	readonly write: readonly string[];
}

/** What people and programs may do: each role may do what the one before it may, and more. */
export const roles = Object.freeze({
	viewer: "sees all nodes, orders nothing",
	panel: "sees all nodes and gives them orders",
	homeassistant: "as panel; reads and removes the nodes' discovery, says when it has started",
	owner: "everything of all nodes, updates and $SYS included",
});
export type Role = keyof typeof roles;

/** The base of a description, with `{id}` in it where it has it. */
export function baseTemplate(node: Pick<NodeDescription, "base">): string {
	return node.base ?? DEFAULT_BASE;
}

/** Where Home Assistant looks for the devices of a description, whether it is told of this one or not. */
export function discoveryPrefix(node: Pick<NodeDescription, "homeAssistant">): string {
	return node.homeAssistant?.prefix ?? DISCOVERY_PREFIX;
}

/**
 * The rights of a node: it writes what it says, its discovery included, and reads its own orders, its group's, and Home
 * Assistant's birth message. What it writes is named topic by topic; orders for parts that it has not reach it, so that it
 * can say so.
 */
export function nodeRights(node: NodeDescription, id: string): Rights {
	const base = baseOf(node, id);
	const group = groupOf(base);
	const prefix = node.homeAssistant && discoveryPrefix(node);
	const channels = Object.values(node.sensors).flatMap((sensor) => Object.keys(sensor.channels));
	return {
		write: [
			topics.status(base),
			topics.info(base),
			topics.telemetry(base),
			...channels.map((name) => topics.channel(base, name)),
			...Object.keys(node.lights).map((name) => topics.state(base, "led", name)),
			...Object.keys(node.relays).map((name) => topics.state(base, "relay", name)),
			...Object.keys(node.buttons).map((name) => topics.button(base, name)),
			topics.response(base, "+"),
			topics.update(base),
			topics.request(base),
			topics.log(base),
			...(prefix === undefined ? [] : [homeAssistant.device(prefix, id)]),
		],
		read: [
			...[base, group].flatMap((start) => [
				topics.order(start, "led", "+"),
				topics.order(start, "relay", "+"),
				topics.command(start, "+"),
				topics.available(start),
			]),
			topics.block(base),
			...(prefix === undefined ? [] : [homeAssistant.status(prefix)]),
		],
	};
}

/**
 * The rights of a role over the nodes whose bases are given (`baseTemplate`), over their groups, and over discovery below
 * `prefixes` (`discoveryPrefix`).
 */
export function roleRights(role: Role, templates: readonly string[], prefixes: readonly string[]): Rights {
	const discovery = unique(prefixes.map((prefix) => `${prefix}/#`));
	const named = unique(templates.map(any).flatMap((base) => [base, groupOf(base)]));
	const bases = named.filter((base) => !named.includes(parentOf(base)));
	const all = bases.map((base) => `${base}/#`);
	const orders = bases.flatMap((base) => [
		topics.order(base, "led", "+"),
		topics.order(base, "relay", "+"),
		topics.command(base, "+"),
	]);
	switch (role) {
		case "viewer":
			return { read: all, write: [] };
		case "panel":
			return { read: all, write: orders };
		case "homeassistant":
			return { read: [...all, ...discovery], write: [...orders, ...discovery] };
		case "owner":
			return { read: [...all, ...discovery, "$SYS/#"], write: [...all, ...discovery] };
	}
}

/** Each node's base: a filter. A wildcard is a level of its own. */
function any(template: string): string {
	return template
		.split("/")
		.map((level) => (level.includes("{id}") ? "+" : level))
		.join("/");
}

/** The filter that covers a group beside its nodes: `vagalume/all` is one of `vagalume/+`. */
function parentOf(base: string): string {
	return base.endsWith("/all") ? `${base.slice(0, -4)}/+` : base === "all" ? "+" : "";
}

function unique(filters: readonly string[]): string[] {
	return [...new Set(filters)];
}
