import { lists } from "../test/conformance/lists";
import type { ClauseList } from "../test/conformance/lists/list";
import type { ProofRecord } from "../test/support/conformance";

const introduction = `# Conformance

Which clauses \`modules/mqtt\` is shown to keep, and by which test. This page is made from a run of those tests (\`npm run conformance\`);
\`npm test\` fails when it is not what the run says.

- Most tests run \`Session\` or \`Client\` unchanged against a [scripted broker](../test/support/scripted/broker.ts) in virtual time, which says byte by byte what
  arrives, and states what must have been sent, in which order and when; in Node.js, and again inside XS (\`npm run conformance -- --xs\`). TLS is tested with real sockets.
- In each of those tests a [referee](../test/support/scripted/referee.ts) reads every packet that the client sends, and fails the test for what no client may do at
  any time: identifiers in use twice, DUP on what is new, acknowledgements out of order, strings that are no UTF-8, ...
- **pass**: the test shows what the clause asks for. **differs**: the clause asks for something else than what is decided here; the test shows what is done. **open**:
  there is a test, and it does not pass yet. **no test**: nothing here shows it.
`;

type Result = "pass" | "differs" | "open" | "no test";

interface Row {
	readonly clause: string;
	readonly says: string;
	readonly tests: string;
	readonly result: Result;
	readonly why: string;
}

/**
 * The page that follows from a run.
 *
 * @returns `text` is undefined when tests were skipped: their results are not known
 */
export function conformancePage(records: readonly ProofRecord[]): { text: string | undefined; faults: string[] } {
	const faults: string[] = [];
	const proofs = new Map<string, ProofRecord[]>();
	for (const record of records) {
		for (const clause of record.clauses) proofs.set(clause, [...(proofs.get(clause) ?? []), record]);
		if (record.result === "fail" && !record.todo) faults.push(`failed: ${record.sentence}`);
		if (record.result === "pass" && record.todo) faults.push(`passes, but is marked as open: ${record.sentence}`);
	}
	const known = new Set(lists.flatMap(({ clauses, prefix = "" }) => Object.keys(clauses).map((one) => prefix + one)));
	for (const clause of proofs.keys()) if (!known.has(clause)) faults.push(`${clause} is in no list of clauses`);
	if (records.some(({ result }) => result === "skip")) return { text: undefined, faults };
	const tables = lists.map((list) => ({ list, rows: rowsOf(list, proofs) }));
	const parts = [introduction, totals(tables), ...tables.map(({ list, rows }) => section(list, rows))];
	return { text: `${parts.join("\n")}`, faults };
}

function rowsOf({ clauses, prefix = "" }: ClauseList, proofs: Map<string, ProofRecord[]>): Row[] {
	return Object.entries(clauses).map(([clause, says]) => {
		const records = (proofs.get(prefix + clause) ?? []).slice().sort((a, b) => (order(a) < order(b) ? -1 : 1));
		const open = records.filter(({ todo }) => todo);
		const others = records.filter(({ differs }) => differs);
		const result = records.length === 0 ? "no test" : open.length > 0 ? "open" : others.length > 0 ? "differs" : "pass";
		const why = [...new Set([...open.map(({ todo }) => todo!), ...others.map(({ differs }) => differs!)])].join("; ");
		const tests = records.map(({ sentence, file }) => `[${cell(sentence)}](../${file})`).join("<br>");
		return { clause, says, tests, result, why };
	});
}

function order({ file, sentence }: ProofRecord): string {
	return `${file} ${sentence}`;
}

const results: readonly Result[] = ["pass", "differs", "open", "no test"];

function totals(tables: readonly { list: ClauseList; rows: readonly Row[] }[]): string {
	const lines = [`| list | clauses | ${results.join(" | ")} |`, "| --- | --- | --- | --- | --- | --- |"];
	const line = (title: string, rows: readonly Row[]) => {
		const counts = results.map((result) => rows.filter((row) => row.result === result).length);
		return `| ${title} | ${rows.length} | ${counts.join(" | ")} |`;
	};
	for (const { list, rows } of tables) lines.push(line(list.title, rows));
	lines.push(
		line(
			"**all**",
			tables.flatMap(({ rows }) => rows),
		),
	);
	return `${lines.join("\n")}\n`;
}

function section({ title, source }: ClauseList, rows: readonly Row[]): string {
	const lines = rows.map(({ clause, says, tests, result, why }) => {
		return `| ${clause} | ${cell(says)} | ${tests} | ${why === "" ? result : `**${result}**: ${cell(why)}`} |`;
	});
	return [
		`## ${title}`,
		source,
		"",
		"| clause | what it says | test | result |",
		"| --- | --- | --- | --- |",
		...lines,
		"",
	].join("\n");
}

function cell(text: string): string {
	return text
		.replaceAll("|", "\\|")
		.replaceAll("<", "&lt;")
		.replace(/[[\]*_]/g, "\\$&");
}
