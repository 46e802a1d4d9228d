import type { PartView } from "../../protocol";

/** px of the drawings in a millimetre. */
export const MILLIMETRE = 96 / 25.4;

/** Where a wire leaves a part: from its own corner, in px, and to which side. */
export interface Contact {
	readonly x: number;
	readonly y: number;
	readonly side: "left" | "right" | "down" | "up";
}

/** How much room a part's drawing takes (px), and where its wires leave it. */
export interface Figure {
	readonly width: number;
	readonly height: number;
	/** The drawing is made bigger by so much. */
	readonly scale: number;
	contact(pin: string, index: number): Contact;
}

const at = (x: number, y: number, side: Contact["side"]) => () => ({ x, y, side });

/** A row of contacts along the left edge of a breakout board. */
const BREAKOUT = { width: 112, height: 74, pins: ["VIN", "GND", "SCL", "SDA"] };

export const breakoutPins = BREAKOUT.pins;

/** Pixels of a strip in a row, at most. */
const ROW = 16;

/** How the pixels of a strip are laid out. */
export function gridOf(pixels: number): { rows: number; columns: number } {
	const columns = Math.max(1, Math.min(pixels, ROW));
	return { rows: Math.max(1, Math.ceil(pixels / columns)), columns };
}

/** The drawing of a part; a part of a kind that is not known here is a breakout board with its name. */
export function figureOf(part: PartView): Figure {
	if (part.kind === "led") return { width: 40, height: 50, scale: 1.25, contact: at(25, 44, "down") };
	if (part.kind === "button") return { width: 68, height: 46, scale: 1, contact: at(1, 13, "left") };
	if (part.kind === "relay") return { width: 110, height: 62, scale: 1, contact: at(0, 31, "left") };
	if (part.kind === "strip") return stripFigure(part.pixels.length / 6);
	if (part.driver === "DHT22") return { width: 57, height: 117, scale: 0.85, contact: at(24.5, 116, "down") };
	if (part.driver === "DS18B20") return { width: 135, height: 72, scale: 0.9, contact: at(135, 45, "right") };
	if (part.driver === "analog-light") return { width: 174, height: 62, scale: 0.85, contact: at(172, 45, "right") };
	const { width, height, pins } = BREAKOUT;
	return {
		width,
		height,
		scale: 1,
		contact: (pin) => ({ x: 7, y: 16 + 14 * Math.max(0, pins.indexOf(pin)), side: "left" }),
	};
}

function stripFigure(pixels: number): Figure {
	const { rows, columns } = gridOf(pixels);
	const width = (columns * 6.66 - 1) * MILLIMETRE;
	const height = (rows * 6 - 1) * MILLIMETRE;
	const scale = Math.min(1.6, 230 / width);
	return { width, height, scale, contact: at(0, height / 2, "left") };
}
