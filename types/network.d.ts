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

declare module "embedded:network/dnssd" {
	import type UDP from "embedded:io/socket/udp";

	/** ECMA-419 §29, DNS-SD Service Object */
	export interface Service {
		/** The Service Instance Name: for people, UTF-8. */
		readonly name: string;
		/** `broker.local` */
		readonly host: string;
		readonly address: string;
		readonly port: number;
		/** A key without a value has `undefined`. */
		readonly txt: Map<string, string | undefined>;
	}
	export interface DiscoverOptions {
		/** `_mqtt._tcp` */
		serviceType: string;
		/** Beyond the standard: the instance of this name is seen, however many others there are. */
		name?: string | undefined;
		/** Beyond the standard: of a host's addresses this one, if it is among them. */
		prefer?: string | undefined;
		/** Beyond the standard. False: `txt` stays empty, and takes no memory. */
		txt?: boolean;
		onFound?: (service: Service) => void;
		onUpdate?: (service: Service) => void;
		onLost?: (service: Service) => void;
	}
	/** ECMA-419 §29: what discovers. Hosts here announce nothing: they have neither `claim` nor `advertise`. */
	class DNSSD {
		constructor(options: { socket: { io: typeof UDP; [option: string]: unknown }; io?: unknown });
		discover(options: DiscoverOptions): { close(): void };
		close(): void;
	}
	export default DNSSD;
}

declare module "embedded:network/http/client" {
	import type TCP from "embedded:io/socket/tcp";
	import type { ClientResolver } from "embedded:network/websocket/client";

	export interface HTTPClientOptions {
		/** Constructor options of the socket, with its class as `io`: TCP or TLS. */
		socket?: { io: new (options: never) => TCP; [option: string]: unknown };
		/** Constructor options of the resolver, with its class as `io`. */
		dns?: { io: new (options: never) => ClientResolver; [option: string]: unknown };
		host?: string;
		/** 80 when omitted. */
		port?: number;
		/** The connection ended, failed, or was never made; requests that had no `onDone` yet get none. The client is closed. */
		onError?: (this: HTTPClient, error: HTTPError) => void;
		target?: unknown;
		io?: unknown;
	}
	export interface HTTPRequestOptions {
		/** "GET" when omitted. */
		method?: string;
		/** With its query; "/" when omitted. */
		path?: string;
		/** A Map, or names and values in pairs. Body: `content-length`, or `transfer-encoding` "chunked". */
		headers?: Iterable<readonly [string, string]>;
		/** Lower-case names of the headers that are wanted. All when omitted: then they may have 4,096 bytes at most. */
		headersMask?: readonly string[];
		/** Names in lower case; values of headers that come more than once, joined with ", ". */
		onHeaders?: (this: HTTPRequest, status: number, headers: Map<string, string>, statusText: string) => void;
		/** Without it the body is read and thrown away. */
		onReadable?: (this: HTTPRequest, count: number) => void;
		onWritable?: (this: HTTPRequest, count: number) => void;
		/** The answer is whole. The argument is Moddable's. */
		onDone?: (this: HTTPRequest, error: null) => void;
	}
	/** Beyond ECMA-419: why it failed. */
	export interface HTTPError extends Error {
		/** EPROTOCOL, ECONNCLOSED, or what socket and resolver say (ECONNREFUSED, ...). */
		code?: string;
	}
	/** ECMA-419 §20, HTTP Client Request instance */
	export interface HTTPRequest {
		/** Up to `byteLength` bytes of what was announced (all, when omitted); `undefined` when there are none. */
		read(byteLength?: number): ArrayBuffer | undefined;
		/** Fills `buffer`; returns the number of bytes read, `undefined` when there are none. */
		read(buffer: ByteBuffer): number | undefined;
		/** Returns the number of bytes that may still be written. Without `data`: the end of a body in chunks. */
		write(data?: ByteBuffer): number;
	}
	/** ECMA-419 §20 */
	class HTTPClient {
		constructor(options: HTTPClientOptions);
		request(options: HTTPRequestOptions): HTTPRequest;
		/** Ends the connection at once, and cancels all requests. */
		close(): void;
		readonly format: "buffer";
		readonly target: unknown;
	}
	export default HTTPClient;
}

