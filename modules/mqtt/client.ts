import type TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import { Identifiers } from "./identifiers";
import { CHECKS, DEAD, KeepAlive, PING } from "./keep-alive";
import { isAddress, Lookup } from "./lookup";
import {
	type ControlMessage,
	checkOptions,
	keepAliveOf,
	type Limits,
	type MessageInfo,
	type MQTTClientOptions,
	type WriteOptions,
} from "./options";
import { Decoder } from "./packet/decoder";
import { encodeConnect } from "./packet/encoder";
import { MQTTError, type MQTTErrorCode, type MQTTStage } from "./packet/error";
import {
	CONNACK,
	CONNECT,
	DISCONNECT,
	PINGREQ,
	PINGRESP,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	packetNames,
	refusals,
	SUBACK,
	SUBSCRIBE,
	UNSUBACK,
	UNSUBSCRIBE,
} from "./packet/types";
import { Receiver, type ReceiverHooks } from "./receiver";
import { overhead, Sender, type SenderHooks } from "./sender";

const RESOLVING = 0;
const CONNECTING = 1;
const LOGIN = 2;
const CONNECTED = 3;
const DISCONNECTING = 4;
const CLOSED = 5;
const stages: readonly MQTTStage[] = Object.freeze(["resolve", "connect", "login", "connected", "connected"] as const);

/** How long the broker has to close the connection after DISCONNECT, in ms. */
const disconnectTimeout = 5000;

/**
 * ECMA-419 §25: MQTT Client, for MQTT 3.1.1; a drop-in for Moddable's `embedded:network/mqtt/client`. It makes one
 * connection, sends and receives messages of any size in fragments, acknowledges, and keeps the connection alive. It does not
 * reconnect or resend: see `session.ts`. Members beyond the standard are marked in `options.ts`.
 */
export default class MQTTClient {
	static readonly CONNECT = CONNECT;
	static readonly CONNACK = CONNACK;
	static readonly PUBLISH = PUBLISH;
	static readonly PUBACK = PUBACK;
	static readonly PUBREC = PUBREC;
	static readonly PUBREL = PUBREL;
	static readonly PUBCOMP = PUBCOMP;
	static readonly SUBSCRIBE = SUBSCRIBE;
	static readonly SUBACK = SUBACK;
	static readonly UNSUBSCRIBE = UNSUBSCRIBE;
	static readonly UNSUBACK = UNSUBACK;
	static readonly PINGREQ = PINGREQ;
	static readonly PINGRESP = PINGRESP;
	static readonly DISCONNECT = DISCONNECT;

