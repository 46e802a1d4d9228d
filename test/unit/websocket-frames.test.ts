/** RFC 6455 §5 and §8.1: what the WebSocket client makes of a server's frames, on an in-memory socket. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import WebSocketClient from "../../hosts/shared/embedded/network/websocket/client";
import { clock } from "../support/clock";
import { FakeTCP } from "../support/fake-tcp";
import { closeFrame, type FrameParts, frame, fresh, over, parseFrames, WebSocketBench } from "../support/websocket";

beforeEach(fresh);

const MASK = [1, 2, 3, 4];
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) & 255);

/** Numbers that repeat. */
function sequence(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

describe("WebSocket frames: messages", () => {
	for (const length of [0, 1, 125, 126, 127, 511, 512, 513, 65_535, 65_536, 200_000]) {
		it(`a message of ${length} bytes comes in parts that fit the window, however the network cut it`, () => {
			const payload = bytes(length);
			for (const size of length > 1000 ? [700, 50_000] : [1, 2, 5, Number.POSITIVE_INFINITY]) {
				fresh();
				const bench = new WebSocketBench().connect();
				bench.say([...frame(payload), ...frame("next")], size);
				assert.deepEqual(bench.errors, []);
				const messages = bench.messages();
				assert.equal(messages.length, 2);
				assert.ok(messages[0]!.bytes.equals(payload));
				assert.equal(messages[0]!.binary, true);
				assert.equal(messages[1]!.bytes.toString(), "next");
				assert.equal(clock.pending, 0, "what is read at once needs no timer");
				for (const part of bench.parts) assert.ok(part.count <= 512);
			}
		});
	}

	it("a fragmented message is one message; empty fragments are nothing; control frames may stand between", () => {
		for (const size of [1, 3, Number.POSITIVE_INFINITY]) {
			fresh();
			const bench = new WebSocketBench().connect();
			const stream = [
				...frame("ab", { final: false }),
				...frame("p1", { opcode: 9 }),
				...frame("", { opcode: 0, final: false }),
				...frame("cd", { opcode: 0, final: false }),
				...frame("p2", { opcode: 10 }),
				...frame("", { opcode: 0 }),
				...frame("", { opcode: 1 }),
				...frame("e", { opcode: 1 }),
			];
			bench.say(stream, size);
			assert.deepEqual(
				bench.messages().map(({ bytes, binary }) => [bytes.toString(), binary]),
				[
					["abcd", true],
					["", false],
					["e", false],
				],
			);
			assert.deepEqual(
				bench.control.map(({ opcode, payload }) => [opcode, payload.toString()]),
				[
					[9, "p1"],
					[10, "p2"],
				],
			);
			const [pong, ...rest] = bench.sent();
			assert.deepEqual([pong!.opcode, pong!.payload.toString(), rest.length], [10, "p1", 0]);
		}
	});

	it("any stream of right frames is understood as it was meant, cut anywhere", () => {
		const random = sequence(7);
		const words = [
			"a",
			"\u00e9",
			"\u20ac",
			"\u{1f9a2}",
			"\0",
			"\uffff",
			"\u{10ffff}",
			"\ud7ff",
			"\ue000",
			"x".repeat(90),
		];
		for (let round = 0; round < 200; round++) {
			fresh();
			const bench = new WebSocketBench().connect();
			const expected: [boolean, string][] = [];
			const stream: number[] = [];
			for (let message = 0; message < 5; message++) {
				const binary = random(2) === 0;
				let payload = Buffer.from(
					binary ? bytes(random(1200)) : Array.from({ length: random(40) }, () => words[random(words.length)]).join(""),
				);
				expected.push([binary, payload.toString("latin1")]);
				for (let opcode = binary ? 2 : 1; ; opcode = 0) {
					const count = Math.min(payload.length, random(200));
					const final = count === payload.length;
					stream.push(...frame(payload.subarray(0, count), { opcode, final }));
					if (random(3) === 0) stream.push(...frame(bytes(random(126)), { opcode: 9 + random(2) }));
					payload = payload.subarray(count);
					if (final) break;
				}
			}
			const size = 1 + random(round % 2 ? 10 : 1000);
			bench.say(stream, size);
			assert.deepEqual(bench.errors, [], `round ${round}`);
			const heard = bench.messages().map(({ binary, bytes }) => [binary, bytes.toString("latin1")]);
			assert.deepEqual(heard, expected, `round ${round}`);
			for (const part of bench.parts) if (!part.binary) new TextDecoder("utf-8", { fatal: true }).decode(part.bytes);
		}
	});

	it("without onReadable messages wait to be read, as with a TCP socket", () => {
		const bench = new WebSocketBench({ onReadable: undefined }).connect();
		bench.say([...frame("ab"), ...frame("x", { opcode: 9 }), ...frame("c")]);
		assert.equal(Buffer.from(bench.client.read() as ArrayBuffer).toString(), "ab");
		assert.equal(bench.client.read(), undefined);
		clock.advance(0);
		assert.equal(bench.sent()[0]!.payload.toString(), "x");
		assert.equal(Buffer.from(bench.client.read() as ArrayBuffer).toString(), "c");
	});
});

describe("WebSocket frames: what a server must not send", () => {
	const text = (...values: number[]) => frame(values, { opcode: 1 });
	const wrongs: [string, number[], number, RegExp][] = [
		["RSV1", frame("x", { reserved: 4 }), 1002, /reserved bit/],
		["RSV2", frame("x", { reserved: 2 }), 1002, /reserved bit/],
		["RSV3 in a control frame", frame("x", { reserved: 1, opcode: 9 }), 1002, /reserved bit/],
		...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number[], number, RegExp] => [
			`opcode ${opcode}`,
			frame("x", { opcode }),
			1002,
			new RegExp(`opcode ${opcode} is unknown`),
		]),
		["a mask", frame("x", { mask: MASK }), 1002, /masked/],
		["a mask on a Ping", frame("x", { opcode: 9, mask: MASK }), 1002, /masked/],
		["a continuation of nothing", frame("x", { opcode: 0 }), 1002, /continuation of no message/],
		["a continuation after the end", [...frame("x"), ...frame("x", { opcode: 0 })], 1002, /continuation of no message/],
		["a message within a message", [...frame("x", { final: false }), ...frame("y")], 1002, /within another/],
		["a text within a message", [...frame("x", { final: false }), ...text(65)], 1002, /within another/],
		["a fragmented Ping", frame("x", { opcode: 9, final: false }), 1002, /control frame is fragmented/],
		["a fragmented Close", frame("", { opcode: 8, final: false }), 1002, /control frame is fragmented/],
		["a Ping of 126 bytes", frame(bytes(126), { opcode: 9 }), 1002, /longer than 125/],
		[
			"a Ping that says 8 bytes of length",
			frame("", { opcode: 9, lengthSize: 8, length: 1n }),
			1002,
			/longer than 125/,
		],
		["125 in two bytes", frame(bytes(125), { lengthSize: 2 }), 1002, /more bytes than it needs/],
		["0 in two bytes", frame("", { lengthSize: 2 }), 1002, /more bytes than it needs/],
		["65535 in eight bytes", frame(bytes(10), { lengthSize: 8, length: 65535n }), 1002, /more bytes than it needs/],
		["a length of 2^63", frame("", { lengthSize: 8, length: 1n << 63n }), 1002, /highest bit/],
		["a length of 2^64 - 1", frame("", { lengthSize: 8, length: (1n << 64n) - 1n }), 1002, /highest bit/],
		[
			"a length of 2^63 - 1",
			frame("", { lengthSize: 8, length: (1n << 63n) - 1n }),
			1009,
			/longer than can be counted/,
		],
		["a length of 2^53", frame("", { lengthSize: 8, length: 1n << 53n }), 1009, /longer than can be counted/],
		["a Close of one byte", frame([3], { opcode: 8 }), 1002, /half a status code/],
		...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map((code): [string, number[], number, RegExp] => [
			`a Close with code ${code}`,
			closeFrame(code),
			1002,
			new RegExp(`status code ${code}`),
		]),
		["a Close whose reason is no text", frame([3, 232, 0xff], { opcode: 8 }), 1007, /reason .* not UTF-8/],
		["a Close whose reason is cut", frame([3, 232, 0xe2, 0x82], { opcode: 8 }), 1007, /reason .* not UTF-8/],
		["a lone continuation byte", text(0x80), 1007, /not UTF-8/],
		["an overlong form", text(0xc0, 0x80), 1007, /not UTF-8/],
		["an overlong form of three bytes", text(0xe0, 0x9f, 0xbf), 1007, /not UTF-8/],
		["an overlong form of four bytes", text(0xf0, 0x8f, 0xbf, 0xbf), 1007, /not UTF-8/],
		["a surrogate", text(0xed, 0xa0, 0x80), 1007, /not UTF-8/],
		["a point beyond U+10FFFF", text(0xf4, 0x90, 0x80, 0x80), 1007, /not UTF-8/],
		["F5", text(0xf5, 0x80, 0x80, 0x80), 1007, /not UTF-8/],
		["a character cut by ASCII", text(0xe2, 0x82, 0x41), 1007, /not UTF-8/],
		["a text that ends within a character", text(0x41, 0xe2, 0x82), 1007, /not UTF-8/],
		[
			"a fragmented text that ends within a character",
			[...frame([0xe2], { opcode: 1, final: false }), ...frame([0x82], { opcode: 0 })],
			1007,
			/not UTF-8/,
		],
		[
			"a bad byte behind a fragment's good start",
			[...frame([0x41, 0xe2], { opcode: 1, final: false }), ...frame([0x41], { opcode: 0 })],
			1007,
			/not UTF-8/,
		],
	];
	for (const [what, stream, code, message] of wrongs) {
		it(`${what}: ${code}, told to server and application; nothing follows`, () => {
			for (const size of [1, Number.POSITIVE_INFINITY]) {
				fresh();
				const bench = new WebSocketBench().connect();
				bench.say([...frame("before"), ...stream, ...frame("after")], size);
				const [error, ...others] = bench.errors;
				assert.equal(others.length, 0);
				assert.equal(error!.code, "EPROTOCOL");
				assert.equal(error!.closeCode, code);
				assert.match(error!.message, message);
				const said = bench.sent().filter(({ opcode }) => opcode === 8);
				assert.deepEqual(
					said.map(({ payload }) => payload.readUInt16BE()),
					[code],
				);
				const text = bench.parts.map((part) => part.bytes.toString("latin1")).join("");
				assert.ok(text.startsWith("before") && !text.includes("after"), text);
				assert.equal(bench.closes, 0);
				over();
			}
		});
	}

	it("a length that lies: bytes come as they arrive, and take no memory for what was promised", () => {
		const bench = new WebSocketBench().connect();
		bench.say([...frame("x", { lengthSize: 8, length: (1n << 53n) - 1n })]);
		assert.deepEqual(bench.parts, [{ count: 1, more: true, binary: true, bytes: Buffer.from("x") }]);
		bench.socket.fail(new Error("reset"));
		clock.advance(0);
		assert.match(bench.errors[0]!.message, /ended without Close \(reset\)/);
		over();
	});
});

