import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BAD, SKIPPED } from "../../modules/mqtt/packet/decoder";
import * as types from "../../modules/mqtt/packet/types";
import { type Read, type Reading, readPackets } from "../inside/packet-reader";
import { encode, field, frame, variable } from "../support/mqtt-bytes";

const MALFORMED = 0x81;
const PROTOCOL = 0x82;

/** What comes out, whatever the pieces: it may not depend on them. */
function run(bytes: ArrayLike<number>, reading: Reading = {}): Read[] {
	const results = [1, 2, 3, 7, Math.max(bytes.length, 1)].map((size, index) =>
		readPackets(bytes, { version: 5, pieces: [size], junk: index % 2 ? 0xff : 0, ...reading }),
	);
	for (const result of results) for (const packet of result) delete packet.fragments;
	for (const result of results) assert.deepEqual(result, results[0]);
	return results[0]!;
}

function refuses(
	bytes: number[],
	clause: string,
	message: RegExp,
	reasonCode = MALFORMED,
	reading: Reading = {},
): void {
	const error = run(bytes, reading).at(-1);
	assert.equal(error?.type, BAD, "nothing was refused");
	assert.match(error.message!, message);
	assert.equal(error.clause, clause, error.message);
	assert.equal(error.reasonCode, reasonCode, error.message);
	assert.equal(error.code, reasonCode === MALFORMED ? "malformed" : "protocol");
}

/** A PUBLISH at QoS 0 with these properties. */
function publish(properties: number[], topic: string | number[] = "t", payload: number[] = [0x21]): number[] {
	return frame(0x30, field(topic), variable(properties.length), properties, payload);
}

function connack(properties: number[]): number[] {
	return frame(0x20, 0, 0, properties.length, properties);
}

describe("MQTT 5.0 decoder: what a server sends", () => {
	it("reads every packet type", () => {
		const packets = [
			{ cmd: "connack", reasonCode: 0, sessionPresent: true },
			{ cmd: "publish", topic: "a/b", payload: Buffer.from("hi"), retain: true },
			{ cmd: "publish", topic: "é", payload: Buffer.from("x"), qos: 1, messageId: 7, dup: true },
			{ cmd: "publish", topic: "z", payload: Buffer.alloc(0), qos: 2, messageId: 65535 },
			{ cmd: "puback", messageId: 1, reasonCode: 0x10 },
			{ cmd: "pubrec", messageId: 2, reasonCode: 0x97 },
			{ cmd: "pubrel", messageId: 3, reasonCode: 0x92 },
			{ cmd: "pubcomp", messageId: 4, reasonCode: 0 },
			{ cmd: "suback", messageId: 5, granted: [0, 1, 2, 0x80, 0xa2] },
			{ cmd: "unsuback", messageId: 6, granted: [0, 0x11] },
			{ cmd: "pingresp" },
			{ cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: "SCRAM" } },
			{ cmd: "disconnect", reasonCode: 0x8e },
		].flatMap((packet) => [...encode(packet as never, 5)]);
		const message = { type: types.PUBLISH, retain: false, duplicate: false };
		assert.deepEqual(run(packets), [
			{ type: types.CONNACK, reasonCode: 0, returnCode: 0, sessionPresent: true },
			{ ...message, topic: "a/b", QoS: 0, retain: true, byteLength: 2, payload: [0x68, 0x69] },
			{ ...message, id: 7, topic: "é", QoS: 1, duplicate: true, byteLength: 1, payload: [0x78] },
			{ ...message, id: 65535, topic: "z", QoS: 2, byteLength: 0, payload: [] },
			{ type: types.PUBACK, id: 1, reasonCode: 0x10 },
			{ type: types.PUBREC, id: 2, reasonCode: 0x97 },
			{ type: types.PUBREL, id: 3, reasonCode: 0x92 },
			{ type: types.PUBCOMP, id: 4, reasonCode: 0 },
			{ type: types.SUBACK, id: 5, codes: [0, 1, 2, 0x80, 0xa2] },
			{ type: types.UNSUBACK, id: 6, codes: [0, 0x11] },
			{ type: types.PINGRESP },
			{ type: types.AUTH, reasonCode: 0x18, properties: { authenticationMethod: "SCRAM" } },
			{ type: types.DISCONNECT, reasonCode: 0x8e },
		]);
	});

	it("takes the short forms: no properties, no reason code", () => {
		assert.deepEqual(run([...frame(0x40, 0, 1), ...frame(0x40, 0, 2, 0x10), ...frame(0x40, 0, 3, 0x10, 0)]), [
			{ type: types.PUBACK, id: 1, reasonCode: 0 },
			{ type: types.PUBACK, id: 2, reasonCode: 0x10 },
			{ type: types.PUBACK, id: 3, reasonCode: 0x10 },
		]);
		assert.deepEqual(run([...frame(0xe0), ...frame(0xe0, 0x8b), ...frame(0xe0, 0x8b, 0), ...frame(0xf0)]), [
			{ type: types.DISCONNECT, reasonCode: 0 },
			{ type: types.DISCONNECT, reasonCode: 0x8b },
			{ type: types.DISCONNECT, reasonCode: 0x8b },
			{ type: types.AUTH, reasonCode: 0 },
		]);
	});

	it("forgets reason code and properties of the packet before", () => {
		const [first, second] = run([...frame(0x40, 0, 1, 0x10, 5, 31, field("no")), ...frame(0x40, 0, 2)]);
		assert.deepEqual(first, { type: types.PUBACK, id: 1, reasonCode: 0x10, properties: { reasonString: "no" } });
		assert.deepEqual(second, { type: types.PUBACK, id: 2, reasonCode: 0 });
	});

	it("reads every property of PUBLISH", () => {
		const [message] = run(
			publish(
				[
					[1, 1],
					[2, 0xff, 0xff, 0xff, 0xfe],
					[3, ...field("text/ç")],
					[8, ...field("casa/resposta")],
					[9, ...field([0, 255])],
					[11, 1],
					[11, 0xff, 0xff, 0xff, 0x7f],
					[38, ...field("b"), ...field("2")],
					[38, ...field("a"), ...field("")],
					[38, ...field("b"), ...field("1")],
				].flat(),
			),
		);
		assert.deepEqual(message!.properties, {
			payloadFormatIndicator: true,
			messageExpiryInterval: 0xfffffffe,
			contentType: "text/ç",
			responseTopic: "casa/resposta",
			correlationData: [0, 255],
			subscriptionIdentifiers: [1, 268_435_455],
			userProperties: [
				["b", "2"],
				["a", ""],
				["b", "1"],
			],
		});
	});

	it("reads every property of CONNACK", () => {
		const [answer] = run(
			connack(
				[
					[17, 0, 0, 0, 0],
					[18, ...field("auto-1")],
					[19, 0, 30],
					[21, ...field("m")],
					[22, ...field([7])],
					[26, ...field("resp/")],
					[28, ...field("other")],
					[31, ...field("why")],
					[33, 0, 10],
					[34, 0, 0],
					[36, 1],
					[37, 0],
					[39, 0, 1, 0, 0],
					[40, 0],
					[41, 1],
					[42, 0],
				].flat(),
			),
		);
		assert.deepEqual(answer!.properties, {
			sessionExpiryInterval: 0,
			assignedClientIdentifier: "auto-1",
			serverKeepAlive: 30,
			authenticationMethod: "m",
			authenticationData: [7],
			responseInformation: "resp/",
			serverReference: "other",
			reasonString: "why",
			receiveMaximum: 10,
			topicAliasMaximum: 0,
			maximumQoS: 1,
			retainAvailable: false,
			maximumPacketSize: 65536,
			wildcardSubscriptionAvailable: false,
			subscriptionIdentifiersAvailable: true,
			sharedSubscriptionAvailable: false,
		});
	});

	it("knows a server of 3.1.1 that refuses in its own form", () => {
		assert.deepEqual(run([0x20, 2, 0, 1]), [
			{ type: types.CONNACK, reasonCode: 0x84, returnCode: 0x84, sessionPresent: false },
		]);
	});

	it("keeps the first 32 user properties and subscription identifiers: more would fill the heap", () => {
		const pairs = Array.from({ length: 40 }, (_, index) => [38, ...field("n"), ...field(String(index))]).flat();
		const [message] = run(frame(0x30, field("t"), variable(pairs.length), pairs));
		const { userProperties } = message!.properties as { userProperties: string[][] };
		assert.deepEqual(
			userProperties,
			Array.from({ length: 32 }, (_, index) => ["n", String(index)]),
		);
		const [other] = run(publish(Array.from({ length: 40 }, () => [11, 5]).flat()));
		assert.deepEqual(other!.properties!["subscriptionIdentifiers"], new Array(32).fill(5));
	});
});

