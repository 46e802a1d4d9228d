import { SimulatedNode } from "./simulated-node";

/** What the engine calls when it gives up: says why. */
function abort(why: string, error: unknown): void {
	const { name, message, stack } = error instanceof Error ? error : { name: "", message: "", stack: undefined };
	trace(`fault: ${why}${name && `: ${name}: ${message}`}\n${stack ? `${stack}\n` : ""}`);
}

/** Runs before the firmware (the SDK runs modules under `setup/` first): the world comes to be. */
export default function setup(done: () => void): void {
	Object.defineProperty(globalThis, "abort", { value: abort, configurable: true });
	new SimulatedNode().start();
	done();
}
