import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../root";
import { CHIPS, runStages, type StageFigures } from "./stages";

const FILE = join(root, "hosts", "esp32", "figures.json");
/** More than that is told. */
const GROWTH = 0.05;

export type ChipFigures = Readonly<Record<string, StageFigures>>;

/** What was agreed on. */
export function committedFigures(): ChipFigures {
	return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as ChipFigures) : {};
}

/** What has grown by more than 5%, as sentences. */
export function growth(platform: string, now: StageFigures, before: StageFigures | undefined): string[] {
	if (!before) return [`${platform}: there are no figures yet`];
	return (Object.keys(before) as (keyof StageFigures)[])
		.filter((name) => now[name] > before[name] * (1 + GROWTH))
		.map((name) => `${platform}: ${now[name]} ${name}, were ${before[name]}: more than 5% more`);
}

/** `vagalume moddable figures`: measures all chips and writes what is agreed on from now; resolves to the exit status. */
export async function renewFigures(sdk: string, onLine: (line: string) => void): Promise<number> {
	const figures: Record<string, StageFigures> = {};
	for (const chip of CHIPS) {
		const { figures: found, lines } = await runStages(sdk, chip);
		if (!found) {
			for (const line of lines.slice(-20)) onLine(line);
			return 1;
		}
		figures[chip] = found;
		onLine(`${chip}: ${found.instances} instances, ${found.keys} keys, ${found.slots} slots in flash`);
	}
	writeFileSync(FILE, `${JSON.stringify(figures, null, "\t")}\n`);
	return 0;
}
