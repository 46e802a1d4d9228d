import type { NodeDescription } from "../modules/description/description";
import { validate } from "../modules/description/validate";

/** node.ts, and what is wrong with it. */
export async function loadNode(): Promise<{ node: NodeDescription; faults: readonly string[] }> {
	const { default: node } = (await import("../node")) as { default: NodeDescription };
	return { node, faults: validate(node) };
}
