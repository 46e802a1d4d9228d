import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { IClientOptions } from "mqtt";
import { BrokerFolder } from "../../tools/broker/folder";
import { connectOnce, runningBroker } from "../../tools/broker/running";
import { root } from "../../tools/root";
import { freePort } from "./free-port";
import type { LocalComputer } from "./local-network";
import { Observer } from "./observer";
import { until } from "./until";

const program = join(root, "bin/vagalume.js");

/** `vagalume broker` in a folder of the test's own, and its `run` on loopback and free ports. */
export class OwnBroker {
	readonly directory = mkdtempSync(join(tmpdir(), "vagalume-own-broker-"));
	readonly dir = join(this.directory, "broker");
	readonly folder = new BrokerFolder(this.dir);
	output = "";
	/** Where `run` is started, if not on this one. */
	computer: LocalComputer | undefined;
	/** Of `run`, when it has ended. */
	ended: Promise<number | null> = Promise.resolve(null);
	#run: ReturnType<typeof spawn> | undefined;
	port = 0;
	webSocketPort = 0;
	certificatePort = 0;

	/** Runs a command; its exit status and what it wrote. */
	say(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
		return spawnSync(process.execPath, [program, "broker", ...args, "--dir", this.dir], {
			encoding: "utf8",
			cwd: root,
		});
	}

	/** Runs a command that has to work. */
	do(...args: readonly string[]): string {
		const { status, stdout, stderr } = this.say(...args);
		if (status !== 0) throw new Error(`broker ${args.join(" ")}: ${status}: ${stderr}`);
		return stdout;
	}

	/** On loopback, or on all addresses of a computer of the test's own. */
	async start(...args: readonly string[]): Promise<void> {
		[this.port, this.webSocketPort, this.certificatePort] = [await freePort(), await freePort(), await freePort()];
		const ports = [
			"--port",
			this.port,
			"--websocket-port",
			this.webSocketPort,
			"--certificate-port",
			this.certificatePort,
		];
		const bind = this.computer ? [] : ["--bind", "127.0.0.1"];
		const own = [process.execPath, program, "broker", "run", "--dir", this.dir, ...bind, ...ports.map(String), ...args];
		const [command, ...rest] = this.computer?.inNamespace(own) ?? own;
		const child = spawn(command!, rest, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
		this.#run = child;
		this.output = "";
		for (const stream of [child.stdout, child.stderr])
			stream?.on("data", (chunk) => {
				this.output += chunk;
			});
		this.ended = new Promise((resolve) => child.once("close", resolve));
		const done = () => /^ready/m.test(this.output) || child.exitCode !== null;
		await until(done, 15_000, "ready").catch((error: Error) => {
			throw new Error(`${error.message}: ${this.output}`);
		});
		if (child.exitCode !== null) throw new Error(`broker run ended: ${this.output}`);
	}

	/** To `run`. */
	signal(signal: NodeJS.Signals): void {
		this.#run?.kill(signal);
	}

	async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
		this.#run?.kill(signal);
		this.#run = undefined;
		return this.ended;
	}

	async remove(): Promise<void> {
		await this.stop();
		// A `run` that was killed has left its mosquitto.
		const left = runningBroker(this.folder);
		if (left) process.kill(left.pid);
		rmSync(this.directory, { recursive: true, force: true });
	}

	get url(): string {
		return `mqtts://localhost:${this.port}`;
	}
	password(user: string): string {
		return readFileSync(this.folder.client(user, "password"), "utf8").trim();
	}
	/** How to enter with a password. */
	as(user: string, more: IClientOptions = {}): IClientOptions {
		return { ca: readFileSync(this.folder.authorities), username: user, password: this.password(user), ...more };
	}
	/** How to enter with a certificate. */
	certified(user: string, more: IClientOptions = {}): IClientOptions {
		const read = (file: "client.crt" | "client.key") => readFileSync(this.folder.client(user, file));
		return { ca: readFileSync(this.folder.authorities), cert: read("client.crt"), key: read("client.key"), ...more };
	}
	observe(user: string, filter = "#", more: IClientOptions = {}): Promise<Observer> {
		return Observer.connect(this.url, filter, this.as(user, more));
	}
}

/** Why somebody was not let in. */
export async function refusal(url: string, options: IClientOptions): Promise<string> {
	try {
		await (await connectOnce(url, options)).endAsync(true);
		return "let in";
	} catch (error) {
		return (error as Error).message;
	}
}

/** The serial number of the certificate that a port of this computer shows: one of this authority (PEM), or whoever signed it. */
export async function shownSerial(port: number, ca?: Buffer): Promise<string> {
	const trust = ca ? { ca } : { rejectUnauthorized: false };
	const socket = connectTls({ port, host: "127.0.0.1", servername: "localhost", ...trust });
	socket.on("error", () => {});
	await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
	const { serialNumber } = socket.getPeerCertificate();
	socket.destroy();
	return serialNumber;
}
