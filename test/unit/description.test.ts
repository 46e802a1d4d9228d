import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { boards } from "../../modules/description/boards";
import type { NodeDescription } from "../../modules/description/description";
import { baseOf, groupOf, topics } from "../../modules/description/topics";
import { convert, round } from "../../modules/description/units";
import { validate } from "../../modules/description/validate";
import { configure, parseBroker } from "../../modules/node/configuration";
import type { Settings } from "../../modules/system/system";
import node from "../../node";

type Loose = Record<string, unknown>;
/** The default node with some members changed: `{"lights.onboard.pin": 99}`. */
function changed(changes: Loose): NodeDescription {
	const copy = JSON.parse(JSON.stringify(node)) as Loose;
	for (const [path, value] of Object.entries(changes)) {
		const keys = path.split(".");
		const last = keys.pop()!;
		const parent = keys.reduce((object, key) => object[key] as Loose, copy);
		if (value === undefined) delete parent[last];
		else parent[last] = value;
	}
	return copy as unknown as NodeDescription;
}

describe("the default node", () => {
	it("is right", () => assert.deepEqual(validate(node), []));
	it("is frozen to its leaves, so that it stays in flash", () => {
		assert.ok(Object.isFrozen(node));
		assert.ok(Object.isFrozen(node.sensors.climate?.channels));
		assert.ok(Object.isFrozen(boards["esp32-devkitc"].taken));
	});
	it("has what the README promises", () => {
		assert.deepEqual(Object.keys(node.lights), ["onboard", "strip"]);
		assert.deepEqual(Object.keys(node.relays), ["fan"]);
		assert.deepEqual(
			Object.values(node.sensors).flatMap((sensor) => Object.keys(sensor.channels)),
			["temperature", "humidity", "illuminance", "rssi", "heap", "uptime"],
		);
		assert.equal(node.telemetry.interval, 10);
	});
});

