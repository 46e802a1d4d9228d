import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../tools/root";
import { DebuggedSimulation, lineWith } from "../support/debugged-simulation";
import { freePort } from "../support/free-port";
import { Observer } from "../support/observer";
import { until } from "../support/until";

const base = "vagalume/sala";
const ORDER = "modules/light/light-order.ts";
const reads = lineWith(ORDER, 'if (text.startsWith("{"))');
const percent = lineWith(ORDER, "const percent = Number(text)");
const refuses = lineWith(ORDER, "is not ON, OFF, TOGGLE, 0..100 or a JSON object");

const brightness = ({ simulation }: DebuggedSimulation) => {
	const part = simulation.nodes[0]!.workbench.parts()["led/onboard"]!;
	return part.kind === "led" ? part.brightness : Number.NaN;
};

test("a node stands at a breakpoint in TypeScript while broker and panel live on, steps, and obeys when it goes on", async (t) => {
	const world = await DebuggedSimulation.start(t);
	const { machine, simulation } = world;
	assert.equal(await machine.loggedIn, "sala");
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	await observer.sees(`${base}/led/onboard`, /OFF/);

	assert.match(machine.log.join("\n"), /Vagalume \(sala\) boots/);

	machine.setBreakpoint(reads);
	await observer.publish(`${base}/led/onboard/set`, "50");
	const stop = await machine.stop();
	assert.deepEqual([stop.path, stop.line, stop.why], [reads.path, reads.line, "breakpoint"]);
	assert.equal(stop.frames[0], "parseLightOrder");
	assert.equal(stop.locals.get("text"), "'50'");
	assert.equal(stop.locals.get("kind"), "'dimmable'");

	await observer.publish("somebody/else", "hello");
	await observer.sees("somebody/else", "hello");
	const answer = await fetch(`${simulation.panelUrl}/nodes`);
	const [{ id, on }] = (await answer.json()) as [{ id: string; on: boolean }];
	assert.deepEqual([id, on], ["sala", true]);
	assert.equal(brightness(world), 0);
	assert.match(observer.last(`${base}/led/onboard`)!, /OFF/);

	machine.step();
	await observer.publish(`${base}/command/ping`, "{}");
	const next = await machine.stop();
	assert.deepEqual([next.path, next.why], [reads.path, "step"]);
	assert.ok(next.line > reads.line && next.line <= percent.line, `${next.line}`);

	machine.clearAllBreakpoints();
	machine.go();
	await observer.sees(`${base}/led/onboard`, /"ON","brightness":12[78]/);
	await until(() => Math.abs(brightness(world) - 0.5) < 0.01, 1_000, "the LED at half brightness");
	assert.equal(await world.end(), 0);
	assert.equal(observer.last(`${base}/status`), "offline");
});

test("a node that stands is reported offline after 1.5 times its keep-alive, and is back when it goes on", async (t) => {
	const { machine, simulation } = await DebuggedSimulation.start(t, ["--keep-alive", "1"], [reads]);
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	await observer.sees(`${base}/status`, "online");
	await observer.publish(`${base}/led/onboard/set`, "ON");
	await machine.stop();
	await observer.sees(`${base}/status`, "offline");
	const back = observer.next(`${base}/status`, 10_000, (payload) => payload === "online");
	machine.clearAllBreakpoints();
	machine.go();
	await back;
	await observer.sees(`${base}/led/onboard`, /ON/);
});

test("with a breakpoint on exceptions it stands where one is thrown, and logs it when it goes on", async (t) => {
	const { machine, simulation, output } = await DebuggedSimulation.start(t, ["--headless"], [], true);
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	await observer.sees(`${base}/status`, "online");
	await observer.publish(`${base}/led/onboard/set`, "blue");
	const stop = await machine.stop();
	assert.deepEqual([stop.path, stop.line], [refuses.path, refuses.line]);
	// XS 17 tells the message.
	assert.match(stop.why, /^throw$|"blue" is not ON/);
	assert.equal(stop.locals.get("text"), "'blue'");
	machine.go();
	await until(() => /onboard.*"blue" is not ON/.test(output.lines.join("\n")), 5_000, "the refusal in the log");
});

