import type { NodeDescription } from "../modules/description/description";
import { nodeRedFlow } from "./flow/node-red";
import { type ViewOptions, viewOf } from "./view";

/** What clients import, by file name. Throws RangeError on a wrong broker. */
export function dashboardFiles(node: NodeDescription, options: ViewOptions = {}): Map<string, string> {
	const view = viewOf(node, options);
	return new Map([["node-red.json", json(nodeRedFlow(view))]]);
}

function json(value: unknown): string {
	return `${JSON.stringify(value, undefined, "\t")}\n`;
}
