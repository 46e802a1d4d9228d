/** Joins one XS machine to the services of its virtual board: calls go down, events come up. */
import type { ResetReason, Settings } from "embedded:provider/builtin";
import type { Clock } from "./clock";
import type { Folder } from "./folder";
import type { HostValue } from "./host-value";
import { NodeClock } from "./node-clock";
import { SHUTDOWN_HANDLE } from "./operations/system";
import type { Board } from "./services/board";
import type { BootRecord } from "./services/boot-record";
import type { Network } from "./services/network";

/** Names that a board gives its pins, and its buses: `device.pin` and `device.i2c`. */
export interface Wiring {
	readonly pin: Readonly<Record<string, number>>;
	readonly i2c: Readonly<Record<string, { readonly data: number; readonly clock: number }>>;
}

/** What survives a restart but not a loss of power: the board's RTC memory. Starts as `{}`. */
export interface Retained {
	/** Added to the world's date to give the node's (ms). At power-on the node's clock stands at 1970. */
	dateOffset?: number;
}

/** The engine's machine, as far as a host drives it. */
export interface HostedMachine {
	import(specifier: string): void;
	dispatch(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void;
	/** The date that the machine sees (ms since 1970), less `dateOffset`; undefined: the computer's. */
	time: number | undefined;
	/** Added to the computer's or the virtual date (ms). */
	dateOffset: number;
}

/** One boot of one node: all that its services need. */
export interface NodeContext {
	/** The machine of this boot. Not before the first call or event. */
	machine(): HostedMachine;
	/** The world's clock. Services take the node's own view of it, `Host.clock`. */
	readonly clock: Clock;
	readonly board: Board;
	readonly network: Network;
	/** Holds this node's flash: key-value and partitions. */
	readonly storage: Folder;
	readonly settings: Settings;
	readonly wiring: Wiring;
	/** As `device.system` reports them. */
	readonly boardName: string;
	readonly hostName: string;
	/** 12 lower-case hexadecimal digits. */
	readonly uniqueId: string;
	/** What images for this host are made for, as releases name it. */
	readonly target: string;
	/** Which firmware runs, of a host that can run another one: it has decided that already. */
	readonly bootRecord?: BootRecord;
	/** Throws when an image cannot be booted. */
	checkImage?(image: Uint8Array): void;
	/** Of the firmware that runs. */
	readonly version: string;
	readonly resetReason: ResetReason;
	/** Bytes that the machine's heap may take. */
	readonly heap: number;
	readonly retained: Retained;
	/** Ends this boot and begins the next, `delay` ms later; takes effect once the machine has returned. */
	restart(reason: ResetReason, delay?: number): void;
	/** The firmware has said goodbye, after `Host.shutdown`. */
	shutdownDone(): void;
	/** A line for the simulator's own log: about the node, not from it. */
	log(line: string): void;
	/** `count` random bytes of the node's own generator (seeded when the simulator is). */
	random(count: number): Uint8Array;
}

/** One operation. Throwing throws an Error with that message (and `code`) inside XS. */
// biome-ignore lint/suspicious/noConfusingVoidType: an operation without a result may be a function that returns nothing
export type Operation = (...args: never[]) => HostValue | void;

export interface ServiceInstance {
	/** By number: see hosts/shared/operations. */
	readonly operations: Readonly<Record<number, Operation>>;
	/** The power goes: gives everything back at once, silently. */
	close(): void;
}

/** Makes what stands behind a domain of operations, for one boot. */
export type Service = (context: NodeContext, host: Host) => ServiceInstance;

type Call = (...args: HostValue[]) => HostValue;

interface Event {
	readonly handle: number;
	readonly event: number;
	readonly a: HostValue;
	readonly b: HostValue;
	readonly c: HostValue;
}

/** The host side of one boot. `call` is what the machine calls; `event` is how services answer. */
export class Host {
	/** The node's view of time: while it waits in `Timer.delay`, ahead of the world's. Services use this one. */
	readonly clock: NodeClock;
	readonly #context: NodeContext;
	readonly #operations: (Call | undefined)[] = [];
	readonly #services: ServiceInstance[] = [];
	#queue: Event[] = [];
	#scheduled = false;
	#running = false;
	#closed = false;
	#handle = 0;

