import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalComputer, withoutLocalNetwork } from "./local-network";
import { until } from "./until";

const SERVICES = "/etc/avahi/services";

/** For the `skip` option of a test: why Debian's Avahi cannot run here, or false. */
export const withoutAvahi: string | false = withoutLocalNetwork || missing();

function missing(): string | false {
	if (process.getuid?.() !== 0) return "avahi-daemon is started by root alone";
	return existsSync("/usr/sbin/avahi-daemon") && existsSync(SERVICES) ? false : "avahi-daemon is not installed";
}

/** The system's avahi-daemon on a computer of the test's own: this machine's own one, and its files, are left alone. */
export class Avahi {
	log = "";
	readonly #directory = mkdtempSync(join(tmpdir(), "vagalume-avahi-"));
	readonly #child: ChildProcess;
	readonly #ended: Promise<unknown>;

	/** `name`: the computer's, without `.local`. */
	private constructor(computer: LocalComputer, name: string) {
		const file = join(this.#directory, "avahi-daemon.conf");
		const server = [`host-name=${name}`, "use-ipv4=yes", "use-ipv6=no", "enable-dbus=no"];
		writeFileSync(file, `${["[server]", ...server, "[wide-area]", "enable-wide-area=no"].join("\n")}\n`);
		const alone = ["--no-drop-root", "--no-chroot", "--no-rlimits", "--no-proc-title"];
		this.#child = computer.spawn(["avahi-daemon", "--file", file, ...alone], { stdio: ["ignore", "pipe", "pipe"] });
		for (const stream of [this.#child.stdout, this.#child.stderr])
			stream?.on("data", (chunk) => {
				this.log += chunk;
			});
		this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
	}

	/** Starts it with service files, by their paths, and waits until it has told the network of each. */
	static async start(computer: LocalComputer, name: string, files: readonly string[]): Promise<Avahi> {
		computer.do(`mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs ${SERVICES}`);
		for (const file of files) computer.do(`cp ${file} ${SERVICES}/`);
		const avahi = new Avahi(computer, name);
		const established = () => avahi.log.match(/successfully established/g)?.length ?? 0;
		const done = () => established() === files.length || avahi.#child.exitCode !== null;
		await until(done, 10_000, "services established").catch((error: Error) => {
			throw new Error(`${error.message}: ${avahi.log}`);
		});
		if (avahi.#child.exitCode !== null) throw new Error(`avahi-daemon ended: ${avahi.log}`);
		return avahi;
	}

	async stop(): Promise<void> {
		this.#child.kill("SIGTERM");
		await this.#ended;
		rmSync(this.#directory, { recursive: true });
	}
}

/** For the `skip` option of a test: why a service file cannot be held against Avahi's own grammar. */
export const withoutGrammar: string | false =
	spawnSync("xmllint", ["--version"]).error !== undefined
		? "xmllint is not installed"
		: !existsSync("/usr/share/avahi/avahi-service.dtd") && "avahi-daemon is not installed";

/** What is wrong with a service file; empty when nothing is. */
export function grammarFaults(text: string): string {
	// The grammar is the one given, not the one that the file names.
	const input = text.replace(/<!DOCTYPE.*>\n/, "");
	const args = ["--noout", "--nonet", "--dtdvalid", "/usr/share/avahi/avahi-service.dtd", "-"];
	const { status, stderr } = spawnSync("xmllint", args, { input, encoding: "utf8" });
	return status === 0 ? "" : stderr || `exit status ${status}`;
}
