import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	type ConnectOptions,
	encodeAcknowledgement,
	encodeAuth,
	encodeConnect,
	encodeDisconnect,
	encodePublish,
	encodeSubscribe,
	type SubscribeItem,
	stampPublish,
} from "../../modules/mqtt/packet/encoder";
import { MQTTError } from "../../modules/mqtt/packet/error";
import { encodeProperties, type Properties, WILL } from "../../modules/mqtt/packet/properties";
import { isReason, reasonName } from "../../modules/mqtt/packet/reasons";
import { encodeFilter, encodeTopic } from "../../modules/mqtt/packet/topic";
import * as types from "../../modules/mqtt/packet/types";
import { decode, encode, field, frame } from "../support/mqtt-bytes";

function connect(options: Partial<ConnectOptions> = {}): Uint8Array {
	return encodeConnect({ id: "node", keepAlive: 60, clean: true, version: 5, ...options });
}

function fails(call: () => unknown, clause: string | undefined, message: RegExp): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, "invalid");
		assert.equal(error.clause, clause, error.message);
		assert.match(error.message, message);
		return true;
	});
}

const userProperties = [
	["b", "2"],
	["a", ""],
	["b", "1"],
] as const;

describe("MQTT 5.0 encoder: CONNECT", () => {
	it("is what the oracle makes, with every option", () => {
		const ours = connect({
			clean: false,
			user: "usuário",
			password: "segredo",
			properties: {
				sessionExpiryInterval: 0xffff_ffff,
				receiveMaximum: 16,
				maximumPacketSize: 65_536,
				topicAliasMaximum: 5,
				requestResponseInformation: true,
				requestProblemInformation: false,
				userProperties: [["a", "b"]],
				authenticationMethod: "m",
				authenticationData: Uint8Array.of(1, 2),
			},
			will: {
				topic: "casa/status",
				message: "offline",
				QoS: 1,
				retain: true,
				properties: {
					willDelayInterval: 30,
					payloadFormatIndicator: true,
					messageExpiryInterval: 60,
					contentType: "text/plain",
					responseTopic: "casa/r",
					correlationData: Uint8Array.of(9).buffer,
					userProperties: [["c", "d"]],
				},
			},
		});
		const theirs = encode({
			cmd: "connect",
			protocolVersion: 5,
			clientId: "node",
			clean: false,
			keepalive: 60,
			username: "usuário",
			password: Buffer.from("segredo"),
			properties: {
				sessionExpiryInterval: 0xffff_ffff,
				receiveMaximum: 16,
				maximumPacketSize: 65_536,
				topicAliasMaximum: 5,
				requestResponseInformation: true,
				requestProblemInformation: false,
				userProperties: { a: "b" },
				authenticationMethod: "m",
				authenticationData: Buffer.from([1, 2]),
			},
			will: {
				topic: "casa/status",
				payload: Buffer.from("offline"),
				qos: 1,
				retain: true,
				properties: {
					willDelayInterval: 30,
					payloadFormatIndicator: true,
					messageExpiryInterval: 60,
					contentType: "text/plain",
					responseTopic: "casa/r",
					correlationData: Buffer.from([9]),
					userProperties: { c: "d" },
				},
			},
		} as never);
		assert.deepEqual(ours, theirs);
	});

	it("is what the oracle makes, with no option", () => {
		const theirs = encode({
			cmd: "connect",
			protocolVersion: 5,
			clientId: "node",
			clean: true,
			keepalive: 60,
		} as never);
		assert.deepEqual(connect(), theirs);
	});

	it("takes an empty identifier of a session that is kept: the server assigns one (MQTT-3.1.3-6)", () => {
		const [packet] = decode(connect({ id: "", clean: false }), 5);
		assert.equal(packet.clientId, "");
	});

	it("takes a password without a user (§3.1.2.9)", () => {
		const [packet] = decode(connect({ password: "token" }), 5);
		assert.equal(packet.username, undefined);
		assert.equal(String(packet.password), "token");
	});

	it("refuses versions that there are not", () =>
		fails(() => connect({ version: 3 as never }), "MQTT-3.1.2-2", /^version: 3, expected 4 or 5/));

	it("refuses properties in 3.1.1", () => {
		fails(() => connect({ version: 4, properties: {} }), undefined, /^properties: need MQTT 5.0/);
		fails(() => connect({ version: 4, will: { topic: "t", properties: {} } }), undefined, /^properties: need MQTT 5.0/);
	});

	it("MQTT-1.5.4-1, MQTT-1.5.4-2: refuses what UTF-8 cannot say", () => {
		fails(() => connect({ id: "a\0b" }), "MQTT-1.5.4-2", /^id: contains U\+0000/);
		fails(() => connect({ user: "\ud800" }), "MQTT-1.5.4-1", /^user: contains a lone surrogate/);
		fails(() => connect({ will: { topic: "\0" } }), "MQTT-1.5.4-2", /^topic: contains U\+0000/);
	});

	it("refuses authentication data without a method", () => {
		const properties = { authenticationData: Uint8Array.of(1) };
		fails(() => connect({ properties }), "MQTT-3.1.2.11", /^authenticationData: needs an authenticationMethod/);
	});
});

