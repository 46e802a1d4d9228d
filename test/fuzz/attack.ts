import mqtt, { type Packet } from "mqtt-packet";
import type { Rom } from "../../hosts/desktop/engine/index";
import { sequence } from "../../sim/world/random";
import type { FuzzTarget } from "../inside/mqtt-fuzz";
import { Event } from "../inside/operations";
import { Inside } from "../support/inside";
import { Corpus } from "./corpus";
import { cut, mutate, mutateBody } from "./mutations";

/** The board's. */
const heap = 65_536;
/** What the socket takes when it is not held up. */
const roomy = 65_536;
/** After so many mutated packets a probe shows whether the target still lives. */
const probeEvery = 50;
/** Longer than the keep-alive, the connect deadline, and the longest pause before a reconnect (ms). */
const silence = 150_000;
/** Bytes that the target may hold more than at first: buffers that grew once, filters that came later. */
const slack = 4096;

export interface AttackOptions extends FuzzTarget {
	readonly rom: Rom;
	readonly seed: number;
	/** Mutated packets. */
	readonly packets: number;
}

export interface AttackResult {
	boots: number;
	connections: number;
	probes: number;
	/** Of these, on the connection that had been attacked. */
	survived: number;
	/** Bytes of heap at most, garbage included; what was held at first after a collection, and at most later. */
	peak: number;
	held: number;
	heldMost: number;
}

/** The target did what it must not. */
export class AttackError extends Error {
	/** What the connection had been sent when it happened, in its pieces. */
	readonly pieces: readonly Uint8Array[];

	constructor(message: string, pieces: readonly Uint8Array[]) {
		super(message);
		this.pieces = pieces;
	}
}

/** What a connection is sent: anything; packets whose lengths are right; or what a good server sends, to an application that behaves. */
type Manner = "wild" | "tidy" | "innocent";

// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
type Parsed = any;

/** Plays a server that sends mutated packets, and now and then a good one that looks whether the target still lives. */
export class Attack {
	readonly #options: AttackOptions;
	readonly #random: () => number;
	#inside: Inside;
	#parser = mqtt.parser({ protocolVersion: 4 });
	/** What the target sent and the server did not answer. */
	#unanswered: Parsed[] = [];
	/** Since the connection was made. */
	#pieces: Uint8Array[] = [];
	#nonce = 0;
	/** CONNACK was good: the target knows the right keep-alive. */
	#welcomed = false;
	#manner: Manner = "wild";
	/** The number of its socket. */
	#socket = 0;
	readonly #result: AttackResult = { boots: 1, connections: 0, probes: 0, survived: 0, peak: 0, held: 0, heldMost: 0 };

	constructor(options: AttackOptions) {
		this.#options = options;
		this.#random = sequence(options.seed);
		this.#inside = new Inside(options.rom, heap, options.seed);
	}