describe("MQTT 5.0 decoder: topic aliases (§3.3.2.3.4)", () => {
	const reading = { topicAliasMaximum: 2 };
	const alias = (value: number) => [35, value >> 8, value & 255];

	it("resolves them, and hands out no property for them", () => {
		const packets = run(
			[
				...publish(alias(1), "one"),
				...publish(alias(2), "two"),
				...publish(alias(1), ""),
				...publish([], "other"),
				...publish(alias(2), ""),
				...publish(alias(2), "new"),
				...publish(alias(2), ""),
			],
			reading,
		);
		assert.deepEqual(
			packets.map(({ topic }) => topic),
			["one", "two", "one", "other", "two", "new", "new"],
		);
		for (const packet of packets) assert.equal(packet.properties, undefined);
	});

	it("checks a topic that is equal to one that came by alias", () => {
		const [, , third] = run([...publish(alias(1), "a"), ...publish(alias(1), ""), ...publish([], "a")], reading);
		assert.equal(third!.topic, "a");
	});

	it("MQTT-3.3.2-8: alias 0", () => refuses(publish(alias(0)), "MQTT-3.3.2-8", /topicAlias 0/, 0x94, reading));
	it("MQTT-3.3.2-11: an alias above the maximum", () => {
		refuses(publish(alias(3)), "MQTT-3.3.2-11", /topic alias 3, at most 2/, 0x94, reading);
		refuses(publish(alias(1)), "MQTT-3.3.2-11", /topic alias 1, at most 0/, 0x94);
	});
	it("an alias that stands for nothing", () =>
		refuses(publish(alias(1), ""), "MQTT-3.3.2.3.4", /alias 1 stands for no topic/, PROTOCOL, reading));
	it("an alias that is there twice", () =>
		refuses(publish([...alias(1), ...alias(2)]), "MQTT-3.3.2.3", /topicAlias is there twice/, PROTOCOL, reading));
	it("neither topic nor alias", () => refuses(publish([], ""), "MQTT-3.3.2.1", /no topic and no alias/, PROTOCOL));

	it("learns an alias of a message that it skips for its properties", () => {
		const large = [9, 0, 120, ...new Array(120).fill(7)];
		const packets = run([...publish([...large, ...alias(1)], "kept"), ...publish(alias(1), "")], {
			...reading,
			window: 64,
		});
		assert.deepEqual(
			packets.map(({ type, topic }) => [type, topic]),
			[
				[SKIPPED, undefined],
				[types.PUBLISH, "kept"],
			],
		);
	});

	it("skips what an alias stands for whose topic was too long", () => {
		const again = publish([...alias(1), 3, ...field("text")], "");
		const packets = run([...publish(alias(1), "x".repeat(100)), ...again, ...publish([], "ok")], {
			...reading,
			maximumTopic: 50,
		});
		const skipped = { type: SKIPPED, QoS: 0, byteLength: 1 };
		assert.deepEqual(packets.slice(0, 2), [skipped, skipped]);
		assert.equal(packets[2]!.topic, "ok");
	});

	for (const [what, topic, properties] of [
		["of properties that are too long", "t", [9, 0, 120, ...new Array(120).fill(7)]],
		["of a topic that is too long", "x".repeat(100), []],
	] as const) {
		it(`refuses a wrong alias in a message ${what}, too`, () => {
			const make = (value: number) => {
				const all = [...properties, ...alias(value)];
				return frame(0x30, field(topic), variable(all.length), all, 0x21);
			};
			const small = { ...reading, window: 64 };
			refuses(make(0), "MQTT-3.3.2-8", /topicAlias 0/, 0x94, small);
			refuses(make(3), "MQTT-3.3.2-11", /topic alias 3/, 0x94, small);
		});
	}
});

