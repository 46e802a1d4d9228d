import type { MessagePort } from "node:worker_threads";
import type { HostValue } from "../../shared/host-value";
import type { DebuggerAddress, MachineEnd, Statistics } from "../engine";

/** How the worker is to make its machine: `workerData`. */
export interface WorkerSetup {
	/** The project's folder. */
	readonly root: string;
	/** The firmware that an update brought; undefined: that of `root`. */
	readonly image: Uint8Array | undefined;
	/** The specifier that boots it. */
	readonly main: string | undefined;
	readonly preload: readonly string[] | undefined;
	readonly name: string;
	readonly heap: number;
	readonly stack: number;
	readonly meter: number;
	readonly seed: number;
	readonly debugger: DebuggerAddress & { readonly id: number };
	/** Answers to calls come here. */
	readonly answers: MessagePort;
	/** Not 0 once an answer is there. */
	readonly answered: Int32Array;
}

/** What the machine's date follows. */
export interface Dates {
	readonly time: number | undefined;
	readonly dateOffset: number;
}

/** To the worker. */
export type Order =
	| { readonly type: "import"; readonly specifier: string; readonly dates: Dates }
	| {
			readonly type: "dispatch";
			readonly handle: number;
			readonly event: number;
			readonly values: readonly HostValue[];
			readonly dates: Dates;
	  };

/** To the worker that waits in a call. */
export type Answer = { readonly dates: Dates } & (
	| { readonly value: HostValue }
	| { readonly error: { readonly name: string; readonly message: string; readonly code: string | undefined } }
);

/** From the worker. */
export type Report =
	| { readonly type: "made"; readonly debugged: boolean }
	| { readonly type: "call"; readonly operation: number; readonly values: readonly HostValue[] }
	| { readonly type: "trace"; readonly text: string }
	/** An order was carried out. */
	| { readonly type: "done"; readonly debugged: boolean; readonly statistics: Statistics }
	| { readonly type: "end"; readonly end: MachineEnd };
