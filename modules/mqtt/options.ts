import type TCP from "embedded:io/socket/tcp";
import type MQTTClient from "./client";
import type { SubscribeItem, Will } from "./packet/encoder";
import { invalid, type MQTTError } from "./packet/error";
import type { Properties } from "./packet/properties";
import type { QoS, Version } from "./packet/types";

/** What `onReadable` learns. The first fragment of a message carries everything, further ones only `more`. */
export interface MessageInfo {
	/** False for the last fragment of a message. */
	more: boolean;
	topic?: string;
	QoS?: number;
	/** Bytes of the whole payload. */
	byteLength?: number;
	/** The broker kept it: it may be old. Beyond ECMA-419. */
	retain?: boolean;
	/** It may have been delivered before (DUP). Beyond ECMA-419. */
	duplicate?: boolean;
	/** Packet identifier, at QoS 1 and 2. Beyond ECMA-419. */
	id?: number;
	/** MQTT 5.0: those of the message, when it has any. Topic aliases are resolved. Beyond ECMA-419. */
	properties?: Properties;
}

/** What `onControl` learns. */
export interface ControlMessage {
	/** Packet type, such as `MQTTClient.SUBACK`. */
	operation: number;
	/** Packet identifier, when the packet carries one. */
	id?: number;
	/** SUBACK, and in MQTT 5.0 UNSUBACK: the return codes, in the order of the items: 0..2, or 0x80 and more for a refusal. */
	payload?: number[];
	/** MQTT 5.0, packets that carry one: 0 when it is left out; 0x80 and more is a failure. Beyond ECMA-419. */
	reasonCode?: number;
	/** MQTT 5.0: those of the packet, when it has any. Beyond ECMA-419. */
	properties?: Properties;
	/** CONNACK: the broker still has this client's session. Beyond ECMA-419. */
	sessionPresent?: boolean;
	/** CONNACK: 0. A refusal arrives in `onError`. */
	returnCode?: number;
}

/** What a server of MQTT 5.0 takes, as its CONNACK says (§3.2.2.3); what that does not say has the value of the standard. */
export interface Limits {
	/** Messages at QoS 1 and 2 in flight, 1..65,535. */
	readonly receiveMaximum: number;
	readonly maximumQoS: QoS;
	readonly retainAvailable: boolean;
	/** Bytes of a packet; Infinity: any. */
	readonly maximumPacketSize: number;
	/** The highest topic alias, 0 for none. */
	readonly topicAliasMaximum: number;
	readonly wildcardSubscriptionAvailable: boolean;
	readonly subscriptionIdentifiersAvailable: boolean;
	readonly sharedSubscriptionAvailable: boolean;
}

/** What `onSkipped` learns: a message that could not be handed out was consumed, and acknowledged. */
export interface SkippedMessage {
	QoS: number;
	/** Bytes of payload. */
	byteLength: number;
	reason: string;
}

/** ECMA-419 §25, constructor options. Members that go beyond it say so. */
export interface MQTTClientOptions {
	/** Constructor options of the socket, with its class as `io`: TCP, TLS, or what has their shape. */
	socket: { io: new (options: never) => TCP; [option: string]: unknown };
	/** Constructor options of the resolver, with its class as `io`. Not used when `host` is an IPv4 address. */
	dns: { io: new (options: never) => Resolver; [option: string]: unknown };
	host: string;
	/** 1883 when omitted. */
	port?: number;
	/** Client identifier; empty when omitted: the broker makes one up. */
	id?: string;
	user?: string;
	password?: string | ByteBuffer;
	/** Milliseconds, 0 (the default: none) or up to 65,535,000; rounded up to seconds. */
	keepAlive?: number;
	/** Moddable's older spelling of `keepAlive`. */
	keepalive?: number;
	/** False: the broker keeps subscriptions and messages while this client is away. True when omitted. */
	clean?: boolean;
	will?: Will;
	/** 4: MQTT 3.1.1; 5: MQTT 5.0. 4 when omitted. Beyond ECMA-419. */
	version?: Version;
	/** MQTT 5.0: properties of CONNECT. Beyond ECMA-419. */
	properties?: Properties | undefined;
	/**
	 * MQTT 5.0: how many topics may get an alias, so that they are sent once only: those that `write` comes to first, as far as
	 * the server takes aliases. 0, none, when omitted. Beyond ECMA-419.
	 */
	topicAliases?: number | undefined;
	/** Deadline for the whole way to CONNACK, in ms; 30,000 when omitted, 0 for none. Beyond ECMA-419. */
	timeout?: number;
	/** Bytes of the window that incoming packets pass through, 64..65,535; 512 when omitted. Larger messages come in fragments. Beyond ECMA-419. */
	receiveBuffer?: number;
	/** Bytes of the longest topic accepted from the broker; 256 when omitted. Messages with longer ones are skipped. Beyond ECMA-419. */
	maximumTopic?: number;
	/**
	 * A message whose topic is none (a wildcard, U+0000, no UTF-8) is skipped and acknowledged, instead of ending the
	 * connection as the standard wants it: else a broker that lets such a one pass could deliver nothing any more. Beyond ECMA-419.
	 */
	tolerant?: boolean;
	target?: unknown;
	format?: string;
	/** `count` bytes of a message can be read. A message is acknowledged when its last byte was read and this returned. */
	onReadable?: (this: MQTTClient, count: number, options: MessageInfo) => void;
	/** `count` bytes can be written. */
	onWritable?: (this: MQTTClient, count: number) => void;
	onControl?: (this: MQTTClient, message: ControlMessage) => void;
	/** The connection failed, or was never made. The instance cannot be used again. */
	onError?: (this: MQTTClient, error: MQTTError) => void;
	/** The connection is over: once, after `onError` if that was called; not after `close`. As in Moddable's typings. */
	onClose?: (this: MQTTClient) => void;
	/** Beyond ECMA-419. */
	onSkipped?: (this: MQTTClient, message: SkippedMessage) => void;
}

