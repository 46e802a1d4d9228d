import { type PublishOptions, Session, type SessionOptions } from "../../../modules/mqtt/session";
import type { NodeTCP } from "../node-tcp";
import { until } from "../until";
import type { Received } from "./peer";
import { watched } from "./watched";

/** A session of `modules/mqtt/session`, and all that it saw and said. */
export class Keeper {
	readonly session: Session;
	readonly messages: Received[] = [];
	readonly log: string[] = [];
	/** `sessionPresent` of each connection. */
	readonly connects: boolean[] = [];
	/** Why connections were lost. */
	readonly disconnects: string[] = [];
	/** Fates, by payload. */
	readonly fates = new Map<string, string>();
	#socket: NodeTCP | undefined;

	constructor(options: SessionOptions) {
		const { socket } = options.client;
		this.session = new Session({
			random: () => 0,
			...options,
			client: {
				...options.client,
				socket: watched(socket, (one) => {
					this.#socket = one;
				}),
			},
			log: (level, text) => void this.log.push(`${level}: ${text}`),
			onConnect: (info) => {
				this.connects.push(info.sessionPresent);
				options.onConnect?.(info);
			},
			onDisconnect: (reason) => void this.disconnects.push(reason),
		});
	}

	/** Payloads as text, in the order of their arrival. */
	get texts(): string[] {
		return this.messages.map(({ payload }) => payload.toString());
	}

	/** Subscribes, and keeps what comes. */
	on(filter: string, QoS: 0 | 1 | 2 = 1): void {
		this.session.on(filter, QoS, ({ topic, payload, QoS, retain, duplicate }) => {
			this.messages.push({ topic, payload: Buffer.from(payload), QoS, retain, duplicate });
		});
	}

	/** Starts, and waits until the broker knows of the subscriptions. */
	async start(): Promise<void> {
		this.session.start();
		await this.connected();
		this.session.publish("ready", "", { QoS: 1 });
		await this.idle();
	}

	connected(timeout = 10_000): Promise<void> {
		const count = this.connects.length;
		const stands = () => this.session.connected && this.connects.length >= count;
		return until(stands, timeout, "a connection").catch((error) => {
			throw new Error(`${error.message}\n${this.log.join("\n")}`);
		});
	}

	/** Publishes, and notes its fate. */
	publish(topic: string, payload: string, options: PublishOptions = { QoS: 1 }): void {
		this.session.publish(topic, payload, { onFate: (fate) => void this.fates.set(payload, fate), ...options });
	}

	/** Nothing waits in the outbox. */
	async idle(timeout = 10_000): Promise<void> {
		await until(() => this.session.queued.messages === 0, timeout, "an empty outbox").catch((error) => {
			throw new Error(`${error.message}: ${this.session.queued.messages} left\n${this.log.join("\n")}`);
		});
	}

	said(pattern: RegExp): boolean {
		return this.log.some((line) => pattern.test(line));
	}

	/** The network breaks; the session lives on. */
	lose(): void {
		this.#socket?.lose();
	}

	stop(): Promise<void> {
		return new Promise((resolve) => this.session.stop(resolve));
	}
}
