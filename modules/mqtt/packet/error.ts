import type { Properties } from "./properties";

/** What went wrong, for programs. The message says it for people. */
export type MQTTErrorCode =
	/** An argument or option is wrong; nothing was sent. */
	| "invalid"
	/** The connection is not made yet. */
	| "not-connected"
	/** The client is closed, or DISCONNECT was sent. */
	| "closed"
	/** Another packet is being sent. */
	| "busy"
	/** More bytes than may be written now. */
	| "overflow"
	/** All 65,535 packet identifiers are in flight. */
	| "identifiers-exhausted"
	/** The message is larger than the broker, or the outbox, takes. */
	| "too-large"
	/** The broker does not take this QoS, or no retained messages (MQTT 5). */
	| "not-supported"
	/** The broker acknowledged with a reason that says no (MQTT 5). */
	| "rejected"
	/** The broker ended the connection, and said why (MQTT 5). */
	| "disconnected"
	/** The message could not be kept in flash. */
	| "storage"
	/** Flash may not be written to so often. */
	| "write-budget"
	/** The outbox of a session is full, with policy `refuse`. */
	| "queue-full"
	/** The name of the server was not found. */
	| "resolve"
	/** TCP or TLS did not connect. */
	| "connect"
	/** No connection within the deadline. */
	| "timeout"
	/** The server's CONNACK refused the connection; see `returnCode`. */
	| "refused"
	/** The connection ended or broke. */
	| "lost"
	/** The server is silent: no answer to PINGREQ. */
	| "keep-alive"
	/** The server sent bytes that are no MQTT packet; see `clause`. */
	| "malformed"
	/** The server sent a packet that is not allowed there; see `clause`. */
	| "protocol";

/** How far the connection was when an error ended it. */
export type MQTTStage = "resolve" | "connect" | "login" | "connected";

/** An error of this folder. */
export class MQTTError extends Error {
	readonly code: MQTTErrorCode;
	/** The clause of the standard that was violated, such as `MQTT-3.3.1-4`. */
	readonly clause: string | undefined;
	/** Where the connection was when it failed. */
	stage: MQTTStage | undefined = undefined;
	/** CONNACK's return code, 1..255, when the code is `refused`. */
	returnCode: number | undefined = undefined;
	/** MQTT 5.0: the server's reason; of what the server did wrong, the reason to send in DISCONNECT. Undefined in 3.1.1. */
	reasonCode: number | undefined = undefined;
	/** MQTT 5.0: properties of the server's packet, such as `serverReference`. */
	properties: Properties | undefined = undefined;

	constructor(code: MQTTErrorCode, message: string, clause?: string, reasonCode?: number) {
		super(clause === undefined ? message : `${message} [${clause}]`);
		this.code = code;
		this.clause = clause;
		this.reasonCode = reasonCode;
	}

	override get name(): string {
		return "MQTTError";
	}
}

/** @throws MQTTError always: a wrong argument. */
export function invalid(message: string, clause?: string): never {
	throw new MQTTError("invalid", message, clause);
}
