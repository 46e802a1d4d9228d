/** The calls of Moddable's example on this project's desktop host, against the broker of its settings, once there is Wi-Fi. */
import device from "embedded:provider/builtin";
import { type ExampleProvider, makeCalls } from "./mqtt-calls";

/** `connection` of a Wi-Fi interface that has an address. */
const ADDRESS = 500;

const { settings } = device.system;
const { hostname, port } = /^mqtt:\/\/(?<hostname>[^:]+):(?<port>\d+)$/.exec(settings.broker!)!.groups!;
const { mqtt } = device.network as unknown as { mqtt: ExampleProvider };
const { WiFi0 } = device.network.interface;
let called = false;
const wifi = new WiFi0.io({
	...WiFi0,
	onChanged(this: InstanceType<typeof WiFi0.io>) {
		if (this.connection !== ADDRESS || called) return;
		called = true;
		makeCalls(mqtt, { host: hostname!, port: Number(port) }, "calls/desktop", (found) =>
			trace(`calls: ${JSON.stringify(found)}\n`),
		);
	},
});
wifi.connect(settings.wifi!);
