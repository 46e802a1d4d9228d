import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VirtualClock } from "../hosts/desktop/clock";
import { DebuggedMachine } from "../hosts/desktop/debug/debugged-machine";
import type { DesktopNodeOptions } from "../hosts/desktop/desktop-node";
import type { MachineEnd } from "../hosts/desktop/engine";
import { RomShelf } from "../hosts/desktop/firmware/rom-shelf";
import type { Clock } from "../hosts/shared/clock";
import type { NodeDescription } from "../modules/description/description";
import type { EmbeddedBroker } from "./broker";
import { findDebugger } from "./debugger";
import { type FlashFolder, keptFlash, temporaryFlash } from "./flash-folder";
import { Air } from "./network/air";
import { Internet } from "./network/internet";
import { NodeBroker } from "./node-broker";
import type { SimOptions } from "./options";
import type { Output } from "./output";
import { PacedClock } from "./paced-clock";
import { Panel } from "./panel/panel";
import { faultText, SimNode } from "./sim-node";
import { UsageError } from "./usage";
import { parseScript, runScript } from "./world/script";

/** How much longer virtual time goes on for goodbyes, in ms. */
const GOODBYE = 3_000;
/** The world's and the nodes' seed in virtual time, unless another is asked for. */
const DEFAULT_SEED = 1;

export interface SimulationSetup {
	readonly options: SimOptions;
	readonly output: Output;
	/** The project's folder: where main.ts is. */
	readonly root: string;
	readonly description: NodeDescription;
	/** Of other simulations, too: whoever made it closes it. */
	readonly shelf?: RomShelf;
	/** A node's flash, for tests; usually it follows from the options. */
	readonly flashOf?: (id: string) => FlashFolder;
}

function flashFor(id: string, { nvs }: SimOptions, virtual: boolean): FlashFolder {
	if (virtual && nvs === undefined) return temporaryFlash();
	return keptFlash(nvs ?? ".vagalume", id, nvs !== undefined);
}

/** With --debug: what makes machines that are connected to xsbug. */
function debuggedMachine({ options, output, root }: SimulationSetup): DesktopNodeOptions["makeMachine"] {
	const { debug } = options;
	if (!debug) return undefined;
	return (machine, image) =>
		new DebuggedMachine({ ...machine, root, image, debugger: debug, onNotice: (line) => output.notice(line) });
}

