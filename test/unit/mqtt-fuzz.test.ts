/**
 * Property tests of the packet layer: our encoder against our decoder, and both against the oracle `mqtt-packet` 9.0.2, in both
 * versions and however the bytes are cut. `FUZZ=100 npm test -- mqtt-fuzz` makes a hundred times as many runs as CI, and
 * `FUZZ_SEED=...` replays a run that failed.
 *
 * Where the oracle is lax it is no oracle, and the tables of mqtt-decoder*.test.ts are: it takes properties twice and in any packet,
 * property lengths beyond the packet, ill-formed UTF-8 and U+0000, packet identifier and topic alias 0, wildcards in topics, lengths
 * that are not in their shortest form, and bytes behind the end of a packet's content. Where it is wrong, a test below says so.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BAD, SKIPPED } from "../../modules/mqtt/packet/decoder";
import {
	encodeAcknowledgement,
	encodeAuth,
	encodeConnect,
	encodeDisconnect,
	encodePublish,
	encodeSubscribe,
	stampPublish,
} from "../../modules/mqtt/packet/encoder";
import { encodeProperties, type Properties } from "../../modules/mqtt/packet/properties";
import { encodeTopic } from "../../modules/mqtt/packet/topic";
import * as types from "../../modules/mqtt/packet/types";
import { type Read, readPackets } from "../inside/packet-reader";
import {
	bytes,
	filter,
	identifier,
	oracleProperties,
	pieces,
	properties,
	runs,
	type Sample,
	sent,
	serverPacket,
	text,
	topic,
} from "../support/mqtt-arbitraries";
import { decode, encode, field, frame } from "../support/mqtt-bytes";

const versions = [4, 5] as const;
const QoS = fc.constantFrom(0, 1, 2) as fc.Arbitrary<types.QoS>;

function withoutFragments(packets: Read[]): Read[] {
	for (const packet of packets) delete packet.fragments;
	return packets;
}

/** What is known of a packet whose topic or properties do not fit the window. */
function reduced(read: Read): Read {
	if (read.type === types.PUBLISH) {
		const { id, QoS, byteLength } = read;
		return { type: SKIPPED, ...(id === undefined ? {} : { id }), QoS: QoS!, byteLength: byteLength! };
	}
	const { properties, ...rest } = read;
	const numbers = Object.entries(properties ?? {}).filter(
		([, value]) => typeof value === "number" || typeof value === "boolean",
	);
	return numbers.length > 0 ? { ...rest, properties: Object.fromEntries(numbers) } : rest;
}

