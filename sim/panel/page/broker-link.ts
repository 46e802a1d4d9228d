import mqtt, { type MqttClient } from "mqtt";
import { Listeners } from "./signal";

/** Topics whose values the page keeps. */
const MOST_TOPICS = 2000;
/** Characters of a payload that the page keeps. */
const LONGEST_PAYLOAD = 2000;
/** ms */
const RETRY = 2000;
const CONNECT_DEADLINE = 15_000;

/** Return codes of MQTT 3.1.1 that ask for other credentials: bad name or password, not authorized (MQTT-3.2.2.3). */
const CREDENTIALS = [4, 5, 134, 135];

export interface Heard {
	readonly payload: string;
	/** The broker has it retained. */
	readonly retained: boolean;
	/** When it came, ms of this page. */
	readonly at: number;
}

/** The page as an MQTT client of its own, over WebSocket: it hears and publishes what any client would. */
export class BrokerLink extends Listeners {
	status: "connecting" | "connected" | "away" | "refused" = "connecting";
	/** Why it was refused, or is away, when that is known. */
	reason = "";
	/** The latest payload of each topic. */
	readonly topics = new Map<string, Heard>();
	/** Told each message as it comes, and whether it is an old one that the broker retained. */
	readonly messages = new Set<(topic: string, payload: string, retained: boolean) => void>();
	readonly #filters: readonly string[];
	readonly #decoder = new TextDecoder();
	#client: MqttClient | undefined;

	/** Subscribes to `filters`. */
	constructor(filters: readonly string[]) {
		super();
		this.#filters = filters;
		this.connect();
	}

	/** Connects, with what a person typed: it is handed to the broker and kept nowhere else. */
	connect(username?: string, password?: string): void {
		this.#client?.end(true);
		this.status = "connecting";
		this.topics.clear();
		const id = `panel-${Math.random().toString(36).slice(2, 10)}`;
		const client = mqtt.connect(`ws://${location.host}/mqtt`, {
			clientId: id,
			clean: true,
			reconnectPeriod: RETRY,
			connectTimeout: CONNECT_DEADLINE,
			resubscribe: false,
			queueQoSZero: false,
			// Others run in a worker made of a text, which the page's Content-Security-Policy forbids.
			timerVariant: "native",
			createWebsocket: (url, protocols) => this.#open(url, protocols),
			...(username !== undefined && { username, password }),
		});
		this.#client = client;
		client.on("connect", () => {
			// What was retained before may be so no more.
			this.topics.clear();
			this.#become("connected");
			client.subscribe([...this.#filters], { qos: 0 });
		});
		client.on("message", (topic, payload, { retain }) => this.#hear(topic, payload, retain));
		client.on("error", (error) => {
			const { code } = error as { code?: number };
			this.reason = error.message;
			if (code === undefined || !CREDENTIALS.includes(code)) return;
			client.end(true);
			this.#become("refused");
		});
		client.on("close", () => {
			if (client === this.#client && this.status !== "refused") this.#become("away");
		});
		this.tell();
	}

	/** Publishes at QoS 1; resolves when the broker has it. Rejects when it is not connected. */
	async publish(topic: string, payload: string, retain = false): Promise<void> {
		if (this.status !== "connected" || !this.#client) throw new Error("not connected");
		await this.#client.publishAsync(topic, payload, { qos: 1, retain });
	}

	/** A message was seen that the broker will retain, or, when it is empty, forgets. */
	retains(topic: string, payload: string): void {
		this.#keep(topic, payload, true);
	}

	close(): void {
		this.#client?.end(true);
	}

	/** The simulator closes it with what is wrong with the broker. */
	#open(url: string, protocols: string[]): WebSocket {
		const socket = new WebSocket(url, protocols);
		this.reason = "";
		socket.addEventListener("close", ({ reason }) => {
			this.reason ||= reason;
		});
		return socket;
	}

	#become(status: BrokerLink["status"]): void {
		this.status = status;
		this.tell();
	}

	#hear(topic: string, bytes: Uint8Array, retain: boolean): void {
		const payload = this.#decoder.decode(bytes.subarray(0, LONGEST_PAYLOAD));
		this.#keep(topic, payload, retain);
		for (const listener of this.messages) listener(topic, payload, retain);
	}

	#keep(topic: string, payload: string, retain: boolean): void {
		const retained = retain || (this.topics.get(topic)?.retained ?? false);
		if (payload === "") this.topics.delete(topic);
		else if (this.topics.size < MOST_TOPICS || this.topics.has(topic))
			this.topics.set(topic, { payload, retained, at: Date.now() });
		this.tell();
	}
}
