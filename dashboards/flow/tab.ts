import { createHash } from "node:crypto";
import { DEFAULTS } from "./defaults";

/** A node of a Node-RED flow, as in its file. */
export interface FlowNode {
	readonly id: string;
	readonly type: string;
	readonly [property: string]: unknown;
}
type Properties = Readonly<Record<string, unknown>>;
/** Names of the nodes that each output goes to. */
type Outputs = readonly (readonly string[])[];

/** Node-RED's ids: 16 hexadecimal digits. The same name gives the same id, so that what is imported again replaces itself. */
export function flowId(name: string): string {
	return createHash("sha256").update(`vagalume ${name}`).digest("hex").slice(0, 16);
}

/** A node that has no place on a tab. */
export function configurationNode(id: string, type: string, properties: Properties): FlowNode {
	return { id, type, ...DEFAULTS[type], ...properties };
}

/** The nodes of one tab, laid out in rows and joined by wires. Within it they go by names. */
export class Tab {
	readonly nodes: FlowNode[] = [];
	readonly #name: string;
	readonly #broker: string;
	readonly #base: string;
	#row = 0;
	#order = 0;

	/** `name` tells its ids from those of other tabs; `base` is that of its topics; `broker`: the id of the `mqtt-broker`. */
	constructor(name: string, label: string, base: string, broker: string) {
		this.#name = name;
		this.#base = base;
		this.#broker = broker;
		this.nodes.push(configurationNode(this.idOf("tab"), "tab", { label }));
	}

	idOf(name: string): string {
		return flowId(`${this.#name} ${name}`);
	}

	/** What follows stands in a new row. */
	row(): void {
		this.#row++;
	}

	/** A node in the present row; columns count from 0. Returns its name. */
	add(type: string, name: string, column: number, properties: Properties, outputs: Outputs = []): string {
		this.nodes.push({
			...configurationNode(this.idOf(name), type, properties),
			z: this.idOf("tab"),
			x: 160 + column * 240,
			y: 40 + this.#row * 50,
			wires: outputs.map((names) => names.map((target) => this.idOf(target))),
		});
		return name;
	}

	/** Messages of a topic: what their JSON says, or their text. */
	subscribe(name: string, topic: string, datatype: "json" | "utf8", to: readonly string[]): string {
		const short = this.#short(topic);
		return this.add("mqtt in", name, 0, { name: short, topic, datatype, broker: this.#broker }, [to]);
	}

	/** Sends what it gets. */
	publish(name: string, topic: string): string {
		return this.add("mqtt out", name, 4, { name: this.#short(topic), topic, broker: this.#broker });
	}

	/** A topic without the base of all. */
	#short(topic: string): string {
		return topic.startsWith(`${this.#base}/`) ? topic.slice(this.#base.length + 1) : topic;
	}

	/** JavaScript between an input and outputs. */
	code(name: string, column: number, label: string, func: string, outputs: Outputs): string {
		return this.add("function", name, column, { name: label, func, outputs: outputs.length }, outputs);
	}

	/** A widget of the dashboard. Those of a group stand there in the order in which they are added. */
	widget(type: string, name: string, group: string, properties: Properties, to?: readonly string[]): string {
		return this.add(type, name, 2, { group, order: ++this.#order, ...properties }, to ? [to] : []);
	}
}
