import { Container, type Content, Label } from "piu/All";
import { RoundContent } from "piu/PC";
import { captions } from "./captions";
import { ITEM } from "./layout";
import type { SensorData } from "./panel-data";
import { shows } from "./shows";
import { skins, styles } from "./style";

/** Pixels of a line of the values. */
const LINE = 17;
/** More quantities of a sensor than these are shown by their sliders only. */
const MOST = 3;

/** A sensor, with what it meets; pale while it is unplugged. */
export function sensor(part: SensorData): Content {
	const path = `sensor/${part.name}`;
	const lines = part.quantities.slice(0, MOST);
	const top = 34 - (lines.length * LINE) / 2;
	return new Container(part, {
		...ITEM,
		contents: [
			new RoundContent(part, {
				top: 6,
				width: 74,
				height: 56,
				radius: 4,
				border: 1,
				skin: skins.sensor,
				state: 1,
				Behavior: shows(path, (content, news) => {
					if ("plugged" in news) content.state = news.plugged ? 1 : 0;
				}),
			}),
			...lines.map(({ name, decimals, unit }, index) => {
				return new Label(part, {
					top: top + index * LINE,
					left: 0,
					right: 0,
					height: LINE,
					style: styles.value,
					state: 1,
					string: "",
					Behavior: shows<Label>(path, (label, news) => {
						if (!("plugged" in news)) return;
						label.state = news.plugged ? 1 : 0;
						label.string = `${news.values[name]?.toFixed(decimals) ?? ""} ${unit}`;
					}),
				});
			}),
			...captions(part.name, part.driver),
		],
	});
}
