/** ECMA-419 §24 and RFC 6455 §5.5 to §7: what the WebSocket client sends, and how a connection ends. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import WebSocketClient from "../../hosts/shared/embedded/network/websocket/client";
import { clock } from "../support/clock";
import { closeFrame, frame, fresh, over, WebSocketBench } from "../support/websocket";

beforeEach(fresh);

const { close, ping, pong } = WebSocketClient;
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7) & 255);
const text = (string: string) => new TextEncoder().encode(string);
const code = (number: number, reason = "") => Uint8Array.of(number >> 8, number, ...text(reason));

describe("WebSocket client: writing", () => {
	it("has the standard's static values, and they cannot be changed", () => {
		const { text, binary, close, ping, pong } = WebSocketClient;
		assert.deepEqual([text, binary, close, ping, pong], [1, 2, 8, 9, 10]);
		assert.throws(() => ((WebSocketClient as { close: number }).close = 1), TypeError);
	});

	for (const length of [0, 1, 125, 126, 497, 498, 499, 996, 4000]) {
		it(`a message of ${length} bytes leaves in one masked frame`, () => {
			const bench = new WebSocketBench().connect();
			const payload = bytes(length);
			const kept = payload.slice();
			bench.client.write(payload);
			const frames = bench.sent();
			assert.equal(frames.length, 1);
			assert.deepEqual([frames[0]!.opcode, frames[0]!.final], [2, true]);
			assert.ok(frames[0]!.payload.equals(payload));
			assert.deepEqual(payload, kept, "the application's buffer is as it was");
		});
	}

	it("RFC 6455 §5.3: masking keys differ from frame to frame", () => {
		const bench = new WebSocketBench().connect();
		const keys = new Set<string>();
		for (let count = 0; count < 50; count++) {
			bench.client.write(bytes(1));
			keys.add(Buffer.from(bench.socket.take().slice(2, 6)).toString("hex"));
		}
		assert.equal(keys.size, 50);
	});

	it("text, fragments, views and control messages are written as asked for", () => {
		const bench = new WebSocketBench().connect();
		const { client } = bench;
		client.write(text("h\u00e9"), { binary: false });
		client.write(text("ab").buffer as ArrayBuffer, { more: true });
		client.write(text("ping"), { opcode: ping, more: true });
		client.write(new DataView(bytes(10).buffer, 2, 3), { more: true, binary: false });
		client.write(new ArrayBuffer(0));
		client.write(Uint16Array.of(0x4142), { binary: true });
		client.write(new ArrayBuffer(0), { opcode: pong });
		assert.deepEqual(
			bench.sent().map(({ opcode, final, payload }) => [opcode, final, payload.toString("latin1")]),
			[
				[1, true, "h\u00c3\u00a9"],
				[2, false, "ab"],
				[9, true, "ping"],
				[0, false, "\u000e\u0015\u001c"],
				[0, true, ""],
				[2, true, "BA"],
				[10, true, ""],
			],
		);
	});

	it("a fragment of a text may end within a character, the text may not", () => {
		const bench = new WebSocketBench().connect();
		const { client } = bench;
		const [first, ...rest] = text("\u20ac");
		client.write(Uint8Array.of(first!), { binary: false, more: true });
		assert.throws(() => client.write(Uint8Array.of(rest[0]!)), /not UTF-8/);
		assert.throws(() => client.write(Uint8Array.of(0x41), { more: true }), /not UTF-8/);
		client.write(Uint8Array.from(rest));
		assert.throws(() => client.write(Uint8Array.of(0xc0, 0x80), { binary: false }), TypeError);
		assert.equal(bench.sent().length, 2);
	});

	it("writes what onWritable told, to the byte; more is refused and nothing of it sent", () => {
		for (const allowance of [7, 131, 132, 133, 134, 140, 1000]) {
			fresh();
			const bench = new WebSocketBench().connect();
			bench.writable.length = 0;
			bench.socket.allowance = 0;
			bench.socket.drain(allowance);
			const count = bench.writable[0]!;
			assert.throws(() => bench.client.write(bytes(count + 1)), new RegExp(`only ${count} are writable`));
			assert.deepEqual(bench.sent(), []);
			assert.equal(bench.client.write(bytes(count)), 0);
			assert.equal(bench.sent()[0]!.payload.length, count);
			assert.ok(bench.socket.allowance <= 2, "room is left unused");
		}
	});

	it("is not told of room that is too little for a frame", () => {
		const bench = new WebSocketBench().connect();
		bench.writable.length = 0;
		bench.socket.allowance = 0;
		bench.socket.drain(6);
		assert.deepEqual(bench.writable, []);
		bench.client.write(new ArrayBuffer(0));
		assert.equal(bench.sent().length, 1);
		assert.throws(() => bench.client.write(new ArrayBuffer(0)), /only 0 are writable/);
	});

	it("write before the handshake is over is refused", () => {
		const bench = new WebSocketBench();
		for (const step of [() => {}, () => bench.ask()]) {
			step();
			assert.throws(() => bench.client.write(bytes(1)), /not connected yet/);
		}
	});

	for (const [what, data, options, type] of [
		["no data", undefined, undefined, TypeError],
		["a string", "abc", undefined, TypeError],
		["a message's opcode", bytes(1), { opcode: 2 }, RangeError],
		["an unknown opcode", bytes(1), { opcode: 11 }, RangeError],
		["a control message of 126 bytes", bytes(126), { opcode: 9 }, RangeError],
		["a Close of one byte", bytes(1), { opcode: 8 }, RangeError],
		["a Close with code 1005", code(1005), { opcode: 8 }, RangeError],
		["a Close whose reason is no text", Uint8Array.of(3, 232, 255), { opcode: 8 }, TypeError],
	] as const) {
		it(`refuses ${what}, and the connection stands`, () => {
			const bench = new WebSocketBench().connect();
			assert.throws(() => bench.client.write(data as never, options), type as ErrorConstructor);
			assert.deepEqual(bench.sent(), []);
			bench.client.write(bytes(1));
			assert.equal(bench.sent().length, 1);
		});
	}
});

describe("WebSocket client: ping and pong", () => {
	it("RFC 6455 §5.5.2: a Ping is answered with its payload, then told, with what may be written now", () => {
		const bench = new WebSocketBench().connect();
		bench.socket.allowance = 0;
		bench.socket.drain(1000);
		bench.say(frame(bytes(125), { opcode: 9 }));
		const [answer] = bench.sent();
		assert.equal(answer!.opcode, pong);
		assert.ok(answer!.payload.equals(bytes(125)));
		assert.equal(bench.control[0]!.opcode, ping);
		assert.equal(bench.writable.at(-1), 1000 - 131 - 8);
	});

	it("RFC 6455 §5.5.3: without room for answers, the last Ping is answered once there is", () => {
		const bench = new WebSocketBench().connect();
		bench.socket.allowance = 0;
		bench.socket.drain(5);
		for (const word of ["one", "two", "three"]) bench.say(frame(word, { opcode: 9 }));
		assert.deepEqual(bench.sent(), []);
		bench.socket.drain(200);
		const [answer, ...others] = bench.sent();
		assert.equal(answer!.payload.toString(), "three");
		assert.equal(others.length, 0);
		assert.ok(bench.writable.at(-1)! > 100);
	});

	it("a Pong is told, and not answered", () => {
		const bench = new WebSocketBench().connect();
		bench.say(frame("x", { opcode: 10 }));
		assert.deepEqual(bench.control, [{ opcode: 10, payload: Buffer.from("x") }]);
		assert.deepEqual(bench.sent(), []);
	});

	it("a flood of Pings grows nothing", () => {
		const bench = new WebSocketBench().connect();
		bench.socket.allowance = 0;
		bench.socket.drain(0);
		for (let count = 0; count < 1000; count++) bench.say(frame(bytes(125), { opcode: 9 }));
		bench.socket.drain(5000);
		assert.equal(bench.sent().length, 1);
	});
});

describe("WebSocket client: the closing handshake", () => {
	it("Close of the server is answered with its payload; once the server ends the connection, onClose comes", () => {
		for (const payload of [[], [3, 233, ...text("bye")]]) {
			fresh();
			const bench = new WebSocketBench().connect();
			bench.say([...frame(payload, { opcode: 8 }), ...frame(bytes(3000))]);
			const frames = bench.sent();
			assert.deepEqual(
				frames.map(({ opcode, payload: echo }) => [opcode, ...echo]),
				[[close, ...payload]],
			);
			assert.deepEqual(bench.control, [{ opcode: close, payload: Buffer.from(payload) }]);
			assert.equal(bench.parts.length, 0, "nothing counts behind Close");
			assert.equal(bench.socket.unread, 0, "it is taken all the same, so that the end can come");
			assert.throws(() => bench.client.write(bytes(1)), /being closed/);
			assert.equal(bench.closes, 0);
			bench.socket.fail();
			clock.advance(0);
			assert.deepEqual([bench.closes, bench.errors], [1, []]);
			over();
		}
	});

	it("a server that does not end the connection after Close is waited for no longer than a second", () => {
		const bench = new WebSocketBench().connect();
		bench.say(closeFrame(1001));
		clock.advance(999);
		assert.equal(bench.closes, 0);
		clock.advance(1);
		assert.equal(bench.closes, 1);
		over();
	});

	it("Close of the application is answered by the server; messages until then are delivered", () => {
		const bench = new WebSocketBench().connect();
		assert.equal(bench.client.write(code(1000, "done"), { opcode: close }), 0);
		assert.equal(bench.sent()[0]!.payload.subarray(2).toString(), "done");
		assert.throws(() => bench.client.write(bytes(1)), /being closed/);
		bench.say([...frame("still"), ...closeFrame(1000)]);
		assert.equal(bench.messages()[0]!.bytes.toString(), "still");
		assert.deepEqual(bench.sent(), [], "one Close is enough");
		assert.equal(bench.control[0]!.opcode, close);
		bench.socket.fail();
		clock.advance(0);
		assert.deepEqual([bench.closes, bench.errors], [1, []]);
		over();
	});

	it("a server that does not answer Close is an error after 5 s", () => {
		const bench = new WebSocketBench().connect();
		bench.client.write(new ArrayBuffer(0), { opcode: close });
		clock.advance(4999);
		assert.equal(bench.errors.length, 0);
		clock.advance(1);
		assert.equal(bench.errors[0]!.code, "ETIMEDOUT");
		over();
	});

	it("a Close that finds no room is answered as soon as there is", () => {
		const bench = new WebSocketBench().connect();
		bench.socket.allowance = 0;
		bench.socket.drain(3);
		bench.say(closeFrame(1000));
		assert.deepEqual(bench.sent(), []);
		bench.socket.drain(100);
		assert.equal(bench.sent()[0]!.opcode, close);
	});

	it("a connection that ends without Close is an error, also after Close was sent", () => {
		for (const closing of [false, true]) {
			fresh();
			const bench = new WebSocketBench().connect();
			if (closing) bench.client.write(code(1000), { opcode: close });
			bench.socket.fail(new Error("connection reset"));
			clock.advance(0);
			assert.match(bench.errors[0]!.message, /ended without Close \(connection reset\)/);
			assert.equal(bench.errors[0]!.code, "ECONNCLOSED");
			assert.equal(bench.closes, 0);
			over();
		}
	});

	it("close() is no clean close: nothing is sent, nothing called", () => {
		const bench = new WebSocketBench().connect();
		bench.client.close();
		bench.client.close();
		clock.advance(10_000);
		assert.deepEqual([bench.sent(), bench.errors, bench.closes], [[], [], 0]);
		assert.throws(() => bench.client.format, /closed/);
		over();
	});

	it("a socket that throws is an error, not an exception of the host's callback", () => {
		const bench = new WebSocketBench().connect();
		bench.socket.failed = true;
		bench.say(frame("x", { opcode: 9 }));
		clock.advance(0);
		assert.match(bench.errors[0]!.message, /broken/);
		over();
	});

	it("callbacks have the instance as this, and target is kept", () => {
		const target = {};
		const seen: unknown[] = [];
		const note = function (this: { target: unknown }) {
			seen.push(this, this.target);
		};
		const bench = new WebSocketBench({ target, onWritable: note, onControl: note, onClose: note, onReadable: note });
		bench.connect().say([...frame("", { opcode: 2 }), ...frame("", { opcode: 10 }), ...closeFrame(1000)]);
		clock.advance(1000);
		assert.equal(seen.length, 10);
		for (let index = 0; index < seen.length; index += 2)
			assert.deepEqual([seen[index], seen[index + 1]], [bench.client, target]);
	});
});
