import type { ResetReason } from "embedded:provider/builtin";
import RNG from "rng";
import { ModdableClock } from "../../hosts/moddable/clock";
import { setDateOffset } from "../../hosts/moddable/date";
import { ModdableFolder } from "../../hosts/moddable/folder";
import { Heap } from "../../hosts/moddable/memory";
import { HELLO, ORDER, SHUTDOWN } from "../../hosts/moddable/panel/protocol";
import { services } from "../../hosts/moddable/services";
import { moddableSockets } from "../../hosts/moddable/sockets";
import { dispatch, setBelow } from "../../hosts/moddable/stage";
import { Host, type HostedMachine, type NodeContext, type Retained } from "../../hosts/shared/host";
import { boardTable } from "../../modules/description/boards";
import { type ControlledNode, control } from "../control";
import { Air } from "../network/air";
import { NodeNetwork } from "../network/node-network";
import { stream } from "../world/random";
import { makeBench } from "./bench";
import { PanelLink } from "./panel-link";
import { holding, saveRestart, takeRestart } from "./restart-record";
import { loadSettings, seed as seedOf, storagePath, version } from "./settings";
import { TimeServer } from "./time-server";

/** What a board needs from reset to its first line of script, in ms. */
const BOOT_DELAY = 300;

/** Indices of `vagalume:host`'s memory: slots, their peak, chunks, their peak, the stack's; and what collects the garbage. */
const Figure = Object.freeze({ heap: 0, slots: 2, slotsPeak: 3, chunks: 4, chunksPeak: 5, stackPeak: 8, collect: 11 });

/** One node in the Moddable simulator: its world, its board, its radio and its host, all in the machine of the firmware. */
export class SimulatedNode implements ControlledNode {
	readonly id: string;
	readonly world: ReturnType<typeof makeBench>["world"];
	readonly workbench: ReturnType<typeof makeBench>["workbench"];
	readonly wifi: ControlledNode["wifi"];
	readonly #folder: ModdableFolder;
	readonly #host: Host;
	readonly #retained: Retained;
	readonly #panel: PanelLink;
	/** What the world holds of the heap (bytes), by figure: it is not the firmware's. */
	readonly #own: number[] = [];
	/** Slots of the stack, at most: 0 unless the build is instrumented, which forgets them every second. */
	#stackPeak = Heap.figure(Figure.stackPeak);
	#orders: string[] = [];

