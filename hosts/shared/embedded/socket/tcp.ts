import type { TCPOptions } from "embedded:io/socket/tcp";
import { call, callInto, type HostValue } from "vagalume:host";
import { NetworkOperation, SocketEvent, type TCPRequest } from "../../operations/network";
import { attach, detach } from "../dispatch";
import {
	checkBuffer,
	checkOptions,
	getCallback,
	getInteger,
	getOneOf,
	isAddress,
	requireInteger,
	requireString,
} from "../options";
import { Accepted } from "./accepted";

type Options = TCPOptions & { address?: string };
type Format = "buffer" | "number";

/** Opens a connection; returns its handle. */
export type Connect = (options: Options, request: TCPRequest) => number;

const connectTCP: Connect = (_options, request) => call(NetworkOperation.tcpConnect, JSON.stringify(request)) as number;

/**
 * ECMA-419 §10, TCP socket. `host` (a name) may stand for `address`, and `onError` gets an Error with a `code`.
 * Once the connection has ended, `write` discards and returns 0, as on the board.
 */
class TCP {
	#handle: number | undefined;
	#format: Format = "buffer";
	#onReadable: ((byteLength: number) => void) | undefined;
	#onWritable: ((byteLength: number) => void) | undefined;
	#onError: ((error: Error) => void) | undefined;
	declare target: unknown;

	/** `connect` is for subclasses of the host. */
	constructor(options: TCPOptions, connect: Connect = connectTCP) {
		if (options instanceof Accepted) {
			this.#open(options.handle);
			return;
		}
		checkOptions("TCP", options);
		this.#format = getOneOf("TCP", "format", options.format, ["buffer", "number"]);
		this.#onReadable = getCallback("TCP", "onReadable", options.onReadable) as never;
		this.#onWritable = getCallback("TCP", "onWritable", options.onWritable) as never;
		this.#onError = getCallback("TCP", "onError", options.onError) as never;
		const { from, target } = options;
		if (from === undefined) this.#open(connect(options, checkRequest(options)));
		else {
			if (typeof from !== "object" || from === null || !(#handle in from))
				throw new TypeError("TCP: from is not a TCP socket");
			const source = from as TCP;
			const handle = source.#check();
			const adopted = call(NetworkOperation.tcpAdopt, handle) as number;
			detach(handle);
			source.#handle = undefined;
			this.#open(adopted);
		}
		if (target !== undefined) this.target = target;
	}

	close(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		this.#onReadable = this.#onWritable = this.#onError = undefined;
		detach(handle);
		call(NetworkOperation.tcpClose, handle);
	}

	read(option?: number | ByteBuffer): ArrayBuffer | number | undefined {
		const handle = this.#check();
		if (this.#format === "number") return call(NetworkOperation.tcpReadByte, handle) as number | undefined;
		if (option === undefined)
			return call(NetworkOperation.tcpRead, handle, Number.MAX_SAFE_INTEGER) as ArrayBuffer | undefined;
		if (typeof option === "number") {
			const byteLength = requireInteger("TCP read", "byteLength", option, 1, Number.MAX_SAFE_INTEGER);
			return call(NetworkOperation.tcpRead, handle, byteLength) as ArrayBuffer | undefined;
		}
		checkBuffer("TCP read", option);
		return callInto(option, NetworkOperation.tcpRead, handle, option.byteLength);
	}

	write(data: ByteBuffer | number): number {
		const handle = this.#check();
		if (this.#format === "number") {
			const byte = requireInteger("TCP write", "byte", data, 0, 255);
			return (call(NetworkOperation.tcpWrite, handle, Uint8Array.of(byte)) as number | undefined) ?? 0;
		}
		checkBuffer("TCP write", data);
		return (call(NetworkOperation.tcpWrite, handle, data) as number | undefined) ?? 0;
	}

	get remoteAddress(): string | undefined {
		return call(NetworkOperation.tcpAddress, this.#check()) as string | undefined;
	}

	get remotePort(): number | undefined {
		return call(NetworkOperation.tcpPort, this.#check()) as number | undefined;
	}

	get format(): Format {
		this.#check();
		return this.#format;
	}
	set format(value: Format) {
		this.#check();
		this.#format = getOneOf("TCP", "format", value ?? null, ["buffer", "number"]);
	}

	#open(handle: number): void {
		this.#handle = handle;
		// An arrow function, not a method: what the host calls is invisible to scripts.
		attach(handle, { onEvent: (event, a, b) => this.#onEvent(handle, event, a, b) });
	}

	#check(): number {
		if (this.#handle === undefined) throw new Error("TCP: closed");
		return this.#handle;
	}

	/** How much it is, is asked now: an event before this one may have led to reading or writing. */
	#onEvent(handle: number, event: number, a: HostValue, b: HostValue): void {
		if (event === SocketEvent.readable) {
			const count = call(NetworkOperation.tcpReadable, handle) as number;
			if (count > 0) this.#onReadable?.(count);
		} else if (event === SocketEvent.writable) {
			const count = call(NetworkOperation.tcpWritable, handle) as number;
			if (count > 0) this.#onWritable?.(count);
		} else this.#onError?.(Object.assign(new Error(a as string), { code: b }));
	}
}

function checkRequest(options: Options): TCPRequest {
	const { address, host, noDelay } = options;
	if (address === undefined && host === undefined) throw new TypeError("TCP: address is required");
	if (address !== undefined && !isAddress(requireString("TCP", "address", address)))
		throw new RangeError(`TCP: address "${address}" is not an IP address (a name goes into host)`);
	return {
		address: address === undefined ? undefined : String(address),
		host: host === undefined ? undefined : requireString("TCP", "host", host),
		port: requireInteger("TCP", "port", options.port, 0, 65535),
		noDelay: noDelay === undefined ? undefined : Boolean(noDelay),
		keepAlive: getInteger("TCP", "keepAlive", options.keepAlive, 1, Number.MAX_SAFE_INTEGER),
	};
}

export default TCP;
