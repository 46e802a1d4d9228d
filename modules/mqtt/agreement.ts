import type { Limits, MQTTClientOptions, WriteOptions } from "./options";
import type { SubscribeItem } from "./packet/encoder";
import {
	checkQoS,
	encodeAuth,
	encodeDisconnect,
	lengthSize,
	MAXIMUM_LENGTH,
	RETAIN_FLAG,
	writeLength,
} from "./packet/encoder";
import { invalid, MQTTError } from "./packet/error";
import { encodeProperties, type Properties } from "./packet/properties";
import { encodeTopic, isShared } from "./packet/topic";
import { PUBLISH, type QoS } from "./packet/types";

/** A shorter topic is no longer than an alias. */
const worthAlias = 4;
const noTopic = "";
const continueAuthentication = 0x18;

function unsupported(message: string, clause: string): never {
	throw new MQTTError("not-supported", message, clause);
}

/** What a client agreed on with a server of MQTT 5.0; not made for 3.1.1. It lives as long as the connection. */
export class Agreement {
	/** Known since CONNACK. */
	limits: Limits | undefined;
	/** The authentication method of CONNECT. */
	readonly method: string | undefined;
	/** CONNECT asked for the session that was there before. */
	readonly mayKeep: boolean;
	/** The server keeps the session for a time, as CONNECT asked. */
	readonly #kept: boolean;
	/** How many topics get an alias: those that the application wants, then those that the server takes. */
	#most: number;
	/** Topics in the order of their aliases, which begin with 1. */
	#aliases: string[] | undefined;
	/** The topic that gets an alias with the PUBLISH that is being written. */
	#next: string | undefined;
	/** The topic before, encoded. */
	#topic: string = noTopic;
	#bytes: Uint8Array | undefined;

	constructor({ topicAliases = 0, clean = true, properties }: MQTTClientOptions) {
		this.#most = topicAliases;
		this.mayKeep = !clean;
		this.method = properties?.authenticationMethod;
		this.#kept = (properties?.sessionExpiryInterval ?? 0) > 0;
	}

	/** The properties of CONNACK. */
	accept(properties: Properties | undefined): void {
		const {
			receiveMaximum = 65535,
			maximumQoS = 2,
			retainAvailable = true,
			maximumPacketSize = Number.POSITIVE_INFINITY,
			topicAliasMaximum = 0,
			wildcardSubscriptionAvailable = true,
			subscriptionIdentifiersAvailable = true,
			sharedSubscriptionAvailable = true,
		} = properties ?? {};
		this.#most = Math.min(this.#most, topicAliasMaximum);
		this.limits = Object.freeze({
			receiveMaximum,
			maximumQoS: maximumQoS as QoS,
			retainAvailable,
			maximumPacketSize,
			topicAliasMaximum,
			wildcardSubscriptionAvailable,
			subscriptionIdentifiersAvailable,
			sharedSubscriptionAvailable,
		});
	}

	/** @throws MQTTError `too-large` (MQTT-3.2.2-15) */
	checkSize(size: number): void {
		const most = this.limits?.maximumPacketSize;
		if (most !== undefined && size > most)
			throw new MQTTError("too-large", `a packet of ${size} bytes, the server takes at most ${most}`, "MQTT-3.2.2-15");
	}

	/** @throws MQTTError `not-supported`: filters of a kind that the server does not offer */
	checkItems(items: readonly SubscribeItem[], properties: Properties | undefined): void {
		const limits = this.limits!;
		for (const { topic } of items) {
			if (!limits.sharedSubscriptionAvailable && isShared(topic))
				unsupported(`filter "${topic}": the server offers no shared subscriptions`, "MQTT-3.2.2.3.13");
			if (!limits.wildcardSubscriptionAvailable && (topic.includes("#") || topic.includes("+")))
				unsupported(`filter "${topic}": the server offers no wildcards`, "MQTT-3.2.2.3.11");
		}
		if (!limits.subscriptionIdentifiersAvailable && properties?.subscriptionIdentifier !== undefined)
			unsupported("subscriptionIdentifier: the server offers none", "MQTT-3.2.2.3.12");
	}

