/** Somebody who does what the tutorial says, in four terminals, in a copy of the project. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../tools/root";
import { freePort } from "./free-port";
import { withoutMosquitto } from "./mosquitto";
import { Terminal } from "./terminal";
import { type Chapter, changedNode, chapters, pattern } from "./tutorial";
import { until } from "./until";

/** What of a command a test leaves out, and why. */
export const leftOut: readonly (readonly [RegExp, string])[] = [
	[/^sudo .*/, "changes the machine that the test runs on"],
	[/^npm ci && (?=npm start)/, "has run before any test can"],
	[/^cd dashboards\/node-red && .*/, "installs 228 MB; node-red.test.ts does it"],
];

/** Commands that do not end with 0, as the text says. */
const statuses: readonly (readonly [RegExp, number])[] = [
	[/^mosquitto_sub .*#\/temperature/, 1],
	[/^mosquitto_sub -p \d+ --cafile \S+ -t/, 5],
	[/^mosquitto_pub -p \d+ -u fone -P lantern/, 7],
	[/^mosquitto_sub .*-W /, 27],
];

/** In which terminal a command runs until Ctrl+C; what ends by itself runs in the third. */
const lasting: readonly (readonly [RegExp, number])[] = [
	[/^npm start/, 1],
	[/^mosquitto_sub (?!.* -[CW] )/, 2],
	[/^node bin\/vagalume\.js sim (?!.*(?:&|--duration .*)$)/, 3],
	[/^node -e /, 4],
	[/^npx vagalume broker run /, 4],
];

const notCopied = new Set([".git", ".vagalume", "node_modules"]);

export class Reader {
	readonly folder = mkdtempSync(join(tmpdir(), "vagalume-tutorial-"));
	readonly #terminals = new Map<number, Terminal>();
	/** Ports of the text, and those in their place. */
	readonly #ports = new Map<string, number>();

	async open(): Promise<void> {
		for (const name of readdirSync(root).filter((name) => !notCopied.has(name)))
			cpSync(join(root, name), join(this.folder, name), {
				recursive: true,
				// What checks and does not run would take a third of the time that `npm run check` does.
				filter: (path) => !path.endsWith("node_modules") && !/test.(unit|system|conformance).*\.test\.ts$/.test(path),
			});
		symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
		const home = join(this.folder, "build/home");
		mkdirSync(home, { recursive: true });
		for (const port of ["1885", "8883", "8884", "8885"]) this.#ports.set(port, await freePort());
		const { MODDABLE: _, ...env } = process.env;
		for (const number of [1, 2, 3, 4]) {
			const terminal = new Terminal(`terminal ${number}`, this.folder, { ...env, HOME: home, NO_COLOR: "1" });
			this.#terminals.set(number, terminal);
		}
	}

	terminal(number: number): Terminal {
		return this.#terminals.get(number)!;
	}

	/** Does what a chapter says. @throws what did not come out as it says */
	async read(chapter: Chapter): Promise<void> {
		for (const step of chapter.steps) {
			if (step.kind === "commands") for (const line of step.lines) await this.type(line);
			else if (step.kind === "order") this.terminal(1).say(step.line);
			else if (step.kind === "wait") await sleep(step.seconds * 1000);
			else if (step.kind === "output") await this.#expect(step.lines);
			else if (step.kind === "node") this.#change((text) => changedNode(text, step.text));
			else await this.#try(step.line);
		}
	}

	async end(): Promise<void> {
		await Promise.all([...this.#terminals.values()].map((terminal) => terminal.end()));
		await sleep(50);
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	/** Types a command, and waits until it has ended, or is under way. @throws when it ends with another status than it should */
	async type(line: string): Promise<void> {
		const command = this.#rewritten(line);
		if (command === "") return;
		const number = lasting.find(([what]) => what.test(command))?.[1];
		if (number !== undefined) return this.#start(this.terminal(number), command);
		const terminal = this.terminal(3);
		await terminal.interrupt();
		const from = terminal.lines.length;
		const status = await terminal.run(command, 300_000);
		const expected = this.#status(command);
		if (status !== expected)
			throw new Error(`${command}: ended with ${status} instead of ${expected}; ${terminal.tail()}`);
		if (!/ sim .*&$/.test(command)) return;
		// Nobody kills a node that has said nothing yet.
		const connected = () => terminal.lines.slice(from).some((one) => one.includes("MQTT: connected"));
		await until(connected, 30_000, `${command}: a connection; ${terminal.tail()}`);
	}

	#status(command: string): number {
		// Before it is generated anew, a changed node.ts does not pass.
		if (command === "npm run check") return 1;
		return statuses.find(([what]) => what.test(command))?.[1] ?? 0;
	}

	/** Starts what runs on, and waits until it does. */
	async #start(terminal: Terminal, command: string): Promise<void> {
		await terminal.interrupt();
		const from = terminal.lines.length;
		terminal.start(command);
		const ready = () => terminal.lines.slice(from).find((line) => line.startsWith("ready "));
		if (/^npm start|broker run/.test(command)) {
			await until(() => ready() !== undefined, 30_000, `${command}: ready; ${terminal.tail()}`);
			const port = /broker mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(ready()!)?.[1];
			if (port) this.#ports.set("1883", Number(port));
			// Nobody types the next command before the node has said something.
			const shown = (what: RegExp) => terminal.lines.slice(from).some((line) => what.test(line));
			if (port) await until(() => shown(/ -> .*telemetry\/uptime /), 20_000, `${command}: the first record`);
		} else if (command.startsWith("node -e")) {
			await until(() => reachable(this.#ports.get("1885")!), 10_000, `${command}: listens`);
		} else await sleep(300);
	}

	/** The same command, with ports that are free, and without what a test cannot do. */
	#rewritten(line: string): string {
		let command = line;
		for (const [what] of leftOut) command = command.replace(what, "");
		if (/^mosquitto_(pub|sub) /.test(command) && !/ -p /.test(command))
			command = command.replace(/^mosquitto_\w+/, "$& -p 1883");
		if (/broker run /.test(command))
			command += " --bind 127.0.0.1 --port 8883 --websocket-port 8884 --certificate-port 8885";
		return command.replace(/\b(1883|1885|888[345])\b/g, (port) => String(this.#ports.get(port)));
	}

	/** The lines are shown, each in some terminal, and there in this order. */
	async #expect(lines: readonly string[]): Promise<void> {
		if (lines.some((line) => line.includes("|--PUBLISH->|"))) return;
		const sums = new Map<string, string>();
		for (const line of lines) {
			const shown = await this.#shown(line);
			const [sum] = /^[0-9a-f]{64} /.exec(line) ?? [];
			if (sum) sums.set(shown, sum);
			// Sums that the text has twice are shown twice, and others are others.
			if (sum && (sums.size !== new Set(sums.values()).size || sums.get(shown) !== sum))
				throw new Error(`sums are not equal where the text's are: ${[...sums].join(" ")}`);
		}
	}

	/** Waits for a line that is as this one, and returns it. */
	async #shown(line: string): Promise<string> {
		const expected = pattern(line);
		const terminals = [...this.#terminals.values()];
		let shown: string | undefined;
		const look = () => {
			for (const terminal of terminals) {
				const at = terminal.lines.findIndex((one, index) => index >= terminal.seen && expected.test(one));
				if (at < 0) continue;
				terminal.seen = at + 1;
				shown = terminal.lines[at];
				return true;
			}
			return false;
		};
		try {
			await until(look, 20_000, line);
		} catch {
			const tails = terminals.map((one) => `${one.name}: ${one.tail()}`);
			throw new Error(`nowhere is shown: ${line}\n${tails.join("\n")}`);
		}
		return shown!;
	}

	#change(change: (text: string) => string): void {
		const file = join(this.folder, "node.ts");
		writeFileSync(file, change(readFileSync(file, "utf8")));
	}

	/** A wrong pin, and what `check` says about it; then the right one. */
	async #try(pin: string): Promise<void> {
		const right = readFileSync(join(this.folder, "node.ts"), "utf8");
		this.#change((text) => text.replace("pin: 4 ", `${pin} `));
		await this.type("npm run check");
		this.#change(() => right);
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

const pages = chapters("tutorial.md");

/** Tests that do what these chapters say, one after the other, in the same terminals. `before`: commands of earlier chapters. */
export function readChapters(what: string, numbers: readonly number[], before: readonly string[] = []): void {
	describe(what, { skip: withoutMosquitto }, () => {
		const reader = new Reader();
		test("a copy of the project, and four terminals", async () => {
			await reader.open();
			for (const command of before) await reader.type(command);
		});
		for (const chapter of pages.filter(({ number }) => numbers.includes(number)))
			test(`${chapter.number}. ${chapter.title}: its commands do what it says`, () => reader.read(chapter));
		after(() => reader.end());
	});
}
