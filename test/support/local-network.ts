import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";

/** Debian has `ip` where not everybody's path goes. */
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
/** Of a user who is not root: one in whose namespace he is. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
const KEEP = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];

/** For the `skip` option of a test: why it cannot have a network of its own here, or false. */
export const withoutLocalNetwork: string | false = missing();

function missing(): string | false {
	const link = ["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"];
	const { error, status, stderr } = spawnSync("unshare", [...AS_ROOT, "--net", "--mount", ...link], {
		env,
		encoding: "utf8",
	});
	if (!error && status === 0) return false;
	return `network namespaces are not to be had here: ${error?.message ?? stderr.trim()}`;
}

/**
 * A computer on a network of a test's own: a network namespace of Linux, with a mount namespace. It has loopback and `lan0`,
 * by which it reaches the other one, with multicast; nothing else, so nothing gets out of this machine.
 */
export class LocalComputer {
	/** IPv4, on `lan0`, in a network of 24 bits. */
	readonly address: string;
	readonly #keeper: ChildProcess;

	constructor(address: string, keeper: ChildProcess) {
		this.address = address;
		this.#keeper = keeper;
	}

	/** Of the process that keeps the namespaces. */
	get pid(): number {
		return this.#keeper.pid!;
	}

	/** What to run instead of a program, so that it runs on this computer: that program is then the process itself. */
	inNamespace(argv: readonly string[]): string[] {
		return ["nsenter", "--target", String(this.pid), ...KEEP, "--net", "--mount", `--wd=${process.cwd()}`, ...argv];
	}

	/** Starts a program on it. */
	spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
		const [program, ...args] = this.inNamespace(argv);
		return spawn(program!, args, { env, ...options });
	}

	/** Runs a shell's script on it; throws when a command of it fails. */
	do(script: string): string {
		const [program, ...args] = this.inNamespace(["sh", "-euc", script]);
		const { error, status, stdout, stderr } = spawnSync(program!, args, { env, encoding: "utf8" });
		if (error || status !== 0) throw new Error(`${script}: ${error?.message ?? stderr}`);
		return stdout;
	}

	async end(): Promise<void> {
		const ended = once(this.#keeper, "exit");
		this.#keeper.stdin?.end();
		await ended;
	}
}

/**
 * Two computers and the cable between them. `new Simulator(args, { computer: network.computers[1] })` is a node on one of them,
 * `OwnBroker.computer` says where that one's `run` is; `LocalComputer.spawn` and `do` run anything else there. Files are shared.
 */
export class LocalNetwork {
	readonly computers: readonly [LocalComputer, LocalComputer];

	private constructor(computers: readonly [LocalComputer, LocalComputer]) {
		this.computers = computers;
	}

	static async create(): Promise<LocalNetwork> {
		const first = await keep("192.0.2.1", []);
		const second = await keep("192.0.2.2", first.inNamespace([]));
		first.do(`ip link add lan0 type veth peer name lan0 netns ${second.pid}`);
		for (const computer of [first, second])
			computer.do(
				`ip link set lo up; ip addr add ${computer.address}/24 dev lan0; ip link set lan0 up multicast on
				ip route add default dev lan0`,
			);
		return new LocalNetwork([first, second]);
	}

	async remove(): Promise<void> {
		for (const computer of this.computers) await computer.end();
	}
}

/** Namespaces live as long as a process in them: this one ends when its standard input does, so with this process at the latest. */
async function keep(address: string, within: readonly string[]): Promise<LocalComputer> {
	// The second one is made from within the first one's user namespace, which has rights over both.
	const own = within.length === 0 ? AS_ROOT : [];
	const enter = within.filter((word) => !["--net", "--mount"].includes(word));
	const [program, ...args] = [...enter, "unshare", ...own, "--net", "--mount", "sh", "-c", "echo up; exec cat"];
	const keeper = spawn(program!, args, { env, cwd: tmpdir(), stdio: ["pipe", "pipe", "inherit"] });
	const ended = once(keeper, "exit").then(([status]) => {
		throw new Error(`no network namespace: ${program} ${args.join(" ")} ended with ${status}`);
	});
	await Promise.race([once(keeper.stdout!, "data"), ended]);
	// It is as it should be when it ends later.
	ended.catch(() => {});
	return new LocalComputer(address, keeper);
}