describe("a wrong description is told by path and expectation:", () => {
	const cases: [Loose, string][] = [
		[{ "lights.onboard.pin": 99 }, "lights.onboard.pin: 99 is not a GPIO of esp32-devkitc (0..39)"],
		[{ "lights.onboard.pin": "lamp" }, 'lights.onboard.pin: "lamp" is no pin name of esp32-devkitc (led, button)'],
		[{ "lights.onboard.pin": 2.5 }, "lights.onboard.pin: 2.5 is not a GPIO of esp32-devkitc (0..39)"],
		[{ "lights.strip.pin": 7 }, "lights.strip.pin: GPIO 7 of esp32-devkitc is not free (flash, USB or not led out)"],
		[{ "relays.fan.pin": 35 }, "relays.fan.pin: GPIO 35 of esp32-devkitc can only be an input"],
		[
			{ "sensors.light.pin": 25 },
			"sensors.light.pin: GPIO 25 of esp32-devkitc has no ADC that works beside Wi-Fi (32, 33, 34, 35, 36, 39 have)",
		],
		[
			{ "buttons.boot.pin": 39 },
			'buttons.boot.pin: GPIO 39 of esp32-devkitc has no pull resistor: say pull: "none" and wire one',
		],
		[{ "relays.fan.pin": 2 }, "relays.fan.pin: GPIO 2 is already used by lights.onboard.pin"],
		[{ "relays.fan.pin": 21 }, "sensors.climate: GPIO 21 is already used by relays.fan.pin"],
		[{ board: "arduino" }, `board: "arduino" is none of ${Object.keys(boards).join(", ")}`],
		[{ schema: 2 }, "schema: 2 is unknown, expected 1"],
		[{ id: "all" }, 'id: "all" is the name of the group of all nodes'],
		[{ id: "a b" }, 'id: "a b" is not an id of 1..32 letters, digits, - and _'],
		[{ base: "casa/all" }, 'base: "casa/all" ends with "all", the group\'s name'],
		[{ base: "casa/+/sala" }, 'base: "casa/+/sala" contains a wildcard (+ or #)'],
		[{ base: "a\0b" }, 'base: "a\\u0000b" contains a NUL character'],
		[{ base: "/casa" }, 'base: "/casa" has an empty level'],
		[{ base: "casa//sala" }, 'base: "casa//sala" has an empty level'],
		[{ base: "$SYS/x" }, 'base: "$SYS/x" starts with $, which is the broker\'s own'],
		[{ base: "" }, 'base: "" has an empty level'],
		[{ base: "é".repeat(65) }, "base: takes 130 bytes of UTF-8, at most 128 fit"],
		[{ base: "a\ud800" }, "base: is not well-formed Unicode"],
		[{ name: "" }, 'name: expected a text of 1..64 characters, got ""'],
		[
			{ nmae: "x" },
			"nmae: unknown, expected one of schema, id, name, place, board, base, broker, telemetry, homeAssistant, log, lights, relays, sensors, buttons",
		],
		[{ log: "loud" }, 'log: "loud" is none of debug, info, warn, error, off'],
		[{ "telemetry.interval": 0 }, "telemetry.interval: 0 is outside 1..86400 s"],
		[{ "telemetry.interval": "10" }, 'telemetry.interval: "10" is outside 1..86400 s'],
		[{ telemetry: undefined }, "telemetry: expected an object, got undefined"],
		[{ broker: { url: "http://x" } }, 'broker.url: "http://x" is not mqtt(s)://host:port or ws(s)://host:port/path'],
		[{ broker: { url: "mqtt://x:70000" } }, "broker.url: port 70000 is outside 1..65535"],
		[{ broker: { keepAlive: 65_536 } }, "broker.keepAlive: 65536 is not a whole number of seconds, 0 or 1..65535"],
		[{ broker: { url: "mqtt://x", discover: {} } }, "broker.discover: and broker.url: one or the other"],
		[{ broker: { discover: true } }, "broker.discover: expected an object, got true"],
		[{ broker: { discover: null } }, "broker.discover: expected an object, got null"],
		[{ broker: { discover: { port: 1 } } }, "broker.discover.port: unknown, expected one of secure, name, host"],
		[{ broker: { discover: { secure: "yes" } } }, 'broker.discover.secure: "yes" is neither true nor false'],
		[
			{ broker: { discover: { name: "é".repeat(32) } } },
			`broker.discover.name: "${"é".repeat(32)}" is not a text of 1..63 bytes of UTF-8`,
		],
		[
			{ broker: { discover: { name: "Casa\x85" } } },
			'broker.discover.name: "Casa\x85" has control characters, nobody is found by such a name',
		],
		[{ broker: { discover: { name: "" } } }, 'broker.discover.name: "" is not a text of 1..63 bytes of UTF-8'],
		[
			{ broker: { discover: { secure: true, host: "a b" } } },
			'broker.discover.host: "a b" is not a name such as broker.local',
		],
		[
			{ broker: { discover: { host: "a.local" } } },
			"broker.discover.host: needs secure: true, without TLS there is no certificate",
		],
		[{ "lights.onboard.kind": "laser" }, 'lights.onboard.kind: "laser" is none of on-off, dimmable, rgb'],
		[{ "lights.onboard.boot": "on" }, 'lights.onboard.boot: "on" is none of off, restore'],
		[
			{ "lights.onboard.length": 3 },
			"lights.onboard.length: unknown, expected one of kind, title, pin, boot, activeLow, hz, gamma",
		],
		[
			{ "lights.Onboard": { kind: "on-off", pin: 4 } },
			'lights.Onboard: "Onboard" is not a name of 1..15 characters a-z, 0-9, - and _',
		],
		[{ "lights.strip.length": 0 }, "lights.strip.length: 0 is outside 1..300 LEDs"],
		[
			{ "sensors.climate.driver": "SHT99" },
			`sensors.climate.driver: "SHT99" is none of SHT3x, AHT10, BMP280, TMP117, BME280, BH1750, DHT22, DS18B20, analog-light, rssi, heap, uptime`,
		],
		[
			{ "sensors.climate.pin": 4 },
			"sensors.climate.pin: unknown, expected one of driver, interval, channels, i2c, address",
		],
		[{ "sensors.climate.address": 0x10 }, "sensors.climate.address: 16 is no address of SHT3x (0x44, 0x45)"],
		[{ "sensors.climate.interval": 0.1 }, "sensors.climate.interval: 0.1 is outside 0.5..86400 s, the range of SHT3x"],
		[{ "sensors.climate.channels": {} }, "sensors.climate.channels: has no channel"],
		[
			{ "sensors.climate.channels.temperature.quantity": "barometer.pressure" },
			'sensors.climate.channels.temperature.quantity: "barometer.pressure" is none of thermometer.temperature, hygrometer.humidity',
		],
		[
			{ "sensors.climate.channels.temperature.unit": "hPa" },
			'sensors.climate.channels.temperature.unit: "hPa" is none of °C, °F, K',
		],
		[
			{ "sensors.climate.channels.temperature.decimals": 7 },
			"sensors.climate.channels.temperature.decimals: 7 is outside 0..6",
		],
		[
			{ "sensors.radio.channels": { humidity: { quantity: "radio.signal" } } },
			"sensors.radio.channels.humidity: the name is already used by sensors.climate.channels.humidity",
		],
		[
			{ "sensors.radio.channels": { seq: { quantity: "radio.signal" } } },
			'sensors.radio.channels.seq: "seq" is a member of every record already',
		],
		[
			{ "buttons.boot.toggles": "led/porch" },
			'buttons.boot.toggles: "led/porch" is none of led/onboard, led/strip, relay/fan',
		],
		[{ "buttons.boot.hold": 5 }, "buttons.boot.hold: 5 is outside 100..60000 ms"],
	];
	for (const [changes, message] of cases) it(message, () => assert.deepEqual(validate(changed(changes)), [message]));

	it("two parts with one address on the bus", () =>
		assert.deepEqual(
			validate(
				changed({
					"sensors.other": { driver: "SHT3x", channels: { t2: { quantity: "thermometer.temperature" } } },
				}),
			),
			["sensors.other.address: 0x44 is already used by sensors.climate"],
		));
	it("anything that is no description at all", () => {
		for (const thing of [null, undefined, 3, "x", []]) assert.equal(validate(thing).length, 1);
	});
});

