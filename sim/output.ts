import type { Writable } from "node:stream";
import type { SeenMessage } from "./message-log";

/** Levels of a firmware's log, as its lines begin with. */
const LEVELS = ["debug", "info", "warn", "error"];

/** What a simulation says: for people, or as JSON lines. */
export interface Output {
	/** A line that the firmware logged. `node` is given when there are several. */
	log(date: number, node: string | undefined, line: string): void;
	message(date: number, node: string | undefined, message: SeenMessage): void;
	/** The simulator's own words: about nodes, not from them. */
	notice(line: string): void;
	/** The one line that tells that all is up. */
	ready(line: string): void;
	/** While who reads along is slow: resolves when there is room again. */
	blocked(): Promise<void> | undefined;
	/** Resolves once what was said has left the process. */
	flush(): Promise<void>;
}

/** JSON lines on `stdout`, stamped with node time; `ready` and notices on `stderr`. */
export class JsonOutput implements Output {
	readonly #stdout: Writable;
	readonly #stderr: Writable;
	#pending: string[] = [];
	#length = 0;

	constructor(stdout: Writable, stderr: Writable) {
		this.#stdout = stdout;
		this.#stderr = stderr;
	}

	log(date: number, node: string | undefined, line: string): void {
		const { level, text } = splitLevel(line);
		this.#line({ time: stamp(date), node, type: "log", level, message: text });
	}

	message(date: number, node: string | undefined, message: SeenMessage): void {
		const { direction, topic, payload, qos, retain, dup } = message;
		this.#line({ time: stamp(date), node, type: "mqtt", direction, topic, ...readable(payload), qos, retain, dup });
	}

	notice(line: string): void {
		this.#stderr.write(`${line}\n`);
	}

	ready(line: string): void {
		this.#stderr.write(`${line}\n`);
	}

	blocked(): Promise<void> | undefined {
		return roomIn(this.#stdout);
	}

	flush(): Promise<void> {
		this.#write();
		return drained(this.#stdout);
	}

	#line(value: object): void {
		const line = `${JSON.stringify(value)}\n`;
		if (this.#pending.push(line) === 1) setImmediate(() => this.#write());
		this.#length += line.length;
		if (this.#length > 65_536) this.#write();
	}

	#write(): void {
		if (this.#pending.length === 0) return;
		this.#stdout.write(this.#pending.join(""));
		this.#pending = [];
		this.#length = 0;
	}
}

const COLOURS: Readonly<Record<string, string>> = {
	debug: "\x1b[2m",
	info: "",
	warn: "\x1b[33m",
	error: "\x1b[31m",
	out: "\x1b[36m",
	in: "\x1b[35m",
};

/** Lines for people: the log, and messages with an arrow; colours on a terminal. */
export class TextOutput implements Output {
	readonly #stdout: Writable;
	readonly #colours: boolean;

	constructor(stdout: Writable, colours: boolean) {
		this.#stdout = stdout;
		this.#colours = colours;
	}

	log(date: number, node: string | undefined, line: string): void {
		const { level, text } = splitLevel(line);
		this.#line(date, node, level, `${level.padEnd(5)} ${text}`);
	}

	message(date: number, node: string | undefined, message: SeenMessage): void {
		const { direction, topic, payload, qos, retain } = message;
		const { payload: text = `<${payload.length} bytes>` } = readable(payload);
		const shown = text.length > 160 ? `${text.slice(0, 157)}...` : text;
		const flags = `${qos > 0 ? ` QoS ${qos}` : ""}${retain ? " retained" : ""}`;
		this.#line(date, node, direction, `${direction === "out" ? "->" : "<-"}    ${topic} ${shown}${this.#dim(flags)}`);
	}

	notice(line: string): void {
		this.#stdout.write(`${line}\n`);
	}

	ready(line: string): void {
		this.#stdout.write(this.#colours ? `\x1b[32m${line}\x1b[0m\n` : `${line}\n`);
	}

	blocked(): Promise<void> | undefined {
		return roomIn(this.#stdout);
	}

	flush(): Promise<void> {
		return drained(this.#stdout);
	}

	#line(date: number, node: string | undefined, kind: string, text: string): void {
		const time = stamp(date).slice(11, 23);
		const who = node === undefined ? "" : `${node} `;
		const colour = this.#colours ? (COLOURS[kind] ?? "") : "";
		this.#stdout.write(`${this.#dim(time)} ${who}${colour}${text}${colour === "" ? "" : "\x1b[0m"}\n`);
	}

	#dim(text: string): string {
		return this.#colours && text !== "" ? `\x1b[2m${text}\x1b[22m` : text;
	}
}

function stamp(date: number): string {
	return new Date(date).toISOString();
}

function splitLevel(line: string): { level: string; text: string } {
	const space = line.indexOf(" ");
	const level = line.slice(0, space);
	return LEVELS.includes(level) ? { level, text: line.slice(space + 1) } : { level: "info", text: line };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The payload as text, or in base64 when it is no UTF-8. */
function readable(payload: Buffer): { payload?: string; base64?: string } {
	try {
		return { payload: utf8.decode(payload) };
	} catch {
		return { base64: payload.toString("base64") };
	}
}

function roomIn(stream: Writable): Promise<void> | undefined {
	if (!stream.writableNeedDrain || stream.destroyed) return undefined;
	return new Promise((resolve) => {
		const done = () => {
			stream.off("drain", done).off("close", done).off("error", done);
			resolve();
		};
		stream.on("drain", done).on("close", done).on("error", done);
	});
}

function drained(stream: Writable): Promise<void> {
	return new Promise((resolve) => {
		if (stream.destroyed || stream.writableLength === 0) resolve();
		else stream.write("", () => resolve());
	});
}
