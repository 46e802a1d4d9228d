import type { HardwareView, PartView } from "../../protocol";
import { type BoardFigure, boardFigure } from "./board-figure";
import { type Contact, type Figure, figureOf } from "./figures";

export interface Point {
	readonly x: number;
	readonly y: number;
}

export interface PlacedPart {
	readonly name: string;
	readonly figure: Figure;
	/** Of the drawing, px of the scene. */
	readonly x: number;
	readonly y: number;
	/** The drawing is turned by half: its contacts look to the board. */
	readonly turned: boolean;
	/** Its contacts are on the other edge. */
	readonly mirrored: boolean;
	/** Of the label. */
	readonly label: Point & { readonly width: number };
}

export interface PlacedWire {
	readonly part: string;
	readonly gpio: number;
	readonly pin: string;
	/** SVG path. */
	readonly path: string;
	readonly colour: string;
	readonly end: Point;
	readonly start: Point;
}

export interface Scene {
	readonly width: number;
	readonly height: number;
	readonly board: BoardFigure & Point;
	readonly parts: readonly PlacedPart[];
	readonly wires: readonly PlacedWire[];
	/** GPIOs that parts need and the drawn board does not lead out. */
	readonly missing: readonly number[];
}

/** Of jumper wires. */
const COLOURS = ["#f2b705", "#3aa0ff", "#35c46a", "#ff7a45", "#b57bff", "#22c3c7", "#ff5d8f", "#9bd22d"];
const LABEL = 34;
const GAP = 20;
/** Room for wires between the board and a column of parts. */
const STREET = 104;
const COLUMN = 250;
const MARGIN = 14;
/** Room for wires that go round the board. */
const LOOP = 38;

type Side = "left" | "right";

/** Lays a node's board and parts out: parts beside the pins that they hang on, on both sides or, `narrow`, on the right. */
export function layOut(hardware: HardwareView, parts: readonly PartView[], narrow: boolean): Scene {
	const board = boardFigure(hardware);
	const columns: Record<Side, PartView[]> = { left: [], right: [] };
	const sideOf = (part: PartView): Side =>
		narrow ? "right" : (board.pins.get(part.wires[0]?.gpio ?? -1)?.side ?? "right");
	for (const part of parts) columns[sideOf(part)].push(part);
	if (!narrow) even(columns);
	const order = (part: PartView) => board.pins.get(part.wires[0]?.gpio ?? -1)?.y ?? board.height;
	for (const column of Object.values(columns)) column.sort((a, b) => order(a) - order(b));
	const heights = { left: heightOf(columns.left), right: heightOf(columns.right) };
	const height = Math.max(board.height, heights.left, heights.right) + 2 * MARGIN;
	const boardX = narrow ? MARGIN + LOOP : columns.left.length === 0 ? MARGIN : MARGIN + COLUMN + STREET;
	const boardAt = { x: boardX, y: narrow ? MARGIN + 6 : (height - board.height) / 2 };
	const rightX = boardX + board.width + (narrow ? STREET * 0.72 : STREET);
	const placed: PlacedPart[] = [];
	for (const side of ["left", "right"] as const) {
		let y = Math.max(MARGIN, (height - heights[side]) / 2);
		for (const part of columns[side]) {
			placed.push(place(part, side, side === "left" ? MARGIN : rightX, y));
			y += cell(part) + GAP;
		}
	}
	const wires: PlacedWire[] = [];
	const missing: number[] = [];
	for (const part of parts)
		for (const [index, { gpio, pin }] of part.wires.entries()) {
			const from = board.pins.get(gpio);
			if (!from) {
				if (!missing.includes(gpio)) missing.push(gpio);
				continue;
			}
			const where = placed.find(({ name }) => name === part.name)!;
			const start: Contact = { x: boardAt.x + from.x, y: boardAt.y + from.y, side: from.side };
			const end = contactOf(where, pin, index);
			const colour = COLOURS[wires.length % COLOURS.length]!;
			wires.push({ part: part.name, gpio, pin, path: cable(start, end), colour, start, end });
		}
	const width = rightX + COLUMN + MARGIN;
	return { width, height, board: { ...board, ...boardAt }, parts: placed, wires, missing };
}

/** Moves parts to the other side while that makes the higher column lower. */
function even(columns: Record<Side, PartView[]>): void {
	for (;;) {
		const [high, low] =
			heightOf(columns.left) > heightOf(columns.right) ? (["left", "right"] as const) : (["right", "left"] as const);
		const last = columns[high].findLast((part) => part.kind !== "sensor") ?? columns[high].at(-1);
		if (!last || heightOf(columns[low]) + cell(last) + GAP >= heightOf(columns[high]) - 60) return;
		columns[high].splice(columns[high].indexOf(last), 1);
		columns[low].push(last);
	}
}

function cell(part: PartView): number {
	const { height, scale } = figureOf(part);
	return height * scale + LABEL;
}

function heightOf(column: readonly PartView[]): number {
	return column.reduce((sum, part) => sum + cell(part) + GAP, -GAP);
}

function place(part: PartView, side: Side, x: number, y: number): PlacedPart {
	const figure = figureOf(part);
	const width = figure.width * figure.scale;
	const contact = figure.contact(part.wires[0]?.pin ?? "", 0);
	// Contacts look to the board: a drawing is turned round, as one would on the desk, or made the other way round.
	const away = contact.side === side;
	const turned = away && side === "right";
	const mirrored = away && side === "left";
	const left = side === "left" ? x + COLUMN - width : x;
	return {
		name: part.name,
		figure,
		x: left,
		y,
		turned,
		mirrored,
		label: { x, y: y + figure.height * figure.scale + (part.kind === "strip" ? 10 : 2), width: COLUMN },
	};
}

function contactOf({ figure, x, y, turned, mirrored }: PlacedPart, pin: string, index: number): Contact {
	const { width, height, scale } = figure;
	const contact = figure.contact(pin, index);
	if (!turned && !mirrored) return { x: x + contact.x * scale, y: y + contact.y * scale, side: contact.side };
	const side = contact.side === "left" ? "right" : "left";
	const down = turned ? height - contact.y : contact.y;
	return { x: x + (width - contact.x) * scale, y: y + down * scale, side };
}

/** A wire as it lies on a desk: it leaves both ends straight. */
function cable(start: Contact, end: Contact): string {
	const reach = Math.max(46, Math.abs(end.x - start.x) * 0.55);
	const round = start.side === "left" && end.x > start.x;
	const from = away(start, round ? LOOP : reach);
	const to = away(end, end.side === "down" || end.side === "up" ? 34 : reach);
	return `M${pair(start)} C${pair(from)} ${pair(to)} ${pair(end)}`;
}

function away({ x, y, side }: Contact, distance: number): Point {
	if (side === "left") return { x: x - distance, y };
	if (side === "right") return { x: x + distance, y };
	return { x, y: side === "down" ? y + distance : y - distance };
}

function pair({ x, y }: Point): string {
	return `${x.toFixed(1)},${y.toFixed(1)}`;
}
