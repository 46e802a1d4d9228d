// A worker thread that runs machines of its own: see test/unit/engine-rom.test.ts.
import { parentPort } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { Machine, Rom } = await import("../../hosts/desktop/engine/index.ts");
const code = `
	import { listen } from "vagalume:host";
	const all = [];
	listen((i) => {
		all.push("x" + i);
		if (all.length > 50) all.length = 0;
		if (i === 2000) trace(Math.random());
	});
`;
const rom = new Rom({ loader: { resolve: (id) => id, load: (id) => ({ path: id, code }) }, preload: [] });
const traced = [];
for (let seed = 1; seed <= 3; seed++) {
	const machine = new Machine({
		rom,
		name: "m",
		heap: 65536,
		seed,
		host: () => undefined,
		onEnd: (end) => traced.push(end.message),
		trace: (text) => traced.push(text),
	});
	machine.import("main");
	for (let i = 0; i <= 2000; i++) machine.dispatch(i, 0);
}
parentPort.postMessage(traced.join());
