/** A TCP class without a network, as strict as the strictest host; the driver plays the other end. */
import { call, callInto } from "vagalume:host";
import { Operation } from "./operations";

interface Options {
	onReadable(count: number): void;
	onWritable(count: number): void;
	onError(error?: Error): void;
}

export class StrictSocket {
	/** The one that is open. */
	static last: StrictSocket | undefined;
	readonly #options: Options;
	#closed = false;
	#arrived = 0;
	#room = 0;
	/** It takes as much as it took, again and again. */
	#roomy = true;

	constructor(options: Options) {
		this.#options = options;
		StrictSocket.last = this;
		call(Operation.opened);
	}

	/** The driver's side: more bytes came. */
	arrive(count: number): void {
		this.#arrived += count;
		this.#options.onReadable(this.#arrived);
	}

	/** The driver's side: it takes `room` bytes; as many again after each write when that is plenty. */
	drain(room: number): void {
		this.#room = room;
		this.#roomy = room >= 5000;
		this.#options.onWritable(room);
	}

	/** The driver's side. */
	fail(): void {
		this.#options.onError(new Error("reset"));
	}

	read(target?: number | ArrayBufferView): unknown {
		if (this.#closed) throw new Error("read: closed");
		const count = typeof target === "object" ? target.byteLength : (target ?? this.#arrived);
		if (count <= 0 || count > this.#arrived) throw new Error(`read: ${count} bytes of ${this.#arrived}`);
		this.#arrived -= count;
		return typeof target === "object" ? callInto(target, Operation.read, count) : call(Operation.read, count);
	}

	write(data: ArrayBuffer | ArrayBufferView): number {
		if (this.#closed) throw new Error("write: closed");
		if (data.byteLength > this.#room) throw new Error(`write: ${data.byteLength} bytes, ${this.#room} are writable`);
		call(Operation.written, data);
		if (!this.#roomy) this.#room -= data.byteLength;
		return this.#room;
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		StrictSocket.last = undefined;
		call(Operation.closed);
	}
}
