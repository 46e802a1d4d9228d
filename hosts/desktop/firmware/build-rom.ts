import { Rom } from "../engine";
import { ArchiveError, ArchiveLoader } from "./archive";
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

/** A firmware from a slot of the flash, ready to run. */
export interface ArchivedRom {
	readonly rom: Rom;
	readonly version: string;
}

/** As `buildRom`, of an archive. Throws ArchiveError or RomError. */
export function buildArchivedRom(root: string, archive: Uint8Array): ArchivedRom {
	const host = new FirmwareLoader(root);
	const loader = new ArchiveLoader(archive, root, host);
	const id = loader.resolve("main", undefined)!;
	let preload: string[];
	try {
		preload = loader.imports(id);
	} catch (error) {
		throw new ArchiveError(`firmware: ${(error as Error).message}`);
	}
	const rom = new Rom({ loader, preload, modules: ["main"] });
	host.save();
	return { rom, version: loader.header.version };
}
