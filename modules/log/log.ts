import Time from "time";
import type { LogLevel } from "../description/description";

const RANK: Readonly<Record<LogLevel | "off", number>> = Object.freeze({
	debug: 0,
	info: 1,
	warn: 2,
	error: 3,
	off: 4,
});
/** Longer lines are cut. */
const LONGEST_LINE = 256;
/** Lines kept until there is a connection: warnings and errors of the boot, which nobody would see otherwise. */
const EARLY_LINES = 8;
/** At most so many lines are published within a window (ms); what is more is counted and left out. */
const WINDOW = 10_000;
const LINES_PER_WINDOW = 50;

export interface LinePublisher {
	/** Sends one line to `<base>/log`; false when there is no connection. */
	publishLine(line: string): boolean;
}

/**
 * The node's log: every line, `level message`, goes to the console, and from the configured level up to `<base>/log`.
 * Lines about how the connection goes (`local`) are never published, so that the log cannot feed itself.
 */
export class Log {
	readonly #rank: number;
	#publisher: LinePublisher | undefined;
	#publishing = false;
	#early: string[] = [];
	#windowStart = 0;
	#sent = 0;
	#leftOut = 0;

	/** `level`: lines of this level and above are published; `off` publishes none. */
	constructor(options: { level?: LogLevel | "off" }) {
		this.#rank = RANK[options.level ?? "info"];
	}

	debug(text: string): void {
		this.write("debug", text);
	}
	info(text: string): void {
		this.write("info", text);
	}
	warn(text: string): void {
		this.write("warn", text);
	}
	error(text: string): void {
		this.write("error", text);
	}

	/** To the console only. */
	local(level: LogLevel, text: string): void {
		trace(level, " ", text, "\n");
	}

	write(level: LogLevel, text: string): void {
		this.local(level, text);
		if (RANK[level] < this.#rank) return;
		const line = `${level} ${text}`.slice(0, LONGEST_LINE);
		if (this.#send(line) || RANK[level] < RANK.warn) return;
		if (this.#early.length === EARLY_LINES) this.#early.shift();
		this.#early.push(line);
	}

	/** From now on lines are published too; those that waited for it first. */
	connect(publisher: LinePublisher): void {
		this.#publisher = publisher;
		const early = this.#early;
		this.#early = [];
		for (const line of early) this.#send(line);
	}

	/** True when the line needs no further care. */
	#send(line: string): boolean {
		const publisher = this.#publisher;
		if (!publisher) return false;
		if (this.#publishing) return true;
		if (!this.#allowed()) return true;
		this.#publishing = true;
		try {
			if (this.#leftOut > 0) {
				publisher.publishLine(`warn ${this.#leftOut} lines of the log left out: more than ${LINES_PER_WINDOW} in 10 s`);
				this.#leftOut = 0;
			}
			return publisher.publishLine(line);
		} catch (error) {
			this.local("error", `log not published: ${messageOf(error)}`);
			return true;
		} finally {
			this.#publishing = false;
		}
	}

	#allowed(): boolean {
		const now = Time.ticks;
		const passed = Time.delta(this.#windowStart, now);
		// Negative after more than 24 days, when the difference of two ticks wraps.
		if (this.#sent === 0 || passed >= WINDOW || passed < 0) {
			this.#windowStart = now;
			this.#sent = 0;
		}
		this.#sent += 1;
		if (this.#sent <= LINES_PER_WINDOW) return true;
		this.#leftOut += 1;
		return false;
	}
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
