import { Container, type Content, Label, Skin } from "piu/All";
import { RoundContent } from "piu/PC";
import { glowColour, ledColour, stripColours } from "./colours";
import type { LightData } from "./panel-data";
import { shows } from "./shows";
import { styles } from "./style";

/** Pixels of the picture: an LED with the light around it, and an LED of a strip. */
const HALOS = [60, 50, 40];
const GLOW = 60;
const LED = 30;
const PIXEL = 22;
const GAP = 6;
/** LEDs of a strip that fit in a line. */
const LINE = 14;
/** More LEDs of a strip than these are not drawn. */
const MOST_PIXELS = 140;

/** An LED of one colour, with what it is called and how bright it is. */
export function led(light: LightData): Content {
	const path = `led/${light.name}`;
	const dark = ledColour(0);
	return new Container(light, {
		width: 100,
		height: 112,
		contents: [
			...HALOS.map((size) => halo(light, path, size)),
			new RoundContent(light, {
				top: 4 + (GLOW - LED) / 2,
				width: LED,
				height: LED,
				radius: LED / 2,
				border: 1,
				skin: new Skin({ fill: dark, stroke: "#0c131a" }),
				Behavior: shows(path, (content, part) => {
					if ("brightness" in part) content.skin = new Skin({ fill: ledColour(part.brightness), stroke: "#0c131a" });
				}),
			}),
			new Label(light, { top: 66, height: 18, left: 0, right: 0, style: styles.name, string: light.title }),
			new Label(light, {
				top: 84,
				height: 18,
				left: 0,
				right: 0,
				style: styles.faint,
				string: light.wiring,
				Behavior: shows(path, (content, part) => {
					if ("brightness" in part)
						(content as Label).string = `${light.wiring} · ${Math.round(part.brightness * 100)}%`;
				}),
			}),
		],
	});
}

/** The light around an LED; several lie upon each other, so that it fades. */
function halo(light: LightData, path: string, size: number): Content {
	return new RoundContent(light, {
		top: 4 + (GLOW - size) / 2,
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
	const count = Math.min(MOST_PIXELS, light.length ?? 1);
	const lines = Math.ceil(count / LINE);
	const pixels = Array.from({ length: count }, (_, index) => {
		return new RoundContent(light, {
			left: 14 + (index % LINE) * (PIXEL + GAP),
			top: 32 + Math.floor(index / LINE) * (PIXEL + GAP),
			width: PIXEL,
			height: PIXEL,
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
		height: 40 + lines * (PIXEL + GAP),
		contents: [
			new Label(light, { left: 14, top: 7, height: 18, style: styles.nameLeft, string: light.title }),
			new Label(light, {
				right: 14,
				top: 7,
				height: 18,
				style: styles.faint,
				string: `${light.wiring} · ${light.length} LEDs${count < (light.length ?? 1) ? `, ${count} shown` : ""}`,
			}),
			...pixels,
		],
	});
}

function pixelSkin(fill: string): Skin {
	return new Skin({ fill, stroke: "#0c131a" });
}
