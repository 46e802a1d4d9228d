import type { Device } from "embedded:provider/builtin";
import type { NodeDescription } from "../description/description";
import { topics } from "../description/topics";
import { noPlace } from "../discovery/service-finder";
import type { Log } from "../log/log";
import { Session } from "../mqtt/session";
import { LONGEST_PAYLOAD } from "../output/payload";
import { tokenPlace } from "../token/token-request";
import { TokenSession } from "../token/token-session";
import { LONGEST_ANNOUNCEMENT } from "../update/announcement";
import { clientOf } from "./broker-client";
import type { Configuration } from "./configuration";
import { type Messenger, OTHERS } from "./messenger";

/** Records that wait for the connection, unless node.ts says otherwise. */
const RECORDS = 40;
/** Bytes of records that wait. */
const RECORD_BYTES = 8192;
/** Bytes: an order that is a bit too long is still answered, one that is much too long takes no memory. */
const MAXIMUM_PAYLOAD = 2 * LONGEST_PAYLOAD;

/** The session as a node uses it. */
export interface NodeSession extends Messenger {
	/** Connects, and again whenever the connection is lost. */
	start(): void;
	/** Sends what waits, for a bounded time, says goodbye so that the will stays unsaid, then calls `done`. */
	stop(done: () => void): void;
}

export interface OpenSessionOptions {
	device: Device;
	description: NodeDescription;
	configuration: Configuration;
	log: Log;
	owner: SessionOwner;
}

export interface SessionOwner {
	/** The broker accepted the connection; `kept`: with the session of before. */
	sessionConnected(kept: boolean): void;
}
export type OpenSession = (options: OpenSessionOptions) => NodeSession;

/** The node's MQTT session, with `offline` as its will. It connects when it is started. */
export function openSession({ device, description, configuration, log, owner }: OpenSessionOptions): NodeSession {
	const { id, base, broker, keepAlive, version } = configuration;
	const { settings } = device.system;
	const place = noPlace();
	const token = settings.token && new TokenSession(tokenPlace(device, settings.token), log);
	const session: Session = new Session({
		client: clientOf(device, settings, broker, place, log),
		host: broker.host,
		...(!broker.discover && { port: broker.port }),
		id,
		user: settings.user ?? (token && id),
		password: token ? () => token.password : settings.password,
		keepAlive,
		version,
		...(description.telemetry.durable && { persistence: { storage: device.keyValue } }),
		will: { topic: topics.status(base), message: "offline", QoS: 1, retain: true },
		queue: {
			messages: (description.telemetry.queue ?? RECORDS) + OTHERS.messages,
			bytes: RECORD_BYTES + OTHERS.bytes,
		},
		maximumPayload: settings.releaseKeys ? LONGEST_ANNOUNCEMENT : MAXIMUM_PAYLOAD,
		log: (level, text) => {
			// What went wrong with a message is for the owner; how the connection goes would only feed itself.
			if (session.connected && (level === "warn" || level === "error")) log.write(level, `MQTT: ${text}`);
			else log.local(level, `MQTT: ${text}`);
		},
		onConnect: ({ sessionPresent }) => {
			place.good = true;
			if (!token || token.joined()) owner.sessionConnected(sessionPresent);
		},
		...(token && { onUnauthorized: () => token.refused() }),
	});
	if (token) token.session = session;
	return token ?? session;
}
