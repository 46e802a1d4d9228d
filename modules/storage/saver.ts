import type { KeyValueStorage } from "embedded:storage/key-value";
import Timer from "timer";
import { type Log, messageOf } from "../log/log";
import { readText } from "./text";

/** A change is written so long after it, together with what came in the meantime (ms). */
const DELAY = 5000;
/** From one write to the next it takes at least so long (ms): at most 1,440 writes a day, whatever happens. */
const PAUSE = 60_000;

/**
 * Keeps short texts in flash, sparingly: a value is written when it differs from what is there, some seconds after the
 * last change, and at most once a minute. NVS spreads 1,440 writes a day of 100 bytes over its 24 KB for 30 years.
 */
export class Saver {
	readonly #storage: KeyValueStorage;
	readonly #path: string;
	readonly #log: Log;
	readonly #pending = new Map<string, string>();
	#timer: Timer | undefined;
	/** The last write failed: that is said once. */
	#failed = false;

	/** `path`: the key-value domain, 1..15 bytes. */
	constructor(options: { storage: KeyValueStorage; path: string; log: Log }) {
		this.#storage = options.storage;
		this.#path = options.path;
		this.#log = options.log;
	}

	/** What is kept under a key (1..15 bytes), or undefined: nothing, or something that cannot be read. */
	read(key: string): string | undefined {
		const waiting = this.#pending.get(key);
		if (waiting !== undefined) return waiting;
		return readText(this.#storage, this.#path, key);
	}

	/** Keeps `value` under `key`, soon. */
	write(key: string, value: string): void {
		this.#pending.set(key, value);
		if (!this.#timer) this.#timer = Timer.set(() => this.#due(), DELAY);
	}

	/** Writes what waits, now: before a restart. What fails goes on waiting, and is tried again with the next write. */
	flush(): void {
		if (this.#pending.size === 0) return;
		try {
			const domain = this.#storage.open({ path: this.#path, mode: "r+", format: "string" });
			try {
				for (const [key, value] of this.#pending) {
					if (readFrom(domain, key) !== value) domain.write(key, value);
					this.#pending.delete(key);
				}
			} finally {
				domain.close();
			}
			this.#failed = false;
		} catch (error) {
			if (!this.#failed) this.#log.error(`"${this.#path}" not saved: ${messageOf(error)}`);
			this.#failed = true;
		}
	}

	/** Writes what waits and ends the timer. */
	close(): void {
		this.flush();
		Timer.clear(this.#timer);
		this.#timer = undefined;
	}

	#due(): void {
		this.#timer = undefined;
		if (this.#pending.size === 0) return;
		this.flush();
		this.#timer = Timer.set(() => this.#due(), PAUSE);
	}
}

function readFrom(domain: { read(key: string): unknown }, key: string): unknown {
	try {
		return domain.read(key);
	} catch {
		return undefined;
	}
}
