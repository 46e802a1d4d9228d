import { it, describe as suite } from "node:test";
import { describe, type NodeDescription } from "../../modules/description/description";

// Checked by the compiler: each @ts-expect-error fails `npm run check` once the line below it is accepted.
const rest = {
	schema: 1,
	id: "x",
	name: "x",
	board: "esp32-devkitc",
	telemetry: { interval: 10 },
	relays: {},
	sensors: {},
	buttons: {},
} as const;
type Sensor = NodeDescription["sensors"][string];

suite("a wrong description fails type checking", () => {
	it("in its parts", () => {
		// @ts-expect-error: an I2C sensor has no pin
		const pinned: Sensor = { driver: "SHT3x", pin: 4, channels: { t: { quantity: "thermometer.temperature" } } };
		// @ts-expect-error: an analog sensor needs one
		const unpinned: Sensor = { driver: "analog-light", channels: { l: { quantity: "lightmeter.illuminance" } } };
		// @ts-expect-error: an SHT3x measures no pressure
		const foreign: Sensor = { driver: "SHT3x", channels: { p: { quantity: "barometer.pressure" } } };
		// @ts-expect-error: a temperature is not in hPa
		const unit: Sensor = { driver: "SHT3x", channels: { t: { quantity: "thermometer.temperature", unit: "hPa" } } };
		// @ts-expect-error: only strips have a length
		const long: NodeDescription["lights"][string] = { kind: "dimmable", pin: 2, length: 3 };
		void [pinned, unpinned, foreign, unit, long];
	});
	it("in its references", () => {
		describe({
			...rest,
			lights: { porch: { kind: "on-off", pin: 2 } },
			// @ts-expect-error: there is no light of that name
			buttons: { door: { pin: 0, toggles: "led/hall" } },
		});
		describe({
			...rest,
			lights: { porch: { kind: "on-off", pin: 2 } },
			buttons: { door: { pin: 0, toggles: "led/porch" } },
		});
	});
});