	/**
	 * An AUTH packet: the next step of an authentication, or with reason code 0x19 the first of another. Its method is the one of
	 * CONNECT.
	 */
	authenticate({ reasonCode = continueAuthentication, properties }: WriteOptions): Uint8Array {
		const { method } = this;
		if (method === undefined) invalid("AUTH: CONNECT had no authenticationMethod", "MQTT-4.12.0-7");
		const authenticationMethod = properties?.authenticationMethod ?? method;
		if (authenticationMethod !== method)
			invalid(`authenticationMethod: "${authenticationMethod}", CONNECT had "${method}"`, "MQTT-4.12.0-5");
		return encodeAuth(reasonCode, { ...properties, authenticationMethod });
	}

	/** A DISCONNECT packet. */
	disconnect({ reasonCode, properties }: WriteOptions): Uint8Array {
		if (!this.#kept && (properties?.sessionExpiryInterval ?? 0) > 0)
			invalid("sessionExpiryInterval: CONNECT had none, so DISCONNECT must not set one", "MQTT-3.14.2.2.2");
		return encodeDisconnect(reasonCode, properties);
	}

	/**
	 * A PUBLISH up to its payload, with room for its identifier. Call `sent` when it was.
	 *
	 * @param total bytes of the payload
	 * @param room so many of them will follow in the same buffer
	 * @throws MQTTError `invalid`, `not-supported`, `too-large`
	 */
	head({ QoS = 0, retain, properties }: WriteOptions, topic: string, total: number, room: number): Uint8Array {
		checkQoS(QoS, "PUBLISH");
		const { maximumQoS, retainAvailable } = this.limits!;
		if (QoS > maximumQoS) unsupported(`PUBLISH: QoS ${QoS}, the server takes at most ${maximumQoS}`, "MQTT-3.2.2-11");
		if (retain && !retainAvailable) unsupported("PUBLISH: the server keeps no retained messages", "MQTT-3.2.2-14");
		let name = this.encode(topic, properties);
		const alias = this.find(topic, properties);
		if (alias > 0 && this.#next === undefined) name = new Uint8Array(0);
		let fields: Uint8Array | undefined;
		if (alias > 0) fields = encodeProperties({ ...properties, topicAlias: alias }, PUBLISH);
		else if (properties) fields = encodeProperties(properties, PUBLISH);
		const before = 2 + name.length + (QoS > 0 ? 2 : 0);
		// Without properties there is their length, which is 0.
		const length = before + (fields ? fields.length : 1) + total;
		if (length > MAXIMUM_LENGTH) invalid(`byteLength: ${total} does not fit a packet`, "MQTT-2.1.4");
		const size = 1 + lengthSize(length) + length;
		this.checkSize(size);
		const bytes = new Uint8Array(size - total + room);
		bytes[0] = (PUBLISH << 4) | (QoS << 1);
		if (retain) bytes[0] |= RETAIN_FLAG;
		const at = writeLength(bytes, 1, length);
		bytes[at] = name.length >> 8;
		bytes[at + 1] = name.length;
		bytes.set(name, at + 2);
		if (fields) bytes.set(fields, at + before);
		return bytes;
	}

	/** The PUBLISH left: the server knows the alias in it. */
	sent(): void {
		if (this.#next === undefined) return;
		if (this.#aliases === undefined) this.#aliases = [];
		this.#aliases.push(this.#next);
	}

	// Not #methods: each would take a slot of each instance on XS.
	private encode(topic: string, properties: Properties | undefined): Uint8Array {
		if (topic === noTopic && properties?.topicAlias !== undefined) return new Uint8Array(0);
		if (topic !== this.#topic || topic === noTopic) {
			this.#bytes = encodeTopic(topic, 5);
			this.#topic = topic;
		}
		return this.#bytes!;
	}

	/** The alias of a topic, or a new one, or 0. */
	private find(topic: string, properties: Properties | undefined): number {
		this.#next = undefined;
		const given = properties?.topicAlias;
		if (given !== undefined) {
			if (this.#most > 0) invalid("topicAlias: topicAliases gives them");
			const { topicAliasMaximum } = this.limits!;
			if (given > topicAliasMaximum)
				unsupported(`topicAlias: ${given}, the server takes at most ${topicAliasMaximum}`, "MQTT-3.3.2-9");
			return 0;
		}
		if (this.#most === 0 || topic.length < worthAlias) return 0;
		const known = (this.#aliases?.indexOf(topic) ?? -1) + 1;
		if (known > 0) return known;
		const next = (this.#aliases?.length ?? 0) + 1;
		if (next > this.#most) return 0;
		this.#next = topic;
		return next;
	}
}
