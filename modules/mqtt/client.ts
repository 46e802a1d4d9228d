import Timer from "timer";
import { CHECKS, DEAD, KeepAlive, PING } from "./keep-alive";
import { isAddress, Lookup } from "./lookup";
import {
	type ControlMessage,
	checkOptions,
	keepAliveOf,
	type Limits,
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

	// One table for all, because a closure for each takes 160 bytes on XS. And no #methods but static ones: each other one
	// would take a slot of each instance.
	static readonly #hooks: SenderHooks<MQTTClient> & ReceiverHooks<MQTTClient> = Object.freeze({
		check: (client: MQTTClient) => MQTTClient.#checkOpen(client, "write"),
		disconnecting(client: MQTTClient) {
			client.#state = DISCONNECTING;
			client.#receiver.stop();
			client.#sender.open = false;
			Timer.clear(client.#timer);
			client.#timer = Timer.set(() => {
				client.#timer = undefined;
				MQTTClient.#end(client, undefined);
			}, disconnectTimeout);
		},
		lost(client: MQTTClient, error: unknown) {
			MQTTClient.#failLater(client, MQTTClient.#error(client, "lost", "the socket refused a write", error));
		},
		received: (client: MQTTClient, type: number) => MQTTClient.#received(client, type),
		skipped(client: MQTTClient) {
			if (!client.#onSkipped) return;
			const { QoS, byteLength } = client.#receiver.decoder;
			client.#onSkipped({ QoS, byteLength, reason: "the topic is longer than maximumTopic" });
		},
		broken: (client: MQTTClient, error: MQTTError) => MQTTClient.#broken(client, error),
	});

	declare target: unknown;
	#state = RESOLVING;
	#sender: Sender<MQTTClient>;
	#receiver: Receiver<MQTTClient>;
	#lookup: Lookup | undefined;
	/** Seconds. */
	#interval: number;
	#keepAlive: KeepAlive | undefined;
	/** The deadline, then the looks of keep-alive; or the end that is due. */
	#timer: Timer | undefined;
	/** `close` was called while the end is being reported. */
	#closing = false;
	// As fields of the instance they are called with it as `this`.
	#onControl: MQTTClientOptions["onControl"];
	#onWritable: MQTTClientOptions["onWritable"];
	#onError: MQTTClientOptions["onError"];
	#onClose: MQTTClientOptions["onClose"];
	#onSkipped: MQTTClientOptions["onSkipped"];

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
		const connect = encodeConnect({ id, user, password, keepAlive, clean, will });
		this.#interval = keepAlive;
		this.#sender = new Sender(this, MQTTClient.#hooks, receiveBuffer);
		// It waits there for a socket.
		this.#sender.send(connect);
		const decoder = new Decoder(receiveBuffer, maximumTopic);
		this.#receiver = new Receiver(this, MQTTClient.#hooks, options, decoder, this.#sender);
		this.#onControl = options.onControl;
		this.#onWritable = options.onWritable;
		this.#onError = options.onError;
		this.#onClose = options.onClose;
		this.#onSkipped = options.onSkipped;
		if (options.target !== undefined) this.target = options.target;
		if (timeout > 0) {
			this.#timer = Timer.set(() => {
				this.#timer = undefined;
				const error = MQTTClient.#error(this, "timeout", `no connection to ${host}:${port} after ${timeout} ms`);
				MQTTClient.#fail(this, error);
			}, timeout);
		}
		if (isAddress(host)) MQTTClient.#open(this, options, host);
		else {
			this.#lookup = new Lookup(
				options.dns,
				host,
				(address) => MQTTClient.#open(this, options, address),
				(error) => {
					MQTTClient.#failLater(this, MQTTClient.#error(this, "resolve", `${host}: name not found`, error));
				},
			);
		}
	}

	static #open(client: MQTTClient, options: MQTTClientOptions, address: string): void {
		const { socket, host, port = 1883 } = options;
		const receiver = client.#receiver;
		client.#state = CONNECTING;
		client.#lookup = undefined;
		try {
			client.#sender.socket = new socket.io({
				noDelay: true,
				...socket,
				address,
				host,
				port,
				onReadable: (count: number) => receiver.arrived(count),
				onWritable: (count: number) => MQTTClient.#writable(client, count),
				onError: (error?: Error) => MQTTClient.#broke(client, error),
			} as never);
		} catch (error) {
			const failure = MQTTClient.#error(client, "connect", `no connection to ${host}:${port}`, error);
			MQTTClient.#failLater(client, failure);
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
		MQTTClient.#release(this);
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
		MQTTClient.#checkOpen(this, "send");
		if (!this.#sender.idle) this.#sender.refuse();
		this.#sender.send(bytes);
	}

	static #checkOpen(client: MQTTClient, what: string): void {
		const state = client.#state;
		if (state === CONNECTED) return;
		if (state === CLOSED) throw new MQTTError("closed", `${what} after close`);
		if (state === DISCONNECTING) throw new MQTTError("closed", `${what} after DISCONNECT`);
		throw new MQTTError("not-connected", `${what} before CONNACK`);
	}

	/** The socket's `onWritable`. */
	static #writable(client: MQTTClient, count: number): void {
		if (client.#state === CLOSED) return;
		const sender = client.#sender;
		sender.writable = count;
		if (client.#state === CONNECTING) {
			client.#state = LOGIN;
			client.#receiver.reading = true;
		}
		sender.flush();
		client.#receiver.roomy();
		MQTTClient.#offer(client);
	}

	/** Tells the application how much it may write. */
	static #offer(client: MQTTClient): void {
		const sender = client.#sender;
		const count = sender.writable - overhead;
		if (client.#state !== CONNECTED || count <= 0 || sender.waiting) return;
		client.#onWritable?.(count);
	}

	/** The socket's `onError`. */
	static #broke(client: MQTTClient, error?: Error): void {
		const state = client.#state;
		if (state === DISCONNECTING) MQTTClient.#end(client, undefined);
		else if (state === CONNECTING)
			MQTTClient.#fail(client, MQTTClient.#error(client, "connect", "the socket did not connect", error));
		else {
			const when = state === LOGIN ? "before CONNACK" : "by the broker or the network";
			MQTTClient.#fail(client, MQTTClient.#error(client, "lost", `the connection was closed ${when}`, error));
		}
	}

	/** The server broke the protocol: there is no going on (MQTT-4.8.0-1). */
	static #broken(client: MQTTClient, error: MQTTError): void {
		error.stage = stages[client.#state];
		MQTTClient.#fail(client, error);
	}

	static #received(client: MQTTClient, type: number): void {
		if (client.#state === LOGIN || type === CONNACK) {
			MQTTClient.#login(client, type);
			return;
		}
		const { id, codes } = client.#receiver.decoder;
		if (type === PINGRESP) client.#keepAlive?.pong();
		else if (type !== PUBREC && type !== PUBREL) client.#sender.identifiers?.release(id);
		if (!client.#onControl) return;
		const message: ControlMessage = { operation: type };
		if (type !== PINGRESP) message.id = id;
		if (type === SUBACK) message.payload = codes!;
		client.#onControl(message);
	}

	/** The first packet, or a CONNACK. */
	static #login(client: MQTTClient, type: number): void {
		if (type !== CONNACK) {
			const name = packetNames[type] ?? packetNames[PUBLISH];
			MQTTClient.#broken(client, new MQTTError("protocol", `${name} before CONNACK`, "MQTT-3.2.0-1"));
			return;
		}
		if (client.#state !== LOGIN) {
			MQTTClient.#broken(client, new MQTTError("protocol", "a second CONNACK", "MQTT-3.2.0-1"));
			return;
		}
		const { returnCode, sessionPresent } = client.#receiver.decoder;
		if (returnCode !== 0) {
			const reason = refusals[returnCode] ?? "reserved return code";
			const text = `the broker refused the connection: ${reason} (${returnCode})`;
			const error = MQTTClient.#error(client, "refused", text);
			error.returnCode = returnCode;
			MQTTClient.#fail(client, error);
			return;
		}
		Timer.clear(client.#timer);
		client.#timer = undefined;
		client.#state = CONNECTED;
		client.#sender.open = true;
		client.#receiver.open();
		const seconds = client.#interval;
		if (seconds > 0) {
			client.#keepAlive = new KeepAlive();
			client.#sender.sent = client.#receiver.heard = false;
			client.#timer = Timer.repeat(() => MQTTClient.#check(client), (seconds * 1000) / CHECKS);
		}
		client.#onControl?.({ operation: CONNACK, returnCode, sessionPresent });
		MQTTClient.#offer(client);
	}

	static #check(client: MQTTClient): void {
		const sender = client.#sender;
		const receiver = client.#receiver;
		const behind = sender.held > 0 || receiver.behind;
		const stuck = sender.waiting && !sender.sent;
		const heard = receiver.heard || receiver.unread > 0;
		const action = client.#keepAlive!.check(sender.sent, heard, behind, stuck);
		sender.sent = receiver.heard = false;
		if (action === PING) sender.bare(PINGREQ);
		else if (action === DEAD) {
			MQTTClient.#fail(client, MQTTClient.#error(client, "keep-alive", "the broker does not answer"));
		}
	}

	static #error(client: MQTTClient, code: MQTTErrorCode, message: string, cause?: unknown): MQTTError {
		const detail = cause instanceof Error && cause.message ? `: ${cause.message}` : "";
		const error = new MQTTError(code, message + detail);
		error.stage = stages[client.#state];
		return error;
	}

	static #fail(client: MQTTClient, error: MQTTError): void {
		if (client.#state !== CLOSED) MQTTClient.#end(client, error);
	}

	/** Ends the connection, and says so once the current call is over. */
	static #failLater(client: MQTTClient, error: MQTTError): void {
		if (client.#state === CLOSED) return;
		MQTTClient.#release(client);
		client.#timer = Timer.set(() => {
			client.#timer = undefined;
			MQTTClient.#report(client, error);
		}, 0);
	}

	static #end(client: MQTTClient, error: MQTTError | undefined): void {
		MQTTClient.#release(client);
		MQTTClient.#report(client, error);
	}

	static #report(client: MQTTClient, error: MQTTError | undefined): void {
		client.#closing = false;
		if (error) client.#onError?.(error);
		if (!client.#closing) client.#onClose?.();
	}

	static #release(client: MQTTClient): void {
		client.#closing = true;
		client.#state = CLOSED;
		Timer.clear(client.#timer);
		client.#timer = undefined;
		client.#lookup?.close();
		client.#lookup = undefined;
		const { socket } = client.#sender;
		client.#sender.close();
		client.#receiver.close();
		socket?.close();
	}
}
Object.freeze(MQTTClient);
