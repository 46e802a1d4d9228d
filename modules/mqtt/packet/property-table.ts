import {
	AUTH,
	CONNACK,
	CONNECT,
	DISCONNECT,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	SUBACK,
	SUBSCRIBE,
	UNSUBACK,
	UNSUBSCRIBE,
} from "./types";

/** Where properties stand, beside the packet types: before the will in CONNECT. */
export const WILL = 16;

// What a property's value is (MQTT 5.0 §1.5). Numbers of a fixed size come first, texts and the like last.
export const FLAG = 0;
/** A byte that is 0 or 1, as a number. */
export const BIT = 1;
export const TWO_BYTES = 2;
export const FOUR_BYTES = 3;
export const VARIABLE = 4;
export const BINARY = 5;
export const TEXT = 6;
export const TOPIC = 7;
export const PAIRS = 8;

/** Bytes of a value, by kind; 0 when they vary. */
export const sizes: readonly number[] = Object.freeze([1, 1, 2, 4, 0, 0, 0, 0, 0]);

/** One line of MQTT 5.0 §2.2.2.2. */
export interface Property {
	readonly id: number;
	readonly name: string;
	readonly kind: number;
	/** The least value that is allowed. */
	readonly minimum: number;
	/** Packets in which a client sends it, a bit for each type. */
	readonly sent: number;
	/** Packets in which a server sends it. */
	readonly received: number;
}

const connect = 1 << CONNECT;
const will = 1 << WILL;
const publish = 1 << PUBLISH;
const disconnect = 1 << DISCONNECT;
const auth = 1 << AUTH;
const connack = 1 << CONNACK;
const acknowledgements = (1 << PUBACK) | (1 << PUBREC) | (1 << PUBREL) | (1 << PUBCOMP);
const explained = acknowledgements | auth | disconnect;
const answers = (1 << SUBACK) | (1 << UNSUBACK);
const requests = (1 << SUBSCRIBE) | (1 << UNSUBSCRIBE);

export const SUBSCRIPTION_IDENTIFIER = 11;
export const TOPIC_ALIAS = 35;

function define(id: number, name: string, kind: number, sent: number, received: number, minimum = 0): Property {
	return Object.freeze({ id, name, kind, minimum, sent, received });
}

const properties: readonly Property[] = Object.freeze([
	define(1, "payloadFormatIndicator", FLAG, publish | will, publish),
	define(2, "messageExpiryInterval", FOUR_BYTES, publish | will, publish),
	define(3, "contentType", TEXT, publish | will, publish),
	define(8, "responseTopic", TOPIC, publish | will, publish),
	define(9, "correlationData", BINARY, publish | will, publish),
	define(SUBSCRIPTION_IDENTIFIER, "subscriptionIdentifier", VARIABLE, 1 << SUBSCRIBE, publish, 1),
	define(17, "sessionExpiryInterval", FOUR_BYTES, connect | disconnect, connack),
	define(18, "assignedClientIdentifier", TEXT, 0, connack),
	define(19, "serverKeepAlive", TWO_BYTES, 0, connack),
	define(21, "authenticationMethod", TEXT, connect | auth, connack | auth),
	define(22, "authenticationData", BINARY, connect | auth, connack | auth),
	define(23, "requestProblemInformation", FLAG, connect, 0),
	define(24, "willDelayInterval", FOUR_BYTES, will, 0),
	define(25, "requestResponseInformation", FLAG, connect, 0),
	define(26, "responseInformation", TEXT, 0, connack),
	define(28, "serverReference", TEXT, 0, connack | disconnect),
	define(31, "reasonString", TEXT, explained, explained | connack | answers),
	define(33, "receiveMaximum", TWO_BYTES, connect, connack, 1),
	define(34, "topicAliasMaximum", TWO_BYTES, connect, connack),
	define(TOPIC_ALIAS, "topicAlias", TWO_BYTES, publish, publish, 1),
	define(36, "maximumQoS", BIT, 0, connack),
	define(37, "retainAvailable", FLAG, 0, connack),
	define(
		38,
		"userProperties",
		PAIRS,
		connect | will | publish | explained | requests,
		connack | publish | explained | answers,
	),
	define(39, "maximumPacketSize", FOUR_BYTES, connect, connack, 1),
	define(40, "wildcardSubscriptionAvailable", FLAG, 0, connack),
	define(41, "subscriptionIdentifiersAvailable", FLAG, 0, connack),
	define(42, "sharedSubscriptionAvailable", FLAG, 0, connack),
]);

/** Properties by identifier; `undefined` where there is none. */
export const propertyById: readonly (Property | undefined)[] = Object.freeze(
	Array.from({ length: 43 }, (_, id) => properties.find((property) => property.id === id)),
);

/** Properties by name. */
export const propertyByName: Readonly<Record<string, Property | undefined>> = Object.freeze(
	Object.assign(Object.create(null), Object.fromEntries(properties.map((property) => [property.name, property]))),
);

/** The section on the properties of a packet type. */
export function sectionOf(where: number): string {
	if (where === WILL) return "MQTT-3.1.3.2";
	if (where === CONNECT) return "MQTT-3.1.2.11";
	const number = where === CONNACK || where === PUBLISH ? 3 : ((answers | requests) >> where) & 1 ? 1 : 2;
	return `MQTT-3.${where}.2.${number}`;
}
