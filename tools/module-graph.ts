import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { type Compiler, compilerFor } from "../hosts/desktop/firmware/compiler";
import { root } from "./root";

/** Static imports in the compiler's output, which is regular. */
const IMPORT = /^(?:import|export)\b[^"';]*"([^"]+)";$/gm;

/**
 * Which modules of this project a module needs when it runs. A module's name is its path below the project's folder,
 * without extension: the name that it has in XS, too.
 */
export class ModuleGraph {
	readonly #compiler: Compiler = compilerFor(root);
	/** What a module imports, where that is not what its file says. */
	readonly #instead: Readonly<Record<string, readonly string[]>>;

	constructor(instead: Readonly<Record<string, readonly string[]>> = {}) {
		this.#instead = instead;
	}

	/**
	 * The names of all modules that these need, themselves included, sorted. Specifiers that are no path of this project
	 * (`timer`, `embedded:...`, the SDK's modules) are left out. Throws when a file is missing.
	 */
	closure(entries: readonly string[]): string[] {
		const found = new Set<string>();
		const visit = (name: string) => {
			if (found.has(name)) return;
			found.add(name);
			for (const imported of this.imports(name)) visit(imported);
		};
		for (const entry of entries) visit(entry);
		this.#compiler.save();
		return [...found].sort();
	}

	imports(name: string): readonly string[] {
		const instead = this.#instead[name];
		if (instead) return instead;
		const { code } = this.#compiler.compile(join(root, `${name}.ts`));
		const names: string[] = [];
		for (const [, specifier] of code.matchAll(IMPORT)) {
			const path = specifier!.startsWith(".") ? posix.join(posix.dirname(name), specifier!) : specifier!;
			if (!specifier!.startsWith(".") && !/^(modules|hosts|sim)\//.test(path)) continue;
			if (!existsSync(join(root, `${path}.ts`))) throw new Error(`${name}.ts imports ${specifier}, which is no file`);
			names.push(path);
		}
		return names;
	}
}
