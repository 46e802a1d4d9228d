import { createHash } from "node:crypto";
import type { Rom } from "../engine";
import { type ArchivedRom, buildArchivedRom, buildRom } from "./build-rom";

/** The ROM of the project's firmware, and those of images that updates brought: nodes that run the same share one. */
export class RomShelf {
	readonly #root: string;
	#own: Rom | undefined;
	readonly #roms = new Map<string, ArchivedRom>();

	/** `root`: the project's folder, with the host's modules. */
	constructor(root: string) {
		this.#root = root;
	}

	/** Of the project's firmware. `trace`: what it prints while it is built. Throws what `buildRom` throws. */
	own(trace: (text: string) => void): Rom {
		this.#own ??= buildRom({ root: this.#root, trace });
		return this.#own;
	}

	/** Throws what `buildArchivedRom` throws. */
	romOf(image: Uint8Array): ArchivedRom {
		const hash = createHash("sha256").update(image).digest("base64");
		let known = this.#roms.get(hash);
		if (!known) {
			known = buildArchivedRom(this.#root, image);
			this.#roms.set(hash, known);
		}
		return known;
	}

	/** Once no machine runs any of them. */
	close(): void {
		for (const { rom } of this.#roms.values()) rom.close();
		this.#roms.clear();
		this.#own?.close();
		this.#own = undefined;
	}
}
