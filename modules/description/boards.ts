import { freeze } from "./freeze";

/** What a board's pins can do: enough to find a wrong `node.ts` before it is flashed. */
export interface Board {
	/** As its maker calls it. */
	readonly title: string;
	/** The highest GPIO number; the lowest is 0. */
	readonly lastPin: number;
	/** GPIOs that this board does not lead out, or that its flash and USB need. */
	readonly taken: readonly number[];
	/** GPIOs without an output driver and without pull resistors. */
	readonly inputOnly: readonly number[];
	/** GPIOs of the first ADC (the second one is Wi-Fi's). */
	readonly analog: readonly number[];
	/** Names that stand for a GPIO, as in `device.pin`. */
	readonly pin: { readonly [name in PinName]?: number };
	readonly i2c: { readonly default: { readonly data: number; readonly clock: number } };
}

export type PinName = "led" | "button" | "strip";
export type BoardName = keyof typeof boards;

const range = (first: number, last: number): number[] =>
	Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** The boards that `board` in node.ts may name. Pins as in the makers' documents and Moddable's targets. */
export const boards = freeze({
	"esp32-devkitc": {
		title: "ESP32-DevKitC",
		lastPin: 39,
		taken: [...range(6, 11), 20, 24, ...range(28, 31), 37, 38],
		inputOnly: range(34, 39),
		analog: [32, 33, 34, 35, 36, 39],
		pin: { led: 2, button: 0 },
		i2c: { default: { data: 21, clock: 22 } },
	},
	"esp32-c3-devkitm": {
		title: "ESP32-C3-DevKitM-1",
		lastPin: 21,
		taken: range(11, 17),
		inputOnly: [],
		analog: range(0, 4),
		pin: { button: 9, strip: 8 },
		i2c: { default: { data: 2, clock: 3 } },
	},
	"esp32-s3-devkitc": {
		title: "ESP32-S3-DevKitC-1",
		lastPin: 48,
		taken: range(22, 34),
		inputOnly: [],
		analog: range(1, 10),
		pin: { button: 0, strip: 48 },
		i2c: { default: { data: 4, clock: 5 } },
	},
	"esp32-c6-devkitc": {
		title: "ESP32-C6-DevKitC-1",
		lastPin: 30,
		taken: range(24, 30),
		inputOnly: [],
		analog: range(0, 6),
		pin: { button: 9, strip: 8 },
		i2c: { default: { data: 6, clock: 7 } },
	},
	"moddable-two": {
		title: "Moddable Two",
		lastPin: 39,
		taken: [...range(6, 11), 20, 24, ...range(28, 31), 37, 38],
		inputOnly: range(34, 39),
		analog: [32, 33, 34, 35, 36, 39],
		pin: { led: 2, button: 0 },
		i2c: { default: { data: 21, clock: 22 } },
	},
	"m5atom-lite": {
		title: "M5Atom Lite",
		lastPin: 39,
		taken: [...range(6, 11), 20, 24, ...range(28, 31), 37, 38],
		inputOnly: range(34, 39),
		analog: [32, 33, 34, 35, 36],
		pin: { button: 39, strip: 27 },
		i2c: { default: { data: 26, clock: 32 } },
	},
} as const satisfies Record<string, Board>);

/** The same table, seen as what every board has. */
export const boardTable: Readonly<Record<string, Board | undefined>> = boards;
