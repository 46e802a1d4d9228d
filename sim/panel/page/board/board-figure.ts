import type { HardwareView } from "../../protocol";

export interface BoardPin {
	readonly gpio: number;
	readonly x: number;
	readonly y: number;
	readonly side: "left" | "right";
}

/** A board as it is drawn: px of the scene. */
export interface BoardFigure {
	/** It has a drawing of its own; others are drawn as what all of them are: a module, a USB socket and two rows of pins. */
	readonly drawing: "devkit" | "module";
	readonly width: number;
	readonly height: number;
	readonly pins: ReadonlyMap<number, BoardPin>;
}

/** How much bigger than life the DevKit is drawn. */
export const DEVKIT_SCALE = 1.62;
const DEVKIT = { width: 107, height: 201, left: 5, right: 101.3 };
/** GPIOs of the DevKit's rows by their height, as the drawing has them. */
const LEFT: readonly [gpio: number, y: number][] = [
	[13, 139.5],
	[12, 130.4],
	[14, 120],
	[27, 110.8],
	[26, 101],
	[25, 91.3],
	[33, 81.7],
	[32, 72.2],
	[35, 62.9],
	[34, 53.1],
	[39, 44],
	[36, 34],
];
const RIGHT: readonly [gpio: number, y: number][] = [
	[15, 139.5],
	[2, 130.4],
	[4, 120],
	[16, 110.8],
	[17, 101],
	[5, 91.3],
	[18, 81.7],
	[19, 72.2],
	[21, 62.9],
	[3, 53.1],
	[1, 44],
	[22, 34],
	[23, 24],
];
/** Of the BOOT key beside the USB socket: GPIO 0 has no pin of its own. */
const BOOT = { gpio: 0, x: 78, y: 184 };

const PITCH = 17;
const MODULE_WIDTH = 150;
const MODULE_HEAD = 92;

/** The drawing of a board by its name in node.ts. */
export function boardFigure({ name, pins }: HardwareView): BoardFigure {
	return name === "esp32-devkitc" || name === "moddable-two" ? devkit(pins) : moduleFigure(pins);
}

function devkit(leadOut: readonly number[]): BoardFigure {
	const scale = DEVKIT_SCALE;
	const pins = new Map<number, BoardPin>();
	const add = (gpio: number, x: number, y: number, side: BoardPin["side"]) => {
		if (leadOut.includes(gpio)) pins.set(gpio, { gpio, x: x * scale, y: y * scale, side });
	};
	for (const [gpio, y] of LEFT) add(gpio, DEVKIT.left, y, "left");
	for (const [gpio, y] of RIGHT) add(gpio, DEVKIT.right, y, "right");
	add(BOOT.gpio, BOOT.x, BOOT.y, "right");
	return { drawing: "devkit", width: DEVKIT.width * scale, height: DEVKIT.height * scale, pins };
}

function moduleFigure(leadOut: readonly number[]): BoardFigure {
	const pins = new Map<number, BoardPin>();
	const half = Math.ceil(leadOut.length / 2);
	for (const [index, gpio] of leadOut.entries()) {
		const left = index < half;
		const row = left ? index : leadOut.length - 1 - index;
		pins.set(gpio, {
			gpio,
			x: left ? 7 : MODULE_WIDTH - 7,
			y: MODULE_HEAD + row * PITCH,
			side: left ? "left" : "right",
		});
	}
	return { drawing: "module", width: MODULE_WIDTH, height: MODULE_HEAD + half * PITCH + 26, pins };
}
