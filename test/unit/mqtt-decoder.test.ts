import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BAD, SKIPPED } from "../../modules/mqtt/packet/decoder";
import * as types from "../../modules/mqtt/packet/types";
import { type Read, readPackets } from "../inside/packet-reader";
import { encode, field, frame } from "../support/mqtt-bytes";

/** What comes out of bytes that come in pieces of `size`. Throws what was wrong with them. */
function run(bytes: ArrayLike<number>, size = Number.POSITIVE_INFINITY, window = 512, maximumTopic = 256): Read[] {
	const packets = readPackets(bytes, { window, maximumTopic, pieces: [Math.min(size, bytes.length)], junk: 0xff });
	const last = packets.at(-1);
	if (last?.type === BAD) throw Object.assign(new Error(last.message), last);
	return packets;
}

function refuses(bytes: number[], clause: string, message: RegExp, code = "malformed"): void {
	for (const size of [1, 2, Number.POSITIVE_INFINITY]) {
		assert.throws(
			() => run(bytes, size),
			(error: Read) => {
				assert.equal(error.clause, clause, error.message);
				assert.equal(error.code, code);
				assert.equal(error.reasonCode, undefined);
				assert.match(error.message!, message);
				return true;
			},
		);
	}
}

const sizes = [1, 2, 3, 7, 64, Number.POSITIVE_INFINITY];

