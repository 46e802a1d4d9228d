import type { Clock } from "../../hosts/shared/clock";
import node from "../../node";
import { Workbench } from "../board/workbench";
import { World } from "../world/world";

/** What the node is set up on: the board of node.ts, with all that hangs on it, in a world of its own. */
export function makeBench(clock: Clock, seed: number): { board: string; world: World; workbench: Workbench } {
	const world = new World({ clock, seed });
	return { board: node.board, world, workbench: new Workbench(node, { clock, world, seed }) };
}
