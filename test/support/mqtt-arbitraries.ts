/** Random packets, for property tests: each as the oracle `mqtt-packet` takes it, and as our decoder reports it. */
import fc from "fast-check";
import type { Properties } from "../../modules/mqtt/packet/properties";
import * as types from "../../modules/mqtt/packet/types";
import type { Read } from "../inside/packet-reader";

/** How many times more runs are made than in CI: `VAGALUME_RUNS=100 npm test -- mqtt-packet`. */
export const effort = Number(process.env["VAGALUME_RUNS"] ?? 1);

/** Parameters of an assertion; the seed of a failing run is printed, and `VAGALUME_SEED` replays it. */
export function runs(count: number): fc.Parameters<unknown> {
	const seed = process.env["VAGALUME_SEED"];
	return { numRuns: Math.ceil(count * effort), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}

/** What MQTT allows in a text. */
export function text(maxLength: number): fc.Arbitrary<string> {
	const any = fc.oneof(fc.string({ maxLength }), fc.string({ unit: "binary", maxLength: maxLength >> 1 }));
	return any.map((string) => string.replaceAll("\0", "\ufeff"));
}

/** A topic name. */
export function topic(maxLength: number): fc.Arbitrary<string> {
	return text(maxLength).map((string) => string.replaceAll(/[+#]/gu, "/") || "t");
}

/** A topic filter. */
export const filter: fc.Arbitrary<string> = fc
	.tuple(fc.array(fc.oneof(topic(8), fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
	.map(([levels, deep]) => [...levels, ...(deep ? ["#"] : [])].join("/"))
	.filter((string) => !string.startsWith("$share"));

export const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
export const identifier: fc.Arbitrary<number> = fc.integer({ min: 1, max: 65_535 });
const two = (min: number) => fc.oneof(fc.integer({ min, max: 65_535 }), fc.constantFrom(min, 255, 256, 65_535));
const four = (min: number) =>
	fc.oneof(fc.integer({ min, max: 0xffff_ffff }), fc.constantFrom(min, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const variable = fc.oneof(
	fc.integer({ min: 1, max: 268_435_455 }),
	fc.constantFrom(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455),
);

const values: Record<string, fc.Arbitrary<unknown>> = {
	payloadFormatIndicator: fc.boolean(),
	messageExpiryInterval: four(0),
	contentType: text(16),
	responseTopic: topic(16),
	correlationData: bytes(16),
	subscriptionIdentifier: variable,
	subscriptionIdentifiers: fc.array(variable, { minLength: 1, maxLength: 3 }),
	sessionExpiryInterval: four(0),
	assignedClientIdentifier: text(16),
	serverKeepAlive: two(0),
	authenticationMethod: text(8),
	authenticationData: bytes(16),
	requestProblemInformation: fc.boolean(),
	willDelayInterval: four(0),
	requestResponseInformation: fc.boolean(),
	responseInformation: text(16),
	serverReference: text(16),
	reasonString: text(24),
	receiveMaximum: two(1),
	topicAliasMaximum: two(0),
	topicAlias: two(1),
	maximumQoS: fc.constantFrom(0, 1),
	retainAvailable: fc.boolean(),
	userProperties: fc.array(fc.tuple(text(8), text(8)), { minLength: 1, maxLength: 4 }),
	maximumPacketSize: four(1),
	wildcardSubscriptionAvailable: fc.boolean(),
	subscriptionIdentifiersAvailable: fc.boolean(),
	sharedSubscriptionAvailable: fc.boolean(),
};

const message = "payloadFormatIndicator messageExpiryInterval contentType responseTopic correlationData userProperties";
const explanation = "reasonString userProperties";
const authentication = "authenticationMethod authenticationData";

/** What a server sends. */
export const received = {
	CONNACK: `sessionExpiryInterval assignedClientIdentifier serverKeepAlive ${authentication} responseInformation serverReference receiveMaximum topicAliasMaximum maximumQoS retainAvailable maximumPacketSize wildcardSubscriptionAvailable subscriptionIdentifiersAvailable sharedSubscriptionAvailable ${explanation}`,
	PUBLISH: `${message} subscriptionIdentifiers`,
	DISCONNECT: `serverReference ${explanation}`,
	AUTH: `${authentication} ${explanation}`,
	acknowledgement: explanation,
};

/** What a client sends. */
export const sent = {
	CONNECT: `sessionExpiryInterval ${authentication} requestProblemInformation requestResponseInformation receiveMaximum topicAliasMaximum maximumPacketSize userProperties`,
	WILL: `${message} willDelayInterval`,
	PUBLISH: `${message} topicAlias`,
	SUBSCRIBE: "subscriptionIdentifier userProperties",
	UNSUBSCRIBE: "userProperties",
	DISCONNECT: `sessionExpiryInterval ${explanation}`,
	AUTH: `${authentication} ${explanation}`,
	acknowledgement: explanation,
};

/** Some of these properties, in any order; `undefined` for none. */
export function properties(names: string): fc.Arbitrary<Properties | undefined> {
	const list = names.split(" ");
	const one = (name: string) => values[name]!.map((value) => [name, value] as const);
	const some = fc
		.shuffledSubarray(list, { maxLength: Math.min(5, list.length) })
		.chain((chosen) => fc.tuple(...chosen.map(one)))
		.map((entries) => complete(Object.fromEntries(entries)));
	return fc
		.option(some, { nil: undefined, freq: 2 })
		.map((given) => (given && Object.keys(given).length ? given : undefined));
}

/** Data needs a method. */
function complete(given: Properties): Properties {
	return given.authenticationData && !given.authenticationMethod ? { ...given, authenticationMethod: "m" } : given;
}

/** Properties as the oracle takes and gives them; it groups user properties by name. */
export function oracleProperties(given: Properties): Record<string, unknown> {
	const { userProperties, subscriptionIdentifiers, ...others } = given as Record<string, unknown> & Properties;
	const result: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(others))
		result[name] = ArrayBuffer.isView(value) ? Buffer.from(value as Uint8Array) : value;
	if (subscriptionIdentifiers) result["subscriptionIdentifier"] = subscriptionIdentifiers;
	if (userProperties) result["userProperties"] = grouped(userProperties);
	return result;
}

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
	const result: Record<string, string[]> = Object.create(null);
	for (const [name, value] of pairs) (result[name] ??= []).push(value);
	return result;
}

/** Properties as our decoder reports what the oracle wrote. */
function readProperties(given: Properties): Record<string, unknown> {
	const result: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(given))
		result[name] = ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
	if (given.userProperties)
		result["userProperties"] = Object.entries(grouped(given.userProperties)).flatMap(([name, all]) =>
			all.map((value) => [name, value]),
		);
	return result;
}

/** A packet of a server. */
export interface Sample {
	oracle: { cmd: string };
	read: Read;
}

function sample(
	cmd: string,
	type: number,
	fields: Record<string, unknown>,
	read: Partial<Read>,
	given?: Properties,
): Sample {
	const oracle = { cmd, ...fields, ...(given ? { properties: oracleProperties(given) } : {}) };
	return { oracle, read: { type, ...read, ...(given ? { properties: readProperties(given) } : {}) } };
}

const flags = fc.record({
	QoS: fc.integer({ min: 0, max: 2 }),
	retain: fc.boolean(),
	dup: fc.boolean(),
	id: identifier,
});

/** A PUBLISH of a server. */
export function publishSample(version: 4 | 5, topicLength: number, payloadLength: number): fc.Arbitrary<Sample> {
	const given = version === 5 ? properties(received.PUBLISH) : fc.constant(undefined);
	return fc
		.tuple(flags, topic(topicLength), bytes(payloadLength), given)
		.map(([{ QoS, retain, dup, id }, name, payload, given]) => {
			const duplicate = QoS > 0 && dup;
			const fields = { topic: name, payload: Buffer.from(payload), qos: QoS, retain, dup: duplicate, messageId: id };
			const read = { topic: name, QoS, retain, duplicate, byteLength: payload.length, payload: [...payload] };
			return sample("publish", types.PUBLISH, fields, { ...(QoS > 0 ? { id } : {}), ...read }, given);
		});
}

function codes(...all: number[]): fc.Arbitrary<number[]> {
	return fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 6 });
}

/** Packets of a server of 3.1.1 that are no PUBLISH. */
const oldControl: fc.Arbitrary<Sample> = fc.oneof(
	fc
		.boolean()
		.map((sessionPresent) =>
			sample("connack", types.CONNACK, { returnCode: 0, sessionPresent }, { returnCode: 0, sessionPresent }),
		),
	fc
		.integer({ min: 1, max: 255 })
		.map((returnCode) =>
			sample("connack", types.CONNACK, { returnCode, sessionPresent: false }, { returnCode, sessionPresent: false }),
		),
	fc
		.tuple(fc.constantFrom("puback", "pubrec", "pubrel", "pubcomp", "unsuback"), identifier)
		.map(([cmd, id]) => sample(cmd, types.packetNames.indexOf(cmd.toUpperCase()), { messageId: id }, { id })),
	fc
		.tuple(identifier, codes(0, 1, 2, 0x80))
		.map(([id, granted]) => sample("suback", types.SUBACK, { messageId: id, granted }, { id, codes: granted })),
	fc.constant(sample("pingresp", types.PINGRESP, {}, {})),
);

const failure = [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/** The same of 5.0. */
const newControl: fc.Arbitrary<Sample> = fc.oneof(
	fc
		.tuple(fc.boolean(), fc.constantFrom(0, 0x80, 0x84, 0x87, 0x9f), properties(received.CONNACK))
		.map(([present, reasonCode, given]) => {
			const fields = { reasonCode, sessionPresent: present && reasonCode === 0 };
			return sample("connack", types.CONNACK, fields, { ...fields, returnCode: reasonCode }, given);
		}),
	fc
		.tuple(
			fc.oneof(
				fc.tuple(fc.constantFrom("puback", "pubrec"), fc.constantFrom(0, 0x10, ...failure)),
				fc.tuple(fc.constantFrom("pubrel", "pubcomp"), fc.constantFrom(0, 0x92)),
			),
			identifier,
			properties(received.acknowledgement),
		)
		.map(([[cmd, reasonCode], id, given]) => {
			const type = types.packetNames.indexOf(cmd.toUpperCase());
			return sample(cmd, type, { messageId: id, reasonCode }, { id, reasonCode }, given);
		}),
	fc
		.tuple(
			fc.oneof(
				fc.tuple(fc.constant("suback"), codes(0, 1, 2, 0x80, 0x8f, 0x9e, 0xa1, 0xa2)),
				fc.tuple(fc.constant("unsuback"), codes(0, 0x11, 0x80, 0x8f)),
			),
			identifier,
			properties(received.acknowledgement),
		)
		.map(([[cmd, granted], id, given]) => {
			const type = types.packetNames.indexOf(cmd.toUpperCase());
			return sample(cmd, type, { messageId: id, granted }, { id, codes: granted }, given);
		}),
	fc
		.tuple(fc.constantFrom(0, 0x80, 0x8b, 0x9c, 0xa2), properties(received.DISCONNECT))
		.map(([reasonCode, given]) => sample("disconnect", types.DISCONNECT, { reasonCode }, { reasonCode }, given)),
	fc
		.tuple(fc.constantFrom(0, 0x18), properties(received.AUTH))
		.map(([reasonCode, given]) =>
			sample("auth", types.AUTH, { reasonCode }, { reasonCode }, { authenticationMethod: "m", ...given }),
		),
	fc.constant(sample("pingresp", types.PINGRESP, {}, {})),
);

/** Any packet of a server. */
export function serverPacket(version: 4 | 5, topicLength = 40, payloadLength = 300): fc.Arbitrary<Sample> {
	return fc.oneof(publishSample(version, topicLength, payloadLength), version === 5 ? newControl : oldControl);
}

/** How bytes come: in pieces of these sizes, again and again from the first. */
export const pieces: fc.Arbitrary<number[]> = fc.array(
	fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 700 })),
	{
		minLength: 1,
		maxLength: 6,
	},
);
