import { DesktopNode } from "../../hosts/desktop/desktop-node";
import type { Machine, MachineEnd, Rom } from "../../hosts/desktop/engine";
import { buildRom } from "../../hosts/desktop/firmware/build-rom";
import type { Clock } from "../../hosts/shared/clock";
import type { NodeContext, Operation, Service } from "../../hosts/shared/host";
import { NetworkOperation } from "../../hosts/shared/operations/network";
import { StorageOperation } from "../../hosts/shared/operations/storage";
import type { Board } from "../../hosts/shared/services/board";
import { keyValueService } from "../../hosts/shared/services/key-value-service";
import { KeyValueStore } from "../../hosts/shared/services/key-value-store";
import type { Network } from "../../hosts/shared/services/network";
import { resolverService } from "../../hosts/shared/services/resolver-service";
import { systemService } from "../../hosts/shared/services/system-service";
import { tcpService } from "../../hosts/shared/services/tcp-service";
import { wifiService } from "../../hosts/shared/services/wifi-service";
import type { Settings } from "../../modules/system/system";
import { DEFAULT_HEAP } from "../../sim/options";
import { root } from "../../tools/root";
import type { ChaosSettings } from "../inside/chaos-settings";
import { MemoryFolder } from "./memory-folder";

/** ms from a power cut to the next boot. */
const DARK = 200;

/** Where the power goes: at the `index`-th (from 0) of these host calls. */
export interface CutPoint {
	readonly kind: "storage" | "socket";
	readonly index: number;
	/** Before the call takes effect, or right after, before the firmware learns of it. */
	readonly when: "before" | "after";
}

/** What it says, and what happens to it. */
export interface NodeEvents {
	accepted(number: number): void;
	fate(number: number, fate: string): void;
	report(number: number, duplicate: boolean): void;
	/** Nothing is under way, and it waits a moment before it goes on. */
	resting(): void;
	/** Anything else that it writes. */
	line(text: string): void;
	fault(end: MachineEnd): void;
	/** The power goes; `key`: at the write of that key-value pair, before it takes effect. */
	dies(key: string | undefined): void;
}

export interface NodeOptions {
	readonly clock: Clock;
	readonly network: Network;
	/** What the next boot is to do. */
	settings(): ChaosSettings;
	readonly events: NodeEvents;
	/** 0..1 */
	random(): number;
}

let rom: Rom | undefined;

/** The node of the chaos test, with a power switch that can be thrown inside any of its writes. */
export class NodeUnderTest {
	/** Writes so far, over all boots. */
	readonly writes = { storage: 0, socket: 0 };
	/** Of all boots: bytes as on the board. */
	peak = 0;
	boots = 0;
	readonly #options: NodeOptions;
	readonly #storage = new MemoryFolder();
	readonly #node: DesktopNode;
	#context: NodeContext | undefined;
	#cutPoint: CutPoint | undefined;
	#closed = false;

	constructor(options: NodeOptions) {
		this.#options = options;
		rom ??= buildRom({ root, main: "test/inside/chaos", trace: () => {} });
		const { clock, network, settings, events, random } = options;
		this.#node = new DesktopNode(
			{
				rom,
				name: "chaos",
				clock,
				board: {} as Board,
				network,
				storage: "",
				get settings() {
					return { chaos: settings() } as Settings;
				},
				wiring: { pin: {}, i2c: {} },
				boardName: "test board",
				hostName: "desktop",
				uniqueId: "240ac4000001",
				version: "1.0.0",
				heap: DEFAULT_HEAP,
				random: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
				onLine: (line) => this.#line(line),
				onNotice: (line) => events.line(`! ${line}`),
				onFault: (end) => events.fault(end),
			},
			[systemService, this.#watched(keyValueService), wifiService, this.#watched(tcpService()), resolverService],
		);
	}

	powerOn(): void {
		if (this.#closed || this.#node.on) return;
		this.boots++;
		this.#node.powerOn();
	}

	/** The power goes now, and comes back a moment later. */
	powerCut(key?: string): void {
		if (!this.#node.on) return;
		this.#peak();
		this.#options.events.dies(key);
		this.#node.powerCut();
		this.#options.clock.set(() => this.powerOn(), DARK);
	}

	/** The power goes at a write to come, counted over all boots. */
	cutAt(point: CutPoint): void {
		this.#cutPoint = point;
	}

	/** Bytes in use once garbage is collected; `undefined` while it is off. Not from within the node's own calls. */
	used(): number | undefined {
		if (!this.#node.on || !this.#context) return undefined;
		this.#peak();
		(this.#context.machine() as Machine).collect();
		return this.#node.statistics()?.used;
	}

	/** Names of properties, which are never given back. */
	get keys(): number {
		return this.#node.statistics()?.keys ?? 0;
	}

	/** Entries of the flash in use, of 630. */
	get flash(): number {
		return new KeyValueStore(this.#storage, () => {}).used;
	}

	close(): void {
		this.#closed = true;
		this.#peak();
		this.#node.powerCut();
	}

	#peak(): void {
		this.peak = Math.max(this.peak, this.#node.statistics()?.peak ?? 0);
	}

	#watched(service: Service): Service {
		return (context, host) => {
			this.#context = context;
			const instance = service({ ...context, storage: this.#storage }, host);
			const operations: Record<number, Operation> = { ...instance.operations };
			const watch = (operation: number, kind: CutPoint["kind"]) => {
				const inner = operations[operation];
				if (inner) operations[operation] = this.#watch(inner as (...args: unknown[]) => never, kind);
			};
			watch(StorageOperation.keyValueWrite, "storage");
			watch(StorageOperation.keyValueDelete, "storage");
			watch(NetworkOperation.tcpWrite, "socket");
			return { operations, close: () => instance.close() };
		};
	}

	#watch(inner: (...args: unknown[]) => never, kind: CutPoint["kind"]): Operation {
		return ((...args: unknown[]) => {
			const index = this.writes[kind]++;
			const point = this.#cutPoint;
			const when = point?.kind === kind && point.index === index ? point.when : undefined;
			if (when) this.#cutPoint = undefined;
			// It ends once this returns: the firmware learns nothing more.
			if (when === "before") return this.powerCut(kind === "storage" ? String(args[1]) : undefined);
			const result = inner(...args);
			if (when === "after") this.powerCut();
			return result;
		}) as Operation;
	}

	#line(line: string): void {
		const { events } = this.#options;
		const number = Number.parseInt(line.slice(1), 10);
		if (line.startsWith("+")) events.accepted(number);
		else if (line.startsWith("<")) events.report(number, line.endsWith(" dup"));
		else if (line.startsWith("=")) events.fate(number, line.slice(line.indexOf(" ") + 1));
		else if (line === "~") events.resting();
		else events.line(line);
	}
}