	static readonly #hooks: SenderHooks<MQTTClient> & ReceiverHooks<MQTTClient> = Object.freeze({
		check: (client: MQTTClient) => client.#checkOpen("write"),
		disconnecting: (client: MQTTClient) => client.#disconnecting(),
		lost: (client: MQTTClient, error: unknown) =>
			client.#failLater(client.#error("lost", "the socket refused a write", error)),
		deliver: (client: MQTTClient, count: number, info: MessageInfo) => client.#onReadable!(count, info),
		received: (client: MQTTClient, type: number) => client.#received(type),
		skipped: (client: MQTTClient) => client.#skipped(),
		broken: (client: MQTTClient, error: MQTTError) => client.#broken(error),
	});

	declare target: unknown;
	#state = RESOLVING;
	#options: MQTTClientOptions;
	// As fields of the instance they are called with it as `this`.
	#onReadable: MQTTClientOptions["onReadable"];
	#onControl: MQTTClientOptions["onControl"];
	#lookup: Lookup | undefined;
	#socket: TCP | undefined;
	#sender: Sender<MQTTClient>;
	#receiver: Receiver<MQTTClient>;
	#decoder: Decoder;
	#identifiers = new Identifiers();
	#keepAlive: KeepAlive | undefined;
	/** CONNECT, until it is sent. */
	#connect: Uint8Array | undefined;
	/** The one-shot timer: deadline, or a deferred error. */
	#deadline: Timer | undefined;
	#checks: Timer | undefined;
	/** `close` was called while the end is being reported. */
	#closing = false;

	/**
	 * Starts to connect.
	 *
	 * @throws MQTTError `invalid`, with the name of the option that is missing or out of range
	 */
	constructor(options: MQTTClientOptions) {
		checkOptions(options);
		const { host, port = 1883, timeout = 30_000, receiveBuffer = 512, maximumTopic = 256 } = options;
		if (options.format !== undefined) this.format = options.format;
		const { id = "", user, password, clean = true, will } = options;
		const keepAlive = keepAliveOf(options);
		this.#connect = encodeConnect({ id, user, password, keepAlive, clean, will });
		this.#decoder = new Decoder(receiveBuffer, maximumTopic);
		this.#sender = new Sender(this, MQTTClient.#hooks, this.#identifiers, receiveBuffer);
		this.#receiver = new Receiver(this, MQTTClient.#hooks, !!options.onReadable, this.#decoder, this.#sender);
		this.#options = options;
		this.#onReadable = options.onReadable;
		this.#onControl = options.onControl;
		if (options.target !== undefined) this.target = options.target;
		if (timeout > 0) {
			this.#deadline = Timer.set(() => {
				this.#deadline = undefined;
				this.#fail(this.#error("timeout", `no connection to ${host}:${port} after ${timeout} ms`));
			}, timeout);
		}
		if (isAddress(host)) this.#open(host, host, port);
		else {
			this.#lookup = new Lookup(
				options.dns,
				host,
				(address) => this.#open(host, address, port),
				(error) => this.#failLater(this.#error("resolve", `${host}: name not found`, error)),
			);
		}
	}

	#open(host: string, address: string, port: number): void {
		this.#state = CONNECTING;
		const { socket } = this.#options;
		const receiver = this.#receiver;
		try {
			this.#socket = new socket.io({
				noDelay: true,
				...socket,
				address,
				host,
				port,
				onReadable: (count: number) => receiver.arrived(count),
				onWritable: (count: number) => this.#writable(count),
				onError: (error?: Error) => this.#broke(error),
			} as never);
			this.#sender.socket = receiver.socket = this.#socket;
		} catch (error) {
			this.#failLater(this.#error("connect", `no connection to ${host}:${port}`, error));
		}
	}

	/** True from CONNACK until the connection ends or DISCONNECT was written. */
	get connected(): boolean {
		return this.#state === CONNECTED;
	}

	/** What the broker takes; `undefined` before CONNACK, and in MQTT 3.1.1. */
	get limits(): Limits | undefined {
		return undefined;
	}

	/** A packet is under way: `send`, and `write` of another PUBLISH, have to wait for `onWritable`. */
	get busy(): boolean {
		return !this.#sender.idle;
	}

	/** ECMA-419 §9.5: always "buffer". */
	get format(): string {
		return "buffer";
	}

	set format(format: string) {
		if (format !== "buffer") throw new RangeError(`format: "${format}", expected "buffer"`);
	}

	/** Ends the connection at once, without DISCONNECT: the broker publishes the will. Any time, any number of times; no callback follows. */
	close(): void {
		this.#release();
	}

	/**
	 * Reads from the announced fragment of the current message.
	 *
	 * @param target the number of bytes to read (all of the fragment when omitted), or a buffer to fill
	 * @returns an ArrayBuffer of at most that many bytes; or how many bytes were put into the buffer; `undefined` when there are none
	 * @throws MQTTError `closed`
	 */
	read(target?: number): ArrayBuffer | undefined;
	read(target: ByteBuffer): number | undefined;
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
		if (this.#state === CLOSED) throw new MQTTError("closed", "read after close");
		return this.#receiver.read(target);
	}

	/**
	 * Sends a message, or a fragment of one, or a control packet (ECMA-419 §25 `write`).
	 *
	 * @param data payload; `undefined` or `null` for none
	 * @param options omitted when `data` is a further fragment
	 * @returns bytes that may be written now
	 * @throws MQTTError `not-connected`, `closed`, `busy`, `overflow` (more than may be written; nothing was sent), `invalid`
	 */
	write(data?: ByteBuffer | null, options?: WriteOptions | null): number {
		return this.#sender.write(data, options);
	}

	/**
	 * Sends a whole packet that was encoded before; the rest of what the socket does not take now follows by itself. The
	 * packet is not copied: leave it unchanged until `busy` is false. Beyond ECMA-419, for layers built on this class.
	 *
	 * @throws MQTTError `not-connected`, `closed`, `busy`
	 */
	send(bytes: Uint8Array): void {
		this.#checkOpen("send");
		if (!this.#sender.idle) this.#sender.refuse();
		this.#sender.send(bytes);
	}

	#checkOpen(what: string): void {
		if (this.#state === CONNECTED) return;
		if (this.#state === CLOSED) throw new MQTTError("closed", `${what} after close`);
		if (this.#state === DISCONNECTING) throw new MQTTError("closed", `${what} after DISCONNECT`);
		throw new MQTTError("not-connected", `${what} before CONNACK`);
	}

	#disconnecting(): void {
		this.#state = DISCONNECTING;
		this.#receiver.reading = false;
		this.#sender.open = false;
		Timer.clear(this.#checks);
		this.#checks = undefined;
		this.#deadline = Timer.set(() => {
			this.#deadline = undefined;
			this.#end(undefined);
		}, disconnectTimeout);
	}

	/** The socket's `onWritable`. */
	#writable(count: number): void {
		const sender = this.#sender;
		if (this.#state === CLOSED) return;
		sender.writable = count;
		if (this.#state === CONNECTING) {
			this.#state = LOGIN;
			this.#receiver.reading = true;
			sender.send(this.#connect!);
			this.#connect = undefined;
			return;
		}
		sender.flush();
		this.#receiver.roomy();
		this.#offer();
	}

	/** Tells the application how much it may write. */
	#offer(): void {
		const sender = this.#sender;
		const count = sender.writable - overhead;
		if (this.#state !== CONNECTED || count <= 0 || sender.waiting) return;
		this.#options.onWritable?.call(this, count);
	}

	/** The socket's `onError`. */
	#broke(error?: Error): void {
		if (this.#state === DISCONNECTING) this.#end(undefined);
		else if (this.#state === CONNECTING) this.#fail(this.#error("connect", "the socket did not connect", error));
		else {
			const when = this.#state === LOGIN ? "before CONNACK" : "by the broker or the network";
			this.#fail(this.#error("lost", `the connection was closed ${when}`, error));
		}
	}

	/** The server broke the protocol: there is no going on (MQTT-4.8.0-1). */
	#broken(error: MQTTError): void {
		error.stage = stages[this.#state];
		this.#fail(error);
	}

	#skipped(): void {
		if (!this.#onReadable) return;
		const { QoS, byteLength } = this.#decoder;
		this.#options.onSkipped?.call(this, { QoS, byteLength, reason: "the topic is longer than maximumTopic" });
	}

	#received(type: number): void {
		const decoder = this.#decoder;
		if (this.#state === LOGIN || type === CONNACK) {
			this.#login(type);
			return;
		}
		const id = decoder.id;
		if (type === PUBREC) this.#sender.acknowledge(PUBREL, id);
		else if (type === PUBREL) this.#sender.acknowledge(PUBCOMP, id);
		else if (type === PINGRESP) this.#keepAlive?.pong();
		else this.#identifiers.release(id);
		if (!this.#onControl) return;
		const message: ControlMessage = { operation: type };
		if (type !== PINGRESP) message.id = id;
		if (type === SUBACK) message.payload = decoder.codes!;
		this.#onControl(message);
	}

	/** The first packet, or a CONNACK. */
	#login(type: number): void {
		if (type !== CONNACK) {
			this.#broken(new MQTTError("protocol", `${packetNames[type]} before CONNACK`, "MQTT-3.2.0-1"));
			return;
		}
		if (this.#state !== LOGIN) {
			this.#broken(new MQTTError("protocol", "a second CONNACK", "MQTT-3.2.0-1"));
			return;
		}
		const { returnCode, sessionPresent } = this.#decoder;
		if (returnCode !== 0) {
			const reason = refusals[returnCode] ?? "reserved return code";
			const error = this.#error("refused", `the broker refused the connection: ${reason} (${returnCode})`);
			error.returnCode = returnCode;
			this.#fail(error);
			return;
		}
		Timer.clear(this.#deadline);
		this.#deadline = undefined;
		this.#state = CONNECTED;
		this.#sender.open = this.#receiver.connected = true;
		const seconds = keepAliveOf(this.#options);
		if (seconds > 0) {
			this.#keepAlive = new KeepAlive();
			this.#sender.sent = this.#receiver.heard = false;
			this.#checks = Timer.repeat(() => this.#check(), (seconds * 1000) / CHECKS);
		}
		this.#onControl?.({ operation: CONNACK, returnCode, sessionPresent });
		this.#offer();
	}

	#check(): void {
		const sender = this.#sender;
		const receiver = this.#receiver;
		const behind = sender.held > 0 || receiver.behind;
		const stuck = sender.waiting && !sender.sent;
		const heard = receiver.heard || receiver.unread > 0;
		const action = this.#keepAlive!.check(sender.sent, heard, behind, stuck);
		sender.sent = receiver.heard = false;
		if (action === PING) sender.bare(PINGREQ);
		else if (action === DEAD) this.#fail(this.#error("keep-alive", "the broker does not answer"));
	}

	#error(code: MQTTErrorCode, message: string, cause?: unknown): MQTTError {
		const detail = cause instanceof Error && cause.message ? `: ${cause.message}` : "";
		const error = new MQTTError(code, message + detail);
		error.stage = stages[this.#state];
		return error;
	}

	#fail(error: MQTTError): void {
		if (this.#state !== CLOSED) this.#end(error);
	}

	/** Ends the connection, and says so once the current call is over. */
	#failLater(error: MQTTError): void {
		if (this.#state === CLOSED) return;
		this.#release();
		this.#deadline = Timer.set(() => {
			this.#deadline = undefined;
			this.#report(error);
		}, 0);
	}

	#end(error: MQTTError | undefined): void {
		this.#release();
		this.#report(error);
	}

	#report(error: MQTTError | undefined): void {
		const { onError, onClose } = this.#options;
		this.#closing = false;
		if (error) onError?.call(this, error);
		if (!this.#closing) onClose?.call(this);
	}

	#release(): void {
		this.#closing = true;
		this.#state = CLOSED;
		this.#receiver.close();
		Timer.clear(this.#deadline);
		Timer.clear(this.#checks);
		this.#deadline = this.#checks = undefined;
		this.#sender.socket = undefined;
		this.#connect = undefined;
		this.#lookup?.close();
		this.#lookup = undefined;
		const socket = this.#socket;
		this.#socket = undefined;
		socket?.close();
	}
}
Object.freeze(MQTTClient);
