import assert from "node:assert/strict";
import { test } from "node:test";
import { transformSync } from "esbuild";
import { Rom, RomError } from "../../hosts/desktop/engine/index";
import { machineOf, romOf, run, type Sources } from "../support/engine";

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
	assert.equal(machine.ended?.message, 'Error: module "gone" not found, imported by "main.js"');
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

/** How the import of `main` fails, in a machine and while the ROM is made. */
function linkError(sources: Sources): string {
	const { machine } = machineOf(romOf(sources));
	machine.import("main");
	const message = machine.ended?.message ?? "";
	assert.throws(() => romOf(sources, ["main"]), { message: `preload of "main": ${message}` });
	return message;
}

test("an export that is missing is named, with the module that asks and the one that lacks it", () => {
	const b = "export const something = 1;";
	const missing = 'SyntaxError: main.js: "b.js" has no export "nothing"';
	assert.equal(linkError({ main: 'import { nothing } from "b";', b }), missing);
	assert.equal(linkError({ main: 'export { nothing } from "b";', b }), missing);
	assert.equal(
		linkError({ main: 'import absent from "b";', b }),
		'SyntaxError: main.js: "b.js" has no export "default"',
	);
	assert.equal(
		linkError({ main: 'import { nothing } from "a";', a: 'export { nothing } from "b";', b }),
		'SyntaxError: a.js: "b.js" has no export "nothing"',
	);
	assert.equal(
		linkError({ main: 'import { nothing } from "vagalume:host";' }),
		'SyntaxError: main.js: "vagalume:host" has no export "nothing"',
	);
});

test("exports that are ambiguous or circular are named too", () => {
	assert.equal(
		linkError({
			main: 'import { x } from "both";',
			both: 'export * from "b"; export * from "c";',
			b: "export const x = 1;",
			c: "export const x = 2;",
		}),
		'SyntaxError: main.js: "both.js" has more than one export "x", of modules that it exports as a whole',
	);
	assert.match(
		linkError({ main: 'import { x } from "b";', b: 'export { x } from "c";', c: 'export { x } from "b";' }),
		/^SyntaxError: [bc]\.js: "[bc]\.js" exports "x" in a circle$/,
	);
});

test("a missing export can be caught, and the machine goes on", () => {
	const { machine, traced } = machineOf(
		romOf({ main: 'import("late").catch((e) => trace(e.name, " ", e.message));', late: 'import { x } from "main";' }),
	);
	machine.import("main");
	assert.deepEqual(traced, ['SyntaxError late.js: "main.js" has no export "x"']);
	assert.equal(machine.ended, undefined);
});

test("a loader that answers with rubbish, or throws from a getter, fails the import alone", () => {
	const bad: object[] = [
		{ path: "a.js" },
		{ path: 1, code: "" },
		{
			path: "a.js",
			get code(): string {
				throw new Error("in a getter");
			},
		},
	];
	for (const source of bad) {
		const rom = new Rom({ loader: { resolve: (id) => id, load: () => source as never }, preload: [] });
		const { machine } = machineOf(rom);
		machine.import("main");
		assert.equal(machine.ended?.message, 'TypeError: module "main": the loader gave no path or no code');
	}
});

test("an error of a preloaded TypeScript module has its lines", () => {
	const compiled = typescript(fails);
	const loader = {
		resolve: (id: string) => id,
		load: () => ({ path: "src/app.ts", code: compiled.code, map: compiled.map }),
	};
	assert.throws(
		() => new Rom({ loader, preload: ["app"] }),
		(error: unknown) =>
			error instanceof RomError && error.trace.startsWith("at fail (src/app.ts:8)\nat middle (src/app.ts:12)"),
	);
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
