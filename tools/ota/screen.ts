import type { FleetNode, Outcome } from "./fleet";

const BAR = 24;
/** Nodes that are shown at once. */
const SHOWN = 12;

/** How far the nodes are: on a terminal a bar for each that is at work, else a line for each new phase. */
export class OtaScreen {
	readonly #live = process.stderr.isTTY === true;
	readonly #busy = new Map<string, FleetNode>();
	readonly #phases = new Map<string, string>();
	#lines = 0;

	/** What follows is about these nodes, too. */
	begin(nodes: readonly string[]): void {
		for (const id of nodes) this.#phases.set(id, "");
	}

	changed(node: FleetNode): void {
		const { id, state, status } = node;
		if (!this.#phases.has(id) || !state) return;
		if (state.phase !== "idle") this.#busy.set(id, node);
		const phase = status === "offline" && state.phase !== "idle" ? `${state.phase}, offline` : state.phase;
		if (!this.#live && this.#phases.get(id) !== phase && phase !== "idle") process.stdout.write(`${id}: ${phase}\n`);
		this.#phases.set(id, phase);
		this.#draw();
	}

	done({ id, ok, message }: Outcome): void {
		this.#busy.delete(id);
		this.#phases.delete(id);
		this.say(`${ok ? "ok    " : "FAILED"} ${id}: ${message}`);
	}

	/** A line that stays. */
	say(line: string): void {
		this.#wipe();
		process.stdout.write(`${line}\n`);
		this.#draw();
	}

	#wipe(): void {
		if (this.#lines > 0) process.stderr.write(`\x1b[${this.#lines}A\x1b[J`);
		this.#lines = 0;
	}

	#draw(): void {
		if (!this.#live) return;
		this.#wipe();
		const lines = [...this.#busy.values()].slice(0, SHOWN).map((node) => barOf(node));
		if (this.#busy.size > SHOWN) lines.push(`... and ${this.#busy.size - SHOWN} more`);
		if (lines.length > 0) process.stderr.write(`${lines.join("\n")}\n`);
		this.#lines = lines.length;
	}
}

/** A node's progress in a line. */
export function barOf({ id, state, status }: FleetNode): string {
	const percent = state?.phase === "downloading" ? (state.update_percentage ?? 0) : 100;
	const full = Math.round((percent / 100) * BAR);
	const offline = status === "offline" ? ", offline" : "";
	return `${"#".repeat(full)}${".".repeat(BAR - full)} ${String(percent).padStart(3)} %  ${id}  ${state?.phase ?? ""}${offline}`;
}

/** Which node runs what, as a table of text. */
export function statusTable(nodes: readonly FleetNode[]): string[] {
	const rows = nodes.map(({ id, status, state }) => [
		id,
		status,
		state?.installed_version ?? "-",
		state?.phase ?? "-",
		state?.message ?? "",
	]);
	const all = [["node", "status", "version", "update", ""], ...rows];
	const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
	return all.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
}
