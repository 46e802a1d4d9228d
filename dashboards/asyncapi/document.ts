import type { NodeDescription } from "../../modules/description/description";
import { DISCOVERY_PREFIX, groupOf, homeAssistant, topics } from "../../modules/description/topics";
import type { NodeView } from "../view";
import type { Schema } from "./payloads";
import * as payloads from "./payloads";

interface Topic {
	/** What the node does: it sends, or receives. */
	readonly action: "send" | "receive";
	readonly summary: string;
	readonly payload: Schema;
	/** `text/plain` unless said; a number or a word is text, too. */
	readonly contentType?: string;
	/** 1 unless said. */
	readonly qos?: 0 | 1;
	readonly retain?: boolean;
	/** The channel of the answer. */
	readonly reply?: string;
}

const JSON_TYPE = "application/json";
const PROTOCOLS = { mqtt: "mqtt", mqtts: "secure-mqtt", ws: "ws", wss: "wss" } as const;

/** Topics and payloads of a node as an AsyncAPI 3.0.0 document. The application that it describes is the node. */
export function asyncApi(node: NodeDescription, view: NodeView, version: string): object {
	const { id, name, place, base, broker } = view;
	const channels: Record<string, object> = {};
	const operations: Record<string, object> = {};
	const messages: Record<string, object> = {};
	const add = (key: string, address: string, topic: Topic) => {
		const { action, summary, payload, contentType = "text/plain", qos = 1, retain = false, reply } = topic;
		messages[key] = { name: key, summary, contentType, payload };
		channels[key] = { address, messages: { [key]: ref("components/messages", key) } };
		operations[key] = {
			action,
			channel: ref("channels", key),
			summary,
			bindings: { mqtt: { qos, retain, bindingVersion: "0.2.0" } },
			...(reply && { reply: { channel: ref("channels", reply) } }),
		};
	};
	addReports(add, view);
	addOutputs(add, view);
	addCommands(add, node, view);
	addUpdates(add, base);
	if (node.homeAssistant) addHomeAssistant(add, node.homeAssistant.prefix ?? DISCOVERY_PREFIX, id);
	return {
		asyncapi: "3.0.0",
		info: {
			title: place === undefined ? name : `${name}, ${place}`,
			version,
			description: `What the node \`${id}\` sends and understands on MQTT.`,
		},
		defaultContentType: JSON_TYPE,
		servers: {
			broker: {
				host: `${broker.host}:${broker.port}`,
				protocol: PROTOCOLS[broker.scheme],
				protocolVersion: node.broker?.version === 5 ? "5.0" : "3.1.1",
				...(broker.path !== "" && { pathname: broker.path }),
				bindings: {
					mqtt: {
						clientId: id,
						cleanSession: false,
						keepAlive: node.broker?.keepAlive ?? 60,
						lastWill: { topic: topics.status(base), qos: 1, message: "offline", retain: true },
						bindingVersion: "0.2.0",
					},
				},
			},
		},
		channels,
		operations,
		components: { messages },
	};
}

type Add = (key: string, address: string, topic: Topic) => void;

function ref(path: string, key: string): object {
	return { $ref: `#/${path}/${key}` };
}

function addReports(add: Add, { base, channels, buttons }: NodeView): void {
	const out = { action: "send" } as const;
	const status = "online after each connect; offline when it ends, and as the will.";
	add("status", topics.status(base), { ...out, summary: status, payload: payloads.STATUS, retain: true });
	const info = "What the node is, once a connection.";
	add("info", topics.info(base), {
		...out,
		summary: info,
		payload: payloads.INFO,
		contentType: JSON_TYPE,
		retain: true,
	});
	const record = { ...out, summary: "A record of all channels.", contentType: JSON_TYPE };
	add("telemetry", topics.telemetry(base), { ...record, payload: payloads.recordPayload(channels) });
	for (const channel of channels) {
		const latest = { ...out, summary: `The latest ${channel.title}.`, qos: 0, retain: true } as const;
		add(`telemetry-${channel.name}`, channel.topic, { ...latest, payload: payloads.channelPayload(channel) });
	}
	for (const { name, title, topic } of buttons) {
		const event = { ...out, summary: `Button ${title}.`, contentType: JSON_TYPE };
		add(`button-${name}`, topic, { ...event, payload: payloads.BUTTON });
	}
	add("log", topics.log(base), {
		...out,
		summary: "A line of the log: its level, and a message.",
		payload: payloads.LOG,
		qos: 0,
	});
}

