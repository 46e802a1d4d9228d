import type { NodeState } from "../../protocol";

/** A table of all channels: one line an instant, RFC 3339 UTC; a channel that said nothing then is empty (RFC 4180). */
export function csvOf(channels: NodeState["channels"], history: NodeState["history"]): string {
	const names = Object.keys(channels);
	const lines = new Map<number, (number | "")[]>();
	for (const [column, name] of names.entries()) {
		const values = history[name] ?? [];
		for (let index = 0; index < values.length; index += 2) {
			const date = values[index]!;
			let line = lines.get(date);
			if (!line) {
				line = names.map(() => "" as const);
				lines.set(date, line);
			}
			line[column] = values[index + 1]!;
		}
	}
	const head = ["time", ...names.map((name) => `${name} (${channels[name]!.unit})`)].map(quoted).join();
	const body = [...lines]
		.sort(([a], [b]) => a - b)
		.map(([date, line]) => [new Date(date).toISOString(), ...line].join());
	return `${[head, ...body].join("\r\n")}\r\n`;
}

function quoted(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
