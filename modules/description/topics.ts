/** The base when node.ts says nothing. */
export const DEFAULT_BASE = "vagalume/{id}";
/** The last level of a group's topics: `<prefix>/all/...` reaches every node below the prefix. */
export const GROUP = "all";

/** `<base>`: what all topics of a node start with. `{id}` stands for the node's id. */
export function baseOf(description: { readonly base?: string }, id: string): string {
	return (description.base ?? DEFAULT_BASE).split("{id}").join(id);
}

/** `<prefix>/all`: what the topics of a node's group start with. Without a prefix (a base of one level) it is `all`. */
export function groupOf(base: string): string {
	const end = base.lastIndexOf("/");
	return end < 0 ? GROUP : `${base.slice(0, end)}/${GROUP}`;
}

/** The topics of a node, by what they are for. `base` as given by `baseOf`, or by `groupOf` for the orders to a group. */
export const topics = Object.freeze({
	status: (base: string) => `${base}/status`,
	info: (base: string) => `${base}/info`,
	telemetry: (base: string) => `${base}/telemetry`,
	channel: (base: string, channel: string) => `${base}/telemetry/${channel}`,
	/** State of a light or a relay: kind is `led` or `relay`. */
	state: (base: string, kind: OutputKind, name: string) => `${base}/${kind}/${name}`,
	order: (base: string, kind: OutputKind, name: string) => `${base}/${kind}/${name}/set`,
	button: (base: string, name: string) => `${base}/button/${name}`,
	command: (base: string, name: string) => `${base}/command/${name}`,
	response: (base: string, name: string) => `${base}/response/${name}`,
	/** State of updates. */
	update: (base: string) => `${base}/update`,
	/** Announcements of releases, from the owner. */
	available: (base: string) => `${base}/update/available`,
	/** The node asks for a piece of an image, and gets it. */
	request: (base: string) => `${base}/update/request`,
	block: (base: string) => `${base}/update/block`,
	log: (base: string) => `${base}/log`,
});

/** Where Home Assistant looks for devices, unless node.ts says otherwise. */
export const DISCOVERY_PREFIX = "homeassistant";

/** Topics of Home Assistant's MQTT discovery; `prefix` as it is set there. */
export const homeAssistant = Object.freeze({
	/** Where a device says what it is. */
	device: (prefix: string, id: string) => `${prefix}/device/${id}/config`,
	/** Home Assistant's own: `online` when it has started. */
	status: (prefix: string) => `${prefix}/status`,
});

export type OutputKind = "led" | "relay";

/** Bytes that a string takes in UTF-8; undefined when it has half of a surrogate pair. */
export function utf8Length(string: string): number | undefined {
	let length = 0;
	for (let i = 0; i < string.length; i++) {
		const code = string.charCodeAt(i);
		if (code < 0x80) length += 1;
		else if (code < 0x800) length += 2;
		else if (code < 0xd800 || code > 0xdfff) length += 3;
		else {
			const next = string.charCodeAt(i + 1);
			if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return undefined;
			length += 4;
			i += 1;
		}
	}
	return length;
}
