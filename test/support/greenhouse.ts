import { describe } from "../../modules/description/description";

/** A node as far from the project's own as node.ts allows: every kind of light, other units, titles, another base and broker. */
export const greenhouse = describe({
	schema: 1,
	id: "estufa-3",
	name: "Estufa",
	place: "Quintal",
	board: "esp32-devkitc",
	base: "casa/quintal/{id}",
	broker: { url: "mqtts://broker.example" },
	telemetry: { interval: 60 },
	lights: {
		aviso: { kind: "on-off", pin: 4, title: "Aviso" },
		lampada: { kind: "dimmable", pin: 5, title: "Lâmpada" },
		fita: { kind: "rgb", pin: 13, length: 30 },
	},
	relays: { bomba: { pin: 26, title: 'Bomba "A"' }, porta: { pin: 27 } },
	sensors: {
		ar: {
			driver: "BMP280",
			i2c: "default",
			channels: {
				calor: { quantity: "thermometer.temperature", unit: "°F", decimals: 2, title: "Calor" },
				pressao: { quantity: "barometer.pressure", unit: "hPa", decimals: 1 },
			},
		},
		sol: {
			driver: "analog-light",
			pin: 34,
			channels: { luz: { quantity: "lightmeter.illuminance", unit: "klx", decimals: 3 } },
		},
		vida: { driver: "uptime", channels: { vivo: { quantity: "node.uptime", unit: "h", decimals: 1 } } },
	},
	buttons: { campainha: { pin: 0, title: "Campainha" } },
});

/** A node that has nothing but its telemetry. */
export const bare = describe({
	schema: 1,
	id: "n1",
	name: "Nothing",
	board: "esp32-devkitc",
	telemetry: { interval: 10 },
	lights: {},
	relays: {},
	sensors: {},
	buttons: {},
});

/** What stands in no text that is generated for the greenhouse: names of the project's own node. */
export const OTHERS_NAMES = /vagalume-1|onboard|strip|\bfan\b|climate|illuminance|humidity|[/"]boot["/]|vagalume\//;
