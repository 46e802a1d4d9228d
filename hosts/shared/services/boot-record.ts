import { type Folder, replaceFile } from "../folder";
import { decodeText, encodeText } from "../utf8";

export type Slot = "ota_0" | "ota_1";

interface Entry {
	/** Counts activations: the slot with the highest boots, unless it was rejected. */
	sequence: number;
	/** `new`: activated; `trial`: booted once, not confirmed; `valid`; `rejected`: rolled back. */
	state: "new" | "trial" | "valid" | "rejected";
	/** Bytes of the image. Without it, the slot holds what came with the board. */
	size?: number;
}

const NAME = "otadata.json";

type Entries = Partial<Record<Slot, Entry>>;

/**
 * Which firmware slot boots, after the manner of ESP-IDF's otadata with rollback: an activated slot boots once on trial;
 * unless it is confirmed before the next boot, that boot takes the former slot again.
 */
export class BootRecord {
	readonly #folder: Folder;
	readonly #log: (line: string) => void;
	readonly #entries: Entries;
	#running: Slot = "ota_0";

	/** Reads the record. A damaged one counts as a board that was never updated. */
	constructor(folder: Folder, log: (line: string) => void) {
		this.#folder = folder;
		this.#log = log;
		this.#entries = this.#read();
	}

	/**
	 * Decides which slot runs: once at each boot. A slot is passed over when `isGood` says that what is in it cannot be
	 * booted. Undefined when no slot is left.
	 */
	boot(isGood: (slot: Slot, size: number | undefined) => boolean = () => true): Slot | undefined {
		const entries = this.#entries;
		let changed = false;
		for (const slot of ["ota_0", "ota_1"] as const) {
			const entry = entries[slot];
			if (entry?.state !== "trial") continue;
			entry.state = "rejected";
			changed = true;
			this.#log(`boot: firmware in ${slot} was not confirmed, the former one runs again`);
		}
		let newest = this.#newest();
		while (newest !== undefined && !isGood(newest, entries[newest]?.size)) {
			entries[newest] = { sequence: 0, state: "rejected" };
			changed = true;
			newest = this.#newest();
		}
		if (newest === undefined) return undefined;
		this.#running = newest;
		const entry = entries[this.#running];
		if (entry?.state === "new") {
			entry.state = "trial";
			changed = true;
		}
		if (changed) this.#write();
		return this.#running;
	}

	get running(): Slot {
		return this.#running;
	}

	/** The slot that an update goes to. */
	get next(): Slot {
		return this.#running === "ota_0" ? "ota_1" : "ota_0";
	}

	get onTrial(): boolean {
		return this.#entries[this.#running]?.state === "trial";
	}

	/** Makes `slot`, with an image of `size` bytes, boot next time. */
	activate(slot: Slot, size: number): void {
		const sequences = Object.values(this.#entries).map((entry) => entry.sequence);
		this.#entries[slot] = { sequence: Math.max(0, ...sequences) + 1, state: "new", size };
		this.#write();
	}

	confirm(): void {
		const entry = this.#entries[this.#running];
		if (entry?.state !== "trial") return;
		entry.state = "valid";
		this.#write();
	}

	/** Rejects the running firmware. Throws when there is no other one. */
	rollback(): void {
		if (!this.#bootable(this.next)) throw new Error("firmware rollback: there is no former firmware");
		this.#entries[this.#running] = { sequence: 0, state: "rejected" };
		this.#write();
	}

	/** What is erased or written anew must not boot. */
	invalidate(slot: Slot): void {
		if (!this.#bootable(slot)) return;
		this.#entries[slot] = { sequence: 0, state: "rejected" };
		this.#write();
	}

	/** A board that was never updated has its firmware in the first slot. */
	#entry(slot: Slot): Entry {
		return this.#entries[slot] ?? { sequence: 0, state: slot === "ota_0" ? "valid" : "rejected" };
	}

	#bootable(slot: Slot): boolean {
		return this.#entry(slot).state !== "rejected";
	}

	#newest(): Slot | undefined {
		let best: Slot | undefined;
		let sequence = -1;
		for (const slot of ["ota_0", "ota_1"] as const) {
			const entry = this.#entry(slot);
			if (entry.state !== "rejected" && entry.sequence > sequence) {
				best = slot;
				sequence = entry.sequence;
			}
		}
		return best;
	}

	#read(): Entries {
		let text: string;
		try {
			const bytes = this.#folder.load(NAME);
			if (!bytes) return {};
			text = decodeText(bytes);
		} catch {
			return {};
		}
		try {
			const entries: Entries = {};
			for (const [slot, entry] of Object.entries(JSON.parse(text) as Entries)) {
				const sized = entry?.size === undefined || Number.isInteger(entry.size);
				const known = (slot === "ota_0" || slot === "ota_1") && Number.isInteger(entry?.sequence) && sized;
				if (!known || !["new", "trial", "valid", "rejected"].includes(entry!.state)) throw new Error(`entry ${slot}`);
				entries[slot as Slot] = entry!;
			}
			return entries;
		} catch (error) {
			this.#log(`boot: otadata is damaged, the first firmware runs: ${(error as Error).message}`);
			return {};
		}
	}

	#write(): void {
		replaceFile(this.#folder, NAME, encodeText(JSON.stringify(this.#entries)));
	}
}
