import type { Duplex } from "node:stream";
import type { Clock } from "../../hosts/shared/clock";
import type { Peer } from "../../hosts/shared/services/network";
import { duplexPair } from "./duplex-pair";
import { answer as answerNTP } from "./ntp-server";

/** Takes a connection: gets the server's end, and who connects. */
export type Accept = (stream: Duplex, peer: Peer) => void;
/** Takes a packet; `reply` sends one back. */
export type Receive = (bytes: Uint8Array, from: Peer, reply: (bytes: Uint8Array) => void) => void;

export interface InternetOptions {
	readonly clock: Clock;
	/** ms one way, for everything that is simulated; 2 when omitted. */
	readonly latency?: number;
}

/** Event-loop turns without activity after which streams count as idle: brokers answer over several of them. */
const QUIET_TURNS = 12;

/** Address of the simulated time server, and the names that lead to it. */
export const TIME_SERVER = "10.0.0.123";
const TIME_NAMES = ["pool.ntp.org", "time.google.com", "time.cloudflare.com", "ntp.simulated"];

/**
 * The simulated part of the internet, shared by all nodes of a world: names, servers in memory, a time server that
 * answers with the world's date. Needs no network of the PC.
 */
export class Internet {
	readonly clock: Clock;
	readonly latency: number;
	readonly #names = new Map<string, string>();
	readonly #servers = new Map<string, Accept>();
	readonly #receivers = new Map<string, Receive>();
	#activity = 0;
	#settled = 0;
	#nextAddress = 1;

	constructor({ clock, latency = 2 }: InternetOptions) {
		this.clock = clock;
		this.latency = latency;
		for (const name of TIME_NAMES) this.name(name, TIME_SERVER);
		this.receive(TIME_SERVER, 123, (bytes, _from, reply) => {
			const packet = answerNTP(bytes, clock.date());
			if (packet) reply(packet);
		});
	}

	/** Gives a name an address; without one, the next of 10.0.1.x. */
	name(host: string, address = `10.0.1.${this.#nextAddress++}`): string {
		this.#names.set(host.toLowerCase(), address);
		return address;
	}

	/** The address of a simulated name. */
	lookup(host: string): string | undefined {
		return this.#names.get(host.toLowerCase());
	}

	/** Starts a server in memory, at a name or an address. `accept` gets a Duplex that aedes' `handle` takes. Returns how to end it. */
	serve(host: string, port: number, accept: Accept): () => void {
		const key = keyOf(/^[\d.]+$/.test(host) ? host : (this.lookup(host) ?? this.name(host)), port);
		if (this.#servers.has(key)) throw Object.assign(new Error(`port ${key} is in use`), { code: "EADDRINUSE" });
		this.#servers.set(key, accept);
		return () => void this.#servers.delete(key);
	}

	/** Starts a server of packets. */
	receive(address: string, port: number, receive: Receive): () => void {
		this.#receivers.set(keyOf(address, port), receive);
		return () => void this.#receivers.delete(keyOf(address, port));
	}

	receiver(address: string, port: number): Receive | undefined {
		return this.#receivers.get(keyOf(address, port));
	}

	/** True when a server in memory listens there. */
	serves(address: string, port: number): boolean {
		return this.#servers.has(keyOf(address, port));
	}

	/** Connects in memory; a missing server is the stream's error. */
	connect(to: Peer, from: Peer, onConnect: () => void): Duplex {
		const [near, far] = duplexPair({ clock: this.clock, latency: this.latency, onActivity: () => this.touch() });
		this.clock.set(() => {
			this.touch();
			if (near.destroyed) return;
			const accept = this.#servers.get(keyOf(to.address, to.port));
			if (!accept) {
				near.destroy(Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" }));
				return;
			}
			accept(far, from);
			onConnect();
		}, 2 * this.latency);
		return near;
	}

	/** Something was delivered: streams need a moment to answer. */
	touch(): void {
		this.#activity++;
	}

	/** For the virtual clock's `settle`: ends once no stream has anything more to say at this instant. */
	idle(): Promise<void> | undefined {
		if (this.#settled === this.#activity) return undefined;
		return new Promise((resolve) => {
			let quiet = 0;
			const turn = () => {
				if (this.#settled === this.#activity) quiet++;
				else {
					quiet = 0;
					this.#settled = this.#activity;
				}
				if (quiet >= QUIET_TURNS) resolve();
				else setImmediate(turn);
			};
			setImmediate(turn);
		});
	}
}

function keyOf(address: string, port: number): string {
	return `${address}:${port}`;
}
