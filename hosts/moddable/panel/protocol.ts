/**
 * What panel and machine say to each other. The panel asks with ORDER lines (`> set temperature 31`: what one may type into
 * the runner without a display), and with HELLO for the rest of the machine's life; the machine answers with `PanelNews` as JSON.
 */

/** The panel is there, and knows nothing yet. */
export const HELLO = "panel";
/** Before a line that the world obeys. */
export const ORDER = "> ";
/** The firmware shall say goodbye; the machine answers `exit`. */
export const SHUTDOWN = "shutdown";

/** A part as it looks now. */
export type PartNews =
	/** 0..1 */
	| { readonly brightness: number }
	/** Red, green, blue of each LED, in hexadecimal. */
	| { readonly pixels: string }
	| { readonly on: boolean }
	| { readonly pressed: boolean }
	/** By quantity of the world, in its unit. */
	| { readonly plugged: boolean; readonly values: Readonly<Record<string, number>> };

export interface RadioNews {
	/** It hears its base station, or could. */
	readonly up: boolean;
	/** dBm, while it is connected. */
	readonly signal?: number | undefined;
	readonly address?: string | undefined;
}

/** What has changed since the last one; the first one has it all. */
export interface PanelNews {
	readonly id?: string;
	/** By name: `led/onboard`, `sensor/climate`. */
	readonly parts?: Readonly<Record<string, PartNews>>;
	readonly wifi?: RadioNews;
	/** A line of the console. */
	readonly log?: string;
}
