/** A machine for tests of the engine: firmware as texts, what it traces and how it ended. */
import {
	type HostValue,
	type Loader,
	Machine,
	type MachineEnd,
	type MachineOptions,
	Rom,
} from "../../hosts/desktop/engine/index";

export type Sources = Record<string, string>;

/** Modules by their names; a stack shows `<name>.js`. */
export function loaderOf(sources: Sources): Loader {
	return {
		resolve: (specifier) => (specifier in sources ? specifier : undefined),
		load: (id) => ({ path: `${id}.js`, code: sources[id] as string }),
	};
}

export function romOf(sources: Sources, preload: string[] = [], modules: string[] = []): Rom {
	return new Rom({ loader: loaderOf(sources), preload, modules });
}

export interface Run {
	machine: Machine;
	traced: string[];
	calls: HostValue[][];
	ends: MachineEnd[];
}

/** Not imported yet. */
export function machineOf(rom: Rom, options: Partial<MachineOptions> = {}): Run {
	const traced: string[] = [];
	const calls: HostValue[][] = [];
	const ends: MachineEnd[] = [];
	const machine = new Machine({
		rom,
		name: "test",
		heap: 65536,
		meter: 10_000_000,
		host(...values) {
			calls.push(values);
			return undefined;
		},
		trace: (text) => traced.push(text),
		onEnd: (end) => ends.push(end),
		...options,
	});
	return { machine, traced, calls, ends };
}

/** Runs a module `main` that may import what vagalume:host exports; @throws when it ends its machine. */
export function run(code: string, options: Partial<MachineOptions> = {}): Run {
	const prologue = 'import { call, callInto, listen, meter, memory, timezone } from "vagalume:host";';
	const result = machineOf(romOf({ main: `${prologue}\n${code}` }), options);
	result.machine.import("main");
	const end = result.machine.ended;
	if (end) throw new Error(`${end.reason}: ${end.message}\n${end.stack}`);
	return result;
}