describe("MQTT decoder: what a server sends", () => {
	for (const size of sizes) {
		it(`reads every packet type, ${size} byte(s) at a time`, () => {
			const bytes = [
				...encode({ cmd: "connack", returnCode: 0, sessionPresent: true } as never),
				...encode({ cmd: "publish", topic: "a/b", payload: Buffer.from("hi"), retain: true } as never),
				...encode({ cmd: "publish", topic: "é", payload: Buffer.from("x"), qos: 1, messageId: 7, dup: true } as never),
				...encode({ cmd: "publish", topic: "z", payload: Buffer.alloc(0), qos: 2, messageId: 65535 } as never),
				...encode({ cmd: "puback", messageId: 1 } as never),
				...encode({ cmd: "pubrec", messageId: 2 } as never),
				...encode({ cmd: "pubrel", messageId: 3 } as never),
				...encode({ cmd: "pubcomp", messageId: 4 } as never),
				...encode({ cmd: "suback", messageId: 5, granted: [0, 1, 2, 128] } as never),
				...encode({ cmd: "unsuback", messageId: 6 } as never),
				...encode({ cmd: "pingresp" } as never),
			];
			const events = run(bytes, size);
			const plain = events.map(({ fragments: _, ...event }) => event);
			const no = { retain: false, duplicate: false };
			assert.deepEqual(plain, [
				{ type: types.CONNACK, sessionPresent: true, returnCode: 0 },
				{ type: types.PUBLISH, topic: "a/b", QoS: 0, ...no, retain: true, byteLength: 2, payload: [0x68, 0x69] },
				{ type: types.PUBLISH, id: 7, topic: "é", QoS: 1, ...no, duplicate: true, byteLength: 1, payload: [0x78] },
				{ type: types.PUBLISH, id: 65535, topic: "z", QoS: 2, ...no, byteLength: 0, payload: [] },
				{ type: types.PUBACK, id: 1 },
				{ type: types.PUBREC, id: 2 },
				{ type: types.PUBREL, id: 3 },
				{ type: types.PUBCOMP, id: 4 },
				{ type: types.SUBACK, id: 5, codes: [0, 1, 2, 128] },
				{ type: types.UNSUBACK, id: 6 },
				{ type: types.PINGRESP },
			]);
			for (const event of events) if (event.fragments !== undefined) assert.equal(event.fragments, 1);
		});
	}

	it("passes 1 MB through a window of 64 bytes", () => {
		const payload = Buffer.alloc(1_000_000, "0123456789");
		const bytes = encode({ cmd: "publish", topic: "big", payload, qos: 1, messageId: 9 } as never);
		const [message] = run(bytes, 1460, 64);
		assert.equal(message!.byteLength, 1_000_000);
		assert.ok(Buffer.from(message!.payload!).equals(payload));
	});

	it("hands a message that fits the window out in one piece, however it came", () => {
		const bytes = encode({ cmd: "publish", topic: "t", payload: Buffer.alloc(480) } as never);
		for (const size of sizes) assert.equal(run(bytes, size)[0]!.fragments, 1);
	});

	it("is right at every size around the window's", () => {
		for (let size = 40; size < 80; size++) {
			const payload = Buffer.from(Array.from({ length: size }, (_, index) => index));
			const one = encode({ cmd: "publish", topic: "t/o", payload, qos: 1, messageId: 3 } as never);
			const bytes = [...one, ...one, ...encode({ cmd: "pingresp" } as never)];
			for (const piece of [1, 5, 64, 1000]) {
				const events = run(bytes, piece, 64);
				assert.deepEqual(
					events.map((event) => event.type),
					[types.PUBLISH, types.PUBLISH, types.PINGRESP],
				);
				assert.deepEqual(events[1]!.payload, [...payload]);
				if (one.length <= 64) assert.equal(events[1]!.fragments, 1, `${one.length} bytes in one piece`);
				else assert.ok(events[1]!.fragments! > 1);
			}
		}
	});

	it("skips a message whose topic is too long, keeps its identifier, and hears the next", () => {
		for (const QoS of [0, 1, 2]) {
			const long = { cmd: "publish", topic: "x".repeat(2000), payload: Buffer.alloc(3000, 7), qos: QoS, messageId: 77 };
			const bytes = [
				...encode(long as never),
				...encode({ cmd: "publish", topic: "ok", payload: Buffer.from("!") } as never),
			];
			for (const size of [1, 100, Number.POSITIVE_INFINITY]) {
				const [skipped, next] = run(bytes, size);
				assert.deepEqual(skipped, { type: SKIPPED, ...(QoS ? { id: 77 } : {}), QoS, byteLength: 3000 });
				assert.equal(next!.topic, "ok");
			}
		}
	});

	it("skips a message whose topic is none when it is told to be tolerant, says why, and hears the next", () => {
		const message = (topic: string | number[]) => frame(0x32, field(topic), 0, 7, 0x21);
		const long = message("x".repeat(100));
		const stream = [message("a/+"), message([0x61, 0]), message([0xff]), long, message("ok")].flat();
		const skipped = { type: SKIPPED, id: 7, QoS: 1, byteLength: 1 };
		for (const size of [1, 3, 1000]) {
			const packets = readPackets(stream, { tolerant: true, maximumTopic: 50, pieces: [size], junk: 0xff });
			assert.deepEqual(packets.slice(0, 4), [
				{ ...skipped, message: "PUBLISH: wildcard in the topic [MQTT-3.3.2-2]" },
				{ ...skipped, message: "PUBLISH: topic contains U+0000 [MQTT-1.5.3-2]" },
				{ ...skipped, message: "PUBLISH: topic is not UTF-8 [MQTT-1.5.3-1]" },
				skipped,
			]);
			assert.equal(packets[4]!.topic, "ok");
		}
		const noTopic = readPackets(frame(0x30, field("")), { tolerant: true });
		assert.equal(noTopic[0]!.type, BAD);
	});

	it("takes a topic as long as the bound, and skips one byte more", () => {
		const make = (length: number) =>
			encode({ cmd: "publish", topic: "x".repeat(length), payload: Buffer.from("!") } as never);
		assert.equal(run(make(256), 1)[0]!.type, types.PUBLISH);
		assert.equal(run(make(257), 1)[0]!.type, SKIPPED);
		assert.equal(run(make(54), 1, 64)[0]!.type, types.PUBLISH);
		assert.equal(run(make(55), 1, 64)[0]!.type, SKIPPED, "a window of 64 has room for less");
	});
});

