/** The session or client under test, inside XS: what scripts of test/conformance tell it comes in events. */
import { call, callInto } from "vagalume:host";
import { attach } from "../../hosts/shared/embedded/dispatch";
import { Driver } from "../support/scripted/driver";
import { timersSet } from "./counted-timer";
import { Bridge, BridgeEvent, DRIVER_HANDLE } from "./operations";

interface SocketOptions {
	address: string;
	host?: string;
	port: number;
	onReadable(count: number): void;
	onWritable(count: number): void;
	onError(error?: Error): void;
}

interface Question {
	host: string;
	onResolved(host: string, address: string): void;
	onError(error: Error): void;
}

const sockets = new Map<number, SocketOptions>();
const questions = new Map<number, Question>();

/** A TCP class whose network is a script's. */
class BridgedSocket {
	readonly #handle: number;

	constructor(options: SocketOptions) {
		const { address, host, port } = options;
		this.#handle = call(Bridge.connect, JSON.stringify({ address, host, port })) as number;
		sockets.set(this.#handle, options);
	}

	read(target?: number | ArrayBufferView): unknown {
		if (typeof target === "object") return callInto(target, Bridge.read, this.#handle, target.byteLength);
		return call(Bridge.read, this.#handle, target);
	}

	write(data: ArrayBuffer | ArrayBufferView): number {
		return call(Bridge.write, this.#handle, data) as number;
	}

	close(): void {
		sockets.delete(this.#handle);
		call(Bridge.close, this.#handle);
	}
}

/** A resolver that asks the script's. */
class BridgedResolver {
	#handle = 0;

	resolve(question: Question): void {
		this.#handle = call(Bridge.resolve, question.host) as number;
		questions.set(this.#handle, question);
	}

	close(): void {
		questions.delete(this.#handle);
	}
}

const driver = new Driver({
	socket: BridgedSocket,
	dns: BridgedResolver,
	emit: (event) => void call(Bridge.emit, event),
});

attach(DRIVER_HANDLE, {
	onEvent(event: number, a: unknown, b: unknown) {
		const socket = sockets.get(a as number);
		if (event === BridgeEvent.command) call(Bridge.result, driver.run(a as string));
		else if (event === BridgeEvent.timers) call(Bridge.result, String(timersSet()));
		else if (event === BridgeEvent.readable) socket?.onReadable(b as number);
		else if (event === BridgeEvent.writable) socket?.onWritable(b as number);
		else if (event === BridgeEvent.failed) socket?.onError(b === undefined ? undefined : new Error(b as string));
		else if (event === BridgeEvent.resolved) {
			const question = questions.get(a as number);
			questions.delete(a as number);
			question?.onResolved(question.host, b as string);
		} else questions.get(a as number)?.onError(new Error(b as string));
	},
});
