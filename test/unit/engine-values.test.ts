import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostValue } from "../../hosts/shared/host-value";
import { run } from "../support/engine";

const texts = [
	"",
	"plain",
	"é ü ñ",
	"日本語",
	"😀 emoji 👩‍🚀",
	"NUL \0 inside \0",
	"\ud800 lone \udc00 surrogates \ud83d",
	"a".repeat(100000),
	"ÿ".repeat(300),
	"😀".repeat(500),
];
const numbers = [
	0,
	-0,
	1,
	-1,
	2147483647,
	-2147483648,
	2147483648,
	4294967296,
	0.1,
	-1e300,
	5e-324,
	Number.MAX_SAFE_INTEGER,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	Number.NEGATIVE_INFINITY,
];

test("what the host returns comes back as it was", () => {
	const values: HostValue[] = [undefined, null, true, false, ...numbers, ...texts];
	const returned: HostValue[] = [];
	run("for (;;) { const value = call(1); if (value === 'end') break; call(2, value); }", {
		heap: 2_000_000,
		host(operation, value) {
			if (operation === 1) return returned.length < values.length ? values[returned.length] : "end";
			returned.push(value);
			return undefined;
		},
	});
	assert.deepEqual(returned, values);
});

test("inside, a string counts characters, as on the board: an emoji is one", () => {
	const { traced } = run(
		`const text = call(1);
		trace([text.length, text.charCodeAt(0), text.charCodeAt(1), text.codePointAt(2), text.charCodeAt(3)].join());`,
		{ host: () => "\0é😀z" },
	);
	assert.deepEqual(traced, [`4,0,233,${0x1f600},122`]);
});

test("bytes are copied both ways", () => {
	const seen: HostValue[][] = [];
	const own = new Uint8Array([9, 8, 7]);
	const { traced } = run(
		`const back = call(1, new Uint8Array([1, 2, 3]).buffer, new ArrayBuffer(0));
		trace(back instanceof ArrayBuffer, [...new Uint8Array(back)]);
		new Uint8Array(back)[0] = 0;
		trace(call(2).byteLength);`,
		{
			host(...values) {
				seen.push(values);
				return values[0] === 1 ? own : new ArrayBuffer(0);
			},
		},
	);
	assert.deepEqual(traced, ["true9,8,7", "0"]);
	assert.deepEqual([...own], [9, 8, 7]);
	const [, first, second] = seen[0] as ArrayBuffer[];
	assert.ok(first instanceof ArrayBuffer && second instanceof ArrayBuffer);
	assert.deepEqual([...new Uint8Array(first)], [1, 2, 3]);
	assert.equal(second.byteLength, 0);
});

test("of a view only its part goes over, of any kind", () => {
	const seen: number[][] = [];
	run(
		`const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
		call(1, bytes.subarray(2, 5));
		call(1, new DataView(bytes.buffer, 3, 2));
		call(1, new Uint16Array(bytes.buffer, 2, 2));
		call(1, new Uint8Array(bytes.buffer, 8));`,
		{
			host(_operation, value) {
				seen.push([...new Uint8Array(value as ArrayBuffer)]);
				return undefined;
			},
		},
	);
	assert.deepEqual(seen, [[2, 3, 4], [3, 4], [2, 3, 4, 5], []]);
});

test("a view that the host gives brings its part", () => {
	const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
	const given = [bytes.subarray(1, 3), new Uint16Array(bytes.buffer, 2, 1) as unknown as Uint8Array, Buffer.from("hi")];
	let next = 0;
	const { traced } = run("for (let i = 0; i < 3; i++) trace([...new Uint8Array(call(1))]);", {
		host: () => given[next++],
	});
	assert.deepEqual(traced, ["1,2", "2,3", "104,105"]);
});

test("a megabyte goes and comes", () => {
	const megabyte = new Uint8Array(1 << 20).map((_, i) => i * 7);
	let received: Uint8Array | undefined;
	const { machine } = run("listen((handle, event, a) => call(1, a));", {
		heap: 4 << 20,
		host(_operation, value) {
			received = new Uint8Array(value as ArrayBuffer);
			return undefined;
		},
	});
	machine.dispatch(0, 0, megabyte);
	assert.deepEqual(received, megabyte);
});