describe("MQTT 5.0 encoder: PUBLISH", () => {
	it("is what the oracle makes", () => {
		for (const QoS of [0, 1, 2] as const) {
			for (const size of [0, 1, 100, 110, 111, 112, 113, 16_366, 16_367, 16_384]) {
				const properties = { payloadFormatIndicator: true, topicAlias: 7 };
				const payload = new Uint8Array(size).fill(65);
				const encoded = encodeProperties(properties, types.PUBLISH);
				const ours = encodePublish(encodeTopic("casa/é", 5), payload, QoS, true, encoded);
				if (QoS > 0) stampPublish(ours, 0xabcd, true);
				const options = { topic: "casa/é", payload: Buffer.from(payload), qos: QoS, retain: true, properties };
				const theirs = encode({ cmd: "publish", messageId: 0xabcd, dup: QoS > 0, ...options } as never, 5);
				assert.deepEqual(ours, theirs, `QoS ${QoS}, ${size} bytes`);
			}
		}
	});

	it("has a property length without properties (MQTT-2.2.2-1)", () => {
		const none = encodeProperties(undefined, types.PUBLISH);
		assert.deepEqual(
			[...encodePublish(encodeTopic("t", 5), Uint8Array.of(1), 0, false, none)],
			frame(0x30, field("t"), 0, 1),
		);
	});

	it("needs no topic when an alias stands for it", () => {
		const encoded = encodeProperties({ topicAlias: 1 }, types.PUBLISH);
		const ours = encodePublish(new Uint8Array(0), Uint8Array.of(1), 0, false, encoded);
		assert.deepEqual([...ours], frame(0x30, field(""), 3, 35, 0, 1, 1));
	});
});

