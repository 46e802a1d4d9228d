import { freeze } from "./freeze";
import type { Quantity } from "./units";

export interface DriverDescription {
	/** What the part hangs on: an I2C bus, an ADC pin, a single-wire pin, or nothing at all (the node itself). */
	readonly connection: "i2c" | "analog" | "wire" | "none";
	/** The IO class that the driver is given as `sensor.io`. */
	readonly io?: "I2C" | "SMBus" | "Analog" | "PulseWire";
	/** I2C addresses that the part can have, the usual one first. */
	readonly addresses?: readonly number[];
	/** The part needs at least so many seconds from sample to sample. */
	readonly fastest: number;
	/** Where the class comes from: the host (`device.sensor[name]`), the firmware's own drivers, or the node's own readings. */
	readonly source: "host" | "own" | "node";
	/** Moddable's specifier of a driver of the host; path below `modules/` of an own one. */
	readonly module?: string;
	readonly quantities: readonly Quantity[];
}

/** Every driver that `sensors.<name>.driver` in node.ts may name. */
export const drivers = freeze({
	SHT3x: {
		connection: "i2c",
		io: "I2C",
		addresses: [0x44, 0x45],
		fastest: 0.5,
		source: "host",
		module: "embedded:sensor/Humidity-Temperature/SHT3x",
		quantities: ["thermometer.temperature", "hygrometer.humidity"],
	},
	AHT10: {
		connection: "i2c",
		io: "I2C",
		addresses: [0x38, 0x39],
		fastest: 0.5,
		source: "host",
		module: "embedded:sensor/Humidity-Temperature/AHT10",
		quantities: ["thermometer.temperature", "hygrometer.humidity"],
	},
	BMP280: {
		connection: "i2c",
		io: "I2C",
		addresses: [0x76, 0x77],
		fastest: 0.1,
		source: "host",
		module: "embedded:sensor/Barometer-Temperature/BMP280",
		quantities: ["thermometer.temperature", "barometer.pressure"],
	},
	TMP117: {
		connection: "i2c",
		io: "SMBus",
		addresses: [0x48, 0x49, 0x4a, 0x4b],
		fastest: 1,
		source: "host",
		module: "embedded:sensor/Temperature/TMP117",
		quantities: ["thermometer.temperature"],
	},
	BME280: {
		connection: "i2c",
		io: "I2C",
		addresses: [0x76, 0x77],
		fastest: 0.1,
		source: "own",
		module: "driver/bme280/bme280",
		quantities: ["thermometer.temperature", "hygrometer.humidity", "barometer.pressure"],
	},
	BH1750: {
		connection: "i2c",
		io: "I2C",
		addresses: [0x23, 0x5c],
		fastest: 0.2,
		source: "own",
		module: "driver/bh1750/bh1750",
		quantities: ["lightmeter.illuminance"],
	},
	DHT22: {
		connection: "wire",
		io: "PulseWire",
		fastest: 2,
		source: "own",
		module: "driver/dht22/dht22",
		quantities: ["thermometer.temperature", "hygrometer.humidity"],
	},
	DS18B20: {
		connection: "wire",
		io: "PulseWire",
		fastest: 1,
		source: "own",
		module: "driver/ds18b20/ds18b20",
		quantities: ["thermometer.temperature"],
	},
	"analog-light": {
		connection: "analog",
		io: "Analog",
		fastest: 0.1,
		source: "own",
		module: "driver/light/light",
		quantities: ["lightmeter.illuminance"],
	},
	rssi: { connection: "none", fastest: 0.1, source: "node", quantities: ["radio.signal"] },
	heap: { connection: "none", fastest: 0.1, source: "node", quantities: ["memory.free"] },
	uptime: { connection: "none", fastest: 0.1, source: "node", quantities: ["node.uptime"] },
} as const satisfies Record<string, DriverDescription>);

export type DriverName = keyof typeof drivers;
/** What a driver can measure. */
export type QuantityOf<D extends DriverName> = (typeof drivers)[D]["quantities"][number];

/** The same table, seen as what every driver has. */
export const driverTable: Readonly<Record<string, DriverDescription | undefined>> = drivers;