describe("WebSocket frames: reading", () => {
	it("in pieces, into buffers, up to what was announced; and nothing more is announced before all was read", () => {
		const bench = new WebSocketBench();
		bench.lazy = true;
		bench.connect();
		bench.say([...frame("abcdefgh"), ...frame("ij")]);
		assert.deepEqual(
			bench.parts.map(({ count }) => count),
			[8],
		);
		const { client } = bench;
		assert.equal(Buffer.from(client.read(2) as ArrayBuffer).toString(), "ab");
		const target = new Uint8Array(5);
		assert.equal(client.read(new DataView(target.buffer, 1, 3)), 3);
		assert.deepEqual([...target], [0, 99, 100, 101, 0]);
		assert.equal(Buffer.from(client.read(100) as ArrayBuffer).toString(), "fgh");
		assert.equal(client.read(), undefined);
		assert.equal(client.read(new ArrayBuffer(4)), undefined);
		assert.equal(bench.parts.length, 1, "not from within read");
		clock.advance(0);
		assert.equal(bench.parts[1]!.count, 2);
		assert.throws(() => client.read(0), RangeError);
		assert.throws(() => client.read(-1), RangeError);
		assert.throws(() => client.read({} as never), TypeError);
		assert.equal(client.read(new Uint8Array(9)), 2);
	});

	it('format "number" gives bytes', () => {
		const bench = new WebSocketBench({ format: "number" });
		bench.lazy = true;
		bench.connect();
		bench.say(frame([200, 7]));
		assert.equal(bench.client.format, "number");
		assert.equal(bench.client.read(), 200);
		assert.equal(bench.client.read(), 7);
		assert.equal(bench.client.read(), undefined);
		bench.client.write(255, { more: true });
		bench.client.write(0);
		assert.throws(() => bench.client.write(256), RangeError);
		bench.client.format = "buffer";
		assert.throws(() => bench.client.write(1 as never), TypeError);
		assert.throws(() => (bench.client.format = "text" as never), RangeError);
		assert.deepEqual(
			bench.sent().map(({ opcode, final, payload }) => [opcode, final, ...payload]),
			[
				[2, false, 255],
				[0, true, 0],
			],
		);
	});

	it("what nobody reads holds the server back", () => {
		const bench = new WebSocketBench();
		bench.lazy = true;
		bench.connect();
		bench.say(frame(bytes(5000)));
		assert.ok(bench.socket.unread > 4000);
		for (let round = 0; round < 100 && bench.socket.unread > 0; round++) {
			bench.client.read();
			clock.advance(0);
		}
		assert.equal(bench.socket.unread, 0);
	});

	it("what arrived before the connection ended can still be read: the end is told after it", () => {
		const bench = new WebSocketBench();
		bench.lazy = true;
		bench.connect();
		bench.say([...frame("one"), ...frame("two")]);
		bench.socket.fail(new Error("reset"));
		clock.advance(0);
		for (const word of ["one", "two"]) {
			assert.deepEqual(bench.errors, []);
			assert.equal(Buffer.from(bench.client.read() as ArrayBuffer).toString(), word);
			clock.advance(0);
		}
		assert.match(bench.errors[0]!.message, /reset/);
		over();
	});

	it("close() in any callback is the end of it", () => {
		for (const where of ["onReadable", "onWritable", "onControl"] as const) {
			fresh();
			let calls = 0;
			const bench = new WebSocketBench({
				[where](this: WebSocketClient) {
					calls++;
					this.close();
				},
			}).connect();
			if (where !== "onWritable")
				bench.say([...frame("a", { opcode: 9 }), ...frame("b"), ...frame("c"), ...frame("", { opcode: 8 })]);
			clock.advance(10_000);
			assert.deepEqual([calls, bench.errors, bench.closes], [1, [], 0], where);
			over();
		}
	});
});

