import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../tools/root";
import { freePort } from "./free-port";
import { until } from "./until";

const SOURCE = join(root, "dashboards/node-red");
const CACHE = join(root, "build/node-red");
const FILES = ["package.json", "package-lock.json"] as const;

/** Installs Node-RED as `dashboards/node-red` pins it, once: until its lock file changes. Returns the folder. */
export function installNodeRed(): string {
	const lock = readFileSync(join(SOURCE, "package-lock.json"), "utf8");
	const done = join(CACHE, "installed");
	if (existsSync(done) && readFileSync(done, "utf8") === lock) return CACHE;
	rmSync(CACHE, { recursive: true, force: true });
	mkdirSync(CACHE, { recursive: true });
	for (const file of FILES) copyFileSync(join(SOURCE, file), join(CACHE, file));
	const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: CACHE, encoding: "utf8" });
	if (status !== 0) throw new Error(`npm ci of dashboards/node-red: ${stderr}`);
	writeFileSync(`${done}.new`, lock);
	renameSync(`${done}.new`, done);
	return CACHE;
}

/** A Node-RED of the test's own, with one flow: on loopback and a free port. */
export class NodeRed {
	/** What it logged. */
	log = "";
	readonly port: number;
	readonly #folder = mkdtempSync(join(tmpdir(), "vagalume-node-red-"));
	readonly #child: ChildProcess;
	readonly #ended: Promise<void>;

	/** `environment`: in addition to the test's. */
	static async start(flow: unknown, environment: Readonly<Record<string, string>> = {}): Promise<NodeRed> {
		const installed = installNodeRed();
		const nodeRed = new NodeRed(installed, await freePort(), flow, environment);
		const over = () => nodeRed.#child.exitCode !== null;
		await until(() => nodeRed.log.includes("Started flows") || over(), 60_000, "Node-RED starts its flow");
		if (over()) throw new Error(`Node-RED ended: ${nodeRed.log}`);
		return nodeRed;
	}

	private constructor(installed: string, port: number, flow: unknown, environment: Readonly<Record<string, string>>) {
		this.port = port;
		writeFileSync(join(this.#folder, "flow.json"), JSON.stringify(flow));
		this.#child = spawn(
			process.execPath,
			[
				join(installed, "node_modules/node-red/red.js"),
				...["--settings", join(SOURCE, "settings.js")],
				...["--userDir", this.#folder],
			],
			{ env: { ...process.env, ...environment, PORT: String(port) }, stdio: ["ignore", "pipe", "pipe"] },
		);
		const end = () => this.#child.kill("SIGKILL");
		process.once("exit", end);
		this.#ended = new Promise((resolve) => {
			this.#child.once("close", () => {
				process.off("exit", end);
				resolve();
			});
		});
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding("utf8").on("data", (chunk: string) => {
				this.log += chunk;
			});
		}
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Clicks the button of an `inject` node in the editor. */
	async inject(id: string): Promise<void> {
		const { status } = await fetch(`${this.url}/inject/${id}`, { method: "POST" });
		if (status !== 200) throw new Error(`inject ${id}: HTTP ${status}`);
	}

	/** Does what a browser does when a widget of the dashboard is moved to a value (Socket.IO 5 over Engine.IO 4, polling). */
	async change(id: string, value: unknown): Promise<void> {
		let url = `${this.url}/dashboard/socket.io/?EIO=4&transport=polling`;
		const receive = async () => (await fetch(url)).text();
		const send = async (packet: string) => {
			const { status } = await fetch(url, { method: "POST", body: packet });
			if (status !== 200) throw new Error(`Socket.IO ${packet}: HTTP ${status}`);
		};
		const { sid } = JSON.parse((await receive()).slice(1));
		url += `&sid=${sid}`;
		await send("40");
		if (!(await receive()).startsWith("40")) throw new Error("Node-RED's dashboard refuses a browser");
		await send(`42${JSON.stringify(["widget-change", id, value])}`);
		await send("1");
	}

	async stop(): Promise<void> {
		this.#child.kill("SIGTERM");
		await this.#ended;
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
