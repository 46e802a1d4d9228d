/** RFC 6455 §4: the opening handshake of the WebSocket client, on an in-memory socket. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import WebSocketClient from "../../hosts/shared/embedded/network/websocket/client";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { agreement, frame, fresh, over, WebSocketBench } from "../support/websocket";

beforeEach(fresh);

describe("WebSocket handshake: the request", () => {
	it("asks for an upgrade with a random key, and tells how much may be written once the server agreed", () => {
		const bench = new WebSocketBench({ path: "/mqtt?a=b", port: 8080 }).ask();
		const [line, ...headers] = bench.request.split("\r\n");
		assert.equal(line, "GET /mqtt?a=b HTTP/1.1");
		assert.deepEqual(headers.slice(0, 4), [
			"Host: server.example:8080",
			"Upgrade: websocket",
			"Connection: Upgrade",
			"Sec-WebSocket-Version: 13",
		]);
		assert.ok(bench.request.endsWith("\r\n\r\n"));
		assert.deepEqual(bench.writable, []);
		assert.equal(bench.socket.options.address, "10.0.0.1");
		assert.equal(bench.socket.options.host, "server.example");
		bench.say(agreement(bench.request));
		assert.equal(bench.writable.length, 1);
		assert.equal(bench.client.protocol, "");
		const other = new WebSocketBench().ask();
		assert.notEqual(/Key: .*/.exec(other.request)![0], /Key: .*/.exec(bench.request)![0]);
		assert.match(other.request, /^GET \/ HTTP\/1.1\r\nHost: server.example\r\n/, "the defaults");
		assert.equal(other.socket.options.port, 80);
	});

	it("RFC 6455 §1.3: accepts the answer of the RFC's own example", () => {
		const example = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
		assert.match(agreement(example), /Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
	});

	it("offers subprotocols, and tells which one the server took", () => {
		const bench = new WebSocketBench({ protocol: "mqtt,chat" });
		bench.connect({ "sec-websocket-protocol": "chat" });
		assert.match(bench.request, /\r\nSec-WebSocket-Protocol: mqtt, chat\r\n/);
		assert.equal(bench.client.protocol, "chat");
	});

	it("sends further headers, from a Map as the standard has it or from pairs as Moddable has them", () => {
		for (const headers of [new Map([["Authorization", "Bearer x"]]), [["Authorization", "Bearer x"] as const]]) {
			const bench = new WebSocketBench({ headers }).ask();
			assert.match(bench.request, /\r\nAuthorization: Bearer x\r\n\r\n$/);
		}
	});

	it("is sent piece by piece when the socket takes less", () => {
		network.allowance = 20;
		const bench = new WebSocketBench({ headers: [["X-Long", "y".repeat(200)]] });
		bench.ask();
		for (let round = 0; round < 40; round++) {
			bench.socket.drain(10);
			bench.request += Buffer.from(bench.socket.take()).toString();
		}
		assert.match(bench.request, /X-Long: y{200}\r\n\r\n$/);
		bench.say(agreement(bench.request));
		assert.deepEqual(bench.errors, []);
		bench.socket.drain(100);
		assert.ok(bench.writable.at(-1)! > 0);
	});

	it("takes both forms of resolver", () => {
		const callbackOnly = class {
			resolve(_options: object, callback: (error: null, host: string, address: string) => void) {
				callback(null, "server.example", "10.0.0.9");
			}
		};
		const bench = new WebSocketBench({ dns: { io: callbackOnly as never } }).connect();
		assert.equal(bench.socket.options.address, "10.0.0.9");
		assert.equal(bench.writable.length, 1);
	});

	const good = { host: "h", socket: { io: FakeTCP as never }, dns: { io: FakeResolver as never } };
	for (const [what, options, type] of [
		["no options", undefined, TypeError],
		["no socket", { ...good, socket: undefined }, TypeError],
		["a socket without its class", { ...good, socket: {} }, TypeError],
		["no dns", { ...good, dns: undefined }, TypeError],
		["no host", { ...good, host: undefined }, TypeError],
		["an empty host", { ...good, host: "" }, RangeError],
		["a host with a line end", { ...good, host: "a\r\nb" }, RangeError],
		["a URL as host", { ...good, host: "ws://a" }, RangeError],
		["port 0", { ...good, port: 0 }, RangeError],
		["port 65536", { ...good, port: 65536 }, RangeError],
		["a path without /", { ...good, path: "mqtt" }, RangeError],
		["a path with a space", { ...good, path: "/a b" }, RangeError],
		["a path with a line end", { ...good, path: "/a\r\nX: y" }, RangeError],
		["a path with a fragment", { ...good, path: "/a#b" }, RangeError],
		["a path that is not ASCII", { ...good, path: "/\u00e9" }, RangeError],
		["a protocol that is no token", { ...good, protocol: "a b" }, RangeError],
		["an empty protocol", { ...good, protocol: "a,,b" }, RangeError],
		["a protocol twice", { ...good, protocol: "a,b,a" }, RangeError],
		["headers that are none", { ...good, headers: 5 }, TypeError],
		["a header name that is none", { ...good, headers: [["a b", "c"]] }, RangeError],
		["a header with a line end", { ...good, headers: [["a", "b\r\nc: d"]] }, RangeError],
		["a header of the handshake", { ...good, headers: [["Sec-WebSocket-Key", "x"]] }, RangeError],
		["another Host", { ...good, headers: [["host", "x"]] }, RangeError],
		["a callback that is none", { ...good, onReadable: 5 }, TypeError],
		["an unknown format", { ...good, format: "text" }, RangeError],
		["an attach that is no socket", { attach: 5 }, TypeError],
	] as const) {
		it(`refuses ${what}, and opens nothing`, () => {
			assert.throws(() => new WebSocketClient(options as never), type as ErrorConstructor);
			assert.equal(network.sockets.length + network.resolvers, 0);
		});
	}
});

