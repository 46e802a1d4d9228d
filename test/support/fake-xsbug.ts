import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface Breakpoint {
	/** The whole path of a TypeScript file. */
	readonly path: string;
	readonly line: number;
}

/** Where a machine stands, and what the debugger sees there. */
export interface Stop {
	readonly path: string;
	readonly line: number;
	/** `breakpoint`, `step`, `throw`, ... */
	readonly why: string;
	/** Of functions, innermost first. */
	readonly frames: readonly string[];
	/** Local variables of the innermost function: values as xsbug shows them. */
	readonly locals: ReadonlyMap<string, string>;
}

/** How long a machine may take to do what a test waits for (ms). */
const PATIENCE = 30_000;

/** A debugger that speaks xsbug's protocol on a free port, for tests: a script instead of windows. */
export class FakeXsbug {
	readonly #server: Server;
	readonly #machines: DebuggedConnection[] = [];
	readonly #waiting: ((machine: DebuggedConnection) => void)[] = [];
	readonly #breakpoints: readonly Breakpoint[];
	readonly #exceptions: boolean;

	/** `exceptions`: machines shall stop at each throw. */
	static async start(breakpoints: readonly Breakpoint[] = [], exceptions = false): Promise<FakeXsbug> {
		const xsbug = new FakeXsbug(breakpoints, exceptions);
		xsbug.#server.listen(0, "127.0.0.1");
		await once(xsbug.#server, "listening");
		return xsbug;
	}

	private constructor(breakpoints: readonly Breakpoint[], exceptions: boolean) {
		this.#breakpoints = breakpoints;
		this.#exceptions = exceptions;
		this.#server = createServer((socket) => {
			const machine = new DebuggedConnection(socket);
			this.#machines.push(machine);
			machine.loggedIn.then(() => {
				machine.setAllBreakpoints(this.#breakpoints, this.#exceptions);
				this.#waiting.shift()?.(machine);
			});
		});
	}

	get port(): number {
		return (this.#server.address() as { port: number }).port;
	}

	/** `127.0.0.1:5002`, as --debug takes it. */
	get address(): string {
		return `127.0.0.1:${this.port}`;
	}

	/** The next machine that logs in. */
	machine(): Promise<DebuggedConnection> {
		return within(new Promise((resolve) => this.#waiting.push(resolve)), "a machine that logs in");
	}

	/** Goes away, as a debugger that crashes. */
	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		for (const machine of this.#machines) machine.hangUp();
		await closed;
	}
}

/** One machine as its debugger sees it. */
export class DebuggedConnection {
	/** The machine's name, once it has told it. */
	readonly loggedIn: Promise<string>;
	/** Lines of the machine's log. */
	readonly log: string[] = [];
	readonly #socket: Socket;
	#text = "";
	#stops: Stop[] = [];
	#stopped: ((stop: Stop) => void) | undefined;
	#login!: (name: string) => void;

	constructor(socket: Socket) {
		this.#socket = socket;
		this.loggedIn = new Promise((resolve) => {
			this.#login = resolve;
		});
		socket.setNoDelay(true);
		socket.on("error", () => {});
		socket.setEncoding("utf8").on("data", (chunk: string) => this.#read(chunk));
	}

	/** Where it stops next; at once if it stands already. */
	stop(): Promise<Stop> {
		const first = this.#stops.shift();
		if (first) return Promise.resolve(first);
		return within(
			new Promise((resolve) => {
				this.#stopped = resolve;
			}),
			"a machine that stops",
		);
	}

	/** Stands, and nobody has asked for it. */
	get stands(): boolean {
		return this.#stops.length > 0;
	}

	setAllBreakpoints(breakpoints: readonly Breakpoint[], exceptions = false): void {
		const all = exceptions ? [...breakpoints, { path: "exceptions", line: 0 }] : breakpoints;
		this.#send(`<set-all-breakpoints>${all.map((at) => tag("breakpoint", at)).join("")}</set-all-breakpoints>`);
	}

	setBreakpoint(at: Breakpoint): void {
		this.#send(tag("set-breakpoint", at));
	}

	clearAllBreakpoints(): void {
		this.#send("<clear-all-breakpoints/>");
	}

	go(): void {
		this.#send("<go/>");
	}

	/** To the next line. */
	step(): void {
		this.#send("<step/>");
	}

	/** Ends the machine. */
	abort(): void {
		this.#send("<abort/>");
	}

	hangUp(): void {
		this.#socket.destroy();
	}

	#send(command: string): void {
		this.#socket.write(`\r\n${command}\r\n`);
	}

	#read(chunk: string): void {
		this.#text += chunk;
		for (;;) {
			const end = this.#text.indexOf("</xsbug>");
			if (end < 0) return;
			this.#message(this.#text.slice(this.#text.indexOf("<xsbug>") + "<xsbug>".length, end));
			this.#text = this.#text.slice(end + "</xsbug>".length);
		}
	}

	#message(xml: string): void {
		const login = /<login name="([^"]*)"/.exec(xml);
		if (login) this.#login(unescaped(login[1]!));
		for (const [, text] of xml.matchAll(/<log[^>]*>([^<]*)<\/log>/g)) this.log.push(unescaped(text!).trim());
		const stop = /<break(?: path="([^"]*)" line="(\d+)")?># Break: ([^<]*)!\n<\/break>/.exec(xml);
		if (!stop) return;
		const [, path = "", line = "0", why] = stop;
		const frames = /<frames>(.*?)<\/frames>/s.exec(xml)?.[1] ?? "";
		const local = /<local [^>]*>(.*?)<\/local>/s.exec(xml)?.[1] ?? "";
		const found: Stop = {
			path: unescaped(path),
			line: Number(line),
			why: unescaped(why!),
			frames: [...frames.matchAll(/<frame name="([^"]*)"/g)].map(([, name]) => unescaped(name!)),
			locals: new Map(
				[...local.matchAll(/<property [^>]*?name="([^"]*)"[^>]*? value="([^"]*)"/g)].map(([, name, value]) => [
					unescaped(name!),
					unescaped(value!),
				]),
			),
		};
		const stopped = this.#stopped;
		this.#stopped = undefined;
		if (stopped) stopped(found);
		else this.#stops.push(found);
	}
}

function tag(name: string, { path, line }: Breakpoint): string {
	return `<${name} path="${path}" line="${line}"/>`;
}

function unescaped(text: string): string {
	return Buffer.from(
		text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replaceAll("&quot;", '"'),
	).toString();
}

function within<T>(promise: Promise<T>, what: string): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE} ms`)), PATIENCE);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
