/** One of several processes that run cells for `vagalume chaos`: takes them by message, one after the other, and answers. */
import { type CellOptions, type CellResult, runCell } from "./cells";
import type { Cell } from "./run";

export interface Job {
	readonly cell: Cell;
	readonly options: Omit<CellOptions, "onProgress">;
}

export type Report =
	| { readonly type: "progress"; readonly done: number }
	| { readonly type: "result"; readonly result: CellResult };

/** ms between two reports of progress. */
const PACE = 200;

/** Serves until the parent ends this process. */
export function serve(): void {
	const tell = (report: Report) => process.send?.(report);
	process.on("message", async ({ cell, options }: Job) => {
		let told = 0;
		const onProgress = (done: number) => {
			if (performance.now() - told < PACE) return;
			told = performance.now();
			tell({ type: "progress", done });
		};
		tell({ type: "result", result: await runCell(cell, { ...options, onProgress }) });
	});
	process.on("disconnect", () => process.exit());
}
