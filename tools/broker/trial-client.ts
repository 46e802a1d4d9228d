import { randomUUID } from "node:crypto";
import type { IClientOptions, MqttClient } from "mqtt";
import { connectOnce } from "./running";

/** Topics that got through. */
export type Findings = ReadonlySet<string>;

/** A filter that nothing is published for. */
const NOTHING = "vagalume-witness/nothing";

/** Publishes on each topic as a user; which of them reach a witness who sees everything. */
export async function writes(
	url: string,
	options: IClientOptions,
	witness: MqttClient,
	topics: readonly string[],
): Promise<Findings> {
	const mark = randomUUID();
	const found = new Set<string>();
	const take = (topic: string, payload: Buffer) => {
		if (payload.toString() === mark) found.add(topic);
	};
	witness.on("message", take);
	await witness.subscribeAsync("#", { qos: 0 });
	await witness.subscribeAsync("$SYS/#", { qos: 0 });
	const client = await connectOnce(url, options);
	// QoS 0: a broker may close the connection over a message at QoS 1 that it forbids.
	for (const topic of topics) await client.publishAsync(topic, mark, { qos: 0 });
	await through(client, witness);
	await client.endAsync(true);
	witness.off("message", take);
	await witness.unsubscribeAsync(["#", "$SYS/#"]);
	return found;
}

/** Subscribes to everything as a user; which topics reach him when a witness publishes on them. */
export async function reads(
	url: string,
	options: IClientOptions,
	witness: MqttClient,
	topics: readonly string[],
): Promise<Findings> {
	const mark = randomUUID();
	const found = new Set<string>();
	const client = await connectOnce(url, options);
	client.on("message", (topic, payload) => {
		// What the broker says of itself it says in its own words.
		if (payload.toString() === mark || (topic.startsWith("$SYS/") && topics.includes(topic))) found.add(topic);
	});
	await client.subscribeAsync(["#", "$SYS/#"], { qos: 0 });
	for (const topic of topics) await witness.publishAsync(topic, mark, { qos: 0 });
	await through(witness, client);
	await client.endAsync(true);
	return found;
}

/**
 * Waits until what one client has sent was delivered to another one: the broker answers each of them in the order in which it
 * got, or sent, everything else (MQTT-4.6).
 */
async function through(sender: MqttClient, receiver: MqttClient): Promise<void> {
	for (const client of [sender, receiver]) await client.subscribeAsync(NOTHING, { qos: 0 });
}

/** Waits until the broker has told about itself for the first time. */
export async function firstReport(witness: MqttClient): Promise<void> {
	const told = new Promise<void>((resolve) => {
		witness.on("message", function hear(topic) {
			if (topic !== "$SYS/broker/clients/connected") return;
			witness.off("message", hear);
			resolve();
		});
	});
	await witness.subscribeAsync("$SYS/#", { qos: 0 });
	await told;
	await witness.unsubscribeAsync("$SYS/#");
}
