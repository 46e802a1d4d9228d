import Timer from "timer";
import { Agreement } from "./agreement";
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
import type { Properties } from "./packet/properties";
import { fault, PROTOCOL_ERROR, reasonName } from "./packet/reasons";
import {
	AUTH,
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

/** Reason codes from here on are failures (MQTT 5.0 §2.4). */
const failure = 0x80;
/** How long the broker has to close the connection after DISCONNECT, in ms. */
const disconnectTimeout = 5000;

/**
 * ECMA-419 §25: MQTT Client, for MQTT 3.1.1 and, with `version: 5`, 5.0; a drop-in for Moddable's `embedded:network/mqtt/client`. It makes one
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
	/** MQTT 5.0. Beyond ECMA-419. */
	static readonly AUTH = AUTH;

	// One table for all, because a closure for each takes 160 bytes on XS. And no #methods but static ones: each other one
	// would take a slot of each instance.
	static readonly #hooks: SenderHooks<MQTTClient> & ReceiverHooks<MQTTClient> = Object.freeze({
		check(client: MQTTClient, operation: number | undefined) {
			if (operation !== AUTH || client.#state !== LOGIN) MQTTClient.#checkOpen(client, "write");
		},
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
			const { QoS, byteLength, passed } = client.#receiver.decoder;
			let reason = passed?.message ?? "the topic is longer than maximumTopic";
			if (client.#sender.agreement && !passed) reason += ", or the properties do not fit receiveBuffer";
			client.#onSkipped({ QoS, byteLength, reason });
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
		const { id = "", user, password, clean = true, will, version = 4, properties } = options;
		const keepAlive = keepAliveOf(options);
		const connect = encodeConnect({ id, user, password, keepAlive, clean, will, version, properties });
		this.#interval = keepAlive;
		this.#sender = new Sender(this, MQTTClient.#hooks, receiveBuffer);
		if (version === 5) this.#sender.agreement = new Agreement(options);
		// It waits there for a socket.
		this.#sender.send(connect);
		const { topicAliasMaximum, maximumPacketSize } = properties ?? {};
		const decoder = new Decoder(receiveBuffer, maximumTopic, version, topicAliasMaximum, maximumPacketSize);
		if (options.tolerant) decoder.tolerant = true;
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

	/** A packet is under way: `send`, and `write` of another PUBLISH, have to wait for `onWritable`. */
	get busy(): boolean {
		return !this.#sender.idle;
	}

	/** What the server takes, since CONNACK; `undefined` in 3.1.1. Beyond ECMA-419. */
	get limits(): Limits | undefined {
		return this.#sender.agreement?.limits;
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
	 * @throws MQTTError `not-connected`, `closed`, `busy`, `overflow` (more than may be written; nothing was sent), `invalid`,
	 * `identifiers-exhausted`; in MQTT 5.0 `too-large` and `not-supported`: more than the server takes
	 */
	write(data?: ByteBuffer | null, options?: WriteOptions | null): number {
		return this.#sender.write(data, options);
	}

	/**
	 * Sends a whole packet that was encoded before; the rest of what the socket does not take now follows by itself. The
	 * packet is not copied: leave it unchanged until `busy` is false. Beyond ECMA-419, for layers built on this class.
	 *
	 * @throws MQTTError `not-connected`, `closed`, `busy`; in MQTT 5.0 `too-large`
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
		const receiver = client.#receiver;
		const first = client.#state === CONNECTING;
		if (first) client.#state = LOGIN;
		sender.writable = count;
		sender.flush();
		if (first) {
			if (client.#state === LOGIN) receiver.begin();
			return;
		}
		receiver.roomy();
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

	/** The server broke the protocol: there is no going on (MQTT 3.1.1 MQTT-4.8.0-1, 5.0 §4.13). */
	static #broken(client: MQTTClient, error: MQTTError): void {
		if (error.reasonCode !== undefined) client.#sender.farewell(error.reasonCode);
		error.stage = stages[client.#state];
		MQTTClient.#fail(client, error);
	}

	static #received(client: MQTTClient, type: number): void {
		if (client.#state === LOGIN || type === CONNACK) {
			MQTTClient.#login(client, type);
			return;
		}
		const { id, codes, reasonCode, properties } = client.#receiver.decoder;
		const { agreement, identifiers } = client.#sender;
		if (type === PINGRESP) client.#keepAlive?.pong();
		else if (type === AUTH) {
			if (!MQTTClient.#isSameMethod(client, properties)) return;
		} else if (type === PUBREC ? reasonCode >= failure : type !== PUBREL) identifiers?.release(id);
		const message: ControlMessage = { operation: type };
		if (type !== PINGRESP) {
			if (id !== 0) message.id = id;
			if (type === SUBACK || (type === UNSUBACK && agreement)) message.payload = codes!;
			else if (agreement) message.reasonCode = reasonCode;
			if (properties) message.properties = properties;
		}
		client.#onControl?.(message);
		if (type === DISCONNECT) MQTTClient.#fail(client, MQTTClient.#refusal(client, DISCONNECT, reasonCode));
	}

	/** CONNACK, and in MQTT 5.0 what comes before it. */
	static #login(client: MQTTClient, type: number): void {
		const { returnCode, sessionPresent, reasonCode, properties } = client.#receiver.decoder;
		const { agreement } = client.#sender;
		if (client.#state !== LOGIN)
			MQTTClient.#misplaced(client, "a second CONNACK", agreement ? "MQTT-3.2.0-2" : "MQTT-3.2.0-1");
		else if (type === AUTH) {
			if (MQTTClient.#isSameMethod(client, properties))
				client.#onControl?.({ operation: AUTH, reasonCode, properties: properties! });
		} else if (type !== CONNACK) {
			const name = packetNames[type] ?? packetNames[PUBLISH];
			MQTTClient.#misplaced(client, `${name} before CONNACK`, "MQTT-3.2.0-1");
		} else if (returnCode !== 0) MQTTClient.#fail(client, MQTTClient.#refusal(client, CONNACK, returnCode));
		else if (agreement) {
			if (!MQTTClient.#isSameMethod(client, properties)) return;
			if (sessionPresent && !agreement.mayKeep) {
				MQTTClient.#misplaced(client, "CONNACK: session present, CONNECT asked for a new one", "MQTT-3.2.2-4");
				return;
			}
			agreement.accept(properties);
			if (properties?.serverKeepAlive !== undefined) client.#interval = properties.serverKeepAlive;
			const message: ControlMessage = { operation: CONNACK, returnCode, reasonCode, sessionPresent };
			if (properties) message.properties = properties;
			MQTTClient.#accepted(client, message);
		} else MQTTClient.#accepted(client, { operation: CONNACK, returnCode, sessionPresent });
	}

	static #accepted(client: MQTTClient, message: ControlMessage): void {
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
		client.#onControl?.(message);
		MQTTClient.#offer(client);
	}

	/** A packet that may not come here. */
	static #misplaced(client: MQTTClient, what: string, clause: string): void {
		const version = client.#sender.agreement ? 5 : 4;
		MQTTClient.#broken(client, fault(version, PROTOCOL_ERROR, what, clause));
	}

	/** MQTT 5.0: the server speaks of the authentication method of CONNECT, or of none. If not, the connection is closed. */
	static #isSameMethod(client: MQTTClient, properties: Properties | undefined): boolean {
		const method = properties?.authenticationMethod;
		if (method === undefined || method === client.#sender.agreement!.method) return true;
		MQTTClient.#misplaced(client, `authentication method "${method}" is not that of CONNECT`, "MQTT-4.12.0-5");
		return false;
	}

	/** What the server says when it refuses a connection, or ends it with DISCONNECT (MQTT 5.0). */
	static #refusal(client: MQTTClient, type: number, code: number): MQTTError {
		const refused = type === CONNACK;
		let text = refused ? "the broker refused the connection: " : "the broker ended the connection: ";
		const { properties } = client.#receiver.decoder;
		if (client.#sender.agreement) {
			text += `${reasonName(code, type)} (0x${code.toString(16).padStart(2, "0")})`;
			if (properties?.reasonString) text += `: ${properties.reasonString}`;
			if (properties?.serverReference) text += `; it refers to ${properties.serverReference}`;
		} else text += `${refusals[code] ?? "reserved return code"} (${code})`;
		const error = MQTTClient.#error(client, refused ? "refused" : "disconnected", text);
		if (refused) error.returnCode = code;
		if (client.#sender.agreement) error.reasonCode = code;
		error.properties = properties;
		return error;
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
