import type { ResetReason, Settings } from "embedded:provider/builtin";
import type { Clock, TimerHandle } from "../shared/clock";
import type { Folder } from "../shared/folder";
import { Host, type HostedMachine, type NodeContext, type Retained, type Service, type Wiring } from "../shared/host";
import type { Board } from "../shared/services/board";
import { BootRecord } from "../shared/services/boot-record";
import { FlashStore } from "../shared/services/flash-store";
import type { Network } from "../shared/services/network";
import { Machine, type MachineEnd, type MachineOptions, type Rom, type Statistics } from "./engine";
import type { ArchivedRom } from "./firmware/build-rom";
import { NodeFolder } from "./node-folder";
import { services as allServices } from "./services/index";

/** Compute units that one event may take: about five seconds of an ESP32, the time of its task watchdog. */
export const DEFAULT_METER = 25_000_000;
/** Slots of the engine's stack (14,336 bytes of the heap): the deepest measured is 662, under a flood of hostile messages. */
const STACK = 896;
/** What a board needs from reset to its first line of script, in ms. */
const BOOT_DELAY = 300;
/** How long `shutdown` waits for the firmware's goodbye, in ms. */
const SHUTDOWN_DEADLINE = 2_000;

/** A firmware on trial that nobody confirmed or gave up after so long, in ms of node time, is given up by the host. */
const TRIAL_DEADLINE = 900_000;
/** What its images are made for. */
const TARGET = "simulator";

/** What a node asks of its machine. */
export interface NodeMachine extends HostedMachine {
	/** A debugger is connected. */
	readonly debugged: boolean;
	statistics(): Statistics | undefined;
	/** Not of a machine in another thread. */
	collect?(): void;
	close(): void;
}

export interface DesktopNodeOptions {
	/** The firmware that came with the board. */
	readonly rom: Rom;
	/** Makes a ROM of an image that an update brought. Throws when it cannot be booted; without it none can. */
	readonly romOf?: (image: Uint8Array) => ArchivedRom;
	/** Makes the machine, of the firmware in `image` if an update brought one; a machine in this thread when omitted. */
	readonly makeMachine?: ((options: MachineOptions, image: Uint8Array | undefined) => NodeMachine) | undefined;
	/** For people, and in reports. */
	readonly name: string;
	readonly clock: Clock;
	readonly board: Board;
	readonly network: Network;
	/** The directory of this node's flash, or what stands for it. */
	readonly storage: string | Folder;
	readonly settings: Settings;
	readonly wiring: Wiring;
	readonly boardName: string;
	readonly hostName: string;
	/** 12 lower-case hexadecimal digits. */
	readonly uniqueId: string;
	/** Of the firmware that came with the board. */
	readonly version: string;
	/** Bytes, as on the 32-bit board. */
	readonly heap: number;
	/** Compute units that one event may take. */
	readonly meter?: number;
	/** The specifier that boots it; `main` by default. */
	readonly main?: string;
	random(count: number): Uint8Array;
	/** A whole line that the firmware traced. */
	onLine(line: string): void;
	/** The host's own words about the node. */
	onNotice(line: string): void;
	/** A fault ended the node; it stays off until `powerOn`. */
	onFault(end: MachineEnd): void;
	/** After each end of the firmware that was asked for: a restart, a power cut. */
	onRestart?(reason: ResetReason): void;
}

/** One node on this computer: a machine, its services, and its boots one after another. */
export class DesktopNode {
	readonly #options: DesktopNodeOptions;
	readonly #services: readonly Service[];
	#retained: Retained = {};
	#machine: NodeMachine | undefined;
	#host: Host | undefined;
	#record: BootRecord | undefined;
	#trial: TimerHandle | undefined;
	#next: { reason: ResetReason; delay: number } | undefined;
	#boot: TimerHandle | undefined;
	#shutdownDone: (() => void) | undefined;
	#line = "";

	constructor(options: DesktopNodeOptions, services: readonly Service[] = allServices) {
		this.#options = options;
		this.#services = services;
	}

	/** True from power-on until a fault, a power cut or the end of `shutdown`; also while it restarts. */
	get on(): boolean {
		return this.#machine !== undefined || this.#boot !== undefined;
	}

	/** Of the running machine; undefined while it is off. */
	statistics(): Statistics | undefined {
		return this.#machine?.statistics();
	}

	/** Collects garbage, so that `statistics().used` is what the firmware holds on to. Between two events only. */
	collect(): void {
		this.#machine?.collect?.();
	}

	/** Power comes: the firmware boots. Does nothing when it is on. */
	powerOn(): void {
		if (!this.on) this.#start("power-on");
	}

	/** Power goes, at once: no goodbye, nothing more is written. */
	powerCut(): void {
		this.#options.clock.clear(this.#boot);
		this.#boot = undefined;
		this.#next = undefined;
		this.#retained = {};
		this.#end();
	}

	/** Asks the firmware to say goodbye, waits for that (2 s at most), and cuts the power. */
	shutdown(): Promise<void> {
		const { clock, name, onNotice } = this.#options;
		const host = this.#host;
		if (!host) {
			this.powerCut();
			return Promise.resolve();
		}
		return new Promise((resolve) => {
			// At once, not when the promise is heard of: virtual time may go on before that.
			const leave = () => {
				this.#shutdownDone = undefined;
				clock.clear(deadline);
				this.powerCut();
				resolve();
			};
			this.#shutdownDone = leave;
			const deadline = clock.set(() => {
				onNotice(`${name}: no goodbye within ${SHUTDOWN_DEADLINE} ms`);
				leave();
			}, SHUTDOWN_DEADLINE);
			host.shutdown();
		});
	}

