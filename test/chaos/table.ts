import { type CellResult, nameOf } from "./cells";
import { faults } from "./plan";
import type { Cell } from "./run";

const number = new Intl.NumberFormat("en");
const columns = [
	{ direction: "out", QoS: 1 },
	{ direction: "out", QoS: 2 },
	{ direction: "in", QoS: 1 },
	{ direction: "in", QoS: 2 },
] as const;

const worlds: Readonly<Record<Cell["world"], string>> = {
	virtual: "Virtual time, the broker of the test",
	mosquitto: "Real time, mosquitto",
};

/** What came of the cells, as Markdown: for each world, lost / twice of each cell, and what was done to them. */
export function markdown(results: readonly CellResult[]): string {
	return (Object.keys(worlds) as Cell["world"][])
		.filter((world) => results.some(({ cell }) => cell.world === world))
		.map((world) => worldTable(world, results))
		.join("\n\n");
}

function worldTable(world: Cell["world"], all: readonly CellResult[]): string {
	const results = all.filter(({ cell }) => cell.world === world);
	const forgets = world === "mosquitto";
	const lines = [
		`${worlds[world]}. QoS 1: lost; QoS 2: lost / twice`,
		"",
		`| fault | out, QoS 1 | out, QoS 2 | in, QoS 1 | in, QoS 2 | messages | connections | faults | again, QoS 1 |${forgets ? " broker's |" : " ambiguous |"}`,
		`| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`,
	];
	for (const fault of faults) {
		const row = results.filter(({ cell }) => cell.fault === fault);
		if (row.length === 0) continue;
		const cells = columns.map(({ direction, QoS }) => {
			const result = row.find(({ cell }) => cell.direction === direction && cell.QoS === QoS);
			return result ? verdict(result) : "";
		});
		const sum = (pick: (totals: CellResult["totals"]) => number) =>
			number.format(row.reduce((total, { totals }) => total + pick(totals), 0));
		const figures = [
			sum(({ messages }) => messages),
			sum(({ connections }) => connections),
			sum(({ cuts, stalls, corruptions, restarts, powerCuts }) => cuts + stalls + corruptions + restarts + powerCuts),
			sum(({ again }) => again),
			sum(({ forgotten, ambiguous }) => (forgets ? forgotten : ambiguous)),
		];
		lines.push(`| ${fault} | ${[...cells, ...figures].join(" | ")} |`);
	}
	return lines.join("\n");
}

/** QoS 1: lost; QoS 2: lost / twice. */
function verdict({ cell, totals, failures }: CellResult): string {
	const { lost, twice } = totals;
	const bad = failures.length > 0 && lost + twice === 0 ? " (failed)" : "";
	return `${lost}${cell.QoS === 2 ? ` / ${twice}` : ""}${bad}`;
}

/** A line about one cell. */
export function line({ cell, totals, wall, runs, failures }: CellResult): string {
	const { messages, lost, twice, again, disordered, memory, connections, forgotten, ambiguous } = totals;
	const parts = [
		`${failures.length > 0 ? "FAILED" : "ok"} ${nameOf(cell)}:`,
		`${number.format(messages)} messages, ${lost} lost, ${twice} twice,`,
		...(disordered > 0 ? [`${disordered} out of order,`] : []),
		...(again > 0 ? [`${number.format(again)} again,`] : []),
		...(ambiguous > 0 ? [`${ambiguous} ambiguous,`] : []),
		...(forgotten > 0 ? [`${forgotten} the broker's,`] : []),
		`${number.format(connections)} connections${runs > 1 ? ` in ${runs} runs` : ""},`,
		`heap ${number.format(memory.first)} to ${number.format(memory.last)} bytes, at most ${number.format(memory.peak)};`,
		`${wall.toFixed(1)} s`,
	];
	return parts.join(" ");
}
