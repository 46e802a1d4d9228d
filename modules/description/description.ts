import type { BoardName, PinName } from "./boards";
import type { BrokerDiscovery } from "./broker-discovery";
import type { DriverName, drivers, QuantityOf } from "./drivers";
import { freeze } from "./freeze";
import type { Quantity, UnitOf } from "./units";

/** A GPIO number of the board, or a name that the board gives one: `"led"`. */
export type Pin = number | PinName;
/** From the chattiest to the most quiet. */
export type LogLevel = "debug" | "info" | "warn" | "error";

interface LightBase {
	/** For people; the light's name when omitted. 1..32 characters. */
	readonly title?: string;
	readonly pin: Pin;
	/** What it shows after a boot: `off` (the default), or as it was before (`restore`). */
	readonly boot?: "off" | "restore";
}
/** A LED that is on or off. */
export interface SwitchedLight extends LightBase {
	readonly kind: "on-off";
	/** True when the LED lights at a low level. False by default. */
	readonly activeLow?: boolean;
}
/** A LED with brightness, by PWM. */
export interface DimmableLight extends LightBase {
	readonly kind: "dimmable";
	readonly activeLow?: boolean;
	/** PWM frequency: 1..40,000 Hz; 1,000 by default. */
	readonly hz?: number;
	/** 1 (linear, the default) to 3; 2.2 makes half brightness look half as bright. */
	readonly gamma?: number;
}
/** A strip of addressable RGB LEDs (WS2812, SK6812), all of one colour. */
export interface RgbLight extends LightBase {
	readonly kind: "rgb";
	/** Number of LEDs: 1..300. */
	readonly length: number;
	/** Order of the bytes on the wire; `GRB` by default. */
	readonly order?: "GRB" | "RGB";
	readonly gamma?: number;
}
export type LightDescription = SwitchedLight | DimmableLight | RgbLight;

export interface RelayDescription {
	readonly title?: string;
	readonly pin: Pin;
	/** True when the relay pulls in at a low level, as most opto-isolated modules do. False by default. */
	readonly activeLow?: boolean;
	/** `off` (the default), or as it was before (`restore`). */
	readonly boot?: "off" | "restore";
}

export interface ButtonDescription<Light extends string = string, Relay extends string = string> {
	readonly title?: string;
	readonly pin: Pin;
	/** The board's own pull resistor: `up` (the default: the button connects to ground), `down` or `none`. */
	readonly pull?: "up" | "down" | "none";
	/** True when pressed means a low level: the default unless `pull` is `down`. */
	readonly activeLow?: boolean;
	/** A level must last so long to count: 0..1,000 ms; 30 by default. */
	readonly debounce?: number;
	/** Pressed so long it is a `hold`: 100..60,000 ms; 1,000 by default. */
	readonly hold?: number;
	/** Switched by each press on the node itself, with or without a network: `led/onboard`, `relay/fan`. */
	readonly toggles?: `led/${Light}` | `relay/${Relay}`;
}

type ChannelOf<Q extends Quantity> = Q extends Quantity
	? {
			readonly title?: string;
			/** What of the sample: `classification.property` (ECMA-419 §14). */
			readonly quantity: Q;
			/** The unit that it is reported in; the driver's own when omitted. */
			readonly unit?: UnitOf<Q>;
			/** Digits after the point: 0..6. */
			readonly decimals?: number;
			/** A change by more than this, in `unit`, is published at once, between the records. Without it only the records publish. */
			readonly threshold?: number;
		}
	: never;
/** One measured value: a member of the telemetry record and a topic of its own. */
export type ChannelDescription = ChannelOf<Quantity>;

type Connections = {
	i2c: {
		/** The bus in `device.i2c`; `default` when omitted. */
		readonly i2c?: "default";
		/** The part's usual address when omitted. */
		readonly address?: number;
	};
	analog: { readonly pin: Pin };
	wire: { readonly pin: Pin };
	none: unknown;
};
type SensorOf<D extends DriverName> = D extends DriverName
	? {
			readonly driver: D;
			/** Seconds from sample to sample: the driver's fastest..86,400; telemetry's interval when omitted. */
			readonly interval?: number;
			readonly channels: Readonly<Record<string, ChannelOf<QuantityOf<D>>>>;
		} & Connections[(typeof drivers)[D]["connection"]] &
			(D extends "analog-light" ? AnalogLight : unknown)
	: never;
interface AnalogLight {
	/** Ohms of the fixed resistor from the pin to ground (the photoresistor goes to 3.3 V): 100..1,000,000; 10,000 by default. */
	readonly resistor?: number;
}
/** A part and what is read of it. `driver` decides which of `i2c`, `address` and `pin` it takes, and which quantities it gives. */
export type SensorDescription = SensorOf<DriverName>;

/**
 * One node, described once: pins, parts, names and intervals. Everything else follows from it.
 * Names are 1..15 characters of `a-z`, `0-9`, `-` and `_`; they appear in topics.
 */
export interface NodeDescription<Light extends string = string, Relay extends string = string> {
	/** Version of this format. */
	readonly schema: 1;
	/** MQTT client id, and `{id}` in `base`: 1..32 characters of letters, digits, `-` and `_`; not `all`. */
	readonly id: string;
	/** For people: 1..64 characters. */
	readonly name: string;
	/** Where it is, for people: 1..64 characters. */
	readonly place?: string;
	readonly board: BoardName;
	/** What its topics start with; `vagalume/{id}` when omitted. */
	readonly base?: string;
	readonly broker?: {
		/** `mqtt(s)://host:port`, or `ws(s)://host:port/path`; the owner's settings (command line, provisioning) go before it. */
		readonly url?: string;
		/** In place of `url`: the broker is looked for on the local network, at each connection. `{}`: any one without TLS. */
		readonly discover?: BrokerDiscovery;
		/** Seconds: 0 (none), or 1..65,535; 60 by default. */
		readonly keepAlive?: number;
		/** Protocol level of MQTT: 4 (MQTT 3.1.1, the default) or 5. The broker has to speak it. */
		readonly version?: 4 | 5;
	};
	readonly telemetry: {
		/** Seconds from record to record: 1..86,400. */
		readonly interval: number;
		/** Records kept while the broker is away; the oldest goes first. 1..1,000, and 8 KB in all; 40 by default. */
		readonly queue?: number;
		/**
		 * True: records that are made while the broker is away are kept in flash, and survive a power cut. At most 500 writes in
		 * a row and 60 an hour, or the flash wears out: what is above it waits in memory only. False by default.
		 */
		readonly durable?: boolean;
	};
	/** The node announces itself to Home Assistant. Without it, it does not. */
	readonly homeAssistant?: {
		/** Discovery prefix, as set in Home Assistant: 1..64 bytes of UTF-8, levels without wildcards; `homeassistant` by default. */
		readonly prefix?: string;
	};
	/** Lines of this level and above go to `<base>/log`; `info` by default. */
	readonly log?: LogLevel | "off";
	readonly lights: Readonly<Record<Light, LightDescription>>;
	readonly relays: Readonly<Record<Relay, RelayDescription>>;
	readonly sensors: Readonly<Record<string, SensorDescription>>;
	readonly buttons: Readonly<Record<string, ButtonDescription<NoInfer<Light>, NoInfer<Relay>>>>;
}

/** Makes the description of a node: checks its types, and freezes it so that it stays in flash. */
export function describe<Light extends string, Relay extends string>(
	node: NodeDescription<Light, Relay>,
): NodeDescription<Light, Relay> {
	return freeze(node);
}