describe("WebSocket frames: the server's end, by attach", () => {
	it("takes over a socket: reads masked frames, writes without a mask", () => {
		const target = {};
		const heard: string[] = [];
		const socket = new FakeTCP({ address: "10.0.0.2", port: 80 });
		const server = new WebSocketClient({
			attach: socket as never,
			target,
			onReadable() {
				heard.push(Buffer.from(this.read() as ArrayBuffer).toString());
			},
			onWritable() {
				this.write(new Uint8Array(600));
			},
		});
		clock.advance(0);
		assert.equal(server.target, target);
		const wire = new WebSocketBench().socket;
		assert.notEqual(wire, socket);
		const [frameSent] = parseFrames(wire.take());
		assert.deepEqual([frameSent!.masked, frameSent!.payload.length], [false, 600]);
		const parts: FrameParts = { mask: [9, 8, 7, 250], opcode: 1 };
		wire.deliver([...frame("h\u00e9llo", { ...parts, final: false }), ...frame("!", { ...parts, opcode: 0 })], 1);
		assert.equal(heard.join(""), "h\u00e9llo!");
		wire.deliver(frame([3, 232], { mask: MASK, opcode: 8 }));
		assert.equal(parseFrames(wire.take())[0]!.payload.readUInt16BE(), 1000);
		clock.advance(0);
		assert.ok(wire.closed, "a server ends the connection at once");
	});

	it("refuses frames that are not masked", () => {
		let error: unknown;
		new WebSocketClient({
			attach: new FakeTCP({ address: "10.0.0.2", port: 80 }) as never,
			onError: (problem) => {
				error = problem;
			},
		});
		clock.advance(0);
		new WebSocketBench().socket.deliver(frame("x"));
		assert.match(String(error), /not masked/);
	});
});
