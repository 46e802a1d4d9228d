/** What the XS host costs: `npm run bench -- host`. Mostly with a small firmware of its own, so that the figures stay comparable. */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type HostValue, type Loader, Machine, Rom } from "../../hosts/desktop/engine/index";
import { parseSimOptions } from "../../sim/options";
import { Simulation } from "../../sim/simulation";
import { loadNode } from "../../tools/load-node";
import { root } from "../../tools/root";
import { QuietOutput } from "../support/quiet-output";

const firmware: Record<string, string> = {
	// A tick does what a small node does each second: it reads a pin, keeps a mean, remembers the last records, writes one
	// as JSON, and sends it as an MQTT PUBLISH. All of it is evaluated by each machine.
	app: `
		import { call, listen } from "vagalume:host";
		class Sensor {
			#pin; #sum = 0; #count = 0;
			constructor(pin) { this.#pin = pin; }
			sample() {
				const value = call(10, this.#pin) * 3.3 / 4095;
				this.#sum += value; this.#count++;
				return { value: Math.round(value * 1000) / 1000, mean: Math.round(this.#sum / this.#count * 1000) / 1000 };
			}
		}
		const sensors = [34, 35].map((pin) => new Sensor(pin));
		const topic = new Uint8Array(ArrayBuffer.fromString("vagalume/bench/telemetry"));
		const queue = [];
		let sequence = 0;
		function packet(payload) {
			const length = 2 + topic.length + payload.length;
			const bytes = new Uint8Array(3 + length);
			bytes.set([0x30, length & 0x7f | 0x80, length >> 7, 0, topic.length]);
			bytes.set(topic, 5);
			bytes.set(payload, 5 + topic.length);
			return bytes;
		}
		function tick() {
			const record = { seq: sequence++, uptime: sequence, ...sensors[sequence & 1].sample() };
			queue.push(record);
			if (queue.length > 8) queue.shift();
			call(11, packet(new Uint8Array(ArrayBuffer.fromString(JSON.stringify(record)))));
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
const HOUR = 3600;
const FLEET = 1000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
let published = 0;

function host(operation: number, value: HostValue): HostValue {
	if (operation === 10) return 2048 + (published & 15);
	if (operation === 11) published += (value as ArrayBuffer).byteLength;
	return undefined;
}

function make(rom: Rom, name: string, heap = 65536): Machine {
	return new Machine({
		rom,
		name,
		heap,
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
	collect();
	if (process.platform !== "linux") return process.memoryUsage().rss;
	const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
	return pages * 4096;
}

type Row = readonly [name: string, value: string, note?: string];
const microseconds = (milliseconds: number) => `${(milliseconds * 1000).toFixed(2)} us`;
const thousands = (value: number) => Math.round(value).toLocaleString("en");

function calls(rom: Rom): Row[] {
	const machine = make(rom, "calls", 262144);
	machine.import("app");
	const bytes = new Uint8Array(65536);
	const call = best(5, () => machine.dispatch(1, CALLS, 100000)) / 100000;
	const event = best(5, () => {
		for (let i = 0; i < 100000; i++) machine.dispatch(1, EMPTY);
	});
	const payload = best(5, () => {
		for (let i = 0; i < 10000; i++) machine.dispatch(1, BYTES, bytes);
	});
	machine.close();
	return [
		["synchronous call", microseconds(call), "three numbers"],
		["event", microseconds(event / 100000), "no payload"],
		["event", microseconds(payload / 10000), "64 KiB"],
	];
}

function nodeHour(rom: Rom): Row {
	const machine = make(rom, "hour");
	machine.import("app");
	const hour = best(5, () => {
		for (let i = 0; i < HOUR; i++) machine.dispatch(1, TICK);
	});
	const { compute, collections } = machine.statistics();
	machine.close();
	const work = `two host calls and ${Math.round(compute / 5 / HOUR)} compute units a tick`;
	return ["node-hours a second", (1000 / hour).toFixed(1), `1 Hz, ${work}; ${Math.round(collections / 5)} collections`];
}

/** Creation and import, of machines that are closed again. */
function births(rom: Rom): Row[] {
	let creation = Number.POSITIVE_INFINITY;
	let load = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 8; round++) {
		const machines: Machine[] = [];
		const created = milliseconds(() => {
			for (let i = 0; i < FLEET; i++) machines.push(make(rom, `node-${i}`));
		});
		const loaded = milliseconds(() => {
			for (const machine of machines) machine.import("app");
		});
		for (const machine of machines) machine.close();
		creation = Math.min(creation, created / FLEET);
		load = Math.min(load, loaded / FLEET);
	}
	return [
		["machine creation", microseconds(creation)],
		["import", microseconds(load), "a module compiled before"],
	];
}

function fleet(rom: Rom): Row[] {
	const machines: Machine[] = [];
	// What V8 and malloc keep for themselves grows with the ticks, not with the machines.
	const other = make(rom, "warm-up");
	other.import("app");
	for (let i = 0; i < 300 * FLEET; i++) other.dispatch(1, TICK);
	other.close();
	const before = resident();
	for (let i = 0; i < FLEET; i++) {
		const machine = make(rom, `node-${i}`);
		machine.import("app");
		machines.push(machine);
	}
	// Whole minutes: a single round of ticks may have no collection.
	const minute = best(5, () => {
		for (let i = 0; i < 60; i++) for (const machine of machines) machine.dispatch(1, TICK);
	});
	const bytes = (resident() - before) / FLEET;
	for (const machine of machines) machine.close();
	return [
		["resident bytes a machine", thousands(bytes), `of ${thousands(FLEET)}, after 300 ticks each`],
		["ticks a second", thousands((60 * FLEET) / (minute / 1000)), `${thousands(FLEET)} machines, one thread`],
	];
}

/** The project's own node, with its virtual board, network and broker. */
async function wholeNode(): Promise<Row> {
	const { node: description } = await loadNode();
	const options = parseSimOptions(["--headless", "--time", "virtual"]);
	const simulation = await Simulation.start({ options, output: new QuietOutput(), root, description });
	await simulation.advance(60);
	let least = Number.POSITIVE_INFINITY;
	for (let i = 0; i < 3; i++) {
		const start = performance.now();
		await simulation.advance(HOUR);
		least = Math.min(least, performance.now() - start);
	}
	simulation.stop();
	await simulation.run();
	return ["node-hours a second", (1000 / least).toFixed(1), "the node of node.ts, with its virtual board and broker"];
}

/** Prints a table. */
export async function bench(): Promise<void> {
	const rom = new Rom({ loader, preload: [], modules: ["app"] });
	// The fleet before other machines have left memory to malloc, which it would take again.
	const rows = [...calls(rom), nodeHour(rom), ...fleet(rom), ...births(rom), await wholeNode()];
	rows.push(["ROM", `${thousands(rom.size)} bytes`, "built-ins and the bench's firmware, shared by all"]);
	const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
	for (const [name, value, note = ""] of rows)
		console.log(`${name.padEnd(width(0))}  ${value.padStart(width(1))}  ${note}`.trimEnd());
}

if (process.argv[1]?.endsWith("bench/host.ts")) await bench();
