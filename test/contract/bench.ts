/**
 * What surrounds the device while the contract runs. The host announces it as `bench` in `device.system.settings`
 * (the simulator's runner does; a real board gets it built in, with its wires). Every member is optional: a test whose
 * fixture is missing is reported as skipped, by name.
 */
export interface Bench {
	/** Base station that the device may join. */
	readonly wifi?: { readonly SSID: string; readonly password?: string };
	/** A TCP server that sends back what it gets, and closes when it gets a line that says `close`. */
	readonly echo?: Peer & { readonly host?: string };
	/** An address where nothing listens. */
	readonly refused?: Peer;
	/** A TLS server that sends back what it gets; `certificate` (PEM or DER in base64) is the authority of its own. */
	readonly tlsEcho?: Peer & { readonly serverName: string; readonly certificate: string };
	/**
	 * A WebSocket server: `/echo` sends messages back; `/raw` writes the payload of a binary message to the connection as it is,
	 * and says `pong ` and the payload in a text for each Pong; other paths are HTTP 404. Of several subprotocols it takes the last.
	 */
	readonly websocket?: Peer & { readonly host: string };
	/** The same over TLS; `certificate` as above. */
	readonly websocketTLS?: Peer & { readonly host: string; readonly certificate: string };
	/**
	 * An HTTP server: `/bytes/N` answers with N bytes (0, 1, ..., 250, 0, ...) and their length, `/chunks/N` in chunks, `/end/N` until the
	 * connection's end; `/echo` sends the body back in chunks, with the method as `x-method` and a header `x-say` again; `/raw` writes
	 * the body to the connection as it is, but 2,000 bytes for each `*`; `/raw/end` then ends it; `/empty` is 204; other paths are 404.
	 */
	readonly http?: Peer & { readonly host: string };
	/** The same over TLS; `certificate` as above. */
	readonly httpTLS?: Peer & { readonly host: string; readonly certificate: string };
	/** A UDP server that sends packets back. */
	readonly udpEcho?: Peer;
	/** A name that resolves, its address, and a name that does not. */
	readonly names?: { readonly host: string; readonly address: string; readonly missing: string };
	/** The time servers of `device.network.ntp.client` answer, within this many ms of the right time. */
	readonly ntp?: { readonly accuracy: number };
	/** The device may connect to its own listener at this address. */
	readonly loopback?: string;
	/** The device's flash partition that tests may erase. */
	readonly scratch?: string;
	/** Updates may be written, and what boots next may change: `image` when only a valid image can be completed. */
	readonly update?: "bytes" | "image";
	/** Wires: each joins an output pin to an input pin. For the suites of IO. */
	readonly wires?: readonly { readonly output: number; readonly input: number }[];
	/** Anything more that suites of IO and sensors need. */
	readonly [fixture: string]: unknown;
}

export interface Peer {
	readonly address: string;
	readonly port: number;
}

/** The fixtures that the host announces; none when it says nothing. */
export function benchOf(settings: object): Bench {
	const { bench } = settings as { bench?: Bench };
	return typeof bench === "object" && bench !== null ? bench : {};
}