	/** Boots with a reason other than power-on: what a reset button or a brown-out does. */
	reset(reason: ResetReason): void {
		if (!this.#machine) return;
		this.#restart(reason, BOOT_DELAY);
	}

	#start(reason: ResetReason): void {
		const options = this.#options;
		const storage = typeof options.storage === "string" ? new NodeFolder(options.storage) : options.storage;
		const firmware = this.#firmware(storage);
		if (!firmware) return;
		const bootRecord = firmware.record;
		const context: NodeContext = {
			machine: () => this.#machine!,
			clock: options.clock,
			board: options.board,
			network: options.network,
			storage,
			bootRecord,
			target: TARGET,
			checkImage: (image) => void this.#romOf(image),
			settings: options.settings,
			wiring: options.wiring,
			boardName: options.boardName,
			hostName: options.hostName,
			uniqueId: options.uniqueId,
			version: firmware.version,
			resetReason: reason,
			heap: options.heap,
			retained: this.#retained,
			restart: (next, delay = 0) => this.#restart(next, BOOT_DELAY + delay),
			shutdownDone: () => this.#shutdownDone?.(),
			log: (line) => options.onNotice(`${options.name}: ${line}`),
			random: (count) => options.random(count),
		};
		const host = new Host(context, this.#services);
		this.#host = host;
		const [a = 0, b = 0, c = 0, d = 0] = options.random(4);
		const machine: MachineOptions = {
			rom: firmware.rom,
			name: options.name,
			heap: options.heap,
			stack: STACK,
			meter: options.meter ?? DEFAULT_METER,
			seed: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0,
			host: (operation, ...args) => host.call(operation, ...args),
			trace: (text) => this.#trace(text),
			onEnd: (end) => this.#ended(host, end),
		};
		this.#machine = options.makeMachine?.(machine, firmware.image) ?? new Machine(machine);
		if (bootRecord.onTrial) this.#watchTrial(bootRecord);
		host.import(options.main ?? "main");
	}

	/** What the slot that boots holds. Undefined when no slot can be booted: the node is off then. */
	#firmware(storage: Folder): (ArchivedRom & { record: BootRecord; image: Uint8Array | undefined }) | undefined {
		const { name, rom, version, onNotice, onFault } = this.#options;
		const record = new BootRecord(storage, (line) => onNotice(`${name}: ${line}`));
		let archived: ArchivedRom | undefined;
		let image: Uint8Array | undefined;
		const slot = record.boot((label, size) => {
			archived = image = undefined;
			if (size === undefined) return true;
			try {
				image = new FlashStore(storage).read(label, 0, size);
				archived = this.#romOf(image);
				return true;
			} catch (error) {
				onNotice(`${name}: boot: firmware in ${label} cannot be booted: ${(error as Error).message}`);
				return false;
			}
		});
		this.#record = record;
		if (slot === undefined) {
			onFault({ reason: "internal", message: "no firmware that can be booted is left in the flash", stack: "" });
			return undefined;
		}
		return { record, rom, version, image, ...archived };
	}

	#romOf(image: Uint8Array): ArchivedRom {
		const { romOf } = this.#options;
		if (!romOf) throw new Error("this node can run only the firmware that came with it");
		return romOf(image);
	}

	/** A firmware that hangs without computing, or forgets that it is on trial, must not stay. */
	#watchTrial(record: BootRecord): void {
		const { clock, name, onNotice } = this.#options;
		this.#trial = clock.set(() => {
			if (record !== this.#record || !record.onTrial) return;
			onNotice(`${name}: the new firmware was not confirmed within ${TRIAL_DEADLINE / 1000} s`);
			this.#restart("watchdog", BOOT_DELAY);
		}, TRIAL_DEADLINE);
	}

	#restart(reason: ResetReason, delay: number): void {
		if (reason === "watchdog" && this.#machine?.debugged) {
			// It cannot be told from a node that stands at a breakpoint.
			this.#options.onNotice(`${this.#options.name}: the watchdog does nothing while xsbug is connected`);
			return;
		}
		this.#next ??= { reason, delay };
		this.#machine?.close();
	}

	/** Closes the machine: at once, or when it has returned. */
	#end(): void {
		this.#machine?.close();
	}

	#ended(host: Host, end: MachineEnd): void {
		host.close();
		if (this.#host !== host) return;
		this.#options.clock.clear(this.#trial);
		this.#trial = undefined;
		this.#machine = undefined;
		this.#host = undefined;
		if (this.#line !== "") this.#trace("\n");
		this.#shutdownDone?.();
		if (end.reason !== "closed") {
			this.#next = undefined;
			if (!this.#record?.onTrial) {
				this.#options.onFault(end);
				return;
			}
			// A board's fault resets it, and the boot that follows takes the former firmware.
			this.#options.onNotice(`${this.#options.name}: the new firmware fell: ${end.reason}: ${end.message}`);
			this.#next = { reason: end.reason === "endless loop" ? "watchdog" : "panic", delay: BOOT_DELAY };
		}
		const next = this.#next;
		this.#next = undefined;
		if (!next) return;
		this.#options.onRestart?.(next.reason);
		this.#boot = this.#options.clock.set(() => {
			this.#boot = undefined;
			this.#start(next.reason);
		}, next.delay);
	}

	#trace(text: string): void {
		const lines = (this.#line + text).split("\n");
		this.#line = lines.pop()!;
		for (const line of lines) this.#options.onLine(line);
	}
}
