/** ECMA-419 §20 and RFC 9112: the HTTP client, on an in-memory socket. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { clock } from "../support/clock";
import { network } from "../support/fake-tcp";
import { fresh, HTTPBench } from "../support/http";

beforeEach(fresh);

const OK = "HTTP/1.1 200 OK\r\n";
const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe("HTTP client: the request", () => {
	it("has its line, its host, and the headers in their order", () => {
		const bench = new HTTPBench({ port: 8080 });
		bench.ask({ path: "/a?b=c", headers: new Map([["Range", "bytes=5-9"]]) });
		assert.equal(bench.sent(), "GET /a?b=c HTTP/1.1\r\nHost: server.example:8080\r\nRange: bytes=5-9\r\n\r\n");
		assert.equal(bench.socket.options.address, "10.0.0.1");
	});

	it("is sent piece by piece when the socket takes less, and its body after it", () => {
		network.allowance = 7;
		const bench = new HTTPBench();
		let written = 0;
		bench.ask({
			method: "POST",
			headers: [["Content-Length", "10"]],
			onWritable(count) {
				written += count;
				this.write(Buffer.alloc(count, "x"));
			},
		});
		let sent = bench.sent();
		for (let round = 0; round < 30; round++) {
			bench.socket.drain(3);
			sent += bench.sent();
		}
		assert.equal(sent, `POST / HTTP/1.1\r\nHost: server.example\r\nContent-Length: 10\r\n\r\n${"x".repeat(10)}`);
		assert.equal(written, 10);
	});

	it("goes out in chunks of the size that it says, and ends even when the socket is full", () => {
		network.allowance = 100;
		const bench = new HTTPBench();
		bench.ask({
			method: "POST",
			headers: [["Transfer-Encoding", "chunked"]],
			onWritable(count) {
				assert.ok(count > 0);
				this.write(new Uint8Array(0));
				this.write(Buffer.alloc(count, "y"));
				this.write();
			},
		});
		const [, body] = bench.sent().split("\r\n\r\n") as [string, string];
		assert.match(body, /^([0-9a-f]+)\r\ny+/);
		bench.socket.drain(100);
		assert.ok((body + bench.sent()).endsWith("y\r\n0\r\n\r\n") || body.includes("0"));
		assert.deepEqual(bench.errors, []);
	});

	it("waits until the one before it was answered", () => {
		const bench = new HTTPBench();
		bench.ask({ path: "/1" });
		bench.ask({ path: "/2" });
		assert.match(bench.sent(), /^GET \/1 .*\r\n\r\n$/s);
		bench.say(`${OK}Content-Length: 1\r\n\r\na`);
		assert.match(bench.sent(), /^GET \/2 /);
		bench.say(`${OK}Content-Length: 1\r\n\r\nb`);
		assert.deepEqual(
			bench.heard.map(({ body, done }) => [body, done]),
			[
				["a", 1],
				["b", 1],
			],
		);
	});
});

describe("HTTP client: the answer", () => {
	const whole: [string, string, string][] = [
		["with a length", `${OK}Content-Length: 11\r\nX: y\r\n\r\nhello world`, "hello world"],
		["in chunks", `${chunked}6\r\nhello \r\n5;a=b\r\nworld\r\n0\r\nT: u\r\n\r\n`, "hello world"],
		["after others that announce it", `HTTP/1.1 103 Early\r\nLink: x\r\n\r\n${OK}content-length:0\r\n\r\n`, ""],
		["without a body", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", ""],
		[
			"of a server of 1.0 that keeps the connection",
			"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
			"ok",
		],
	];
	for (const [what, raw, body] of whole)
		it(`${what} is the same, whatever pieces it comes in`, () => {
			for (let size = 1; size <= raw.length; size++) {
				fresh();
				const bench = new HTTPBench();
				const heard = bench.ask();
				bench.say(raw, size);
				assert.deepEqual([heard.body, heard.done, bench.errors], [body, 1, []], `pieces of ${size}`);
				const next = bench.ask();
				bench.say(`${OK}Content-Length: 1\r\n\r\n!`, size);
				assert.deepEqual([next.body, next.done], ["!", 1], `the next one, pieces of ${size}`);
			}
		});

	it("is held back until it is read; then its end comes", () => {
		const bench = new HTTPBench();
		bench.lazy = true;
		const { told, request, ...heard } = bench.ask();
		bench.say(`${OK}Content-Length: 3000\r\n\r\n${"z".repeat(3000)}`);
		assert.deepEqual(told, [3000]);
		assert.ok(bench.socket.unread > 2000, "it lies in the socket, not in the heap");
		assert.equal(request.read(1000)!.byteLength, 1000);
		assert.equal(request.read(new Uint8Array(2500)), 2000);
		assert.equal(bench.heard[0]!.done, 0, "not from within read");
		bench.turn();
		assert.equal(bench.heard[0]!.done, 1);
		assert.equal(heard.done, 0);
		assert.equal(clock.pending, 0);
	});

	it("goes on with the next chunk after one was read late", () => {
		const bench = new HTTPBench();
		bench.lazy = true;
		const { told, request } = bench.ask();
		bench.say(`${chunked}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`);
		assert.deepEqual(told, [3]);
		request.read(3);
		bench.turn();
		assert.deepEqual(told, [3, 2]);
		request.read();
		bench.turn();
		assert.equal(bench.heard[0]!.done, 1);
	});

	it("RFC 9112 §9.6: with Connection: close, nothing more is asked", () => {
		const bench = new HTTPBench();
		const first = bench.ask();
		const second = bench.ask();
		bench.say(`${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`);
		assert.deepEqual([first.done, second.done], [1, 0]);
		assert.equal(bench.errors[0]?.code, "ECONNCLOSED");
		assert.ok(bench.socket.closed);
	});

	it("that is not over when the connection is: an error, and what came before it is read first", () => {
		const bench = new HTTPBench();
		bench.lazy = true;
		const heard = bench.ask();
		bench.say(`${OK}Content-Length: 10\r\n\r\nabc`);
		bench.socket.fail(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
		bench.turn();
		assert.equal(bench.errors.length, 0);
		assert.equal(heard.request.read()!.byteLength, 3);
		bench.turn();
		assert.equal(heard.done, 0);
		assert.match(bench.errors[0]!.message, /after 3 of 10 bytes of the body \(reset\)/);
		assert.equal(bench.errors[0]!.code, "ECONNRESET");
	});

	it("a body that ends with the connection does so only when that was ended in order", () => {
		for (const [code, done] of [
			["ECONNCLOSED", 1],
			["ECONNRESET", 0],
		] as const) {
			fresh();
			const bench = new HTTPBench();
			const heard = bench.ask();
			bench.say(`${OK}\r\nabc`);
			bench.socket.fail(Object.assign(new Error("over"), { code }));
			bench.turn();
			assert.deepEqual([heard.body, heard.done, bench.errors.length], ["abc", done, 1], code);
		}
	});

	it("closed in any callback, nothing more comes", () => {
		for (const event of ["onHeaders", "onReadable", "onDone"] as const) {
			fresh();
			const bench = new HTTPBench();
			const heard = bench.ask({ [event]: () => bench.client.close() });
			bench.say(`${chunked}1\r\na\r\n0\r\n\r\n`);
			assert.deepEqual(bench.errors, [], event);
			assert.equal(heard.done, 0, event);
			assert.ok(bench.socket.closed);
			assert.equal(clock.pending, 0);
		}
	});
});

describe("HTTP client: the connection", () => {
	it("that is never made, and a name that is none, are errors; timers and sockets are given back", () => {
		network.connect = "refused";
		const refused = new HTTPBench();
		refused.ask();
		assert.equal(refused.errors.length, 1);
		network.address = new Error("no such name");
		const unknown = new HTTPBench();
		unknown.ask();
		assert.match(unknown.errors[0]!.message, /no such name/);
		assert.ok(network.sockets.every(({ closed }) => closed));
		assert.equal(clock.pending, 0);
	});

	it("that the server ends between two requests is an error", () => {
		const bench = new HTTPBench();
		bench.ask();
		bench.say(`${OK}Content-Length: 0\r\n\r\n`);
		bench.socket.fail();
		bench.turn();
		assert.equal(bench.errors[0]?.code, "ECONNCLOSED");
		assert.throws(() => bench.client.request({}), /closed/);
	});
});

describe("HTTP client: hostile servers", () => {
	const pieces = [
		"HTTP/1.1 200 OK\r\n",
		"HTTP/1.0 404 \r\n",
		"\r\n",
		"\n",
		"a: b\r\n",
		"content-length: 5\r\n",
		"transfer-encoding: chunked\r\n",
		"5\r\nabcde\r\n",
		"0\r\n\r\n",
		"x".repeat(600),
		"\0\xff",
		"connection: close\r\n",
		":",
		"ffffffff\r\n",
	];
	it("whatever they say, in whatever pieces: an answer or an error, one of each at most, and nothing is left behind", () => {
		const script = fc.array(fc.constantFrom(...pieces), { maxLength: 14 });
		fc.assert(
			fc.property(script, fc.integer({ min: 1, max: 700 }), (said, size) => {
				fresh();
				const bench = new HTTPBench();
				const heard = bench.ask();
				for (const piece of said) if (!bench.socket.closed) bench.say(piece, size);
				assert.ok(heard.done <= 1 && bench.errors.length <= 1);
				if (bench.errors.length === 1) {
					assert.ok(bench.errors[0]!.message.length < 300, bench.errors[0]!.message);
					assert.ok(bench.socket.closed);
				}
				bench.client.close();
				assert.equal(clock.pending, 0);
			}),
			{ numRuns: 400 },
		);
	});

	it("headers and lines that never end cost no more than their bounds", () => {
		for (const [raw, about, first = ""] of [
			["x", /does not speak|more than 4096/],
			["HTTP/1.1 200 OK\r\nA: b\r\n", /a header that is none|more than/],
			[`${OK}${"x: y\r\n".repeat(10)}`, /a header that is none|more than/],
			["x".repeat(400), /more than 4096/, `${chunked}1;`],
			["t: u\r\n", /headers without end/, `${chunked}0\r\n`],
			["x: y\r\n", /more than 4096 bytes/, OK],
		] as const) {
			fresh();
			const bench = new HTTPBench();
			bench.ask();
			bench.say(first);
			let count = 0;
			while (bench.errors.length === 0 && count < 40_000) {
				bench.say(raw);
				count += raw.length;
			}
			assert.match(bench.errors[0]!.message, about);
			assert.ok(count < 20_000, `${count} bytes of ${raw.slice(0, 20)}`);
		}
	});
});
