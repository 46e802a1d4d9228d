/** How lit LEDs look on a screen: `#rrggbb`. */

/** Of an LED that is not lit: its body. */
const DARK = [0x2b, 0x33, 0x3d] as const;
/** Of a lit LED of one colour: a firefly's. */
const LIT = [0xff, 0xd9, 0x3b] as const;
/** What an eye, or a screen, makes of little light. */
const GAMMA = 2.2;

/** Opacity of the light around an LED, at its brightest: 0..255. */
const GLOW = 60;

type Colour = readonly [red: number, green: number, blue: number];

/** An LED of one colour. `brightness` 0..1. */
export function ledColour(brightness: number): string {
	return text(mix(DARK, LIT, seen(brightness)));
}

/** The light around it, with its opacity: `#rrggbbaa`. */
export function glowColour(colour: string, brightness: number): string {
	return `${colour}${hex(Math.round(GLOW * seen(brightness)))}`;
}

/** The LEDs of a strip, from its red, green and blue bytes in hexadecimal. */
export function stripColours(pixels: string): string[] {
	const colours: string[] = [];
	for (let at = 0; at + 6 <= pixels.length; at += 6) {
		const byte = (index: number) => Number.parseInt(pixels.slice(at + 2 * index, at + 2 * index + 2), 16);
		const light: Colour = [byte(0), byte(1), byte(2)];
		const most = Math.max(...light);
		// As bright as it looks, in the colour that it has.
		const pure = light.map((value) => (most > 0 ? (value * 255) / most : 0)) as unknown as Colour;
		colours.push(text(mix(DARK, pure, seen(most / 255))));
	}
	return colours;
}

function seen(brightness: number): number {
	return Math.min(1, Math.max(0, brightness)) ** (1 / GAMMA);
}

function mix(from: Colour, to: Colour, share: number): Colour {
	return from.map((value, index) => Math.round(value + (to[index]! - value) * share)) as unknown as Colour;
}

function text(colour: Colour): string {
	return `#${colour.map(hex).join("")}`;
}

function hex(byte: number): string {
	return byte.toString(16).padStart(2, "0");
}
