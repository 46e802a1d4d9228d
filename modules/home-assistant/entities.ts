import type { NodeDescription } from "../description/description";
import { COLOR_MODE, EFFECTS } from "../description/lights";
import { topics } from "../description/topics";
import { quantityTable } from "../description/units";
import { FLASH } from "../light/light-order";

/** Device class and category of what a channel measures; `state_class` is `measurement` unless said. */
interface Meaning {
	readonly device_class: string;
	/** The node's own state, not the world's. */
	readonly entity_category?: "diagnostic";
	readonly state_class?: "total_increasing";
	/** Units that Home Assistant does not know for this class: it is then left out. */
	readonly but?: string;
}

const MEANINGS: Readonly<Record<string, Meaning | undefined>> = Object.freeze({
	"thermometer.temperature": Object.freeze({ device_class: "temperature" }),
	"hygrometer.humidity": Object.freeze({ device_class: "humidity" }),
	"barometer.pressure": Object.freeze({ device_class: "atmospheric_pressure" }),
	"lightmeter.illuminance": Object.freeze({ device_class: "illuminance", but: "klx" }),
	"radio.signal": Object.freeze({ device_class: "signal_strength", entity_category: "diagnostic" } as const),
	"memory.free": Object.freeze({ device_class: "data_size", entity_category: "diagnostic" } as const),
	"node.uptime": Object.freeze({
		device_class: "duration",
		entity_category: "diagnostic",
		state_class: "total_increasing",
	} as const),
});

/** Home Assistant throws a state of updates away that has members which it does not know: these are those that it does. */
const UPDATE = "installed_version latest_version title release_summary in_progress update_percentage";

/** What an announcement tells of. */
export interface Announced {
	readonly description: NodeDescription;
	readonly id: string;
	readonly base: string;
	/** The board, as its maker calls it. */
	readonly board: string;
	/** Of the firmware. */
	readonly version: string;
	readonly uniqueId: string;
	/** It takes releases over the air. */
	readonly updates: boolean;
}

type Config = Record<string, unknown>;
/** One of `telemetry`, `led`, `relay`, `button`, `command`, `update`; and the name that node.ts gives it. */
export type Entity = readonly [kind: string, name: string];

/** All entities of a node, in the order of node.ts. */
export function entitiesOf({ description, updates }: Announced): Entity[] {
	const { sensors, lights, relays, buttons } = description;
	const entities: Entity[] = [];
	for (const { channels } of Object.values(sensors))
		for (const name of Object.keys(channels)) entities.push(["telemetry", name]);
	for (const name of Object.keys(lights)) entities.push(["led", name]);
	for (const name of Object.keys(relays)) entities.push(["relay", name]);
	for (const name of Object.keys(buttons)) entities.push(["button", name]);
	if (Object.keys(lights).length > 0) entities.push(["command", "identify"]);
	entities.push(["command", "report"], ["command", "restart"]);
	if (updates) entities.push(["update", "firmware"]);
	return entities;
}

/** What stands before the entities in the payload of a device. Home Assistant takes no further member here. */
export function deviceConfig({ description, id, base, board, version, uniqueId }: Announced): Config {
	const { name, place } = description;
	return {
		device: {
			identifiers: [`vagalume_${id}`],
			name,
			manufacturer: "Vagalume",
			model: board,
			sw_version: version,
			serial_number: uniqueId,
			...(place !== undefined && { suggested_area: place }),
		},
		origin: { name: "Vagalume", sw_version: version },
		availability_topic: topics.status(base),
		qos: 1,
	};
}

/** One entity: its settings after Home Assistant's MQTT schema of that platform. */
export function entityConfig(announced: Announced, [kind, name]: Entity): Config {
	const { description, id, base } = announced;
	const common = (platform: string, title: string | undefined) => ({
		platform,
		unique_id: `${id}_${kind}_${name}`,
		name: title ?? name,
	});
	switch (kind) {
		case "telemetry":
			return { ...common("sensor", channelOf(description, name).title), ...sensor(description, base, name) };
		case "led": {
			const light = description.lights[name]!;
			return {
				...common("light", light.title),
				schema: "json",
				state_topic: topics.state(base, "led", name),
				command_topic: topics.order(base, "led", name),
				brightness: light.kind !== "on-off",
				supported_color_modes: [COLOR_MODE[light.kind]],
				effect: true,
				effect_list: [...EFFECTS[light.kind]],
				flash_time_short: FLASH.short,
				flash_time_long: FLASH.long,
			};
		}
		case "relay":
			return {
				...common("switch", description.relays[name]!.title),
				state_topic: topics.state(base, "relay", name),
				command_topic: topics.order(base, "relay", name),
			};
		case "button":
			return {
				...common("event", description.buttons[name]!.title),
				device_class: "button",
				event_types: ["press", "release", "hold"],
				state_topic: topics.button(base, name),
			};
		case "command":
			return {
				...common("button", undefined),
				...(name !== "report" && { device_class: name }),
				entity_category: name === "restart" ? "config" : "diagnostic",
				command_topic: topics.command(base, name),
				payload_press: "{}",
			};
		default:
			return {
				...common("update", undefined),
				device_class: "firmware",
				entity_category: "diagnostic",
				state_topic: topics.update(base),
				value_template: updateTemplate(),
			};
	}
}

function sensor(description: NodeDescription, base: string, name: string): Config {
	const { quantity, unit, decimals } = channelOf(description, name);
	const usual = quantityTable[quantity]!;
	const { device_class, entity_category, state_class = "measurement", but } = MEANINGS[quantity]!;
	const unit_of_measurement = unit ?? usual.unit;
	return {
		state_topic: topics.channel(base, name),
		unit_of_measurement,
		...(unit_of_measurement !== but && { device_class }),
		...(entity_category && { entity_category }),
		state_class,
		suggested_display_precision: decimals ?? usual.decimals,
	};
}

function channelOf({ sensors }: NodeDescription, name: string) {
	for (const { channels } of Object.values(sensors)) {
		const channel = channels[name];
		if (channel) return channel;
	}
	throw new RangeError(`no channel "${name}"`);
}

/** Jinja: an object of the members that Home Assistant knows; a summary that is not there would be null, which it refuses. */
function updateTemplate(): string {
	const members = UPDATE.split(" ").map((name) => `'${name}':value_json.${name}|default('')`);
	return `{{ {${members.join(",")}}|to_json }}`;
}