/** Nodes, their world, and the broker and panel beside them. */
export class Simulation {
	readonly nodes: readonly SimNode[];
	readonly clock: Clock;
	readonly #broker: NodeBroker;
	/** What is simulated of the internet: servers for the nodes to reach. */
	readonly internet: Internet;
	readonly #setup: SimulationSetup;
	readonly #shelf: RomShelf;
	#panel: Panel | undefined;
	#status = 0;
	#stop!: () => void;
	#stopped = false;
	readonly #stopping = new Promise<void>((resolve) => {
		this.#stop = () => {
			this.#stopped = true;
			resolve();
		};
	});

	/** Starts everything; the nodes have booted when it resolves. Throws UsageError, CompileError or RomError. */
	static async start(setup: SimulationSetup): Promise<Simulation> {
		const { options, output } = setup;
		const virtual = options.time === "virtual";
		if (options.debug) await findDebugger(options.debug);
		let internet!: Internet;
		const clock: Clock = virtual ? new VirtualClock(() => output.blocked() ?? internet.idle()) : new PacedClock();
		internet = new Internet({ clock });
		const broker = await NodeBroker.start(options, setup.description, internet);
		try {
			const simulation = new Simulation(setup, clock, internet, broker);
			await simulation.#begin();
			return simulation;
		} catch (error) {
			await broker.close();
			throw error;
		}
	}

	private constructor(setup: SimulationSetup, clock: Clock, internet: Internet, broker: NodeBroker) {
		const { options, output, root, description } = setup;
		this.#setup = setup;
		this.clock = clock;
		this.#broker = broker;
		this.internet = internet;
		const virtual = clock.virtual;
		const seed = options.seed ?? (virtual ? DEFAULT_SEED : Math.floor(Math.random() * 0x1_0000_0000));
		const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
		this.#shelf = setup.shelf ?? new RomShelf(root);
		const rom = this.#shelf.own((text) => output.notice(text.trimEnd()));
		const air = new Air({ seed });
		const several = options.nodes > 1;
		const prefix = options.id ?? description.id;
		const ids = several ? Array.from({ length: options.nodes }, (_, index) => `${prefix}-${index + 1}`) : [prefix];
		const settings = {
			...(broker.setting !== undefined && { broker: broker.setting }),
			...(options.user !== undefined && { user: options.user }),
			...(options.password !== undefined && { password: options.password }),
			...(options.token !== undefined && { token: options.token }),
			...(options.ca !== undefined && { ca: options.ca }),
			...(options.certificate !== undefined && { certificate: options.certificate, key: options.key! }),
			...(options.releaseKeys !== undefined && { releaseKeys: options.releaseKeys }),
			...(options.updateOverHTTP && { updateOverHTTP: true }),
			...(options.keepAlive !== undefined && { keepAlive: options.keepAlive }),
		};
		this.nodes = ids.map((id, index) => {
			const who = several ? id : undefined;
			const flash = setup.flashOf ? setup.flashOf(id) : flashFor(id, options, virtual);
			if (flash.notice) output.notice(flash.notice);
			return new SimNode({
				id,
				index,
				description,
				rom,
				romOf: (image) => this.#shelf.romOf(image),
				makeMachine: debuggedMachine(setup),
				version,
				clock,
				air,
				internet,
				sockets: !virtual,
				flash,
				settings,
				heap: options.heap,
				seed,
				repeatable: virtual || options.seed !== undefined,
				onLine: (line) => output.log(clock.date(), who, line),
				onMessage: (message) => output.message(clock.date(), who, message),
				onNotice: (line) => output.notice(line),
				onFault: (end) => this.#fault(id, who, end),
				onBroker: (connection) => broker.found(connection),
				order: broker.embedded && ((topic, payload) => this.order(topic, payload)),
			});
		});
	}

	/** Undefined with --headless. */
	get panelUrl(): string | undefined {
		return this.#panel?.url;
	}

	/** The simulator's own; undefined when it is elsewhere. */
	get broker(): EmbeddedBroker | undefined {
		return this.#broker.embedded;
	}

	get brokerUrl(): string {
		return this.#broker.url;
	}

	/** Publishes at the embedded broker, as another client would. Does nothing when the broker is elsewhere. */
	order(topic: string, payload: string | Uint8Array, retain = false): void {
		this.broker?.publish(topic, payload, retain);
		this.internet.touch();
	}

	/** Asks for a clean end. */
	stop(): void {
		this.#stop();
	}

	/** Lets so many seconds of virtual time pass. Throws in real time. */
	async advance(seconds: number): Promise<void> {
		if (!(this.clock instanceof VirtualClock)) throw new Error("advance: real time cannot be moved");
		await this.clock.run(this.clock.now() + seconds * 1000, () => this.#stopped);
	}

	/** Runs until `stop`, the duration's end, or a fault; says goodbye; resolves to the exit status. */
	async run(): Promise<number> {
		const { duration } = this.#setup.options;
		const end = duration === undefined ? Number.POSITIVE_INFINITY : duration * 1000;
		if (this.clock instanceof VirtualClock) {
			await this.clock.run(end, () => this.#stopped);
		} else {
			const timer = Number.isFinite(end) ? this.clock.set(() => this.stop(), end - this.clock.now()) : undefined;
			await this.#stopping;
			this.clock.clear(timer);
		}
		await this.#end();
		return this.#status;
	}

	async #begin(): Promise<void> {
		const { options, output } = this.#setup;
		this.#runScript();
		// The panel first: it shows the node from its first line on.
		if (!options.headless) {
			const { nodes } = this;
			this.#panel = await Panel.start({
				nodes,
				port: options.panelPort,
				host: options.panelHost,
				brokerUrl: () => this.brokerUrl,
				broker: this.#broker,
			});
		}
		for (const node of this.nodes) node.powerOn();
		// A node that fell while it booted is not ready: `run` ends at once.
		if (this.#stopped) return;
		const names = this.nodes.length === 1 ? this.nodes[0]!.id : `${this.nodes.length} nodes`;
		const panel = this.#panel ? `  panel ${this.#panel.url}` : "";
		const xsbug = options.debug ? `  xsbug ${options.debug.host}:${options.debug.port}` : "";
		output.ready(`ready  ${names}  broker ${this.brokerUrl}${panel}${xsbug}`);
	}

	#runScript(): void {
		const { world: script } = this.#setup.options;
		if (script === undefined) return;
		for (const { workbench, world, wifi } of this.nodes) {
			const { buttons, sensors } = workbench;
			const stage = {
				clock: this.clock,
				world,
				buttons,
				sensors,
				press: (button: string, milliseconds: number) => workbench.press(button, milliseconds),
				plug: (sensor: string, plugged: boolean) => workbench.plug(sensor, plugged),
				wifi: (up: boolean) => (up ? wifi.restore() : wifi.down()),
				signal: (dBm: number) => wifi.setSignal(dBm),
			};
			try {
				runScript(parseScript(JSON.parse(script), stage), stage);
			} catch (error) {
				throw new UsageError(`--world: ${(error as Error).message}`);
			}
		}
	}

	#fault(id: string, who: string | undefined, end: MachineEnd): void {
		const { output } = this.#setup;
		const text = faultText(end);
		output.log(this.clock.date(), who, `error ${text}`);
		output.notice(`node ${id} ended: ${text}`);
		this.#status = 1;
		// With the panel open one reads what happened there, and switches on again.
		if (this.#panel && !this.clock.virtual) return;
		if (this.nodes.every((node) => !node.on)) this.stop();
	}

	async #end(): Promise<void> {
		const goodbyes = Promise.all(this.nodes.map((node) => node.shutdown()));
		if (this.clock instanceof VirtualClock) {
			await this.clock.run(this.clock.now() + GOODBYE, () => this.nodes.every((node) => !node.on));
		}
		await goodbyes;
		for (const node of this.nodes) node.close();
		await this.#panel?.close();
		await this.#broker.close();
		if (!this.#setup.shelf) this.#shelf.close();
		await this.#setup.output.flush();
	}
}
