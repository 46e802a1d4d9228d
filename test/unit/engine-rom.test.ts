import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Rom, RomError } from "../../hosts/desktop/engine/index";
import { path } from "../../hosts/desktop/engine/native";
import { loaderOf, machineOf, romOf, type Sources } from "../support/engine";

/** Two machines of one ROM run `code` in turn, twice each; what each traced. */
function share(library: string, code: string): string[][] {
	const sources: Sources = {
		library,
		main: `import * as library from "library"; import { listen } from "vagalume:host"; listen(() => { ${code} });`,
	};
	const rom = new Rom({ loader: loaderOf(sources), preload: ["library"], protect: true });
	const runs = [machineOf(rom), machineOf(rom)];
	for (const { machine } of runs) machine.import("main");
	for (let i = 0; i < 2; i++) for (const { machine } of runs) machine.dispatch(0, 0);
	return runs.map(({ machine, traced }) => {
		assert.equal(machine.ended, undefined, machine.ended?.message);
		return traced;
	});
}

test("a preloaded module is evaluated once, in the ROM", () => {
	let evaluated = 0;
	const rom = new Rom({
		loader: loaderOf({
			library: 'trace("evaluated"); export const value = 5;',
			main: 'import { value } from "library"; trace(value);',
		}),
		preload: ["library"],
		trace: () => evaluated++,
	});
	for (let i = 0; i < 3; i++) {
		const { machine, traced } = machineOf(rom);
		machine.import("main");
		assert.deepEqual(traced, ["5"]);
	}
	assert.equal(evaluated, 1);
	assert.ok(rom.size > 100_000);
});

test("a top-level variable of a preloaded module is each machine's own", () => {
	const traced = share("let count = 10; export const next = () => ++count;", "trace(library.next());");
	assert.deepEqual(traced, [
		["11", "12"],
		["11", "12"],
	]);
});

test("objects and arrays of a preloaded module are each machine's own from the first change on", () => {
	const traced = share(
		"export const object = { n: 1, nested: { n: 1 } }, list = [1];",
		"library.object.n++; library.object.nested.n--; library.object.added = 1; library.list.push(2); trace(library.object.n, library.object.nested.n, library.list.length);",
	);
	assert.deepEqual(traced, [
		["202", "3-13"],
		["202", "3-13"],
	]);
});

test("a large array of a preloaded module survives its copy during a collection", () => {
	const traced = share(
		"export const list = []; for (let i = 0; i < 500; i++) list.push({ i });",
		"for (let i = 0; i < 50; i++) 'x'.repeat(500); library.list.push(1); for (let i = 0; i < 50; i++) 'x'.repeat(500); trace(library.list.length, library.list[499].i);",
	);
	assert.deepEqual(traced, [
		["501499", "502499"],
		["501499", "502499"],
	]);
});

test("a regular expression of a preloaded module keeps its captures through collections, and leaves no memory behind", () => {
	// XS 17.7's own captures would come from malloc: held as a chunk, the heap was broken after a few hundred.
	const traced = share(
		"const form = /^(\\w+)-(\\d+)(?:-(x+))?$/; export function parts(text) { return form.exec(text); }",
		`let wrong = 0;
		for (let i = 0; i < 2000; i++) {
			const found = library.parts("item-" + i + "-" + "x".repeat(1 + i % 90));
			if (found[1] !== "item" || found[2] !== String(i) || found[3].length !== 1 + i % 90) wrong++;
		}
		trace(wrong);`,
	);
	assert.deepEqual(traced, [
		["0", "0"],
		["0", "0"],
	]);
});

test("instances of classes made in the ROM have fields, private ones too, of each machine", () => {
	const traced = share(
		"class Counter { #n = 0; next() { return ++this.#n; } } export const counter = new Counter();",
		"trace(library.counter.next());",
	);
	assert.deepEqual(traced, [
		["1", "2"],
		["1", "2"],
	]);
});

