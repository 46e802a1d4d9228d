import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, debianRoot, prepare } from "./image";

/** Its own processes, mounts and network: all three end with the first process, and that when its input ends. */
const BOOT = `
set -e
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
if [ "$2" = own ]; then ip link set lo up; fi
echo up
cat
:
`;
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
const proxies = ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) =>
	process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`],
);

export interface Said {
	readonly status: number | null;
	/** Standard output and error. */
	readonly said: string;
}

/** A Debian of the test's own in a folder: no systemd, no kernel of its own, and nothing of this machine but its files. */
export class DebianMachine {
	readonly directory: string;
	#first: ChildProcess | undefined;
	readonly #relays: ChildProcess[] = [];

	/** Unpacks a clean one. Throws when it cannot be made. */
	constructor() {
		const image = debianRoot();
		this.directory = mkdtempSync(join(cache, "machine-"));
		// What goes on in it is for root, except what it gives away itself.
		chmodSync(this.directory, 0o755);
		execFileSync("tar", ["--numeric-owner", "-C", this.directory, "-xpf", image]);
		prepare(this.directory);
		this.write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
		const systemctl = fileURLToPath(new URL("systemctl.sh", import.meta.url));
		this.write("/usr/local/bin/systemctl", readFileSync(systemctl), 0o755);
	}

	/** Where a file of it is on this machine. */
	file(name: string): string {
		return join(this.directory, name);
	}

	/** Writes a file, and the folders that lead there. */
	write(name: string, content: string | Uint8Array, mode = 0o644): void {
		mkdirSync(dirname(this.file(name)), { recursive: true });
		writeFileSync(this.file(name), content, { mode });
	}

	/** With a network of its `own` (loopback only), or that of this `machine` (to fetch packages). */
	async boot(network: "own" | "machine"): Promise<void> {
		const separate = ["--mount", "--uts", "--pid", "--fork", "--kill-child", ...(network === "own" ? ["--net"] : [])];
		const first = spawn("unshare", [...separate, "sh", "-c", BOOT, "boot", this.directory, network], { env });
		this.#first = first;
		let said = "";
		await new Promise<void>((resolve, reject) => {
			const hear = (chunk: Buffer) => {
				said += chunk;
				if (said.includes("up\n")) resolve();
			};
			first.stdout.on("data", hear);
			first.stderr.on("data", hear);
			first.once("error", reject);
			first.once("exit", () => reject(new Error(`the machine did not start: ${said}`)));
		});
	}

	/** Before a command that has to run in it, but with the programs of this machine: `unshare`'s namespaces. */
	get inside(): string[] {
		const pid = this.#first?.pid;
		if (pid === undefined) throw new Error("the machine does not run");
		return ["nsenter", `--target=${pid}`, "--mount", "--uts", "--net", `--pid=/proc/${pid}/ns/pid_for_children`];
	}

	/** Before a command that has to run in it with its own programs, and a clean environment. */
	get entry(): string[] {
		const clean = ["env", "-i", `PATH=${path}`, "HOME=/root", "LANG=C.UTF-8", ...proxies];
		return [...this.inside, "chroot", this.directory, ...clean];
	}

	/** Runs a command of it. */
	run(command: readonly string[], input?: string | Uint8Array): Said {
		const [program, ...args] = [...this.entry, ...command];
		const { error, status, stdout, stderr } = spawnSync(program!, args, { env, input, encoding: "utf8" });
		return { status, said: `${stdout}${stderr}${error ?? ""}` };
	}

	/** Runs a command of it that has to work. */
	do(command: readonly string[], input?: string | Uint8Array): string {
		const { status, said } = this.run(command, input);
		if (status !== 0) throw new Error(`${command.join(" ")}: ${status}: ${said.slice(-3_000)}`);
		return said;
	}

	/** How many of `count` TCP connections another computer gets, that opens them all at once to a port of it (1 s). */
	knock(port: number, count: number): number {
		const [neighbour, knock] = ["neighbour.sh", "knock.mjs"].map((name) =>
			fileURLToPath(new URL(name, import.meta.url)),
		);
		const command = ["sh", neighbour!, process.execPath, knock!, "192.0.2.1", String(port), String(count)];
		const [program, ...args] = [...this.inside, ...command];
		return Number(execFileSync(program!, args, { env, encoding: "utf8" }));
	}

	/** A free port of this machine's loopback that leads to a port of its loopback, until `halt`. */
	async forward(port: number): Promise<number> {
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const address = server.address();
		const relay = spawn(
			"nsenter",
			[`--target=${this.#first?.pid}`, "--net", process.execPath, fileURLToPath(new URL("relay.mjs", import.meta.url))],
			{ env, stdio: ["ignore", "inherit", "inherit", "ipc"] },
		);
		this.#relays.push(relay);
		relay.send(port, server);
		await new Promise((resolve, reject) => relay.once("message", resolve).once("exit", reject));
		server.close();
		return typeof address === "object" && address ? address.port : 0;
	}

	/** Ends all of its processes, and with them its mounts. */
	async halt(): Promise<void> {
		const ended = [this.#first, ...this.#relays.splice(0)].map((child) => {
			if (!child || child.exitCode !== null || child.signalCode !== null) return undefined;
			const gone = new Promise((resolve) => child.once("exit", resolve));
			if (child === this.#first) child.stdin?.end();
			else child.kill();
			return gone;
		});
		this.#first = undefined;
		await Promise.all(ended);
	}

	/** Removes its files. Throws when something is still mounted in them, and leaves them. */
	async remove(): Promise<void> {
		await this.halt();
		const mounts = readFileSync("/proc/self/mountinfo", "utf8");
		if (mounts.includes(this.directory)) throw new Error(`mounts are left in ${this.directory}: it is not removed`);
		rmSync(this.directory, { recursive: true });
	}
}
