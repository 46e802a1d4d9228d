import type { UDPOptions } from "embedded:io/socket/udp";
import { call, callInto, type HostValue } from "vagalume:host";
import { NetworkOperation, QueueEvent } from "../../operations/network";
import { attach, detach } from "../dispatch";
import {
	checkBuffer,
	checkOptions,
	getCallback,
	getInteger,
	getOneOf,
	requireAddress,
	requireInteger,
} from "../options";

type Packet = ArrayBuffer & { address: string; port: number };

/** ECMA-419 §10, UDP socket. A packet that no one reads is dropped once 16 wait. */
class UDP {
	#handle: number | undefined;
	#onReadable: UDPOptions["onReadable"];
	#onError: UDPOptions["onError"];
	declare target: unknown;

	constructor(options: UDPOptions) {
		checkOptions("UDP", options);
		const port = getInteger("UDP", "port", options.port, 0, 65535);
		const address = options.address === undefined ? undefined : requireAddress("UDP", "address", options.address);
		getOneOf("UDP", "format", options.format, ["buffer"]);
		this.#onReadable = getCallback("UDP", "onReadable", options.onReadable);
		this.#onError = getCallback("UDP", "onError", options.onError);
		const { target, multicast } = options;
		const handle = call(NetworkOperation.udpOpen, port, address) as number;
		this.#handle = handle;
		try {
			if (multicast !== undefined) this.add(multicast);
		} catch (error) {
			this.#handle = undefined;
			call(NetworkOperation.udpClose, handle);
			throw error;
		}
		attach(handle, { onEvent: (event, a) => this.#onEvent(event, a) });
		if (target !== undefined) this.target = target;
	}

	close(): void {
		const handle = this.#handle;
		if (handle === undefined) return;
		this.#handle = undefined;
		this.#onReadable = this.#onError = undefined;
		detach(handle);
		call(NetworkOperation.udpClose, handle);
	}

	/** One packet, with `address` and `port` of its sender; undefined when none waits. With a buffer: how many bytes were copied; throws RangeError when it is too small, and the packet stays. */
	read(): Packet | undefined;
	read(buffer: ByteBuffer): number | undefined;
	read(buffer?: ByteBuffer): Packet | number | undefined {
		const handle = this.#check();
		if (buffer !== undefined) checkBuffer("UDP read", buffer);
		const size = call(NetworkOperation.udpSize, handle) as number | undefined;
		if (size === undefined) return undefined;
		if (buffer && buffer.byteLength < size)
			throw new RangeError(`UDP read: the packet has ${size} bytes, the buffer ${buffer.byteLength}`);
		const sender = {
			address: call(NetworkOperation.udpAddress, handle) as string,
			port: call(NetworkOperation.udpPort, handle) as number,
		};
		if (!buffer) return Object.assign(call(NetworkOperation.udpRead, handle) as ArrayBuffer, sender);
		callInto(buffer, NetworkOperation.udpRead, handle);
		Object.assign(buffer, sender);
		return size;
	}

	write(data: ByteBuffer, address: string, port: number): void {
		const handle = this.#check();
		checkBuffer("UDP write", data);
		const to = requireAddress("UDP write", "address", address);
		call(NetworkOperation.udpWrite, handle, data, to, requireInteger("UDP write", "port", port, 0, 65535));
	}

	/** Joins a multicast group. */
	add(address: string): void {
		call(NetworkOperation.udpAdd, this.#check(), requireAddress("UDP add", "address", address));
	}

	/** Leaves a multicast group. */
	remove(address: string): void {
		call(NetworkOperation.udpRemove, this.#check(), requireAddress("UDP remove", "address", address));
	}

	get format(): "buffer" {
		this.#check();
		return "buffer";
	}
	set format(value: string) {
		this.#check();
		getOneOf("UDP", "format", value ?? null, ["buffer"]);
	}

	#check(): number {
		if (this.#handle === undefined) throw new Error("UDP: closed");
		return this.#handle;
	}

	#onEvent(event: number, a: HostValue): void {
		if (event === QueueEvent.readable) this.#onReadable?.(a as number);
		else this.#onError?.(new Error(a as string));
	}
}

export default UDP;
