/** What a node's network services need of the world: the simulator provides it, with real sockets or in memory. */
/** Bytes that the node reads as if they had arrived in its receive window; as lwIP has them on the board. */
export const RECEIVE_WINDOW = 5744;
/** Bytes that a socket takes before they were sent. */
export const SEND_BUFFER = 5744;

export interface Peer {
	readonly address: string;
	readonly port: number;
}

/** A certificate or a key: PEM or DER, as the host wants it. */
export type Certificate = string | Uint8Array;

export interface TLSParameters {
	/** The name that the server's certificate must carry, and that is sent as SNI. */
	readonly serverName: string;
	/** Each in the host's own form; the system's own authorities when omitted. */
	readonly ca?: Certificate[];
	/** This client's certificates, its own first. */
	readonly certificate?: Certificate[];
	readonly key?: Certificate;
	readonly protocols?: string[];
	readonly minimumVersion?: string;
	readonly maximumVersion?: string;
	/** The date on the node's own clock (ms since 1970): certificates must be valid then. */
	readonly date: number;
}

export interface ConnectOptions extends Peer {
	readonly noDelay?: boolean;
	/** ms */
	readonly keepAlive?: number;
	readonly tls?: TLSParameters;
}

/** A node's end of a connection. */
export interface Connection extends Peer {
	/** Counts up within a node. */
	readonly id: number;
	readonly secure: boolean;
	/** With TLS: the name that the server's certificate must carry. */
	readonly serverName?: string | undefined;
}

/** Sees the plain bytes of each connection, before TLS. `closed` when the connection ends. */
export interface Tap {
	opened?(connection: Connection): void;
	bytes?(connection: Connection, direction: "in" | "out", chunk: Uint8Array): void;
	closed?(connection: Connection): void;
}

/** A connection's bytes, both ways: as Node's Duplex has it. */
export interface ByteStream {
	on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
	/** The peer has nothing more to say; the stream broke; it is over. */
	on(event: "end" | "close", listener: () => void): unknown;
	on(event: "error", listener: (error: Error) => void): unknown;
	/** `callback` once the bytes were handed on. */
	write(bytes: Uint8Array, callback: (error?: Error | null) => void): unknown;
	/** Sends what was written, then ends. */
	end(): unknown;
	/** No `data` until `resume`. */
	pause(): unknown;
	resume(): unknown;
	isPaused(): boolean;
	destroy(error?: Error): unknown;
	/** Lets the process end even though the stream is open. */
	unref?(): unknown;
}

export interface Listening {
	readonly port: number;
	close(): void;
}

export interface Datagrams {
	send(bytes: Uint8Array, address: string, port: number): void;
	/** Throws when `address` is not a multicast group that can be joined. */
	join(address: string): void;
	leave(address: string): void;
	close(): void;
}

export interface AccessPoint {
	readonly SSID: string;
	readonly BSSID: string;
	readonly channel: number;
	/** dBm */
	readonly RSSI: number;
	/** `none` or `wpa2_psk` */
	readonly security: string;
}

export interface ScanOptions {
	readonly channel?: number;
	/** 2.4 or 5 (GHz) */
	readonly frequency?: number;
	readonly secure?: boolean;
}

export interface StationOptions {
	readonly SSID?: string;
	readonly BSSID?: string;
	readonly password?: string;
	readonly channel?: number;
	readonly secure?: boolean;
}

/** The node's radio, as a Wi-Fi station. */
export interface Station {
	/** ECMA-419 §21: 0, 200, 300, 400, 500. */
	readonly connection: number;
	readonly address: string | undefined;
	readonly MAC: string;
	readonly SSID: string | undefined;
	readonly BSSID: string | undefined;
	readonly RSSI: number | undefined;
	readonly channel: number | undefined;
	/** Throws while connecting, and on an invalid option. */
	connect(options: StationOptions): void;
	disconnect(): void;
	/** Throws while scanning. */
	scan(options: ScanOptions, onFound: (point: AccessPoint) => void, onComplete: () => void): void;
	/** Called after each change; returns how to end it. */
	subscribe(listener: (property: "connection" | "address") => void): () => void;
	/** The node loses power or restarts: the radio is off until the next connect. */
	reset(): void;
}

/** A node's access to the world. Nothing here is called back synchronously. */
export interface Network {
	readonly station: Station;
	/** Packets pass: the station has an address, and its base station is there. */
	readonly up: boolean;
	/** Told when `up` changes; returns how to end it. */
	subscribe(listener: () => void): () => void;
	tap: Tap | undefined;
	/** `onConnect` once usable (after the handshake, with TLS); failures are the stream's `error`. */
	connect(options: ConnectOptions, onConnect: () => void): ByteStream;
	/** Throws when the port is taken. */
	listen(port: number, address: string | undefined, onConnection: (stream: ByteStream, peer: Peer) => void): Listening;
	/** Throws when the port is taken. */
	bind(
		port: number | undefined,
		address: string | undefined,
		onPacket: (bytes: Uint8Array, address: string, port: number) => void,
		onError: (error: Error) => void,
	): Datagrams;
	/** An address for a name. */
	resolve(host: string, callback: (error: Error | undefined, address?: string) => void): void;
	/** Under virtual time: what must settle before time may move on; undefined when nothing is under way. */
	idle(): Promise<void> | undefined;
}
