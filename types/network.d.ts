// ECMA-419 §21 to §25: network interface, resolver, NTP, MQTT.

declare module "embedded:network/interface/wifi" {
	import type { PortSpecifier } from "embedded:io/_common";
	export interface WiFiOptions {
		port?: PortSpecifier;
		/** The name of what changed: `connection`, `address`. */
		onChanged?: (this: WiFi, property: string) => void;
		target?: unknown;
		io?: unknown;
	}
	export interface WiFiScanResult {
		SSID: string;
		channel: number;
		RSSI: number;
		BSSID?: string;
		/** `none`, `wpa2_psk`, ... */
		security?: string;
	}
	/**
	 * ECMA-419 §21, Wi-Fi Network Interface. `connection`: 0 unavailable, 100 initializing, 200 disconnected, 300 connecting,
	 * 400 connected to the base station, 500 an IP address is assigned. Moddable's C implementations use the same values.
	 */
	class WiFi {
		constructor(options: WiFiOptions);
		/** Throws while an attempt is under way. `secure: false` (the default) allows open access points. */
		connect(options: { SSID?: string; password?: string; BSSID?: string; channel?: number; secure?: boolean }): void;
		disconnect(): void;
		scan(options: {
			channel?: number;
			frequency?: number;
			secure?: boolean;
			onFound: (result: WiFiScanResult) => void;
			onComplete?: () => void;
		}): void;
		close(): void;
		readonly connection: number;
		readonly address: string | undefined;
		readonly MAC: string | undefined;
		readonly SSID: string | undefined;
		readonly BSSID: string | undefined;
		readonly RSSI: number | undefined;
		readonly channel: number | undefined;
		readonly target: unknown;
	}
	export default WiFi;
}

declare module "embedded:network/dns/resolver/udp" {
	export interface ResolveOptions {
		host: string;
		onResolved: (host: string, address: string) => void;
		onError?: (error: Error) => void;
	}
	/** ECMA-419 §22 */
	class Resolver {
		constructor(options: Record<string, unknown>);
		resolve(options: ResolveOptions): void;
		/** Moddable's form. */
		resolve(options: { host: string }, callback: (error: Error | null, host: string, address: string) => void): void;
		close(): void;
	}
	export default Resolver;
}

declare module "embedded:network/ntp/client" {
	/** ECMA-419 §23 */
	class NTPClient {
		constructor(options: {
			servers: string[];
			socket: { io: unknown };
			dns: { io: unknown };
			target?: unknown;
			io?: unknown;
		});
		/** Asks once; `time` is in ms since 1970. */
		getTime(callback: (error: Error | null, time?: number) => void): void;
		close(): void;
	}
	export default NTPClient;
}

declare module "embedded:network/mqtt/client" {
	/** ECMA-419 §25: the class of `modules/mqtt/client.ts`. */
	const MQTTClient: typeof import("../modules/mqtt/client").default;
	export default MQTTClient;
}
