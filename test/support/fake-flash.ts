import type { KeyValueStorage } from "embedded:storage/key-value";

/** Key-value storage in memory, whose power can be cut at a write. What it holds survives, as flash does. */
export class FakeFlash {
	readonly values = new Map<string, Uint8Array>();
	/** Writes and deletions that changed something. */
	writes = 0;
	/** The power is cut at this write, counted from 1: before it takes effect, or right after. */
	cut: { at: number; after: boolean } | undefined;
	/** The power is gone: nothing has an effect any more. */
	dead = false;
	/** Writing fails. */
	broken = false;

	/** Power on again. */
	revive(): void {
		this.dead = false;
		this.cut = undefined;
	}

	#change(effect: () => void): void {
		if (this.dead) throw new Error("no power");
		if (this.broken) throw new Error("flash is full");
		this.writes++;
		const now = this.cut?.at === this.writes;
		if (!now || this.cut!.after) effect();
		if (!now) return;
		this.dead = true;
		throw new Error("no power");
	}

	get storage(): KeyValueStorage {
		const flash = this;
		return {
			open: ({ path }: { path: string }) => ({
				read: (key: string) => flash.values.get(`${path}/${key}`)?.slice().buffer,
				write: (key: string, value: Uint8Array) => {
					if (key.length > 15) throw new RangeError(`key "${key}" is longer than 15 bytes`);
					flash.#change(() => flash.values.set(`${path}/${key}`, Uint8Array.from(value)));
				},
				delete: (key: string) => {
					if (flash.values.has(`${path}/${key}`)) flash.#change(() => flash.values.delete(`${path}/${key}`));
				},
				close: () => {},
				*[Symbol.iterator]() {
					for (const key of flash.values.keys()) if (key.startsWith(`${path}/`)) yield key.slice(path.length + 1);
				},
			}),
		} as never;
	}
}
