/** What the XS host costs: `npm run bench -- host`. Its own small firmware, so that the figures stay comparable. */
import { readFileSync } from "node:fs";
import { type HostValue, type Loader, Machine, Rom } from "../../hosts/desktop/engine/index";

const firmware: Record<string, string> = {
	// As large as a small node: it reads a pin, keeps a mean, and publishes; all of it evaluated by each machine.
	app: `
		import { call, listen } from "vagalume:host";
		class Sensor {
			#pin; #sum = 0; #count = 0;
			constructor(pin) { this.#pin = pin; }
			sample() {
				const value = call(10, this.#pin);
				this.#sum += value; this.#count++;
				return { value, mean: this.#sum / this.#count };
			}
		}
		const sensors = [34, 35].map((pin) => new Sensor(pin));
		const queue = [];
		let sequence = 0;
		function tick() {
			const record = { seq: sequence++, ...sensors[sequence & 1].sample() };
			queue.push(record);
			if (queue.length > 8) queue.shift();
			return call(11, record.seq);
		}
		let received = 0;
		listen((handle, event, a, b) => {
			if (event === 1) tick();
			else if (event === 2) received++;
			else if (event === 3) for (let i = 0; i < a; i++) call(12, i, 2, 3);
			else if (event === 4) received += a.byteLength;
		});
	`,
};
const loader: Loader = {
	resolve: (specifier) => (specifier in firmware ? specifier : undefined),
	load: (id) => ({ path: `${id}.js`, code: firmware[id] as string }),
};

const TICK = 1;
const EMPTY = 2;
const CALLS = 3;
const BYTES = 4;

function host(operation: number): HostValue {
	return operation === 10 ? 2048 : undefined;
}

function make(rom: Rom, name: string): Machine {
	return new Machine({
		rom,
		name,
		heap: 128 * 1024,
		host,
		trace: () => {},
		onEnd: (end) => {
			if (end.reason !== "closed") throw new Error(`${name}: ${end.message}\n${end.stack}`);
		},
	});
}

function milliseconds(work: () => void): number {
	const start = performance.now();
	work();
	return performance.now() - start;
}

/** The best of some runs: the others shared the computer with something. */
function best(runs: number, work: () => void): number {
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < runs; i++) least = Math.min(least, milliseconds(work));
	return least;
}

function resident(): number {
	if (process.platform !== "linux") return process.memoryUsage().rss;
	const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
	return pages * 4096;
}

function calls(rom: Rom): [string, string][] {
	const machine = make(rom, "calls");
	machine.import("app");
	const bytes = new Uint8Array(65536);
	const call = best(5, () => machine.dispatch(1, CALLS, 100000)) / 100000;
	const event = best(5, () => {
		for (let i = 0; i < 100000; i++) machine.dispatch(1, EMPTY);
	});
	const payload = best(5, () => {
		for (let i = 0; i < 10000; i++) machine.dispatch(1, BYTES, bytes);
	});
	const hours = best(5, () => {
		for (let i = 0; i < 3600; i++) machine.dispatch(1, TICK);
	});
	machine.close();
	return [
		["synchronous call, three numbers", `${(call * 1000).toFixed(2)} us`],
		["event, no payload", `${(event / 100).toFixed(2)} us`],
		["event, 64 KiB", `${(payload / 10).toFixed(2)} us`],
		[
			"a node-hour (1 Hz, two host calls a tick)",
			`${hours.toFixed(0)} ms: ${(1000 / hours).toFixed(1)} node-hours a second`,
		],
	];
}

function fleet(rom: Rom, size: number): [string, string][] {
	const machines: Machine[] = [];
	for (let i = 0; i < 100; i++) make(rom, "warm-up").close();
	globalThis.gc?.();
	const before = resident();
	const creation = milliseconds(() => {
		for (let i = 0; i < size; i++) machines.push(make(rom, `node-${i}`));
	});
	const load = milliseconds(() => {
		for (const machine of machines) machine.import("app");
	});
	const ticks = 60;
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < ticks; i++)
		least = Math.min(
			least,
			milliseconds(() => {
				for (const machine of machines) machine.dispatch(1, TICK);
			}),
		);
	globalThis.gc?.();
	const bytes = (resident() - before) / size;
	for (const machine of machines) machine.close();
	return [
		["machine creation", `${((creation / size) * 1000).toFixed(1)} us`],
		["import of a compiled module", `${((load / size) * 1000).toFixed(1)} us`],
		[`resident memory a machine, of ${size}, after ${ticks} ticks`, `${(bytes / 1024).toFixed(1)} KB`],
		[`ticks a second, ${size} machines, one thread`, `${Math.round(size / (least / 1000))}`],
	];
}

/** Prints a table. With `--expose-gc` the resident memory is more exact. */
export async function bench(): Promise<void> {
	const rom = new Rom({ loader, preload: [], modules: ["app"] });
	const rows = [...calls(rom), ...fleet(rom, 1000), ["the ROM, shared by all", `${(rom.size / 1024).toFixed(0)} KB`]];
	const width = Math.max(...rows.map(([name]) => (name as string).length));
	for (const [name, value] of rows) console.log(`${(name as string).padEnd(width)}  ${value}`);
}

if (process.argv[1]?.endsWith("bench/host.ts")) await bench();
