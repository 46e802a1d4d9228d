import assert from "node:assert/strict";
import { test } from "node:test";
import { Machine, type MachineEnd } from "../../hosts/desktop/engine/index";
import { machineOf, romOf, run } from "../support/engine";

test("an event reaches the listener with its values, and then promise jobs run", () => {
	const { machine, traced } = run(`
		listen((handle, event, a, b, c) => {
			Promise.resolve().then(() => trace("job")).then(() => trace("job of a job"));
			trace(handle, " ", event, " ", a, " ", b instanceof ArrayBuffer, " ", c);
		});
	`);
	machine.dispatch(3, 4, "text", new Uint8Array(2), null);
	assert.deepEqual(traced, ["3 4 text true null", "job", "job of a job"]);
	machine.dispatch(5, 6);
	assert.equal(traced[3], "5 6 undefined false undefined");
});

test("events come in the order of dispatch, each with its jobs", () => {
	const { machine, traced } = run(
		"listen(async (handle) => { trace('a', handle); await null; trace('b', handle); await null; trace('c', handle); });",
	);
	for (const handle of [1, 2]) machine.dispatch(handle, 0);
	assert.deepEqual(traced, ["a1", "b1", "c1", "a2", "b2", "c2"]);
});

test("an event without a listener, and a second listener, are errors", () => {
	const silent = run("");
	silent.machine.dispatch(1, 1);
	assert.equal(silent.machine.ended?.message, "Error: an event, but no listener");
	const { machine } = machineOf(
		romOf({ main: 'import { listen } from "vagalume:host"; listen(() => {}); listen(() => {});' }),
	);
	machine.import("main");
	assert.equal(machine.ended?.message, "Error: listen: there is a listener already");
});

test("one machine's host may enter another machine", () => {
	const rom = romOf({
		first: 'import { call, listen } from "vagalume:host"; listen((n) => { trace("first ", n); if (n) call(n - 1); });',
	});
	const order: string[] = [];
	const machines: Machine[] = [];
	for (let i = 0; i < 2; i++) {
		const machine = new Machine({
			rom,
			name: `m${i}`,
			heap: 65536,
			host(n) {
				machines[1 - i]?.dispatch(n, 0);
				return undefined;
			},
			trace: (text) => order.push(`${i} ${text}`),
			onEnd: () => {},
		});
		machine.import("first");
		machines.push(machine);
	}
	machines[0]?.dispatch(1, 0);
	assert.deepEqual(order, ["0 first 1", "1 first 0"]);
	assert.throws(() => {
		const end = run("listen(() => {});", { host: () => undefined });
		end.machine.close();
		end.machine.dispatch(1, 1);
	}, /machine "test" has ended: dispatch is not possible any more/);
});

test("re-entry is refused with a clear error, and the machine lives on", () => {
	let machine: Machine | undefined;
	const errors: string[] = [];
	const result = run("listen((handle) => { call(handle); trace('still here'); });", {
		host() {
			for (const enter of [() => machine?.dispatch(1, 1), () => machine?.import("main"), () => machine?.collect()])
				try {
					enter();
				} catch (error) {
					errors.push((error as Error & { code: string }).code);
				}
			return undefined;
		},
	});
	machine = result.machine;
	machine.dispatch(1, 1);
	assert.deepEqual(errors, ["ERR_MACHINE_RUNNING", "ERR_MACHINE_RUNNING", "ERR_MACHINE_RUNNING"]);
	assert.deepEqual(result.traced, ["still here"]);
	assert.equal(machine.ended, undefined);
});

test("close inside the machine's own call takes effect when the call returns; onEnd comes once, after", () => {
	const order: string[] = [];
	let machine: Machine | undefined;
	const result = run("listen(() => { try { call(1); trace('never'); } finally { trace('never'); } });", {
		host() {
			machine?.close();
			machine?.close();
			order.push(`closing ${machine?.ended}`);
			return undefined;
		},
		onEnd: (end: MachineEnd) => order.push(end.reason),
	});
	machine = result.machine;
	machine.dispatch(1, 1);
	assert.deepEqual(order, ["closing undefined", "closed"]);
	assert.deepEqual(result.traced, []);
	machine.close();
	assert.equal(machine.ended?.reason, "closed");
	assert.equal(order.length, 2);
});

test("after its end a machine tells its figures and why, and refuses the rest", () => {
	const { machine, ends } = run("listen(() => { throw new Error('bad'); });");
	machine.dispatch(1, 1);
	assert.deepEqual(ends, [{ reason: "exception", message: "Error: bad", stack: "at main.js:2" }]);
	assert.ok(machine.statistics().slotsPeak > 1000);
	assert.throws(() => machine.dispatch(1, 1), /has ended: dispatch/);
	assert.throws(() => machine.import("main"), /has ended: import/);
	assert.throws(() => machine.collect(), /has ended/);
	machine.close();
	assert.equal(ends.length, 1);
});

test("a rejection that is handled within the same event ends nothing", () => {
	const { machine, traced } = run(`
		listen(() => {
			const failed = Promise.reject(new Error("no"));
			Promise.resolve().then(() => failed.catch((e) => trace(e.message)));
		});
	`);
	machine.dispatch(1, 1);
	assert.deepEqual(traced, ["no"]);
	assert.equal(machine.ended, undefined);
});

test("options out of range are refused by name", () => {
	const rom = romOf({});
	assert.throws(() => machineOf(rom, { heap: 10000 }), /heap: 10000 bytes are too few, at least 24576/);
	assert.throws(() => machineOf(rom, { heap: 1.5 }), /heap: 1.5 is no integer/);
	assert.throws(() => machineOf(rom, { stack: 10 }), /stack: 10 is no integer within 64/);
	assert.throws(() => machineOf(rom, { meter: -1 }), /meter: -1/);
	assert.throws(() => machineOf(rom, { seed: 0.5 }), /seed: 0.5/);
	assert.doesNotThrow(() => machineOf(rom, { heap: 24576 }));
});

test("close from a getter of what the host throws takes effect at once", () => {
	const traced: string[] = [];
	const { machine, ends } = run('listen(() => { try { call(1); } catch { } trace("never"); });', {
		trace: (text) => traced.push(text),
		host() {
			throw Object.defineProperty(new Error("late"), "code", { get: () => machine.close() });
		},
	});
	machine.dispatch(0, 0);
	assert.deepEqual(traced, []);
	assert.deepEqual(
		ends.map(({ reason }) => reason),
		["closed"],
	);
});
