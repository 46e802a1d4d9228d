/** The same breakpoint as on the desktop host, in the SDK's own engine. Skipped, by name, where there is none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lineWith } from "../support/debugged-simulation";
import { FakeXsbug } from "../support/fake-xsbug";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";

const base = "vagalume/sala";

describe("xsbug and the node under Moddable", { skip: withoutModdable || withoutMosquitto }, () => {
	// A first build compiles the engine, too.
	test("it stands at a breakpoint in TypeScript, and obeys when it goes on", { timeout: 900_000 }, async (t) => {
		const program = await buildForTest(undefined, { kind: "debug" });
		const at = lineWith("modules/light/light-order.ts", 'if (text.startsWith("{"))');
		const xsbug = await FakeXsbug.start([at]);
		t.after(() => xsbug.close());
		const broker = await Mosquitto.start();
		t.after(() => broker.remove());
		const observer = await Observer.connect(broker.url);
		t.after(() => observer.end());
		const env = { XSBUG_HOST: "127.0.0.1", XSBUG_PORT: String(xsbug.port) };
		const node = new ModdableNode(program, { id: "sala", broker: broker.url }, env);
		t.after(() => node.remove());
		const logIn = xsbug.machine();
		node.start();
		const machine = await logIn;
		await observer.sees(`${base}/status`, "online", 15_000);
		await observer.publish(`${base}/led/onboard/set`, "50");
		const stop = await machine.stop();
		assert.deepEqual([stop.path, stop.line], [at.path, at.line]);
		assert.equal(stop.frames[0], "parseLightOrder");
		assert.match(stop.locals.get("text")!, /^.50.$/);
		machine.clearAllBreakpoints();
		machine.go();
		await observer.sees(`${base}/led/onboard`, /"ON","brightness":12[78]/, 15_000);
	});
});