describe("MQTT 5.0 decoder: what does not fit the window", () => {
	const reading = { window: 64 };
	const reason = (length: number) => [31, length >> 8, length & 255, ...new Array(length).fill(0x78)];
	it("skips a message for its properties, and keeps QoS and identifier", () => {
		for (const QoS of [0, 1, 2]) {
			const id = QoS ? [0, 9] : [];
			const properties = [9, 0, 100, ...new Array(100).fill(1)];
			const bytes = frame(0x30 | (QoS << 1), field("t"), id, properties.length, properties, new Array(300).fill(5));
			const [skipped, next] = run([...bytes, ...publish([], "ok")], reading);
			assert.deepEqual(skipped, { type: SKIPPED, ...(QoS ? { id: 9 } : {}), QoS, byteLength: 300 });
			assert.equal(next!.topic, "ok");
		}
	});

	it("skips a message whose topic is none when it is told to be tolerant, says why, and hears the next", () => {
		const message = (topic: string | number[]) => frame(0x32, field(topic), 0, 7, 0, 0x21);
		const long = message("x".repeat(100));
		const stream = [message("a/+"), message([0x61, 0]), message([0xff]), long, message("ok")].flat();
		const skipped = { type: SKIPPED, id: 7, QoS: 1, byteLength: 1 };
		for (const size of [1, 3, 1000]) {
			const packets = readPackets(stream, { version: 5, tolerant: true, maximumTopic: 50, pieces: [size], junk: 0xff });
			assert.deepEqual(packets.slice(0, 4), [
				{ ...skipped, message: "PUBLISH: wildcard in the topic [MQTT-3.3.2-2]" },
				{ ...skipped, message: "PUBLISH: topic contains U+0000 [MQTT-1.5.4-2]" },
				{ ...skipped, message: "PUBLISH: topic is not UTF-8 [MQTT-1.5.4-1]" },
				skipped,
			]);
			assert.equal(packets[4]!.topic, "ok");
		}
		const noTopic = readPackets(frame(0x30, field(""), 0), { version: 5, tolerant: true });
		assert.equal(noTopic[0]!.type, BAD);
	});

	it("learns of a tolerated message that its alias stands for nothing that can be handed out", () => {
		const stream = [...publish([35, 0, 1], "a/#"), ...publish([35, 0, 1], ""), ...publish([], "ok")];
		const packets = run(stream, { tolerant: true, topicAliasMaximum: 1 });
		assert.deepEqual(
			packets.map(({ type }) => type),
			[SKIPPED, SKIPPED, types.PUBLISH],
		);
	});

	it("takes properties as long as there is room for a byte of payload, and skips one byte more", () => {
		const make = (length: number) => publish([9, 0, length, ...new Array(length).fill(1)], "t", new Array(40).fill(5));
		assert.equal(run(make(54), reading)[0]!.type, types.PUBLISH);
		assert.equal(run(make(55), reading)[0]!.type, SKIPPED);
		const whole = (length: number) => publish([9, 0, length, ...new Array(length).fill(1)], "t", []);
		assert.equal(run(whole(55), reading)[0]!.type, types.PUBLISH);
		assert.equal(run(whole(56), reading)[0]!.type, SKIPPED);
	});

	it("hands out in one piece what fits, properties included, and in fragments what is a byte longer", () => {
		for (const size of [1, 3, 64, 1000]) {
			const fragments = (length: number) => {
				const bytes = publish([3, ...field("text")], "t", new Array(length - 13).fill(5));
				assert.equal(bytes.length, length);
				return readPackets(bytes, { version: 5, window: 64, pieces: [size] })[0]!.fragments!;
			};
			assert.equal(fragments(64), 1);
			assert.ok(fragments(65) > 1);
		}
	});

	it("reports an acknowledgement without its properties", () => {
		const properties = reason(500);
		const bytes = [...frame(0x50, 0, 7, 0x97, variable(properties.length), properties), ...frame(0x40, 0, 1)];
		assert.deepEqual(run(bytes, reading), [
			{ type: types.PUBREC, id: 7, reasonCode: 0x97 },
			{ type: types.PUBACK, id: 1, reasonCode: 0 },
		]);
	});

	it("reports SUBACK and UNSUBACK with their codes", () => {
		const properties = reason(500);
		const body = [0, 7, ...variable(properties.length), ...properties];
		assert.deepEqual(run([...frame(0x90, body, 0, 0x87), ...frame(0xb0, body, 0x11, 0)], reading), [
			{ type: types.SUBACK, id: 7, codes: [0, 0x87] },
			{ type: types.UNSUBACK, id: 7, codes: [0x11, 0] },
		]);
	});

	it("keeps the numbers of CONNACK: what the server allows is known", () => {
		const properties = [33, 0, 5, ...reason(200), 36, 0, 39, 0, 0, 1, 0, 38, ...field("a"), ...field("b"), 37, 0];
		assert.deepEqual(run(frame(0x20, 1, 0, variable(properties.length), properties), reading), [
			{
				type: types.CONNACK,
				reasonCode: 0,
				returnCode: 0,
				sessionPresent: true,
				properties: { receiveMaximum: 5, maximumQoS: 0, maximumPacketSize: 256, retainAvailable: false },
			},
		]);
	});

	it("passes 1 MB of properties, and hears what follows", () => {
		const property = Buffer.from([38, ...field("a"), 0xff, 0xf0, ...new Array(0xfff0).fill(0x62)]);
		const flood = Buffer.concat(new Array(16).fill(property));
		const behind = (first: number, head: number[], payload: number[]) => {
			const start = [...head, ...variable(flood.length)];
			const length = start.length + flood.length + payload.length;
			return Buffer.concat([Buffer.from([first, ...variable(length), ...start]), flood, Buffer.from(payload)]);
		};
		const stream = [behind(0xe0, [0x8b], []), behind(0x32, [...field("t"), 0, 3], [0x21]), Buffer.from(frame(0xd0))];
		assert.deepEqual(readPackets(Buffer.concat(stream), { version: 5, window: 64, pieces: [1460] }), [
			{ type: types.DISCONNECT, reasonCode: 0x8b },
			{ type: SKIPPED, id: 3, QoS: 1, byteLength: 1 },
			{ type: types.PINGRESP },
		]);
	});

	it("passes 1 MB of payload behind properties", () => {
		const payload = Buffer.alloc(1_000_000, "0123456789");
		const stream = encode(
			{ cmd: "publish", topic: "t", payload, properties: { payloadFormatIndicator: true } } as never,
			5,
		);
		const [message] = readPackets(stream, { version: 5, window: 512, pieces: [1460] });
		assert.ok(Buffer.from(message!.payload!).equals(payload));
		assert.deepEqual(message!.properties, { payloadFormatIndicator: true });
	});

	it("checks the structure of what it passes over", () => {
		const wrap = (properties: number[]) => frame(0x40, 0, 1, 0, variable(properties.length), properties);
		const big = reason(200);
		refuses(wrap([...big, 99, 0]), "MQTT-2.2.2.2", /identifier 99/, MALFORMED, reading);
		refuses(wrap([...big, 1, 0]), "MQTT-2.2.2.2", /payloadFormatIndicator is not allowed/, MALFORMED, reading);
		refuses(wrap([...big, 31, 0]), "MQTT-2.2.2.1", /reasonString does not fit/, MALFORMED, reading);
		refuses(wrap([...big, 31, 0, 1]), "MQTT-2.2.2.1", /reasonString does not fit/, MALFORMED, reading);
		refuses(wrap([...big, 38, ...field("a")]), "MQTT-2.2.2.1", /userProperties does not fit/, MALFORMED, reading);
		refuses(wrap([...big, 38, ...field("a"), 0, 1]), "MQTT-2.2.2.1", /userProperties/, MALFORMED, reading);
		const limits = [...big, 36, 2];
		refuses(frame(0x20, 0, 0, variable(limits.length), limits), "MQTT-3.2.2.3", /maximumQoS 2/, PROTOCOL, reading);
		const twice = [...big, 37, 1, 37, 1];
		refuses(
			frame(0x20, 0, 0, variable(twice.length), twice),
			"MQTT-3.2.2.3",
			/retainAvailable is there twice/,
			PROTOCOL,
			reading,
		);
		const large = [9, 0, 100, ...new Array(100).fill(1)];
		refuses(publish([...large, 11, 0x80, 0x80, 0x80, 0x80]), "MQTT-1.5.5", /more than 4 bytes/, MALFORMED, reading);
		refuses(publish([...large, 11, 0x80]), "MQTT-2.2.2.1", /subscriptionIdentifier does not fit/, MALFORMED, reading);
	});

	it("refuses more reason codes than the window holds", () => {
		const codes = new Array(65).fill(0);
		refuses(frame(0x90, 0, 1, 0, codes), "MQTT-3.9.3-1", /65 reason codes are more than expected/, PROTOCOL, reading);
		assert.equal(run(frame(0x90, 0, 1, 0, codes.slice(1)), reading)[0]!.codes!.length, 64);
	});
});

