import { Behavior, Container, type Content, Label } from "piu/All";
import { RoundContent } from "piu/PC";
import { captions } from "./captions";
import { ITEM } from "./layout";
import type { PanelData } from "./panel-data";
import { shows } from "./shows";
import { skins, styles } from "./style";

type Part = PanelData["relays"][number];

/** A relay: blue and ON while its contact is closed. */
export function relay(part: Part): Content {
	const path = `relay/${part.name}`;
	return new Container(part, {
		...ITEM,
		contents: [
			new RoundContent(part, {
				top: 16,
				width: 64,
				height: 36,
				radius: 4,
				border: 1,
				skin: skins.relay,
				Behavior: shows(path, (content, news) => {
					if ("on" in news) content.state = news.on ? 1 : 0;
				}),
			}),
			new Label(part, {
				top: 16,
				width: 64,
				height: 36,
				style: styles.name,
				string: "OFF",
				Behavior: shows<Label>(path, (content, news) => {
					if ("on" in news) content.string = news.on ? "ON" : "OFF";
				}),
			}),
			...captions(part.title, part.wiring),
		],
	});
}

/** A button on the board: it may be pressed here, too. */
export function button(part: Part): Content {
	const pressed = shows(`button/${part.name}`, (content, news) => {
		if ("pressed" in news) content.state = news.pressed ? 1 : 0;
	});
	return new Container(part, {
		...ITEM,
		active: true,
		Behavior: class extends Behavior {
			onTouchBegan(content: Content, id: number, x: number, y: number, ticks: number): void {
				content.captureTouch(id, x, y, ticks);
				content.bubble("onButtonDown", part);
			}
			onTouchEnded(content: Content): void {
				content.bubble("onButtonUp", part);
			}
			onTouchCancelled(content: Content): void {
				content.bubble("onButtonUp", part);
			}
		},
		contents: [
			new RoundContent(part, {
				top: 12,
				width: 44,
				height: 44,
				radius: 6,
				border: 2,
				skin: skins.button,
				Behavior: pressed,
			}),
			new RoundContent(part, {
				top: 21,
				width: 26,
				height: 26,
				radius: 13,
				border: 1,
				skin: skins.cap,
				Behavior: pressed,
			}),
			...captions(part.title, part.wiring),
		],
	});
}
