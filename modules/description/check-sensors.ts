import type { Checker } from "./checker";
import { type DriverDescription, driverTable } from "./drivers";
import { show } from "./pins";
import { quantityTable } from "./units";
import type { PinPlan } from "./validate";

const RESERVED = Object.freeze(["time", "seq"]);
const CHANNEL = Object.freeze(["title", "quantity", "unit", "decimals", "threshold"]);
const BY_CONNECTION = Object.freeze({
	i2c: Object.freeze(["i2c", "address"]),
	analog: Object.freeze(["pin", "resistor"]),
	wire: Object.freeze(["pin"]),
	none: Object.freeze([]),
});

/** Sensors and their channels: channel names are unique over the whole node, as they share one record. */
export function checkSensors(check: Checker, value: unknown, pins: PinPlan | undefined): void {
	const sensors = check.members("sensors", value);
	const channelPaths = new Map<string, string>();
	const addresses = new Map<number, string>();
	for (const name of Object.keys(sensors ?? {})) {
		const path = `sensors.${name}`;
		check.name(path, name);
		const sensor = check.members(path, sensors?.[name]);
		if (!sensor || !check.oneOf(`${path}.driver`, sensor.driver, Object.keys(driverTable))) continue;
		const driver = driverTable[sensor.driver as string] as DriverDescription;
		check.members(path, sensor, ["driver", "interval", "channels", ...BY_CONNECTION[driver.connection]]);
		if (sensor.interval !== undefined)
			check.number(`${path}.interval`, sensor.interval, driver.fastest, 86_400, ` s, the range of ${sensor.driver}`);
		if (driver.connection === "i2c") checkAddress(check, path, sensor, driver, pins, addresses);
		else if (driver.connection === "analog") pins?.use(`${path}.pin`, sensor.pin, "analog");
		else if (driver.connection === "wire") pins?.use(`${path}.pin`, sensor.pin, "output");
		if (sensor.resistor !== undefined) check.integer(`${path}.resistor`, sensor.resistor, 100, 1_000_000, " ohm");
		checkChannels(check, path, sensor.channels, driver, channelPaths);
	}
}

function checkAddress(
	check: Checker,
	path: string,
	sensor: Record<string, unknown>,
	driver: DriverDescription,
	pins: PinPlan | undefined,
	taken: Map<number, string>,
): void {
	if (sensor.i2c !== undefined) check.oneOf(`${path}.i2c`, sensor.i2c, ["default"]);
	const known = driver.addresses ?? [];
	const address = (sensor.address ?? known[0]) as number;
	if (!known.includes(address)) {
		const choices = known.map((choice) => `0x${choice.toString(16)}`).join(", ");
		check.add(`${path}.address`, `${show(sensor.address)} is no address of ${sensor.driver} (${choices})`);
	} else if (taken.has(address))
		check.add(`${path}.address`, `0x${address.toString(16)} is already used by ${taken.get(address)}`);
	else taken.set(address, path);
	pins?.useBus(path);
}

function checkChannels(
	check: Checker,
	path: string,
	value: unknown,
	driver: DriverDescription,
	taken: Map<string, string>,
): void {
	const channels = check.members(`${path}.channels`, value);
	if (channels && Object.keys(channels).length === 0) check.add(`${path}.channels`, "has no channel");
	for (const name of Object.keys(channels ?? {})) {
		const at = `${path}.channels.${name}`;
		check.name(at, name);
		if (RESERVED.includes(name)) check.add(at, `"${name}" is a member of every record already`);
		if (taken.has(name)) check.add(at, `the name is already used by ${taken.get(name)}`);
		else taken.set(name, at);
		const channel = check.members(at, channels?.[name], CHANNEL);
		if (!channel) continue;
		if (channel.title !== undefined) check.text(`${at}.title`, channel.title, 32);
		if (check.oneOf(`${at}.quantity`, channel.quantity, driver.quantities) && channel.unit !== undefined)
			check.oneOf(`${at}.unit`, channel.unit, Object.keys(quantityTable[channel.quantity as string]?.units ?? {}));
		if (channel.decimals !== undefined) check.integer(`${at}.decimals`, channel.decimals, 0, 6);
		if (channel.threshold !== undefined) check.number(`${at}.threshold`, channel.threshold, 0, 1e9);
	}
}