describe("MQTT decoder: what is malformed", () => {
	it("MQTT-2.2.1: the reserved packet types", () => {
		refuses([0x00, 0], "MQTT-2.2.1", /reserved type 0/);
		refuses([0xf0, 0], "MQTT-2.2.1", /reserved type 15/);
	});

	it("MQTT-2.2.2-2: reserved flags of every type", () => {
		for (const type of [2, 4, 5, 7, 9, 11, 13])
			for (let flags = 1; flags < 16; flags++)
				refuses([(type << 4) | flags, 2, 0, 1], "MQTT-2.2.2-2", /reserved flags/);
		for (let flags = 0; flags < 16; flags++)
			if (flags !== 2) refuses([0x60 | flags, 2, 0, 1], "MQTT-2.2.2-2", /PUBREL: reserved flags/);
	});

	it("MQTT-2.2.3: a remaining length of more than 4 bytes", () => {
		for (const first of [0x30, 0x20, 0x90]) refuses([first, 0x80, 0x80, 0x80, 0x80, 1], "MQTT-2.2.3", /more than 4/);
	});

	it("MQTT-3.3.1-4: QoS 3", () => refuses([0x36, 5, 0, 1, 0x61, 0, 1], "MQTT-3.3.1-4", /QoS 3/));
	it("MQTT-3.3.1-2: DUP at QoS 0", () => refuses([0x38, 3, 0, 1, 0x61], "MQTT-3.3.1-2", /DUP/));
	it("MQTT-4.7.3-1: an empty topic", () => refuses([0x30, 3, 0, 0, 0x61], "MQTT-4.7.3-1", /empty topic/));
	it("MQTT-2.3.1-1: packet identifier 0", () => {
		refuses([0x32, 5, 0, 1, 0x61, 0, 0], "MQTT-2.3.1-1", /PUBLISH: packet identifier 0/);
		for (const first of [0x40, 0x50, 0x62, 0x70, 0xb0]) refuses([first, 2, 0, 0], "MQTT-2.3.1-1", /identifier 0/);
		refuses([0x90, 3, 0, 0, 0], "MQTT-2.3.1-1", /SUBACK: packet identifier 0/);
		const long = [0x32, 0x94, 3, ...field("x".repeat(400)), 0, 0];
		refuses([...long, ...new Array(8).fill(0)], "MQTT-2.3.1-1", /identifier 0/);
	});

	it("MQTT-3.3.2-2: a wildcard in a PUBLISH topic", () => {
		refuses([0x30, 5, ...field("a/+")], "MQTT-3.3.2-2", /wildcard/);
		refuses([0x30, 3, ...field("#")], "MQTT-3.3.2-2", /wildcard/);
	});

	it("MQTT-1.5.3-2: U+0000 in a topic", () => {
		refuses([0x30, 5, ...field([0x61, 0, 0x62])], "MQTT-1.5.3-2", /U\+0000/);
		refuses([0x30, 3, ...field([0])], "MQTT-1.5.3-2", /U\+0000/);
	});

	it("MQTT-1.5.3-2: U+0000 in a topic, also where strings end at a zero byte, as in XS", () => {
		const whole = String.fromArrayBuffer;
		String.fromArrayBuffer = (buffer, offset = 0, length = buffer.byteLength) => {
			const bytes = new Uint8Array(buffer as ArrayBuffer, offset, length);
			const end = bytes.indexOf(0);
			return whole(buffer, offset, end < 0 ? length : end);
		};
		try {
			const good = [0x30, 4, ...field("ab")];
			assert.equal(run([...good, ...good]).length, 2);
			for (const first of [[], good])
				for (const topic of [[0], [0x61, 0x62, 0], [0x61, 0x62, 0, 0x63]])
					assert.throws(() => run([...first, 0x30, topic.length + 2, ...field(topic)]), /U\+0000/);
		} finally {
			String.fromArrayBuffer = whole;
		}
	});

	const illFormed = {
		"a lone continuation byte": [0x80],
		"a truncated sequence": [0x61, 0xc3],
		"an overlong form of two bytes": [0xc0, 0x80],
		"an overlong form of three bytes": [0xe0, 0x80, 0xaf],
		"an overlong form of four bytes": [0xf0, 0x80, 0x80, 0xaf],
		"a surrogate": [0xed, 0xa0, 0x80],
		"more than U+10FFFF": [0xf4, 0x90, 0x80, 0x80],
		"a byte that UTF-8 does not have": [0xff],
		"a start in place of a continuation": [0xe2, 0x82, 0x41],
	};
	for (const [what, bytes] of Object.entries(illFormed)) {
		it(`MQTT-1.5.3-1: ${what} in a topic`, () =>
			refuses([0x30, bytes.length + 2, ...field(bytes)], "MQTT-1.5.3-1", /not UTF-8/));
	}

	it("MQTT-1.5.3-3: takes U+FEFF for what it is", () => {
		assert.equal(run([0x30, 5, ...field([0xef, 0xbb, 0xbf])])[0]!.topic, "\ufeff");
	});

	it("MQTT-3.3.2-1: a topic that is longer than the packet", () => {
		refuses([0x30, 4, 0, 3, 0x61, 0x62], "MQTT-3.3.2-1", /topic of 3 bytes in a packet of 4/);
		refuses([0x32, 4, 0, 1, 0x61, 0], "MQTT-3.3.2-1", /topic of 1 bytes in a packet of 4/);
		refuses([0x30, 1, 0], "MQTT-3.3.2-1", /too short/);
		refuses([0x30, 0], "MQTT-3.3.2-1", /too short/);
	});

	it("refuses a topic that is too long for its packet as soon as its length is known", () => {
		assert.throws(() => run([0x30, 100, 1, 0]), /a topic of 256 bytes in a packet of 100/);
	});

	it("wrong lengths of acknowledgements", () => {
		for (const [type, name] of [
			[2, "CONNACK"],
			[4, "PUBACK"],
			[5, "PUBREC"],
			[6, "PUBREL"],
			[7, "PUBCOMP"],
			[11, "UNSUBACK"],
		] as const) {
			const first = (type << 4) | (type === 6 ? 2 : 0);
			for (const length of [0, 1, 3])
				refuses(
					[first, length, 0, 1, 0].slice(0, 2 + length),
					`MQTT-3.${type}.1`,
					new RegExp(`^${name}: ${length} bytes`),
				);
		}
		refuses([0xd0, 1, 0], "MQTT-3.13.1", /PINGRESP: 1 bytes, expected 0/);
		refuses([0x90, 2, 0, 1], "MQTT-3.9.3-1", /SUBACK: 2 bytes/);
	});

	it("takes a SUBACK of as many codes as the window has room for, and refuses one more", () => {
		const suback = (count: number) => [0x90, 2 + count, 0, 1, ...new Array(count).fill(1)];
		assert.equal(run(suback(57), 1, 64)[0]!.codes!.length, 57);
		assert.throws(() => run(suback(58), 1, 64), /SUBACK: 60 bytes are more than expected/);
	});

	it("refuses an acknowledgement of 200 MB before any of it is kept", () => {
		refuses([0x40, 0xff, 0xff, 0xff, 0x7f], "MQTT-3.4.1", /268435455 bytes, expected 2/);
		refuses([0x90, 0xff, 0xff, 0xff, 0x7f], "MQTT-4.8.0-1", /more than expected/);
	});

	it("MQTT-3.9.3-2: reserved return codes of SUBACK", () => {
		for (const code of [3, 0x7f, 0x81, 0xff]) refuses([0x90, 3, 0, 1, code], "MQTT-3.9.3-2", /return code/);
	});

	it("MQTT-3.2.2-1, MQTT-3.2.2-4: wrong flags of CONNACK", () => {
		refuses([0x20, 2, 2, 0], "MQTT-3.2.2-1", /CONNACK: flags 2/);
		refuses([0x20, 2, 1, 5], "MQTT-3.2.2-4", /session present/);
	});

	it("MQTT-4.8.0-1: packets that only a client sends", () => {
		for (const first of [0x10, 0x82, 0xa2, 0xc0, 0xe0])
			refuses([first, 0], "MQTT-4.8.0-1", /from a server/, "protocol");
	});
});