/** What the client needs of a resolver (ECMA-419 §22). */
export interface Resolver {
	resolve(options: {
		host: string;
		onResolved: (host: string, address: string) => void;
		onError?: (error?: Error) => void;
	}): void;
	close(): void;
}

/** ECMA-419 §25, options of `write`. */
export interface WriteOptions {
	/** Packet type; `MQTTClient.PUBLISH` when omitted. */
	operation?: number | undefined;
	/** Packet identifier; the client chooses one when omitted. */
	id?: number;
	/** PUBLISH. An ArrayBuffer of UTF-8, as in Moddable's examples, is taken as well. */
	topic?: string | ArrayBuffer;
	/** PUBLISH: 0 when omitted. */
	QoS?: number;
	retain?: boolean;
	duplicate?: boolean;
	/** PUBLISH: bytes of the whole payload, when `data` is only its first fragment. */
	byteLength?: number;
	/** SUBSCRIBE and UNSUBSCRIBE. */
	items?: readonly SubscribeItem[];
	/** MQTT 5.0: acknowledgements, DISCONNECT and AUTH. Beyond ECMA-419. */
	reasonCode?: number;
	/** MQTT 5.0. Beyond ECMA-419. */
	properties?: Properties | undefined;
}

/** Seconds of keep-alive that the options ask for. */
export function keepAliveOf(options: MQTTClientOptions): number {
	return Math.ceil((options.keepAlive ?? options.keepalive ?? 0) / 1000);
}

const callbacks = Object.freeze(["onReadable", "onWritable", "onControl", "onError", "onClose", "onSkipped"] as const);

/**
 * Checks what `encodeConnect` does not.
 *
 * @throws MQTTError `invalid`, with the name of the option that is missing or out of range
 */
export function checkOptions(options: MQTTClientOptions): void {
	if (typeof options !== "object" || options === null) invalid("options: expected an object");
	const { host, port = 1883, socket, dns, timeout = 30_000, receiveBuffer = 512, maximumTopic = 256 } = options;
	if (typeof host !== "string" || host === "") invalid("host: expected a name or an address");
	if (typeof socket?.io !== "function") invalid("socket.io: expected a TCP class");
	if (typeof dns?.io !== "function") invalid("dns.io: expected a resolver class");
	if (!(port >= 1 && port <= 65535)) invalid(`port: ${port} is outside 1..65535`);
	if (!(timeout >= 0)) invalid(`timeout: ${timeout} ms, expected 0 or more`);
	if (!(receiveBuffer >= 64 && receiveBuffer <= 65535)) invalid(`receiveBuffer: ${receiveBuffer} is outside 64..65535`);
	if (!(maximumTopic >= 1)) invalid(`maximumTopic: ${maximumTopic}, expected 1 or more`);
	const { version = 4, topicAliases = 0 } = options;
	if (!((topicAliases & 0xffff) === topicAliases))
		invalid(`topicAliases: ${topicAliases} is not an integer of 0..65535`);
	if (topicAliases > 0 && version === 4) invalid("topicAliases: need MQTT 5.0");
	const keepAlive = options.keepAlive ?? options.keepalive ?? 0;
	if (!(keepAlive >= 0 && keepAlive <= 65_535_000)) invalid(`keepAlive: ${keepAlive} ms is outside 0..65535000`);
	for (const name of callbacks) {
		const callback: unknown = options[name];
		if (callback !== undefined && callback !== null && typeof callback !== "function")
			invalid(`${name}: expected a function`);
	}
}