	constructor() {
		const clock = new ModdableClock();
		const folder = new ModdableFolder(storagePath());
		const restart = takeRestart(folder);
		const settings = loadSettings(folder);
		const seed = seedOf();
		const { board, world, workbench } = makeBench(clock, seed);
		const hardware = boardTable[board]!;
		this.id = settings.id ?? "node";
		this.world = world;
		this.workbench = workbench;
		this.#folder = folder;
		workbench.board.on("warning", (text) => trace(`# ${text}\n`));
		const uniqueId = `02${hex(stream(seed, `${this.id} 1`))}${hex(stream(seed, `${this.id} 2`)).slice(0, 2)}`;
		const air = new Air({ seed });
		const internet = new TimeServer(clock);
		const network = new NodeNetwork({ air, internet, clock, node: 0, uniqueId, sockets: moddableSockets });
		const { station } = network;
		this.wifi = {
			down: () => station.down(),
			restore: () => station.up(),
			setSignal: (signal) => station.setSignal(signal),
		};
		this.#panel = new PanelLink({
			id: this.id,
			clock,
			workbench,
			radio: () => ({
				up: !station.shielded,
				...(station.linked && { signal: station.RSSI, address: station.address }),
			}),
			post: (message) => screen.postMessage(message),
		});
		this.#retained = restart?.dateOffset === undefined ? {} : { dateOffset: restart.dateOffset };
		const context: NodeContext = {
			machine: () => machine,
			clock,
			board: workbench.board,
			network,
			storage: folder,
			settings,
			// Copies: JSON.stringify refuses what lies in the ROM.
			wiring: { pin: { ...hardware.pin }, i2c: { default: { ...hardware.i2c.default } } },
			boardName: hardware.title,
			hostName: `Moddable SDK, XS ${Heap.engine()}`,
			uniqueId,
			version: version(),
			target: "moddable",
			resetReason: restart?.reason ?? "power-on",
			heap: 0,
			retained: this.#retained,
			restart: (reason, delay = 0) => this.#restart(reason, BOOT_DELAY + delay),
			shutdownDone: () => screen.postMessage("exit"),
			log: (line) => trace(`# ${line}\n`),
			random: (count) => new Uint8Array(RNG.get(count)),
		};
		this.#host = new Host(context, services);
		for (const line of restart?.orders ?? []) this.order(line);
	}

	/** From now on the firmware has its host. */
	start(): void {
		const host = this.#host;
		const instrumented = this.#stackPeak > 0;
		setBelow({
			call: (operation, ...values) => {
				if (instrumented) this.#lookAtStack();
				return host.call(operation, ...values);
			},
			memory: (index) => Heap.figure(index) - (this.#own[index] ?? 0),
		});
		screen.onMessage = (message) => this.#message(message);
		host.import("main");
		Heap.figure(Figure.collect);
		for (const index of [Figure.heap, Figure.slots, Figure.slotsPeak, Figure.chunks, Figure.chunksPeak])
			this.#own[index] = Heap.figure(index === Figure.slotsPeak || index === Figure.chunksPeak ? index - 1 : index);
		this.#own[Figure.heap] = 0;
	}

	/** Does what a line says, and answers on the console. */
	order(line: string): void {
		const answer = control(line, [this]);
		if (answer !== undefined) trace(`${answer}\n`);
		else this.#orders = holding(this.#orders, line);
	}

	/** Does nothing: a node without power hears nothing. Whoever runs the machine puts it on again. */
	powerOn(): void {}

	powerCut(): void {
		this.#end();
		screen.postMessage("off");
	}

	reset(): void {
		this.#restart("power-on", BOOT_DELAY);
	}

	/** What is held: the garbage, the world's too, is collected first. */
	statistics(): ReturnType<ControlledNode["statistics"]> {
		Heap.figure(Figure.collect);
		const figure = (index: number) => Heap.figure(index) - (this.#own[index] ?? 0);
		const slots = figure(Figure.slots);
		const chunks = figure(Figure.chunks);
		const peak = figure(Figure.slotsPeak) + figure(Figure.chunksPeak);
		return {
			used: slots + chunks,
			heap: figure(Figure.heap),
			slots,
			chunks,
			peak,
			stackPeak: this.#stackPeak || undefined,
		};
	}

	#lookAtStack(): void {
		this.#stackPeak = Math.max(this.#stackPeak, Heap.figure(Figure.stackPeak));
	}

	#message(message: string): void {
		if (message === SHUTDOWN) this.#host.shutdown();
		else if (message === HELLO) this.#showOn(this.#panel);
		else if (message.startsWith(ORDER)) this.order(message.slice(ORDER.length));
	}

	/** From now on the panel has what the console has, too. */
	#showOn(panel: PanelLink): void {
		if (!panel.isOpen) {
			const toConsole = trace;
			const value = (...values: unknown[]) => {
				toConsole(...values);
				panel.log(values.join(""));
			};
			Object.defineProperty(globalThis, "trace", { value, configurable: true });
		}
		panel.open();
	}

	#restart(reason: ResetReason, delay: number): void {
		const { dateOffset } = this.#retained;
		// The reset button does not cut the power: the clock goes on.
		saveRestart(this.#folder, { reason, dateOffset, orders: this.#orders });
		this.#end();
		screen.postMessage(`restart ${Math.round(delay)}`);
	}

	#end(): void {
		this.#panel.close();
		this.#host.close();
		this.workbench.close();
	}
}

const machine: HostedMachine = {
	import: () => {},
	dispatch,
	time: undefined,
	get dateOffset() {
		return 0;
	},
	set dateOffset(milliseconds: number) {
		setDateOffset(milliseconds);
	},
};

function hex(value: number): string {
	return (value >>> 0).toString(16).padStart(8, "0");
}