	constructor(context: NodeContext, services: readonly Service[]) {
		this.#context = context;
		this.clock = new NodeClock(context.clock, (date) => this.#setTime(date));
		context.retained.dateOffset ??= -context.clock.date();
		for (const service of services) {
			const instance = service(context, this);
			this.#services.push(instance);
			for (const [number, operation] of Object.entries(instance.operations))
				this.#operations[Number(number)] = operation as Call;
		}
	}

	/** A synchronous call from XS. */
	call(operation: number, ...args: HostValue[]): HostValue {
		const target = this.#operations[operation];
		if (!target) throw new Error(`host has no operation ${operation}`);
		return target(...args);
	}

	/** Imports a module into the machine: how a node boots. */
	import(specifier: string): void {
		if (this.#closed) return;
		const machine = this.#context.machine();
		machine.dateOffset = this.#context.retained.dateOffset ?? 0;
		this.#begin();
		try {
			machine.import(specifier);
		} finally {
			this.#running = false;
		}
	}

	/** Queues an event for the machine: delivered in order, never within the call that caused it (ECMA-419 §6). */
	event(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void {
		if (this.#closed) return;
		this.#queue.push({ handle, event, a, b, c });
		this.#schedule();
	}

	/** As `event`, but delivered before it returns where possible: only from a callback of `clock`. */
	enter(handle: number, event: number, a?: HostValue, b?: HostValue, c?: HostValue): void {
		if (this.#closed) return;
		this.#queue.push({ handle, event, a, b, c });
		if (this.#running || this.clock.ahead > 0) this.#schedule();
		else this.#flush();
	}

	/** Asks the firmware to end in order: it answers through `NodeContext.shutdownDone`, if it listens at all. */
	shutdown(): void {
		this.event(SHUTDOWN_HANDLE, 0);
	}

	/** A number for an object that is joined to one inside XS; unique within this boot. */
	newHandle(): number {
		return ++this.#handle;
	}

	/** The node's own date in ms since 1970: 1970 plus uptime until it was set. */
	get date(): number {
		return this.clock.date() + (this.#context.retained.dateOffset ?? 0);
	}

	/** Sets the node's clock: ms since 1970. */
	setDate(date: number): void {
		const offset = date - this.clock.date();
		this.#context.retained.dateOffset = offset;
		this.#context.machine().dateOffset = offset;
	}

	/** True while the machine runs. */
	get running(): boolean {
		return this.#running;
	}

	/** Ends all services; nothing reaches the machine afterwards. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#queue = [];
		for (const service of this.#services) service.close();
		this.clock.close();
	}

	#schedule(): void {
		if (this.#scheduled) return;
		this.#scheduled = true;
		this.clock.soon(() => {
			this.#scheduled = false;
			this.#flush();
		});
	}

	#flush(): void {
		if (this.#running) {
			this.#schedule();
			return;
		}
		const queue = this.#queue;
		this.#queue = [];
		for (let index = 0; index < queue.length; index++) {
			if (this.#closed) return;
			if (this.clock.ahead > 0) {
				// The node is busy: it sees the rest once the world has caught up with it.
				this.#queue = queue.slice(index).concat(this.#queue);
				break;
			}
			const { handle, event, a, b, c } = queue[index]!;
			this.#begin();
			try {
				this.#context.machine().dispatch(handle, event, a, b, c);
			} finally {
				this.#running = false;
			}
		}
		if (this.#queue.length > 0) this.#schedule();
	}

	#begin(): void {
		if (this.clock.virtual) this.#setTime(this.clock.date());
		this.#running = true;
	}

	#setTime(date: number): void {
		this.#context.machine().time = date;
	}
}
