import type { ListenerOptions } from "embedded:io/socket/listener";
import { call, type HostValue } from "vagalume:host";
import { NetworkOperation, QueueEvent } from "../../operations/network";
import { attach, detach } from "../dispatch";
import { checkOptions, getCallback, getInteger, getOneOf, requireAddress } from "../options";
import { Accepted } from "./accepted";
import TCP from "./tcp";

type Options = ListenerOptions & { address?: string };

/** ECMA-419 §10, TCP listener socket. Without `address` it listens on this computer only (127.0.0.1). */
class Listener {
	#handle: number | undefined;
	#onReadable: ListenerOptions["onReadable"];
	#onError: ListenerOptions["onError"];
	declare target: unknown;

	constructor(options: Options) {
		checkOptions("Listener", options);
		const port = getInteger("Listener", "port", options.port, 0, 65535) ?? 0;
		const address = options.address === undefined ? undefined : requireAddress("Listener", "address", options.address);
		getOneOf("Listener", "format", options.format, ["socket/tcp"]);
		this.#onReadable = getCallback("Listener", "onReadable", options.onReadable as never);
		this.#onError = getCallback("Listener", "onError", options.onError as never);
		const { target } = options;
		const handle = call(NetworkOperation.listenerOpen, port, address) as number;
		this.#handle = handle;
		attach(handle, { onEvent: (event, a) => this.#onEvent(event, a) });
		if (target !== undefined) this.target = target;
	}

	close(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		this.#onReadable = this.#onError = undefined;
		detach(handle);
		call(NetworkOperation.listenerClose, handle);
	}

	/** A connected socket without callbacks, to be given to `new TCP({from})`; undefined when none waits. */
	read(): TCP | undefined {
		const handle = call(NetworkOperation.listenerAccept, this.#check()) as number | undefined;
		return handle === undefined ? undefined : new TCP(new Accepted(handle) as never);
	}

	write(): never {
		throw new Error("Listener: not writable");
	}

	get port(): number {
		return call(NetworkOperation.listenerPort, this.#check()) as number;
	}

	get format(): "socket/tcp" {
		this.#check();
		return "socket/tcp";
	}
	set format(value: string) {
		this.#check();
		getOneOf("Listener", "format", value ?? null, ["socket/tcp"]);
	}

	#check(): number {
		if (this.#handle === undefined) throw new Error("Listener: closed");
		return this.#handle;
	}

	#onEvent(event: number, a: HostValue): void {
		if (event === QueueEvent.readable) (this.#onReadable as ((count: number) => void) | undefined)?.(a as number);
		else (this.#onError as ((error: Error) => void) | undefined)?.(new Error(a as string));
	}
}

export default Listener;
