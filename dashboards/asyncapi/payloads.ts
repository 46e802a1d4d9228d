import { COLOR_MODE, EFFECTS, type LightKind } from "../../modules/description/lights";
import type { ChannelView } from "../view";

/** JSON Schema (draft 7), as AsyncAPI 3.0 takes it for payloads. */
export type Schema = Readonly<Record<string, unknown>>;

const byte = { type: "integer", minimum: 0, maximum: 255 };
const text = { type: "string" };

function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
	const required = Object.keys(properties).filter((name) => !optional.includes(name));
	return { type: "object", properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

/** An order or a command may leave out every member. */
function options(properties: Readonly<Record<string, Schema>>): Schema {
	return object(properties, Object.keys(properties));
}

export const STATUS: Schema = { type: "string", enum: ["online", "offline"] };
export const SWITCHED: Schema = { type: "string", enum: ["ON", "OFF"] };
export const SWITCH_ORDER: Schema = { type: "string", enum: ["ON", "OFF", "TOGGLE"] };
export const BUTTON: Schema = object({ event_type: { type: "string", enum: ["press", "release", "hold"] } });
export const LOG: Schema = { type: "string", maxLength: 256, examples: ["info telemetry started"] };

export const INFO: Schema = object(
	{
		name: text,
		place: text,
		version: text,
		board: text,
		host: text,
		bootCount: { type: "integer", minimum: 1 },
		resetReason: {
			type: "string",
			enum: ["power-on", "software", "panic", "watchdog", "brown-out", "deep-sleep", "update", "unknown"],
		},
		channels: { type: "object", additionalProperties: text, description: "The unit of each channel." },
		lights: { type: "object", additionalProperties: { type: "string", enum: Object.keys(EFFECTS) } },
		relays: { type: "array", items: text },
		buttons: { type: "array", items: text },
		commands: { type: "array", items: text },
	},
	["place"],
);

const described = ({ title, name, unit }: ChannelView) => `${title === name ? "" : `${title}, `}in ${unit}`;

export function channelPayload(channel: ChannelView): Schema {
	return { type: "number", description: described(channel) };
}

/** A record of all channels. */
export function recordPayload(channels: readonly ChannelView[]): Schema {
	return object({
		time: {
			type: ["string", "null"],
			format: "date-time",
			description: "RFC 3339 in UTC; null before the clock was set.",
		},
		seq: { type: "integer", minimum: 1, description: "Counts the records of a boot." },
		...Object.fromEntries(
			channels.map((channel) => [
				channel.name,
				{ type: ["number", "null"], description: `${described(channel)}; null when its sensor fails` },
			]),
		),
	});
}

const color = object({ r: byte, g: byte, b: byte });
const colorMode = (kind: LightKind) => ({ const: COLOR_MODE[kind] });
const effect = (kind: LightKind) => ({ type: "string", enum: [...EFFECTS[kind]] });

/** Home Assistant's JSON light schema, as far as a light of this kind has it. */
export function lightState(kind: LightKind): Schema {
	return object({
		state: SWITCHED,
		...(kind !== "on-off" && { brightness: byte }),
		color_mode: colorMode(kind),
		...(kind === "rgb" && { color }),
		effect: effect(kind),
	});
}

/** `ON`, `OFF`, `TOGGLE`; a percentage; or that JSON, with what is to change. */
export function lightOrder(kind: LightKind): Schema {
	const members = options({
		state: SWITCH_ORDER,
		...(kind !== "on-off" && { brightness: byte }),
		color_mode: colorMode(kind),
		...(kind === "rgb" && { color }),
		effect: effect(kind),
		transition: { type: "number", minimum: 0, maximum: 300, description: "seconds" },
		flash: {
			oneOf: [{ enum: ["short", "long"] }, { type: "number", minimum: 0, maximum: 60, description: "seconds" }],
		},
	});
	return {
		oneOf: [
			SWITCH_ORDER,
			{ type: "number", minimum: 0, maximum: 100, description: "percent of brightness" },
			{ ...members, minProperties: 1 },
		],
	};
}

/** What each command takes and answers. */
export interface CommandPayload {
	readonly summary: string;
	readonly arguments: Readonly<Record<string, Schema>>;
	readonly result: Readonly<Record<string, Schema>>;
}

export function commandPayloads(
	lights: readonly string[],
	homeAssistant: boolean,
): Readonly<Record<string, CommandPayload>> {
	const seconds = (maximum: number) => ({ type: "number", minimum: 1, maximum });
	const light = { type: "string", enum: lights };
	return {
		report: { summary: "Makes a record now.", arguments: {}, result: { seq: { type: "integer", minimum: 1 } } },
		restart: { summary: "Boots again.", arguments: {}, result: {} },
		...(lights.length > 0 && {
			identify: {
				summary: "Flashes a light: the first one unless told which.",
				arguments: { light, seconds: seconds(60) },
				result: { light, seconds: seconds(60) },
			},
		}),
		interval: {
			summary: "Sets, or asks, the seconds from record to record; null: those of the description.",
			arguments: { seconds: { ...seconds(86_400), type: ["number", "null"] } },
			result: { seconds: seconds(86_400) },
		},
		ping: {
			summary: "Asks if it is there.",
			arguments: {},
			result: { uptime: { type: "number", description: "seconds" } },
		},
		...(homeAssistant && {
			discovery: {
				summary: "Takes back, or tells again, what it told Home Assistant.",
				arguments: { enabled: { type: "boolean" } },
				result: { enabled: { type: "boolean" } },
			},
		}),
	};
}

const id: Schema = { type: ["string", "number"], maxLength: 64, description: "Comes back in the response." };

export function commandArguments({ arguments: members }: CommandPayload): Schema {
	return options({ id, ...members });
}

export function commandResponse({ result }: CommandPayload): Schema {
	return {
		oneOf: [
			object({ id, ok: { const: true }, result: object(result) }, ["id"]),
			object({ id, ok: { const: false }, error: object({ message: text }) }, ["id"]),
		],
	};
}