for (const version of versions) {
	const name = version === 5 ? "5.0" : "3.1.1";
	const encoded = ({ oracle }: Sample) => encode(oracle as never, version);

	describe(`MQTT ${name}: what the oracle writes, our decoder reads`, () => {
		it("the same, however it is cut", () => {
			const streams = fc.array(serverPacket(version), { minLength: 1, maxLength: 5 });
			fc.assert(
				fc.property(streams, pieces, fc.integer({ min: 400, max: 700 }), (samples, pieces, window) => {
					const stream = samples.flatMap((sample) => [...encoded(sample)]);
					const packets = readPackets(stream, { version, window, pieces, junk: 0xff });
					assert.deepEqual(
						withoutFragments(packets),
						samples.map(({ read }) => read),
					);
				}),
				runs(1500),
			);
		});

		it("and what does not fit a small window is skipped, and nothing else", () => {
			const streams = fc.array(serverPacket(version, 80, 150), { minLength: 1, maxLength: 4 });
			fc.assert(
				fc.property(streams, pieces, fc.integer({ min: 32, max: 160 }), (samples, pieces, window) => {
					const parts = samples.map(encoded);
					const stream = parts.flatMap((part) => [...part]);
					const packets = withoutFragments(readPackets(stream, { version, window, pieces, junk: 0xff }));
					assert.equal(packets.length, samples.length);
					const room = window - (version === 5 ? 14 : 10);
					for (const [index, { read }] of samples.entries()) {
						const length = parts[index]!.length;
						const payload = read.type === types.PUBLISH ? read.byteLength! : 0;
						const topic = new TextEncoder().encode(read.topic ?? "").length;
						const fits = topic <= room && (length <= window || (payload > 0 && length - payload < window));
						assert.deepEqual(packets[index], fits ? read : reduced(read));
					}
				}),
				runs(1000),
			);
		});
	});

	describe(`MQTT ${name}: our encoder against our decoder`, () => {
		const given = (names: string) => (version === 5 ? properties(names) : fc.constant(undefined));

		it("PUBLISH", () => {
			const messages = fc.tuple(
				topic(40),
				bytes(300),
				QoS,
				fc.boolean(),
				fc.boolean(),
				identifier,
				given(sent.PUBLISH),
			);
			fc.assert(
				fc.property(messages, pieces, ([name, payload, QoS, retain, again, id, given], pieces) => {
					// A server's, which has no alias here; its topic has to be there.
					const { topicAlias: _, ...properties } = given ?? {};
					const part = version === 5 ? encodeProperties(properties, types.PUBLISH) : undefined;
					const packet = encodePublish(encodeTopic(name, version), payload, QoS, retain, part);
					if (QoS > 0) stampPublish(packet, id, again);
					const [read, ...rest] = withoutFragments(readPackets(packet, { version, pieces, window: 512 }));
					assert.deepEqual(rest, []);
					assert.deepEqual(read, {
						type: types.PUBLISH,
						...(QoS > 0 ? { id } : {}),
						QoS,
						byteLength: payload.length,
						topic: name,
						retain,
						duplicate: QoS > 0 && again,
						payload: [...payload],
						...(Object.keys(properties).length > 0 ? { properties: plain(properties) } : {}),
					});
				}),
				runs(700),
			);
		});

		it("acknowledgements", () => {
			const acks = fc.tuple(fc.constantFrom(4, 5, 6, 7), identifier, fc.boolean(), given(sent.acknowledgement));
			fc.assert(
				fc.property(acks, pieces, ([type, id, fails, given], pieces) => {
					const reasonCode = version === 4 || !fails ? 0 : type < 6 ? 0x97 : 0x92;
					const packet = encodeAcknowledgement(type as 4, id, reasonCode, given);
					const reason = version === 5 ? { reasonCode } : {};
					const expected = { type, id, ...reason, ...(given ? { properties: plain(given) } : {}) };
					assert.deepEqual(readPackets(packet, { version, pieces }), [expected]);
				}),
				runs(500),
			);
		});
	});

	describe(`MQTT ${name}: what our encoder writes, the oracle reads`, () => {
		const given = (names: string) => (version === 5 ? properties(names) : fc.constant(undefined));
		const one = (packet: Uint8Array) => {
			const packets = decode(packet, version);
			assert.equal(packets.length, 1);
			return packets[0];
		};
		const same = (theirs: Record<string, unknown> | undefined, ours: Properties | undefined) =>
			assert.deepEqual(comparable(theirs), ours && comparable(oracleProperties(ours)));

		it("CONNECT", () => {
			const will = fc.record({
				topic: topic(20),
				message: bytes(40),
				QoS,
				retain: fc.boolean(),
				properties: given(sent.WILL),
			});
			const connects = fc.record({
				id: text(23).map((id) => id || "id"),
				clean: fc.boolean(),
				keepAlive: fc.integer({ min: 0, max: 65_535 }),
				user: fc.option(text(20), { nil: undefined }),
				password: fc.option(bytes(20), { nil: undefined }),
				will: fc.option(will, { nil: undefined }),
				properties: given(sent.CONNECT),
			});
			fc.assert(
				fc.property(connects, (options) => {
					if (!options.user && version === 4) delete options.password;
					const packet = one(encodeConnect({ ...options, version }));
					const { id, clean, keepAlive, user, password, will } = options;
					assert.equal(packet.protocolId, "MQTT");
					assert.equal(packet.protocolVersion, version);
					assert.equal(packet.clientId, id);
					assert.equal(packet.clean, clean);
					assert.equal(packet.keepalive, keepAlive);
					assert.equal(packet.username, user || undefined);
					assert.deepEqual(packet.password && [...packet.password], password && [...password]);
					same(packet.properties, options.properties);
					assert.equal(packet.will === undefined, will === undefined);
					if (!will) return;
					assert.equal(packet.will.topic, will.topic);
					assert.deepEqual([...packet.will.payload], [...will.message]);
					assert.equal(packet.will.qos, will.QoS);
					assert.equal(packet.will.retain, will.retain);
					same(packet.will.properties, will.properties);
				}),
				runs(700),
			);
		});

		it("PUBLISH", () => {
			const messages = fc.tuple(topic(40), bytes(300), QoS, fc.boolean(), identifier, given(sent.PUBLISH));
			fc.assert(
				fc.property(messages, ([name, payload, QoS, retain, id, given]) => {
					const part = version === 5 ? encodeProperties(given, types.PUBLISH) : undefined;
					const packet = encodePublish(encodeTopic(name, version), payload, QoS, retain, part);
					if (QoS > 0) stampPublish(packet, id, false);
					const read = one(packet);
					assert.equal(read.topic, name);
					assert.deepEqual([...read.payload], [...payload]);
					assert.deepEqual([read.qos, read.retain, read.dup], [QoS, retain, false]);
					assert.equal(read.messageId, QoS > 0 ? id : undefined);
					same(read.properties, given);
				}),
				runs(500),
			);
		});

		it("SUBSCRIBE and UNSUBSCRIBE", () => {
			const item = fc.record({
				topic: filter,
				QoS,
				noLocal: version === 5 ? fc.boolean() : fc.constant(false),
				retainAsPublished: version === 5 ? fc.boolean() : fc.constant(false),
				retainHandling: version === 5 ? fc.constantFrom(0, 1, 2) : fc.constant(0),
			});
			const items = fc.array(item, { minLength: 1, maxLength: 5 });
			fc.assert(
				fc.property(identifier, items, given(sent.SUBSCRIBE), given(sent.UNSUBSCRIBE), (id, items, first, second) => {
					const subscribe = one(encodeSubscribe(types.SUBSCRIBE, id, items, version, first));
					assert.equal(subscribe.messageId, id);
					const expected = items.map(({ topic, QoS, noLocal: nl, retainAsPublished: rap, retainHandling: rh }) => ({
						topic,
						qos: QoS,
						...(version === 5 ? { nl, rap, rh } : {}),
					}));
					assert.deepEqual(subscribe.subscriptions, expected);
					same(subscribe.properties, first);
					const unsubscribe = one(encodeSubscribe(types.UNSUBSCRIBE, id, items, version, second));
					assert.deepEqual(
						unsubscribe.unsubscriptions,
						items.map(({ topic }) => topic),
					);
					same(unsubscribe.properties, second);
				}),
				runs(400),
			);
		});

		it("acknowledgements", () => {
			const acks = fc.tuple(fc.constantFrom(4, 5, 6, 7), identifier, fc.boolean(), given(sent.acknowledgement));
			fc.assert(
				fc.property(acks, ([type, id, fails, given]) => {
					const reasonCode = version === 4 || !fails ? 0 : type < 6 ? 0x97 : 0x92;
					const read = one(encodeAcknowledgement(type as 4, id, reasonCode, given));
					assert.equal(read.cmd, types.packetNames[type]!.toLowerCase());
					assert.equal(read.messageId, id);
					if (version === 5) assert.equal(read.reasonCode, reasonCode);
					same(read.properties, given);
				}),
				runs(400),
			);
		});

		if (version === 5) {
			it("DISCONNECT and AUTH", () => {
				fc.assert(
					fc.property(
						fc.constantFrom(0, 4, 0x81, 0x94, 0x99),
						given(sent.DISCONNECT),
						fc.constantFrom(0x18, 0x19),
						given(sent.AUTH),
						(reason, first, step, second) => {
							const disconnect = one(encodeDisconnect(reason, first));
							assert.equal(disconnect.reasonCode, reason);
							same(disconnect.properties, first);
							const exchange = { authenticationMethod: "m", ...second };
							const auth = one(encodeAuth(step, exchange));
							assert.equal(auth.reasonCode, step);
							same(auth.properties, exchange);
						},
					),
					runs(300),
				);
			});
		}
	});

	describe(`MQTT ${name}: bytes that are no MQTT`, () => {
		/** The outcome may depend neither on how bytes are cut, nor on what lies behind them in the window. */
		const outcome = (stream: number[], window: number, first: number[], second: number[]): Read[] => {
			const reading = { version, window, topicAliasMaximum: 2, maximumTopic: 100 };
			const whole = withoutFragments(readPackets(stream, { ...reading, pieces: first, junk: 0 }));
			const cut = withoutFragments(readPackets(stream, { ...reading, pieces: second, junk: 0xff }));
			// Of a message that is not over, as much is there as came.
			assert.deepEqual(cut, whole);
			return whole;
		};
		const windows = fc.integer({ min: 32, max: 300 });

		it("packets, some bytes of which were changed: packets or BAD, the same however they are cut", () => {
			const changes = fc.array(
				fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom("set", "insert", "remove")),
				{
					minLength: 1,
					maxLength: 4,
				},
			);
			let refused = 0;
			let count = 0;
			fc.assert(
				fc.property(
					fc.array(serverPacket(version, 40, 60), { minLength: 1, maxLength: 3 }),
					changes,
					windows,
					pieces,
					(samples, changes, window, pieces) => {
						const stream = samples.flatMap((sample) => [...encoded(sample)]);
						for (const [place, value, how] of changes) {
							const at = place % (stream.length + 1);
							if (how === "set") stream[Math.min(at, stream.length - 1)] = value;
							else if (how === "insert") stream.splice(at, 0, value);
							else if (stream.length > 1) stream.splice(at, 1);
						}
						count++;
						if (outcome(stream, window, [1], pieces).at(-1)?.type === BAD) refused++;
					},
				),
				runs(4000),
			);
			assert.ok(refused > count / 4, `${refused} of ${count} refused`);
		});

		it("random bytes behind the first byte of a packet", () => {
			const firsts = [0x20, 0x30, 0x32, 0x3d, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0];
			fc.assert(
				fc.property(
					fc.array(fc.tuple(fc.constantFrom(...firsts), bytes(40)), { minLength: 1, maxLength: 4 }),
					windows,
					pieces,
					(parts, window, pieces) => {
						const stream = parts.flatMap(([first, body]) => frame(first, [...body]));
						outcome(stream, window, [stream.length], pieces);
					},
				),
				runs(3000),
			);
		});

		it("random bytes", () => {
			fc.assert(
				fc.property(bytes(200), windows, pieces, (stream, window, pieces) => {
					outcome([...stream], window, [200], pieces);
				}),
				runs(2000),
			);
		});
	});
}

