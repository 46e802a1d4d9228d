/** In a process of its own: every fault many times, with the resident memory between. Prints one JSON line a fault. */
import { readFileSync } from "node:fs";
import { Machine, type MachineEnd, Rom } from "../../hosts/desktop/engine/index";
import { type Fault, faults } from "./engine-faults";

function resident(): number {
	globalThis.gc?.();
	if (process.platform !== "linux") return process.memoryUsage().rss;
	return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;
}

function romFor(fault: Fault): Rom {
	const code = `import { call, callInto, listen } from "vagalume:host";\n${fault.code}`;
	return new Rom({
		loader: {
			resolve: (specifier) => (specifier === "fault" ? specifier : undefined),
			load: (id) => ({ path: `${id}.ts`, code }),
		},
		preload: [],
	});
}

/** How the machine ended, or what was wrong about it. */
function once(fault: Fault, rom: Rom): MachineEnd | string {
	let ends = 0;
	const machine: Machine = new Machine({
		rom,
		name: fault.name,
		heap: fault.heap ?? 40000,
		stack: 256,
		meter: 100_000,
		host(operation) {
			switch (operation) {
				case 1:
					throw Object.assign(new Error("from the host"), { code: 42 });
				case 2:
					throw new RangeError("too far");
				case 3:
					throw "just text";
				case 5:
					return {} as never;
				case 6:
					machine.close();
					return undefined;
				case 7:
					return large;
				case 8:
					machine.dispatch(1, 1);
					return undefined;
				case 9:
					return new Uint8Array(3);
				default:
					return undefined;
			}
		},
		onEnd() {
			ends++;
		},
		trace(text) {
			if (text !== "close me") throw new Error(`traced ${text}`);
			machine.close();
		},
	});
	machine.import(fault.specifier ?? "fault");
	const events = fault.events ?? 0;
	for (let i = 0; i < Math.abs(events) && !machine.ended; i++) machine.dispatch(1, i, events < 0 ? large : undefined);
	const end = machine.ended;
	if (!end) {
		machine.close();
		return "the machine lives on";
	}
	if (ends !== 1) return `onEnd was called ${ends} times`;
	return end;
}

const large = new Uint8Array(1 << 20);
const times = Number(process.argv[2]);
const first = Math.floor(times / 10);

for (const fault of faults) {
	const rom = romFor(fault);
	const start = performance.now();
	let at = 0;
	let wrong: string | undefined;
	for (let i = 0; i < times && !wrong; i++) {
		// ended machines are finalized between turns of the event loop
		if (i % 100 === 0) await new Promise(setImmediate);
		if (i === first) at = resident();
		const end = once(fault, rom);
		if (typeof end === "string") wrong = end;
		else if (end.reason !== fault.reason || !`${end.message}\n${end.stack}`.includes(fault.tells ?? ""))
			wrong = `${end.reason}: ${end.message}\n${end.stack}`;
	}
	await new Promise(setImmediate);
	const grown = resident() - at;
	console.log(JSON.stringify({ name: fault.name, wrong, grown, time: Math.round(performance.now() - start) }));
	rom.close();
}
