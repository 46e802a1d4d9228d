import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port";

const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin` };

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutMosquitto: string | false =
	spawnSync("mosquitto", ["-h"], { env }).error === undefined ? false : "mosquitto is not installed";

/** A mosquitto of the test's own, on loopback and a free port. */
export class Mosquitto {
	readonly port: number;
	readonly directory = mkdtempSync(join(tmpdir(), "vagalume-mosquitto-"));
	/** What it logged. */
	log = "";
	/** False: it logs no packets, which takes more of its time than the packets do. From the next `start` on. */
	verbose = true;
	#child: ChildProcess | undefined;

	private constructor(port: number) {
		this.port = port;
	}

	/** Starts one. `settings`: further lines of mosquitto.conf; `port`: that of its MQTT listener, when they say it. */
	static async start(settings: readonly string[] = [], port?: number): Promise<Mosquitto> {
		const broker = await Mosquitto.prepare(settings, port);
		await broker.start();
		return broker;
	}

	/** One that is not running yet. */
	static async prepare(settings: readonly string[] = [], port?: number): Promise<Mosquitto> {
		const broker = new Mosquitto(port ?? (await freePort()));
		broker.configure(settings);
		return broker;
	}

	get url(): string {
		return `mqtt://127.0.0.1:${this.port}`;
	}

	configure(settings: readonly string[]): void {
		const listener = settings.some((line) => line.startsWith("listener ")) ? [] : [`listener ${this.port} 127.0.0.1`];
		const access = settings.some((line) => line.startsWith("allow_anonymous")) ? [] : ["allow_anonymous true"];
		const lines = [
			"per_listener_settings false",
			...listener,
			...access,
			"persistence true",
			"persistence_location ./",
			"autosave_on_changes true",
			"autosave_interval 1",
			"max_queued_messages 0",
			// Else Nagle's algorithm and delayed acknowledgements add 40 ms to each way.
			"set_tcp_nodelay true",
			...(process.getuid?.() === 0 ? ["user root"] : []),
			...settings,
		];
		writeFileSync(join(this.directory, "mosquitto.conf"), `${lines.join("\n")}\n`);
	}

	async start(): Promise<void> {
		const child = spawn("mosquitto", [...(this.verbose ? ["-v"] : []), "-c", "mosquitto.conf"], {
			cwd: this.directory,
			env,
		});
		this.#child = child;
		const collect = (chunk: Buffer) => {
			this.log += chunk;
		};
		child.stdout?.on("data", collect);
		child.stderr?.on("data", collect);
		for (let attempt = 0; attempt < 200; attempt++) {
			if (child.exitCode !== null) throw new Error(`mosquitto ended: ${this.log}`);
			if (await reachable(this.port)) return;
			await sleep(25);
		}
		throw new Error(`mosquitto does not listen on ${this.port}: ${this.log}`);
	}

	/** Ends it, by SIGTERM unless told otherwise, and waits until it is gone. */
	async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
		child.kill(signal);
		await gone;
	}

	/** Ends it and removes its files. */
	async remove(): Promise<void> {
		await this.stop();
		rmSync(this.directory, { recursive: true, force: true });
	}
}

function reachable(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}
