/** How a message that arrived looks to its handler. The payload is valid only during the call. */
export interface IncomingMessage {
	readonly topic: string;
	readonly payload: Uint8Array;
	readonly retain: boolean;
}

export interface PublishOptions {
	QoS?: 0 | 1;
	retain?: boolean;
	policy?: "refuse" | "drop-oldest" | "drop-newest" | "latest-per-topic";
	/** Room in the queue that it leaves to others. */
	spare?: { readonly messages: number; readonly bytes: number };
	/** It survives a power cut. */
	durable?: boolean;
}

/** A payload that is made while it is sent. */
export interface Pieces {
	/** Bytes of UTF-8 of all pieces. */
	readonly byteLength: number;
	/** The next piece; undefined behind the last one. */
	next(): string | undefined;
}

export interface StreamOptions {
	readonly retain?: boolean;
	/** Told once: `delivered` when it was handed to the network. */
	readonly onFate?: (fate: string, error?: Error) => void;
}

/** What the parts of a node need of the MQTT session. */
export interface Messenger {
	readonly connected: boolean;
	publish(topic: string, payload: string, options?: PublishOptions): void;
	/** At QoS 0, for this connection only. False: there is none, or another such message is under way. */
	stream(topic: string, pieces: Pieces, options?: StreamOptions): boolean;
	on(filter: string, QoS: 0 | 1, handler: (message: IncomingMessage) => void): void;
	off(filter: string): unknown;
}

/** A retained state: only the latest one counts. */
export const STATE: PublishOptions = Object.freeze({ QoS: 1, retain: true, policy: "latest-per-topic" });
/** A value for dashboards, gone while there is no connection; it never takes the place of a record that waits. */
export const VALUE: PublishOptions = Object.freeze({ QoS: 0, retain: true, policy: "drop-newest" });
/** What records leave free in the queue for states, info, answers and events. */
export const OTHERS = Object.freeze({ messages: 16, bytes: 2048 });
/** A telemetry record: waits for the connection; the oldest goes first when there is no room. */
export const RECORD: PublishOptions = Object.freeze({ QoS: 1, policy: "drop-oldest", spare: OTHERS });
/** A record for which there is no connection, of a node that keeps those in flash. */
export const DURABLE_RECORD: PublishOptions = Object.freeze({ ...RECORD, durable: true });
/** An event or an answer. */
export const EVENT: PublishOptions = Object.freeze({ QoS: 1 });
/** A line of the log: as a value. */
export const LINE: PublishOptions = Object.freeze({ QoS: 0, policy: "drop-newest" });
