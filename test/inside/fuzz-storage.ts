/** A key-value storage whose flash is the driver's: it outlives the machine. Now and then it refuses to write. */
import { call } from "vagalume:host";
import { Operation } from "./operations";

class Domain {
	format = "buffer";

	read(key: string): unknown {
		return call(Operation.stored, key);
	}

	write(key: string, value: ArrayBufferView): void {
		if (Math.random() < 0.02) throw new Error("storage is full");
		call(Operation.store, key, value);
	}

	delete(key: string): void {
		if (Math.random() < 0.005) throw new Error("flash is worn");
		call(Operation.store, key);
	}

	close(): void {}

	[Symbol.iterator](): IterableIterator<string> {
		return (JSON.parse(call(Operation.stored) as string) as string[])[Symbol.iterator]();
	}
}

export const storage = Object.freeze({ open: () => new Domain() });
