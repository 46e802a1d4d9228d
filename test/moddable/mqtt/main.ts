/** Programs for the MQTT client that the build has: an order names one, and the broker's port. */
import "mqttclient/config";
import { connect } from "mqtt/js";
import { type ExampleProvider, makeCalls } from "../../inside/mqtt-calls";
import { publish, startSession, stopSession } from "./session";

const { mqtt } = (globalThis as unknown as { device: { network: { mqtt: ExampleProvider } } }).device.network;
const host = "127.0.0.1";

/** What the SDK's MQTT.js, which stands on the client, calls back to one who does what its example does. */
function makeScriptCalls(port: number): void {
	const told: string[] = [];
	const topic = "calls/js";
	const client = connect(`mqtt://${host}:${port}`, { clientId: "the calls of another example" });
	let messages = 0;
	const published = (what: string) => () => void told.push(`published ${what}`);
	client.on("connect", () => void told.push("connect"));
	client.on("error", () => void told.push("error"));
	client.on("close", () => void told.push("close"));
	client.on("message", (name: string, message: ArrayBuffer) => {
		told.push(`message ${name} ${message.byteLength}`);
		messages++;
		if (messages < 4) return;
		client.unsubscribe(topic, () => {
			told.push("unsubscribed");
			client.end(() => {
				told.push("end");
				trace(`script: ${JSON.stringify(told)}\n`);
			});
		});
	});
	client.subscribe(topic, { qos: 2 }, (_error, granted) => {
		told.push(`subscribed ${granted[0]!.qos}`);
		client.publish(topic, "zero", { qos: 0 }, published("zero"));
		client.publish(topic, "number one", { qos: 1 }, published("one"));
		client.publish(topic, "and two", { qos: 2 }, published("two"));
		client.publish(topic, ArrayBuffer.fromString("data".repeat(2000)), { qos: 1 }, published("data"));
	});
}

const orders: Record<string, (...words: string[]) => void> = {
	calls: (port) =>
		makeCalls(mqtt, { host, port: Number(port) }, "calls/moddable", (found) =>
			trace(`calls: ${JSON.stringify(found)}\n`),
		),
	script: (port) => makeScriptCalls(Number(port)),
	session: (port) => startSession(mqtt, host, Number(port)),
	publish: (QoS, text) => publish(Number(QoS), text!),
	stop: stopSession,
};

screen.onMessage = (message) => {
	if (message === "shutdown") {
		screen.postMessage("exit");
		return;
	}
	const [name, ...words] = message.slice(2).split(" ");
	orders[name!]!(...words);
};
trace("listening: true\n");
