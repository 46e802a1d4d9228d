/** The calls of Moddable's examples on this project's desktop host, over TCP or TLS, against the broker of its settings, once there is Wi-Fi. */
import device from "embedded:provider/builtin";
import Time from "time";
import { type ExampleProvider, makeCalls } from "./mqtt-calls";

/** `connection` of a Wi-Fi interface that has an address. */
const ADDRESS = 500;

const { settings } = device.system;
const { scheme, hostname, port } = /^(?<scheme>mqtts?):\/\/(?<hostname>[^:]+):(?<port>\d+)$/.exec(settings.broker!)!
	.groups!;
const { mqtt, mqtts } = device.network as unknown as Record<string, ExampleProvider>;
const { socket } = mqtts!;
const provider =
	scheme === "mqtt" ? mqtt! : { ...mqtts!, socket: { ...(socket as object), secure: { certificate: settings.ca } } };
const { WiFi0 } = device.network.interface;
let called = false;
const wifi = new WiFi0.io({
	...WiFi0,
	onChanged(this: InstanceType<typeof WiFi0.io>) {
		if (this.connection !== ADDRESS || called) return;
		called = true;
		const { client } = device.network.ntp;
		// Certificates have dates.
		new client.io(client).getTime((_error, time) => {
			Time.set(time! / 1000);
			makeCalls(provider, { host: hostname!, port: Number(port) }, "calls/desktop", (found) =>
				trace(`calls: ${JSON.stringify(found)}\n`),
			);
		});
	},
});
wifi.connect(settings.wifi!);
