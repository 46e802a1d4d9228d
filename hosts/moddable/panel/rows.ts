import type { PanelData, QuantityData, SensorData } from "./panel-data";

interface Named {
	/** Of the control, too: `wifi`, `climate/temperature`. */
	readonly name: string;
	readonly label: string;
}

export interface SwitchSpec extends Named {
	readonly kind: "switch";
	/** Method of the panel. */
	readonly event: string;
	readonly on: string;
	readonly off: string;
	readonly sensor?: string;
}

export interface SliderSpec extends Named {
	readonly kind: "slider" | "logarithmic";
	readonly event: string;
	/** Method that is called while it moves. */
	readonly track?: string;
	readonly min: number;
	readonly max: number;
	readonly step: number;
	readonly decimals: number;
	readonly unit: string;
}

export interface ButtonSpec extends Named {
	readonly kind: "button";
	readonly text: string;
	readonly event?: string;
	readonly eventDown?: string;
	readonly eventUp?: string;
	readonly button?: string;
}

/** A row beside the board: what one may do to the node and its world. */
export type RowSpec = SwitchSpec | SliderSpec | ButtonSpec;

/** All rows, from above. */
export function rowsOf({ buttons, sensors, signal }: PanelData): RowSpec[] {
	const rows: RowSpec[] = [
		{ kind: "switch", name: "power", label: "Power", event: "onPowerSwitch", on: "on", off: "cut" },
		{ kind: "button", name: "reset", label: "Board", text: "Reset", event: "onReset" },
		{ kind: "switch", name: "wifi", label: "Wi-Fi", event: "onWiFiSwitch", on: "there", off: "gone" },
		{
			kind: "slider",
			name: "signal",
			label: "Signal",
			event: "onSignal",
			min: signal.low,
			max: signal.high,
			step: 1,
			decimals: 0,
			unit: "dBm",
		},
	];
	for (const { name, title } of buttons)
		rows.push({
			kind: "button",
			name: `button/${name}`,
			label: title,
			text: "Press",
			eventDown: "onButtonDown",
			eventUp: "onButtonUp",
			button: name,
		});
	for (const sensor of sensors)
		rows.push(plug(sensor), ...sensor.quantities.map((quantity) => slider(sensor, quantity)));
	if (sensors.length > 0)
		rows.push({ kind: "button", name: "release", label: "World", text: "Release", event: "onRelease" });
	return rows;
}

function plug({ name, driver, wiring }: SensorData): SwitchSpec {
	return {
		kind: "switch",
		name: `sensor/${name}`,
		label: name,
		event: "onPlugSwitch",
		on: `${driver}, ${wiring}`,
		off: "unplugged",
		sensor: name,
	};
}

function slider(sensor: SensorData, quantity: QuantityData): SliderSpec {
	const { name, unit, low, high, step, decimals, logarithmic } = quantity;
	return {
		kind: logarithmic ? "logarithmic" : "slider",
		name: `${sensor.name}/${name}`,
		label: `    ${name}`,
		event: "onQuantity",
		// The other kind tells only when it is let go.
		...(!logarithmic && { track: "onQuantityMoves" }),
		min: low,
		max: high,
		step,
		decimals,
		unit,
	};
}
