import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { BrokerError } from "./broker-error";

/** Where systems put it that do not have it on everybody's path. */
const env = {
	...process.env,
	PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin`,
};
/** The program, if it is not the system's. */
const program = process.env["VAGALUME_MOSQUITTO"] ?? "mosquitto";
const START = 10_000;
const STOP = 10_000;

/** Throws BrokerError when the system has no Mosquitto of version 2. */
export function requireMosquitto(): string {
	const { error, stdout, stderr } = spawnSync(program, ["-h"], { env, encoding: "utf8" });
	if (error)
		throw new BrokerError(
			`${program} is not installed. Debian and Ubuntu: sudo apt-get install mosquitto; macOS: brew install mosquitto; ` +
				"Fedora: sudo dnf install mosquitto. A program elsewhere: VAGALUME_MOSQUITTO=/path/to/mosquitto",
		);
	const [, version, major] = /mosquitto version ((\d+)\.[\d.]+)/.exec(`${stdout}${stderr}`) ?? [];
	if (version === undefined || Number(major) < 2)
		throw new BrokerError(`mosquitto ${version ?? "of an unknown version"} is installed, expected 2.0 or later`);
	return version;
}

/** A mosquitto of ours, in the foreground. */
export class MosquittoProcess {
	readonly #child: ChildProcess;
	/** Resolves when it has ended. */
	readonly ended: Promise<void>;
	/** True once `stop` was called. */
	stopped = false;
	#last = "";

	private constructor(child: ChildProcess) {
		this.#child = child;
		this.ended = new Promise((resolve) => child.once("exit", () => resolve()));
	}

	/**
	 * Starts it, and waits until it listens on `port` of `address`. `files`: open ones at most, connections included: mosquitto 2.0.11 lets one more in,
	 * above its `max_connections`, for each refused login. `say` gets its log. Throws BrokerError when it ends before.
	 */
	static async start(
		configuration: string,
		address: string,
		port: number,
		files: number,
		say: (text: string) => void,
	): Promise<MosquittoProcess> {
		if (await listens(address, port))
			throw new BrokerError(`port ${port} is taken, by another broker perhaps: --port N`);
		const limited = ["-c", 'ulimit -n "$1" 2>/dev/null; exec "$0" -c "$2"', program, String(files), configuration];
		// Detached: Ctrl+C at the terminal is for us, who then end it and wait for it.
		const child = spawn("/bin/sh", limited, {
			env,
			stdio: ["ignore", "pipe", "pipe"],
			detached: true,
		});
		const broker = new MosquittoProcess(child);
		const hear = (chunk: Buffer) => {
			broker.#last = `${broker.#last}${chunk}`.slice(-2000);
			say(String(chunk));
		};
		child.stdout.on("data", hear);
		child.stderr.on("data", hear);
		const kill = () => child.kill("SIGTERM");
		process.once("exit", kill);
		child.once("exit", () => process.off("exit", kill));
		for (const end = performance.now() + START; performance.now() < end; await sleep(20)) {
			if (!broker.running) throw new BrokerError(`mosquitto ended: ${broker.#last.trim()}`);
			if (await listens(address, port)) return broker;
		}
		await broker.stop();
		throw new BrokerError(`mosquitto does not listen on ${port}: ${broker.#last.trim()}`);
	}

	get pid(): number {
		return this.#child.pid!;
	}
	get running(): boolean {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Reads passwords, rights and certificates again. */
	reload(): void {
		if (this.running) this.#child.kill("SIGHUP");
	}

	/** Ends it, and waits until it has written what it keeps. */
	async stop(): Promise<void> {
		this.stopped = true;
		if (!this.running) return;
		this.#child.kill("SIGTERM");
		const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP);
		await this.ended;
		clearTimeout(timer);
	}
}

function listens(address: string, port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, address, () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}
