// ECMA-419 §30: the host provider instance, completed by `device.system`.

declare module "embedded:provider/builtin" {
	import type { PinSpecifier } from "embedded:io/_common";
	import type Analog from "embedded:io/analog";
	import type Digital from "embedded:io/digital";
	import type DigitalBank from "embedded:io/digitalbank";
	import type I2C from "embedded:io/i2c";
	import type PWM from "embedded:io/pwm";
	import type SMBus from "embedded:io/smbus";
	import type TCP from "embedded:io/socket/tcp";
	import type TLS from "embedded:io/socket/tcp/tls";
	import type UDP from "embedded:io/socket/udp";
	import type Resolver from "embedded:network/dns/resolver/udp";
	import type DNSSD from "embedded:network/dnssd";
	import type HTTPClient from "embedded:network/http/client";
	import type WiFi from "embedded:network/interface/wifi";
	import type NTPClient from "embedded:network/ntp/client";
	import type WebSocketClient from "embedded:network/websocket/client";
	import type { SensorConstructor } from "embedded:sensor/_common";
	import type { FlashStorage } from "embedded:storage/flash";
	import type { KeyValueStorage } from "embedded:storage/key-value";
	import type { UpdateModule } from "embedded:update";

	// `device.system`, which ECMA-419 lacks: declared once, beside the firmware that uses it.
	export type System = import("../modules/system/system").System;
	export type Settings = import("../modules/system/system").Settings;
	export type ResetReason = import("../modules/system/system").ResetReason;
	export type Memory = import("../modules/system/system").Memory;
	export type Watchdog = import("../modules/system/system").Watchdog;
	export type Firmware = import("../modules/system/system").Firmware;
	export type LightStrip = import("../modules/system/system").LightStrip;
	export type PulseWire = import("../modules/system/system").PulseWire;

	export interface ResolverOptions {
		io: typeof Resolver;
		[option: string]: unknown;
	}
	export interface MQTTOptions {
		socket: { io: typeof TCP | typeof TLS; [option: string]: unknown };
		dns: ResolverOptions;
		[option: string]: unknown;
	}
	export interface HTTPOptions {
		io: typeof HTTPClient;
		socket: { io: typeof TCP | typeof TLS; [option: string]: unknown };
		dns: ResolverOptions;
		port?: number;
	}
	export interface WebSocketOptions {
		io: typeof WebSocketClient;
		socket: { io: typeof TCP | typeof TLS; [option: string]: unknown };
		dns: ResolverOptions;
		[option: string]: unknown;
	}

	export interface Device {
		readonly pin: Readonly<Record<string, PinSpecifier>>;
		readonly io: {
			Digital: typeof Digital;
			DigitalBank: typeof DigitalBank;
			Analog: typeof Analog;
			PWM: typeof PWM;
			I2C: typeof I2C;
			SMBus: typeof SMBus;
		};
		readonly i2c: {
			readonly default: { data: PinSpecifier; clock: PinSpecifier; hz: number; port?: number };
			readonly [name: string]: { data: PinSpecifier; clock: PinSpecifier; hz: number; port?: number };
		};
		/** Sensor constructors by the part's name: `SHT3x`, `BMP280`, ... */
		readonly sensor: Readonly<Record<string, SensorConstructor>>;
		readonly network: {
			readonly interface: { readonly WiFi0: { io: typeof WiFi; [option: string]: unknown } };
			readonly dns: { readonly resolver: ResolverOptions };
			readonly ntp: {
				readonly client: { io: typeof NTPClient; servers: string[]; socket: { io: typeof UDP }; dns: ResolverOptions };
			};
			/** Constructor options of DNS-SD; a host may be without it. */
			readonly dnssd?: { io: typeof DNSSD; socket: { io: typeof UDP } };
			/** Constructor options of an MQTT client over TCP, and over TLS. */
			readonly mqtt: { readonly client: MQTTOptions; readonly io?: unknown };
			readonly mqtts: { readonly client: MQTTOptions; readonly io?: unknown };
			/** Constructor options of an HTTP client over TCP, and over TLS; a host may be without them. */
			readonly http?: { readonly client: HTTPOptions; readonly io?: unknown };
			readonly https?: { readonly client: HTTPOptions; readonly io?: unknown };
			/** Constructor options of a WebSocket client over TCP, and over TLS; a host may be without them. */
			readonly ws?: { readonly client: WebSocketOptions; readonly io?: unknown };
			readonly wss?: { readonly client: WebSocketOptions; readonly io?: unknown };
			readonly tls: { readonly client: { io: typeof TLS; [option: string]: unknown } };
		};
		readonly keyValue: KeyValueStorage;
		readonly flash: FlashStorage;
		readonly update: UpdateModule;
		readonly system: System;
	}
	const device: Device;
	export default device;
}
