import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import mqtt, { type Packet, type Parser } from "mqtt-packet";
import { VirtualClock } from "../../hosts/desktop/clock";
import type { MachineEnd, Rom } from "../../hosts/desktop/engine";
import { buildRom } from "../../hosts/desktop/firmware/build-rom";
import type { NodeDescription } from "../../modules/description/description";
import { type FlashFolder, temporaryFlash } from "../../sim/flash-folder";
import { Air } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { DEFAULT_HEAP } from "../../sim/options";
import { SimNode } from "../../sim/sim-node";
import { root } from "../../tools/root";
import { encode } from "./mqtt-bytes";
import { QuietOutput } from "./quiet-output";

const HOST = "broker.hostile";
let rom: Rom | undefined;

/** One connection of the node, at the broker's end. */
export class Visit {
	/** What the node said, decoded. */
	readonly heard: Packet[] = [];
	ended = false;
	readonly #stream: Duplex;
	readonly #touch: () => void;

	constructor(stream: Duplex, onPacket: Manners, touch = () => {}) {
		this.#stream = stream;
		this.#touch = touch;
		const parser: Parser = mqtt.parser({ protocolVersion: 4 });
		parser.on("packet", (packet: Packet) => {
			this.heard.push(packet);
			onPacket(packet, this);
		});
		parser.on("error", (error) => {
			throw new Error(`the node sends what is no MQTT: ${error.message}`);
		});
		stream.on("data", (chunk: Buffer) => parser.parse(chunk));
		stream.on("error", () => {});
		stream.on("close", () => {
			this.ended = true;
		});
	}

	/** Bytes as they are, or a packet. */
	send(data: Uint8Array | readonly number[] | (Partial<Packet> & { cmd: string })): void {
		if (this.#stream.destroyed) return;
		const bytes = "cmd" in data ? encode(data) : Uint8Array.from(data);
		this.#stream.write(bytes);
		this.#touch();
	}

	/** Cuts the connection. */
	cut(): void {
		this.#stream.destroy();
		this.#touch();
	}

	/** Packets of one kind. */
	of(cmd: Packet["cmd"]): Packet[] {
		return this.heard.filter((packet) => packet.cmd === cmd);
	}
}

/** What a broker does with what it hears. */
export type Manners = (packet: Packet, visit: Visit) => void;

/** As a well-behaved broker answers. */
export function polite(packet: Packet, visit: Visit): void {
	if (packet.cmd === "connect") visit.send({ cmd: "connack", returnCode: 0, sessionPresent: false });
	else if (packet.cmd === "subscribe")
		visit.send({
			cmd: "suback",
			messageId: packet.messageId!,
			granted: packet.subscriptions.map(({ qos }) => qos),
		} as Partial<Packet> & { cmd: string });
	else if (packet.cmd === "publish" && packet.qos === 1) visit.send({ cmd: "puback", messageId: packet.messageId! });
	else if (packet.cmd === "pingreq") visit.send({ cmd: "pingresp" });
}

export interface HostileOptions {
	readonly flash?: FlashFolder;
	/** Bytes. */
	readonly heap?: number;
	/** Where the node looks for its broker; `mqtt://broker.hostile` when omitted. */
	readonly broker?: string;
	/** Takes connections in place of `Visit`. */
	readonly accept?: (stream: Duplex, world: HostileWorld) => void;
}

/** A node in virtual time whose broker is the test. */
export class HostileWorld {
	readonly clock: VirtualClock;
	readonly internet: Internet;
	readonly air = new Air({ seed: 1 });
	readonly output = new QuietOutput();
	readonly visits: Visit[] = [];
	readonly faults: MachineEnd[] = [];
	readonly node: SimNode;
	manners: Manners = polite;

	private constructor(description: NodeDescription, options: Required<HostileOptions>) {
		const { flash, heap, broker, accept } = options;
		this.clock = new VirtualClock(() => this.internet.idle());
		this.internet = new Internet({ clock: this.clock });
		this.internet.serve(HOST, Number(new URL(broker).port) || 1883, (stream) => accept(stream, this));
		const { output } = this;
		rom ??= buildRom({ root, trace: () => {} });
		this.node = new SimNode({
			id: "sala",
			index: 0,
			description,
			rom,
			version: "0.1.0",
			clock: this.clock,
			air: this.air,
			internet: this.internet,
			sockets: false,
			flash,
			settings: { broker },
			heap,
			seed: 1,
			repeatable: true,
			onLine: (line) => output.log(this.clock.date(), undefined, line),
			onMessage: (message) => output.message(this.clock.date(), undefined, message),
			onNotice: (line) => output.notice(line),
			onFault: (end) => this.faults.push(end),
		});
		this.node.powerOn();
	}

	static async start(
		t: TestContext,
		{
			flash = temporaryFlash(),
			heap = DEFAULT_HEAP,
			broker = `mqtt://${HOST}`,
			accept = (stream, world) => world.visited(stream),
		}: HostileOptions = {},
	): Promise<HostileWorld> {
		const { default: description } = (await import("../../node")) as { default: NodeDescription };
		const world = new HostileWorld(description, { flash, heap, broker, accept });
		t.after(() => world.node.close());
		return world;
	}

	/** MQTT begins on a connection. */
	visited(stream: Duplex): void {
		const touch = () => this.internet.touch();
		this.visits.push(new Visit(stream, (packet, visit) => this.manners(packet, visit), touch));
	}

	/** The connection that stands, or the last one. */
	get visit(): Visit {
		return this.visits.at(-1)!;
	}

	run(seconds: number): Promise<void> {
		return this.clock.run(this.clock.now() + seconds * 1000);
	}
}
