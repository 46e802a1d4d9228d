import { baseOf, groupOf, utf8Length } from "../../modules/description/topics";
import type { PanelNode } from "./panel-node";
import type { Action } from "./protocol";
import { RequestError } from "./request-error";

const LONGEST_PRESS = 60_000;
const LONGEST_TOPIC = 65_535;
const SIGNAL = { low: -100, high: -20 };

type Members = Readonly<Record<string, unknown>>;

const readers: { readonly [T in Action["type"]]: (members: Members) => Action & { type: T } } = {
	set: (members) => ({ type: "set", quantity: text(members, "quantity"), value: number(members, "value") }),
	release: (members) =>
		members["button"] === undefined
			? { type: "release", quantity: text(members, "quantity") }
			: { type: "release", button: text(members, "button") },
	noise: (members) => ({
		type: "noise",
		quantity: text(members, "quantity"),
		amplitude: number(members, "amplitude"),
	}),
	press: (members) => ({
		type: "press",
		button: text(members, "button"),
		milliseconds: optional(members, "milliseconds", (m, name) => number(m, name, 1, LONGEST_PRESS)),
	}),
	plug: (members) => ({ type: "plug", sensor: text(members, "sensor"), plugged: truth(members, "plugged") }),
	wifi: (members) => {
		const up = optional(members, "up", truth);
		const signal = optional(members, "signal", (m, name) => number(m, name, SIGNAL.low, SIGNAL.high));
		if (up === undefined && signal === undefined) throw wrong('wifi: "up" or "signal" is missing');
		return { type: "wifi", up, signal };
	},
	line: (members) => {
		const latency = optional(members, "latency", (m, name) => number(m, name));
		const loss = optional(members, "loss", (m, name) => number(m, name));
		const reachable = optional(members, "reachable", truth);
		if (latency === undefined && loss === undefined && reachable === undefined)
			throw wrong('line: "latency", "loss" or "reachable" is missing');
		return { type: "line", latency, loss, reachable };
	},
	pace: (members) => ({ type: "pace", pace: number(members, "pace") }),
	power: (members) => ({ type: "power", on: truth(members, "on") }),
	reset: (members) => ({ type: "reset", reason: optional(members, "reason", resetReason) }),
	order: (members) => ({ type: "order", topic: text(members, "topic"), payload: text(members, "payload") }),
};

/** Reads an action. Throws RequestError 400, which names the member that is wrong. */
export function readAction(value: unknown): Action {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("an action is a JSON object");
	const members = value as Members;
	const type = text(members, "type");
	if (!Object.hasOwn(readers, type))
		throw wrong(`type ${quote(type)} is unknown: expected one of ${Object.keys(readers).join(", ")}`);
	const action = readers[type as Action["type"]](members);
	for (const name of Object.keys(members))
		if (!Object.hasOwn(action, name)) throw wrong(`${type}: ${quote(name)} is unknown`);
	return action;
}

const doers: { readonly [T in Action["type"]]: (node: PanelNode, action: Action & { type: T }) => void } = {
	set: (node, { quantity, value }) => {
		checkSensor(node, quantity);
		node.world.set(quantity, value);
	},
	release: (node, action) => {
		if ("button" in action) node.workbench.release(action.button);
		else {
			checkSensor(node, action.quantity);
			node.world.release(action.quantity);
		}
	},
	noise: (node, { quantity, amplitude }) => {
		checkSensor(node, quantity);
		node.world.setNoise(quantity, amplitude);
	},
	press: ({ workbench }, { button, milliseconds = LONGEST_PRESS }) => workbench.press(button, milliseconds),
	plug: ({ workbench }, { sensor, plugged }) => workbench.plug(sensor, plugged),
	wifi: ({ wifi }, { up, signal }) => {
		if (signal !== undefined) wifi.setSignal(signal);
		if (up === true) wifi.restore();
		else if (up === false) wifi.down();
	},
	line: ({ line }, { latency, loss, reachable }) => line.change({ latency, loss, reachable }),
	pace: ({ time }, { pace }) => {
		if (!time) throw new RequestError(409, "time is virtual: it goes as fast as it can");
		time.setPace(pace);
	},
	power: (node, { on }) => {
		if (on) node.powerOn();
		else node.powerCut();
	},
	reset: (node, { reason }) => {
		if (!node.on) throw new RequestError(409, `node "${node.id}" is off`);
		node.reset(reason);
	},
	order: (node, { topic, payload }) => order(node, topic, payload),
};

/** Does it. Throws RequestError: 400 for a name or value that this node does not have, 409 for what is not possible now. */
export function perform(node: PanelNode, action: Action): void {
	try {
		(doers[action.type] as (node: PanelNode, action: Action) => void)(node, action);
	} catch (error) {
		if (error instanceof RangeError) throw wrong(error.message);
		throw error;
	}
}

function order(node: PanelNode, topic: string, payload: string): void {
	if (!node.order) throw new RequestError(409, "orders go through the broker elsewhere: publish them there");
	const base = baseOf(node.description, node.id);
	const own = [base, groupOf(base)].some((start) => topic.startsWith(`${start}/`));
	if (!own) throw wrong(`topic ${quote(topic)} is not one of this node's: expected ${base}/...`);
	const length = utf8Length(topic);
	if (/[+#\0]/.test(topic) || length === undefined || length > LONGEST_TOPIC)
		throw wrong(`topic ${quote(topic)} is not a topic name`);
	if (utf8Length(payload) === undefined) throw wrong("payload is no Unicode text");
	node.order(topic, payload);
}

function checkSensor({ workbench }: PanelNode, name: string): void {
	const slash = name.indexOf("/");
	if (slash < 0) return;
	const sensor = name.slice(0, slash);
	if (!workbench.sensors.includes(sensor))
		throw wrong(`sensor ${quote(sensor)} is unknown: there is ${workbench.sensors.join(", ") || "none"}`);
}

function text(members: Members, name: string): string {
	const value = members[name];
	if (typeof value !== "string") throw wrong(`${name} ${shown(value)}: expected a string`);
	return value;
}

function truth(members: Members, name: string): boolean {
	const value = members[name];
	if (typeof value !== "boolean") throw wrong(`${name} ${shown(value)}: expected true or false`);
	return value;
}

function number(members: Members, name: string, low = -Infinity, high = Infinity): number {
	const value = members[name];
	if (typeof value !== "number") throw wrong(`${name} ${shown(value)}: expected a number`);
	if (value < low || value > high) throw wrong(`${name} ${value} is outside ${low}..${high}`);
	return value;
}

function resetReason(members: Members, name: string): "power-on" | "brown-out" {
	const value = text(members, name);
	if (value !== "power-on" && value !== "brown-out")
		throw wrong(`${name} ${quote(value)}: expected power-on or brown-out`);
	return value;
}

function optional<T>(members: Members, name: string, read: (members: Members, name: string) => T): T | undefined {
	return members[name] === undefined ? undefined : read(members, name);
}

function wrong(message: string): RequestError {
	return new RequestError(400, message);
}

function shown(value: unknown): string {
	return value === undefined ? "is missing" : `is ${quote(JSON.stringify(value))}`;
}

function quote(value: string): string {
	return `"${value.length > 60 ? `${value.slice(0, 57)}...` : value}"`;
}
