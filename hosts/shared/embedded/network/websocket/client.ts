import type TCP from "embedded:io/socket/tcp";
import type { WebSocketClientOptions, WebSocketError } from "embedded:network/websocket/client";
import Timer from "timer";
import { checkBuffer, checkOptions, getCallback, getOneOf, requireInteger } from "../../options";
import { BAD, CONTROL, DATA, FrameReader, NONE } from "./frame-reader";
import { FrameWriter, partOf } from "./frame-writer";
import { Handshake } from "./handshake";
import { BINARY, CLOSE, PING, PONG, TEXT } from "./opcodes";
import { type Checked, checkHandshake } from "./options";

type Options = WebSocketClientOptions;
type WriteOptions = { binary?: boolean; more?: boolean; opcode?: number };

const OWNER = "WebSocketClient";

const RESOLVING = 0;
const CONNECTING = 1;
const OPENING = 2;
const OPEN = 3;
/** Close was sent. */
const CLOSING = 4;
/** Close was sent, and came: the server ends the connection. */
const ENDING = 5;
const CLOSED = 6;

/** How long the peer has to answer Close, and then to end the connection (ms). */
const CLOSE_TIMEOUT = 5000;
const END_TIMEOUT = 1000;

const none = Object.freeze({});
const infos = Object.freeze([
	Object.freeze({ more: false, binary: false }),
	Object.freeze({ more: true, binary: false }),
	Object.freeze({ more: false, binary: true }),
	Object.freeze({ more: true, binary: true }),
]);

/**
 * ECMA-419 §24, WebSocket Client: RFC 6455 over the TCP class in its options. Messages of any size pass through a small
 * window. What breaks the RFC is told to the server with its status code, and to `onError`. With `attach` it is the server's end.
 */
class WebSocketClient {
	static readonly text = TEXT;
	static readonly binary = BINARY;
	static readonly close = CLOSE;
	static readonly ping = PING;
	static readonly pong = PONG;

