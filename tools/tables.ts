import { boardTable } from "../modules/description/boards";
import type { NodeDescription, Pin } from "../modules/description/description";
import { driverTable } from "../modules/description/drivers";
import { baseOf, DISCOVERY_PREFIX, groupOf, homeAssistant, topics } from "../modules/description/topics";

/** The wiring of a node, as a Markdown table. */
export function wiringTable(node: NodeDescription): string {
	const board = boardTable[node.board]!;
	const gpio = (pin: Pin) => `GPIO ${typeof pin === "number" ? pin : board.pin[pin]}`;
	const rows: string[][] = [];
	for (const [name, light] of Object.entries(node.lights)) {
		if (light.kind === "rgb") {
			rows.push([
				`RGB LED strip \`${name}\``,
				`${light.length} x WS2812`,
				gpio(light.pin),
				"DIN; 5 V and GND to the board's",
			]);
		} else {
			const how =
				light.pin === "led"
					? "on the board"
					: light.activeLow
						? "cathode, with 330 ohm; anode to 3V3"
						: "anode, with 330 ohm; cathode to GND";
			rows.push([`LED \`${name}\``, light.kind === "dimmable" ? "LED (PWM)" : "LED", gpio(light.pin), how]);
		}
	}
	for (const [name, relay] of Object.entries(node.relays)) {
		rows.push([`Relay \`${name}\``, "relay module", gpio(relay.pin), "IN; VCC to 5 V, GND to GND"]);
	}
	for (const [name, sensor] of Object.entries(node.sensors)) {
		const driver = driverTable[sensor.driver]!;
		if (driver.connection === "i2c") {
			const { data, clock } = board.i2c.default;
			const address = ("address" in sensor ? sensor.address : undefined) ?? driver.addresses?.[0] ?? 0;
			rows.push([
				`Sensor \`${name}\``,
				`${sensor.driver} (I2C 0x${address.toString(16)})`,
				`GPIO ${data}, GPIO ${clock}`,
				"SDA, SCL; VIN to 3V3, GND to GND",
			]);
		} else if (driver.connection === "analog" && "pin" in sensor) {
			rows.push([
				`Sensor \`${name}\``,
				"photoresistor, 10 kohm",
				gpio(sensor.pin),
				"between photoresistor (to 3V3) and resistor (to GND)",
			]);
		} else if (driver.connection === "wire" && "pin" in sensor) {
			rows.push([`Sensor \`${name}\``, sensor.driver, gpio(sensor.pin), "data, with 4.7 kohm to 3V3; GND to GND"]);
		}
	}
	for (const [name, button] of Object.entries(node.buttons)) {
		const how = button.pin === "button" ? "on the board" : button.pull === "down" ? "to 3V3" : "to GND";
		rows.push([`Button \`${name}\``, "push button", gpio(button.pin), how]);
	}
	return table(["part", "what", "pin", "connect"], rows);
}

/** The topics of a node, as a Markdown table. */
export function topicTable(node: NodeDescription): string {
	const base = baseOf(node, node.id);
	const rows: string[][] = [
		[code(topics.status(base)), "out, and the will", "`online`, `offline` (retained)"],
		[code(topics.info(base)), "out", "what the node is: version, board, channels, ... (JSON, retained)"],
		[code(topics.telemetry(base)), "out", "a record of all channels (JSON)"],
	];
	for (const sensor of Object.values(node.sensors)) {
		for (const [name, channel] of Object.entries(sensor.channels)) {
			rows.push([
				code(topics.channel(base, name)),
				"out",
				`the latest value${channel.unit ? `, in ${channel.unit}` : ""} (retained)`,
			]);
		}
	}
	for (const [kind, names] of [
		["led", Object.keys(node.lights)],
		["relay", Object.keys(node.relays)],
	] as const) {
		for (const name of names) {
			const orders = kind === "led" ? "`ON`, `OFF`, `TOGGLE`, `0`..`100`, or JSON" : "`ON`, `OFF`, `TOGGLE`";
			rows.push([code(topics.order(base, kind, name)), "in", orders]);
			rows.push([code(topics.state(base, kind, name)), "out", `its state (${kind === "led" ? "JSON, " : ""}retained)`]);
		}
	}
	for (const name of Object.keys(node.buttons))
		rows.push([code(topics.button(base, name)), "out", "press, release, hold (JSON)"]);
	rows.push([
		code(topics.command(base, "<name>")),
		"in",
		`\`report\`, \`restart\`, \`identify\`, \`interval\`, \`ping\`${node.homeAssistant ? ", `discovery`" : ""}; JSON arguments`,
	]);
	rows.push([code(topics.response(base, "<name>")), "out", "the answer (JSON)"]);
	rows.push([code(topics.log(base)), "out", "a line of the log"]);
	if (node.homeAssistant) {
		const { prefix = DISCOVERY_PREFIX } = node.homeAssistant;
		rows.push([code(homeAssistant.device(prefix, node.id)), "out", "what it is, for Home Assistant (JSON, retained)"]);
	}
	rows.push([code(`${groupOf(base)}/...`), "in", "`led/<name>/set` and `command/<name>` to every node"]);
	return table(["topic", "direction", "payload"], rows);
}

function code(text: string): string {
	return `\`${text}\``;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
