import Timer from "timer";
import type MQTTClient from "./client";
import { isAddress, Lookup } from "./lookup";
import {
	type ControlMessage,
	checkOptions,
	type Limits,
	type MessageInfo,
	type MQTTClientOptions,
	type WriteOptions,
} from "./options";
import { bytesOf, type SubscribeItem, type Will } from "./packet/encoder";
import { invalid, MQTTError, type MQTTErrorCode } from "./packet/error";
import { CONNACK, DISCONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE } from "./packet/types";
import { afterHeader, afterTopic, topicOf } from "./publish-packet";

/** An instance of ECMA-419 §25's class, as far as it is the same everywhere. */
interface Standard {
	readonly target: StandardClient;
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined;
	write(data: ByteBuffer | null, options?: WriteOptions): number;
	close(): void;
}

/** Options of `StandardClient`: those of the client, and the class that it stands on. */
export interface StandardClientOptions extends MQTTClientOptions {
	/** An ECMA-419 MQTT client class, such as Moddable's. */
	standard: new (
		options: never,
	) => Standard;
}

const OPEN = 0;
const CONNECTED = 1;
const DISCONNECTING = 2;
const CLOSED = 3;

/** Bytes that a packet without payload, or one up to its payload, may have: the class writes such a part in one piece, or never. */
const wholeLimit = 1024;

/**
 * Gives a client class that has no more than ECMA-419 §25 (Moddable's `embedded:network/mqtt/client`) what a `Session` needs:
 * `new Session({ client: { ...device.network.mqtt, io: StandardClient, standard: device.network.mqtt.io }, ... })`. What such a
 * class does not tell cannot be made good: docs/mqtt.md lists it.
 */
