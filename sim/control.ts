import type { Workbench } from "./board/workbench";
import type { World } from "./world/world";

/** A node as orders reach it. */
export interface ControlledNode {
	readonly id: string;
	readonly world: World;
	readonly workbench: Workbench;
	readonly wifi: { down(): void; restore(): void; setSignal(dBm: number): void };
	powerOn(): void;
	powerCut(): void;
	reset(): void;
	/** undefined while it is off. */
	statistics(): NodeStatistics | undefined;
}

/** What a node takes of its heap: bytes, as on the 32-bit board. */
export interface NodeStatistics {
	readonly used: number;
	/** The limit. */
	readonly heap: number;
	readonly slots: number;
	readonly chunks: number;
	/** Slots and chunks, at most. */
	readonly peak: number;
	/** Slots of the stack, at most; undefined where nothing counts them. */
	readonly stackPeak?: number | undefined;
}

const usage = `The world obeys these lines (with several nodes, put a node's id and a colon before: lab-2: wifi down):
  set QUANTITY VALUE         set temperature 31 | set climate/humidity 80
  release QUANTITY           nature goes on
  press BUTTON [MS]          press boot 1500
  hold BUTTON, lift BUTTON   press it, and let it go
  unplug SENSOR, plug SENSOR
  wifi down|up|DBM           wifi -85
  power off|on, reset
  show                       what is measured and lit
  memory                     the heap`;

/** What a line's words ask of a node; returns what to say. Throws Error when they are wrong. */
const orders: Readonly<Record<string, (node: ControlledNode, words: readonly string[]) => string | undefined>> = {
	set({ world }, [quantity, value]) {
		world.set(required("QUANTITY", quantity), decimal("VALUE", value));
		return undefined;
	},
	release({ world }, [quantity]) {
		world.release(required("QUANTITY", quantity));
		return undefined;
	},
	press({ workbench }, [button, milliseconds]) {
		workbench.press(required("BUTTON", button), milliseconds === undefined ? 200 : decimal("MS", milliseconds));
		return undefined;
	},
	hold({ workbench }, [button]) {
		workbench.press(required("BUTTON", button));
		return undefined;
	},
	lift({ workbench }, [button]) {
		workbench.release(required("BUTTON", button));
		return undefined;
	},
	unplug({ workbench }, [sensor]) {
		workbench.plug(required("SENSOR", sensor), false);
		return undefined;
	},
	plug({ workbench }, [sensor]) {
		workbench.plug(required("SENSOR", sensor), true);
		return undefined;
	},
	wifi({ wifi }, [state]) {
		if (state === "down") wifi.down();
		else if (state === "up") wifi.restore();
		else {
			const signal = decimal("down, up or DBM", state);
			if (signal < -100 || signal > -20) throw new Error(`${signal} dBm is outside -100..-20`);
			wifi.setSignal(signal);
		}
		return undefined;
	},
	power(node, [state]) {
		if (state !== "on" && state !== "off") throw new Error("expected on or off");
		if (state === "on") node.powerOn();
		else node.powerCut();
		return undefined;
	},
	reset(node) {
		node.reset();
		return undefined;
	},
	show({ workbench }) {
		return Object.values(workbench.parts())
			.map((part) => {
				const { name, kind, ...state } = part;
				return `${name}: ${JSON.stringify(state, (_, value) => (value instanceof Uint8Array ? [...value] : value))}`;
			})
			.join("\n");
	},
	memory(node) {
		const figures = node.statistics();
		if (!figures) return "off";
		const { used, heap, slots, chunks, peak, stackPeak } = figures;
		const stack = stackPeak === undefined ? "" : `; stack ${stackPeak} slots deep`;
		return `${used} of ${heap} bytes (slots ${slots}, chunks ${chunks}); peak ${peak}${stack}`;
	},
	help: () => usage,
};

/** Does what a line of standard input asks for; returns what to say, if anything. */
export function control(line: string, nodes: readonly ControlledNode[]): string | undefined {
	const [, id, text = ""] = /^(?:([^\s:]+):)?\s*(.*?)\s*$/.exec(line) ?? [];
	if (text === "" && id === undefined) return undefined;
	const chosen = id === undefined ? nodes : nodes.filter((node) => node.id === id);
	if (chosen.length === 0) return `no node "${id}": there is ${nodes.map((node) => node.id).join(", ")}`;
	const [word = "", ...words] = text.split(/\s+/);
	const order = Object.hasOwn(orders, word) ? orders[word] : undefined;
	if (!order) return `"${word}" is not an order\n${usage}`;
	try {
		const answers = chosen.map((node) => order(node, words)).filter((answer) => answer !== undefined);
		return answers.length > 0 ? answers.join("\n") : undefined;
	} catch (error) {
		return `${text}: ${(error as Error).message}`;
	}
}

function required(what: string, word: string | undefined): string {
	if (word === undefined) throw new Error(`expected ${what}`);
	return word;
}

function decimal(what: string, word: string | undefined): number {
	const value = Number(required(what, word));
	if (!Number.isFinite(value)) throw new Error(`${word}: expected ${what}, a number`);
	return value;
}
