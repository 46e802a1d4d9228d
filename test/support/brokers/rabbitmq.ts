import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port";
import { until } from "../until";
import { type Broker, forbidden, limit, user } from "./broker";

/** Below the wrapper in /usr/sbin, which wants to be root and becomes the user of the system's service. */
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutRabbitMQ: string | false = existsSync(program) ? false : "rabbitmq-server is not installed";

/** One node of a cluster, or a broker alone. */
export interface Member {
	/** `vagalume@localhost`. */
	readonly name: string;
	/** Of the port mapper: the same for all of a cluster. */
	readonly mapperPort: number;
	/** It starts the port mapper. */
	readonly mapper: boolean;
	/** What lets nodes talk to each other; one is made up when omitted. */
	readonly cookie?: string;
	/** Further lines of rabbitmq.conf. */
	readonly settings: readonly string[];
}

/**
 * A RabbitMQ with its MQTT plugin, of the test's own: nothing of a service that the system may run is used, touched or
 * needed. It has its own files, ports, node, cookie and port mapper (epmd), all on loopback; any user can start it.
 */
export class RabbitMQ implements Broker {
	readonly port: number;
	/** What it logged. */
	log = "";
	readonly #directory = mkdtempSync(join(tmpdir(), "vagalume-rabbitmq-"));
	readonly #environment: Record<string, string | undefined>;
	/** Of the port mapper that it starts; undefined: it uses another's. */
	readonly #mapperPort: number | undefined;
	#mapper: ChildProcess | undefined;
	#child: ChildProcess | undefined;

	private constructor(port: number, distributionPort: number, { name, mapperPort, mapper, cookie, settings }: Member) {
		this.port = port;
		this.#mapperPort = mapper ? mapperPort : undefined;
		const file = (name: string) => join(this.#directory, name);
		this.#environment = {
			PATH: process.env["PATH"],
			HOME: this.#directory,
			LANG: "C.UTF-8",
			RABBITMQ_CONF_ENV_FILE: file("none"),
			RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
			RABBITMQ_ADVANCED_CONFIG_FILE: file("none"),
			RABBITMQ_ENABLED_PLUGINS_FILE: file("enabled_plugins"),
			RABBITMQ_MNESIA_BASE: file("mnesia"),
			RABBITMQ_LOG_BASE: file("log"),
			RABBITMQ_NODENAME: name,
			RABBITMQ_DIST_PORT: `${distributionPort}`,
			RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
			ERL_EPMD_PORT: `${mapperPort}`,
			ERL_EPMD_ADDRESS: "127.0.0.1",
			// The script becomes the server, instead of waiting for it: so the signals reach the server.
			RUNNING_UNDER_SYSTEMD: "true",
		};
		if (cookie !== undefined) writeFileSync(file(".erlang.cookie"), cookie, { mode: 0o400 });
		writeFileSync(file("enabled_plugins"), "[rabbitmq_mqtt].\n");
		writeFileSync(file("definitions.json"), JSON.stringify(definitions()));
		const lines = [
			"listeners.tcp = none",
			`mqtt.listeners.tcp.1 = 127.0.0.1:${port}`,
			"mqtt.allow_anonymous = true",
			"mqtt.tcp_listen_options.nodelay = true",
			`load_definitions = ${file("definitions.json")}`,
			`max_message_size = ${limit}`,
			"log.file = false",
			"log.console = true",
			...settings,
		];
		writeFileSync(file("rabbitmq.conf"), `${lines.join("\n")}\n`);
	}

	static async start(): Promise<RabbitMQ> {
		const mapperPort = await freePort();
		const broker = await RabbitMQ.prepare({ name: "vagalume@localhost", mapperPort, mapper: true, settings: [] });
		await broker.start();
		return broker;
	}

	/** One that is not running yet. */
	static async prepare(member: Member): Promise<RabbitMQ> {
		return new RabbitMQ(await freePort(), await freePort(), member);
	}

	/** Takes 8 to 12 s the first time, because the plugin waits for others to form a cluster with; then 5 s. */
	async start(): Promise<void> {
		const env = this.#environment;
		if (this.#mapperPort !== undefined)
			this.#mapper ??= this.#spawn("epmd", ["-port", `${this.#mapperPort}`, "-address", "127.0.0.1"]);
		const child = this.#spawn(program, []);
		this.#child = child;
		const from = this.log.length;
		const collect = (chunk: Buffer) => {
			this.log += chunk;
		};
		child.stdout?.on("data", collect);
		child.stderr?.on("data", collect);
		const started = () => child.exitCode !== null || this.log.indexOf("Server startup complete", from) >= 0;
		await until(started, 90_000, "RabbitMQ").catch((error) => {
			throw new Error(`${error.message}: ${this.log}`);
		});
		if (child.exitCode !== null) throw new Error(`${program} ended (${env["HOME"]}): ${this.log}`);
	}

	/** The shell ends the program when it is told by which signal, or when this process is no more, however it ended. */
	#spawn(command: string, args: readonly string[]): ChildProcess {
		const script = [
			'exec 3<&0; "$@" 3<&- & pid=$!',
			'(read -r signal <&3 || signal=KILL; kill -s "$signal" "$pid") & reader=$!',
			'wait "$pid"; kill "$reader" 2>/dev/null',
		];
		return spawn("sh", ["-c", script.join("\n"), "sh", command, ...args], {
			cwd: this.#directory,
			env: this.#environment,
			stdio: ["pipe", "pipe", "pipe"],
		});
	}

	async stop(signal: "TERM" | "KILL" = "TERM"): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (child) await ended(child, signal);
	}

	async remove(): Promise<void> {
		await this.stop("KILL");
		if (this.#mapper) await ended(this.#mapper, "KILL");
		// Its helpers end, and may write, a moment after it.
		rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
	}
}

async function ended(shell: ChildProcess, signal: "TERM" | "KILL"): Promise<void> {
	if (shell.exitCode !== null || shell.signalCode !== null) return;
	const gone = new Promise<void>((resolve) => shell.once("exit", () => resolve()));
	shell.stdin?.end(`${signal}\n`);
	await gone;
}

/** Users and what they may do. A client without a user is `guest`. Levels of topics are separated by dots in here. */
function definitions(): object {
	const users = [
		{ name: "guest", password: "guest" },
		{ name: user.name, password: user.password },
	];
	const allowed = `^(?!${forbidden}\\.).*`;
	return {
		vhosts: [{ name: "/" }],
		users: users.map(({ name, password }) => ({ name, password_hash: hash(password), tags: "" })),
		permissions: users.map(({ name }) => ({ user: name, vhost: "/", configure: ".*", write: ".*", read: ".*" })),
		topic_permissions: users.map(({ name }) => {
			return { user: name, vhost: "/", exchange: "amq.topic", write: allowed, read: allowed };
		}),
	};
}

/** As RabbitMQ keeps a password: four bytes of salt, and the SHA-256 of these and the password. */
function hash(password: string): string {
	const salt = Buffer.from("salt");
	return Buffer.concat([salt, createHash("sha256").update(salt).update(password).digest()]).toString("base64");
}
