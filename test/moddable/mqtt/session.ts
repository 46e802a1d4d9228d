/** A session on whatever client class the build has, led by orders; it tells what it hears and what became of its messages. */
import type { MQTTOptions } from "embedded:provider/builtin";
import { Session } from "../../../modules/mqtt/session";
import { StandardClient } from "../../../modules/mqtt/standard-client";
import type { ExampleProvider } from "../../inside/mqtt-calls";

let session: Session | undefined;

/** `device.network.mqtt` for a session: a class that has no more than the standard is adapted. */
function clientOf(mqtt: ExampleProvider): MQTTOptions {
	const { prototype } = mqtt.io as unknown as { prototype: object };
	const options = "send" in prototype ? mqtt : { ...mqtt, io: StandardClient, standard: mqtt.io };
	return options as unknown as MQTTOptions;
}

/** Connects, as `offline` if its power is cut, and subscribes `session/in/#`. */
export function startSession(mqtt: ExampleProvider, host: string, port: number): void {
	session = new Session({
		client: clientOf(mqtt),
		host,
		port,
		id: "session",
		keepAlive: 30,
		will: { topic: "session/status", message: "offline", QoS: 1, retain: true },
		log: (level, text) => trace(`log: ${level} ${text}\n`),
		onConnect: ({ sessionPresent }) => {
			trace(`connected: ${sessionPresent}\n`);
			session!.publish("session/status", "online", { QoS: 1, retain: true });
		},
		onDisconnect: () => trace("disconnected: true\n"),
	});
	session.on("session/in/#", 2, ({ topic, payload, QoS }) => {
		const { buffer, byteOffset, length } = payload;
		const text = length > 100 ? length : String.fromArrayBuffer(buffer as ArrayBuffer, byteOffset, length);
		trace(`got: ${topic} ${text} ${QoS}\n`);
	});
	session.start();
}

/** Publishes on `session/out`; a text of the form `x*1000` is so many letters. */
export function publish(QoS: number, text: string): void {
	const [letter, count] = text.split("*");
	const payload = count === undefined ? text : letter!.repeat(Number(count));
	session!.publish("session/out", payload, {
		QoS: QoS as 0 | 1 | 2,
		onFate: (fate) => trace(`fate: ${text} ${fate}\n`),
	});
}

export function stopSession(): void {
	session!.stop(() => trace("stopped: true\n"));
}
