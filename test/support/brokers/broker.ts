/** Users that each broker of the suite knows; a client without a user is let in as well. */
export const user = { name: "maria", password: "segredo" } as const;

/** Nobody may publish or subscribe below this level. */
export const forbidden = "forbidden";

/** Bytes of the largest message, in brokers that can have such a limit. */
export const limit = 2_000_000;

/** A broker of the test's own, on loopback and free ports. */
export interface Broker {
	/** Of its plain MQTT listener. */
	readonly port: number;
	/** Of its TLS listener, with the certificate `server` of `certificates.ts`. */
	readonly securePort?: number;
	readonly websocketPort?: number;
	/** What it logged. */
	readonly log?: string;
	start(): Promise<void>;
	/** Ends it in good order; what it keeps on disk, it finds again. */
	stop(): Promise<void>;
	/** Ends it and removes its files. */
	remove(): Promise<void>;
}

/** For the `skip` option: why a broker cannot be tested here, or false. In CI, where it has to be, it is an error. */
export function unlessInstalled(reason: string | false): string | false {
	if (reason && process.env["CI"]) throw new Error(reason);
	return reason;
}
