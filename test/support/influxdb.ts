import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port";
import { until } from "./until";

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutInfluxDB: string | false =
	spawnSync("influxd", ["version"]).error === undefined ? false : "influxd is not installed";

/** An InfluxDB 1 (Debian's) of the test's own, on loopback and free ports. */
export class InfluxDB {
	readonly #folder = mkdtempSync(join(tmpdir(), "vagalume-influxdb-"));
	readonly #child: ChildProcess;
	readonly #url: string;
	#log = "";

	static async start(database: string): Promise<InfluxDB> {
		const server = new InfluxDB(await freePort(), await freePort());
		const answers = async () => (await fetch(`${server.#url}/ping`).catch(() => undefined))?.status === 204;
		await until(async () => server.#child.exitCode !== null || (await answers()), 20_000, "InfluxDB answers");
		if (server.#child.exitCode !== null) throw new Error(`influxd ended: ${server.#log}`);
		await server.query(`CREATE DATABASE ${database}`, "", "POST");
		return server;
	}

	private constructor(port: number, rpc: number) {
		this.#url = `http://127.0.0.1:${port}`;
		const file = join(this.#folder, "influxdb.conf");
		const dir = (name: string) => JSON.stringify(join(this.#folder, name));
		writeFileSync(
			file,
			`reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = ${dir("meta")}
[data]
  dir = ${dir("data")}
  wal-dir = ${dir("wal")}
[http]
  bind-address = "127.0.0.1:${port}"
  log-enabled = false
[monitor]
  store-enabled = false
`,
		);
		this.#child = spawn("influxd", ["-config", file], { stdio: ["ignore", "ignore", "pipe"] });
		const end = () => this.#child.kill("SIGKILL");
		process.once("exit", end);
		this.#child.once("close", () => process.off("exit", end));
		this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
			this.#log += chunk;
		});
	}

	/** Points in line protocol, with times in nanoseconds. */
	async write(database: string, lines: readonly string[]): Promise<void> {
		const answer = await fetch(`${this.#url}/write?db=${database}`, { method: "POST", body: lines.join("\n") });
		if (answer.status !== 204) throw new Error(`InfluxDB: ${await answer.text()}`);
	}

	/** The rows of a query's only series; times in ms. Throws with what InfluxDB says of a wrong query. */
	async query(text: string, database: string, method = "GET"): Promise<[time: number, value: unknown][]> {
		const asked = new URLSearchParams({ q: text, db: database, epoch: "ms" });
		const answer = await fetch(`${this.#url}/query?${asked}`, { method });
		const { results, error } = (await answer.json()) as {
			results?: { error?: string; series?: { values: [number, unknown][] }[] }[];
			error?: string;
		};
		const problem = error ?? results?.[0]?.error;
		if (problem) throw new Error(`InfluxDB: ${problem} in ${text}`);
		return results?.[0]?.series?.[0]?.values ?? [];
	}

	async stop(): Promise<void> {
		const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
		this.#child.kill("SIGTERM");
		await gone;
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
