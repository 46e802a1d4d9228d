import { describe } from "./modules/description/description";

// The one file to edit: what this node is called, what is wired to it, and how often it reports. See docs/node.md.
export default describe({
	schema: 1,
	id: "vagalume-1",
	name: "Vagalume",
	board: "esp32-devkitc",
	telemetry: { interval: 10 },
	homeAssistant: {},
	lights: {
		onboard: { kind: "dimmable", pin: "led" },
		strip: { kind: "rgb", pin: 13, length: 8 },
	},
	relays: {
		fan: { pin: 26 },
	},
	sensors: {
		climate: {
			driver: "SHT3x",
			i2c: "default",
			channels: {
				temperature: { quantity: "thermometer.temperature", unit: "°C", decimals: 1 },
				humidity: { quantity: "hygrometer.humidity", unit: "%", decimals: 0 },
			},
		},
		light: {
			driver: "analog-light",
			pin: 34,
			channels: {
				illuminance: { quantity: "lightmeter.illuminance", unit: "lx", decimals: 0 },
			},
		},
		radio: { driver: "rssi", channels: { rssi: { quantity: "radio.signal", unit: "dBm" } } },
		memory: { driver: "heap", channels: { heap: { quantity: "memory.free", unit: "B" } } },
		clock: { driver: "uptime", channels: { uptime: { quantity: "node.uptime", unit: "s" } } },
	},
	buttons: {
		boot: { pin: "button", toggles: "led/onboard" },
	},
});
