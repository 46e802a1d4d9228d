import { type Ending, type Handle, type HostValue, native } from "./native";
import type { Rom } from "./rom";

/** By the numbers of VgReason in addon/engine.h. */
const reasons = [
	"alive",
	"closed",
	"memory full",
	"stack overflow",
	"exception",
	"unhandled rejection",
	"endless loop",
	"too many keys",
	"internal",
] as const;

export interface MachineEnd {
	readonly reason: Exclude<(typeof reasons)[number], "alive">;
	/** One line: `TypeError: cannot coerce undefined to object`. */
	readonly message: string;
	/** A line a frame, innermost first: `at connect (modules/mqtt/client.ts:120)`. May be empty. */
	readonly stack: string;
}

/** Where xsbug listens. */
export interface DebuggerAddress {
	readonly host: string;
	readonly port: number;
}

export interface MachineOptions {
	readonly rom: Rom;
	readonly name: string;
	/** Bytes for stack, slots and chunks together, counted as on the 32-bit board (a slot is 16 bytes). */
	readonly heap: number;
	/** Slots of stack; default 512, as on the ESP32. They are part of the heap. */
	readonly stack?: number;
	/** Compute units that one event, with the promise jobs that it causes, may take; default 0: no limit. */
	readonly meter?: number;
	/** Of Math.random: a machine has its own generator. Default 0. */
	readonly seed?: number;
	/**
	 * Connects to xsbug there while the machine is made, and runs without it when nobody listens. A machine that stands at a
	 * breakpoint blocks its thread; `id`, unique in this process and not 0, is for `interruptDebugger`.
	 */
	readonly debugger?: DebuggerAddress & { readonly id: number };
	/** A call of the firmware. What it throws is thrown inside XS: an Error with that message, and `code` if there is one. */
	host(operation: number, ...values: HostValue[]): HostValue;
	/** Once, when the machine has ended, after the call that ended it has left XS. */
	onEnd(end: MachineEnd): void;
	/** The global function `trace`. */
	trace(text: string): void;
}

/** Bytes as on the 32-bit board, if not said otherwise. */
export interface Statistics {
	/** The limit. */
	heap: number;
	stack: number;
	slots: number;
	slotsPeak: number;
	chunks: number;
	chunksPeak: number;
	/** Stack, slots and chunks that the pool has handed out: when it must grow beyond `heap`, memory is full. */
	reserved: number;
	/** slots + chunks: what garbage collection left, and what came since. */
	used: number;
	/** slotsPeak + chunksPeak. */
	peak: number;
	/** Garbage collections. */
	collections: number;
	/** Slots of the stack, out of `stack / 16`. */
	stackPeak: number;
	/** Names of properties made while the machine runs. They are never given back. */
	keys: number;
	/** Units since the machine was made. */
	compute: number;
}

const figures = new Float64Array(11);

/** One virtual board: an XS machine with a heap of its own. Every call into it is synchronous. */
export class Machine {
	readonly name: string;
	#handle: Handle;
	#host: (operation: number, ...values: HostValue[]) => HostValue;
	#trace: (text: string) => void;
	#onEnd: (end: MachineEnd) => void;
	#ended: MachineEnd | undefined;
	#time: number | undefined;
	#dateOffset = 0;

	/** @throws RangeError when heap cannot hold stack and built-ins, or an option is out of range */
	constructor(options: MachineOptions) {
		const { rom, name, heap, stack = 512, meter = 0, seed = 0 } = options;
		check("heap", heap, 1, 0x10000000);
		check("stack", stack, 64, 0x10000);
		check("meter", meter, 0, 0x7fffffff);
		check("seed", seed, 0, Number.MAX_SAFE_INTEGER);
		const smallest = stack * 16 + 16 * 1024;
		if (heap < smallest)
			throw new RangeError(`heap: ${heap} bytes are too few, at least ${smallest} for a stack of ${stack} slots`);
		const { host, port, id } = options.debugger ?? {};
		const handle = native.machineCreate(rom.handle, name, heap, stack, meter, seed, host, port?.toString(), id);
		if (!handle) throw new RangeError(`heap: no memory for a machine of ${heap} bytes`);
		this.name = name;
		this.#handle = handle;
		this.#host = options.host.bind(options);
		this.#trace = options.trace.bind(options);
		this.#onEnd = options.onEnd.bind(options);
	}

