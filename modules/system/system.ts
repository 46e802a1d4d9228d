import type { TokenService } from "../description/token-service";

/**
 * `device.system`: what a node needs of its host and ECMA-419 does not define.
 * Every host provides it; a member that a host cannot provide is `undefined` there.
 */
export interface System {
	/** The board, as its maker calls it: `ESP32-DevKitC`, `simulator`. */
	readonly board: string;
	/** Engine and platform, for people: `desktop, XS 13.3.0`. */
	readonly host: string;
	/** The hardware's own identity: 12 lower-case hexadecimal digits (the Wi-Fi MAC address). */
	readonly uniqueId: string;
	/** Why the node started last. */
	readonly resetReason: ResetReason;
	/** What the owner set from outside node.ts (command line, build, provisioning). */
	readonly settings: Settings;
	/** Ends the firmware and boots it again; does not return to the caller's event. */
	restart(): void;
	/**
	 * Registers what the firmware still does when the host ends it in order (a restart from outside, the simulator
	 * ended by its user): say goodbye, then call `done`. The host waits at most 2 s.
	 */
	onShutdown?(callback: (done: () => void) => void): void;
	memory(): Memory;
	/** Fills the buffer with random bytes, fit for keys (in the simulator: of the seed, when one is given). */
	random(buffer: Uint8Array): void;
	readonly watchdog?: Watchdog;
	/** Sleeps for `milliseconds`, then boots again with reason `deep-sleep`. */
	sleep?(milliseconds: number): void;
	readonly firmware?: Firmware;
	/** A strip of addressable RGB LEDs (WS2812, SK6812). */
	readonly LightStrip?: LightStripConstructor;
	/** Drives a single-wire bus: DHT22 and DS18B20, whose pulses are too short for scripts. */
	readonly PulseWire?: PulseWireConstructor;
}

export type ResetReason =
	| "power-on"
	| "software"
	| "panic"
	| "watchdog"
	| "brown-out"
	| "deep-sleep"
	| "update"
	| "unknown";

export interface Settings {
	/** The node's id: MQTT client id and `{id}` in topics. */
	readonly id?: string;
	/** mqtt(s)://host:port, or ws(s)://host:port/path */
	readonly broker?: string;
	/** The host's own, as a URL: for a node whose description and owner name none. */
	readonly defaultBroker?: string;
	readonly user?: string;
	readonly password?: string;
	/** Where the node gets a token to use as its password. */
	readonly token?: TokenService;
	/** PEM: certificate authority, client certificate, private key. */
	readonly ca?: string;
	readonly certificate?: string;
	readonly key?: string;
	/** Seconds: 0, or 1..65,535. */
	readonly keepAlive?: number;
	/** The public keys whose releases are taken, in base64url (32 bytes each). */
	readonly releaseKeys?: readonly string[];
	/** Images may come over http://, too: for trials without certificates. What comes is checked all the same. */
	readonly updateOverHTTP?: boolean;
	readonly wifi?: { readonly SSID: string; readonly password?: string };
}

export interface Memory {
	/** Bytes that the engine may use in all, as on the 32-bit board. */
	readonly size: number;
	/** Bytes in use: slots x 16 + chunks. */
	readonly used: number;
	readonly free: number;
	/** The highest `used` since boot. */
	readonly peak: number;
}

export interface Watchdog {
	/** Restarts the node with reason `watchdog` unless `feed` is called every `timeout` ms. */
	start(timeout: number): void;
	feed(): void;
	stop(): void;
}

export interface Firmware {
	/** Version of the running firmware. */
	readonly version: string;
	/** What its images are made for, as releases name it: `simulator`, `esp32/esp32c3`. */
	readonly target: string;
	/** True while an updated firmware has not been confirmed. */
	readonly onTrial: boolean;
	confirm(): void;
	/**
	 * Makes the firmware in the flash partition `nextota` boot next, on trial. It has `byteLength` bytes. Throws when it
	 * cannot boot, as far as the host can see that.
	 */
	activate(byteLength: number): void;
	/** Boots the former firmware. */
	rollback(): void;
}

export interface LightStrip {
	/** Sets all pixels: 3 bytes each, red, green, blue. */
	write(pixels: Uint8Array): void;
	close(): void;
}
export type LightStripConstructor = new (options: { pin: number; length: number; order?: "GRB" | "RGB" }) => LightStrip;

/** A single data wire with a pull-up resistor. Several instances may share a pin: each call is a complete exchange. */
export interface PulseWire {
	/**
	 * Pulls the wire low for 1..20,000 us, lets it go, and records how long (us) it then stays high, low, high, ... until `widths`
	 * is full or the wire has been still for 1 ms. Returns how many widths were recorded; 0 when no part answered.
	 */
	exchange(lowMicroseconds: number, widths: Uint16Array): number;
	/** 1-Wire (Dallas): reset and presence; false when no part answers. */
	reset(): boolean;
	writeByte(value: number): void;
	/** 255 when no part drives the wire. */
	readByte(): number;
	/** 1-Wire: one time slot; writing 1 also reads. */
	bit(value: 0 | 1): 0 | 1;
	close(): void;
}
export type PulseWireConstructor = new (options: { pin: number }) => PulseWire;
