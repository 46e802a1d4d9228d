// ECMA-419 §10.13 to §10.16: sockets.

declare module "embedded:io/socket/tcp" {
	export interface TCPOptions {
		address?: string;
		/** Moddable's form: a name to resolve. */
		host?: string;
		port?: number;
		noDelay?: boolean;
		keepAlive?: number;
		from?: TCP;
		onReadable?: (this: TCP, byteLength: number) => void;
		onWritable?: (this: TCP, byteLength: number) => void;
		onError?: (this: TCP, error?: Error) => void;
		format?: "number" | "buffer";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.13 */
	class TCP {
		constructor(options: TCPOptions);
		/** With format "buffer": up to `byteLength` bytes (all that there are, when omitted); `undefined` when there are none. */
		read(byteLength?: number): ArrayBuffer | number | undefined;
		/** Fills `buffer`; returns the number of bytes read, `undefined` when there are none. */
		read(buffer: ByteBuffer): number | undefined;
		/** Writes all of it or throws; returns the number of bytes that may still be written. `more`: further bytes of the same message follow. */
		write(data: ByteBuffer | number, options?: { more?: boolean; byteLength?: number }): number;
		close(): void;
		readonly remoteAddress: string | undefined;
		readonly remotePort: number | undefined;
		format: "number" | "buffer";
		readonly target: unknown;
	}
	export default TCP;
}

declare module "embedded:io/socket/tcp/tls" {
	import TCP, { type TCPOptions } from "embedded:io/socket/tcp";

	type Certificates = ByteBuffer | string | readonly (ByteBuffer | string)[];
	type Protocols = string | ByteBuffer | readonly (string | ByteBuffer)[];
	type Version = "TLSv1.3" | "TLSv1.2" | "TLSv1.1";
	/** ECMA-419's names, and Moddable's for the same. PEM is taken beside DER. */
	export interface TLSParameters {
		/** The name that the server's certificate must carry, and that is sent as SNI; the socket's `host` when omitted. */
		host?: string;
		/** Moddable's name for `host`. */
		serverName?: string;
		/** Trusted certificate authorities; the host's own when omitted. */
		ca?: Certificates;
		/** Moddable's name for `ca`. */
		certificate?: Certificates;
		/** This client's certificate and private key. */
		clientCertificate?: Certificates;
		clientKey?: Certificates;
		applicationLayerProtocol?: Protocols;
		/** Moddable's name for `applicationLayerProtocol`. */
		applicationLayerProtocolNegotiation?: Protocols;
		minimumVersion?: Version;
		maximumVersion?: Version;
		maximumFragmentLength?: number;
	}
	export interface TLSOptions extends TCPOptions {
		/** ECMA-419's form. */
		tls?: TLSParameters;
		/** Moddable's form. */
		secure?: TLSParameters;
	}
	/** ECMA-419 §10.16 */
	class TLS extends TCP {
		constructor(options: TLSOptions);
	}
	export default TLS;
}

declare module "embedded:io/socket/listener" {
	import type TCP from "embedded:io/socket/tcp";
	export interface ListenerOptions {
		port?: number;
		address?: string;
		onReadable?: (this: Listener, requests: number) => void;
		onError?: (this: Listener, error?: Error) => void;
		format?: "socket/tcp";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.14 */
	class Listener {
		constructor(options: ListenerOptions);
		read(): TCP | undefined;
		close(): void;
		readonly port: number;
		format: "socket/tcp";
		readonly target: unknown;
	}
	export default Listener;
}

declare module "embedded:io/socket/udp" {
	export interface UDPOptions {
		address?: string;
		port?: number;
		multicast?: string;
		timeToLive?: number;
		onReadable?: (this: UDP, packets: number) => void;
		onError?: (this: UDP, error?: Error) => void;
		format?: "buffer";
		target?: unknown;
		io?: unknown;
	}
	/** ECMA-419 §10.15 */
	class UDP {
		constructor(options: UDPOptions);
		/** One packet, with where it came from; `undefined` when there is none. */
		read(): (ArrayBuffer & { address: string; port: number }) | undefined;
		/** Copies one packet; returns its length. Throws when `buffer` is too small. */
		read(buffer: ByteBuffer): number | undefined;
		write(buffer: ByteBuffer, address: string, port: number): void;
		/** Joins, leaves a multicast group. */
		add(address: string): void;
		remove(address: string): void;
		close(): void;
		format: "buffer";
		readonly target: unknown;
	}
	export default UDP;
}
