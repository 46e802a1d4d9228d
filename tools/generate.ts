import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dashboardFiles } from "../dashboards/generate";
import type { NodeDescription } from "../modules/description/description";
import { brokerTable } from "../test/support/brokers/table";
import { DASHBOARDS } from "./dashboards";
import { globSync } from "./glob";
import { loadNode } from "./load-node";
import { measureHour, memoryTable } from "./measure";
import { GENERATED, moddableFiles } from "./moddable-manifest";
import { root } from "./root";
import { sizeTables } from "./size";
import { table, topicTable, wiringTable } from "./tables";

/** A part of a file that is generated: what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
interface GeneratedPart {
	readonly file: string;
	readonly name: string;
	readonly text: string;
}

/** Everything that follows from the description of a node, from measurements, or from what tests state. */
export async function generatedParts(node: NodeDescription): Promise<GeneratedPart[]> {
	const size = Object.entries(await sizeTables(node)).map(([name, text]) => ({ file: "docs/size.md", name, text }));
	const brokers = brokerTable();
	return [
		...size,
		{ file: "docs/brokers.md", name: "brokers", text: table(brokers[0]!, brokers.slice(1)) },
		{ file: "README.md", name: "wiring", text: wiringTable(node) },
		{ file: "README.md", name: "topics", text: topicTable(node) },
		{ file: "README.md", name: "memory", text: memoryTable(await measureHour(node)) },
	];
}

/** Replaces one part of a text. Throws when the text has no such part. */
export function replacePart(text: string, name: string, part: string): string {
	const begin = `<!-- ${name} -->`;
	const end = `<!-- /${name} -->`;
	const from = text.indexOf(begin);
	const to = text.indexOf(end);
	if (from < 0 || to < from) throw new Error(`${begin} ... ${end} is missing`);
	return `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
}

/**
 * Files that differ from what node.ts asks for, whole or in their generated parts, with the text that they should have;
 * undefined for one that should not be there.
 */
export async function staleFiles(node: NodeDescription): Promise<Map<string, string | undefined>> {
	const wanted = new Map<string, string | undefined>();
	for (const folder of [GENERATED, DASHBOARDS])
		for (const file of globSync(root, folder, "")) if (/\.\w+$/.test(file)) wanted.set(file, undefined);
	for (const { file, name, text } of await generatedParts(node)) {
		wanted.set(file, replacePart(wanted.get(file) ?? readFileSync(join(root, file), "utf8"), name, text));
	}
	for (const [file, text] of moddableFiles(node)) wanted.set(file, text);
	for (const [file, text] of dashboardFiles(node)) wanted.set(`${DASHBOARDS}/${file}`, text);
	for (const [file, text] of wanted) {
		const path = join(root, file);
		if (existsSync(path) && readFileSync(path, "utf8") === text) wanted.delete(file);
	}
	return wanted;
}

/** `vagalume generate`: resolves to the exit status. */
export async function run(): Promise<number> {
	const { node, faults } = await loadNode();
	if (faults.length > 0) {
		for (const fault of faults) process.stderr.write(`node.ts: ${fault}\n`);
		return 1;
	}
	const stale = await staleFiles(node);
	for (const [file, text] of stale) {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		if (text === undefined) rmSync(join(root, file));
		else writeFileSync(join(root, file), text);
		process.stdout.write(`${text === undefined ? "removed" : "wrote"} ${file}\n`);
	}
	if (stale.size === 0) process.stdout.write("all generated parts are fresh\n");
	return 0;
}
