import type { Device } from "embedded:provider/builtin";
import type { SensorOptions as DriverOptions, SensorConstructor } from "embedded:sensor/_common";
import type { SensorDescription } from "../description/description";
import { driverTable } from "../description/drivers";
import { gpioOf } from "../description/pins";
import { ownDrivers } from "./own-drivers";
import { type NodeReadings, Reading } from "./readings";
import type { DriverOwner, SensorDriver } from "./sensor";

export interface OpenDriverOptions {
	device: Device;
	board: string;
	sensor: SensorDescription;
	readings: NodeReadings;
	owner: DriverOwner;
}

/**
 * Makes the driver of a sensor and gives it its IO (ECMA-419 §13): a class of the host (`device.sensor`), one of the
 * firmware's own, or a reading of the node. Throws when the host lacks the class or the IO, or the part does not answer.
 */
export function openDriver(options: OpenDriverOptions): SensorDriver {
	const { device, sensor, owner } = options;
	const { driver } = sensor;
	if (driver === "rssi" || driver === "heap" || driver === "uptime") return new Reading(driver, options.readings);
	const known = driverTable[driver];
	const Driver: SensorConstructor | undefined =
		known?.source === "host" ? device.sensor[driver] : (ownDrivers[driver] as SensorConstructor | undefined);
	if (!Driver) throw new Error(`this host has no driver "${driver}"`);
	const connection = connectionOf(options);
	if (known?.connection === "analog") return new Driver({ sensor: connection });
	return new Driver({
		sensor: connection,
		onError: (error) => owner.complain(error),
		onSample: () => owner.sampled(),
	});
}

function connectionOf({ device, board, sensor }: OpenDriverOptions): DriverOptions["sensor"] {
	const io = ioOf(device, sensor.driver);
	if ("pin" in sensor) {
		const { pin } = sensor;
		const gpio = gpioOf(board, pin) ?? device.pin[pin];
		if (gpio === undefined) throw new Error(`pin "${pin}" is unknown`);
		if (sensor.driver === "analog-light" && sensor.resistor !== undefined)
			return { io, pin: gpio, resistor: sensor.resistor };
		return { io, pin: gpio };
	}
	const { i2c, address } = sensor as { i2c?: string; address?: number };
	const bus = device.i2c[i2c ?? "default"];
	if (!bus) throw new Error(`this host has no I2C bus "${i2c}"`);
	const usual = driverTable[sensor.driver]?.addresses?.[0];
	return { ...bus, io, address: address ?? usual };
}

function ioOf(device: Device, driver: string): unknown {
	const name = driverTable[driver]?.io;
	if (name === undefined) throw new Error(`driver "${driver}" needs no IO`);
	const io = name === "PulseWire" ? device.system.PulseWire : device.io[name];
	if (!io) throw new Error(`this host has no ${name}`);
	return io;
}
