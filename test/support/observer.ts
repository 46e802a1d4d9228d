import mqtt, { type MqttClient } from "mqtt";
import { until } from "./until";

export interface Observed {
	readonly topic: string;
	readonly payload: string;
	readonly retain: boolean;
	readonly qos: number;
	/** performance.now() when it arrived. */
	readonly at: number;
}

/** A client beside the node, as a phone or a dashboard would be: sees everything, and gives orders. */
export class Observer {
	readonly seen: Observed[] = [];
	readonly client: MqttClient;

	private constructor(client: MqttClient) {
		this.client = client;
		client.on("message", (topic, payload, { retain, qos }) => {
			this.seen.push({ topic, payload: payload.toString(), retain, qos, at: performance.now() });
		});
	}

	static async connect(url: string, filter = "#", options: mqtt.IClientOptions = {}): Promise<Observer> {
		const client = await mqtt.connectAsync(url, { reconnectPeriod: 200, ...options });
		const observer = new Observer(client);
		await client.subscribeAsync(filter, { qos: 1 });
		return observer;
	}

	/** All payloads of a topic, in order. */
	of(topic: string): string[] {
		return this.seen.filter((message) => message.topic === topic).map(({ payload }) => payload);
	}

	last(topic: string): string | undefined {
		return this.of(topic).at(-1);
	}

	/** Waits for a message that comes from now on. */
	async next(topic: string, timeout = 5_000, matches: (payload: string) => boolean = () => true): Promise<Observed> {
		const from = this.seen.length;
		const find = () => this.seen.slice(from).find((m) => m.topic === topic && matches(m.payload));
		await until(() => find() !== undefined, timeout, `a message on ${topic}`);
		return find()!;
	}

	/** Waits until a topic's latest payload is as asked; what came before counts. */
	async sees(
		topic: string,
		matches: string | RegExp | ((payload: string) => boolean),
		timeout = 5_000,
	): Promise<string> {
		const test =
			typeof matches === "function"
				? matches
				: typeof matches === "string"
					? (payload: string) => payload === matches
					: (payload: string) => matches.test(payload);
		await until(() => this.of(topic).some(test), timeout, `${matches} on ${topic} (seen: ${this.of(topic).join(" ")})`);
		return this.of(topic).filter(test).at(-1)!;
	}

	publish(topic: string, payload: string, options: mqtt.IClientPublishOptions = { qos: 1 }): Promise<unknown> {
		return this.client.publishAsync(topic, payload, options);
	}

	/** What the broker keeps on a topic, asked anew. */
	async retained(url: string, topic: string): Promise<string | undefined> {
		const other = await Observer.connect(url, topic);
		await until(() => other.seen.length > 0, 1_000, "").catch(() => {});
		await other.end();
		return other.seen.find(({ retain }) => retain)?.payload;
	}

	end(): Promise<void> {
		return this.client.endAsync(true);
	}
}
