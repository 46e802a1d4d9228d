import assert from "node:assert/strict";
import WebSocketClient from "../../hosts/shared/embedded/network/websocket/client";
import { WebSocketSocket } from "../../modules/mqtt/transport/websocket-socket";
import { clock } from "./clock";
import { FakeTCP } from "./fake-tcp";
import { decode, encode } from "./mqtt-bytes";
import { Bench } from "./mqtt-client";
import { agreement, frame, parseFrames } from "./websocket";

/** How to make a WebSocket connection. */
export const websocket = { io: WebSocketClient, socket: { io: FakeTCP } };
/** The bytes of a packet. */
export const packet = (value: { cmd: string; [member: string]: unknown }) => [...encode(value as never)];
export const connack = packet({ cmd: "connack", returnCode: 0, sessionPresent: false });

/** An MQTT client whose server speaks WebSocket. */
export class WebSocketMQTT extends Bench {
	request = "";
	received = "";

	constructor(options: object = {}, socket: object = {}) {
		super({
			port: 9001,
			socket: { io: WebSocketSocket as never, path: "/mqtt", websocket, ...socket },
			onReadable(count: number) {
				bench.received += Buffer.from(this.read(count)!).toString();
			},
			...options,
		});
		const bench = this;
	}

	/** Up to CONNECT, which is returned. */
	open(changes: Record<string, string> = { "Sec-WebSocket-Protocol": "mqtt" }): this {
		clock.advance(0);
		clock.advance(0);
		this.request = Buffer.from(this.socket.take()).toString();
		this.socket.deliver(Buffer.from(agreement(this.request, changes)));
		return this;
	}

	/** Up to CONNACK. */
	login(): this {
		this.open().socket.take();
		this.socket.deliver(frame(connack));
		return this;
	}

	/** What was sent since the last call: packets, once the frames are taken off. */
	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	override sent(): any[] {
		const frames = parseFrames(this.socket.take()).filter(({ opcode }) => opcode < 8);
		for (const { opcode, masked } of frames) assert.deepEqual([opcode, masked], [2, true], "MQTT-6.0.0-1: binary");
		return decode(Buffer.concat(frames.map(({ payload }) => payload)));
	}
}
