import assert from "node:assert/strict";
import MQTTClient from "../../modules/mqtt/client";
import type { ControlMessage, MessageInfo, MQTTClientOptions, SkippedMessage } from "../../modules/mqtt/options";
import { MQTTError } from "../../modules/mqtt/packet/error";
import { clock } from "./clock";
import { FakeResolver, FakeTCP, network } from "./fake-tcp";
import { decode, encode } from "./mqtt-bytes";

/** A client on an in-memory socket, and what its callbacks saw. */
export class Bench {
	readonly client: MQTTClient;
	readonly control: ControlMessage[] = [];
	readonly readable: { count: number; info: MessageInfo }[] = [];
	readonly writable: number[] = [];
	readonly errors: MQTTError[] = [];
	readonly skipped: SkippedMessage[] = [];
	closes = 0;
	readonly #version: 4 | 5;

	constructor(options: Partial<MQTTClientOptions> = {}) {
		this.#version = options.version ?? 4;
		this.client = new MQTTClient({
			host: "broker.example",
			id: "node",
			socket: { io: FakeTCP as never },
			dns: { io: FakeResolver as never },
			onControl: (message) => void this.control.push(message),
			onReadable: (count, info) => void this.readable.push({ count, info }),
			onWritable: (count) => void this.writable.push(count),
			onError: (error) => void this.errors.push(error),
			onSkipped: (message) => void this.skipped.push(message),
			onClose: () => {
				this.closes++;
			},
			...options,
		});
	}

	get socket(): FakeTCP {
		return network.last;
	}

	/** The socket connects. */
	dial(): this {
		clock.advance(0);
		clock.advance(0);
		return this;
	}

	/** Connects, and swallows CONNECT. */
	connect(sessionPresent = false, properties?: object): this {
		this.dial().socket.take();
		this.receive({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent, properties });
		return this;
	}

	/** The broker sends a packet. */
	receive(packet: { cmd: string; [member: string]: unknown }, size?: number): void {
		this.socket.deliver(encode(packet as never, this.#version), size);
	}

	/** What the client sent since the last call. */
	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	sent(): any[] {
		return decode(this.socket.take(), this.#version);
	}
}

export const text = (string: string): Uint8Array => new TextEncoder().encode(string);
export const string = (bytes: unknown): string => new TextDecoder().decode(bytes as ArrayBuffer);

/** An MQTTError of that code comes, and its message says so. */
export function throwsCode(call: () => unknown, code: string, message: RegExp): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, code);
		assert.match(error.message, message);
		return true;
	});
}

/** Nothing may go on after the end: no timer, no open socket. */
export function over(): void {
	for (const socket of network.sockets) assert.ok(socket.closed, "a socket is left open");
	assert.equal(clock.pending, 0, "a timer is left running");
}

/** Before each test. */
export function fresh(): void {
	clock.reset();
	network.reset();
}