function addOutputs(add: Add, { base, lights, relays }: NodeView): void {
	const group = groupOf(base);
	for (const { name, title, kind, topic, order } of lights) {
		const state = {
			summary: `State of the light ${title}.`,
			payload: payloads.lightState(kind),
			contentType: JSON_TYPE,
		};
		const ask = {
			action: "receive",
			summary: `Order to the light ${title}.`,
			payload: payloads.lightOrder(kind),
		} as const;
		add(`led-${name}`, topic, { action: "send", ...state, retain: true });
		add(`led-${name}-set`, order, ask);
		const all = { ...ask, summary: `Order to the light ${title} of every node.` };
		add(`all-led-${name}-set`, topics.order(group, "led", name), all);
	}
	for (const { name, title, topic, order } of relays) {
		const ask = { action: "receive", summary: `Order to the relay ${title}.`, payload: payloads.SWITCH_ORDER } as const;
		const state = { summary: `State of the relay ${title}.`, payload: payloads.SWITCHED, retain: true };
		add(`relay-${name}`, topic, { action: "send", ...state });
		add(`relay-${name}-set`, order, ask);
		const all = { ...ask, summary: `Order to the relay ${title} of every node.` };
		add(`all-relay-${name}-set`, topics.order(group, "relay", name), all);
	}
}

function addCommands(add: Add, node: NodeDescription, { base, lights }: NodeView): void {
	const names = lights.map(({ name }) => name);
	for (const [name, command] of Object.entries(payloads.commandPayloads(names, node.homeAssistant !== undefined))) {
		const { summary } = command;
		const rest = { summary, contentType: JSON_TYPE };
		const reply = `response-${name}`;
		const ask = { action: "receive", ...rest, payload: payloads.commandArguments(command), reply } as const;
		add(`command-${name}`, topics.command(base, name), ask);
		add(`all-command-${name}`, topics.command(groupOf(base), name), { ...ask, summary: `To every node: ${summary}` });
		const answer = { action: "send", ...rest, payload: payloads.commandResponse(command) } as const;
		add(reply, topics.response(base, name), { ...answer, summary: `Answer to ${name}.` });
	}
}

/** Where a node knows the keys that its releases are signed with. */
function addUpdates(add: Add, base: string): void {
	const state = { type: "object", required: ["phase"], properties: { phase: { type: "string" } } };
	const json = { contentType: JSON_TYPE };
	add("update", topics.update(base), {
		action: "send",
		summary: "State of updates.",
		payload: state,
		...json,
		retain: true,
	});
	const release = { type: "string", description: "JWS (RFC 7515), compact", maxLength: 3584 };
	add("update-available", topics.available(base), {
		action: "receive",
		summary: "A signed release.",
		payload: release,
	});
	const piece = { type: "integer", minimum: 0 };
	const request = {
		type: "object",
		required: ["image", "offset", "length"],
		properties: { image: { type: "string", description: "SHA-256" }, offset: piece, length: piece },
	};
	const asks = { action: "send", summary: "Asks for a piece of an image.", payload: request, ...json, qos: 0 } as const;
	add("update-request", topics.request(base), asks);
	const block = {
		type: "string",
		format: "binary",
		description: "the offset in 4 bytes, highest first, and the bytes",
	};
	const bytes = { payload: block, contentType: "application/octet-stream", qos: 0 } as const;
	add("update-block", topics.block(base), { action: "receive", summary: "A piece of an image.", ...bytes });
}

function addHomeAssistant(add: Add, prefix: string, id: string): void {
	const device = { type: "object", required: ["device", "origin", "components"] };
	const says = { summary: "What it is, for Home Assistant.", payload: device, contentType: JSON_TYPE, retain: true };
	add("home-assistant", homeAssistant.device(prefix, id), { action: "send", ...says, qos: 0 });
	const birth = { summary: "Home Assistant has started, or ends.", payload: payloads.STATUS, qos: 0 } as const;
	add("home-assistant-status", homeAssistant.status(prefix), { action: "receive", ...birth });
}
