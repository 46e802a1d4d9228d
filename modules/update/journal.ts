import type { KeyValueStorage } from "embedded:storage/key-value";
import { readText } from "../storage/text";
import type { Release } from "./release";

/** The key-value domain of what a node remembers of its updates. */
const DOMAIN = "update";

/** What is being installed. */
export interface Job {
	/** The signed release. */
	readonly text: string;
	/** Where its image is fetched from; undefined: by the broker. */
	readonly url: string | undefined;
	/** Bytes of the image that are in flash for certain. */
	readonly offset: number;
}

/** A release that was made to boot. */
export interface Trial {
	readonly version: string;
	readonly sequence: number;
	readonly minimum: string;
	readonly keys?: readonly string[];
	/** How often it was made to boot. */
	readonly attempt: number;
}

/** The release that runs. */
export interface Running {
	readonly sequence: number;
	readonly minimum: string;
	readonly keys?: readonly string[];
}

/** A release that was given up. */
export interface Failed {
	readonly sequence: number;
	readonly version: string;
	readonly message: string;
}

const KEYS = Object.freeze({
	job: "job",
	url: "url",
	offset: "offset",
	trial: "trial",
	running: "running",
	failed: "failed",
	why: "why",
});

/** What a node must know of its updates after a loss of power at any moment; in `embedded:storage/key-value`. */
export class Journal {
	#storage: KeyValueStorage;

	constructor(storage: KeyValueStorage) {
		this.#storage = storage;
	}

	get job(): Job | undefined {
		const text = this.read(KEYS.job);
		if (!text) return undefined;
		return { text, url: this.read(KEYS.url) || undefined, offset: Number(this.read(KEYS.offset) || 0) };
	}

	/** @throws what the storage throws, as do all that write */
	startJob(text: string, url: string | undefined): void {
		// The former job, and the offset, first: none of it must ever be another image's.
		if (this.read(KEYS.job) !== text) {
			this.endJob();
			this.write(KEYS.offset, "");
		}
		this.write(KEYS.url, url ?? "");
		this.write(KEYS.job, text);
	}

	advance(offset: number): void {
		this.write(KEYS.offset, String(offset));
	}

	endJob(): void {
		this.write(KEYS.job, "");
	}

	get trial(): Trial | undefined {
		return this.readJSON(KEYS.trial) as Trial | undefined;
	}

	startTrial({ version, sequence, minimum, keys }: Release, attempt: number): void {
		this.write(KEYS.why, "");
		this.write(KEYS.trial, JSON.stringify({ version, sequence, minimum, keys, attempt }));
	}

	/** Why a firmware on trial gives itself up; for the one that runs after it. */
	get why(): string {
		return this.read(KEYS.why) ?? "";
	}
	set why(text: string) {
		this.write(KEYS.why, text);
	}

	get running(): Running | undefined {
		return this.readJSON(KEYS.running) as Running | undefined;
	}

	get failed(): Failed | undefined {
		return this.readJSON(KEYS.failed) as Failed | undefined;
	}

	/** The firmware on trial was confirmed. */
	confirm({ sequence, minimum, keys = this.running?.keys }: Trial): void {
		this.write(KEYS.running, JSON.stringify({ sequence, minimum, keys }));
		this.write(KEYS.failed, "");
		this.endTrial();
	}

	/** The release is not taken any more. */
	fail(failed: Failed): void {
		this.write(KEYS.failed, JSON.stringify(failed));
		this.endTrial();
	}

	/** A release that was given up may be tried again. */
	forgive(): void {
		this.write(KEYS.failed, "");
	}

	private endTrial(): void {
		// The trial goes last: what it is needed for was written.
		this.endJob();
		this.write(KEYS.trial, "");
	}

	private readJSON(key: string): unknown {
		try {
			return JSON.parse(this.read(key) || "null") ?? undefined;
		} catch {
			return undefined;
		}
	}

	private read(key: string): string | undefined {
		return readText(this.#storage, DOMAIN, key);
	}

	private write(key: string, text: string): void {
		if ((this.read(key) ?? "") === text) return;
		const domain = this.#storage.open({ path: DOMAIN, mode: "r+", format: "string" });
		try {
			domain.write(key, text);
		} finally {
			domain.close();
		}
	}
}
