/** What firmware can do wrong: one body of a module for each, and how its machine must end. */
export interface Fault {
	readonly name: string;
	/** Runs in the machine; `call`, `callInto` and `listen` are imported. */
	readonly code: string;
	readonly reason: string;
	/** Text that message or stack must contain. */
	readonly tells?: string;
	/** Events to dispatch after the import. */
	readonly events?: number;
	/** Bytes; default 65,536. */
	readonly heap?: number;
	/** Module specifier to import instead of the body. */
	readonly specifier?: string;
}

const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

export const faults: readonly Fault[] = [
	{
		name: "arrays without end",
		code: "const all = []; for (;;) all.push([1, 2, 3]);",
		reason: "memory full",
		tells: "fault.ts:",
	},
	{ name: "strings without end", code: 'let s = "x"; for (;;) s += s;', reason: "memory full" },
	{ name: "a buffer larger than the heap", code: "new ArrayBuffer(1 << 24);", reason: "memory full" },
	{
		name: "buffers kept for ever",
		code: "const all = []; for (;;) all.push(new Uint8Array(1000));",
		reason: "memory full",
	},
	{
		name: "a map without end",
		code: "const map = new Map(); for (let i = 0; ; i++) map.set(i, { i });",
		reason: "memory full",
	},
	{
		name: "property names without end",
		code: "const o = {}; for (let i = 0; ; i++) o['name' + i] = i;",
		reason: "memory full",
	},
	{
		name: "memory full inside try",
		code: "try { const all = []; for (;;) all.push({}); } catch { } finally { trace(1); }",
		reason: "memory full",
	},
	{
		name: "memory full in a getter of a sort",
		code: "[1, 2, 3].sort(() => { const all = []; for (;;) all.push(all.slice()); });",
		reason: "memory full",
	},
	{
		name: "memory full while JSON is written",
		code: 'const s = "x".repeat(20000); JSON.stringify([s, s, s, s]);',
		reason: "memory full",
	},
	{
		name: "memory full while JSON is read",
		code: 'JSON.parse("[" + "1,".repeat(9000) + "1]");',
		reason: "memory full",
	},
	{
		name: "shared buffers beside the heap",
		code: "const all = []; for (;;) all.push(new SharedArrayBuffer(1 << 24));",
		reason: "exception",
		tells: "RangeError",
	},
	{ name: "a bigint without end", code: "let n = 3n; for (;;) n *= n;", reason: "memory full" },
	{
		name: "memory full in a promise job",
		code: "Promise.resolve().then(() => { const all = []; for (;;) all.push([]); });",
		reason: "memory full",
	},
	{
		name: "memory full in a generator",
		code: "function* g() { try { const all = []; for (;;) { all.push([]); yield; } } finally { } } for (const _ of g());",
		reason: "memory full",
	},
	{
		name: "memory full in an event",
		code: "listen(() => { const all = []; for (;;) all.push(new Array(10).fill(0)); });",
		reason: "memory full",
		events: 1,
		tells: "fault.ts:",
	},
	{
		name: "a leak of one object an event",
		code: "const all = []; listen(() => { all.push({ a: 1, b: [1, 2, 3, 4, 5, 6, 7, 8] }); });",
		reason: "memory full",
		events: 3000,
	},
	{ name: "a host's answer larger than the heap", code: "call(7);", reason: "memory full" },
	{ name: "an event larger than the heap", code: "listen(() => {});", reason: "memory full", events: -1 },

	{ name: "recursion", code: "function f() { return 1 + f(); } f();", reason: "stack overflow", tells: "f (fault.ts:" },
	{
		name: "recursion through a getter",
		code: "const o = { get x() { return this.x; } }; o.x;",
		reason: "stack overflow",
	},
	{ name: "recursion inside try", code: "function f() { try { f(); } catch { f(); } } f();", reason: "stack overflow" },
	{ name: "recursion through natives", code: "function f() { [1].forEach(f); } f();", reason: "stack overflow" },
	{
		name: "recursion through toString",
		code: "const o = { toString() { return '' + this; } }; '' + o;",
		reason: "stack overflow",
	},
	{
		name: "recursion through a proxy",
		code: "const p = new Proxy({}, { get(_, k, r) { return r[k]; } }); p.x;",
		reason: "stack overflow",
	},
	{
		name: "a function with too many arguments",
		code: "Math.max(...new Array(600).fill(1));",
		reason: "stack overflow",
	},
	{ name: "JSON nested too deeply", code: `JSON.parse("${deep("[", "]", 2000)}");`, reason: "stack overflow" },
	{
		name: "arrays nested too deeply for the collector",
		code: "let a = []; for (;;) a = [a];",
		reason: "stack overflow",
		heap: 300000,
		tells: "native stack",
	},

	{ name: "an exception while the module is evaluated", code: "null.x;", reason: "exception", tells: "fault.ts:2" },
	{
		name: "an exception in an event",
		code: 'listen(() => { throw new RangeError("far"); });',
		reason: "exception",
		events: 1,
		tells: "RangeError: far",
	},
	{ name: "a thrown string", code: 'throw "text";', reason: "exception", tells: "text" },
	{ name: "a thrown undefined", code: "throw undefined;", reason: "exception", tells: "undefined" },
	{ name: "a thrown object without prototype", code: "throw Object.create(null);", reason: "exception" },
	{ name: "a thrown proxy", code: "throw new Proxy({}, { get() { throw 1; } });", reason: "exception" },
	{
		name: "an exception in a finally",
		code: "try { throw new Error('a'); } finally { throw new Error('b'); }",
		reason: "exception",
		tells: "Error: b",
	},
	{
		name: "an exception in nested tries of an event",
		code: "listen(() => { for (const i of [1, 2]) try { try { throw 1; } catch { throw new Error('inner'); } } finally { } });",
		reason: "exception",
		events: 1,
		tells: "inner",
	},
	{
		name: "a module that is missing",
		code: "",
		specifier: "not-there",
		reason: "exception",
		tells: '"not-there" not found',
	},
	{
		name: "an import that is missing",
		code: 'import "gone";',
		reason: "exception",
		tells: 'module "gone" not found, imported by "fault.ts"',
	},
	{
		name: "an export that is missing",
		code: 'import { nothing } from "vagalume:host";',
		reason: "exception",
		tells: 'fault.ts: "vagalume:host" has no export "nothing"',
	},
	{ name: "a syntax error", code: "let = = 3;", reason: "exception", tells: "fault.ts:2" },
	{
		name: "parentheses nested too deeply for the parser",
		code: `${deep("(", ")", 20000)};`,
		// The parser of XS 17 aborts by itself.
		...(process.env["VAGALUME_ENGINE"] === "sdk"
			? { reason: "stack overflow", tells: "native stack overflow" }
			: { reason: "exception", tells: "fault.ts:" }),
	},
	{
		name: "a regular expression nested too deeply",
		code: `new RegExp("${deep("(", ")", 20000)}");`,
		reason: "exception",
		heap: 1 << 20,
		tells: "SyntaxError",
	},
	{
		name: "top-level await of a rejection",
		code: "await Promise.reject(new Error('late'));",
		reason: "exception",
		tells: "late",
	},

	{
		name: "a rejection that nothing handles",
		code: "Promise.reject(new TypeError('nobody'));",
		reason: "unhandled rejection",
		tells: "TypeError: nobody",
	},
	{
		name: "an async function that throws",
		code: "(async () => { await null; throw new Error('async'); })();",
		reason: "unhandled rejection",
		tells: "async",
	},
	{
		name: "a rejection in an event",
		code: "listen(async () => { null.x; });",
		reason: "unhandled rejection",
		events: 1,
		tells: "fault.ts:2",
	},

	{ name: "a loop without end", code: "for (;;);", reason: "endless loop", tells: "fault.ts:2" },
	{
		name: "a loop without end in an event",
		code: "listen(() => { while (true); });",
		reason: "endless loop",
		events: 1,
	},
	{ name: "a loop inside try", code: "for (;;) try { for (;;); } catch { }", reason: "endless loop" },
	{
		name: "promise jobs without end",
		code: "const f = () => { Promise.resolve().then(f); }; f();",
		reason: "endless loop",
	},
	{
		name: "indexOf over 2 ** 53",
		code: "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1);",
		reason: "endless loop",
	},
	{
		name: "lastIndexOf over 2 ** 53",
		code: "Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1);",
		reason: "memory full",
	},
	{
		name: "includes over 2 ** 53",
		code: "Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);",
		reason: "endless loop",
	},
	{
		name: "reverse over 2 ** 53",
		code: "Array.prototype.reverse.call({ length: 2 ** 53 - 1 });",
		reason: "memory full",
	},
	{
		name: "copyWithin over 2 ** 53",
		code: "Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0);",
		reason: "memory full",
	},
	{
		name: "unshift over 2 ** 53",
		code: "Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);",
		reason: "memory full",
	},
	{
		name: "a regular expression that backtracks",
		code: 'new RegExp("(a+)+b").test("a".repeat(40));',
		reason: "endless loop",
	},
	{
		name: "a regular expression with many alternatives",
		code: 'new RegExp("^(([a-z])+.)+[A-Z]([a-z])+$").test("a".repeat(60));',
		reason: "endless loop",
	},
	{ name: "JSON with a slow reviver", code: "JSON.parse('[1,2]', () => { for (;;); });", reason: "endless loop" },
	{
		name: "a sort that never ends",
		code: "const a = []; for (let i = 0; i < 50; i++) a.push(i); for (;;) a.sort(() => 1);",
		reason: "endless loop",
	},
	{ name: "a replace that never ends", code: 'for (;;) "aaaa".replace(/a/g, () => "b");', reason: "endless loop" },
	{
		name: "an iterator without end",
		code: "new Set({ [Symbol.iterator]() { return { next: () => ({ done: false, value: 1 }) }; } });",
		reason: "endless loop",
	},

	{ name: "a throw inside a host call", code: "call(1);", reason: "exception", tells: "Error: from the host" },
	{
		name: "a throw inside a host call in nested tries",
		code: "try { call(1); } catch (e) { throw new Error('again: ' + e.message + ' ' + e.code); }",
		reason: "exception",
		tells: "again: from the host 42",
	},
	{ name: "a throw of a host's own kind", code: "call(2);", reason: "exception", tells: "RangeError: too far" },
	{ name: "a throw of no Error inside a host call", code: "call(3);", reason: "exception", tells: "just text" },
	{
		name: "an object as an argument of a call",
		code: "call(4, {});",
		reason: "exception",
		tells: "argument 1 is an object",
	},
	{ name: "a host that answers with an object", code: "call(5);", reason: "exception", tells: "result is an object" },
	{ name: "closing the machine inside its own call", code: "call(6); trace('never');", reason: "closed" },
	{
		name: "closing the machine inside tries and natives",
		code: "try { [1].map(() => { try { call(6); } finally { trace('never'); } }); } finally { trace('never'); }",
		reason: "closed",
	},
	{
		name: "closing the machine inside an event's job",
		code: "listen(() => { Promise.resolve().then(() => call(6)); });",
		reason: "closed",
		events: 1,
	},
	{ name: "closing the machine while it traces", code: "trace('close me');", reason: "closed" },
	{
		name: "entering the machine inside its own call",
		code: "call(8);",
		reason: "exception",
		tells: "is running: no dispatch from inside its own host call",
	},
	{ name: "bytes that do not fit", code: "callInto(new ArrayBuffer(2), 9);", reason: "exception", tells: "do not fit" },
];
