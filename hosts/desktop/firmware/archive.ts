import { createHash } from "node:crypto";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { Loader, ModuleSource } from "../engine";
import { type FirmwareLoader, importsOf } from "./loader";
import { specifiers } from "./specifiers";

/** What stands in the first line of an archive. */
export interface ArchiveHeader {
	readonly format: typeof FORMAT;
	readonly version: string;
}

const FORMAT = "vagalume-firmware-1";

/** An archive that is none, or lacks a module: the message says what. */
export class ArchiveError extends Error {
	override readonly name = "ArchiveError";
}

/** Modules that are the host's: an archive does not have them, they are the simulator's own. */
const isHost = (path: string) => path.startsWith("hosts/");

/**
 * The firmware as one file, for the simulator: what the image in a slot of the flash is for a board. A line of JSON says
 * what it is, then a line has a module each: its path and its ES2022 JavaScript, ordered by path. The same sources make
 * the same bytes. It has all that `main` imports but the host's modules, on which it is booted: ECMA-419 joins the two. The last line has the SHA-256 of all before it, as images for a board have theirs.
 */
export function packArchive(loader: FirmwareLoader, root: string, version: string): Uint8Array {
	const modules = new Map<string, string>();
	const take = (id: string): void => {
		const path = pathIn(root, id);
		if (isHost(path) || modules.has(path)) return;
		modules.set(path, loader.load(id).code);
		for (const imported of loader.imports(id)) take(imported);
	};
	const main = loader.resolve("main", undefined);
	if (main === undefined) throw new ArchiveError(`main.ts is missing in ${root}`);
	take(main);
	// Modules of the firmware under a name of the standard: the host's provider gives them out.
	for (const [specifier, path] of Object.entries(specifiers))
		if (specifier !== "main" && !isHost(path)) take(loader.resolve(specifier, undefined)!);
	return archiveOf(version, modules);
}

/** An archive of some modules: code by path. */
export function archiveOf(version: string, modules: Iterable<readonly [string, string]>): Uint8Array {
	const header: ArchiveHeader = { format: FORMAT, version };
	const lines = [header, ...[...modules].sort(([a], [b]) => (a < b ? -1 : 1))];
	const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
	return Buffer.from(`${text}${JSON.stringify({ sha256: hashOf(text) })}\n`);
}

function hashOf(text: string): string {
	return createHash("sha256").update(text).digest("base64url");
}

function pathIn(root: string, id: string): string {
	return relative(root, id).replaceAll("\\", "/");
}

/** The modules of an archive for the engine, beside those of this host. */
export class ArchiveLoader implements Loader {
	readonly header: ArchiveHeader;
	readonly #root: string;
	readonly #host: FirmwareLoader;
	/** Code by path. */
	readonly #modules = new Map<string, string>();

	/** `root`: the project's folder, with the host's modules. Throws ArchiveError. */
	constructor(bytes: Uint8Array, root: string, host: FirmwareLoader) {
		this.#root = root;
		this.#host = host;
		const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
		const end = text.lastIndexOf("\n", text.length - 2) + 1;
		const body = text.slice(0, end);
		const [first, ...rest] = body.split("\n");
		this.header = parse(first!) as ArchiveHeader;
		const last = parse(text.slice(end)) as { sha256?: unknown } | undefined;
		if (this.header?.format !== FORMAT || typeof this.header.version !== "string")
			throw new ArchiveError(`firmware: no archive of the form ${FORMAT}`);
		if (last?.sha256 !== hashOf(body)) throw new ArchiveError("firmware: it is damaged: its SHA-256 is another one");
		for (const line of rest.slice(0, -1)) {
			const module = parse(line) as [string, string] | undefined;
			if (!Array.isArray(module) || typeof module[0] !== "string" || typeof module[1] !== "string")
				throw new ArchiveError("firmware: a module is damaged");
			this.#modules.set(module[0], module[1]);
		}
		if (!this.#modules.has("main.ts")) throw new ArchiveError("firmware: main.ts is missing");
	}

	resolve(specifier: string, referrer: string | undefined): string | undefined {
		const path = Object.hasOwn(specifiers, specifier) ? specifiers[specifier]! : this.#path(specifier, referrer);
		if (path === undefined) return undefined;
		if (isHost(path)) return this.#host.resolve(specifier, referrer);
		for (const extension of ["", ".ts", ".js"])
			if (this.#modules.has(path + extension)) return join(this.#root, path + extension);
		return undefined;
	}

	load(id: string): ModuleSource {
		const path = pathIn(this.#root, id);
		const code = this.#modules.get(path);
		return code === undefined ? this.#host.load(id) : { path, code };
	}

	/** As `FirmwareLoader.imports`. */
	imports(id: string): string[] {
		return importsOf(this.load(id), id, this);
	}

	#path(specifier: string, referrer: string | undefined): string | undefined {
		if (isAbsolute(specifier)) return pathIn(this.#root, specifier);
		if (!specifier.startsWith(".") || referrer === undefined) return undefined;
		return pathIn(this.#root, resolve(referrer, "..", specifier)).replace(/\.js$/, "");
	}
}

function parse(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}
