import type { Light } from "../light/light";
import { quote } from "../output/payload";
import type { Telemetry } from "../telemetry/telemetry";
import type { Arguments, CommandSet } from "./commands";

const NAMES = Object.freeze(["report", "restart", "identify", "interval", "ping"] as const);
const IDENTIFY_ARGUMENTS = Object.freeze(["light", "seconds"]);
const INTERVAL_ARGUMENTS = Object.freeze(["seconds"]);
const IDENTIFY = Object.freeze({ shortest: 1, longest: 60, usual: 5 });
const INTERVAL = Object.freeze({ shortest: 1, longest: 86_400 });

/** The node, as its commands use it. */
export interface CommandedNode {
	/** Seconds since the boot. */
	readonly uptime: number;
	/** Keeps an interval (s) over a restart; undefined: node.ts's again. */
	keepInterval(seconds: number | undefined): void;
	/** Says goodbye and restarts, after the command was acknowledged. */
	restart(): void;
}

export interface NodeCommandsOptions {
	node: CommandedNode;
	telemetry: Telemetry;
	/** In the order of node.ts: `identify` blinks the first one unless it is told which. */
	lights: readonly Light[];
	/** Seconds, of node.ts. */
	usualInterval: number;
}

/** What every node can be told: `report`, `restart`, `identify`, `interval`, `ping`. */
export class NodeCommands implements CommandSet {
	readonly #options: NodeCommandsOptions;

	constructor(options: NodeCommandsOptions) {
		this.#options = options;
	}

	get names(): readonly string[] {
		return NAMES;
	}

	argumentsOf(name: string): readonly string[] {
		if (name === "identify") return IDENTIFY_ARGUMENTS;
		return name === "interval" ? INTERVAL_ARGUMENTS : [];
	}

	run(name: (typeof NAMES)[number], args: Arguments): unknown {
		const { node, telemetry } = this.#options;
		switch (name) {
			case "report":
				telemetry.report();
				return { seq: telemetry.seq };
			case "restart":
				node.restart();
				return undefined;
			case "identify":
				return this.#identify(args);
			case "interval":
				return this.#interval(args);
			case "ping":
				return { uptime: Math.floor(node.uptime) };
		}
	}

	#identify(args: Arguments): unknown {
		const { lights } = this.#options;
		const seconds = args.seconds === undefined ? IDENTIFY.usual : inRange("seconds", args.seconds, IDENTIFY);
		if (lights.length === 0) throw new Error("this node has no light");
		const light = args.light === undefined ? lights[0] : lights.find(({ name }) => name === args.light);
		if (!light) throw new Error(`light ${quote(args.light)} is none of ${lights.map(({ name }) => name).join(", ")}`);
		light.identify(seconds * 1000);
		return { light: light.name, seconds };
	}

	#interval(args: Arguments): unknown {
		const { node, telemetry, usualInterval } = this.#options;
		if (args.seconds !== undefined) {
			const seconds = args.seconds === null ? usualInterval : inRange("seconds", args.seconds, INTERVAL);
			node.keepInterval(seconds === usualInterval ? undefined : seconds);
			telemetry.setInterval(seconds);
		}
		return { seconds: telemetry.interval };
	}
}

/** True for a number of seconds that telemetry's interval can have. */
export function isInterval(seconds: unknown): seconds is number {
	return typeof seconds === "number" && seconds >= INTERVAL.shortest && seconds <= INTERVAL.longest;
}

function inRange(name: string, value: unknown, range: { shortest: number; longest: number }): number {
	if (typeof value !== "number" || !(value >= range.shortest && value <= range.longest))
		throw new Error(`${name} ${quote(value)} is outside ${range.shortest}..${range.longest} s`);
	return value;
}