describe("MQTT 5.0 decoder: what is malformed", () => {
	it("MQTT-2.1.2: the reserved packet type", () => refuses([0x00, 0], "MQTT-2.1.2", /reserved type 0/));

	it("MQTT-2.1.2: packets that only a client sends", () => {
		for (const first of [0x10, 0x82, 0xa2, 0xc0]) refuses([first, 0], "MQTT-2.1.2", /from a server/, PROTOCOL);
	});

	it("MQTT-2.1.3-1 and its like: reserved flags of every type", () => {
		const clauses = { 6: "MQTT-3.6.1-1", 14: "MQTT-3.14.1-1", 15: "MQTT-3.15.1-1" } as Record<number, string>;
		for (const type of [2, 4, 5, 6, 7, 9, 11, 13, 14, 15])
			for (let flags = 0; flags < 16; flags++)
				if (flags !== (type === 6 ? 2 : 0))
					refuses([(type << 4) | flags, 2, 0, 1], clauses[type] ?? "MQTT-2.1.3-1", /reserved flags/);
	});

	it("MQTT-2.1.4: a remaining length of more than 4 bytes", () => {
		for (const first of [0x30, 0x20, 0x90]) refuses([first, 0x80, 0x80, 0x80, 0x80, 1], "MQTT-2.1.4", /more than 4/);
	});

	it("MQTT-1.5.5-1: a length that is not in its shortest form", () => {
		refuses([0x40, 0x82, 0, 0, 1], "MQTT-1.5.5-1", /PUBACK: remaining length 2 in 2 bytes/);
		refuses([0x30, 0x84, 0x80, 0, 0, 1, 0x74, 0], "MQTT-1.5.5-1", /remaining length 4 in 3 bytes/);
		refuses(frame(0x30, field("t"), 0x80, 0), "MQTT-1.5.5-1", /PUBLISH: property length 0 in 2 bytes/);
		refuses(frame(0x40, 0, 1, 0, 0x80, 0), "MQTT-1.5.5-1", /PUBACK: property length 0 in 2 bytes/);
		refuses(publish([11, 0x81, 0]), "MQTT-1.5.5-1", /subscriptionIdentifier 1 in 2 bytes/);
	});

	it("MQTT-1.5.5: a property length, or a subscription identifier, of more than 4 bytes", () => {
		const five = [0x80, 0x80, 0x80, 0x80, 1];
		refuses(frame(0x30, field("t"), five), "MQTT-1.5.5", /PUBLISH: property length of more than 4 bytes/);
		refuses(frame(0x40, 0, 1, 0, five), "MQTT-1.5.5", /PUBACK: property length of more than 4 bytes/);
		refuses(publish([11, ...five]), "MQTT-1.5.5", /subscriptionIdentifier of more than 4 bytes/);
	});

	it("MQTT-3.1.2-24: a packet larger than CONNECT allowed", () => {
		const reading = { maximumPacketSize: 100 };
		const of = (size: number) => publish([], "t", new Array(size - 6).fill(0));
		assert.equal(run(of(100), reading)[0]!.type, types.PUBLISH);
		refuses(of(101), "MQTT-3.1.2-24", /101 bytes, at most 100 were allowed/, 0x95, reading);
		refuses([0x30, 0xff, 0xff, 0xff, 0x7f], "MQTT-3.1.2-24", /at most 100/, 0x95, reading);
	});

	it("MQTT-3.3.1-4: QoS 3", () => refuses(frame(0x36, field("a"), 0, 1, 0), "MQTT-3.3.1-4", /QoS 3/));
	it("MQTT-3.3.1-2: DUP at QoS 0", () => refuses(frame(0x38, field("a"), 0), "MQTT-3.3.1-2", /DUP/));

	it("MQTT-2.2.1-4, -5, -6: packet identifier 0", () => {
		refuses(frame(0x32, field("a"), 0, 0, 0), "MQTT-2.2.1-4", /PUBLISH: packet identifier 0/);
		for (const first of [0x40, 0x50, 0x62, 0x70]) {
			refuses(frame(first, 0, 0), "MQTT-2.2.1-5", /identifier 0/);
			refuses(frame(first, 0, 0, 0, 0), "MQTT-2.2.1-5", /identifier 0/);
		}
		for (const first of [0x90, 0xb0]) refuses(frame(first, 0, 0, 0, 0), "MQTT-2.2.1-6", /identifier 0/);
		const small = { window: 64 };
		const large = [9, 0, 100, ...new Array(100).fill(1)];
		refuses(frame(0x32, field("a"), 0, 0, large.length, large), "MQTT-2.2.1-4", /identifier 0/, MALFORMED, small);
		refuses(frame(0x32, field("x".repeat(99)), 0, 0, 0), "MQTT-2.2.1-4", /identifier 0/, MALFORMED, small);
	});

	it("MQTT-3.3.2-2: a wildcard in the topic, with the reason Topic Name invalid", () => {
		refuses(publish([], "a/+"), "MQTT-3.3.2-2", /wildcard in the topic/, 0x90);
		refuses(publish([], "#"), "MQTT-3.3.2-2", /wildcard in the topic/, 0x90);
	});

	it("MQTT-3.3.2-1: a topic that is longer than the packet", () => {
		refuses(frame(0x30, 0, 3, 0x61, 0x62), "MQTT-3.3.2-1", /topic of 3 bytes in a packet of 4/);
		refuses(frame(0x30, 0, 2, 0x61, 0x62), "MQTT-3.3.2-1", /topic of 2 bytes in a packet of 4/);
		refuses(frame(0x32, 0, 1, 0x61, 0, 1), "MQTT-3.3.2-1", /topic of 1 bytes in a packet of 5/);
		for (const body of [[], [0], [0, 0]]) refuses(frame(0x30, body), "MQTT-3.3.2-1", /too short/);
	});

	it("MQTT-2.2.2.1: properties that are longer than the packet", () => {
		refuses(frame(0x30, field("t"), 2, 1), "MQTT-2.2.2.1", /PUBLISH: 2 bytes of properties/);
		refuses(frame(0x30, field("t"), 0xff, 0xff, 0x7f), "MQTT-2.2.2.1", /2097151 bytes of properties/);
		refuses(frame(0x40, 0, 1, 0, 1), "MQTT-2.2.2.1", /PUBACK: 1 bytes of properties/);
		refuses(frame(0x20, 0, 0, 3, 33, 0), "MQTT-2.2.2.1", /CONNACK: 3 bytes of properties/);
		refuses(frame(0x90, 0, 1, 3, 0), "MQTT-2.2.2.1", /SUBACK: 3 bytes of properties/);
		const topic = field("x".repeat(100));
		refuses(frame(0x30, topic, 9, 1), "MQTT-2.2.2.1", /9 bytes of properties/, MALFORMED, { window: 64 });
	});

	it("MQTT-2.2.2-1: no property length", () => {
		refuses(frame(0x30, field("t"), 0x80), "MQTT-2.2.2-1", /PUBLISH: no property length/);
		refuses(frame(0x20, 0, 0), "MQTT-2.2.2-1", /CONNACK: no property length/);
		refuses(frame(0x40, 0, 1, 0, 0x80), "MQTT-2.2.2-1", /PUBACK: no property length/);
	});

	it("bytes behind the properties of a packet that ends with them", () => {
		refuses(frame(0x40, 0, 1, 0, 0, 9), "MQTT-3.4.2", /PUBACK: 1 bytes too many/);
		refuses(frame(0xe0, 0x8b, 0, 9, 9), "MQTT-3.14.2", /DISCONNECT: 2 bytes too many/);
		refuses(frame(0x20, 0, 0, 0, 9), "MQTT-3.2.2", /CONNACK: 1 bytes too many/);
	});

	it("wrong lengths of control packets", () => {
		for (const [first, length, expected] of [
			[0xd0, 1, "0"],
			[0xf0, 1, "0 or at least 2"],
			[0x20, 1, "at least 2"],
			[0x40, 1, "at least 2"],
			[0x62, 0, "at least 2"],
			[0x90, 3, "at least 4"],
			[0xb0, 3, "at least 4"],
		] as const) {
			const message = new RegExp(`${types.packetNames[first >> 4]}: ${length} bytes, expected ${expected}`);
			refuses(frame(first, [0, 1, 0].slice(0, length)), `MQTT-3.${first >> 4}.1`, message);
		}
	});

	it("SUBACK and UNSUBACK without a reason code", () => {
		const properties = [5, 31, ...field("no")];
		refuses(frame(0x90, 0, 1, properties), "MQTT-3.9.3", /SUBACK: no reason code/, PROTOCOL);
		refuses(frame(0xb0, 0, 1, properties), "MQTT-3.11.3", /UNSUBACK: no reason code/, PROTOCOL);
	});

	it("MQTT-3.2.2-1, MQTT-3.2.2-6: wrong flags of CONNACK", () => {
		refuses(frame(0x20, 2, 0, 0), "MQTT-3.2.2-1", /CONNACK: flags 2/);
		refuses(frame(0x20, 1, 0x87, 0), "MQTT-3.2.2-6", /session present in a refusal/, PROTOCOL);
	});

	it("AUTH without an authentication method", () => {
		refuses(frame(0xf0, 0x18, 0), "MQTT-3.15.2.2", /AUTH: no authenticationMethod/, PROTOCOL);
	});
});

