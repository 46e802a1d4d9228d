import type { PanelData } from "./panel-data";
import { rowsOf } from "./rows";

/** Pixels of the board's picture: parts with their captions side by side in rows, and the LEDs of a strip in lines. */
export const ITEM = { width: 84, height: 112 };
export const COLUMNS = 5;
export const BOARD_WIDTH = 440;
export const HEADER = 64;
export const STATUS = 50;
export const PIXEL = { size: 22, gap: 6, inLine: 14, top: 32 };
/** More LEDs of a strip than these are not drawn. */
const MOST_PIXELS = 140;

/** Around the sections of the board, and around the board. */
const MARGIN = 8;
const AROUND = 90;
/** The simulator's menu and header; a row beside the board, and the width of all. */
const MENU = 52;
const ROW = 30;
const ROWS_WIDTH = 410;
/** The lowest and the highest window. */
const HEIGHT = { low: 450, high: 1000 };

/** A name where there is room for so many letters. */
export function short(name: string, letters: number): string {
	return name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
}

/** How many LEDs of a strip are drawn. */
export function drawnPixels(length: number): number {
	return Math.min(MOST_PIXELS, length);
}

export function stripHeight(length: number): number {
	return PIXEL.top + MARGIN + Math.ceil(drawnPixels(length) / PIXEL.inLine) * (PIXEL.size + PIXEL.gap);
}

/** A window that has room for the board and the rows beside it. */
export function windowFor(data: PanelData): { width: number; height: number; rows: number } {
	const { lights, relays, buttons, sensors } = data;
	const strips = lights.flatMap(({ length }) => (length === undefined ? [] : [stripHeight(length) + MARGIN]));
	const parts = lights.length - strips.length + relays.length + buttons.length + sensors.length;
	const sections =
		Math.ceil(parts / COLUMNS) * (ITEM.height + MARGIN) + strips.reduce((sum, height) => sum + height, 0);
	const height = MENU + Math.max(HEADER + sections + STATUS + AROUND, (rowsOf(data).length + 1) * ROW);
	return {
		width: ROWS_WIDTH + BOARD_WIDTH + 60,
		height: Math.min(HEIGHT.high, Math.max(HEIGHT.low, height)),
		rows: ROWS_WIDTH,
	};
}
