import { type PublishOptions, Session, type SessionOptions } from "../../modules/mqtt/session";
import { clock } from "./clock";
import { FakeResolver, FakeTCP, network } from "./fake-tcp";
import { decode, encode } from "./mqtt-bytes";

/** A session on in-memory sockets, with a broker that the test plays. */
export class SessionBench {
	readonly session: Session;
	readonly log: string[] = [];
	readonly connects: boolean[] = [];
	readonly disconnects: string[] = [];
	readonly fates: string[] = [];

	constructor(options: Partial<SessionOptions> = {}) {
		this.session = new Session({
			client: { socket: { io: FakeTCP as never }, dns: { io: FakeResolver as never } },
			host: "broker.example",
			id: "node",
			random: () => 0,
			log: (level, text) => void this.log.push(`${level}: ${text}`),
			onConnect: ({ sessionPresent }) => void this.connects.push(sessionPresent),
			onDisconnect: (reason) => void this.disconnects.push(reason),
			...options,
		});
	}

	readonly encode = (packet: { cmd: string; [member: string]: unknown }) => encode(packet as never);

	get socket(): FakeTCP {
		return network.last;
	}

	/** Starts and connects. */
	start(sessionPresent = false): this {
		this.session.start();
		this.accept(sessionPresent);
		return this;
	}

	/** Lets the socket connect, swallows CONNECT, and accepts. */
	accept(sessionPresent = false): void {
		clock.advance(0);
		clock.advance(0);
		this.socket.take();
		this.receive({ cmd: "connack", returnCode: 0, sessionPresent });
	}

	/** Breaks the connection and waits for the next attempt, which is `delay` ms away. */
	lose(delay = 1000): void {
		this.socket.fail(new Error("reset"));
		clock.advance(0);
		clock.advance(delay);
	}

	receive(packet: { cmd: string; [member: string]: unknown }, size?: number): void {
		this.socket.deliver(encode(packet as never), size);
	}

	// biome-ignore lint/suspicious/noExplicitAny: the oracle's packets are a union of twenty shapes
	sent(): any[] {
		return decode(this.socket.take());
	}

	/** What was published since the last call, shortly: `topic=payload QoS#id`, with a `!` for DUP. */
	published(): string[] {
		return this.sent()
			.filter(({ cmd }) => cmd === "publish")
			.map(({ topic, payload, qos, messageId, dup }) => {
				return `${topic}=${payload}${qos ? ` ${qos}#${messageId}` : ""}${dup ? "!" : ""}`;
			});
	}

	/** Publishes and notes its fate as `payload: fate`. */
	publish(topic: string, payload: string, options: PublishOptions = {}): void {
		this.session.publish(topic, payload, { onFate: (fate) => void this.fates.push(`${payload}: ${fate}`), ...options });
	}
}
