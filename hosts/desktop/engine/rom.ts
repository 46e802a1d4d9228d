import { type Handle, native } from "./native";

/** The JavaScript of one module. */
export interface ModuleSource {
	/** As stack traces shall show it: `modules/mqtt/client.ts`. */
	readonly path: string;
	/** An ES2022 module. */
	readonly code: string;
	/** Source map v3, JSON: traces then show the lines of the source. */
	readonly map?: string | undefined;
}

/** Where modules come from. */
export interface Loader {
	/** The id of a module, or `undefined` if there is none: the import then fails with an error that names specifier and referrer. */
	resolve(specifier: string, referrer: string | undefined): string | undefined;
	load(id: string): ModuleSource;
}

export interface RomOptions {
	readonly loader: Loader;
	/**
	 * Specifiers of modules that are evaluated once, in the ROM, with all that they import: see README.md of this folder for
	 * what such modules may do.
	 */
	readonly preload: readonly string[];
	/**
	 * Specifiers of modules that are compiled into the ROM but evaluated by each machine, as the board does with modules that
	 * are not preloaded: their byte code takes nothing of the heap. Any other module that the loader knows is compiled at its
	 * first use, and its code is copied into the heap.
	 */
	readonly modules?: readonly string[];
	/** Makes the ROM's memory read-only, for tests of the engine: whatever writes to it then kills the process. */
	readonly protect?: boolean;
	/** What `trace` prints while modules are preloaded. */
	trace?(text: string): void;
}

/** Thrown by the constructor of Rom: an error of a preloaded module, with its stack inside XS. */
export class RomError extends Error {
	override name = "RomError";
	/** A line a frame, innermost first. */
	readonly trace: string;

	constructor(message: string, trace: string) {
		super(message);
		this.trace = trace;
	}
}

/** Only what XS reads of a source map: sources would not fit the parser's buffer. */
function slim(source: ModuleSource): ModuleSource {
	if (source.map === undefined) return source;
	const { version, sources, mappings } = JSON.parse(source.map) as {
		version: number;
		sources: string[];
		mappings: string;
	};
	return {
		path: source.path,
		code: source.code,
		map: JSON.stringify({ version, sources: [sources[0] ?? ""], mappings }),
	};
}

function remember(loader: Loader): Loader {
	const known = new Map<string, string | undefined>();
	return {
		resolve(specifier, referrer) {
			const key = `${referrer ?? ""}\n${specifier}`;
			let id = known.get(key);
			if (id === undefined) {
				id = loader.resolve(specifier, referrer);
				known.set(key, id);
			}
			return id;
		},
		load: (id) => slim(loader.load(id)),
	};
}

/** Built-ins and firmware that machines share, as boards of a kind share what is in their flash. */
export class Rom {
	/** Bytes of built-ins and firmware, on this 64-bit machine. */
	readonly size: number;
	#handle: Handle | undefined;

	/** @throws RomError when a preloaded module fails, or cannot be found or compiled */
	constructor(options: RomOptions) {
		const loader = remember(options.loader);
		const trace = (text: string) => options.trace?.(text);
		const handle = native.romCreate(loader.resolve, loader.load);
		for (const specifier of options.preload) {
			const ending = native.romPreload(handle, specifier, trace);
			if (ending) throw new RomError(`preload of "${specifier}": ${ending.message}`, ending.stack);
		}
		for (const specifier of options.modules ?? []) {
			const ending = native.romLink(handle, specifier, trace);
			if (ending) throw new RomError(`module "${specifier}": ${ending.message}`, ending.stack);
		}
		try {
			this.size = native.romShare(handle, options.protect ?? false);
		} catch (error) {
			const { code, message } = error as NodeJS.ErrnoException;
			if (code !== "ERR_ROM_RUNNING") throw new RomError(`preload: ${message}`, "");
			throw new RomError(`preload: a module keeps ${message}, which no board can hold in its flash`, "");
		}
		this.#handle = handle;
	}

	/** For Machine. @throws Error after close */
	get handle(): Handle {
		if (!this.#handle) throw new Error("the ROM is closed");
		return this.#handle;
	}

	/**
	 * Byte code of each module, by its path: bytes, and how many of them tell lines, which a release build for the board
	 * leaves out. @throws Error after close
	 */
	get code(): Map<string, { readonly bytes: number; readonly lines: number }> {
		if (!native.romCode) {
			const message = 'the engine is older than its sources: build it with "node hosts/desktop/install.js"';
			throw Object.assign(new Error(message), { code: "ERR_ENGINE_MISSING" });
		}
		return new Map(native.romCode(this.handle).map(({ path, bytes, lines }) => [path, { bytes, lines }]));
	}

	/** No machine can be made any more. Those that run keep what they need until they end. */
	close(): void {
		this.#handle = undefined;
	}
}
