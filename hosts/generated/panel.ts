// Written by `npm run generate` from node.ts: the panel for the SDK's simulator.
import { makePanel } from "hosts/moddable/panel/panel";

export default makePanel({
	"title": "Vagalume",
	"board": "ESP32-DevKitC",
	"lights": [
		{
			"name": "onboard",
			"title": "onboard",
			"wiring": "GPIO 2"
		},
		{
			"name": "strip",
			"title": "strip",
			"wiring": "GPIO 13",
			"length": 8
		}
	],
	"relays": [
		{
			"name": "fan",
			"title": "fan",
			"wiring": "GPIO 26"
		}
	],
	"buttons": [
		{
			"name": "boot",
			"title": "boot",
			"wiring": "GPIO 0"
		}
	],
	"sensors": [
		{
			"name": "climate",
			"driver": "SHT3x",
			"wiring": "I2C 0x44",
			"quantities": [
				{
					"name": "temperature",
					"unit": "°C",
					"low": -20,
					"high": 60,
					"step": 0.5,
					"decimals": 1
				},
				{
					"name": "humidity",
					"unit": "%",
					"low": 0,
					"high": 100,
					"step": 1,
					"decimals": 0
				}
			]
		},
		{
			"name": "light",
			"driver": "analog-light",
			"wiring": "GPIO 34",
			"quantities": [
				{
					"name": "light",
					"unit": "lx",
					"low": 1,
					"high": 100000,
					"step": 1,
					"decimals": 0,
					"logarithmic": true
				}
			]
		}
	],
	"signal": {
		"low": -100,
		"high": -20
	}
});
