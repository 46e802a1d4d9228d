import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The files below `folder` whose names end with `ending`, relative to `root`, sorted. */
export function globSync(root: string, folder: string, ending: string): string[] {
	const path = join(root, folder);
	if (!existsSync(path)) return [];
	return readdirSync(path, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(ending))
		.map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
		.sort();
}
