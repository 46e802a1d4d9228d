/**
 * A broker that does what a test says, byte by byte, in virtual time. The script is plain code: it waits for connections and
 * packets, answers or does not, and states what must have been sent, in which order and when.
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { clock } from "../clock";
import { type FakeTCP, network } from "../fake-tcp";
import { Referee } from "./referee";
import { encodeWire, hex, type Sendable, type Version, type WirePacket, WireReader } from "./wire";

/** When something must happen, in ms from now. */
export interface Timing {
	/** Not before; 0 when omitted. */
	after?: number;
	/** At the latest; 60,000 when omitted. */
	within?: number;
}

export interface SendOptions {
	/** The bytes arrive in pieces of so many; in as few as the socket's window allows when omitted. */
	pieces?: number;
	/** ms between pieces. */
	every?: number;
}

const patience = 60_000;
/** Bytes that arrive at once, at most. */
const receiveWindow = 5744;
/** Bytes that a socket takes before the network has taken them; this one does so as soon as time passes. */
const sendBuffer = 4096;

/** Lets time pass until something is so; true when it is, false after `within` ms. */
function waitUntil(condition: () => boolean, within: number): boolean {
	const end = clock.now + within;
	while (!condition()) {
		const next = clock.next;
		if (next === undefined || next > end) {
			clock.advance(end - clock.now);
			return condition();
		}
		clock.advance(next - clock.now);
	}
	return true;
}

export class ScriptedBroker {
	readonly version: Version;
	/** Every connection that was accepted, in order. */
	readonly links: Link[] = [];
	/** The network takes at once what is sent on new connections. */
	flowing = true;
	/** Watches all connections for what no client may do. */
	readonly referee: Referee;
	#accepted = 0;

	constructor(version: Version = 4) {
		this.version = version;
		this.referee = new Referee(version);
		network.allowance = sendBuffer;
		network.onSocket = (socket) => void this.links.push(new Link(this, socket));
	}

	/** Connections of the client so far, accepted or not. */
	get connections(): number {
		return this.links.length;
	}

