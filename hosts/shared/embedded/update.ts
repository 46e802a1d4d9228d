import type { Partition } from "embedded:storage/flash";
import type { Update as UpdateType } from "embedded:update";
import { call } from "vagalume:host";
import { StorageOperation } from "../operations/storage";
import { checkBuffer, checkOptions, getInteger, getOneOf, requireInteger } from "./options";
import { updateTarget } from "./storage/flash";

interface OpenOptions {
	partition: Partition;
	mode?: "a" | "w";
	byteLength?: number;
}

/** Keeps `new` from scripts. */
const PERMIT = {};

/** ECMA-419 §28, Update. */
class Update implements UpdateType {
	#handle: number | undefined;
	#append: boolean;

	constructor(permit: unknown, handle: number, append: boolean) {
		if (permit !== PERMIT) throw new TypeError("update: use open to start an update");
		this.#handle = handle;
		this.#append = append;
	}

	/** Gives the update up unless it is complete. */
	close(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		call(StorageOperation.updateClose, handle);
	}

	/** Mode `a`: without an offset. Mode `w`: with one. Throws beyond the announced length, and after `complete`. */
	write(buffer: ByteBuffer, ...offset: number[]): void {
		const handle = this.#check();
		checkBuffer("update write", buffer);
		if (this.#append) {
			if (offset.length > 0) throw new Error('update write: no offset is allowed in mode "a"');
			call(StorageOperation.updateWrite, handle, buffer);
		} else {
			const start = requireInteger("update write", "byteOffset", offset[0], 0, Number.MAX_SAFE_INTEGER);
			call(StorageOperation.updateWrite, handle, buffer, start);
		}
	}

	/** Makes the new firmware boot next, on trial. Throws when it was not written completely. */
	complete(): void {
		call(StorageOperation.updateComplete, this.#check());
	}

	get format(): "buffer" {
		this.#check();
		return "buffer";
	}
	set format(value: string) {
		this.#check();
		getOneOf("update", "format", value ?? null, ["buffer"]);
	}

	#check(): number {
		if (this.#handle === undefined) throw new Error("update: closed");
		return this.#handle;
	}
}

/** ECMA-419 §28, Update module. The partition is the slot that is not running; opening an update erases it. */
export default Object.freeze({
	open(options: OpenOptions): UpdateType {
		checkOptions("update open", options);
		if (options.partition === undefined) throw new TypeError("update open: partition is required");
		const { path, size } = updateTarget(options.partition);
		const append = getOneOf("update open", "mode", options.mode, ["a", "w"]) === "a";
		const byteLength = getInteger("update open", "byteLength", options.byteLength, 1, size);
		return new Update(PERMIT, call(StorageOperation.updateOpen, path, append, byteLength) as number, append);
	},
});
