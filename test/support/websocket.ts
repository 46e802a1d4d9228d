/** A WebSocket client on an in-memory socket, and frames as a server sends and reads them. */

import type { WebSocketClientOptions, WebSocketError } from "embedded:network/websocket/client";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { sha1 } from "../../hosts/desktop/services/sha1";
import WebSocketClient from "../../hosts/shared/embedded/network/websocket/client";
import type { NodeContext, Operation } from "../../hosts/shared/host";
import { webSocketService } from "../../hosts/shared/services/websocket-service";
import { clock } from "./clock";
import { FakeResolver, FakeTCP, network } from "./fake-tcp";
import { stage } from "./host-stand-in";

const context = { random: (count: number) => randomBytes(count) } as unknown as NodeContext;
const operations = webSocketService(sha1)(context, undefined as never).operations as Record<number, Operation>;
stage.call = (operation, ...values) => operations[operation]!(...(values as never[])) as never;

/** The proof that a server gives (RFC 6455 §4.2.2). */
export function acceptFor(request: string): string {
	const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)![1]!;
	assert.equal(Buffer.from(key, "base64").length, 16);
	return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** The answer of a server that agrees; `changes` replaces lines by their name, or takes them away. */
export function agreement(request: string, changes: Record<string, string | undefined> = {}): string {
	const lines: Record<string, string | undefined> = {
		Upgrade: "websocket",
		Connection: "Upgrade",
		"Sec-WebSocket-Accept": acceptFor(request),
		...changes,
	};
	const headers = Object.entries(lines).filter(([, value]) => value !== undefined);
	return `HTTP/1.1 101 Switching Protocols\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

export interface FrameParts {
	opcode?: number;
	/** True when omitted. */
	final?: boolean;
	/** RSV1, RSV2, RSV3: 4, 2, 1. */
	reserved?: number;
	mask?: readonly number[];
	/** Bytes that say the length, whatever it is: 0, 2 or 8. */
	lengthSize?: 0 | 2 | 8;
	/** What the header says in place of the payload's length. */
	length?: bigint;
}

/** A frame, right or wrong. */
export function frame(payload: string | Uint8Array | readonly number[], parts: FrameParts = {}): number[] {
	const bytes = typeof payload === "string" ? [...Buffer.from(payload)] : [...payload];
	const { opcode = 2, final = true, reserved = 0, mask, length = BigInt(bytes.length) } = parts;
	const size = parts.lengthSize ?? (length < 126n ? 0 : length < 65536n ? 2 : 8);
	const extended = Array.from({ length: size }, (_, index) =>
		Number((length >> BigInt(8 * (size - 1 - index))) & 255n),
	);
	return [
		(final ? 0x80 : 0) | (reserved << 4) | opcode,
		(mask ? 0x80 : 0) | (size === 0 ? Number(length) : size === 2 ? 126 : 127),
		...extended,
		...(mask ?? []),
		...bytes.map((byte, index) => byte ^ (mask ? mask[index & 3]! : 0)),
	];
}

/** A Close frame of a server. */
export const closeFrame = (code: number, reason = "") =>
	frame([code >> 8, code & 255, ...Buffer.from(reason)], { opcode: 8 });

export interface Seen {
	final: boolean;
	opcode: number;
	masked: boolean;
	payload: Buffer;
}

/** Frames as a strict reader of the other side takes them apart: whole ones only. */
export function parseFrames(bytes: Uint8Array): Seen[] {
	const frames: Seen[] = [];
	let rest = Buffer.from(bytes);
	while (rest.length > 0) {
		assert.equal(rest[0]! & 0x70, 0, "reserved bits");
		const masked = rest[1]! >= 128;
		const short = rest[1]! & 127;
		const size = short === 126 ? 2 : short === 127 ? 8 : 0;
		const length = size === 0 ? short : size === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
		let at = 2 + size;
		const mask = masked ? rest.subarray(at, at + 4) : undefined;
		if (masked) at += 4;
		assert.ok(rest.length >= at + length, "a frame is cut short");
		const payload = Buffer.from(rest.subarray(at, at + length)).map((byte, i) => byte ^ (mask ? mask[i & 3]! : 0));
		frames.push({ final: rest[0]! >= 128, opcode: rest[0]! & 15, masked, payload: Buffer.from(payload) });
		rest = rest.subarray(at + length);
	}
	return frames;
}

/** What `onReadable` was told, and what was read then. */
export interface Part {
	count: number;
	more: boolean;
	binary: boolean;
	bytes: Buffer;
}

/** A client on an in-memory socket, and what its callbacks saw. It reads all that is announced unless `lazy`. */
export class WebSocketBench {
	readonly client: WebSocketClient;
	readonly parts: Part[] = [];
	readonly control: { opcode: number; payload: Buffer }[] = [];
	readonly writable: number[] = [];
	readonly errors: WebSocketError[] = [];
	closes = 0;
	lazy = false;
	/** The request, once it was sent. */
	request = "";

	constructor(options: Partial<WebSocketClientOptions> = {}) {
		const bench = this;
		this.client = new WebSocketClient({
			host: "server.example",
			socket: { io: FakeTCP as never },
			dns: { io: FakeResolver as never },
			onReadable(count, { more, binary }) {
				assert.equal(this, bench.client);
				const bytes = bench.lazy || count === 0 ? Buffer.alloc(0) : Buffer.from(this.read() as ArrayBuffer);
				bench.parts.push({ count, more, binary, bytes });
			},
			onWritable: (count) => void this.writable.push(count),
			onControl: (opcode, payload) => void this.control.push({ opcode, payload: Buffer.from(payload) }),
			onError: (error) => void this.errors.push(error),
			onClose: () => {
				this.closes++;
			},
			...options,
		} as WebSocketClientOptions);
	}

	get socket(): FakeTCP {
		return network.last;
	}

	/** Up to the request. */
	ask(): this {
		clock.advance(0);
		clock.advance(0);
		this.request = Buffer.from(this.socket.take()).toString();
		return this;
	}

	/** The server says this. */
	say(data: string | Iterable<number>, size?: number): void {
		this.socket.deliver(typeof data === "string" ? Buffer.from(data, "latin1") : data, size);
	}

	/** Up to the connection that stands. */
	connect(changes?: Record<string, string | undefined>): this {
		this.ask().say(agreement(this.request, changes));
		return this;
	}

	/** What the client sent since the last call, all of it masked, as clients do. */
	sent(): Seen[] {
		const frames = parseFrames(this.socket.take());
		for (const { masked } of frames) assert.ok(masked, "a frame is not masked");
		return frames;
	}

	/** The messages that were read, whole ones. */
	messages(): { binary: boolean; bytes: Buffer }[] {
		const messages: { binary: boolean; bytes: Buffer }[] = [];
		let parts: Buffer[] = [];
		for (const { more, binary, bytes } of this.parts) {
			parts.push(bytes);
			if (more) continue;
			messages.push({ binary, bytes: Buffer.concat(parts) });
			parts = [];
		}
		return messages;
	}
}

/** Before each test. */
export function fresh(): void {
	clock.reset();
	network.reset();
}

/** Nothing may go on after the end: no timer, no open socket. */
export function over(): void {
	for (const socket of network.sockets) assert.ok(socket.closed, "a socket is left open");
	assert.equal(clock.pending, 0, "a timer is left running");
}
