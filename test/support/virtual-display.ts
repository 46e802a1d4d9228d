/** A display of the test's own (Xvfb), a mouse on it, and what is to be seen. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";

const runFile = promisify(execFile);

const missing = ["Xvfb", "xdotool", "import"].filter(
	(program) => !process.env["PATH"]?.split(delimiter).some((folder) => existsSync(join(folder, program))),
);

/** For the `skip` option of a test: why it cannot run here, or false. */
export const withoutDisplay: string | false =
	missing.length > 0 && `${missing.join(", ")}: not installed (Debian: apt-get install xvfb xdotool imagemagick)`;

/** What the display shows. */
export class Picture {
	readonly width: number;
	readonly height: number;
	readonly #bytes: Buffer;

	constructor(width: number, height: number, bytes: Buffer) {
		if (bytes.length !== width * height * 3)
			throw new Error(`${bytes.length} bytes are not ${width} x ${height} pixels`);
		this.width = width;
		this.height = height;
		this.#bytes = bytes;
	}

	/** `#rrggbb` */
	at(x: number, y: number): string {
		const start = (y * this.width + x) * 3;
		return `#${this.#bytes.toString("hex", start, start + 3)}`;
	}

	/** How many pixels have this colour, exactly. */
	count(colour: string): number {
		const wanted = Number.parseInt(colour.slice(1), 16);
		let count = 0;
		for (let at = 0; at < this.#bytes.length; at += 3) if (this.#bytes.readUIntBE(at, 3) === wanted) count++;
		return count;
	}
}

export class VirtualDisplay {
	/** For the programs that shall show something on it. */
	readonly env: NodeJS.ProcessEnv;
	readonly #child: ChildProcess;
	readonly #size: { readonly width: number; readonly height: number };

	private constructor(child: ChildProcess, name: string, size: { width: number; height: number }) {
		this.#child = child;
		this.#size = size;
		this.env = { ...process.env, DISPLAY: name, GDK_SCALE: "1", GTK_THEME: "Adwaita", WAYLAND_DISPLAY: undefined };
	}

	/** Starts one that nobody has. */
	static async start(width: number, height: number): Promise<VirtualDisplay> {
		const args = ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp"];
		const child = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
		const number = await new Promise<string>((resolve, reject) => {
			(child.stdio[3] as Readable).once("data", (data: Buffer) => resolve(data.toString().trim()));
			child.once("error", reject);
			child.once("exit", (code) => reject(new Error(`Xvfb ended with status ${code}`)));
		});
		return new VirtualDisplay(child, `:${number}`, { width, height });
	}

	/** What it shows now. */
	async look(): Promise<Picture> {
		const { width, height } = this.#size;
		const args = ["-window", "root", "-depth", "8", "rgb:-"];
		const options = { env: this.env, encoding: "buffer", maxBuffer: width * height * 4 } as const;
		const { stdout } = await runFile("import", args, options);
		return new Picture(width, height, stdout);
	}

	/** Writes a part of what it shows, from the left upper corner, as PNG. */
	async save(path: string, width: number, height: number): Promise<void> {
		const args = ["-window", "root", "-crop", `${width}x${height}+0+0`, "+repage", "-strip", path];
		await runFile("import", args, { env: this.env });
	}

	/** Clicks there. */
	click(x: number, y: number): Promise<void> {
		return this.#mouse(["mousemove", x, y, "click", 1]);
	}

	async down(x: number, y: number): Promise<void> {
		await this.#mouse(["mousemove", x, y, "mousedown", 1]);
	}

	async move(x: number, y: number): Promise<void> {
		await this.#mouse(["mousemove", x, y]);
	}

	async up(): Promise<void> {
		await this.#mouse(["mouseup", 1]);
	}

	async stop(): Promise<void> {
		const child = this.#child;
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
		child.kill("SIGTERM");
		await gone;
	}

	async #mouse(args: readonly (string | number)[]): Promise<void> {
		await runFile("xdotool", args.map(String), { env: this.env });
	}
}
