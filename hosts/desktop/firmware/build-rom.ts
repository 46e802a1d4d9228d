import { Rom } from "../engine";
import { FirmwareLoader } from "./loader";

export interface BuildRomOptions {
	/** The project's folder. */
	readonly root: string;
	/** The file that boots the firmware, below `root`, without extension; `main` when omitted. */
	readonly main?: string;
	/** What `trace` prints at build time. */
	trace?(text: string): void;
}

/**
 * Compiles the firmware into a ROM, as the Moddable build does for a board: what `main` imports is preloaded (it takes
 * nothing of the heap), `main` itself runs in each machine. Throws CompileError or RomError.
 */
export function buildRom({ root, main = "main", trace }: BuildRomOptions): Rom {
	const loader = new FirmwareLoader(root, { main });
	const id = loader.resolve("main", undefined);
	if (id === undefined) throw new Error(`${main}.ts is missing in ${root}`);
	const rom = new Rom({ loader, preload: loader.imports(id), modules: ["main"], ...(trace ? { trace } : {}) });
	loader.save();
	return rom;
}
