import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type ChaosOptions, help, parseChaosOptions } from "./chaos-options";
import { ChaosScreen } from "./chaos-screen";
import { root } from "./root";

type Cells = typeof import("../test/chaos/cells");
type Cell = ReturnType<Cells["allCells"]>[number];
type CellResult = Awaited<ReturnType<Cells["runCell"]>>;

/** Lines of the log that a failure shows. */
const TAIL = 40;

/** `vagalume chaos`: resolves to the exit status. */
export async function run(args: readonly string[]): Promise<number> {
	if (args[0] === "--worker") {
		(await import("../test/chaos/worker")).serve();
		return new Promise(() => {});
	}
	const wrong = (message: string) => {
		process.stderr.write(`vagalume chaos: ${message}\n`);
		return 2;
	};
	let options: ChaosOptions;
	try {
		options = parseChaosOptions(args);
	} catch (error) {
		return wrong((error as Error).message);
	}
	if (options.help) {
		process.stdout.write(help);
		return 0;
	}
	const { allCells, nameOf } = await import("../test/chaos/cells");
	const { withoutMosquitto } = await import("../test/support/mosquitto");
	let cells = allCells().filter((cell) => nameOf(cell).includes(options.pattern));
	if (cells.length === 0) return wrong(`--cell ${options.pattern}: no cell has this in its name ('--list' names them)`);
	if (options.list) {
		for (const cell of cells) process.stdout.write(`${nameOf(cell)}\n`);
		return 0;
	}
	if (options.cutPoint && cells.length > 1) return wrong("--cut: name one cell, with --cell");
	if (withoutMosquitto && cells.some(({ world }) => world === "mosquitto")) {
		process.stderr.write(
			`vagalume chaos: ${withoutMosquitto} (Debian: apt-get install mosquitto): its cells are left out\n`,
		);
		cells = cells.filter(({ world }) => world === "virtual");
	}
	return runAll(cells, options);
}

async function runAll(cells: readonly Cell[], options: ChaosOptions): Promise<number> {
	const { nameOf } = await import("../test/chaos/cells");
	const { line, markdown } = await import("../test/chaos/table");
	const screen = new ChaosScreen(options.messages, cells.length);
	const results = new Map<Cell, CellResult>();
	const crashed: string[] = [];
	const waiting = [...cells];
	const work = async () => {
		for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
			const name = nameOf(cell);
			const result = await runInChild(cell, options, (done) => screen.progress(name, done));
			if (!result) crashed.push(name);
			else results.set(cell, result);
			screen.finished(name, result ? line(result) : `FAILED ${name}: its process ended; seed ${options.seed}`);
			if (result) report(result, options, screen);
		}
	};
	const jobs = Math.min(options.jobs ?? availableParallelism(), cells.length);
	await Promise.all(Array.from({ length: jobs }, work));
	const ordered = cells.flatMap((cell) => results.get(cell) ?? []);
	const table = markdown(ordered);
	process.stdout.write(`\n${table}\n`);
	if (options.markdown !== undefined) writeFileSync(options.markdown, `${table}\n`);
	const failed = ordered.filter(({ failures }) => failures.length > 0).length + crashed.length;
	process.stdout.write(
		failed > 0 ? `\n${failed} of ${cells.length} cells failed\n` : "\nnothing lost, nothing twice\n",
	);
	return failed > 0 ? 1 : 0;
}

/** A process of its own for each cell: what one leaves behind does not touch the next. */
function runInChild(
	cell: Cell,
	{ messages, seed, cutPoint }: ChaosOptions,
	onProgress: (done: number) => void,
): Promise<CellResult | undefined> {
	return new Promise((resolve) => {
		const child: ChildProcess = fork(join(root, "bin/vagalume.js"), ["chaos", "--worker"]);
		child.on("message", (report: import("../test/chaos/worker").Report) => {
			if (report.type === "progress") return onProgress(report.done);
			resolve(report.result);
			child.kill();
		});
		child.once("exit", () => resolve(undefined));
		child.send({ cell, options: { messages, seed, cutPoint } });
	});
}

/** What went wrong, and how to see it again. */
function report({ cell, failures }: CellResult, options: ChaosOptions, screen: ChaosScreen): void {
	const [first] = failures;
	if (!first) return;
	const { world, fault, direction, QoS } = cell;
	const cut = first.cutPoint && ` --cut ${first.cutPoint.kind}:${first.cutPoint.index}:${first.cutPoint.when}`;
	const replay = `npm run chaos -- --cell "${world}/${fault}/${direction}/${QoS}" --messages ${cut ? first.messages : options.messages} --seed ${cut ? first.seed : options.seed}${cut ?? ""}`;
	screen.say([
		"",
		...first.log.slice(-TAIL).map((text) => `    ${text}`),
		...first.violations.map((text) => `  ${text}`),
	]);
	screen.say([`  seed ${first.seed}; again: ${replay}`, ""]);
}