test("a debugger that goes away lets the node go on: it obeys, and the next boot runs without", async (t) => {
	const { machine, simulation, output, xsbug } = await DebuggedSimulation.start(t, ["--headless"], [reads]);
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	await observer.sees(`${base}/status`, "online");
	await observer.publish(`${base}/led/onboard/set`, "ON");
	await machine.stop();
	await xsbug.close();
	await observer.sees(`${base}/led/onboard`, /ON/);
	await until(() => /xsbug has gone/.test(output.notices.join("\n")), 5_000, "a notice");
	await observer.publish(`${base}/command/restart`, "{}");
	await until(() => /no xsbug at/.test(output.notices.join("\n")), 10_000, "a notice");
	await observer.sees(`${base}/info`, /"bootCount":2/, 10_000);
});

test("a node can be stopped at its first line, and between two events", async (t) => {
	const { machine, simulation } = await DebuggedSimulation.start(t, ["--headless"], [{ path: "start", line: 0 }]);
	const first = await machine.stop();
	assert.match(first.path, /\/main\.ts$/);
	machine.go();
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	await observer.sees(`${base}/telemetry`, /"seq":1/);
	// It may be heard in an event that comes just then: that one is stopped instead.
	machine.step();
	const between = await machine.stop();
	assert.match(between.why, /^(stopped between two events|step)$/);
	machine.step();
	const next = await machine.stop();
	assert.deepEqual([next.why, /\.ts$/.test(next.path)], ["step", true]);
	machine.go();
});

test("out of memory: it stands where that happened, with all frames, before it ends", async (t) => {
	const world = await DebuggedSimulation.start(t, ["--headless", "--heap", "32768"]);
	const stop = await world.machine.stop();
	assert.match(stop.why, /^memory full: of 32768 bytes/);
	assert.match(stop.path, /\.ts$/);
	assert.ok(stop.frames.length > 3, stop.frames.join());
	world.machine.go();
	assert.equal(await world.ended, 1);
	// Paths as without a debugger.
	assert.match(world.output.lines.join("\n"), /memory full[\s\S]*\nat \S+ \((hosts|modules)\/.*\.ts:\d+\)/);
});

test("xsbug can end the node; a power cut and the end of the simulator reach one that stands", async (t) => {
	const world = await DebuggedSimulation.start(t, ["--headless"], [reads]);
	const { machine, simulation, output, xsbug } = world;
	const observer = await Observer.connect(simulation.brokerUrl);
	t.after(() => observer.end());
	const node = simulation.nodes[0]!;
	await observer.sees(`${base}/status`, "online");
	await observer.publish(`${base}/led/onboard/set`, "ON");
	await machine.stop();
	machine.abort();
	await until(() => !node.on, 5_000, "its end");
	assert.match(output.notices.join("\n"), /xsbug ended it/);
	for (const end of ["power cut", "end"]) {
		const boot = xsbug.machine();
		const online = observer.next(`${base}/status`, 10_000, (payload) => payload === "online");
		node.powerOn();
		const again = await boot;
		await online;
		await observer.publish(`${base}/led/onboard/set`, "ON");
		await again.stop();
		if (end === "end") break;
		node.powerCut();
		assert.equal(node.on, false);
	}
	assert.equal(await world.end(), 0);
});

test("--debug without a debugger ends with 2 and says how one is started", async () => {
	const port = await freePort();
	const { status, stderr } = spawnSync(
		process.execPath,
		[join(root, "bin/vagalume.js"), "sim", "--headless", "--debug", `127.0.0.1:${port}`],
		{ encoding: "utf8", timeout: 30_000 },
	);
	assert.equal(status, 2);
	assert.match(stderr, new RegExp(`--debug: no debugger listens at 127.0.0.1:${port} \\(ECONNREFUSED\\).*Start xsbug`));
});
