/** Catches what the firmware traces: one entry a line. */
export function catchLines(): { readonly lines: string[]; restore(): void } {
	const lines: string[] = [];
	const scope = globalThis as unknown as { trace(...values: unknown[]): void };
	const former = scope.trace;
	let open = "";
	scope.trace = (...values: unknown[]) => {
		open += values.join("");
		const parts = open.split("\n");
		open = parts.pop() ?? "";
		lines.push(...parts);
	};
	return {
		lines,
		restore: () => {
			scope.trace = former;
		},
	};
}