	/** What sockets get. One table for all instances, because a closure for each takes 160 bytes on XS. */
	static readonly #socketOptions = Object.freeze({
		format: "buffer",
		onReadable(this: TCP, count: number): void {
			(this.target as WebSocketClient).#readable(count);
		},
		onWritable(this: TCP, count: number): void {
			(this.target as WebSocketClient).#writable(count);
		},
		onError(this: TCP, error?: Error): void {
			(this.target as WebSocketClient).#broke(error);
		},
	});

	declare target: unknown;
	#state = RESOLVING;
	#format: "buffer" | "number";
	#onReadable: Options["onReadable"];
	#onWritable: Options["onWritable"];
	#onControl: Options["onControl"];
	#onError: Options["onError"];
	#onClose: Options["onClose"];
	/** Until the handshake is made. */
	#checked: Checked | undefined;
	#handshake: Handshake | undefined;
	#resolver: { close?(): void } | undefined;
	#socket: TCP | undefined;
	readonly #server: boolean;
	readonly #reader: FrameReader;
	readonly #writer: FrameWriter;
	#protocol = "";
	/** Bytes that wait in the socket. */
	#arrived = 0;
	/** Frames are being taken from the socket: the application's reads are part of that. */
	#draining = false;
	#resume: Timer | undefined;
	/** The connection ended, and its last message is not read yet. */
	#lost: Error | undefined;
	/** For a deferred error, and for the closing handshake. */
	#timer: Timer | undefined;

	constructor(options: Options) {
		checkOptions(OWNER, options);
		this.#format = getOneOf(OWNER, "format", options.format, ["buffer", "number"]);
		this.#onReadable = getCallback(OWNER, "onReadable", options.onReadable);
		this.#onWritable = getCallback(OWNER, "onWritable", options.onWritable);
		this.#onControl = getCallback(OWNER, "onControl", options.onControl);
		this.#onError = getCallback(OWNER, "onError", options.onError);
		this.#onClose = getCallback(OWNER, "onClose", options.onClose);
		const { attach, target } = options;
		this.#server = attach !== undefined && attach !== null;
		this.#reader = new FrameReader(this.#server);
		this.#writer = new FrameWriter(!this.#server);
		if (this.#server) {
			if (typeof attach !== "object") throw new TypeError(`${OWNER}: attach is not a TCP socket`);
			this.#state = OPEN;
			const io = attach.constructor as new (options: object) => TCP;
			this.#join(new io({ from: attach, ...WebSocketClient.#socketOptions, target: this }));
		} else this.#resolve(checkHandshake(options));
		if (target !== undefined) this.target = target;
	}

	close(): void {
		this.#release();
		this.#onReadable = this.#onWritable = this.#onControl = this.#onError = this.#onClose = undefined;
	}

	read(target?: number): ArrayBuffer | number | undefined;
	read(target: ByteBuffer): number | undefined;
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
		this.#check();
		const reader = this.#reader;
		const { start } = reader;
		let count = reader.available;
		let result: ArrayBuffer | number | undefined;
		if (this.#format === "number") {
			if (count === 0) return undefined;
			count = 1;
			result = reader.bytes[start]!;
		} else if (target === undefined || typeof target === "number") {
			const wanted =
				target === undefined ? count : requireInteger(OWNER, "byteLength", target, 1, Number.MAX_SAFE_INTEGER);
			if (count === 0) return undefined;
			count = Math.min(count, wanted);
			result = reader.bytes.buffer.slice(start, start + count) as ArrayBuffer;
		} else {
			checkBuffer(`${OWNER} read`, target);
			if (count === 0) return undefined;
			count = Math.min(count, target.byteLength);
			const whole = (target as Uint8Array).BYTES_PER_ELEMENT === 1 ? (target as Uint8Array) : partOf(target, 0);
			whole.set(reader.part(start, count));
			result = count;
		}
		reader.start += count;
		reader.available -= count;
		// Outside of `onReadable`: no callback may come from within this call.
		if (!this.#draining && reader.available === 0)
			this.#resume ??= Timer.set(() => {
				this.#resume = undefined;
				this.#drain();
			}, 0);
		return result;
	}

	write(data: ByteBuffer | number, options?: WriteOptions): number {
		this.#check();
		if (this.#state < OPEN) throw new Error(`${OWNER} write: not connected yet (wait for onWritable)`);
		if (this.#state > OPEN) throw new Error(`${OWNER} write: the connection is being closed`);
		const payload = this.#payloadOf(data);
		const { binary = true, more = false, opcode } = options ?? (none as WriteOptions);
		const writer = this.#writer;
		if (opcode === undefined) writer.message(payload, binary, more);
		else writer.control(opcode, payload);
		if (opcode !== CLOSE) return writer.room;
		this.#state = CLOSING;
		this.#timer = Timer.set(
			() => this.#fail(this.#error("ETIMEDOUT", "the peer does not answer Close")),
			CLOSE_TIMEOUT,
		);
		return 0;
	}

	/** The subprotocol that the server chose; empty when none. Beyond ECMA-419. */
	get protocol(): string {
		return this.#protocol;
	}

	get format(): "buffer" | "number" {
		this.#check();
		return this.#format;
	}
	set format(value: "buffer" | "number") {
		this.#check();
		this.#format = getOneOf(OWNER, "format", value ?? null, ["buffer", "number"]);
	}

	#check(): void {
		if (this.#state === CLOSED) throw new Error(`${OWNER}: closed`);
	}

	#payloadOf(data: ByteBuffer | number): ByteBuffer {
		if (typeof data === "number" && this.#format === "number")
			return Uint8Array.of(requireInteger(`${OWNER} write`, "byte", data, 0, 255));
		checkBuffer(`${OWNER} write`, data);
		return data;
	}

	#resolve(checked: Checked): void {
		this.#checked = checked;
		const { dns, host } = checked;
		const onError = (error?: unknown) => {
			if (this.#state === RESOLVING) this.#failLater(error ?? this.#error("ENOTFOUND", `${host}: name not found`));
		};
		const onResolved = (_host: string, address: string) => {
			if (this.#state === RESOLVING) this.#connect(checked, address);
		};
		try {
			const resolver = new dns.io(dns as never);
			this.#resolver = resolver;
			resolver.resolve({ host, onResolved, onError }, (error, name, address) =>
				error ? onError(error) : onResolved(name!, address!),
			);
		} catch (error) {
			onError(error);
		}
	}

	#connect({ socket, host, port }: Checked, address: string): void {
		this.#state = CONNECTING;
		this.#closeResolver();
		try {
			this.#join(
				new socket.io({ ...socket, address, host, port, ...WebSocketClient.#socketOptions, target: this } as never),
			);
		} catch (error) {
			this.#failLater(error);
		}
	}

	#join(socket: TCP): void {
		this.#socket = this.#writer.socket = socket;
	}

	#readable(count: number): void {
		this.#arrived = count;
		if (this.#state === OPENING) this.#open();
		else if (this.#state >= OPEN) this.#drain();
	}

	#writable(count: number): void {
		this.#writer.writable = count;
		if (this.#state === CONNECTING) {
			this.#handshake = new Handshake(this.#checked!);
			this.#state = OPENING;
		}
		if (this.#state === OPENING) this.#ask();
		else {
			try {
				this.#writer.flush();
			} catch (error) {
				this.#failLater(error);
			}
			this.#offer();
		}
	}

	/** Sends the request, as far as the socket takes it. */
	#ask(): void {
		const part = this.#handshake!.take(this.#writer.writable);
		if (part === undefined) return;
		try {
			this.#writer.writable = this.#socket!.write(part) ?? 0;
		} catch (error) {
			this.#failLater(error);
		}
	}

	/** Takes the server's answer. */
	#open(): void {
		const reader = this.#reader;
		const handshake = this.#handshake!;
		do {
			reader.start = handshake.consume(reader.bytes, reader.start, reader.end);
			if (handshake.problem !== undefined) {
				this.#refused(handshake.problem);
				return;
			}
		} while (!handshake.done && this.#fill());
		if (!handshake.done) return;
		this.#protocol = handshake.protocol;
		this.#handshake = this.#checked = undefined;
		this.#state = OPEN;
		this.#offer();
		this.#drain();
	}

	#refused(problem: string): void {
		const { host, port, path } = this.#checked!;
		const error = this.#error("EHANDSHAKE", `${host}:${port}${path}: ${problem}`);
		const { status } = this.#handshake!;
		if (status !== 0 && status !== 101) error.status = status;
		this.#fail(error);
	}

	/** Only callbacks of the host lead here, and these never nest (ECMA-419 §8). */
	#drain(): void {
		const reader = this.#reader;
		this.#draining = true;
		if (reader.start === reader.end) this.#fill();
		while (this.#state < ENDING && reader.available === 0) {
			const type = reader.next();
			if (type === DATA) this.#deliver();
			else if (type === CONTROL) this.#control(reader.opcode, reader.control);
			else if (type === BAD) this.#breach();
			else if (type === NONE && !this.#fill()) {
				if (this.#lost) this.#fail(this.#lost);
				break;
			}
		}
		this.#draining = false;
		// After Close nothing counts any more (RFC 6455 §5.5.1), but the end of the connection stands behind it.
		if (this.#state === ENDING) for (reader.start = reader.end; this.#fill(); ) reader.start = reader.end;
	}

	/** Moves bytes from the socket into the window; false when there are none. */
	#fill(): boolean {
		const arrived = this.#arrived;
		if (arrived === 0) return false;
		const target = this.#reader.target(arrived);
		const count = this.#socket!.read(target) ?? 0;
		this.#reader.end += count;
		this.#arrived = count < target.length ? 0 : arrived - count;
		return count > 0;
	}

	#deliver(): void {
		const { available, binary, more } = this.#reader;
		this.#onReadable?.(available, infos[(binary ? 2 : 0) + (more ? 1 : 0)]!);
	}

	/** Answers it, then tells it. */
	#control(opcode: number, payload: ArrayBuffer): void {
		if (opcode === PING) this.#answer(PONG, payload);
		else if (opcode === CLOSE) {
			const answered = this.#state === CLOSING;
			this.#state = ENDING;
			Timer.clear(this.#timer);
			this.#timer = Timer.set(() => this.#end(), this.#server ? 0 : END_TIMEOUT);
			if (!answered) this.#answer(CLOSE, payload);
		}
		this.#onControl?.(opcode, payload);
		// An answer took of the room that the application was told of.
		if (opcode === PING && this.#state === OPEN) this.#onWritable?.(this.#writer.room);
	}

	#answer(opcode: number, payload: ArrayBuffer): void {
		try {
			this.#writer.answer(opcode, payload);
		} catch (error) {
			this.#failLater(error);
		}
	}

	/** Tells the application how much it may write. */
	#offer(): void {
		const { room } = this.#writer;
		if (this.#state === OPEN && room > 0) this.#onWritable?.(room);
	}

	/** The peer broke the RFC: it is told so, and the connection is over (RFC 6455 §7.1.7). */
	#breach(): void {
		const { closeCode, problem } = this.#reader;
		const error = this.#error("EPROTOCOL", `${problem} [RFC 6455, ${closeCode}]`);
		error.closeCode = closeCode;
		if (this.#state === OPEN) this.#answer(CLOSE, Uint8Array.of(closeCode >> 8, closeCode).buffer);
		this.#fail(error);
	}

	/** The socket's `onError`. */
	#broke(error?: Error): void {
		if (this.#state === ENDING) this.#end();
		else if (this.#state === CONNECTING) this.#fail(error ?? this.#error("ECONNREFUSED", "the socket did not connect"));
		else if (this.#state === OPENING) this.#refused(`${this.#handshake!.unfinished}${because(error)}`);
		else {
			const lost = this.#error("ECONNCLOSED", `the connection ended without Close${because(error)}`);
			if (this.#reader.available > 0) this.#lost = lost;
			else this.#fail(lost);
		}
	}

	#error(code: string, message: string): WebSocketError {
		return Object.assign(new Error(message), { code });
	}

	/** The closing handshake was made, and the connection is over. */
	#end(): void {
		this.#release();
		this.#onClose?.();
	}

	#fail(error: Error): void {
		if (this.#state === CLOSED) return;
		this.#release();
		this.#onError?.(error);
	}

	/** As `fail`, but says so once the current call is over. */
	#failLater(error: unknown): void {
		if (this.#state === CLOSED) return;
		this.#release();
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			this.#onError?.(error instanceof Error ? error : new Error(String(error)));
		}, 0);
	}

	#closeResolver(): void {
		const resolver = this.#resolver;
		this.#resolver = undefined;
		resolver?.close?.();
	}

	#release(): void {
		this.#state = CLOSED;
		Timer.clear(this.#timer);
		Timer.clear(this.#resume);
		this.#timer = this.#resume = undefined;
		this.#handshake = this.#checked = this.#lost = undefined;
		this.#arrived = 0;
		this.#closeResolver();
		const socket = this.#socket;
		this.#socket = this.#writer.socket = undefined;
		socket?.close();
	}
}
Object.freeze(WebSocketClient);

function because(error: Error | undefined): string {
	return error?.message ? ` (${error.message})` : "";
}

export default WebSocketClient;
