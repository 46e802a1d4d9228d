import { baseOf, groupOf, topics } from "../../modules/description/topics";
import type { PanelNode } from "./panel-node";
import type { OrderView } from "./protocol";

const SWITCH = ["ON", "OFF", "TOGGLE"];
const PAYLOADS: Readonly<Record<string, readonly string[]>> = {
	rgb: [...SWITCH, "50", '{"state":"ON","color":{"r":255,"g":120,"b":0}}'],
	dimmable: [...SWITCH, "50", '{"state":"ON","brightness":64}'],
};

/** Commands that every node knows, and arguments to begin with. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
	report: ["{}"],
	identify: ["{}"],
	ping: ['{"id":1}'],
	interval: ['{"seconds":5}', '{"seconds":null}'],
	restart: ["{}"],
};

/** Topics that a node obeys, with payloads to begin with: its lights and relays, its commands, and its group's. */
export function ordersOf({ description, id }: PanelNode): OrderView[] {
	const base = baseOf(description, id);
	const outputs = (start: string): OrderView[] => [
		...Object.entries(description.lights).map(([name, { kind }]) => ({
			topic: topics.order(start, "led", name),
			payloads: PAYLOADS[kind] ?? SWITCH,
		})),
		...Object.keys(description.relays).map((name) => ({
			topic: topics.order(start, "relay", name),
			payloads: SWITCH,
		})),
	];
	const commands = (start: string): OrderView[] =>
		Object.entries(COMMANDS).map(([name, payloads]) => ({ topic: topics.command(start, name), payloads }));
	const group = groupOf(base);
	return [...outputs(base), ...commands(base), ...outputs(group), ...commands(group)];
}