describe("topics", () => {
	it("start with vagalume and the id unless node.ts says otherwise", () => {
		assert.equal(baseOf({}, "a1"), "vagalume/a1");
		assert.equal(baseOf({ base: "casa/{id}/sala-{id}" }, "a1"), "casa/a1/sala-a1");
	});
	it("of the group take the place of the last level", () => {
		assert.equal(groupOf("casa/terreo/sala"), "casa/terreo/all");
		assert.equal(groupOf("sala"), "all");
		assert.equal(topics.order(groupOf("vagalume/a"), "led", "x"), "vagalume/all/led/x/set");
	});
});

describe("units", () => {
	it("are converted from the drivers' own", () => {
		assert.equal(convert("barometer.pressure", "hPa", 101_325), 1013.25);
		assert.equal(convert("thermometer.temperature", "°F", 100), 212);
		assert.equal(round(convert("barometer.pressure", "mmHg", 101_325), 2), 760);
		assert.throws(() => convert("hygrometer.humidity", "hPa", 1), /hygrometer.humidity has no unit "hPa"/);
	});
	it("are rounded without a negative zero", () => {
		assert.equal(round(21.449, 1), 21.4);
		assert.ok(Object.is(round(-0.01, 1), 0));
	});
});

describe("the owner's settings", () => {
	const broker = "mqtt://10.0.0.1";
	it("go before node.ts", () => {
		const configuration = configure(changed({ broker: { url: "mqtt://other", keepAlive: 10 } }), {
			id: "b2",
			broker: "mqtts://broker.example:9999",
			keepAlive: 0,
		});
		assert.deepEqual(configuration, {
			id: "b2",
			base: "vagalume/b2",
			broker: { secure: true, host: "broker.example", port: 9999 },
			keepAlive: 0,
			version: 4,
		});
	});
	it("leave what they do not say to node.ts, keep-alive is 60 s then", () => {
		assert.equal(configure(node, { broker }).keepAlive, 60);
		assert.equal(configure(node, { broker }).id, node.id);
	});
	for (const [settings, message] of [
		[{}, "broker.url: missing, expected mqtt://host:port here or in the node's settings, or broker.discover"],
		[{ broker, id: "all" }, 'settings.id: "all" is the name of the group of all nodes'],
		[{ broker: "tcp://x" }, 'settings.broker: "tcp://x" is not mqtt(s)://host:port or ws(s)://host:port/path'],
		[{ broker, keepAlive: -1 }, "settings.keepAlive: -1 is not a whole number of seconds, 0 or 1..65535"],
		[{ broker, password: "x" }, "settings.user: missing, a password needs a user"],
		[{ broker, key: "x" }, "settings.certificate and settings.key: one needs the other"],
	] as const)
		it(`are checked: ${message}`, () => assert.throws(() => configure(node, settings), { message }));
	it("of the host only count where nobody else names a broker", () => {
		const defaultBroker = "mqtt://127.0.0.1:1883";
		const hostOf = (description: NodeDescription, settings: Settings) => configure(description, settings).broker.host;
		assert.equal(hostOf(node, { defaultBroker }), "127.0.0.1");
		assert.equal(hostOf(node, { defaultBroker, broker }), "10.0.0.1");
		assert.equal(hostOf(changed({ broker: { url: "mqtt://other" } }), { defaultBroker }), "other");
		assert.equal(hostOf(changed({ broker: { discover: {} } }), { defaultBroker }), "_mqtt._tcp.local");
	});
	it("a broker that is to be found needs no URL; one in the settings goes before it", () => {
		const finds = (discover: object) => changed({ broker: { discover } });
		assert.deepEqual(configure(finds({}), {}).broker, {
			secure: false,
			host: "_mqtt._tcp.local",
			port: 1883,
			discover: {},
		});
		const discover = { secure: true, name: "Casa" };
		assert.deepEqual(configure(finds(discover), { ca: "PEM", user: "a", password: "x" }).broker, {
			secure: true,
			host: "_secure-mqtt._tcp.local",
			port: 8883,
			discover,
		});
		assert.equal(configure(finds({}), { broker, user: "a", password: "x" }).broker.discover, undefined);
		configure(finds({ secure: true, host: "a.example" }), { user: "a", password: "x" });
	});
	for (const [discover, settings, message] of [
		[
			{},
			{ user: "a", password: "x" },
			"broker.discover.secure: true is needed with a password, or whoever answers on the network gets it",
		],
		[
			{},
			{ token: { url: "https://a.example", client: "a", secret: "b" } },
			"broker.discover.secure: true is needed with a token, or whoever answers on the network gets it",
		],
		[
			{ secure: true },
			{ user: "a", password: "x" },
			"settings.ca: missing, broker.discover.secure needs the broker's authority, or broker.discover.host",
		],
	] as const)
		it(`keep secrets from who answers first: ${message}`, () =>
			assert.throws(() => configure(changed({ broker: { discover } }), settings), { message }));
	it("name a broker with or without a port, by name or address", () => {
		assert.deepEqual(parseBroker("mqtt://a"), { secure: false, host: "a", port: 1883 });
		assert.deepEqual(parseBroker("mqtts://a.b/"), { secure: true, host: "a.b", port: 8883 });
		assert.deepEqual(parseBroker("mqtt://[::1]:1884"), { secure: false, host: "::1", port: 1884 });
		assert.deepEqual(parseBroker("ws://a"), { secure: false, host: "a", port: 80, path: "/" });
		assert.deepEqual(parseBroker("ws://[::1]:9001/"), { secure: false, host: "::1", port: 9001, path: "/" });
		const url = "wss://a.b:8084/mqtt?x=1:2/3";
		assert.deepEqual(parseBroker(url), { secure: true, host: "a.b", port: 8084, path: "/mqtt?x=1:2/3" });
		assert.deepEqual(parseBroker("wss://a/m"), { secure: true, host: "a", port: 443, path: "/m" });
	});
});
