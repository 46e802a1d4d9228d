/** A node that publishes what it has subscribed to, through a broker: how fast, and after how long it comes back. */
import device from "embedded:provider/builtin";
import { call } from "vagalume:host";
import Timer from "timer";
import { SystemOperation } from "../../hosts/shared/operations/system";
import { Session } from "../../modules/mqtt/session";
import { Traffic, type TrafficOptions } from "./traffic";

/** What the driver (test/support/mqtt-loops.ts) puts into the node's settings. */
export interface TrafficSettings extends TrafficOptions {
	port: number;
	topic: string;
	QoS: 0 | 1 | 2;
	/** Bytes of payload. */
	size: number;
}

const { traffic: settings } = device.system.settings as unknown as { traffic: TrafficSettings };
const { topic, QoS, size, window, port } = settings;
const payload = new Uint8Array(size).fill(120);
const options = Object.freeze({ QoS });
let started = false;

const session = new Session({
	client: device.network.mqtt.client,
	host: "127.0.0.1",
	port,
	id: "inside",
	clean: true,
	window,
	queue: { messages: 2 * window, bytes: 2 * window * (size + 64) },
	// After SUBSCRIBE: it comes back, and then all can begin.
	onConnect: () => void Timer.set(() => session.publish(topic, payload, options), 50),
	log: (level, text) => {
		if (level === "warn" || level === "error") trace(`${level}: ${text}\n`);
	},
});
const traffic = new Traffic(
	settings,
	() => call(SystemOperation.now) as number,
	() => session.publish(topic, payload, options),
	(result) => session.stop(() => trace(`${JSON.stringify(result)}\n`)),
);
session.on(topic, QoS, () => {
	if (started) traffic.arrived();
	else {
		started = true;
		traffic.start();
	}
});
session.start();
