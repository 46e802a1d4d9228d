import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "node:tls";
import { EmbeddedBroker } from "../../sim/broker";
import { listenNear } from "../../sim/listen";
import { certificate } from "../../test/support/certificates";
import { root } from "../root";
import { BuildError, build } from "./build";
import { buildRunner, ModdableMachine } from "./runner";

const FILE = join(root, "hosts", "moddable", "figures.json");
/** From `online` to the look (ms): the first record is out, and nothing is under way. */
const REST = 4_000;
/** To `online`, at most (ms). */
const LIMIT = 30_000;

/** What an idle, connected node holds after a garbage collection; bytes as on the 32-bit board, and slots of its stack. */
export interface HeapFigures {
	readonly slots: number;
	readonly chunks: number;
	/** Deepest since the boot. */
	readonly stack: number;
}

/** As measured under the SDK. */
export interface ModdableFigures {
	/** Its engine: `17.8.1`. */
	readonly engine: string;
	readonly mqtt: HeapFigures;
	readonly tls: HeapFigures;
}

/** What was measured last; undefined: nothing yet. */
export function committedHeap(): ModdableFigures | undefined {
	return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as ModdableFigures) : undefined;
}

/** `vagalume moddable memory`: measures the node of node.ts on `lin`, and writes it down. Throws BuildError. */
export async function renewHeap(sdk: string, onLine: (line: string) => void): Promise<void> {
	const figures = await measureHeap(sdk, onLine);
	writeFileSync(FILE, `${JSON.stringify(figures, null, "\t")}\n`);
	for (const [name, { slots, chunks, stack }] of [
		["MQTT", figures.mqtt],
		["MQTT over TLS", figures.tls],
	] as const)
		onLine(`${name}: slots ${slots} bytes, chunks ${chunks} bytes, stack ${stack} slots deep`);
}

/** Slots and chunks by a release build, the stack by an instrumented one: only that counts it. */
async function measureHeap(sdk: string, onLine: (line: string) => void): Promise<ModdableFigures> {
	const runner = buildRunner(sdk);
	const broker = await EmbeddedBroker.start();
	const secure = createServer(
		{ cert: `${certificate("rsa-server.pem")}${certificate("rsa-authority.pem")}`, key: certificate("rsa-server.key") },
		(socket) => broker.handle(socket),
	);
	try {
		await broker.listen(0);
		const url = `mqtts://localhost:${await listenNear(secure, 0)}`;
		const settings = [
			{ id: "figures", broker: broker.url! },
			{ id: "figures", broker: url, ca: certificate("rsa-authority.pem") },
		];
		const found: { engine: string; slots: number; chunks: number; stack: number }[][] = [];
		for (const kind of ["release", "instrumented"] as const) {
			onLine(`building (${kind})`);
			const built = await build({ sdk, platform: "lin", kind, config: [], onLine() {} });
			const one = [];
			for (const setting of settings) one.push(await look({ runner, built, broker, settings: setting }));
			found.push(one);
		}
		const [release, instrumented] = found as [(typeof found)[0], (typeof found)[0]];
		const figures = (index: number): HeapFigures => {
			const { slots, chunks } = release[index]!;
			return { slots, chunks, stack: instrumented[index]!.stack };
		};
		return { engine: release[0]!.engine, mqtt: figures(0), tls: figures(1) };
	} finally {
		secure.close();
		await broker.close();
	}
}

/** Runs one until it rests, and reads what it says of its memory. */
async function look(options: { runner: string; built: string; broker: EmbeddedBroker; settings: object }) {
	const { broker, settings, ...program } = options;
	const folder = mkdtempSync(join(tmpdir(), "vagalume-figures-"));
	const storage = join(folder, ".vagalume", "moddable");
	mkdirSync(storage, { recursive: true });
	writeFileSync(join(storage, "settings.json"), JSON.stringify(settings));
	const status = broker.watch("vagalume/figures/status");
	const info = broker.watch("vagalume/figures/info");
	const lines: string[] = [];
	const machine = new ModdableMachine({ ...program, folder, onLine: (line) => void lines.push(line) });
	const until = async (found: () => boolean) => {
		for (let waited = 0; !found(); waited += 50) {
			if (waited > LIMIT) throw new BuildError(`the node said nothing of its memory:\n${lines.slice(-20).join("\n")}`);
			await sleep(50);
		}
	};
	try {
		await until(() => status() === "online" && info() !== undefined);
		await sleep(REST);
		machine.order("memory");
		const pattern = /\(slots (\d+), chunks (\d+)\).*?(?:; stack (\d+) slots deep)?$/;
		await until(() => lines.some((line) => pattern.test(line)));
		const [, slots, chunks, stack] = pattern.exec(lines.find((line) => pattern.test(line))!)!;
		const engine = /XS ([\d.]+)/.exec(info()!)?.[1] ?? "";
		return { engine, slots: Number(slots), chunks: Number(chunks), stack: Number(stack ?? 0) };
	} finally {
		machine.stop();
		const deadline = setTimeout(() => machine.kill(), 5_000);
		await machine.ended;
		clearTimeout(deadline);
		rmSync(folder, { recursive: true });
	}
}
