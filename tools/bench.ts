import { existsSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "./glob";
import { root } from "./root";

/** `vagalume bench NAME [PART]...`: runs test/bench/NAME.ts; resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	const names = globSync(root, "test/bench", ".ts").map((file) => file.replace(/^.*\/|\.ts$/g, ""));
	const [name, ...rest] = args;
	if (name === undefined || !names.includes(name) || !existsSync(join(root, "test/bench", `${name}.ts`))) {
		process.stderr.write(
			`usage: vagalume bench NAME        (npm run bench -- NAME)\nNAME is one of: ${names.join(", ")}\n`,
		);
		return name === "--help" ? 0 : 2;
	}
	const { bench } = (await import(`../test/bench/${name}.ts`)) as { bench(parts: readonly string[]): Promise<void> };
	await bench(rest);
	return 0;
}
