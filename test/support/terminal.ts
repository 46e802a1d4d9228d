import { type ChildProcess, spawn } from "node:child_process";
import { until } from "./until";

/** A shell that a reader of the documentation types into, one line after the other, and what it shows. */
export class Terminal {
	readonly name: string;
	readonly lines: string[] = [];
	/** Lines before this one were matched already. */
	seen = 0;
	/** A command runs that does not end by itself. */
	busy = false;
	readonly #shell: ChildProcess;
	readonly #atExit = () => this.#signal("SIGTERM");
	#closed = false;
	#commands = 0;
	#statuses = new Map<number, number>();

	constructor(name: string, cwd: string, env: NodeJS.ProcessEnv) {
		this.name = name;
		// A group of its own: what Ctrl+C and the end are for. The shell itself outlives Ctrl+C.
		this.#shell = spawn("bash", ["--noprofile", "--norc"], {
			cwd,
			env,
			detached: true,
			stdio: ["pipe", "pipe", "pipe"],
		});
		this.#shell.stdin!.write("exec 2>&1; trap : INT\n");
		this.#shell.stdin!.on("error", () => {});
		process.once("exit", this.#atExit);
		this.#shell.once("close", () => {
			this.#closed = true;
		});
		let rest = "";
		this.#shell.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
			const parts = (rest + chunk).split("\n");
			rest = parts.pop()!;
			for (const part of parts) {
				const done = /^(.*)<status (\d+) of (\d+)>$/.exec(part);
				if (!done) this.lines.push(part);
				else {
					if (done[1] !== "") this.lines.push(done[1]!);
					this.#statuses.set(Number(done[3]), Number(done[2]));
				}
			}
		});
	}

	/** Types a command; resolves to its exit status. */
	async run(command: string, timeout = 30_000): Promise<number> {
		const number = this.#type(command);
		await until(() => this.#statuses.has(number), timeout, `${this.name}: ${command}: its end; ${this.tail()}`);
		return this.#statuses.get(number)!;
	}

	/** Types a command that runs until Ctrl+C. */
	start(command: string): void {
		this.#type(command);
		this.busy = true;
	}

	/** Types a line into the program that runs. */
	say(line: string): void {
		this.#shell.stdin!.write(`${line}\n`);
	}

	/** Ctrl+C, if a program runs. */
	async interrupt(): Promise<void> {
		if (!this.busy) return;
		this.busy = false;
		if (!this.#statuses.has(this.#commands)) this.#signal("SIGINT");
		await until(() => this.#statuses.has(this.#commands), 15_000, `${this.name}: an end after Ctrl+C; ${this.tail()}`);
	}

	/** Ends it, and all that was started in it: first as Ctrl+C does, for a broker has a process of its own to end. */
	async end(): Promise<void> {
		process.off("exit", this.#atExit);
		await this.interrupt().catch(() => {});
		this.#shell.stdin!.end();
		// Closed when the last program that writes here has ended; npx does so before what it runs.
		await until(() => this.#closed, 5_000, "its end").catch(() => {});
		this.#signal("SIGKILL");
	}

	tail(): string {
		return `it shows:\n${this.lines.slice(-12).join("\n")}`;
	}

	#type(command: string): number {
		const number = ++this.#commands;
		// In one line: a second one would be read by the program that the first has started.
		const quoted = `'${command.replaceAll("'", "'\\''")}'`;
		this.#shell.stdin!.write(`eval ${quoted}; printf '<status %s of ${number}>\\n' $?\n`);
		return number;
	}
	#signal(signal: NodeJS.Signals): void {
		try {
			process.kill(-this.#shell.pid!, signal);
		} catch {
			// It has ended.
		}
	}
}
