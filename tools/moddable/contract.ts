import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../../test/contract/bench";
import { boardBench } from "../../test/support/contract-board";
import { serveFixtures } from "../../test/support/contract-fixtures";
import { ModdableMachine } from "./runner";

export interface ContractOutcome {
	/** What the suite wrote. */
	readonly lines: readonly string[];
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

/** Longest run of the suite (ms). */
const LIMIT = 300_000;

/** Runs a built contract suite to its end, with its fixtures around it. A machine that ends early counts as a failure. */
export async function runContract(options: {
	runner: string;
	built: string;
	onLine(line: string): void;
}): Promise<ContractOutcome> {
	const fixtures = await serveFixtures("rsa-");
	const folder = mkdtempSync(join(tmpdir(), "vagalume-moddable-"));
	const bench: Bench = {
		wifi: { SSID: "vagalume", password: "fireflies" },
		ntp: { accuracy: 60 },
		scratch: "storage",
		update: "bytes",
		loopback: "127.0.0.1",
		...boardBench,
		...fixtures.bench,
		// A name that is simulated, as is its address.
		names: { host: "ntp.simulated", address: "10.0.0.123", missing: "missing.invalid" },
		echo: { ...fixtures.bench.echo!, host: "localhost" },
		http: { ...(fixtures.bench.http as object), host: "localhost" } as Bench["http"],
		websocket: { ...(fixtures.bench.websocket as object), host: "localhost" } as Bench["websocket"],
	};
	const storage = join(folder, ".vagalume", "moddable");
	mkdirSync(storage, { recursive: true });
	writeFileSync(join(storage, "settings.json"), JSON.stringify({ bench }));
	const lines: string[] = [];
	const machine = new ModdableMachine({
		...options,
		folder,
		onLine: (line) => {
			lines.push(line);
			options.onLine(line);
			if (line.startsWith("contract: ")) machine.stop();
		},
	});
	const deadline = setTimeout(() => machine.kill(), LIMIT);
	const status = await machine.ended;
	clearTimeout(deadline);
	fixtures.close();
	rmSync(folder, { recursive: true });
	const total = /^contract: (\d+) passed, (\d+) failed, (\d+) skipped$/.exec(
		lines.find((line) => line.startsWith("contract: ")) ?? "",
	);
	if (!total) {
		options.onLine(`not ok - the machine ended with status ${status} before the suite did`);
		const count = (word: string) => lines.filter((line) => line.startsWith(word)).length;
		return { lines, passed: count("ok "), failed: count("not ok ") + 1, skipped: count("skip ") };
	}
	const [passed, failed, skipped] = total.slice(1).map(Number);
	return { lines, passed: passed!, failed: failed!, skipped: skipped! };
}
