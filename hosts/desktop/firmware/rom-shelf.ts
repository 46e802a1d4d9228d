import { createHash } from "node:crypto";
import { type ArchivedRom, buildArchivedRom } from "./build-rom";

/** ROMs of images that updates brought: nodes that run the same image share one. */
export class RomShelf {
	readonly #root: string;
	readonly #roms = new Map<string, ArchivedRom>();

	/** `root`: the project's folder, with the host's modules. */
	constructor(root: string) {
		this.#root = root;
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
	}
}
