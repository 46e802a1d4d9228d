import { createHash } from "node:crypto";
import { DesktopNode, type DesktopNodeOptions } from "../hosts/desktop/desktop-node";
import type { MachineEnd, Rom } from "../hosts/desktop/engine";
import type { ArchivedRom } from "../hosts/desktop/firmware/build-rom";
import type { Clock } from "../hosts/shared/clock";
import type { Connection } from "../hosts/shared/services/network";
import { boardTable } from "../modules/description/boards";
import type { NodeDescription } from "../modules/description/description";
import type { Settings } from "../modules/system/system";
import { Workbench } from "./board/workbench";
import type { FlashFolder } from "./flash-folder";
import { MessageLog, type SeenMessage } from "./message-log";
import { type Air, DEFAULT_POINT } from "./network/air";
import type { Internet } from "./network/internet";
import type { Line } from "./network/line";
import { NodeNetwork } from "./network/node-network";
import { realSockets } from "./network/real-sockets";
import { PacedClock } from "./paced-clock";
import type { NodeEvent, PanelNode, PanelPace, PanelWifi } from "./panel/panel-node";
import { randomSource } from "./random-source";
import { stream } from "./world/random";
import { World } from "./world/world";

/** Where brokers listen unless their URL says otherwise. */
const PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883, "ws:": 80, "wss:": 443 };

/** The first byte of an MQTT connection (MQTT 3.1.1 §3.1.1); HTTP begins with a letter. */
const CONNECT = 0x10;

export interface SimNodeOptions {
	readonly id: string;
	/** Its number in the simulation, from 0: other weather, another place in the air. */
	readonly index: number;
	readonly description: NodeDescription;
	readonly rom: Rom;
	/** Makes a ROM of an image that an update brought. */
	readonly romOf?: (image: Uint8Array) => ArchivedRom;
	/** Makes its machines, if they are no usual ones. */
	readonly makeMachine?: DesktopNodeOptions["makeMachine"];
	readonly version: string;
	readonly clock: Clock;
	readonly air: Air;
	readonly internet: Internet;
	/** Sockets of this computer: false in virtual time. */
	readonly sockets: boolean;
	readonly flash: FlashFolder;
	/** Settings beside id and Wi-Fi. `broker` is what its MQTT messages are told from; without it, by how they begin. */
	readonly settings: Settings;
	readonly heap: number;
	/** Of the world. */
	readonly seed: number;
	/** True: the node's random numbers repeat with the seed; else they are the system's. */
	readonly repeatable: boolean;
	onLine(line: string): void;
	onMessage(message: SeenMessage): void;
	onNotice(line: string): void;
	onFault(end: MachineEnd): void;
	/** It found its broker by itself, and talks to it on this connection. */
	onBroker?(connection: Connection): void;
	/** Publishes at the embedded broker. */
	readonly order?: ((topic: string, payload: string) => void) | undefined;
}

/** One node of a simulation: its world, its board, its radio, and the firmware that runs on them. */
export class SimNode implements PanelNode {
	readonly id: string;
	readonly description: NodeDescription;
	readonly world: World;
	readonly workbench: Workbench;
	readonly wifi: PanelWifi;
	readonly line: Line;
	readonly time: PanelPace | undefined;
	readonly order: ((topic: string, payload: string) => void) | undefined;
	readonly #options: SimNodeOptions;
	readonly #network: NodeNetwork;
	readonly #node: DesktopNode;
	readonly #listeners = new Set<(event: NodeEvent) => void>();