	/** The client's next connection, which must come in that time. */
	accept({ after = 0, within = patience }: Timing = {}): Link {
		const start = clock.now;
		const came = waitUntil(() => this.links.length > this.#accepted, within);
		assert.ok(came, `no connection within ${within} ms`);
		const link = this.links[this.#accepted++]!;
		const delay = link.opened - start;
		assert.ok(delay >= after, `a connection after ${delay} ms, at least ${after} expected`);
		return link;
	}

	/** Accepts the next connection, expects CONNECT, and answers that all is well. Returns the connection. */
	login(connack: { sessionPresent?: boolean; properties?: object } = {}, timing?: Timing): Link {
		const link = this.accept(timing);
		link.expect("connect");
		link.connack(connack);
		return link;
	}

	/** Connections from now on take so many bytes; more only after `flow`. */
	narrow(bytes: number): void {
		network.allowance = bytes;
		this.flowing = false;
	}

	/** Nobody connects for so many ms. */
	quiet(milliseconds: number): void {
		const came = waitUntil(() => this.links.length > this.#accepted, milliseconds);
		assert.ok(!came, "a connection that was not expected");
	}

	/** At the end of a script: all that was sent was expected, and nothing was against the rules. */
	verify(): void {
		for (const link of this.links) link.verify();
		this.referee.verify();
	}
}

/** One connection, at the broker's end. */
export class Link {
	/** When it was opened, in ms. */
	readonly opened = clock.now;
	/** All that the client sent. */
	readonly heard: WirePacket[] = [];
	readonly #broker: ScriptedBroker;
	readonly #socket: FakeTCP;
	readonly #reader: WireReader;
	#next = 0;
	#ignoring = false;
	#flowing: boolean;
	#closedAt: number | undefined;

	constructor(broker: ScriptedBroker, socket: FakeTCP) {
		this.#broker = broker;
		this.#socket = socket;
		const referee = broker.referee.connection();
		this.#reader = new WireReader((packet) => {
			referee.heard(packet);
			this.heard.push(packet);
		});
		this.#reader.version = broker.version;
		this.#flowing = broker.flowing;
		socket.onWrite = (bytes) => {
			this.#reader.push(bytes, clock.now);
			if (this.#flowing) this.#drainLater(bytes.length);
		};
		socket.onClose = () => {
			this.#closedAt ??= clock.now;
		};
		this.#says = (packet) => referee.said(packet);
	}

	readonly #says: (packet: Sendable) => void;
	#draining = 0;

	#drainLater(count: number): void {
		this.#draining += count;
		if (this.#draining > count) return;
		const drain = () => {
			const taken = this.#draining;
			this.#draining = 0;
			this.#socket.drain(taken);
		};
		clock.add(drain, 0, undefined);
	}

	/** The client has closed it. */
	get closed(): boolean {
		return this.#closedAt !== undefined;
	}

	/** Packets that were sent and not expected yet. */
	get waiting(): readonly WirePacket[] {
		return this.heard.slice(this.#next);
	}

	/**
	 * The next packet that the client sends: it must be of that kind, have these fields and come in that time.
	 *
	 * @param fields as the oracle names them: `topic`, `qos`, `messageId`, `dup`, `retain`; `payload` as text
	 */
	expect(cmd: string, fields: Record<string, unknown> = {}, { after = 0, within = patience }: Timing = {}): WirePacket {
		const start = clock.now;
		const came = waitUntil(() => this.waiting.length > 0 || this.closed, within);
		const packet = this.waiting[0];
		if (!packet) assert.fail(`${cmd} expected, ${came ? "but the client closed" : `nothing within ${within} ms`}`);
		this.#next++;
		if (packet.cmd !== cmd) assert.fail(`${cmd} expected, not ${describe(packet)}`);
		for (const [name, wanted] of Object.entries(fields)) {
			const value = name === "payload" ? String(packet["payload"]) : packet[name];
			const plain = value && typeof value === "object" ? JSON.parse(JSON.stringify(value)) : value;
			if (!isDeepStrictEqual(plain, wanted))
				assert.fail(`${name}: ${JSON.stringify(wanted)} expected: ${describe(packet)}`);
		}
		const delay = packet.time - start;
		assert.ok(delay >= after, `${cmd} after ${delay} ms, at least ${after} expected`);
		return packet;
	}

	/** The client sends nothing for so many ms, and keeps the connection. */
	silent(milliseconds = 0): void {
		const came = waitUntil(() => this.waiting.length > 0 || this.closed, milliseconds);
		if (!came) return;
		const packet = this.waiting[0];
		assert.fail(packet ? `${describe(packet)}, but silence was expected` : "closed, but silence was expected");
	}

	/** The client closes the connection in that time, having sent no more than was expected. */
	closes({ after = 0, within = patience }: Timing = {}): void {
		const start = clock.now;
		const came = waitUntil(() => this.closed, within);
		const unexpected = this.waiting[0];
		assert.ok(!unexpected, unexpected && `${describe(unexpected)}, but only the end was expected`);
		assert.ok(came, `not closed within ${within} ms`);
		const delay = this.#closedAt! - start;
		assert.ok(delay >= after, `closed after ${delay} ms, at least ${after} expected`);
	}

	/** What the client sends from now on, and did since the last `expect`, is of no interest. */
	ignore(): void {
		this.#ignoring = true;
	}

	/** Sends packets, or bytes as they are. Several leave in one segment. */
	send(...packets: Sendable[]): this {
		return this.sendIn({}, ...packets);
	}

	/** Sends in pieces, so many ms apart. */
	sendIn({ pieces = receiveWindow, every = 0 }: SendOptions, ...packets: Sendable[]): this {
		for (const packet of packets) this.#says(packet);
		const bytes = Buffer.concat(packets.map((packet) => encodeWire(packet, this.#broker.version)));
		for (let at = 0; at < bytes.length && !this.closed; at += pieces) {
			if (at > 0 && every > 0) clock.advance(every);
			this.#socket.deliver(bytes.subarray(at, at + pieces));
		}
		return this;
	}

	connack({ sessionPresent = false, code = 0, properties = {} as object } = {}): this {
		const answer = this.#broker.version === 5 ? { reasonCode: code, properties } : { returnCode: code };
		return this.send({ cmd: "connack", sessionPresent, ...answer });
	}

	/** Expects SUBSCRIBE, and grants what was asked for, or the codes that are given. */
	grant(codes?: readonly number[]): WirePacket {
		const subscribe = this.expect("subscribe");
		const granted = codes ?? subscribe["subscriptions"].map(({ qos }: { qos: number }) => qos);
		this.send({ cmd: "suback", messageId: subscribe["messageId"], granted });
		return subscribe;
	}

	/** A message to the client. */
	publish(topic: string, payload: string | Uint8Array = "", fields: Record<string, unknown> = {}): this {
		return this.send({ cmd: "publish", topic, payload: payload as never, ...fields });
	}

	/** The network breaks the connection, from either end. */
	cut(): void {
		this.#socket.fail(new Error("connection reset"));
		clock.advance(0);
	}

	/** The client's socket refuses what it had promised to take, and says nothing else. */
	jam(): void {
		this.#socket.failed = true;
	}

	/** The network takes no more than it has promised to the client, until `flow`. */
	stall(): void {
		this.#flowing = false;
	}

	/** After `stall` or `narrow`: the network takes so many more bytes, `times` times; all from now on when omitted. */
	flow(count?: number, times = 1): void {
		this.#flowing = count === undefined;
		for (let turn = 0; turn < times && !this.closed; turn++) this.#socket.drain(count ?? sendBuffer);
	}

	/** @throws AssertionError when something was sent that the script did not expect */
	verify(): void {
		const packet = this.waiting[0];
		if (packet && !this.#ignoring) assert.fail(`${describe(packet)} was not expected`);
	}
}

function describe({ bytes, flags, time, ...packet }: WirePacket): string {
	const shown = JSON.stringify(packet, (_key, value) => {
		return value?.type === "Buffer" ? Buffer.from(value.data).toString() : value;
	});
	return `${shown} at ${time} ms: ${hex(bytes.subarray(0, 40))}`;
}
