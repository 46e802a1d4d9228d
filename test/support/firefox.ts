import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { until } from "./until";

const program = [process.env["FIREFOX"] ?? "", "/usr/bin/firefox-esr", "/usr/bin/firefox"].find(
	(path) => path !== "" && existsSync(path),
);

/** Why tests in Firefox are skipped; false when there is one. */
export const withoutFirefox = program === undefined && "firefox-esr is not installed (or not where FIREFOX says)";

/** How long a page may take for anything: the machine may be busy with other tests (ms). */
const PATIENCE = 30_000;

interface Answer {
	readonly id?: number;
	readonly type: "success" | "error" | "event";
	readonly result?: unknown;
	readonly message?: string;
	readonly method?: string;
	readonly params?: unknown;
}

/**
 * Firefox without a display, with one page, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). Not by Playwright: its
 * BiDi asks for commands that Debian's Firefox does not know yet, and other libraries come with 80 packages.
 */
export class Firefox {
	/** What went wrong on its page: errors on the console, exceptions. */
	readonly faults: string[] = [];
	readonly #child: ChildProcess;
	readonly #profile: string;
	readonly #waiting = new Map<number, (answer: Answer) => void>();
	#socket!: WebSocket;
	#context = "";
	#id = 0;

	/** Starts it, with a page of so many pixels. */
	static async start(width: number, height: number): Promise<Firefox> {
		const firefox = new Firefox();
		try {
			await firefox.#connect();
			await firefox.#ask("browsingContext.setViewport", { context: firefox.#context, viewport: { width, height } });
		} catch (error) {
			await firefox.close();
			throw error;
		}
		return firefox;
	}

	private constructor() {
		this.#profile = mkdtempSync(join(tmpdir(), "vagalume-firefox-"));
		const preferences = ['user_pref("intl.accept_languages", "en-US");', 'user_pref("ui.systemUsesDarkTheme", 1);'];
		writeFileSync(join(this.#profile, "user.js"), preferences.join("\n"));
		const args = ["--headless", "--no-remote", "--profile", this.#profile, "--remote-debugging-port", "0"];
		this.#child = spawn(program!, args, {
			stdio: ["ignore", "ignore", "pipe"],
			env: { ...process.env, HOME: this.#profile },
		});
		const end = () => this.#child.kill("SIGKILL");
		process.once("exit", end);
		this.#child.once("close", () => process.off("exit", end));
	}

	async goto(url: string): Promise<void> {
		await this.#ask("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
	}

	/** What an expression gives in the page; it must be JSON. */
	async evaluate<T>(expression: string): Promise<T> {
		const { type, result, exceptionDetails } = (await this.#ask("script.evaluate", {
			expression: `JSON.stringify(${expression})`,
			target: { context: this.#context },
			awaitPromise: true,
		})) as { type: string; result: { value?: string }; exceptionDetails?: { text: string } };
		if (type !== "success") throw new Error(`${expression}: ${exceptionDetails?.text}`);
		return (result.value === undefined ? undefined : JSON.parse(result.value)) as T;
	}

	/** Waits for an element. */
	async sees(selector: string): Promise<void> {
		const found = () => this.evaluate<boolean>(`document.querySelector(${JSON.stringify(selector)}) !== null`);
		await until(found, PATIENCE, selector);
	}

	/** Clicks the middle of an element, as a mouse does. */
	async click(selector: string): Promise<void> {
		await this.sees(selector);
		const element = `document.querySelector(${JSON.stringify(selector)})`;
		const [x, y] = await this.evaluate<[number, number]>(
			`(({ left, top, width, height }) => [left + width / 2, top + height / 2].map(Math.round))((${element}.scrollIntoView({ block: "center" }), ${element}.getBoundingClientRect()))`,
		);
		const actions = [
			{ type: "pointerMove", x, y },
			...["pointerDown", "pointerUp"].map((type) => ({ type, button: 0 })),
		];
		await this.#act({ type: "pointer", id: "mouse", actions });
	}

	/** Types a text where the focus is; `\uE007` is Enter (WebDriver, keyboard actions). */
	async type(text: string): Promise<void> {
		const actions = [...text].flatMap((value) => ["keyDown", "keyUp"].map((type) => ({ type, value })));
		await this.#act({ type: "key", id: "keyboard", actions });
	}

	/** A picture of what is seen of the page: PNG. */
	async picture(): Promise<Buffer> {
		const { data } = (await this.#ask("browsingContext.captureScreenshot", { context: this.#context })) as {
			data: string;
		};
		return Buffer.from(data, "base64");
	}

	async close(): Promise<void> {
		this.#socket?.terminate();
		if (this.#child.exitCode === null && this.#child.signalCode === null) {
			const gone = once(this.#child, "close");
			this.#child.kill("SIGTERM");
			await gone;
		}
		rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
	}

	async #connect(): Promise<void> {
		let said = "";
		this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
			said += chunk;
		});
		const address = () => /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
		await until(() => address() !== undefined || this.#child.exitCode !== null, PATIENCE, "Firefox listens");
		if (address() === undefined) throw new Error(`Firefox ended: ${said}`);
		this.#socket = new WebSocket(`${address()}/session`);
		await once(this.#socket, "open");
		this.#socket.on("message", (data) => this.#hear(JSON.parse(String(data))));
		await this.#ask("session.new", { capabilities: {} });
		await this.#ask("session.subscribe", { events: ["log.entryAdded"] });
		const { contexts } = (await this.#ask("browsingContext.getTree", {})) as { contexts: { context: string }[] };
		this.#context = contexts[0]!.context;
	}

	async #act(source: Readonly<Record<string, unknown>>): Promise<void> {
		await this.#ask("input.performActions", { context: this.#context, actions: [source] });
	}

	async #ask(method: string, params: unknown): Promise<unknown> {
		const id = ++this.#id;
		const answer = await new Promise<Answer>((resolve) => {
			this.#waiting.set(id, resolve);
			this.#socket.send(JSON.stringify({ id, method, params }));
		});
		if (answer.type === "error") throw new Error(`${method}: ${answer.message}`);
		return answer.result;
	}

	#hear(answer: Answer): void {
		if (answer.id !== undefined) {
			this.#waiting.get(answer.id)?.(answer);
			this.#waiting.delete(answer.id);
		} else if (answer.method === "log.entryAdded") {
			const { level, text } = answer.params as { level: string; text: string | null };
			if (level === "error") this.faults.push(text ?? "");
		}
	}
}
