import { VirtualClock } from "../../hosts/desktop/clock";
import type { PanelData, QuantityData } from "../../hosts/moddable/panel/panel-data";
import { boardTable } from "../../modules/description/boards";
import type { NodeDescription } from "../../modules/description/description";
import { driverTable } from "../../modules/description/drivers";
import { gpioOf } from "../../modules/description/pins";
import { hex } from "../../sim/board/i2c-bus";
import { Workbench } from "../../sim/board/workbench";
import { World } from "../../sim/world/world";

/** What a slider goes through of what the world allows: where people live. `control` takes the rest. */
const usual: Readonly<Partial<Record<string, Omit<QuantityData, "name" | "unit">>>> = {
	temperature: { low: -20, high: 60, step: 0.5, decimals: 1 },
	humidity: { low: 0, high: 100, step: 1, decimals: 0 },
	pressure: { low: 90_000, high: 108_000, step: 10, decimals: 0 },
	light: { low: 1, high: 100_000, step: 1, decimals: 0, logarithmic: true },
};

/** What the panel of a node has on it. */
export function panelData(node: NodeDescription): PanelData {
	const clock = new VirtualClock();
	const world = new World({ clock, seed: 1 });
	const workbench = new Workbench(node, { clock, world, seed: 1 });
	const units = world.snapshot();
	const parts = Object.values(workbench.parts());
	workbench.close();
	const { lights, relays, buttons, sensors } = node;
	const pin = (wanted: number | string) => `GPIO ${gpioOf(node.board, wanted) ?? wanted}`;
	const onPins = (parts: Readonly<Record<string, { title?: string; pin: number | string }>>) =>
		Object.entries(parts).map(([name, part]) => ({ name, title: part.title ?? name, wiring: pin(part.pin) }));
	return {
		title: node.name ?? node.id,
		board: boardTable[node.board]!.title,
		lights: onPins(lights).map((light) => {
			const { kind, length } = lights[light.name] as { kind: string; length?: number };
			return kind === "rgb" ? { ...light, length: length! } : light;
		}),
		relays: onPins(relays),
		buttons: onPins(buttons),
		sensors: parts
			.filter((part) => part.kind === "sensor")
			.map(({ name: path, driver, values }) => {
				const name = path.slice("sensor/".length);
				const sensor = sensors[name]!;
				const { connection, addresses } = driverTable[driver]!;
				const address = ("address" in sensor ? sensor.address : undefined) ?? addresses?.[0];
				return {
					name,
					driver,
					wiring: connection === "i2c" ? `I2C ${hex(address!)}` : "pin" in sensor ? pin(sensor.pin) : "",
					quantities: Object.keys(values).map((quantity): QuantityData => {
						const { unit, low, high } = units[quantity]!;
						return { name: quantity, unit, ...(usual[quantity] ?? { low, high, step: 1, decimals: 0 }) };
					}),
				};
			}),
		signal: { low: -100, high: -20 },
	};
}
