import assert from "node:assert/strict";
import { test } from "node:test";
import { transformSync } from "esbuild";
import { Rom, RomError } from "../../hosts/desktop/engine/index";
import { machineOf, romOf, run } from "../support/engine";

test("a module and all that it imports are evaluated once, dependencies first", () => {
	const rom = romOf({
		main: 'import { b } from "b"; import { c } from "c"; trace("main", b, c);',
		b: 'import { c } from "c"; trace("b"); export const b = c + 1;',
		c: 'trace("c"); export const c = 1;',
	});
	const { machine, traced } = machineOf(rom);
	machine.import("main");
	assert.deepEqual(traced, ["c", "b", "main21"]);
	machine.import("main");
	assert.equal(traced.length, 3);
});

test("modules may import each other in a circle", () => {
	const rom = romOf({
		main: 'import { odd } from "odd"; trace(odd(7));',
		odd: 'import { even } from "even"; export const odd = (n) => n === 0 ? false : even(n - 1);',
		even: 'import { odd } from "odd"; export const even = (n) => n === 0 ? true : odd(n - 1);',
	});
	const { machine, traced } = machineOf(rom);
	machine.import("main");
	assert.deepEqual(traced, ["true"]);
});

test("a dynamic import is answered within the same event", () => {
	const rom = romOf({ main: 'import("late").then((late) => trace(late.value));', late: "export const value = 5;" });
	const { machine, traced } = machineOf(rom);
	machine.import("main");
	assert.deepEqual(traced, ["5"]);
});

test("top-level await goes on when an event settles it", () => {
	const { machine, traced } = run(`
		const value = await new Promise((resolve) => listen((handle) => resolve(handle)));
		trace("got ", value);
	`);
	assert.deepEqual(traced, []);
	machine.dispatch(7, 0);
	assert.deepEqual(traced, ["got 7"]);
});

test("the loader sees who imports", () => {
	const asked: [string, string | undefined][] = [];
	const code: Record<string, string> = { "/a/main": 'import "./part";', "/a/part": "" };
	const rom = new Rom({
		loader: {
			resolve(specifier, referrer) {
				asked.push([specifier, referrer]);
				return specifier.startsWith("./") ? `/a/${specifier.slice(2)}` : specifier;
			},
			load: (id) => ({ path: id, code: code[id] as string }),
		},
		preload: [],
	});
	machineOf(rom).machine.import("/a/main");
	assert.deepEqual(asked, [
		["/a/main", undefined],
		["./part", "/a/main"],
	]);
});

test("a missing module is named, and who imports it", () => {
	const { machine } = machineOf(romOf({ main: 'import "gone";' }));
	machine.import("main");
	assert.equal(machine.ended?.reason, "exception");
	assert.equal(machine.ended?.message, 'Error: module "gone" not found, imported by "main"');
});

test("a missing module at the start is named", () => {
	const { machine } = machineOf(romOf({}));
	machine.import("nowhere");
	assert.equal(machine.ended?.message, 'Error: module "nowhere" not found');
});

test("what the loader throws is the import's error", () => {
	const rom = new Rom({
		loader: {
			resolve: (specifier) => specifier,
			load: () => {
				throw new Error("disk on fire");
			},
		},
		preload: [],
	});
	const { machine } = machineOf(rom);
	machine.import("main");
	assert.equal(machine.ended?.message, "Error: disk on fire");
});

test("an export that is missing is named", () => {
	const { machine } = machineOf(romOf({ main: 'import { nothing } from "b";', b: "export const something = 1;" }));
	machine.import("main");
	assert.match(machine.ended?.message ?? "", /SyntaxError: .*nothing/);
});

test("a syntax error has path and line", () => {
	const { machine } = machineOf(romOf({ main: "const a = 1;\nconst b = = 2;" }));
	machine.import("main");
	assert.match(machine.ended?.message ?? "", /^SyntaxError: main\.js:2: /);
});

function typescript(source: string): { code: string; map: string } {
	return transformSync(source, { loader: "ts", sourcemap: true, sourcefile: "app.ts", target: "es2022" });
}

const fails = `interface Wide {
	a: number;
	b: string;
}
type Other = Wide | undefined;

function fail(wide: Wide): never {
	throw new RangeError(wide.b);
}

function middle(): void {
	fail({ a: 1, b: "deep" });
}
middle();
`;

function romOfTypeScript(source: string): Rom {
	const compiled = typescript(source);
	return new Rom({
		loader: { resolve: (id) => id, load: () => ({ path: "src/app.ts", code: compiled.code, map: compiled.map }) },
		preload: [],
	});
}

test("with a source map a stack names TypeScript lines", () => {
	const { machine } = machineOf(romOfTypeScript(fails));
	machine.import("app");
	assert.equal(machine.ended?.message, "RangeError: deep");
	assert.deepEqual(machine.ended?.stack.split("\n"), [
		"at fail (src/app.ts:8)",
		"at middle (src/app.ts:12)",
		"at src/app.ts:14",
	]);
});

test("a source map with large sources and mappings is read", () => {
	const filler = Array.from(
		{ length: 3000 },
		(_, i) => `x = (x as number) + ${i} * Math.random(); // ${"x".repeat(40)}`,
	);
	const { machine } = machineOf(romOfTypeScript(`let x = 0;\n${filler.join("\n")}\nnull!.x;`), { heap: 1 << 20 });
	machine.import("app");
	assert.match(machine.ended?.stack ?? "", /src\/app\.ts:3002/);
});

test("a syntax error is reported at its line in the source", () => {
	const compiled = typescript(`interface A {\n\tb: number;\n}\n\nconst marker = 1;\n`);
	const rom = new Rom({
		loader: {
			resolve: (id) => id,
			load: () => ({ path: "app.ts", code: compiled.code.replace("marker", "let"), map: compiled.map }),
		},
		preload: [],
	});
	const { machine } = machineOf(rom);
	machine.import("app");
	assert.match(machine.ended?.message ?? "", /^SyntaxError: app\.ts:5: /);
});

test("an error of a preloaded module fails the ROM, with its stack", () => {
	assert.throws(
		() => romOf({ main: "function f() {\n\tnull.x;\n}\nf();" }, ["main"]),
		(error: unknown) =>
			error instanceof RomError &&
			/preload of "main": TypeError: .*coerce null/.test(error.message) &&
			error.trace.startsWith("at f (main.js:2)"),
	);
	assert.throws(() => romOf({}, ["main"]), /preload of "main": Error: module "main" not found/);
	assert.throws(() => romOf({ main: "for (;;);" }, ["main"]), /endless loop/);
	assert.throws(() => romOf({ main: "a b" }, [], ["main"]), /module "main": SyntaxError: main\.js:1/);
});

test("a closed ROM makes no machine, and those that run go on", () => {
	const rom = romOf({ main: "trace(1);" });
	const { machine, traced } = machineOf(rom);
	rom.close();
	machine.import("main");
	assert.deepEqual(traced, ["1"]);
	assert.throws(() => machineOf(rom), /the ROM is closed/);
});
