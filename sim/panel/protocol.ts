/**
 * What panel and page say to each other. `GET /nodes` answers NodeSummary[]; `GET /nodes/ID/events` is a stream of
 * Server-Sent Events: one `state` (NodeState), then `update`s (NodeUpdate); `POST /nodes/ID/actions` takes one Action.
 * Dates are node time in ms since 1970.
 */

export interface NodeSummary {
	readonly id: string;
	readonly name: string;
	readonly place?: string;
	/** As its maker calls it. */
	readonly board: string;
	readonly on: boolean;
	readonly up: boolean;
	/** See Vitals. */
	readonly status?: string;
}

/** Everything about a node. Members that change have the same form in NodeUpdate. */
export interface NodeState {
	readonly id: string;
	readonly name: string;
	readonly place?: string;
	readonly board: string;
	/** What its topics start with. */
	readonly base: string;
	readonly date: number;
	readonly vitals: Vitals;
	/** By name: `led/onboard`, `relay/fan`, `button/boot`, `sensor/climate`. */
	readonly parts: Readonly<Record<string, PartView>>;
	/** What telemetry reports, by name. */
	readonly channels: Readonly<Record<string, ChannelView>>;
	/** The latest ones, oldest first. */
	readonly messages: readonly MessageView[];
	readonly log: readonly LogView[];
}

/** What has changed: parts and channels whole, messages and log lines those that are new. */
export interface NodeUpdate {
	readonly date: number;
	readonly vitals?: Vitals;
	readonly parts?: Readonly<Record<string, PartView>>;
	readonly channels?: Readonly<Record<string, ChannelView>>;
	readonly messages?: readonly MessageView[];
	readonly log?: readonly LogView[];
	/** Messages and log lines left out because the page reads too slowly. */
	readonly dropped?: number;
}

export interface Vitals {
	readonly on: boolean;
	/** Why it is off. */
	readonly reason?: string;
	/** `online` or `offline`: what the broker retains, or else what the node said last since it has power. */
	readonly status?: string;
	/** URL */
	readonly broker?: string;
	/** Orders can be sent through the panel. */
	readonly orders: boolean;
	readonly wifi: {
		readonly up: boolean;
		/** dBm, as the node hears it. */
		readonly RSSI?: number;
		/** dBm, as set at the panel. */
		readonly signal?: number;
	};
	/** Bytes; absent while it is off. */
	readonly heap?: { readonly used: number; readonly peak: number; readonly limit: number };
}

interface PartBase {
	readonly name: string;
	/** For people. */
	readonly title: string;
	/** Where it is connected: `GPIO 2`, `I2C 0x44`. */
	readonly wiring: string;
}

interface OutputBase extends PartBase {
	/** The topic of its orders. */
	readonly topic: string;
	/** The state that the node published last. */
	readonly state?: string;
}

export type PartView =
	| (OutputBase & { readonly kind: "led"; readonly dimmable: boolean /** 0..1 */; readonly brightness: number })
	/** `pixels`: six hexadecimal digits a LED, red first. */
	| (OutputBase & { readonly kind: "strip"; readonly pixels: string })
	| (OutputBase & { readonly kind: "relay"; readonly on: boolean })
	| (PartBase & {
			readonly kind: "button";
			readonly pressed: boolean /** What it switches. */;
			readonly toggles?: string;
	  })
	| (PartBase & {
			readonly kind: "sensor";
			readonly driver: string;
			readonly plugged: boolean;
			readonly quantities: readonly QuantityView[];
	  });

/** What a sensor meets. */
export interface QuantityView {
	/** As actions call it: `climate/temperature`. */
	readonly name: string;
	readonly quantity: string;
	readonly unit: string;
	readonly low: number;
	readonly high: number;
	/** The finest difference that is shown. */
	readonly step: number;
	readonly value: number;
	/** Set from outside; nature otherwise. */
	readonly held: boolean;
	/** The channel that reports it, if any. */
	readonly channel?: string;
}

/** One channel of the node's telemetry. */
export interface ChannelView {
	readonly title: string;
	readonly sensor: string;
	readonly quantity: string;
	readonly unit: string;
	/** The value that the node published last. */
	readonly value?: string;
}

export interface MessageView {
	readonly date: number;
	readonly direction: "in" | "out";
	readonly topic: string;
	/** At most 1,000 characters. */
	readonly payload: string;
	/** Bytes of the whole payload. */
	readonly size: number;
	readonly qos: number;
	readonly retain: boolean;
}

export interface LogView {
	readonly date: number;
	readonly level: string;
	/** At most 1,000 characters. */
	readonly text: string;
}

export type Action =
	/** Holds a quantity of the world: `temperature`, or that of one sensor: `climate/temperature`. */
	| { readonly type: "set"; readonly quantity: string; readonly value: number }
	/** Lets nature go on with a quantity, or lets a button go. */
	| { readonly type: "release"; readonly quantity: string }
	| { readonly type: "release"; readonly button: string }
	/** For 1..60,000 ms; without `milliseconds` until `release`, and no longer than that. */
	| { readonly type: "press"; readonly button: string; readonly milliseconds?: number }
	| { readonly type: "plug"; readonly sensor: string; readonly plugged: boolean }
	/** `signal`: -100..-20 dBm. At least one of the two. */
	| { readonly type: "wifi"; readonly up?: boolean; readonly signal?: number }
	| { readonly type: "power"; readonly on: boolean }
	| { readonly type: "reset" }
	/** Publishes at the embedded broker, to a topic of this node or of its group. */
	| { readonly type: "order"; readonly topic: string; readonly payload: string };
