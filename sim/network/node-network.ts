import type { Clock } from "../../hosts/shared/clock";
import { isAddress } from "../../hosts/shared/embedded/options";
import type {
	ByteStream,
	ConnectOptions,
	Datagrams,
	Listening,
	Network,
	Peer,
	Tap,
} from "../../hosts/shared/services/network";
import { Line } from "./line";
import { LineStream } from "./line-stream";
import type { Reachable, Sockets } from "./sockets";
import { VirtualStation, type VirtualStationOptions } from "./station";

export interface NodeNetworkOptions extends VirtualStationOptions {
	readonly internet: Reachable;
	/** Sockets and names of this computer beside the simulated ones. Without them all stays in memory, as virtual time needs. */
	readonly sockets?: Sockets | undefined;
}

const LOOPBACK = "127.0.0.1";
/** First port of those that are given out. */
const EPHEMERAL = 49152;

type OnPacket = (bytes: Uint8Array, address: string, port: number) => void;

/** One node's access to the world: its radio, the simulated internet, and this computer's sockets if allowed. */
export class NodeNetwork implements Network {
	readonly station: VirtualStation;
	/** What lies between this node and all servers. */
	readonly line: Line;
	tap: Tap | undefined;
	readonly #internet: Reachable;
	readonly #clock: Clock;
	readonly #sockets: Sockets | undefined;
	readonly #ports = new Map<number, OnPacket>();
	/** Connections that the node has open, and those that a power cut left to their peers. */
	readonly #streams = new Set<LineStream>();
	readonly #left = new Set<LineStream>();
	#nextPort = EPHEMERAL;

	constructor(options: NodeNetworkOptions) {
		this.#internet = options.internet;
		this.#clock = options.clock;
		this.#sockets = options.sockets;
		this.station = new VirtualStation(options);
		this.line = new Line(options.node + 1);
	}

	get up(): boolean {
		return this.station.linked;
	}

	subscribe(listener: () => void): () => void {
		return this.station.subscribeLink(listener);
	}

	connect(options: ConnectOptions, onConnect: () => void): ByteStream {
		const open = (connected: () => void) => this.#connect(options, connected);
		const stream: LineStream = new LineStream(this.line, this.#clock, open, onConnect, () => {
			this.#streams.delete(stream);
			this.#left.delete(stream);
		});
		this.#streams.add(stream);
		return stream;
	}

	/**
	 * The power goes: no goodbye reaches anybody, and peers find out by themselves. In memory, without sockets, connections
	 * end at once: brokers count their keep-alive in wall-clock time, which says nothing there.
	 */
	abandon(): void {
		if (!this.#sockets) return;
		for (const stream of this.#streams) {
			this.#left.add(stream);
			stream.abandon();
		}
		this.#streams.clear();
	}

	/** Ends what a power cut left to the peers. */
	close(): void {
		for (const stream of this.#left) stream.forget();
		this.#left.clear();
	}

	listen(port: number, address: string | undefined, onConnection: (stream: ByteStream, peer: Peer) => void): Listening {
		if (this.#sockets) return this.#sockets.listen(port, address, onConnection);
		const bound = port === 0 ? this.#nextPort++ : port;
		const end = this.#internet.serve(this.#own(LOOPBACK), bound, onConnection);
		return { port: bound, close: end };
	}

	bind(
		port: number | undefined,
		address: string | undefined,
		onPacket: OnPacket,
		onError: (error: Error) => void,
	): Datagrams {
		const real = this.#sockets?.bind(port, address, (...packet) => passed(() => onPacket(...packet)), onError);
		const bound = port || this.#nextPort++;
		if (!real) {
			if (this.#ports.has(bound)) throw Object.assign(new Error(`port ${bound} is in use`), { code: "EADDRINUSE" });
			this.#ports.set(bound, onPacket);
		}
		let open = true;
		/** A packet on its way: with the line's latency, and no further than the line reaches. */
		const later = (action: () => void, latency = this.#internet.latency) => {
			if (!this.line.reachable || this.line.lost()) return;
			this.#clock.set(() => {
				if (open && this.up) action();
			}, latency + this.line.latency);
		};
		/** To and from this computer's sockets: at once on a perfect line. */
		const passed = (action: () => void) => {
			if (!this.line.perfect) later(action, 0);
			else if (open && this.up) action();
		};
		return {
			send: (bytes, to, toPort) => {
				if (!this.up) return;
				const from = { address: this.station.address!, port: bound };
				const receiver = this.#internet.receiver(to, toPort);
				if (receiver) {
					const reply = (answer: Uint8Array) => void later(() => onPacket(answer, to, toPort));
					later(() => receiver(bytes, from, reply));
				} else if (real) passed(() => real.send(bytes, to, toPort));
				else if (this.#own(to) === this.#own(LOOPBACK)) later(() => this.#ports.get(toPort)?.(bytes, to, bound));
			},
			join: (group) => (real ? real.join(group) : checkGroup(group)),
			leave: (group) => (real ? real.leave(group) : checkGroup(group)),
			close: () => {
				open = false;
				real?.close();
				if (!real) this.#ports.delete(bound);
			},
		};
	}

	resolve(host: string, callback: (error: Error | undefined, address?: string) => void): void {
		const finish = (error: Error | undefined, address?: string) =>
			void this.#clock.set(() => callback(error, address), this.#internet.latency);
		if (isAddress(host)) {
			finish(undefined, host);
			return;
		}
		if (host === "localhost") {
			finish(undefined, LOOPBACK);
			return;
		}
		if (!this.up) {
			finish(Object.assign(new Error(`${host}: name not resolved, no Wi-Fi`), { code: "ENETUNREACH" }));
			return;
		}
		const address = this.#internet.lookup(host);
		if (address !== undefined) {
			finish(undefined, address);
			return;
		}
		if (this.#sockets) {
			this.#sockets.lookup(host, callback);
			return;
		}
		finish(Object.assign(new Error(`${host}: no such name`), { code: "ENOTFOUND" }));
	}

	idle(): Promise<void> | undefined {
		return this.#internet.idle();
	}

	#connect(options: ConnectOptions, onConnect: () => void): ByteStream {
		const internet = this.#internet;
		const { port } = options;
		const own = this.#own(options.address);
		const address = internet.serves(own, port) ? own : options.address;
		if (this.#sockets && !internet.serves(address, port)) return this.#sockets.connect(options, onConnect);
		const from = { address: this.station.address ?? LOOPBACK, port: this.#nextPort++ };
		const to = { address, port };
		if (!options.tls) return internet.connect(to, from, onConnect);
		const refused = internet.connect({ address: "", port: 0 }, from, () => {});
		refused.destroy(Object.assign(new Error("TLS needs real time and sockets"), { code: "EPROTONOSUPPORT" }));
		return refused;
	}

	/** The loopback address of this node is its own: not that of the others in the same process. */
	#own(address: string): string {
		return address === LOOPBACK && !this.#sockets ? (this.station.address ?? LOOPBACK) : address;
	}
}

function checkGroup(address: string): void {
	const first = Number(address.split(".")[0]);
	if (!(first >= 224 && first <= 239)) throw new Error(`${address} is not a multicast group`);
}