	/** @throws AttackError */
	run(): AttackResult {
		try {
			const { packets, version, persistent } = this.#options;
			const corpus = new Corpus(version, this.#random);
			this.#begin();
			for (let count = 0; count < packets; ) {
				if (!this.#standing) this.#meet();
				count += this.#attack(corpus);
				if (persistent && this.#random() < 0.002) this.#cutPower();
				if (Math.floor(count / probeEvery) >= this.#result.probes) this.#probe();
			}
			this.#probe();
			this.#end();
			return this.#result;
		} catch (error) {
			if (error instanceof AttackError) throw error;
			throw new AttackError((error as Error).message, this.#pieces);
		} finally {
			this.#inside.machine.close();
		}
	}

	/** Sends these pieces over a good connection, then looks whether the target lives. @throws AttackError */
	replay(pieces: readonly Uint8Array[]): void {
		try {
			this.#begin();
			this.#connect(true);
			for (const piece of pieces) if (this.#standing) this.#arrive(piece);
			this.#probe();
			this.#end();
		} catch (error) {
			throw new AttackError((error as Error).message, pieces);
		} finally {
			this.#inside.machine.close();
		}
	}

	#begin(): void {
		const { layer, version, persistent } = this.#options;
		this.#inside.send(Event.prepare, JSON.stringify({ layer, version, persistent }));
	}

	/** And another boot: flash alone is left. */
	#cutPower(): void {
		const { rom, seed } = this.#options;
		const { machine, stored } = this.#inside;
		machine.close();
		this.#inside = new Inside(rom, heap, seed + this.#result.connections, stored);
		this.#socket = 0;
		this.#manner = "wild";
		this.#result.boots++;
		this.#begin();
	}

	/** The connection that was made last is still there. */
	get #standing(): boolean {
		return this.#inside.open && this.#inside.sockets === this.#socket;
	}

	/** A new connection, for better or worse. */
	#meet(): void {
		const random = this.#random;
		this.#manner = random() < 0.6 ? "wild" : random() < 0.75 ? "tidy" : "innocent";
		if (this.#manner === "innocent") this.#inside.send(Event.behave, true);
		this.#connect(this.#manner !== "wild" || random() < 0.8);
	}

	/** Some packets; returns how many of them were mutated. */
	#attack(corpus: Corpus): number {
		if (this.#manner === "innocent") {
			this.#chat(corpus);
			return 0;
		}
		const inside = this.#inside;
		const random = this.#random;
		const parts: Uint8Array[] = [];
		let mutated = 0;
		for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
			if (random() < 0.3) parts.push(this.#manner === "wild" ? corpus.any() : corpus.innocent());
			else {
				if (this.#manner === "wild") parts.push(mutate(corpus.any(), random, () => corpus.any()));
				else parts.push(mutateBody(corpus.innocent(), random));
				mutated++;
			}
		}
		for (const piece of cut(Buffer.concat(parts), random)) {
			if (!this.#standing) break;
			this.#arrive(piece);
			if (random() < 0.05) inside.send(Event.act);
		}
		if (!this.#standing) return mutated;
		if (random() < 0.3) inside.send(Event.act);
		if (random() < 0.1) inside.pass(random() * 20_000);
		if (!this.#standing) return mutated;
		if (random() < 0.1) this.#drain(random() < 0.5 ? Math.floor(random() * 300) : roomy);
		if (random() < 0.2 || this.#unanswered.length > 100) this.#serve();
		if (random() < 0.05 && this.#standing) inside.send(Event.fail);
		return mutated;
	}

	/** Nothing that a server must not send: the connection has to stand. */
	#chat(corpus: Corpus): void {
		const parts = Array.from({ length: 1 + Math.floor(this.#random() * 20) }, () => corpus.innocent());
		for (const piece of cut(Buffer.concat(parts), this.#random)) if (this.#standing) this.#arrive(piece);
		if (!this.#standing || !this.#exchange())
			throw new Error("it ends, or does not answer on, a connection without a fault");
		this.#inside.send(Event.behave, false);
		this.#manner = "wild";
	}

	#arrive(piece: Uint8Array): void {
		this.#pieces.push(piece);
		this.#inside.arrive(piece);
		this.#read();
	}

	#drain(room: number): void {
		this.#inside.send(Event.writable, room);
		this.#read();
	}

	/** Has the target connect. `good`: it is accepted, and what it subscribes to is granted. */
	#connect(good: boolean): void {
		const inside = this.#inside;
		// What the connection before had still been given.
		this.#read();
		if (!inside.open) {
			if (this.#options.layer === "client") this.#begin();
			else inside.pass(silence, () => inside.open);
		}
		if (!inside.open) throw new Error("it does not connect again");
		this.#read();
		this.#parser = mqtt.parser({ protocolVersion: this.#options.version });
		this.#parser.on("packet", (packet) => void this.#unanswered.push(packet));
		this.#parser.on("error", (error) => {
			throw new Error(`it sends what is no MQTT: ${error.message}`);
		});
		this.#unanswered = [];
		this.#pieces = [];
		this.#welcomed = good;
		this.#result.connections++;
		this.#socket = inside.sockets;
		this.#drain(good || this.#random() < 0.8 ? roomy : Math.floor(this.#random() * 100));
		if (good) this.#serve();
	}

	/** Takes what the target sent: MQTT, or it is a fault. */
	#read(): void {
		for (const bytes of this.#inside.written.splice(0)) this.#parser.parse(Buffer.from(bytes));
	}

	/** Answers as a good server. */
	#serve(): void {
		this.#read();
		while (this.#unanswered.length > 0 && this.#standing) {
			const answer = this.#answer(this.#unanswered.shift());
			if (answer) this.#arrive(this.#encode(answer));
		}
	}

	#encode(packet: object): Uint8Array {
		return new Uint8Array(mqtt.generate(packet as Packet, { protocolVersion: this.#options.version }));
	}

	#answer(packet: Parsed): object | undefined {
		const { cmd, messageId, qos } = packet;
		switch (cmd) {
			case "connect":
				return { cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: !packet.clean && this.#random() < 0.5 };
			case "publish":
				return qos === 0 ? undefined : { cmd: qos === 1 ? "puback" : "pubrec", messageId };
			case "pubrec":
				return { cmd: "pubrel", messageId };
			case "pubrel":
				return { cmd: "pubcomp", messageId };
			case "subscribe":
				return { cmd: "suback", messageId, granted: packet.subscriptions.map((one: Parsed) => one.qos) };
			case "unsubscribe":
				return { cmd: "unsuback", messageId, granted: packet.unsubscriptions.map(() => 0) };
			case "pingreq":
				return { cmd: "pingresp" };
			default:
				return undefined;
		}
	}

	/** The target lives: if not on this connection, then it ends that by itself, and lives on the next. */
	#probe(): void {
		const inside = this.#inside;
		const result = this.#result;
		result.probes++;
		inside.send(Event.behave, true);
		if (this.#standing) this.#drain(roomy);
		if (this.#standing && this.#exchange()) result.survived++;
		else {
			inside.pass(silence, () => !this.#standing);
			if (this.#standing) {
				if (this.#welcomed) throw new Error("deaf, and the connection does not end");
				inside.send(Event.fail);
			}
			this.#connect(true);
			if (!this.#exchange()) throw new Error(`deaf on a new connection, after ${inside.told.join(", ") || "nothing"}`);
		}
		if (result.probes % 10 === 1) this.#weigh();
		inside.send(Event.behave, false);
	}

	/** A message each way, acknowledged. */
	#exchange(): boolean {
		const inside = this.#inside;
		const nonce = `n${++this.#nonce}`;
		const messageId = 40_000 + (this.#nonce % 20_000);
		inside.told = [];
		this.#serve();
		if (!this.#standing) return false;
		this.#arrive(
			this.#encode({
				cmd: "publish",
				topic: "fuzz/probe",
				payload: nonce,
				qos: 1,
				messageId,
				retain: false,
				dup: false,
			}),
		);
		const acknowledged = this.#unanswered.some((packet) => packet.cmd === "puback" && packet.messageId === messageId);
		if (!acknowledged || !inside.told.includes(`received ${nonce}`)) return false;
		inside.send(Event.publish, nonce);
		this.#serve();
		return inside.told.some((what) => what === `delivered ${nonce}` || what.startsWith("acknowledged "));
	}

	/** Holds it more than at first? */
	#weigh(): void {
		const result = this.#result;
		const { used, peak } = this.#inside.collected();
		result.peak = Math.max(result.peak, peak);
		// The second time: buffers have grown by then.
		if (result.probes < 30) result.held = Math.max(result.held, used);
		result.heldMost = Math.max(result.heldMost, used);
		if (used > result.held + slack) throw new Error(`it holds ${used} bytes of heap, at first ${result.held}`);
	}

	/** Closed, nothing is left of it. */
	#end(): void {
		const inside = this.#inside;
		inside.send(Event.behave, true);
		inside.told = [];
		inside.send(Event.stop);
		this.#serve();
		inside.pass(10_000, () => inside.told.includes("stopped"));
		if (!inside.told.includes("stopped") || inside.open) throw new Error("it does not stop");
		// Those that flash refused to forget are among them.
		if (inside.stored.size > 60) throw new Error(`${inside.stored.size} values are left in flash`);
		inside.send(Event.run);
		if (!inside.told.includes("timers 0")) throw new Error(`it stopped, and left ${inside.told.at(-1)}`);
	}
}
