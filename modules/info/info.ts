import type { NodeDescription } from "../description/description";
import type { Channel } from "../sensor/channel";
import type { System } from "../system/system";

/** The version of this firmware: package.json's. */
export const VERSION = "0.1.0";

export interface InfoOptions {
	description: NodeDescription;
	system: System;
	/** Boots so far, this one included. */
	bootCount: number;
	channels: readonly Channel[];
	commands: readonly string[];
}

/** `<base>/info`: who this node is, and what it has. */
export function infoOf({ description, system, bootCount, channels, commands }: InfoOptions): string {
	const lights: Record<string, string> = {};
	for (const [name, light] of Object.entries(description.lights)) lights[name] = light.kind;
	const units: Record<string, string> = {};
	for (const { name, unit } of channels) units[name] = unit;
	return JSON.stringify({
		name: description.name,
		place: description.place,
		version: system.firmware?.version ?? VERSION,
		board: system.board,
		host: system.host,
		bootCount,
		resetReason: system.resetReason,
		channels: units,
		lights,
		relays: Object.keys(description.relays),
		buttons: Object.keys(description.buttons),
		commands,
	});
}
