import MQTTClient from "../../modules/mqtt/client";
import type { ControlMessage, MessageInfo, MQTTClientOptions, SkippedMessage } from "../../modules/mqtt/options";
import type { MQTTError } from "../../modules/mqtt/packet/error";
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

	constructor(options: Partial<MQTTClientOptions> = {}) {
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

	/** Connects, and swallows CONNECT. */
	connect(sessionPresent = false): this {
		clock.advance(0);
		clock.advance(0);
		this.socket.take();
		this.receive({ cmd: "connack", returnCode: 0, sessionPresent });
		return this;
	}

	/** The broker sends a packet. */
	receive(packet: { cmd: string; [member: string]: unknown }, size?: number): void {
		this.socket.deliver(encode(packet as never), size);
	}

	/** What the client sent since the last call. */
	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	sent(): any[] {
		return decode(this.socket.take());
	}
}

/** Before each test. */
export function fresh(): void {
	clock.reset();
	network.reset();
}