declare module "embedded:network/websocket/client" {
	import type TCP from "embedded:io/socket/tcp";

	/** What the client needs of its resolver (ECMA-419 §22): either form will do. */
	export interface ClientResolver {
		resolve(
			options: { host: string; onResolved?(host: string, address: string): void; onError?(error?: Error): void },
			callback?: (error: Error | null, host?: string, address?: string) => void,
		): void;
		close?(): void;
	}
	export interface WebSocketClientOptions {
		/** Constructor options of the socket, with its class as `io`: TCP or TLS. */
		socket?: { io: new (options: never) => TCP; [option: string]: unknown };
		/** Constructor options of the resolver, with its class as `io`. */
		dns?: { io: new (options: never) => ClientResolver; [option: string]: unknown };
		host?: string;
		/** In place of all else: a connected socket whose peer has done the client's part of the handshake. This end is the server. */
		attach?: TCP;
		/** 80 when omitted. */
		port?: number;
		/** With its query; "/" when omitted. */
		path?: string;
		/** Subprotocols, separated by commas. */
		protocol?: string;
		/** Further headers of the request; a Map, or names and values in pairs. */
		headers?: Iterable<readonly [string, string]>;
		/** `more`: this is not the end of the message. `binary`: false for text. */
		onReadable?: (this: WebSocketClient, count: number, options: { more: boolean; binary: boolean }) => void;
		onWritable?: (this: WebSocketClient, count: number) => void;
		/** A Close, Ping or Pong came: it was answered already. */
		onControl?: (this: WebSocketClient, opcode: number, control: ArrayBuffer) => void;
		/** The closing handshake was made, and the connection is over. */
		onClose?: (this: WebSocketClient) => void;
		/** The connection failed, or was never made. */
		onError?: (this: WebSocketClient, error: WebSocketError) => void;
		format?: "number" | "buffer";
		target?: unknown;
		io?: unknown;
	}
	/** Beyond ECMA-419: why it failed. */
	export interface WebSocketError extends Error {
		/** EHANDSHAKE, EPROTOCOL, ETIMEDOUT, or what socket and resolver say (ECONNREFUSED, ...). */
		code?: string;
		/** EHANDSHAKE: the server's HTTP status, when it was not 101. */
		status?: number;
		/** EPROTOCOL: the status code that the server was told (RFC 6455 §7.4.1). */
		closeCode?: number;
	}
	/** ECMA-419 §24 */
	class WebSocketClient {
		static readonly text: 1;
		static readonly binary: 2;
		static readonly close: 8;
		static readonly ping: 9;
		static readonly pong: 10;
		constructor(options: WebSocketClientOptions);
		/** Up to `byteLength` bytes of what was announced (all, when omitted); a byte with format "number"; `undefined` when there are none. */
		read(byteLength?: number): ArrayBuffer | number | undefined;
		/** Fills `buffer`; returns the number of bytes read, `undefined` when there are none. */
		read(buffer: ByteBuffer): number | undefined;
		/** A frame; returns the number of bytes that may still be written. */
		write(data: ByteBuffer | number, options?: { binary?: boolean; more?: boolean; opcode?: number }): number;
		/** Ends the connection at once. */
		close(): void;
		format: "number" | "buffer";
		/** The subprotocol that the server chose; empty when none. Beyond ECMA-419. */
		readonly protocol: string;
		readonly target: unknown;
	}
	export default WebSocketClient;
}

/** The standard's name for it; Moddable's stands above. */
declare module "embedded:network/ws/client" {
	export { default } from "embedded:network/websocket/client";
}

declare module "embedded:network/mqtt/client" {
	/** ECMA-419 §25: the class of `modules/mqtt/client.ts`. */
	const MQTTClient: typeof import("../modules/mqtt/client").default;
	export default MQTTClient;
}
