import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Loader, ModuleSource } from "../engine";
import { type Compiler, compilerFor } from "./compiler";
import { specifiers } from "./specifiers";

/** Static imports in the compiler's output, which is regular. */
const IMPORT = /^(?:import|export)\b[^"';]*"([^"]+)";$/gm;

/** Finds and compiles the modules of the firmware for the engine. Module ids are absolute file paths. */
export class FirmwareLoader implements Loader {
	readonly #root: string;
	readonly #specifiers: Readonly<Record<string, string>>;
	readonly #compiler: Compiler;

	/** `root`: the project's folder; `extra`: further bare specifiers, such as `main` of a test. */
	constructor(root: string, extra: Readonly<Record<string, string>> = {}) {
		this.#root = root;
		this.#specifiers = { ...specifiers, ...extra };
		this.#compiler = compilerFor(root);
	}

	resolve(specifier: string, referrer: string | undefined): string | undefined {
		if (specifier.startsWith("./") || specifier.startsWith("../")) {
			return referrer === undefined ? undefined : existing(resolve(dirname(referrer), specifier));
		}
		if (isAbsolute(specifier)) return existing(specifier);
		const path = Object.hasOwn(this.#specifiers, specifier) ? this.#specifiers[specifier] : undefined;
		return path === undefined ? undefined : existing(join(this.#root, path));
	}

	load(id: string): ModuleSource {
		return this.#compiler.compile(id);
	}

	/** The ids of the modules that a module imports, in its order. Throws when one is missing. */
	imports(id: string): string[] {
		return importsOf(this.load(id), id, this);
	}

	/** Keeps what was compiled for the next process. */
	save(): void {
		this.#compiler.save();
	}
}

/** The ids of what a module imports, in its order, as `loader` finds them. Throws when one is missing. */
export function importsOf({ code }: ModuleSource, id: string, loader: Loader): string[] {
	const found: string[] = [];
	for (const [, specifier] of code.matchAll(IMPORT)) {
		// The engine's own modules have no file.
		if (specifier!.startsWith("vagalume:")) continue;
		const target = loader.resolve(specifier!, id);
		if (target === undefined) throw new Error(`module "${specifier}" not found, imported by ${id}`);
		found.push(target);
	}
	return found;
}

function existing(path: string): string | undefined {
	if (/\.(ts|js)$/.test(path) && existsSync(path)) return path;
	const bare = path.replace(/\.js$/, "");
	for (const extension of [".ts", ".js"]) if (existsSync(bare + extension)) return bare + extension;
	return undefined;
}
