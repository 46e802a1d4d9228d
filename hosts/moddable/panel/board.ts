import { DeviceScreen } from "DevicePane";
import { Behavior, Column, Container, type Content, Label, Row } from "piu/All";
import { RoundContent } from "piu/PC";
import { BOARD_WIDTH, COLUMNS, HEADER, STATUS } from "./layout";
import { led, strip } from "./lights";
import type { PanelData } from "./panel-data";
import type { PanelNews } from "./protocol";
import { sensor } from "./sensors";
import { skins, styles } from "./style";
import { button, relay } from "./switches";

/** The picture of the board, with all that it drives, and below it what the node says. */
export function board(data: PanelData): Content[] {
	const single = data.lights.filter(({ length }) => length === undefined);
	const strips = data.lights.filter(({ length }) => length !== undefined);
	return [
		new RoundContent(data, { left: 0, right: 0, top: 0, bottom: 0, radius: 14, border: 2, skin: skins.board }),
		// The node has no display; its machine needs one to live in.
		new DeviceScreen(data, { left: 30, top: 30, width: 1, height: 1 }),
		new Column(data, {
			left: 14,
			right: 14,
			top: 12,
			bottom: 8,
			width: BOARD_WIDTH,
			contents: [
				header(data),
				...rows([
					...single.map(led),
					...data.relays.map(relay),
					...data.buttons.map(button),
					...data.sensors.map(sensor),
				]),
				...strips.map((light) => section([strip(light)])),
				status(),
			],
		}),
	];
}

function header(data: PanelData): Content {
	return new Container(data, {
		left: 0,
		right: 0,
		height: HEADER,
		contents: [
			new RoundContent(data, { left: 4, top: 6, width: 118, height: 48, radius: 4, border: 1, skin: skins.chip }),
			new RoundContent(data, { left: 8, top: 12, width: 22, height: 36, radius: 2, border: 1, skin: skins.antenna }),
			new Label(data, { left: 30, width: 92, top: 6, height: 48, style: styles.chip, string: "Moddable XS" }),
			new Label(data, { left: 138, top: 6, height: 26, style: styles.title, string: data.title }),
			new Label(data, { left: 138, top: 32, height: 18, style: styles.faintLeft, string: data.board }),
		],
	});
}

/** Parts side by side, so many in a row. */
function rows(parts: readonly Content[]): Content[] {
	const found: Content[] = [];
	for (let at = 0; at < parts.length; at += COLUMNS) {
		const contents = parts.slice(at, at + COLUMNS);
		found.push(section(contents));
	}
	return found;
}

function section(parts: readonly Content[]): Content {
	return new Container(null, {
		left: 0,
		right: 0,
		contents: [
			new RoundContent(null, { left: 0, right: 0, top: 4, bottom: 4, radius: 8, border: 1, skin: skins.section }),
			new Row(null, { left: 8, right: 8, top: 8, contents: parts }),
		],
	});
}

/** Lamps: no power, all well, no Wi-Fi, gave up. */
const Lamp = { off: 0, well: 1, alone: 2, fault: 3 } as const;

function status(): Content {
	return new Container(null, {
		left: 0,
		right: 0,
		height: STATUS,
		contents: [
			new RoundContent(null, {
				left: 6,
				top: 8,
				width: 12,
				height: 12,
				radius: 6,
				border: 1,
				skin: skins.lamp,
				Behavior: class extends Behavior {
					onNews(content: Content, { wifi }: PanelNews): void {
						if (wifi) content.state = wifi.address ? Lamp.well : Lamp.alone;
					}
					onPower(content: Content, power: string): void {
						if (power !== "on") content.state = power === "fault" ? Lamp.fault : Lamp.off;
					}
				},
			}),
			new Label(null, {
				left: 26,
				right: 0,
				top: 5,
				height: 18,
				style: styles.nameLeft,
				string: "no power",
				Behavior: class extends Behavior {
					onNews(label: Label, { wifi }: PanelNews): void {
						if (wifi)
							label.string = wifi.address
								? `${wifi.address} · ${Math.round(wifi.signal ?? 0)} dBm`
								: `no Wi-Fi${wifi.up ? "" : ": switched off here"}`;
					}
					onPower(label: Label, power: string): void {
						label.string = { on: "boots", off: "no power", fault: "gave up: see the console" }[power] ?? power;
					}
				},
			}),
			new Label(null, {
				left: 26,
				right: 0,
				top: 25,
				height: 18,
				style: styles.faintLeft,
				string: "",
				Behavior: class extends Behavior {
					onNews(label: Label, { log }: PanelNews): void {
						if (log !== undefined) label.string = log;
					}
				},
			}),
		],
	});
}