test("callInto fills a buffer or the part of a view, and makes no garbage", () => {
	const { traced } = run(
		`const bytes = new Uint8Array(6);
		trace(callInto(bytes.buffer, 1), [...bytes]);
		trace(callInto(bytes.subarray(3), 1), [...bytes]);
		trace(callInto(new DataView(bytes.buffer, 5), 2), [...bytes]);
		trace(callInto(bytes, 3));
		const before = memory(4), slots = memory(2);
		for (let i = 0; i < 100; i++) callInto(bytes, 1);
		trace(memory(4) - before, memory(2) - slots);`,
		{
			host: (operation) => (operation === 3 ? undefined : new Uint8Array([1, 2, 3]).subarray(operation === 2 ? 2 : 0)),
		},
	);
	assert.deepEqual(traced, ["31,2,3,0,0,0", "31,2,3,1,2,3", "11,2,3,1,2,3", "undefined", "00"]);
});

test("callInto refuses what does not fit, and what is no buffer", () => {
	const { traced } = run(
		`for (const target of [new ArrayBuffer(2), {}, 5])
			try { callInto(target, 1); } catch (e) { trace(e.name, " ", e.message); }
		try { callInto(new ArrayBuffer(2), 2); } catch (e) { trace(e.name, " ", e.message); }`,
		{ host: (operation) => (operation === 1 ? new Uint8Array(3) : 4) },
	);
	assert.equal(traced.length, 4);
	assert.match(traced[0] as string, /^RangeError .*3 bytes do not fit into 2/);
	assert.match(traced[1] as string, /^TypeError .*no buffer/);
	assert.match(traced[2] as string, /^TypeError .*no buffer/);
	assert.match(traced[3] as string, /^TypeError .*no bytes/);
});

test("what cannot go over is named", () => {
	const { traced } = run(`
		for (const value of [{}, () => 1, Symbol("s"), 5n, []])
			try { call(1, 0, value); } catch (e) { trace(e.message.replace(/^.*host call/, "host call")); }
		try { call(); } catch (e) { trace(e.message.replace(/^.*host call/, "host call")); }
	`);
	assert.deepEqual(traced, [
		"host call: argument 2 is an object",
		"host call: argument 2 is an object",
		"host call: argument 2 is a symbol",
		"host call: argument 2 is a bigint",
		"host call: argument 2 is an object",
		"host call: no operation",
	]);
});

test("what the host throws can be caught, with its kind, message and code", () => {
	const thrown = [
		new Error("plain"),
		new RangeError("é far"),
		new TypeError("type"),
		Object.assign(new Error("file"), { code: "ENOENT" }),
		"text",
		{ message: "like" },
		undefined,
		Symbol("s"),
	];
	let next = 0;
	const { traced } = run(
		"for (let i = 0; i < 8; i++) try { call(1); } catch (e) { trace(e instanceof Error, ' ', e.name, ' ', e.message, ' ', e.code); }",
		{
			host() {
				throw thrown[next++];
			},
		},
	);
	assert.deepEqual(traced, [
		"true Error plain undefined",
		"true RangeError é far undefined",
		"true TypeError type undefined",
		"true Error file ENOENT",
		"true Error text undefined",
		"true Error like undefined",
		"true Error undefined undefined",
		"true Error exception in the host undefined",
	]);
});

test("trace joins its values", () => {
	const { traced } = run("trace(); trace('a', 1, null, undefined, true, [1, 2], 'é😀\\0');");
	assert.deepEqual(traced, ["", "a1nullundefinedtrue1,2é😀\0"]);
});

test("XS's own conversions between strings and bytes are there", () => {
	const { traced } = run("const b = ArrayBuffer.fromString('é😀'); trace(b.byteLength, String.fromArrayBuffer(b));");
	assert.deepEqual(traced, ["6é😀"]);
});