describe("MQTT 5.0 encoder: SUBSCRIBE and UNSUBSCRIBE", () => {
	const subscribe = (item: Partial<SubscribeItem>, properties?: Properties) =>
		encodeSubscribe(types.SUBSCRIBE, 1, [{ topic: "a", ...item }], 5, properties);

	it("are what the oracle makes", () => {
		const ours = encodeSubscribe(
			types.SUBSCRIBE,
			258,
			[
				{ topic: "a/+", QoS: 1, noLocal: true },
				{ topic: "#", retainAsPublished: true, retainHandling: 1 },
				{ topic: "$share/g/é", QoS: 2, retainHandling: 2 },
			],
			5,
			{ subscriptionIdentifier: 268_435_455, userProperties: [["a", "b"]] },
		);
		const subscriptions = [
			{ topic: "a/+", qos: 1, nl: true, rap: false, rh: 0 },
			{ topic: "#", qos: 0, nl: false, rap: true, rh: 1 },
			{ topic: "$share/g/é", qos: 2, nl: false, rap: false, rh: 2 },
		];
		const properties = { subscriptionIdentifier: 268_435_455, userProperties: { a: "b" } };
		assert.deepEqual(ours, encode({ cmd: "subscribe", messageId: 258, subscriptions, properties } as never, 5));
		const unsubscriptions = ["a/+", "#"];
		assert.deepEqual(
			encodeSubscribe(types.UNSUBSCRIBE, 3, [{ topic: "a/+" }, { topic: "#" }], 5, {
				userProperties: [["a", "b"]],
			}),
			encode(
				{ cmd: "unsubscribe", messageId: 3, unsubscriptions, properties: { userProperties: { a: "b" } } } as never,
				5,
			),
		);
	});

	it("MQTT-3.8.3-5: every option is in its place, and the reserved bits are 0", () => {
		const options = (item: Partial<SubscribeItem>) => subscribe(item).at(-1);
		assert.equal(options({}), 0);
		assert.equal(options({ QoS: 2 }), 0b10);
		assert.equal(options({ noLocal: true }), 0b100);
		assert.equal(options({ retainAsPublished: true }), 0b1000);
		assert.equal(options({ retainHandling: 2 }), 0b10_0000);
	});

	it("refuse retain handling 3", () => {
		for (const retainHandling of [3, -1, 0.5, 4])
			fails(() => subscribe({ retainHandling }), "MQTT-3.8.3.1", /retainHandling .*, expected 0, 1 or 2/);
	});

	it("MQTT-3.8.3-4: refuse noLocal of a shared subscription", () =>
		fails(() => subscribe({ topic: "$share/g/a", noLocal: true }), "MQTT-3.8.3-4", /noLocal of a shared/));

	it("MQTT-3.8.3-2, MQTT-3.10.3-2: refuse to be empty", () => {
		fails(() => encodeSubscribe(types.SUBSCRIBE, 1, [], 5), "MQTT-3.8.3-2", /at least one/);
		fails(() => encodeSubscribe(types.UNSUBSCRIBE, 1, [], 5), "MQTT-3.10.3-2", /at least one/);
	});

	it("MQTT-2.2.1-3: refuse identifiers outside 1..65535", () => {
		for (const id of [0, 65536, -1, 1.5])
			fails(() => encodeSubscribe(types.SUBSCRIBE, id, [{ topic: "a" }], 5), "MQTT-2.2.1-3", /outside 1\.\.65535/);
	});

	it("MQTT-3.8.2.1: refuse a subscription identifier outside 1..268,435,455", () => {
		for (const subscriptionIdentifier of [0, 268_435_456, 1.5, -1])
			fails(() => subscribe({}, { subscriptionIdentifier }), "MQTT-3.8.2.1", /subscriptionIdentifier/);
	});

	it("refuse the options of 5.0 in 3.1.1", () => {
		const old = (item: Partial<SubscribeItem>) => encodeSubscribe(types.SUBSCRIBE, 1, [{ topic: "a", ...item }]);
		for (const item of [{ noLocal: true }, { retainAsPublished: true }, { retainHandling: 1 }])
			fails(() => old(item), undefined, /need MQTT 5.0/);
	});

	const wrong: Record<string, string> = {
		"": "MQTT-4.7.3-1",
		"a#": "MQTT-4.7.1-1",
		"a/#/b": "MQTT-4.7.1-1",
		"a+": "MQTT-4.7.1-2",
		"a/+b": "MQTT-4.7.1-2",
		$share: "MQTT-4.8.2-1",
		"$share/": "MQTT-4.8.2-1",
		"$share//a": "MQTT-4.8.2-1",
		"$share/g": "MQTT-4.8.2-2",
		"$share/g/": "MQTT-4.8.2-2",
		"$share/+/a": "MQTT-4.8.2-2",
		"$share/#": "MQTT-4.8.2-2",
	};
	for (const [topic, clause] of Object.entries(wrong))
		it(`${clause}: refuse the filter "${topic}"`, () => fails(() => subscribe({ topic }), clause, /^filter/));
	for (const topic of ["$share/g/a", "$share/g/#", "$share/g/+/a", "$share/g//", "$shared", "$SYS/#"])
		it(`take the filter "${topic}"`, () =>
			assert.equal(decode(subscribe({ topic }), 5)[0].subscriptions[0].topic, topic));
	it("take in 3.1.1 what is no shared subscription there", () => assert.equal(encodeFilter("$share/g").length, 8));
});

