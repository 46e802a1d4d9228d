import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** A firmware module as XS takes it: ES2022 JavaScript, with the map back to its TypeScript. */
export interface CompiledModule {
	/** As stack traces show it: relative to the firmware's folder, with `/`. */
	readonly path: string;
	readonly code: string;
	/** Source map, version 3, as JSON. */
	readonly map: string;
}

interface CacheEntry extends CompiledModule {
	readonly hash: string;
}

type Transform = typeof import("esbuild").transformSync;

/** A file that is not valid TypeScript: the message names `file:line:column`. */
export class CompileError extends Error {
	override readonly name = "CompileError";
}

const require = createRequire(import.meta.url);
const VERSION: string = require("esbuild/package.json").version;

/**
 * Compiles TypeScript to ES2022, a file at a time, and remembers results between processes by content, so that a later
 * start does not run the compiler at all. Types are not checked here: `npm run check` does that.
 */
export class Compiler {
	readonly #root: string;
	readonly #cacheFile: string;
	readonly #cache: Map<string, CacheEntry>;
	#transform: Transform | undefined;
	#dirty = false;

	/** `root`: the folder that paths are relative to; `cacheFile`: where results are kept. */
	constructor(root: string, cacheFile: string) {
		this.#root = root;
		this.#cacheFile = cacheFile;
		this.#cache = readCache(cacheFile);
	}

	/** Throws CompileError, or the file system's error. */
	compile(file: string): CompiledModule {
		const source = readFileSync(file, "utf8");
		const path = relative(this.#root, file).replaceAll("\\", "/");
		const hash = createHash("sha256").update(`${VERSION}\0${path}\0`).update(source).digest("base64");
		const known = this.#cache.get(path);
		if (known?.hash === hash) return known;
		const entry = { hash, path, ...this.#run(source, path) };
		this.#cache.set(path, entry);
		this.#dirty = true;
		return entry;
	}

	/** Writes the cache, when something new was compiled. Another process may do so at the same time. */
	save(): void {
		if (!this.#dirty) return;
		this.#dirty = false;
		const temporary = `${this.#cacheFile}.${process.pid}`;
		mkdirSync(dirname(this.#cacheFile), { recursive: true });
		writeFileSync(temporary, JSON.stringify([...this.#cache.values()]));
		renameSync(temporary, this.#cacheFile);
	}

	#run(source: string, path: string): { code: string; map: string } {
		this.#transform ??= (require("esbuild") as typeof import("esbuild")).transformSync;
		try {
			return this.#transform(source, {
				loader: path.endsWith(".json") ? "json" : "ts",
				format: "esm",
				target: "es2022",
				sourcemap: "external",
				sourcefile: path,
				sourcesContent: false,
				legalComments: "none",
				tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } },
			});
		} catch (error) {
			throw asCompileError(error);
		}
	}
}

function asCompileError(error: unknown): unknown {
	const failure = error as Partial<import("esbuild").TransformFailure>;
	const first = failure.errors?.[0];
	if (!first) return error;
	const at = first.location;
	const place = at ? `${at.file}:${at.line}:${at.column + 1}` : "";
	return new CompileError(`${place}: ${first.text}${at ? `\n\t${at.lineText.trim()}` : ""}`);
}

function readCache(file: string): Map<string, CacheEntry> {
	try {
		const entries = JSON.parse(readFileSync(file, "utf8")) as CacheEntry[];
		return new Map(entries.map((entry) => [entry.path, entry]));
	} catch {
		// Absent, or cut short: everything is compiled anew.
		return new Map();
	}
}

/** The compiler of the firmware in `root`, with its cache in `root/build`. */
export function compilerFor(root: string): Compiler {
	return new Compiler(root, join(root, "build", "firmware.json"));
}