export class StandardClient {
	// One table for all, because a closure for each takes 160 bytes on XS.
	static readonly #callbacks = Object.freeze({
		onControl(this: Standard, message: ControlMessage) {
			this.target.control(message);
		},
		onReadable(this: Standard, count: number, info: MessageInfo) {
			this.target.readable(count, info);
		},
		onWritable(this: Standard, count: number) {
			this.target.writable(count);
		},
		onError(this: Standard) {
			this.target.ended();
		},
		onClose(this: Standard) {
			this.target.ended();
		},
	});

	readonly target: unknown;
	readonly #options: StandardClientOptions;
	#state = OPEN;
	#lookup: Lookup | undefined;
	#client: Standard | undefined;
	/** The deadline, or what is still to be told. */
	#timer: Timer | undefined;
	/** Bytes that may be written now. */
	#room = 0;
	/** The packet that is being sent, and how much of it was. */
	#packet: Uint8Array | undefined;
	#offset = 0;
	/** The class is in its `onReadable`, where Moddable's cannot be closed. */
	#reading = false;

	/**
	 * Starts to connect.
	 *
	 * @throws MQTTError `invalid`, with the name of the option that is missing or out of range
	 */
	constructor(options: StandardClientOptions) {
		checkOptions(options);
		const { host, timeout = 30_000, version = 4, properties, topicAliases } = options;
		if (typeof options.standard !== "function") invalid("standard: expected an ECMA-419 MQTT client class");
		if (version !== 4 || properties || topicAliases) invalid("version: a standard client speaks MQTT 3.1.1 only");
		this.#options = options;
		this.target = options.target;
		if (timeout > 0)
			this.#timer = Timer.set(() => this.fail("timeout", `no connection to ${host} after ${timeout} ms`), timeout);
		// Moddable's class cannot be closed while it resolves: it gets an address that is known.
		if (isAddress(host)) this.open(host);
		else
			this.#lookup = new Lookup(
				options.dns,
				host,
				(address) => this.open(address),
				() => this.failLater("resolve", `${host}: name not found`),
			);
	}

	private open(address: string): void {
		const { standard, socket, host, port, id, user, password, clean, will } = this.#options;
		this.#lookup = undefined;
		try {
			const client = new standard({
				socket,
				dns: { io: Known, address },
				host,
				port,
				id,
				user,
				password: password && bufferOf(password),
				keepAlive: this.#options.keepAlive ?? this.#options.keepalive,
				clean,
				will: will && willOf(will),
				...StandardClient.#callbacks,
				target: this,
			} as never);
			if (this.#state === OPEN) this.#client = client;
		} catch (error) {
			this.failLater("connect", `no connection to ${host}: ${(error as Error).message}`);
		}
	}

	/** True from CONNACK until the connection ends or DISCONNECT was written. */
	get connected(): boolean {
		return this.#state === CONNECTED;
	}

	/** A packet is under way. */
	get busy(): boolean {
		return this.#packet !== undefined;
	}

	get limits(): Limits | undefined {
		return undefined;
	}

	/** As the client's `read`. */
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
		return this.#client?.read(target);
	}

	/**
	 * What the class's own `write` does.
	 *
	 * @throws MQTTError `not-connected`, `closed`, `busy`; `overflow`: more than may be written; `invalid`: what else the class refuses
	 */
	write(data?: ByteBuffer | null, options?: WriteOptions): number {
		this.check("write");
		const operation = options?.operation ?? PUBLISH;
		try {
			// A PUBLISH without data is one of Moddable's class only with an empty buffer.
			this.#room = this.#client!.write(data ?? (operation === PUBLISH ? new Uint8Array(0) : null), options);
		} catch (error) {
			throw new MQTTError(isOverflow(error) ? "overflow" : "invalid", `write: ${(error as Error).message}`);
		}
		if (operation === DISCONNECT) this.#state = DISCONNECTING;
		return this.#room;
	}

	/**
	 * Sends a whole packet that was encoded before, as the network allows.
	 *
	 * @throws MQTTError `not-connected`, `closed`, `busy`
	 */
	send(packet: Uint8Array): void {
		this.check("send");
		const whole = packet[0]! >> 4 === PUBLISH ? afterTopic(packet) : packet.length;
		if (whole > wholeLimit) {
			this.failLater("lost", `a topic or filters of ${whole} bytes: a standard client is given ${wholeLimit} at most`);
			return;
		}
		this.#packet = packet;
		this.#offset = 0;
		this.flush();
	}

	/** Ends the connection at once. Any time, any number of times; no callback follows. */
	close(): void {
		this.#state = CLOSED;
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#lookup?.close();
		this.#packet = this.#lookup = undefined;
		const client = this.#client;
		this.#client = undefined;
		if (!client) return;
		if (this.#reading) Timer.set(() => client.close(), 0);
		else client.close();
	}

	private check(what: string): void {
		if (this.#state === OPEN) throw new MQTTError("not-connected", `${what} before CONNACK`);
		if (this.#state !== CONNECTED) throw new MQTTError("closed", `${what} after the end`);
		if (this.#packet) throw new MQTTError("busy", `${what}: a packet is being sent, wait for onWritable`);
	}

	/** Sends what the class has room for. */
	private flush(): void {
		const packet = this.#packet;
		if (packet === undefined || this.#room <= 0) return;
		const from = this.#offset;
		const client = this.#client!;
		let end = packet.length;
		try {
			if (from > 0) {
				end = Math.min(end, from + this.#room);
				this.#room = client.write(packet.subarray(from, end));
			} else if (packet[0]! >> 4 === PUBLISH) {
				const start = afterTopic(packet);
				end = Math.min(end, this.#room);
				// It begins with a byte of the payload at least: else it would not be known that it has begun.
				if (end <= start && end < packet.length) return;
				this.#room = client.write(packet.subarray(start, end), publishing(packet, packet.length - start));
			} else if (end <= this.#room) this.#room = client.write(null, controlling(packet));
			else return;
		} catch (error) {
			// "overflow": acknowledgements of the class took of the room, nothing was sent; onWritable follows. Else it is over.
			if (from > 0 || !isOverflow(error))
				this.failLater("lost", `the client refused a packet: ${(error as Error).message}`);
			return;
		}
		this.#offset = end;
		if (end === packet.length) this.#packet = undefined;
	}

	/** For the class's callbacks. */
	control(message: ControlMessage): void {
		if (this.#state === CLOSED) return;
		if (message.operation === CONNACK) {
			Timer.clear(this.#timer);
			this.#timer = undefined;
			this.#state = CONNECTED;
		}
		this.#options.onControl?.call(this.self, message);
	}

	/** For the class's callbacks. */
	readable(count: number, info: MessageInfo): void {
		if (this.#state === CLOSED) return;
		if (info.topic !== undefined) {
			// What the class does not tell: see docs/mqtt.md.
			info.retain ??= false;
			info.duplicate ??= false;
			info.id ??= 0;
		}
		this.#reading = true;
		try {
			this.#options.onReadable?.call(this.self, count, info);
		} finally {
			this.#reading = false;
		}
	}

	/** For the class's callbacks. */
	writable(count: number): void {
		if (this.#state === CLOSED) return;
		this.#room = count;
		this.flush();
		if (!this.#packet && this.#state === CONNECTED) this.#options.onWritable?.call(this.self, this.#room);
	}

	/** For the class's callbacks: it is over, and the class closes by itself. */
	ended(): void {
		if (this.#state === CLOSED) return;
		const state = this.#state;
		this.#client = undefined;
		const { host, onClose } = this.#options;
		if (state === DISCONNECTING) {
			this.close();
			onClose?.call(this.self);
		} else if (state === CONNECTED) this.fail("lost", "the connection was closed by the broker or the network");
		else this.failLater("connect", `no connection to ${host}, or the broker refused it: the client does not say`);
	}

	/** Ends the connection, and says so once the current call is over. */
	private failLater(code: MQTTErrorCode, message: string): void {
		const stage = this.stage;
		this.close();
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			this.report(code, message, stage);
		}, 0);
	}

	private fail(code: MQTTErrorCode, message: string): void {
		const stage = this.stage;
		this.close();
		this.report(code, message, stage);
	}

	private get stage(): "connected" | "login" {
		// How far it was before CONNACK the class does not tell: the broker may have made a session.
		return this.#state === CONNECTED ? "connected" : "login";
	}

	private report(code: MQTTErrorCode, message: string, stage: "connected" | "login"): void {
		const { onError, onClose } = this.#options;
		const error = new MQTTError(code, message);
		error.stage = stage;
		onError?.call(this.self, error);
		onClose?.call(this.self);
	}

	/** As the callbacks of `MQTTClientOptions` want it. */
	private get self(): MQTTClient {
		return this as unknown as MQTTClient;
	}
}
Object.freeze(StandardClient);

/** A resolver that was given its answer. */
class Known {
	readonly #address: string;

	constructor({ address }: { address: string }) {
		this.#address = address;
	}

	resolve({ host, onResolved }: { host: string; onResolved(host: string, address: string): void }): void {
		onResolved(host, this.#address);
	}

	close(): void {}
}
Object.freeze(Known);

/** Moddable's class says so in its message, this project's in its code. */
function isOverflow(error: unknown): boolean {
	const { message, code } = error as MQTTError;
	return message === "overflow" || code === "overflow";
}

/** Moddable's class takes buffers for texts, but no views. */
function bufferOf(data: string | ByteBuffer): string | ArrayBuffer {
	return typeof data === "string" ? data : (bytesOf(data).slice().buffer as ArrayBuffer);
}

/** Without a message Moddable's class would send a malformed CONNECT. */
function willOf({ topic, message = "", QoS = 0, retain = false }: Will): object {
	return { topic, message: bufferOf(message), QoS, retain };
}

/** What `write` has to be told of an encoded PUBLISH. */
function publishing(packet: Uint8Array, byteLength: number): WriteOptions {
	const first = packet[0]!;
	const start = packet.length - byteLength;
	const QoS = (first >> 1) & 3;
	const id = QoS === 0 ? 1 : (packet[start - 2]! << 8) | packet[start - 1]!;
	return { topic: topicOf(packet), id, QoS, retain: (first & 1) !== 0, duplicate: (first & 8) !== 0, byteLength };
}

/** What `write` has to be told of an encoded SUBSCRIBE, UNSUBSCRIBE or acknowledgement. */
function controlling(packet: Uint8Array): WriteOptions {
	const operation = packet[0]! >> 4;
	let at = afterHeader(packet);
	const id = (packet[at]! << 8) | packet[at + 1]!;
	if (operation !== SUBSCRIBE && operation !== UNSUBSCRIBE) return { operation, id };
	const items: SubscribeItem[] = [];
	for (at += 2; at < packet.length; ) {
		const length = (packet[at]! << 8) | packet[at + 1]!;
		const topic = String.fromArrayBuffer(packet.buffer as ArrayBuffer, packet.byteOffset + at + 2, length);
		at += 2 + length;
		if (operation === UNSUBSCRIBE) items.push({ topic });
		else items.push({ topic, QoS: packet[at++] as 0 | 1 | 2 });
	}
	return { operation, id, items };
}
