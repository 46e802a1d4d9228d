import type { MQTTOptions } from "embedded:provider/builtin";
import type { OnFate, Policy, Spare } from "./fate";
import { encodeConnect, type Will } from "./packet/encoder";
import { invalid } from "./packet/error";
import type { Properties } from "./packet/properties";
import type { Version } from "./packet/types";
import type { PersistenceOptions } from "./store";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface SessionOptions {
	/**
	 * How to make connections: `device.network.mqtt.client`, or `mqtts`. Its class is `io`, or `modules/mqtt/client` when that is
	 * omitted; for a class that has no more than the standard see `StandardClient`.
	 */
	client: MQTTOptions;
	host: string;
	/** 1883 when omitted. */
	port?: number;
	/** Client identifier; needed unless `clean`. */
	id: string;
	user?: string;
	/** A function is asked at each connection; when it throws, that attempt has failed. */
	password?: string | ByteBuffer | (() => string | ByteBuffer);
	/** 4 (MQTT 3.1.1, the default) or 5. */
	version?: Version;
	/** Seconds, 0 (none) to 65,535; 60 when omitted. */
	keepAlive?: number;
	/** True: the broker forgets the session when the connection ends. False when omitted. */
	clean?: boolean;
	/** MQTT 5: seconds that the broker keeps the session while the node is away; for ever (4,294,967,295) when omitted. */
	sessionExpiry?: number;
	/** MQTT 5: further properties of CONNECT. */
	properties?: Properties;
	/** MQTT 5: so many topics may be sent as a number once the broker knows them, at QoS 0; 0 when omitted. */
	topicAliases?: number;
	will?: Will;
	/** Bounds of the outbox: 128 messages and 16,384 bytes of encoded packets when omitted. */
	queue?: { messages?: number; bytes?: number };
	/** Messages in flight at QoS 1 and 2 that wait for their acknowledgement, 1..65,535; 16 when omitted. MQTT 5: at most what the broker allows. */
	window?: number;
	/** Bytes of the largest payload that handlers get; 4,096 when omitted. Larger ones are skipped and logged. */
	maximumPayload?: number;
	/** Where durable messages and the state of QoS 2 exchanges outlive a power cut; nowhere when omitted. */
	persistence?: PersistenceOptions;
	/** Delays in ms, for tests that cannot wait; see `defaultTiming`. */
	timing?: Partial<Timing>;
	/** 0 (inclusive) to 1 (exclusive), for the spread of reconnects; Math.random when omitted. */
	random?(): number;
	log?(level: LogLevel, text: string): void;
	/** The broker accepted. What is published here follows what was queued before. `sessionPresent`: false, too, when the client class does not tell. */
	onConnect?(info: { sessionPresent: boolean }): void;
	/** A connection that stood was lost. */
	onDisconnect?(reason: string): void;
	/** The broker does not, or no longer, take user and password. */
	onUnauthorized?(): void;
}

export interface PublishOptions {
	/** 0 when omitted. */
	QoS?: 0 | 1 | 2;
	retain?: boolean;
	/** What happens when the outbox is full: `drop-oldest` when omitted. Naming one also queues a QoS 0 message while offline. */
	policy?: Policy;
	/** Room in the outbox that it leaves to others: telemetry must not crowd out states. */
	spare?: Spare;
	/** Seconds, 1..4,294,967,295: what was not sent by then is given up as `expired`. MQTT 5: the broker is told, too. */
	expiry?: number;
	/** QoS 1 and 2: it is in flash before `publish` returns, and survives a power cut. Needs `persistence`. */
	durable?: boolean;
	/** MQTT 5 properties of the message. */
	properties?: Properties;
	/** Called once, when it is known what became of the message; not for one that a power cut survived. */
	onFate?: OnFate;
}

/** Delays of a session, in ms. */
export interface Timing {
	/** Connect deadline: resolver, TCP, TLS and CONNACK together. */
	connect: number;
	/** How long the broker may owe an acknowledgement without sending any. Then the connection is made anew. */
	answer: number;
	/** Reconnect delay: `base` + random(0 .. min(`cap`, `base` x 2^n)). */
	base: number;
	cap: number;
	/** A connection that stood so long is a good one: n starts again. */
	stable: number;
}

export const defaultTiming: Timing = Object.freeze({
	connect: 30_000,
	answer: 30_000,
	base: 1000,
	cap: 30_000,
	stable: 30_000,
});

/** The clauses on topics that a PUBLISH of the broker can violate. */
export const topicClauses: readonly string[] = Object.freeze([
	"MQTT-1.5.3-1",
	"MQTT-1.5.3-2",
	"MQTT-1.5.4-1",
	"MQTT-1.5.4-2",
	"MQTT-3.3.2-2",
]);

/** Return codes of CONNACK (MQTT 3.1.1 §3.2.2.3), and reasons of CONNACK and DISCONNECT (MQTT 5.0 §2.4), that are about user and password. */
export const unauthorized: readonly (number | undefined)[] = Object.freeze([4, 5, 0x86, 0x87]);

/** MQTT 5, §3.1.2.11.2: the session does not expire. */
const forever = 0xffff_ffff;

/** CONNECT properties of MQTT 5 that the options ask for. */
export function connectProperties(options: SessionOptions): Properties | undefined {
	if (options.version !== 5) return undefined;
	const expiry = options.sessionExpiry ?? (options.clean ? 0 : forever);
	return { ...(expiry > 0 && { sessionExpiryInterval: expiry }), ...options.properties };
}

/** @throws MQTTError `invalid`: an option is missing or out of range; here, not at the first connection, it is said */
export function checkSessionOptions(options: SessionOptions): void {
	const { client, host, id, user, clean = false, will, version = 4, keepAlive = 60 } = options;
	const password = typeof options.password === "function" ? undefined : options.password;
	if (typeof host !== "string" || host === "") invalid("host: expected a name or an address");
	const io = client?.["io"] as { prototype?: { send?: unknown } } | undefined;
	if (io && typeof io.prototype?.send !== "function")
		invalid("client.io: a class without `send`, which modules/mqtt/standard-client has to adapt");
	if (version !== 4 && version !== 5) invalid(`version: ${version} is not 4 or 5`);
	if (version === 4 && (options.sessionExpiry !== undefined || options.properties !== undefined))
		invalid("sessionExpiry, properties: need version 5");
	const properties = connectProperties(options);
	encodeConnect({ id, user, password, keepAlive: Math.ceil(keepAlive), clean, will, version, properties });
	const { window = 16, queue = {} } = options;
	if (!(window >= 1 && window <= 65_535)) invalid(`window: ${window} is outside 1..65535`);
	const { messages = 1, bytes = 1 } = queue;
	if (!(messages >= 1 && messages <= 65_535)) invalid(`queue.messages: ${messages} is outside 1..65535`);
	if (!(bytes >= 1)) invalid(`queue.bytes: ${bytes}, expected 1 or more`);
}

/** An exception with its stack, for the log. */
export function describe(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
