import assert from "node:assert/strict";
import { test } from "node:test";
import { Rom } from "../../hosts/desktop/engine/index";
import { machineOf, romOf, run } from "../support/engine";

/** How much of the heap was in use, garbage-free, when an endless `step` met the limit. */
function fill(step: string, heap: number): { part: number; message: string } {
	const { machine } = machineOf(romOf({ main: `const all = []; for (;;) ${step};` }), { heap });
	machine.import("main");
	assert.equal(machine.ended?.reason, "memory full", machine.ended?.message);
	const { used, stack, reserved } = machine.statistics();
	assert.ok(reserved <= heap, `${reserved} of ${heap}`);
	return { part: (used + stack) / heap, message: machine.ended?.message ?? "" };
}

test("the heap ends within a few percent of its limit, whatever fills it", () => {
	for (const heap of [32768, 65536, 131072, 1 << 20]) {
		assert.ok(fill("all[0] = { next: all[0] }", heap).part > 0.95, `objects ${heap}`);
		assert.ok(fill("all[0] = { next: all[0], text: 'text'.repeat(5) }", heap).part > 0.95, `strings ${heap}`);
		assert.ok(fill("all[0] = { next: all[0], buffer: new ArrayBuffer(100) }", heap).part > 0.95, `buffers ${heap}`);
		assert.ok(fill("all[0] = { next: all[0], array: [1, 2, 3, 4, 5] }", heap).part > 0.95, `arrays ${heap}`);
	}
	assert.match(
		fill("all[0] = { next: all[0] }", 65536).message,
		/^memory full: of 65536 bytes, slots take \d+, chunks \d+, the stack 8192$/,
	);
});

test("objects, arrays and bytes take what they take on the board", () => {
	const held = (figure: "slots" | "chunks", make: string) => {
		const { machine } = run(`let kept; listen((doMake) => { if (doMake) kept = ${make}; });`);
		machine.dispatch(0, 0);
		machine.collect();
		const before = machine.statistics()[figure];
		machine.dispatch(1, 0);
		machine.collect();
		return machine.statistics()[figure] - before;
	};
	const slot = 16;
	const header = 8;
	assert.equal(held("slots", "{ a: 1, b: 2 }"), 3 * slot);
	assert.equal(held("chunks", "new Array(100).fill(0)"), header + 100 * slot);
	assert.equal(held("chunks", "new ArrayBuffer(1000)"), header + 1000);
});

test("garbage is collected, and what is left is counted", () => {
	const { machine } = run("listen(() => { for (let i = 0; i < 1000; i++) ({ text: 'x'.repeat(100) }); });");
	machine.collect();
	const before = machine.statistics();
	for (let i = 0; i < 20; i++) machine.dispatch(0, 0);
	const during = machine.statistics();
	machine.collect();
	const after = machine.statistics();
	assert.ok(during.collections > before.collections + 20);
	assert.equal(after.used, before.used);
	assert.ok(during.peak > before.peak);
});

test("the same run has the same figures, units and slots included", () => {
	const runs = [1, 2, 3].map(() => {
		const { machine, traced } = run(
			`const all = new Map();
			listen((handle) => {
				all.set(handle % 50, { handle, text: "t" + handle, random: Math.random() });
				if (handle % 10 === 0) trace(meter(), " ", memory(2), " ", memory(4), " ", memory(7));
			});`,
			{ seed: 5 },
		);
		for (let i = 0; i < 500; i++) machine.dispatch(i, 0, "abc", new Uint8Array(i));
		return { traced, statistics: machine.statistics() };
	});
	assert.deepEqual(runs[1], runs[0]);
	assert.deepEqual(runs[2], runs[0]);
});

test("memory and meter are the machine's own figures", () => {
	const { machine, traced } = run(
		"trace([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(memory).join()); try { memory(11); } catch (e) { trace(e.name); }",
	);
	const [heap, stack, slots, slotsPeak] = (traced[0] as string).split(",").map(Number) as number[];
	assert.equal(heap, 65536);
	assert.equal(stack, 8192);
	assert.ok((slots as number) > 1000 && (slotsPeak as number) >= (slots as number));
	assert.equal(traced[1], "RangeError");
	assert.ok(machine.statistics().compute > 100);
});

test("the meter bounds one event, with its jobs, and not the sum of them", () => {
	const { machine, ends } = run("listen((turns) => { for (let i = 0; i < turns; i++); });", { meter: 100_000 });
	for (let i = 0; i < 100; i++) machine.dispatch(1000, 0);
	assert.deepEqual(ends, []);
	assert.ok(machine.statistics().compute > 500_000);
	machine.dispatch(100_000, 0);
	assert.deepEqual(
		ends.map(({ reason, message }) => [reason, message]),
		[["endless loop", "endless loop: one event took more than 100000 compute units"]],
	);
});

test("without a meter an event may take its time", () => {
	const { machine } = run("listen(() => { for (let i = 0; i < 1e6; i++); });", { meter: 0 });
	machine.dispatch(0, 0);
	assert.equal(machine.ended, undefined);
	assert.ok(machine.statistics().compute > 5_000_000);
});

test("a larger stack goes deeper, and costs heap", () => {
	const depth = (stack: number) => {
		const { machine, traced } = machineOf(
			romOf({ main: "let depth = 0; function f() { depth++; trace(depth); f(); } f();" }),
			{ stack },
		);
		machine.import("main");
		assert.equal(machine.ended?.reason, "stack overflow");
		assert.equal(machine.statistics().stack, stack * 16);
		assert.ok(machine.statistics().stackPeak > stack * 0.95);
		return Number(traced.at(-1));
	};
	const shallow = depth(256);
	assert.ok(depth(1024) > shallow * 4);
});

test("a collection from deep inside JavaScript, or of objects nested too deeply, harms nothing but the machine", () => {
	const { machine } = run("let all = []; for (let i = 0; i < 100; i++) all = [all]; globalThis.all = all;");
	const deep = (levels: number): void => (levels > 0 ? deep(levels - 1) : machine.collect());
	deep(3000);
	assert.equal(machine.ended, undefined);
	const code = "let all = []; listen(() => { for (let i = 0; i < 1000; i++) all = [all]; });";
	const nested = run(code, { heap: 1 << 22 }).machine;
	for (let i = 0; i < 10 && !nested.ended; i++) {
		nested.dispatch(0, 0);
		if (!nested.ended) nested.collect();
	}
	assert.equal(nested.ended?.reason, "stack overflow");
	assert.throws(() => nested.collect(), { code: "ERR_MACHINE_ENDED" });
});

test("modules that cannot be compiled leave nothing behind, however often they are tried", async () => {
	const rom = new Rom({
		loader: {
			resolve: (id) => id,
			load: (id) => ({ path: id, code: id === "main" ? main : `${"/* */".repeat(20000)} =` }),
		},
		preload: [],
	});
	const main = 'import { listen } from "vagalume:host"; listen(() => { import("bad").catch(() => {}); });';
	const { machine } = machineOf(rom);
	machine.import("main");
	for (let i = 0; i < 100; i++) machine.dispatch(0, 0);
	const before = process.memoryUsage().rss;
	for (let i = 0; i < 1000; i++) machine.dispatch(0, 0);
	assert.equal(machine.ended, undefined);
	assert.ok(process.memoryUsage().rss - before < 50e6, `${process.memoryUsage().rss - before} bytes more`);
});
