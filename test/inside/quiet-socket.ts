/** A TCP class and a resolver without a network: what is written is swallowed, what arrives comes from the driver. */
import { call, callInto } from "vagalume:host";
import { Operation } from "./operations";

interface Options {
	onReadable(count: number): void;
	onWritable(count: number): void;
	onError(error?: Error): void;
}

/** What a socket takes at once: more than any packet here has. */
const room = 65_536;

export class QuietSocket {
	/** The one that was made last. */
	static last: QuietSocket;
	format = "buffer";
	readonly options: Options;

	constructor(options: Options) {
		this.options = options;
		QuietSocket.last = this;
	}

	read(target?: number | ArrayBufferView): unknown {
		// As Moddable's client reads: byte by byte.
		if (this.format === "number") return call(Operation.readByte);
		if (typeof target === "object") return callInto(target, Operation.read, target.byteLength);
		return call(Operation.read, target);
	}

	write(_data: ArrayBufferView): number {
		return room;
	}

	close(): void {}
}

/** Tells the driver of all that is written from now on, or no more. */
export function record(on: boolean): void {
	const socket = QuietSocket.last as { write?: unknown };
	if (!on) {
		delete socket.write;
		return;
	}
	socket.write = (data: ArrayBufferView) => {
		call(Operation.written, data);
		return room;
	};
}