const refused: [string, string, string][] = [
	["a static field", "export class A { static n = 1; }", "library.A.n++"],
	[
		"a private static field",
		"class A { static #n = 1; static next() { return ++A.#n; } } export const next = A.next;",
		"library.next()",
	],
	["a prototype", "export class A {}", "library.A.prototype.n = 1"],
	["a built-in", "", "Array.prototype.n = 1"],
	["a function", "export const f = () => 1;", "library.f.n = 1"],
	["a variable that holds a function", "let f = () => 1; export const set = () => { f = () => 2; };", "library.set()"],
	["a Map", "export const map = new Map();", "library.map.set(1, 1)"],
	["a Set", "export const set = new Set();", "library.set.add(1)"],
	["a WeakMap", "export const map = new WeakMap();", "library.map.set({}, 1)"],
	["a buffer", "export const buffer = new ArrayBuffer(4);", "new Uint8Array(library.buffer)[0] = 1"],
	["a typed array", "export const bytes = new Uint8Array(4);", "library.bytes[0] = 1"],
	["a Date", "export const date = new Date(0);", "library.date.setTime(1)"],
	["a regular expression with a state", "export const all = /a/g;", "library.all.exec('a')"],
	["JSON of an object", "export const object = { a: 1 };", "JSON.stringify(library.object)"],
];

for (const [name, library, code] of refused)
	test(`${name} of a preloaded module is read-only, as in the board's flash`, () => {
		const traced = share(library, `try { ${code}; trace("done"); } catch (e) { trace(e.name); }`);
		assert.deepEqual(traced, [
			["TypeError", "TypeError"],
			["TypeError", "TypeError"],
		]);
	});

test("what is made on first use can be anything, machine by machine", () => {
	const traced = share(
		"let map; export const count = (key) => { map ??= new Map(); map.set(key, (map.get(key) ?? 0) + 1); return map.get(key); };",
		"trace(library.count('a'));",
	);
	assert.deepEqual(traced, [
		["1", "2"],
		["1", "2"],
	]);
});

test("what XS could not keep unchanged in a ROM is refused when the ROM is made", () => {
	const cases: [string, RegExp][] = [
		["export const g = (function* () { yield 1; })(); g.next();", /a generator or an async function/],
		["export const p = new Promise(() => {});", /a promise that is pending/],
		["export const i = [1, 2][Symbol.iterator]();", /an iterator/],
		["export const r = new FinalizationRegistry(() => {});", /a FinalizationRegistry/],
		["import { call } from 'vagalume:host'; call(1);", /the host cannot be called while a module is preloaded/],
	];
	for (const [library, message] of cases)
		assert.throws(
			() => romOf({ library }, ["library"]),
			(error: unknown) => error instanceof RomError && message.test(error.message),
			library,
		);
});

test("a global made in the ROM is seen by all machines, and can be replaced by each", () => {
	const sources = {
		library: "globalThis.shared = () => 'shared';",
		main: 'import { listen } from "vagalume:host"; listen((own) => { if (own) globalThis.shared = () => "own"; trace(shared()); });',
	};
	const rom = romOf(sources, ["library"]);
	const [one, two] = [machineOf(rom), machineOf(rom)];
	one.machine.import("main");
	two.machine.import("main");
	one.machine.dispatch(1, 0);
	two.machine.dispatch(0, 0);
	assert.deepEqual([one.traced, two.traced], [["own"], ["shared"]]);
});

test("a listener registered at preload serves every machine, with its own state", () => {
	const rom = romOf({ main: 'import { listen } from "vagalume:host"; let n = 0; listen(() => trace(++n));' }, ["main"]);
	const runs = [machineOf(rom), machineOf(rom)];
	for (const { machine } of runs) for (let i = 0; i < 2; i++) machine.dispatch(0, 0);
	assert.deepEqual(
		runs.map(({ traced }) => traced),
		[
			["1", "2"],
			["1", "2"],
		],
	);
});

