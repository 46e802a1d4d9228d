import MQTTClient from "./client";
import type { ControlMessage, MessageInfo, MQTTClientOptions, SkippedMessage } from "./options";
import type { MQTTError } from "./packet/error";
import { connectProperties, type SessionOptions, type Timing } from "./session-options";

/** A session, as its client calls it. */
export interface ClientOwner {
	control(message: ControlMessage): void;
	readable(client: MQTTClient, count: number, info: MessageInfo): void;
	skipped(message: SkippedMessage): void;
	/** `room`: bytes that may be written. */
	pump(room: number): void;
	failed(error: MQTTError): void;
	lose(reason: string): void;
}

// One table for all, because a closure for each takes 160 bytes on XS.
const callbacks: Partial<MQTTClientOptions> = Object.freeze({
	onControl(this: MQTTClient, message: ControlMessage) {
		(this.target as ClientOwner).control(message);
	},
	onReadable(this: MQTTClient, count: number, info: MessageInfo) {
		(this.target as ClientOwner).readable(this, count, info);
	},
	onSkipped(this: MQTTClient, message: SkippedMessage) {
		(this.target as ClientOwner).skipped(message);
	},
	onWritable(this: MQTTClient, count: number) {
		(this.target as ClientOwner).pump(count);
	},
	onError(this: MQTTClient, error: MQTTError) {
		(this.target as ClientOwner).failed(error);
	},
	onClose(this: MQTTClient) {
		(this.target as ClientOwner).lose("the broker closed the connection");
	},
});

/**
 * Makes the client of a session's next connection, of the class that the options name.
 *
 * @param tolerant passes over messages whose topic is none
 * @throws MQTTError `invalid`; what `password` throws
 */
export function openClient(
	options: SessionOptions,
	timing: Pick<Timing, "connect">,
	tolerant: boolean,
	owner: ClientOwner,
): MQTTClient {
	const { client, host, port = 1883, id, user, password, version = 4, keepAlive = 60, clean = false } = options;
	const Client = (client["io"] as typeof MQTTClient | undefined) ?? MQTTClient;
	return new Client({
		...client,
		host,
		port,
		id,
		user,
		password: typeof password === "function" ? password() : password,
		version,
		keepAlive: keepAlive * 1000,
		clean,
		will: options.will,
		properties: connectProperties(options),
		topicAliases: options.topicAliases,
		timeout: timing.connect,
		tolerant,
		...callbacks,
		target: owner,
	} as MQTTClientOptions);
}