describe("MQTT 5.0: topic aliases against a model", () => {
	it("stand for what a server last said, also when that did not fit", () => {
		const steps = fc.array(
			fc.record({ alias: fc.integer({ min: 0, max: 3 }), topic: fc.option(topic(60), { nil: "" }), data: bytes(60) }),
			{ minLength: 1, maxLength: 12 },
		);
		fc.assert(
			fc.property(steps, pieces, fc.integer({ min: 40, max: 120 }), (steps, pieces, window) => {
				const known = new Map<number, string | null>();
				const expected: (string | null)[] = [];
				const stream: number[] = [];
				const maximumTopic = Math.min(50, window - 14);
				for (const { alias, topic, data } of steps) {
					if (topic === "" && !known.has(alias)) continue;
					const own = [...new TextEncoder().encode(topic)];
					const properties = [...(data.length > 0 ? [9, ...field([...data])] : []), ...(alias ? [35, 0, alias] : [])];
					const packet = frame(0x30, field(own), properties.length, properties);
					stream.push(...packet);
					const name = topic === "" ? known.get(alias)! : own.length > maximumTopic ? null : topic;
					if (alias) known.set(alias, name);
					expected.push(packet.length <= window ? name : null);
				}
				const packets = readPackets(stream, {
					version: 5,
					window,
					maximumTopic: 50,
					topicAliasMaximum: 3,
					pieces,
					junk: 0xff,
				});
				assert.deepEqual(
					packets.map(({ type, topic }) => (type === types.PUBLISH ? topic : type === SKIPPED ? null : type)),
					expected,
				);
			}),
			runs(1000),
		);
	});
});