test("a module linked into the ROM is evaluated by each machine, and its code takes no heap", () => {
	const lines = Array.from({ length: 300 }, (_, i) => `x += "text ${i}".length * ${i};`);
	const sources = { big: `trace("evaluated");\nexport function f(x) {\n${lines.join("\n")}\n}` };
	const chunks = (modules: string[]) => {
		const { machine, traced } = machineOf(romOf(sources, [], modules));
		machine.import("big");
		assert.deepEqual(traced, ["evaluated"]);
		machine.collect();
		return machine.statistics().chunks;
	};
	assert.ok(chunks([]) > 5000);
	assert.ok(chunks(["big"]) < 500);
});

test("machines of one ROM hold their own heaps, whatever the order of their collections", () => {
	const rom = romOf(
		{
			library: "export const shared = { texts: ['a', 'b'], n: 1 }; export const key = 'k'.repeat(5);",
			main: `import { shared, key } from "library"; import { listen } from "vagalume:host";
			const all = [];
			listen((i) => {
				all.push({ [key + i % 7]: "value" + i, shared });
				if (all.length > 40) all.splice(0, 20);
				shared.n += i;
				shared.texts[0] = "t" + i;
				if (i % 100 === 0) trace(shared.n, shared.texts, all.length, Object.keys(all[0]));
			});`,
		},
		["library"],
	);
	const runs = Array.from({ length: 5 }, () => machineOf(rom, { heap: 32768 }));
	for (const { machine } of runs) machine.import("main");
	for (let i = 1; i <= 500; i++) for (const { machine } of runs) machine.dispatch(i, 0);
	for (const { machine, traced } of runs) {
		assert.equal(machine.ended, undefined);
		assert.equal(traced.length, 5);
		assert.deepEqual(traced, (runs[0] as { traced: string[] }).traced);
	}
});

test("machines run in several worker threads at once", async () => {
	const script = new URL("../support/engine-worker.mjs", import.meta.url);
	const results = await Promise.all(
		[1, 2, 3].map(
			() =>
				new Promise<string>((resolve, reject) => {
					const worker = new Worker(script);
					worker.on("message", resolve);
					worker.on("error", reject);
					worker.on("exit", () => reject(new Error("the worker said nothing")));
				}),
		),
	);
	assert.match(results[0] as string, /^0\.\d+,0\.\d+,0\.\d+$/);
	assert.equal(new Set(results).size, 1);
});

test("a worker that is terminated leaves its machine, even one that catches everything and has no meter", async () => {
	const code = 'import { call } from "vagalume:host"; for (;;) try { call(1); } catch { }';
	const worker = new Worker(
		`const { parentPort } = require("node:worker_threads");
		const native = require(${JSON.stringify(path)});
		const rom = native.romCreate((id) => id, (id) => ({ path: id, code: ${JSON.stringify(code)} }));
		native.romShare(rom, false);
		const machine = native.machineCreate(rom, "endless", 65536, 512, 0, 0);
		parentPort.postMessage("running");
		native.machineImport(machine, () => undefined, () => {}, "main");`,
		{ eval: true },
	);
	await once(worker, "message");
	const deadline = setTimeout(() => process.exit(1), 10_000);
	await worker.terminate();
	clearTimeout(deadline);
});

test("a ROM tells the byte code of each module, preloaded or not, and how much of it tells lines", () => {
	const library = "export const add = (a, b) => a + b;";
	const sources = { library, twice: `${library}\n${library.replace("add", "sum")}`, main: 'import "twice";' };
	const { code, size } = romOf(sources, ["library"], ["twice", "main"]);
	const [one, two] = [code.get("library.js")!, code.get("twice.js")!];
	assert.ok(code.has("main.js") && one.bytes > 20 && one.bytes < 200, JSON.stringify([...code]));
	assert.ok(two.bytes > one.bytes && two.bytes < 2 * one.bytes + 50);
	// A line is 3 bytes.
	assert.ok(one.lines >= 3 && two.lines > one.lines && two.lines < two.bytes / 2);
	assert.ok(size > [...code.values()].reduce((sum, { bytes }) => sum + bytes, 0));
});