describe("WebSocket handshake: the answer", () => {
	it("may come byte by byte, in any case, with long headers, and with the first frames behind it", () => {
		for (const size of [1, 2, 3, 7, 100, Number.POSITIVE_INFINITY]) {
			fresh();
			const bench = new WebSocketBench().ask();
			const answer = agreement(bench.request, {
				Upgrade: "WebSocket",
				Connection: "keep-alive, UPGRADE",
				"Set-Cookie": "x".repeat(3000),
				"X-Empty": "",
			});
			bench.say([...Buffer.from(answer), ...frame("hello")], size);
			assert.deepEqual(bench.errors, []);
			assert.equal(bench.writable.length, 1);
			assert.equal(bench.messages()[0]!.bytes.toString(), "hello");
		}
	});

	it("may be cut anywhere", () => {
		const length = agreement(new WebSocketBench().ask().request).length;
		for (let cut = 0; cut <= length; cut++) {
			fresh();
			const bench = new WebSocketBench().ask();
			const answer = agreement(bench.request);
			bench.say(answer.slice(0, cut));
			assert.equal(bench.writable.length, cut === length ? 1 : 0);
			bench.say(answer.slice(cut));
			assert.equal(bench.writable.length, 1);
		}
	});

	const refusals: [string, (request: string) => string, RegExp, number?][] = [
		[
			"401",
			() => "HTTP/1.1 401 Unauthorized\r\n",
			/server.example:80\/: the server answers HTTP 401 Unauthorized$/,
			401,
		],
		["404 without a reason", () => "HTTP/1.1 404\r\n", /HTTP 404$/, 404],
		["200", () => "HTTP/1.1 200 OK\r\n\r\n<html>", /HTTP 200 OK$/, 200],
		["100", () => "HTTP/1.1 100 Continue\r\n\r\n", /HTTP 100 Continue$/, 100],
		["426", () => "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS\r\n", /HTTP 426 Upgrade Required$/, 426],
		["503 with rubbish", () => "HTTP/1.1 503 \u0007\u00ff\r\n", /HTTP 503 \?\?$/, 503],
		[
			"a redirection",
			() => "HTTP/1.1 301 Moved Permanently\r\nServer: x\r\nLocation: https://other.example/\r\n",
			/HTTP 301 Moved Permanently, to https:\/\/other.example\/: redirections are not followed$/,
			301,
		],
		["a redirection to nowhere", () => "HTTP/1.1 302 Found\r\n\r\n", /HTTP 302 Found$/, 302],
		["HTTP/1.0", () => "HTTP/1.0 101 Switching Protocols\r\n", /does not speak HTTP\/1.1: "HTTP\/1.0 101/],
		["a status that is none", () => "HTTP/1.1 abc\r\n", /does not speak HTTP/],
		["MQTT", () => "\x20\x02\x00\x00\xd0\x00", /does not speak HTTP/],
		["TLS", () => "\x15\x03\x03\x00\x02\x02\x0a", /does not speak HTTP\/1.1: "\?\?\?/],
		["a wrong accept", (r) => agreement(r, { "Sec-WebSocket-Accept": "AAAA" }), /sec-websocket-accept: "AAAA"/],
		[
			"an accept in another case",
			(r) => agreement(r, { "Sec-WebSocket-Accept": /Accept: (.*)\r/.exec(agreement(r))![1]!.toUpperCase() }),
			/sec-websocket-accept/,
		],
		["no accept", (r) => agreement(r, { "Sec-WebSocket-Accept": undefined }), /lacks Sec-WebSocket-Accept/],
		["an accept twice", (r) => agreement(r).replace(/(Sec-WebSocket-Accept.*\r\n)/, "$1$1"), /accept comes twice/],
		["no upgrade", (r) => agreement(r, { Upgrade: undefined }), /lacks Upgrade/],
		["an upgrade to something else", (r) => agreement(r, { Upgrade: "h2c" }), /lacks Upgrade/],
		["no connection", (r) => agreement(r, { Connection: undefined }), /lacks Connection/],
		["another connection", (r) => agreement(r, { Connection: "close, upgrades" }), /lacks Connection/],
		["a subprotocol nobody asked for", (r) => agreement(r, { "Sec-WebSocket-Protocol": "x" }), /protocol: "x"/],
		[
			"an extension",
			(r) => agreement(r, { "Sec-WebSocket-Extensions": "permessage-deflate" }),
			/an extension .*deflate/,
		],
		["a header that is none", (r) => agreement(r, { "": "x" }), /a header that is none/],
		["a folded header", (r) => agreement(r).replace("Connection", " Connection"), /a header that is none/],
		["headers without end", (r) => agreement(r, { "X-A": "y".repeat(20_000) }), /headers without end/],
		["many headers", (r) => agreement(r).replace(/\r\n\r\n$/, "\r\nX-Y: z".repeat(3000)), /headers without end/],
		["a line without end", () => `HTTP/1.1 101 ${"x".repeat(20_000)}`, /headers without end/],
	];
	for (const [what, answer, message, status] of refusals) {
		it(`${what} is refused, and said`, () => {
			for (const size of [1, Number.POSITIVE_INFINITY]) {
				fresh();
				const bench = new WebSocketBench().ask();
				bench.say(answer(bench.request), size);
				assert.equal(bench.errors.length, 1);
				assert.match(bench.errors[0]!.message, message);
				assert.equal(bench.errors[0]!.code, "EHANDSHAKE");
				assert.equal(bench.errors[0]!.status, status);
				assert.equal(bench.closes, 0);
				assert.deepEqual(bench.writable, []);
				over();
			}
		});
	}

	it("a subprotocol is refused when it differs in case or names two", () => {
		for (const protocol of ["MQTT", "mqtt, chat", ""]) {
			const bench = new WebSocketBench({ protocol: "mqtt,chat" }).connect({ "Sec-WebSocket-Protocol": protocol });
			assert.match(bench.errors[0]!.message, /sec-websocket-protocol/);
		}
	});

	it("that never ends takes no memory: what is long is repeated only in part", () => {
		const bench = new WebSocketBench().ask();
		bench.say(`HTTP/1.1 404 ${"x".repeat(400)}\r\n`);
		assert.ok(bench.errors[0]!.message.length < 200);
	});

	it("that comes before the request was sent is refused", () => {
		network.allowance = 250;
		const bench = new WebSocketBench({ headers: [["X-Long", "y".repeat(200)]] }).ask();
		bench.say(agreement(bench.request));
		assert.match(bench.errors[0]!.message, /answers before it was asked/);
		over();
	});

	it("a connection that ends during it is an error that says where", () => {
		for (const [begin, message] of [
			["", /server.example:80\/: the server closed the connection \(reset\)/],
			["HTTP/1.1 101 Switching", /closed the connection/],
			["HTTP/1.1 307 Temporary Redirect\r\n", /HTTP 307 Temporary Redirect/],
		] as const) {
			fresh();
			const bench = new WebSocketBench().ask();
			bench.say(begin);
			bench.socket.fail(new Error("reset"));
			clock.advance(0);
			assert.equal(bench.errors.length, 1);
			assert.match(bench.errors[0]!.message, message);
			over();
		}
	});

	it("a name that is not found, a socket that does not connect, and classes that throw are errors, later", () => {
		const throwing = class {
			constructor() {
				throw new Error("no memory");
			}
		};
		for (const [options, prepare, message] of [
			[{}, () => (network.address = new Error("no such host")), /no such host/],
			[{}, () => (network.connect = "refused"), /connection refused/],
			[{ dns: { io: throwing as never } }, () => {}, /no memory/],
			[{ socket: { io: throwing as never } }, () => {}, /no memory/],
		] as const) {
			fresh();
			prepare();
			const bench = new WebSocketBench(options);
			assert.equal(bench.errors.length, 0, "not from within the constructor");
			clock.advance(10);
			assert.equal(bench.errors.length, 1);
			assert.match(bench.errors[0]!.message, message);
			over();
		}
	});

	it("close() during it is the end: no callback follows", () => {
		for (const step of [0, 1, 2, 3]) {
			fresh();
			const bench = new WebSocketBench();
			if (step > 0) clock.advance(0);
			if (step > 1) clock.advance(0);
			const { last } = network;
			if (step > 2) last.deliver(Buffer.from("HTTP/1.1 101 "));
			bench.client.close();
			bench.client.close();
			assert.equal(network.resolvers, 1);
			if (step === 0) assert.equal(clock.pending, 0, "the resolver is told");
			clock.advance(10_000);
			assert.deepEqual([bench.errors, bench.writable, bench.closes], [[], [], 0]);
			assert.throws(() => bench.client.read(), /closed/);
			assert.throws(() => bench.client.write(new ArrayBuffer(1)), /closed/);
			over();
		}
	});
});