describe("MQTT 5.0 decoder: reason codes", () => {
	// MQTT 5.0 §3.2.2.2, §3.4.2.1 to §3.7.2.1, §3.9.3, §3.11.3, §3.14.2.1 (what a server sends), §3.15.2.1.
	const allowed: Record<number, number[]> = {
		[types.CONNACK]: [
			0, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
			0x9c, 0x9d, 0x9f,
		],
		[types.PUBACK]: [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
		[types.PUBREC]: [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
		[types.PUBREL]: [0, 0x92],
		[types.PUBCOMP]: [0, 0x92],
		[types.SUBACK]: [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
		[types.UNSUBACK]: [0, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
		[types.DISCONNECT]: [
			0, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
			0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
		],
		[types.AUTH]: [0, 0x18],
	};
	const clauses: Record<number, string> = {
		[types.CONNACK]: "MQTT-3.2.2-8",
		[types.SUBACK]: "MQTT-3.9.3-2",
		[types.UNSUBACK]: "MQTT-3.11.3-2",
	};
	const bodies: Record<number, (code: number) => number[]> = {
		[types.CONNACK]: (code) => [0, code, 0],
		[types.SUBACK]: (code) => [0, 1, 0, 0, code],
		[types.UNSUBACK]: (code) => [0, 1, 0, 0, code],
		[types.DISCONNECT]: (code) => [code, 0],
		[types.AUTH]: (code) => [code, 4, 21, ...field("m")],
	};
	for (const [key, codes] of Object.entries(allowed)) {
		const type = Number(key);
		const clause = clauses[type] ?? `MQTT-3.${type}.2-1`;
		it(`${clause}: ${types.packetNames[type]} takes those of the standard, and no other`, () => {
			const first = (type << 4) | (type === types.PUBREL ? 2 : 0);
			for (let code = 0; code < 256; code++) {
				const bytes = frame(first, (bodies[type] ?? ((code: number) => [0, 1, code, 0]))(code));
				const [packet] = readPackets(bytes, { version: 5 });
				if (codes.includes(code)) assert.equal(packet!.type, type, `0x${code.toString(16)}`);
				else {
					assert.equal(packet!.type, BAD, `0x${code.toString(16)} was taken`);
					assert.equal(packet!.clause, clause);
					assert.equal(packet!.reasonCode, PROTOCOL);
				}
			}
		});
	}
});

describe("MQTT 5.0 decoder: properties that are wrong", () => {
	/** A value for every property, and the packets of a server that may carry it (MQTT 5.0 §2.2.2.2). */
	const everyAnswer = "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH";
	const table: Record<number, [name: string, value: number[], packets: string]> = {
		1: ["payloadFormatIndicator", [1], "PUBLISH"],
		2: ["messageExpiryInterval", [0, 0, 0, 1], "PUBLISH"],
		3: ["contentType", field("a"), "PUBLISH"],
		8: ["responseTopic", field("a"), "PUBLISH"],
		9: ["correlationData", field("a"), "PUBLISH"],
		11: ["subscriptionIdentifier", [1], "PUBLISH"],
		17: ["sessionExpiryInterval", [0, 0, 0, 1], "CONNACK"],
		18: ["assignedClientIdentifier", field("a"), "CONNACK"],
		19: ["serverKeepAlive", [0, 1], "CONNACK"],
		21: ["authenticationMethod", field("a"), "CONNACK AUTH"],
		22: ["authenticationData", field("a"), "CONNACK AUTH"],
		23: ["requestProblemInformation", [1], ""],
		24: ["willDelayInterval", [0, 0, 0, 1], ""],
		25: ["requestResponseInformation", [1], ""],
		26: ["responseInformation", field("a"), "CONNACK"],
		28: ["serverReference", field("a"), "CONNACK DISCONNECT"],
		31: ["reasonString", field("a"), everyAnswer],
		33: ["receiveMaximum", [0, 1], "CONNACK"],
		34: ["topicAliasMaximum", [0, 1], "CONNACK"],
		35: ["topicAlias", [0, 1], "PUBLISH"],
		36: ["maximumQoS", [1], "CONNACK"],
		37: ["retainAvailable", [1], "CONNACK"],
		38: ["userProperties", [...field("a"), ...field("b")], `${everyAnswer} PUBLISH`],
		39: ["maximumPacketSize", [0, 0, 0, 1], "CONNACK"],
		40: ["wildcardSubscriptionAvailable", [1], "CONNACK"],
		41: ["subscriptionIdentifiersAvailable", [1], "CONNACK"],
		42: ["sharedSubscriptionAvailable", [1], "CONNACK"],
	};
	const method = [21, ...field("m")];
	const packets: Record<string, (properties: number[]) => number[]> = {
		CONNACK: connack,
		PUBLISH: (properties) => publish(properties, "t", []),
		...Object.fromEntries(
			[4, 5, 6, 7].map((type) => [
				types.packetNames[type],
				(properties: number[]) => frame((type << 4) | (type === 6 ? 2 : 0), 0, 1, 0, properties.length, properties),
			]),
		),
		SUBACK: (properties) => frame(0x90, 0, 1, properties.length, properties, 0),
		UNSUBACK: (properties) => frame(0xb0, 0, 1, properties.length, properties, 0),
		DISCONNECT: (properties) => frame(0xe0, 0x8b, properties.length, properties),
		AUTH: (properties) => {
			const all = properties[0] === 21 ? properties : [...method, ...properties];
			return frame(0xf0, 0x18, all.length, all);
		},
	};
	const sections: Record<string, string> = {
		CONNACK: "MQTT-3.2.2.3",
		PUBLISH: "MQTT-3.3.2.3",
		SUBACK: "MQTT-3.9.2.1",
		UNSUBACK: "MQTT-3.11.2.1",
		AUTH: "MQTT-3.15.2.2",
	};

	for (const [name, make] of Object.entries(packets)) {
		it(`MQTT-2.2.2.2: ${name} takes those of its table, and no other`, () => {
			for (let id = 0; id < 256; id++) {
				const entry = table[id];
				const bytes = make([id, ...(entry?.[1] ?? [0])]);
				if (entry?.[2].split(" ").includes(name)) {
					const [packet] = run(bytes, { topicAliasMaximum: 1 });
					assert.equal(packet!.type, types.packetNames.indexOf(name), `${entry[0]}: ${packet!.message}`);
				} else if (name === "DISCONNECT" && id === 17)
					refuses(bytes, "MQTT-3.14.2-2", /sessionExpiryInterval is not allowed/, PROTOCOL);
				else if (entry) refuses(bytes, "MQTT-2.2.2.2", new RegExp(`${name}: ${entry[0]} is not allowed in it`));
				else refuses(bytes, "MQTT-2.2.2.2", new RegExp(`${name}: no property has the identifier ${id}`));
			}
		});

		it(`a property twice in ${name} is a protocol error, but for those that may repeat`, () => {
			for (const [id, [property, value, where]] of Object.entries(table)) {
				if (!where.split(" ").includes(name)) continue;
				const bytes = make([Number(id), ...value, Number(id), ...value]);
				if (["userProperties", "subscriptionIdentifier"].includes(property)) {
					assert.equal(run(bytes)[0]!.type, types.packetNames.indexOf(name));
					continue;
				}
				const message = new RegExp(`${name}: ${property} is there twice`);
				refuses(bytes, sections[name] ?? `MQTT-3.${types.packetNames.indexOf(name)}.2.2`, message, PROTOCOL, {
					topicAliasMaximum: 1,
				});
			}
		});
	}

	it("MQTT-2.2.2.1: a property that is cut off by the end of the properties", () => {
		for (const [id, [name, value, where]] of Object.entries(table)) {
			const make = packets[where.split(" ")[0]!];
			if (!make) continue;
			for (let length = 0; length < value.length; length++) {
				const all = [Number(id), ...value.slice(0, length)];
				const expected = name === "authenticationMethod" && make === packets["AUTH"] ? undefined : name;
				refuses(make(all), "MQTT-2.2.2.1", new RegExp(`${expected} does not fit the properties`));
			}
		}
	});

	it("0 where it is forbidden", () => {
		refuses(publish([11, 0]), "MQTT-3.3.2.3", /subscriptionIdentifier 0/, PROTOCOL);
		refuses(connack([33, 0, 0]), "MQTT-3.2.2.3", /receiveMaximum 0/, PROTOCOL);
		refuses(connack([39, 0, 0, 0, 0]), "MQTT-3.2.2.3", /maximumPacketSize 0/, PROTOCOL);
	});

	it("flags that are neither 0 nor 1", () => {
		refuses(publish([1, 2]), "MQTT-3.3.2.3", /payloadFormatIndicator 2/, PROTOCOL);
		for (const id of [36, 37, 40, 41, 42])
			for (const value of [2, 255]) refuses(connack([id, value]), "MQTT-3.2.2.3", / (2|255) /, PROTOCOL);
	});

	it("MQTT-3.3.2-14: a wildcard in the response topic; MQTT-4.7.3-1: an empty one", () => {
		refuses(publish([8, ...field("a/+")]), "MQTT-3.3.2-14", /responseTopic with a wildcard/, PROTOCOL);
		refuses(publish([8, ...field("#")]), "MQTT-3.3.2-14", /responseTopic with a wildcard/, PROTOCOL);
		refuses(publish([8, 0, 0]), "MQTT-4.7.3-1", /responseTopic is empty/, PROTOCOL);
	});

	const illFormed = [[0x80], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]];
	it("MQTT-1.5.4-1, MQTT-1.5.4-2: text that is not UTF-8, or has U+0000, in every text", () => {
		for (const bytes of illFormed) refuses(publish([], bytes), "MQTT-1.5.4-1", /PUBLISH: topic is not UTF-8/);
		refuses(publish([], [0x61, 0]), "MQTT-1.5.4-2", /PUBLISH: topic contains U\+0000/);
		for (const id of [3, 8, 18, 21, 26, 28, 31]) {
			const [name, , where] = table[id]!;
			const make = packets[where.split(" ")[0]!]!;
			for (const bytes of illFormed)
				refuses(make([id, ...field(bytes)]), "MQTT-1.5.4-1", new RegExp(`${name} is not UTF-8`));
			refuses(make([id, ...field([0x61, 0])]), "MQTT-1.5.4-2", new RegExp(`${name} contains U\\+0000`));
		}
		refuses(publish([38, ...field([0xff]), ...field("a")]), "MQTT-1.5.4-1", /userProperties is not UTF-8/);
		refuses(publish([38, ...field("a"), ...field([0xff])]), "MQTT-1.5.4-1", /userProperties is not UTF-8/);
		refuses(publish([38, ...field("a"), ...field([0])]), "MQTT-1.5.4-2", /userProperties contains U\+0000/);
	});

	it("MQTT-1.5.4-3: takes U+FEFF for what it is", () => {
		const [message] = run(publish([3, ...field("\ufeffa")], "\ufeff"));
		assert.equal(message!.topic, "\ufeff");
		assert.deepEqual(message!.properties, { contentType: "\ufeffa" });
	});
});
