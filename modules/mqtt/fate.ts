import type { MQTTError } from "./packet/error";

/** What became of a message. */
export type Fate =
	/** QoS 1 and 2: the broker acknowledged it, and has it for good. QoS 0: it was handed to the network. */
	| "delivered"
	/** It was not sent, for lack of room or of a connection, or the broker refused it. */
	| "dropped"
	/** It may have arrived: QoS 0, the connection broke meanwhile; QoS 2, the broker lost the session before the end. */
	| "unknown"
	/** It was too old to be sent. */
	| "expired";

/** What happens to a message when the outbox is full. */
export type Policy =
	/** `publish` throws `queue-full`. */
	| "refuse"
	/** Messages that were queued first make room. */
	| "drop-oldest"
	/** It is dropped itself. */
	| "drop-newest"
	/** It takes the place of a queued message with the same topic; else as `drop-oldest`. */
	| "latest-per-topic";

/**
 * Room that a message leaves to others when it is queued: with it in use, the outbox is full for that message. It drops
 * none of those others, only messages that left room themselves.
 */
export interface Spare {
	readonly messages: number;
	/** Of encoded packets. */
	readonly bytes: number;
}

export const noSpare: Spare = Object.freeze({ messages: 0, bytes: 0 });

/** Told once; the error says why, where there is more to say. */
export type OnFate = (fate: Fate, error?: MQTTError) => void;

/** How a message is queued. */
export interface Queueing {
	/** `drop-oldest` when omitted. */
	policy?: Policy;
	spare?: Spare;
	onFate?: OnFate;
}

/** Who hears what became of the messages. */
export interface OutboxOwner {
	tell(onFate: OnFate, fate: Fate, error?: MQTTError): void;
}