	constructor(options: SimNodeOptions) {
		const { id, index, description, clock, air, internet, sockets } = options;
		this.#options = options;
		this.id = id;
		this.description = description;
		this.order = options.order;
		const hardware = boardTable[description.board]!;
		const seed = index === 0 ? options.seed : stream(options.seed, `node ${index}`);
		this.world = new World({ clock, seed });
		this.workbench = new Workbench(description, { clock, world: this.world, seed });
		this.workbench.board.on("warning", (text) => options.onNotice(`${id}: ${text}`));
		const uniqueId = `02${createHash("sha256").update(id).digest("hex").slice(0, 10)}`;
		const network = new NodeNetwork({
			air,
			internet,
			clock,
			node: index,
			uniqueId,
			sockets: sockets ? realSockets : undefined,
		});
		this.#network = network;
		this.wifi = wifiOf(network);
		this.line = network.line;
		this.time = clock instanceof PacedClock ? clock : undefined;
		this.#watchMessages(options.settings.broker);
		this.#node = new DesktopNode({
			rom: options.rom,
			...(options.romOf && { romOf: options.romOf }),
			makeMachine: options.makeMachine,
			name: id,
			clock,
			board: this.workbench.board,
			network,
			storage: options.flash.folder ?? options.flash.path,
			settings: { ...options.settings, id, wifi: { SSID: DEFAULT_POINT.SSID, password: DEFAULT_POINT.password! } },
			wiring: { pin: { ...hardware.pin }, i2c: hardware.i2c },
			boardName: hardware.title,
			hostName: "desktop, XS 13.3.0",
			version: options.version,
			uniqueId,
			heap: options.heap,
			random: randomSource(options.repeatable ? options.seed : undefined, id),
			onRestart: (reason) => this.#tell({ type: "power", on: true, reason }),
			onLine: (line) => this.#line(line),
			onNotice: (line) => options.onNotice(line),
			onFault: (end) => {
				this.#tell({ type: "power", on: false, reason: end.reason });
				this.#tell({ type: "log", date: this.date(), level: "error", text: faultText(end) });
				options.onFault(end);
			},
		});
	}

	get on(): boolean {
		return this.#node.on;
	}

	powerOn(): void {
		if (this.on) return;
		this.#tell({ type: "power", on: true });
		this.#node.powerOn();
	}

	powerCut(): void {
		if (!this.on) return;
		this.#network.abandon();
		this.#node.powerCut();
		this.#tell({ type: "power", on: false, reason: "power cut" });
	}

	/** The reset button (EN of the board), or a supply that was too low for a moment. */
	reset(reason: "power-on" | "brown-out" = "power-on"): void {
		this.#node.reset(reason);
	}

	/** The firmware says goodbye, then the power goes. */
	shutdown(): Promise<void> {
		return this.#node.shutdown();
	}

	/** Gives everything back, after the power went. */
	close(): void {
		this.#node.powerCut();
		this.#network.close();
		this.workbench.close();
		this.#options.flash.close();
	}

	statistics(): ReturnType<DesktopNode["statistics"]> {
		return this.#node.statistics();
	}

	/** Collects the garbage of the firmware. */
	collect(): void {
		this.#node.collect();
	}

	date(): number {
		return this.#options.clock.date();
	}

	subscribe(listener: (event: NodeEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#line(line: string): void {
		this.#options.onLine(line);
		if (this.#listeners.size === 0) return;
		const [, level = "info", text = line] = /^(debug|info|warn|error) (.*)$/s.exec(line) ?? [];
		this.#tell({ type: "log", date: this.date(), level, text });
	}

	#watchMessages(broker: string | undefined): void {
		const url = broker === undefined ? undefined : new URL(broker);
		const port = url && (Number(url.port) || PORTS[url.protocol]);
		const log = new MessageLog({
			websocket: url?.protocol.startsWith("ws") ?? false,
			onMessage: (message) => this.#options.onMessage(message),
			onPacket: (packet) => {
				if (this.#listeners.size > 0) this.#tell({ type: "packet", date: this.date(), packet });
			},
		});
		/** Of a broker that the node found: by the connection's id. */
		const found = new Map<number, boolean>();
		const isFound = (connection: Connection, first: number | undefined) => {
			const known = found.get(connection.id);
			if (known !== undefined) return known;
			found.set(connection.id, first === CONNECT);
			if (first === CONNECT) this.#options.onBroker?.(connection);
			return first === CONNECT;
		};
		this.#network.tap = {
			bytes: (connection, direction, chunk) => {
				if (url ? connection.port === port : isFound(connection, chunk[0])) log.bytes(direction, connection.id, chunk);
			},
			closed: (connection) => {
				found.delete(connection.id);
				log.closed(connection.id);
			},
		};
	}

	#tell(event: NodeEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

/** What ended a node, and the stack trace below it. */
export function faultText({ reason, message, stack }: MachineEnd): string {
	const what = message.startsWith(reason) ? message : `${reason}: ${message}`;
	return stack === "" ? what : `${what}\n${stack}`;
}

function wifiOf({ station }: NodeNetwork): PanelWifi {
	return {
		get up() {
			return station.linked;
		},
		get RSSI() {
			return station.RSSI;
		},
		down: () => station.down(),
		restore: () => station.up(),
		setSignal: (signal) => station.setSignal(signal),
	};
}