	/** Why the machine ended; `undefined` while it has not. */
	get ended(): MachineEnd | undefined {
		return this.#ended;
	}

	/**
	 * Evaluates a module with all that it imports, and their promise jobs. What fails ends the machine: see `ended`.
	 * @throws Error when the machine has ended, or is running (from inside its own host call)
	 */
	import(specifier: string): void {
		this.#finish(native.machineImport(this.#handle, this.#host, this.#trace, specifier));
	}

	/**
	 * Calls the function that the firmware gave to `listen`, then runs promise jobs. What nothing catches ends the machine.
	 * @throws Error as import does
	 */
	dispatch(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void {
		this.#finish(native.machineDispatch(this.#handle, this.#host, this.#trace, handle, event, a, b, c));
	}

	/** True while it is connected to xsbug. */
	get debugged(): boolean {
		return native.machineDebugged(this.#handle);
	}

	/**
	 * Hears what xsbug has said while nothing ran; what runs hears it at each line. Call it now and then, 10 times a second.
	 * @throws Error as import does
	 */
	listen(): void {
		this.#finish(native.machineListen(this.#handle));
	}

	/** The date inside, in ms since 1970; `undefined`: the computer's. */
	get time(): number | undefined {
		return this.#time;
	}

	set time(time: number | undefined) {
		this.#time = time;
		native.machineSetClock(this.#handle, time ?? Number.NaN, this.#dateOffset, this.timezone);
	}

	/** Milliseconds added to the date. */
	get dateOffset(): number {
		return this.#dateOffset;
	}

	set dateOffset(offset: number) {
		this.#dateOffset = offset;
		native.machineSetClock(this.#handle, this.#time ?? Number.NaN, offset, this.timezone);
	}

	/** Seconds east of UTC, of local dates inside; 0 at first, whatever the computer's zone. The firmware can set it too. */
	get timezone(): number {
		return native.machineZone(this.#handle);
	}

	set timezone(seconds: number) {
		native.machineSetClock(this.#handle, this.#time ?? Number.NaN, this.#dateOffset, seconds);
	}

	/** Of an ended machine: as they were at its end. */
	statistics(): Statistics {
		native.machineStatistics(this.#handle, figures);
		const [heap, stack, slots, slotsPeak, chunks, chunksPeak, reserved, collections, stackPeak, keys, compute] =
			figures as unknown as number[] as [
				number,
				number,
				number,
				number,
				number,
				number,
				number,
				number,
				number,
				number,
				number,
			];
		return {
			heap,
			stack,
			slots,
			slotsPeak,
			chunks,
			chunksPeak,
			reserved,
			used: slots + chunks,
			peak: slotsPeak + chunksPeak,
			collections,
			stackPeak,
			keys,
			compute,
		};
	}

	/**
	 * Collects garbage: `statistics().used` is then what the firmware holds on to. Ends a machine whose objects are nested
	 * too deeply for the collector. @throws Error as import does
	 */
	collect(): void {
		this.#finish(native.machineCollect(this.#handle));
	}

	/** Ends the machine with the reason "closed"; from inside its own host call, as soon as that call returns. */
	close(): void {
		this.#finish(native.machineClose(this.#handle));
	}

	#finish(ending: Ending | undefined): void {
		if (!ending || this.#ended) return;
		this.#ended = {
			reason: reasons[ending.reason] as MachineEnd["reason"],
			message: ending.message,
			stack: ending.stack,
		};
		this.#onEnd(this.#ended);
	}
}

/** From any thread: ends the machine whose `debugger.id` this is, if it stands at a breakpoint; 0: all that do. */
export function interruptDebugger(id: number): void {
	native.debuggerInterrupt(id);
}

function check(name: string, value: number, least: number, most: number): void {
	if (!Number.isInteger(value) || value < least || value > most)
		throw new RangeError(`${name}: ${value} is no integer within ${least}..${most}`);
}
