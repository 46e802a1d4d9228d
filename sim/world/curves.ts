import { rough, smooth } from "./random";

/** A quantity of the world: what is measurable, in the unit of ECMA-419's samples. */
export interface Quantity {
	readonly unit: string;
	/** What may be set from outside. */
	readonly low: number;
	readonly high: number;
	/** The value that nature gives at `date` (ms since 1970, UTC); depends on nothing else but the seed. */
	natural(date: number, seed: number): number;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const hour = (date: number) => (((date % DAY) + DAY) % DAY) / HOUR;
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** A wave of one day that is highest at `peak` o'clock: -1..1. */
const daily = (date: number, peak: number, hours = 24) => Math.cos((2 * Math.PI * (hour(date) - peak)) / hours);

/** A room with a window: warm in the afternoon, coldest before sunrise. */
function temperature(date: number, seed: number): number {
	return 22 + 3 * daily(date, 15) + 1.5 * smooth(seed, date, 6 * HOUR) + 0.06 * rough(seed ^ 0x51, date, 5000);
}

export const quantities: Readonly<Record<string, Quantity>> = Object.freeze({
	temperature: { unit: "°C", low: -55, high: 125, natural: temperature },
	/** Warm air holds more water: falls as the day warms. */
	humidity: {
		unit: "%",
		low: 0,
		high: 100,
		natural: (date, seed) =>
			clamp(
				55 - 6.5 * daily(date, 15) + 7 * smooth(seed, date, 5 * HOUR) + 0.4 * rough(seed ^ 0x52, date, 5000),
				5,
				98,
			),
	},
	/** Weather over days, and the atmosphere's tide twice a day. */
	pressure: {
		unit: "Pa",
		low: 30_000,
		high: 110_000,
		natural: (date, seed) =>
			101_325 + 900 * smooth(seed, date, 30 * HOUR) + 60 * daily(date, 10, 12) + 4 * rough(seed ^ 0x53, date, 5000),
	},
	/** Sun from 6 to 18 o'clock through the window, clouds before it, a lamp at night. */
	light: {
		unit: "lx",
		low: 0,
		high: 100_000,
		natural: (date, seed) => {
			const sun = Math.max(0, Math.sin((Math.PI * (hour(date) - 6)) / 12)) ** 1.2;
			const clouds = 0.65 + 0.35 * smooth(seed, date, 20 * MINUTE);
			return (40 + 900 * sun * clouds) * (1 + 0.04 * rough(seed ^ 0x54, date, 2000));
		},
	},
});