describe("what the oracle does wrong", () => {
	it("it takes a byte of the next packet for the reason of a DISCONNECT that has none", () => {
		const stream = [...frame(0xe0), ...frame(0xd0)];
		assert.throws(() => decode(Uint8Array.from(stream), 5), /Invalid disconnect reason code/);
		assert.deepEqual(
			readPackets(stream, { version: 5 }).map(({ type, reasonCode }) => [type, reasonCode]),
			[
				[types.DISCONNECT, 0],
				[types.PINGRESP, undefined],
			],
		);
	});

	it("it reads properties beyond the end of their packet", () => {
		const stream = [...frame(0x30, field("t"), 5, 2, 0, 0), ...frame(0x30, field("u"), 0)];
		assert.equal(decode(Uint8Array.from(stream), 5)[0].properties.messageExpiryInterval, 0x3004);
		assert.equal(readPackets(stream, { version: 5 })[0]!.clause, "MQTT-2.2.2.1");
	});

	it("it loses a user property with an empty value when its name comes again", () => {
		const userProperties = [
			["a", ""],
			["a", "b"],
		] as const;
		const packet = encodeAcknowledgement(types.PUBACK, 1, 0, { userProperties });
		assert.deepEqual({ ...decode(packet, 5)[0].properties.userProperties }, { a: "b" });
		assert.deepEqual(readPackets(packet, { version: 5 })[0]!.properties, { userProperties });
	});

	it("it knows no reason 0x8C (bad authentication method) of DISCONNECT, which table 2-6 of the standard has", () => {
		const stream = frame(0xe0, 0x8c, 0);
		assert.throws(() => decode(Uint8Array.from(stream), 5), /Invalid disconnect reason code/);
		assert.equal(readPackets(stream, { version: 5 })[0]!.reasonCode, 0x8c);
	});

	it("it refuses to write a password without a user, and an empty identifier of a session that is kept, which 5.0 allows", () => {
		const connect = { cmd: "connect", protocolVersion: 5, clientId: "c", clean: true, keepalive: 0 };
		assert.throws(() => encode({ ...connect, password: "p" } as never), /Username is required/);
		assert.throws(() => encode({ ...connect, clientId: "", clean: false } as never), /clientId must be given/);
	});
});

/** Properties in values that compare: bytes as numbers, no prototypes. */
function plain(given: Properties): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(given).map(([name, value]) => [
			name,
			ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value,
		]),
	);
}

/** The same of the oracle, in which a list of one is its only value. It loses empty values before others of the same name. */
function comparable(given: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
	if (given === undefined) return undefined;
	const result = plain(given as Properties);
	const pairs = result["userProperties"] as Record<string, string | string[]> | undefined;
	if (pairs)
		result["userProperties"] = Object.entries(pairs).map(([name, value]) => {
			const values = [value].flat();
			while (values.length > 1 && values[0] === "") values.shift();
			return [name, values];
		});
	return result;
}
