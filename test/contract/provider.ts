import { equal, ok, suite } from "./harness";

export default suite("provider", (test) => {
	test(
		"the instance and what it holds cannot be changed",
		({ device }) => {
			ok(Object.isFrozen(device), "device is not frozen");
			ok(Object.isFrozen(device.network), "device.network is not frozen");
		},
		{ needs: (device) => device.network },
	);

	test(
		"network offers constructor options with their class as io",
		({ device }) => {
			const { dns, ntp, mqtt, mqtts, tls } = device.network;
			equal(typeof dns.resolver.io, "function", "dns.resolver.io");
			equal(typeof ntp.client.io, "function", "ntp.client.io");
			ok(ntp.client.servers.length > 0, "ntp.client.servers");
			equal(typeof ntp.client.socket.io, "function", "ntp.client.socket.io");
			equal(typeof ntp.client.dns.io, "function", "ntp.client.dns.io");
			equal(typeof mqtt.client.socket.io, "function", "mqtt.client.socket.io");
			equal(typeof mqtt.client.dns.io, "function", "mqtt.client.dns.io");
			equal(typeof mqtts.client.socket.io, "function", "mqtts.client.socket.io");
			equal(typeof tls.client.io, "function", "tls.client.io");
			equal(typeof mqtt.io, "function", "mqtt.io");
		},
		{ needs: (device) => device.network },
	);

	test(
		"network offers WebSocket, plain and secure, in the standard's form and in Moddable's",
		({ device }) => {
			const { ws, wss } = device.network;
			for (const [name, offer] of Object.entries({ ws, wss })) {
				equal(typeof offer?.client.io, "function", `${name}.client.io`);
				equal(offer?.io, offer?.client.io, `${name}.io`);
				equal(typeof offer?.client.socket.io, "function", `${name}.client.socket.io`);
				equal(typeof offer?.client.dns.io, "function", `${name}.client.dns.io`);
			}
			equal(wss?.client["port"], 443, "wss.client.port");
		},
		{ needs: (device) => device.network?.ws },
	);

	test(
		"a network interface is offered with its class",
		({ device }) => {
			equal(typeof device.network.interface.WiFi0.io, "function", "io");
		},
		{ needs: (device) => device.network?.interface?.WiFi0 },
	);

	test(
		"storage is offered",
		({ device }) => {
			equal(typeof device.keyValue.open, "function", "keyValue.open");
		},
		{ needs: (device) => device.keyValue },
	);

	test(
		"io, sensors and buses are offered",
		({ device }) => {
			for (const name of ["Digital", "Analog", "PWM", "I2C", "SMBus"] as const)
				equal(typeof device.io[name], "function", `io.${name}`);
			for (const [name, sensor] of Object.entries(device.sensor)) equal(typeof sensor, "function", `sensor.${name}`);
			ok(device.i2c.default.hz > 0, "i2c.default.hz");
		},
		{ needs: (device) => device.io && device.i2c },
	);
});
