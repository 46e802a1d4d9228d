import { Container, type Content, Label, Skin } from "piu/All";
import { RoundContent } from "piu/PC";
import { captions } from "./captions";
import { glowColour, ledColour, stripColours } from "./colours";
import { drawnPixels, ITEM, PIXEL, stripHeight } from "./layout";
import type { LightData } from "./panel-data";
import { shows } from "./shows";
import { styles } from "./style";

/** Pixels: an LED, and the light around it, in several sizes upon each other, so that it fades. */
const LED = 30;
const HALOS = [60, 50, 40];
/** The middle of both. */
const MIDDLE = 34;

/** An LED of one colour, with what it is called and how bright it is. */
export function led(light: LightData): Content {
	const path = `led/${light.name}`;
	const dark = ledColour(0);
	return new Container(light, {
		...ITEM,
		contents: [
			...HALOS.map((size) => halo(light, path, size)),
			new RoundContent(light, {
				top: MIDDLE - LED / 2,
				width: LED,
				height: LED,
				radius: LED / 2,
				border: 1,
				skin: new Skin({ fill: dark, stroke: "#0c131a" }),
				Behavior: shows(path, (content, part) => {
					if ("brightness" in part) content.skin = new Skin({ fill: ledColour(part.brightness), stroke: "#0c131a" });
				}),
			}),
			...captions(
				light.title,
				light.wiring,
				shows<Label>(path, (label, part) => {
					if ("brightness" in part) label.string = `${light.wiring} · ${Math.round(part.brightness * 100)}%`;
				}),
			),
		],
	});
}

function halo(light: LightData, path: string, size: number): Content {
	return new RoundContent(light, {
		top: MIDDLE - size / 2,
		width: size,
		height: size,
		radius: size / 2,
		skin: new Skin({ fill: glowColour(ledColour(0), 0) }),
		Behavior: shows(path, (content, part) => {
			if (!("brightness" in part)) return;
			content.skin = new Skin({ fill: glowColour(ledColour(part.brightness), part.brightness) });
		}),
	});
}

/** A strip: its LEDs in lines. */
export function strip(light: LightData): Content {
	const path = `led/${light.name}`;
	const { length = 1 } = light;
	const count = drawnPixels(length);
	const { size, gap, inLine, top } = PIXEL;
	const pixels = Array.from({ length: count }, (_, index) => {
		return new RoundContent(light, {
			left: 14 + (index % inLine) * (size + gap),
			top: top + Math.floor(index / inLine) * (size + gap),
			width: size,
			height: size,
			radius: 4,
			border: 1,
			skin: pixelSkin(ledColour(0)),
			Behavior: shows(path, (content, part) => {
				if (!("pixels" in part)) return;
				const colour = stripColours(part.pixels.slice(index * 6, index * 6 + 6))[0];
				if (colour) content.skin = pixelSkin(colour);
			}),
		});
	});
	return new Container(light, {
		left: 0,
		right: 0,
		height: stripHeight(length),
		contents: [
			new Label(light, { left: 14, top: 7, height: 18, style: styles.nameLeft, string: light.title }),
			new Label(light, {
				right: 14,
				top: 7,
				height: 18,
				style: styles.faint,
				string: `${light.wiring} · ${length} LEDs${count < length ? `, ${count} shown` : ""}`,
			}),
			...pixels,
		],
	});
}

function pixelSkin(fill: string): Skin {
	return new Skin({ fill, stroke: "#0c131a" });
}
