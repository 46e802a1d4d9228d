/**
 * What panel and page say to each other. `GET /nodes` answers NodeSummary[]. `/nodes/ID/socket` is a WebSocket of JSON
 * texts: the page sends Requests, the panel News. `/mqtt` is MQTT over WebSocket, to the nodes' broker. For scripts,
 * `POST /nodes/ID/actions` takes one Action. Dates are node time in ms since 1970.
 */

/** From a page: an action; its answer carries the same `id`. */
export interface Request {
	readonly id: number;
	readonly action: Action;
}

/** To a page: first one `state`, then `update`s; and the answer to each request. */
export type News =
	| { readonly type: "state"; readonly state: NodeState }
	| { readonly type: "update"; readonly update: NodeUpdate }
	| { readonly type: "done"; readonly id: number }
	/** It was refused, and changed nothing; the error names what was wrong and what was expected. */
	| { readonly type: "refused"; readonly id: number; readonly error: string };

export interface NodeSummary {
	readonly id: string;
	readonly name: string;
	readonly place?: string;
	/** As its maker calls it. */
	readonly board: string;
	readonly on: boolean;
	readonly up: boolean;
	/** What its topics start with. */
	readonly base: string;
	/** Units of its channels, by name. */
	readonly units: Readonly<Record<string, string>>;
}

/** Everything about a node. Members that change have the same form in NodeUpdate. */
export interface NodeState {
	readonly id: string;
	readonly name: string;
	readonly place?: string;
	readonly board: string;
	readonly hardware: HardwareView;
	/** What its topics start with. */
	readonly base: string;
	/** Topics that it obeys, and payloads to begin with. */
	readonly orders: readonly OrderView[];
	readonly date: number;
	readonly vitals: Vitals;
	/** By GPIO: those that something hangs on. */
	readonly pins: Readonly<Record<number, PinView>>;
	/** By name: `led/onboard`, `relay/fan`, `button/boot`, `sensor/climate`. */
	readonly parts: Readonly<Record<string, PartView>>;
	/** What telemetry reports, by name. */
	readonly channels: Readonly<Record<string, ChannelView>>;
	/** Of each channel: date and value, alternately, oldest first. */
	readonly history: Readonly<Record<string, readonly number[]>>;
	/** The latest ones, oldest first. */
	readonly packets: readonly PacketView[];
	readonly log: readonly LogView[];
}

export interface HardwareView {
	/** As node.ts calls it. */
	readonly name: string;
	/** GPIOs that it leads out. */
	readonly pins: readonly number[];
}

export interface OrderView {
	readonly topic: string;
	readonly payloads: readonly string[];
}

export interface PinView {
	readonly level: 0 | 1;
	/** Share of the time that it is high: 0..1. */
	readonly duty: number;
	/** As its analog converter sees it, where the firmware has one open. */
	readonly volts?: number;
	/** What the firmware has open on it: `Digital`, `PWM`, ... */
	readonly use?: string;
}

/** What has changed: pins, parts and channels whole; packets and log lines those that are new. */
export interface NodeUpdate {
	readonly date: number;
	readonly vitals?: Vitals;
	readonly pins?: Readonly<Record<number, PinView>>;
	readonly parts?: Readonly<Record<string, PartView>>;
	readonly channels?: Readonly<Record<string, ChannelView>>;
	readonly packets?: readonly PacketView[];
	readonly log?: readonly LogView[];
	/** Packets and log lines left out because the page reads too slowly. */
	readonly dropped?: number;
}

export interface Vitals {
	readonly on: boolean;
	/** Why it is off. */
	readonly reason?: string;
	/** URL */
	readonly broker?: string;
	/** How many times faster than the wall clock time goes; absent in virtual time. */
	readonly pace?: number;
	readonly wifi: {
		readonly up: boolean;
		/** dBm, as the node hears it. */
		readonly RSSI?: number;
		/** dBm, as set at the panel. */
		readonly signal?: number;
	};
	readonly line: {
		/** ms, one way */
		readonly latency: number;
		/** Percent of the packets. */
		readonly loss: number;
		readonly reachable: boolean;
	};
	/** Bytes; absent while it is off. */
	readonly heap?: { readonly used: number; readonly peak: number; readonly limit: number };
	/** Units of the engine's meter: in the last second, at most in a second, and what one event may take. */
	readonly compute?: { readonly used: number; readonly peak: number; readonly limit: number };
}

interface PartBase {
	readonly name: string;
	/** For people. */
	readonly title: string;
	/** Where it is connected: `GPIO 2`, `I2C 0x44`. */
	readonly wiring: string;
	readonly wires: readonly WireView[];
	/** It is soldered to the board. */
	readonly onboard: boolean;
}

/** One wire of a part. */
export interface WireView {
	readonly gpio: number;
	/** As the part calls it: `SDA`, `DIN`. */
	readonly pin: string;
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
	/** How far it wanders at most, either way. */
	readonly noise: number;
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

/** An MQTT control packet, as it crossed the wire. */
export interface PacketView {
	/** Counts up within a node. */
	readonly number: number;
	readonly date: number;
	/** As the node sees it. */
	readonly direction: "in" | "out";
	/** Counts up within a node. */
	readonly connection: number;
	/** Of the protocol: 4 (MQTT 3.1.1) or 5. */
	readonly version: number;
	/** `PUBLISH`, `PUBACK`, ... */
	readonly type: string;
	/** Packet identifier. */
	readonly id?: number;
	/** Of the whole packet, in bytes. */
	readonly length: number;
	/** Its first 1,024 bytes, in base64. */
	readonly bytes: string;
	/** Of a PUBLISH. */
	readonly message?: MessageView;
}

export interface MessageView {
	readonly topic: string;
	/** At most 1,000 characters. */
	readonly payload: string;
	/** Bytes of the whole payload. */
	readonly size: number;
	readonly qos: number;
	readonly retain: boolean;
	readonly dup: boolean;
}

export interface LogView {
	readonly date: number;
	readonly level: string;
	/** At most 4,000 characters: a stack trace is longer than a line. */
	readonly text: string;
}

export type Action =
	/** Holds a quantity of the world: `temperature`, or that of one sensor: `climate/temperature`. */
	| { readonly type: "set"; readonly quantity: string; readonly value: number }
	/** Lets nature go on with a quantity, or lets a button go. */
	| { readonly type: "release"; readonly quantity: string }
	| { readonly type: "release"; readonly button: string }
	/** 0 for none; in the quantity's unit. */
	| { readonly type: "noise"; readonly quantity: string; readonly amplitude: number }
	/** For 1..60,000 ms; without `milliseconds` until `release`, and no longer than that. */
	| { readonly type: "press"; readonly button: string; readonly milliseconds?: number }
	| { readonly type: "plug"; readonly sensor: string; readonly plugged: boolean }
	/** `signal`: -100..-20 dBm. At least one of the two. */
	| { readonly type: "wifi"; readonly up?: boolean; readonly signal?: number }
	/** `latency`: 0..5,000 ms; `loss`: 0..50 %. At least one of the three. */
	| { readonly type: "line"; readonly latency?: number; readonly loss?: number; readonly reachable?: boolean }
	/** 1..60 times the wall clock, for all nodes. */
	| { readonly type: "pace"; readonly pace: number }
	| { readonly type: "power"; readonly on: boolean }
	/** `power-on` when left out: the reset button. */
	| { readonly type: "reset"; readonly reason?: "power-on" | "brown-out" }
	/** Publishes at the embedded broker, to a topic of this node or of its group. */
	| { readonly type: "order"; readonly topic: string; readonly payload: string };
