import { DeviceContainer } from "DevicePane";
import type { Content } from "piu/All";
import { board } from "./board";
import { controls } from "./controls";
import { panelBehavior } from "./panel-behavior";
import type { PanelData } from "./panel-data";
import { rowsOf } from "./rows";

/** What a module in the simulator's folder has to export. */
export interface Simulator {
	/** Of the builds that it is chosen for: a regular expression. */
	readonly applicationName: string;
	readonly title: string;
	readonly ControlsTemplate: new (data: unknown) => Content;
	readonly DeviceTemplate: new (data: unknown) => Content;
}

/** The panel of one node, for the SDK's simulator (mcsim). */
export function makePanel(data: PanelData): Simulator {
	const rows = rowsOf(data);
	return {
		applicationName: ".*",
		title: `${data.title} · ${data.board}`,
		ControlsTemplate: controls(rows),
		DeviceTemplate: DeviceContainer.template(() => ({
			Behavior: panelBehavior(data, rows),
			contents: board(data),
		})),
	};
}
