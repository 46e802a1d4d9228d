import { freeze } from "./freeze";

export interface Conversion {
	/** value = reading x factor + offset */
	readonly factor: number;
	readonly offset: number;
}
export interface QuantityDescription {
	/** Where it is in a sample: `sample[classification][property]`, or `sample[property]` of a sensor that measures nothing else. */
	readonly classification: string;
	readonly property: string;
	/** The unit of the drivers' samples (ECMA-419 §14). */
	readonly unit: string;
	/** Decimals when node.ts says nothing. */
	readonly decimals: number;
	readonly units: Readonly<Record<string, Conversion>>;
}

const same = { factor: 1, offset: 0 } as const;
const times = <F extends number>(factor: F) => ({ factor, offset: 0 }) as const;

/**
 * What a channel can measure, named as in a sample: `classification.property` (ECMA-419 §14).
 * For each the drivers' unit and the units that node.ts may ask for.
 */
export const quantities = freeze({
	"thermometer.temperature": {
		classification: "thermometer",
		property: "temperature",
		unit: "°C",
		decimals: 1,
		units: { "°C": same, "°F": { factor: 1.8, offset: 32 }, K: { factor: 1, offset: 273.15 } },
	},
	"hygrometer.humidity": {
		classification: "hygrometer",
		property: "humidity",
		unit: "%",
		decimals: 1,
		units: { "%": same },
	},
	"barometer.pressure": {
		classification: "barometer",
		property: "pressure",
		unit: "Pa",
		decimals: 1,
		units: {
			Pa: same,
			hPa: times(0.01),
			kPa: times(0.001),
			mbar: times(0.01),
			mmHg: times(1 / 133.322387415),
			inHg: times(1 / 3386.389),
		},
	},
	"lightmeter.illuminance": {
		classification: "lightmeter",
		property: "illuminance",
		unit: "lx",
		decimals: 0,
		units: { lx: same, klx: times(0.001) },
	},
	"radio.signal": { classification: "radio", property: "signal", unit: "dBm", decimals: 0, units: { dBm: same } },
	"memory.free": {
		classification: "memory",
		property: "free",
		unit: "B",
		decimals: 0,
		units: { B: same, kB: times(0.001), KiB: times(1 / 1024) },
	},
	"node.uptime": {
		classification: "node",
		property: "uptime",
		unit: "s",
		decimals: 0,
		units: { s: same, min: times(1 / 60), h: times(1 / 3600), d: times(1 / 86400) },
	},
} as const satisfies Record<string, QuantityDescription>);

export type Quantity = keyof typeof quantities;
/** The units that a quantity can be reported in. */
export type UnitOf<Q extends Quantity> = keyof (typeof quantities)[Q]["units"];

/** The same table, seen as what every quantity has. */
export const quantityTable: Readonly<Record<string, QuantityDescription | undefined>> = quantities;

/** A driver's reading in another unit of its quantity. Throws RangeError on a unit that the quantity does not have. */
export function convert(quantity: Quantity, unit: string, reading: number): number {
	const conversion = quantityTable[quantity]?.units[unit];
	if (!conversion) throw new RangeError(`${quantity} has no unit "${unit}"`);
	return reading * conversion.factor + conversion.offset;
}

/** `value` with at most `decimals` (0..6) digits after the point; never -0. */
export function round(value: number, decimals: number): number {
	const scale = 10 ** decimals;
	return Math.round(value * scale) / scale + 0;
}