describe("MQTT 5.0 encoder: acknowledgements, DISCONNECT and AUTH", () => {
	const acknowledgements = [types.PUBACK, types.PUBREC, types.PUBREL, types.PUBCOMP] as const;

	it("acknowledgements are as short as they can be", () => {
		for (const type of acknowledgements) {
			const first = (type << 4) | (type === types.PUBREL ? 2 : 0);
			const code = type === types.PUBACK || type === types.PUBREC ? 0x97 : 0x92;
			assert.deepEqual([...encodeAcknowledgement(type, 0x102)], frame(first, 1, 2));
			assert.deepEqual([...encodeAcknowledgement(type, 0x102, 0, {})], frame(first, 1, 2));
			assert.deepEqual([...encodeAcknowledgement(type, 0x102, code)], frame(first, 1, 2, code));
			assert.deepEqual(
				[...encodeAcknowledgement(type, 0x102, 0, { reasonString: "x" })],
				frame(first, 1, 2, 0, 4, 31, field("x")),
			);
		}
	});

	it("a long reason is encoded right", () => {
		const reasonString = "é".repeat(200);
		const [packet] = decode(encodeAcknowledgement(types.PUBREC, 7, 0x80, { reasonString, userProperties }), 5);
		assert.equal(packet.messageId, 7);
		assert.equal(packet.reasonCode, 0x80);
		assert.equal(packet.properties.reasonString, reasonString);
		assert.deepEqual({ ...packet.properties.userProperties }, { b: ["2", "1"], a: "" });
	});

	it("MQTT-3.4.2-1 and its like: refuse reason codes that a client may not send", () => {
		fails(() => encodeAcknowledgement(types.PUBACK, 1, 0x10), "MQTT-3.4.2-1", /PUBACK: reason code 16/);
		fails(() => encodeAcknowledgement(types.PUBREC, 1, 0x92), "MQTT-3.5.2-1", /PUBREC/);
		fails(() => encodeAcknowledgement(types.PUBREL, 1, 0x80), "MQTT-3.6.2-1", /PUBREL/);
		fails(() => encodeAcknowledgement(types.PUBCOMP, 1, 0x97), "MQTT-3.7.2-1", /PUBCOMP/);
		fails(() => encodeDisconnect(0x8b), "MQTT-3.14.2-1", /DISCONNECT/);
		fails(() => encodeDisconnect(256), "MQTT-3.14.2-1", /DISCONNECT/);
		fails(() => encodeDisconnect(0.5), "MQTT-3.14.2-1", /DISCONNECT/);
		fails(() => encodeAuth(0, { authenticationMethod: "m" }), "MQTT-3.15.2-1", /AUTH/);
	});

	it("MQTT-2.3.1-1: acknowledgements refuse identifiers outside 1..65535", () => {
		for (const id of [0, 65536]) fails(() => encodeAcknowledgement(types.PUBACK, id), "MQTT-2.3.1-1", /outside/);
	});

	it("DISCONNECT is as short as it can be", () => {
		assert.deepEqual([...encodeDisconnect()], [0xe0, 0]);
		assert.deepEqual([...encodeDisconnect(0, {})], [0xe0, 0]);
		assert.deepEqual([...encodeDisconnect(4)], [0xe0, 1, 4]);
		assert.deepEqual(
			[...encodeDisconnect(0, { sessionExpiryInterval: 0x01020304 })],
			frame(0xe0, 0, 5, 17, 1, 2, 3, 4),
		);
	});

	it("takes every reason that a client may give for DISCONNECT", () => {
		const codes = [0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
		for (let code = 0; code < 256; code++) {
			if (codes.includes(code)) encodeDisconnect(code);
			else fails(() => encodeDisconnect(code), "MQTT-3.14.2-1", /DISCONNECT/);
		}
	});

	it("AUTH carries its method, or is refused", () => {
		const properties = { authenticationMethod: "SCRAM", authenticationData: Uint8Array.of(1, 2) };
		const theirs = encode(
			{
				cmd: "auth",
				reasonCode: 0x18,
				properties: { ...properties, authenticationData: Buffer.from([1, 2]) },
			} as never,
			5,
		);
		assert.deepEqual(encodeAuth(0x18, properties), theirs);
		fails(() => encodeAuth(0x18), "MQTT-3.15.2.2", /needs an authenticationMethod/);
	});
});

describe("MQTT 5.0 encoder: properties", () => {
	/** A value for every property, and where a client may send it (MQTT 5.0 §2.2.2.2). */
	const table: Record<string, [value: unknown, bytes: number[], where: string]> = {
		payloadFormatIndicator: [true, [1, 1], "PUBLISH WILL"],
		messageExpiryInterval: [0x01020304, [2, 1, 2, 3, 4], "PUBLISH WILL"],
		contentType: ["é", [3, ...field("é")], "PUBLISH WILL"],
		responseTopic: ["a/b", [8, ...field("a/b")], "PUBLISH WILL"],
		correlationData: [Uint8Array.of(1, 2), [9, 0, 2, 1, 2], "PUBLISH WILL"],
		subscriptionIdentifier: [300, [11, 0xac, 2], "SUBSCRIBE"],
		sessionExpiryInterval: [0xffff_ffff, [17, 255, 255, 255, 255], "CONNECT DISCONNECT"],
		assignedClientIdentifier: ["a", [], ""],
		serverKeepAlive: [1, [], ""],
		authenticationMethod: ["m", [21, ...field("m")], "CONNECT AUTH"],
		authenticationData: [Uint8Array.of(3), [22, 0, 1, 3], "CONNECT AUTH"],
		requestProblemInformation: [false, [23, 0], "CONNECT"],
		willDelayInterval: [1, [24, 0, 0, 0, 1], "WILL"],
		requestResponseInformation: [true, [25, 1], "CONNECT"],
		responseInformation: ["a", [], ""],
		serverReference: ["a", [], ""],
		reasonString: ["a", [31, ...field("a")], "PUBACK PUBREC PUBREL PUBCOMP DISCONNECT AUTH"],
		receiveMaximum: [0x0102, [33, 1, 2], "CONNECT"],
		topicAliasMaximum: [0, [34, 0, 0], "CONNECT"],
		topicAlias: [65535, [35, 255, 255], "PUBLISH"],
		maximumQoS: [1, [], ""],
		retainAvailable: [true, [], ""],
		userProperties: [
			userProperties,
			userProperties.flatMap(([name, value]): number[] => [38, ...field(name), ...field(value)]),
			"CONNECT WILL PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE UNSUBSCRIBE DISCONNECT AUTH",
		],
		maximumPacketSize: [65_536, [39, 0, 1, 0, 0], "CONNECT"],
		wildcardSubscriptionAvailable: [true, [], ""],
		subscriptionIdentifiersAvailable: [true, [], ""],
		sharedSubscriptionAvailable: [true, [], ""],
		subscriptionIdentifiers: [[1], [], ""],
		nonsense: [1, [], ""],
		constructor: [1, [], ""] as [unknown, number[], string],
	};
	const places = {
		WILL,
		...Object.fromEntries(types.packetNames.map((name, type) => [name, type]).slice(1)),
	} as Record<string, number>;

	for (const [place, where] of Object.entries(places)) {
		it(`MQTT-2.2.2.2: ${place} takes those that a client may send in it, and no other`, () => {
			for (const [name, [value, bytes, allowed]] of Object.entries(table)) {
				const method = name === "authenticationData" && { authenticationMethod: "m" };
				const given = { [name]: value, ...method } as Properties;
				if (allowed.split(" ").includes(place)) {
					const all = [...bytes, ...(method ? [21, ...field("m")] : [])];
					assert.deepEqual([...encodeProperties(given, where)], frame(0, all).slice(1), name);
				} else {
					const clause = name === "subscriptionIdentifier" && place === "PUBLISH" ? "MQTT-3.3.4-6" : "MQTT-2.2.2.2";
					fails(() => encodeProperties({ [name]: value } as never, where), clause, new RegExp(name));
				}
			}
		});
	}

	it("are none when there are none", () => {
		assert.deepEqual([...encodeProperties(undefined, types.PUBLISH)], [0]);
		assert.deepEqual([...encodeProperties({}, types.PUBLISH)], [0]);
		assert.deepEqual([...encodeProperties({ contentType: undefined }, types.PUBLISH)], [0]);
	});

	it("may be long: texts and data of 65,535 bytes, and any number of user properties", () => {
		const text = "x".repeat(65_535);
		const given = {
			contentType: text,
			correlationData: new Uint8Array(65_535),
			userProperties: Array.from({ length: 500 }, (_, index) => [`n${index}`, text.slice(0, 500)] as const),
		};
		const bytes = encodePublish(encodeTopic("t"), new Uint8Array(0), 0, false, encodeProperties(given, types.PUBLISH));
		const [packet] = decode(bytes, 5);
		assert.equal(packet.properties.contentType, text);
		assert.equal(packet.properties.correlationData.length, 65_535);
		assert.equal(Object.keys(packet.properties.userProperties).length, 500);
	});

	it("MQTT-2.2.2.2: says whether a name is no property at all, or none of this packet", () => {
		const encode = (given: object) => encodeProperties(given, types.PUBLISH);
		fails(() => encode({ nonsense: 1 }), "MQTT-2.2.2.2", /property "nonsense": there is none of this name/);
		fails(() => encode({ constructor: 1 }), "MQTT-2.2.2.2", /property "constructor": there is none of this name/);
		fails(() => encode({ receiveMaximum: 1 }), "MQTT-2.2.2.2", /receiveMaximum: not for PUBLISH of a client/);
	});

	const wrong: [Properties, number, string, RegExp][] = [
		[{ topicAlias: 0 }, types.PUBLISH, "MQTT-3.3.2-8", /topicAlias: 0, expected an integer of 1\.\.65535/],
		[{ topicAlias: 65536 }, types.PUBLISH, "MQTT-3.3.2.3", /topicAlias: 65536/],
		[{ receiveMaximum: 0 }, types.CONNECT, "MQTT-3.1.2.11", /receiveMaximum: 0, expected an integer of 1\.\.65535/],
		[{ maximumPacketSize: 0 }, types.CONNECT, "MQTT-3.1.2.11", /maximumPacketSize: 0/],
		[{ sessionExpiryInterval: 2 ** 32 }, types.CONNECT, "MQTT-3.1.2.11", /sessionExpiryInterval: 4294967296/],
		[{ sessionExpiryInterval: -1 }, types.DISCONNECT, "MQTT-3.14.2.2", /sessionExpiryInterval: -1/],
		[{ messageExpiryInterval: 1.5 }, types.PUBLISH, "MQTT-3.3.2.3", /messageExpiryInterval: 1.5/],
		[{ willDelayInterval: Number.NaN }, WILL, "MQTT-3.1.3.2", /willDelayInterval: NaN/],
		[{ willDelayInterval: "1" as never }, WILL, "MQTT-3.1.3.2", /willDelayInterval: 1,/],
		[
			{ payloadFormatIndicator: 1 as never },
			types.PUBLISH,
			"MQTT-3.3.2.3",
			/payloadFormatIndicator: 1, expected true or false/,
		],
		[{ responseTopic: "a/#" }, types.PUBLISH, "MQTT-3.3.2-14", /responseTopic "a\/#": contains a wildcard/],
		[{ responseTopic: "" }, types.PUBLISH, "MQTT-4.7.3-1", /responseTopic: is empty/],
		[{ contentType: "a\0" }, types.PUBLISH, "MQTT-1.5.4-2", /contentType: contains U\+0000/],
		[{ contentType: "x".repeat(65_536) }, types.PUBLISH, "MQTT-1.5.4", /contentType: 65536 bytes/],
		[{ correlationData: new Uint8Array(65_536) }, types.PUBLISH, "MQTT-3.3.2.3", /correlationData: of 65536 bytes/],
		[{ correlationData: "text" as never }, types.PUBLISH, "MQTT-3.3.2.3", /correlationData: text, expected bytes/],
		[{ userProperties: { a: "b" } as never }, types.PUBLISH, "MQTT-3.3.2.3", /userProperties: .*expected pairs/],
		[{ userProperties: [["a"]] as never }, types.PUBLISH, "MQTT-3.3.2.3", /userProperties: a, expected a pair/],
	];
	for (const [given, where, clause, message] of wrong)
		it(`${clause}: refuses ${JSON.stringify(given).slice(0, 50)}`, () =>
			fails(() => encodeProperties(given, where), clause, message));

	it("names a text of user properties that is wrong", () => {
		fails(
			() => encodeProperties({ userProperties: [["a", 1]] as never }, types.PUBLISH),
			undefined,
			/"a": expected a string/,
		);
		fails(
			() => encodeProperties({ userProperties: [["\ud800", "b"]] }, types.PUBLISH),
			"MQTT-1.5.4-1",
			/name in userProp/,
		);
	});
});

describe("MQTT 5.0 reason codes", () => {
	it("have names", () => {
		assert.equal(reasonName(0, types.PUBACK), "success");
		assert.equal(reasonName(0, types.SUBACK), "granted QoS 0");
		assert.equal(reasonName(0, types.DISCONNECT), "normal disconnection");
		assert.equal(reasonName(0x87, types.SUBACK), "not authorized");
		assert.equal(reasonName(0xa2, types.SUBACK), "wildcard subscriptions not supported");
		assert.equal(reasonName(0x7f, types.SUBACK), "unknown reason");
		assert.equal(reasonName(0xa3, types.SUBACK), "unknown reason");
	});

	it("are those of a server unless it is said that a client sends them", () => {
		assert.equal(isReason(0x10, types.PUBACK), true);
		assert.equal(isReason(0x10, types.PUBACK, true), false);
		assert.equal(isReason(4, types.DISCONNECT), false);
		assert.equal(isReason(4, types.DISCONNECT, true), true);
	});
});
