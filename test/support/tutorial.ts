/** The tutorial's Markdown, as the steps that a reader takes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/root";

export type Step =
	/** Commands of a shell. */
	| { readonly kind: "commands"; readonly lines: readonly string[] }
	/** A line typed into the simulator. */
	| { readonly kind: "order"; readonly line: string }
	/** "Wait some N seconds". */
	| { readonly kind: "wait"; readonly seconds: number }
	/** What is then shown. */
	| { readonly kind: "output"; readonly lines: readonly string[] }
	/** Lines of node.ts. */
	| { readonly kind: "node"; readonly text: string }
	/** `pin: 34` in the text: a change of node.ts to try. */
	| { readonly kind: "pin"; readonly line: string };

export interface Chapter {
	readonly number: number;
	readonly title: string;
	readonly steps: readonly Step[];
}

const orders = /^(power|wifi|set|press|hold|lift|plug|unplug|release|reset|show)( |$)/;
const steps =
	/^```(sh|bash|text|ts)\n([\s\S]*?)^```$|`([^`\n]+)`|(?:Wait some|Espere uns) (\d+) (?:seconds|segundos)|^\| .* \|$/gm;

/** The chapters of `docs/FILE`. */
export function chapters(file: string): Chapter[] {
	const text = readFileSync(join(root, "docs", file), "utf8");
	const parts = text.split(/^## (?=\d+\. )/m).slice(1);
	return parts.map((part) => {
		const [, number, title] = /^(\d+)\. (.*)$/m.exec(part)!;
		return { number: Number(number), title: title!, steps: [...part.matchAll(steps)].flatMap(step) };
	});
}

function step([, language, block, code, seconds]: RegExpMatchArray): Step[] {
	if (seconds !== undefined) return [{ kind: "wait", seconds: Number(seconds) }];
	if (code !== undefined) {
		if (orders.test(code)) return [{ kind: "order", line: code }];
		return /^pin: \S+$/.test(code) ? [{ kind: "pin", line: code }] : [];
	}
	if (block === undefined) return [];
	const lines = block.split("\n").slice(0, -1);
	if (language === "ts") return [{ kind: "node", text: block }];
	return [{ kind: language === "text" ? "output" : "commands", lines }];
}

/** What may differ from one time to the next, in a line of output. */
const variable: readonly (readonly [RegExp, string])[] = [
	[/\\\.\\\.\\\./g, ".*"],
	[/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\\\.\d{3}Z/g, "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"],
	[/\d\d:\d\d:\d\d\\\.\d{3}/g, "[\\d:.]{12}"],
	[/^\d\d:\d\d:\d\d /g, "\\d\\d:\\d\\d:\\d\\d "],
	[/("(?:temperature|humidity|seq|uptime)":)[\d\\.-]+/g, "$1-?[\\d.]+"],
	[/((?:temperature|pressure|retained 1) +)[\d\\.-]+$/g, "$1-?[\\d.]+"],
	[/(temperature) [\d\\.-]+ retained$/g, "$1 -?[\\d.]+ retained"],
	[/(127\\\.0\\\.0\\\.1|localhost):\d+/g, "$1:\\d+"],
	[/(address )192\\\.168\\\.4\\\.\d+/g, "$1[\\d.]+"],
	[/in \d+ ms$/g, "in \\d+ ms"],
	[/^[0-9a-f]{64} /g, "[0-9a-f]{64} "],
	// What HTTPS takes depends on the TLS library: docs-tutorial-http.test.ts knows how much.
	[/^(HTTPS.*?) +\d+ +\d+ +\d+(?= )/g, "$1 +\\d+ +\\d+ +\\d+"],
	[/ +\d+\\\.\d\d$/g, " +\\d+\\.\\d\\d"],
	// The table of `broker test`: how many topics there are is docs-broker.test.ts's.
	[/ +\d+ +\d+ +\d+ +\d+$/g, " +\\d+ +\\d+ +\\d+ +\\d+"],
];

/** A pattern for a line of output: the same text, but for times, readings, ports, and `...`. */
export function pattern(line: string): RegExp {
	let source = line.trimEnd().replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
	for (const [what, by] of variable) source = source.replace(what, by);
	return new RegExp(`^${source}\\s*$`);
}

/** A node.ts with the lines of `changes` in the place of those that have the same keys, or beside them. */
export function changedNode(text: string, changes: string): string {
	const lines = text.split("\n");
	let from = 0;
	let previous = -1;
	for (const line of changes.split("\n")) {
		if (line === "" || /^\s*\},$/.test(line)) continue;
		const [, indent, key] = /^(\t*)(\w+):/.exec(line)!;
		const own = `\t${indent}${key}:`;
		const at = lines.findIndex((one, index) => index >= from && one.startsWith(own));
		// Within the object that the last opening line is of.
		const end = lines.findIndex((one, index) => index > from && one === `${indent}},`);
		const found = at >= 0 && (end < 0 || indent === "" || at < end);
		if (found) {
			if (!line.endsWith("{")) lines[at] = `\t${line}`;
			previous = at;
		} else {
			previous = previous < 0 ? from : previous;
			lines.splice(previous + 1, 0, `\t${line}`);
			previous++;
		}
		if (line.endsWith("{")) {
			from = previous;
			previous = from;
		}
	}
	return lines.join("\n");
}
