import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Air, DEFAULT_POINT } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { NodeNetwork } from "../../sim/network/node-network";
import { realSockets } from "../../sim/network/real-sockets";
import { Mosquitto } from "../support/mosquitto";
import { until } from "../support/until";
import type { Direction } from "./judge";
import { connect as connectPacket } from "./packets";
import { Peer } from "./peer";
import type { Run } from "./run";
import { ScaledClock } from "./scaled-clock";
import { StreamWire, type Wire } from "./wire";
import type { World } from "./world";

/** ms of the node in one of the wall clock: its 30 s for an answer are 0.6 s. */
const SPEED = 50;
const HOST = "127.0.0.1";
/**
 * Killed at QoS 2, mosquitto 2.0.11 loses count of what it takes at once, 20 messages, and closes good connections from then
 * on. A node sends 16 at once, and what a node gets at once stays as it is.
 */
const OUT = ["max_inflight_messages 1000"];
/** ms of calm at the end that suffice: what the node still has to say, it says at once. */
const CALM = 10_000;

/** mosquitto, as durable as it can be, on sockets of this computer; only the node's time runs fast. */
export class MosquittoWorld implements World {
	readonly clock = new ScaledClock(SPEED);
	readonly network: NodeNetwork;
	readonly host = HOST;
	port = 0;
	readonly spread = 0;
	readonly keepAlive = 15;
	readonly rest = 4_000;
	readonly scale = { density: 0.4, duration: 0.25 };
	/** 5 s of the wall clock: the computer may be busy. */
	readonly patience = 5_000 * SPEED;
	/** 2.0.11 lets reserved flags of some packets pass. */
	readonly strict = false;
	readonly exact = false;
	onConnection: (wire: Wire) => void = () => {};
	readonly #run: Run;
	readonly #direction: Direction;
	readonly #server = createServer({ noDelay: true }, (socket) => this.onConnection(new StreamWire(socket)));
	#broker: Mosquitto | undefined;
	#peer: Peer | undefined;
	/** A restart is under way. */
	#work: Promise<void> | undefined;

	constructor(run: Run, direction: Direction) {
		this.#run = run;
		this.#direction = direction;
		const { clock } = this;
		this.network = new NodeNetwork({
			internet: new Internet({ clock }),
			clock,
			sockets: realSockets,
			air: new Air({ seed: 1 }),
			node: 0,
			uniqueId: "240ac4000001",
			join: { SSID: DEFAULT_POINT.SSID, password: DEFAULT_POINT.password! },
		});
	}

	async start(): Promise<void> {
		const broker = await Mosquitto.prepare(this.#direction === "out" ? OUT : []);
		broker.verbose = false;
		this.#broker = broker;
		await broker.start();
		await new Promise<void>((resolve) => void this.#server.listen(0, HOST, resolve));
		this.port = (this.#server.address() as AddressInfo).port;
		const run = this.#run;
		const peer = new Peer(
			broker.port,
			(number) => run.taken(number),
			(number) => run.receipt(number),
		);
		this.#peer = peer;
		await until(() => peer.ready, 5_000, "the peer's subscription");
	}

	connect(): Wire {
		return new StreamWire(connect({ port: this.#broker!.port, host: HOST, noDelay: true }));
	}

	publish(number: number): void {
		this.#peer!.publish(number);
	}

	restart(away: number): void {
		this.#end("SIGTERM", away);
	}

	kill(_death: unknown, away: number): void {
		this.#end("SIGKILL", away);
	}

	/** Another client with the node's identifier and a clean session takes it over, and ends it. */
	lose(): void {
		const wire = this.connect();
		wire.onBytes = () => wire.cut();
		wire.write(connectPacket("chaos", true, 60));
	}

	calm(milliseconds: number): number {
		return Math.min(milliseconds, CALM);
	}

	async wait(over: () => boolean): Promise<void> {
		while (!over()) await sleep(5);
	}

	async close(): Promise<void> {
		await this.#work;
		this.#peer?.close();
		this.#server.close();
		await this.#broker?.remove();
	}

	#end(signal: NodeJS.Signals, away: number): void {
		if (this.#work) return;
		const work = async () => {
			await this.#broker!.stop(signal);
			await sleep(away / SPEED);
			await this.#broker!.start();
		};
		this.#work = work().finally(() => {
			this.#work = undefined;
		});
	}
}
