/** The packet layer inside XS, whose strings and typed arrays are not those of Node.js. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { Event } from "../inside/operations";
import { type Read, type Reading, readPackets, WRITE } from "../inside/packet-reader";
import { type Writing, writePacket } from "../inside/packet-writer";
import { Inside, insideRom } from "../support/inside";
import {
	bytes,
	filter,
	identifier,
	pieces,
	properties,
	runs,
	sent,
	serverPacket,
	text,
	topic,
} from "../support/mqtt-arbitraries";
import { encode, field, frame } from "../support/mqtt-bytes";

const rom = insideRom("packet");
const machines: Inside[] = [];
function machine(heap: number): Inside {
	const inside = new Inside(rom, heap);
	machines.push(inside);
	return inside;
}
after(() => {
	for (const { machine } of machines) machine.close();
	rom.close();
});

describe("MQTT packets inside XS", () => {
	const inside = machine(4_000_000);

	/** What the decoder in XS makes of some bytes. */
	function read(stream: number[], reading: Reading): Read[] {
		inside.send(Event.prepare, JSON.stringify(reading));
		inside.arrive(Uint8Array.from(stream));
		return JSON.parse(inside.told.pop()!) as Read[];
	}

	const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
	for (const version of [4, 5] as const) {
		it(`are read as in Node.js, whole or with some bytes changed, ${version === 5 ? "5.0" : "3.1.1"}`, () => {
			fc.assert(
				fc.property(
					fc.array(serverPacket(version, 40, 80), { minLength: 1, maxLength: 3 }),
					fc.array(change, { maxLength: 3 }),
					pieces,
					fc.integer({ min: 64, max: 300 }),
					(samples, changes, pieces, window) => {
						const stream = samples.flatMap(({ oracle }) => [...encode(oracle as never, version)]);
						for (const [place, value] of changes) stream[place % stream.length] = value;
						const reading = { version, pieces, window, topicAliasMaximum: 2 };
						assert.deepEqual(read(stream, reading), JSON.parse(JSON.stringify(readPackets(stream, reading))));
					},
				),
				runs(1000),
			);
		});
	}

	it("text is strict where XS is lax", () => {
		const texts: [number[], RegExp | string][] = [
			[[0x61, 0, 0x62], /U\+0000/],
			[[0xc0, 0x80], /not UTF-8/],
			[[0xed, 0xa0, 0x80], /not UTF-8/],
			[[0xf4, 0x90, 0x80, 0x80], /not UTF-8/],
			[[0xf5, 0x80, 0x80, 0x80], /not UTF-8/],
			[[0xff, 0x80, 0x80, 0x80], /not UTF-8/],
			[[0xc1, 0x81], /not UTF-8/],
			[[0xe0, 0x80, 0xaf], /not UTF-8/],
			[[0xf0, 0x80, 0x80, 0xaf], /not UTF-8/],
			[[0x80], /not UTF-8/],
			[[0xff], /not UTF-8/],
			[[0xf0, 0x9f, 0xa6, 0x97], "\u{1f997}"],
			[[0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
		];
		for (const [bytes, expected] of texts) {
			for (const version of [4, 5] as const) {
				const tail = version === 5 ? [0] : [];
				const [, second] = read([...frame(0x30, field("a"), tail), ...frame(0x30, field(bytes), tail)], { version });
				if (typeof expected === "string") assert.equal(second!.topic, expected);
				else assert.match(second!.message!, expected);
			}
		}
	});

	it("an alias of 65,535 takes no more room than one of 1", () => {
		const small = machine(200_000);
		const alias = [3, 35, 0xff, 0xff];
		const stream = [...frame(0x30, field("far"), alias), ...frame(0x30, field(""), alias)];
		small.send(Event.prepare, JSON.stringify({ version: 5, topicAliasMaximum: 65_535 }));
		small.arrive(Uint8Array.from(stream));
		assert.deepEqual(
			(JSON.parse(small.told.pop()!) as Read[]).map(({ topic }) => topic),
			["far", "far"],
		);
	});

	it("are written as in Node.js", () => {
		// Also what no packet can carry: both have to refuse it in the same words.
		const any = fc.oneof(
			{ arbitrary: text(20), weight: 4 },
			fc.string({ unit: "binary", maxLength: 6 }),
			fc.constantFrom("\ud800", "a\udfff"),
		);
		const writings = fc.record({
			what: fc.constantFrom("connect", "publish", "subscribe", "puback"),
			version: fc.constantFrom(4, 5),
			id: fc.oneof({ arbitrary: identifier, weight: 8 }, fc.constantFrom(0, 65_536)),
			topic: fc.oneof({ arbitrary: topic(20), weight: 4 }, any),
			text: any,
			data: bytes(40).map((data) => [...data]),
			QoS: fc.constantFrom(0, 1, 2),
			items: fc.array(
				fc.record({ topic: fc.oneof({ arbitrary: filter, weight: 4 }, any), QoS: fc.constantFrom(0, 1, 2) }),
				{
					maxLength: 3,
				},
			),
			properties: properties(sent.PUBLISH.replace(" correlationData", "")),
		}) as fc.Arbitrary<Writing>;
		fc.assert(
			fc.property(writings, (writing) => {
				if (writing.what !== "publish") writing.properties = undefined;
				inside.send(WRITE, JSON.stringify(writing));
				assert.deepEqual(JSON.parse(inside.told.pop()!), writePacket(writing));
			}),
			runs(1500),
		);
	});
});

describe("What reading a packet costs inside XS", () => {
	/** Compute units and slots of one `next`. */
	function cost(packet: object, version: 4 | 5): { units: number; slots: number } {
		const inside = machine(4_000_000);
		inside.send(Event.grow);
		inside.send(Event.prepare, JSON.stringify({ version }));
		inside.arrive(encode(packet as never, version), Event.record);
		inside.collected();
		const measure = (event: number) => {
			for (let count = 0; count < 4; count++) inside.send(event, 0);
			const before = inside.machine.statistics();
			for (let count = 0; count < 16; count++) inside.send(event, 0);
			const after = inside.machine.statistics();
			return { units: (after.compute - before.compute) / 16, slots: (after.slots - before.slots) / 16 / 16 };
		};
		const nothing = measure(Event.nothing);
		const all = measure(Event.run);
		return { units: all.units - nothing.units, slots: all.slots - nothing.slots };
	}

	const topic = "casa/sala/led/onboard/set/abc";
	const payload = Buffer.from("ON");
	// What it took when this was written, and a little more: whoever makes it dearer shall know.
	const bounds: [what: string, packet: object, version: 4 | 5, units: number][] = [
		["a message at QoS 0", { cmd: "publish", topic, payload }, 4, 240],
		["a message at QoS 1", { cmd: "publish", topic, payload, qos: 1, messageId: 5 }, 4, 275],
		["a message of 200 bytes", { cmd: "publish", topic, payload: Buffer.alloc(200) }, 4, 275],
		["a PUBACK", { cmd: "puback", messageId: 5 }, 4, 160],
		["a PUBREC", { cmd: "pubrec", messageId: 5 }, 4, 165],
		["a message at QoS 0", { cmd: "publish", topic, payload }, 5, 560],
		["a PUBACK", { cmd: "puback", messageId: 5, reasonCode: 0 }, 5, 390],
	];
	for (const [what, packet, version, units] of bounds)
		it(`${what} of ${version === 5 ? "5.0" : "3.1.1"}: at most ${units} units and no slot`, () => {
			const taken = cost(packet, version);
			assert.ok(taken.units <= units, `${taken.units} units`);
			assert.equal(taken.slots, 0);
		});
});
