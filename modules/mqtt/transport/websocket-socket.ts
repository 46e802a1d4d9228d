/** The subprotocol that a client has to offer, and a server to choose (MQTT-6.0.0-3, MQTT-6.0.0-4). */
const SUBPROTOCOL = "mqtt";

/** Opcodes of WebSocket control messages (ECMA-419 §24). */
const CLOSE = 8;

/** Status codes of Close (RFC 6455 §7.4.1): a normal end; and data of a kind that is not taken. */
const NORMAL = 1000;
const UNSUPPORTED = 1003;

/** Bytes that are set aside of what may be written: each write is a frame of its own, with a header of its own. */
const RESERVE = 32;

/** What this class needs of a WebSocket client (ECMA-419 §24): that of the host, or Moddable's. */
export interface WebSocketClient {
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined;
	write(data: ByteBuffer, options?: { opcode?: number }): number | undefined;
	close(): void;
	/** The subprotocol that the server chose; where there is none, it is not checked. */
	readonly protocol?: string;
	readonly target?: unknown;
}

export interface WebSocketSocketOptions {
	/** Where the host's name was found to be. */
	address: string;
	/** For the request, and for TLS; `address` when omitted. */
	host?: string;
	port: number;
	/** Where on the server MQTT is, such as "/mqtt"; the WebSocket client's default is "/". */
	path?: string;
	/** Constructor options of the WebSocket client, with its class as `io`, and with those of its TCP or TLS socket as `socket`. */
	websocket: { io: unknown; socket: object; [option: string]: unknown };
	noDelay?: boolean;
	onReadable?: (this: WebSocketSocket, count: number) => void;
	onWritable?: (this: WebSocketSocket, count: number) => void;
	onError?: (this: WebSocketSocket, error?: Error) => void;
	target?: unknown;
}

/** A resolver that knows the answer: the name was looked up already. */
class Known {
	readonly #address: string;

	constructor({ address }: { address: string }) {
		this.#address = address;
	}

	resolve(
		{ host, onResolved }: { host: string; onResolved?: (host: string, address: string) => void },
		callback?: (error: null, host: string, address: string) => void,
	): void {
		if (onResolved) onResolved(host, this.#address);
		else callback?.(null, host, this.#address);
	}

	close(): void {}
}

/**
 * MQTT over WebSocket (MQTT 3.1.1 and 5.0, §6), in the shape of an ECMA-419 §10.13 TCP socket, for the `socket` option of an
 * MQTT client: `{ io: WebSocketSocket, path: "/mqtt", websocket: device.network.ws.client }`. It keeps no bytes: what is written leaves
 * in a binary frame each, what arrives is read from the WebSocket client. Packets may be split over frames, or share them.
 */
export class WebSocketSocket {
	/** One table for all instances, because a closure for each takes 160 bytes on XS. */
	static readonly #callbacks = Object.freeze({
		onReadable(this: WebSocketClient, count: number, options: { binary: boolean }): void {
			(this.target as WebSocketSocket).#readable(count, options.binary);
		},
		onWritable(this: WebSocketClient, count: number): void {
			(this.target as WebSocketSocket).#writable(count);
		},
		onControl(this: WebSocketClient, opcode: number, control: ArrayBuffer): void {
			if (opcode === CLOSE) (this.target as WebSocketSocket).#end(new Error(reasonOf(new Uint8Array(control))));
		},
		onClose(this: WebSocketClient): void {
			(this.target as WebSocketSocket).#end(new Error("the WebSocket was closed"));
		},
		onError(this: WebSocketClient, error?: Error): void {
			(this.target as WebSocketSocket).#end(error);
		},
	});

	declare target: unknown;
	#client: WebSocketClient | undefined;
	/** The handshake was made. */
	#open = false;
	#onReadable: WebSocketSocketOptions["onReadable"];
	#onWritable: WebSocketSocketOptions["onWritable"];
	#onError: WebSocketSocketOptions["onError"];

	/**
	 * Starts to connect. `onWritable` comes once the WebSocket handshake was made.
	 *
	 * @throws TypeError: no `websocket`; and what the WebSocket client throws
	 */
	constructor(options: WebSocketSocketOptions) {
		const { address, host = address, port, path, websocket, noDelay, target } = options;
		const io = websocket?.io as new (options: object) => WebSocketClient;
		if (typeof io !== "function")
			throw new TypeError("WebSocketSocket: websocket is required: WebSocket client options with io");
		this.#onReadable = options.onReadable;
		this.#onWritable = options.onWritable;
		this.#onError = options.onError;
		if (target !== undefined) this.target = target;
		this.#client = new io({
			...websocket,
			socket: { noDelay, ...websocket.socket },
			dns: { io: Known, address },
			host,
			port,
			...(path !== undefined && { path }),
			protocol: SUBPROTOCOL,
			format: "buffer",
			...WebSocketSocket.#callbacks,
			target: this,
		});
	}

	/** As ECMA-419 §10.13 has it: up to so many bytes of what was announced, or a filled buffer. */
	read(byteLength?: number): ArrayBuffer | number | undefined;
	read(buffer: ByteBuffer): number | undefined;
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
		return this.#check().read(target);
	}

	/** Sends a frame; returns how much may still be written, which is less for what the frame's header took. */
	write(data: ByteBuffer): number {
		const writable = (this.#check().write(data) as number | undefined) ?? 0;
		return writable > RESERVE ? writable - RESERVE : 0;
	}

	/** Says Close, if there is room for it, and ends the connection. */
	close(): void {
		this.#close(this.#open ? NORMAL : 0);
	}

	get format(): "buffer" {
		return "buffer";
	}

	/** Known to the WebSocket client alone. */
	get remoteAddress(): undefined {
		return undefined;
	}
	get remotePort(): undefined {
		return undefined;
	}

	#check(): WebSocketClient {
		const client = this.#client;
		if (!client) throw new Error("WebSocketSocket: closed");
		return client;
	}

	#readable(count: number, binary: boolean): void {
		if (!binary) this.#end(new Error("the server sent text, MQTT is binary [MQTT-6.0.0-1]"), UNSUPPORTED);
		else if (count > 0) this.#onReadable?.(count);
	}

	#writable(count: number): void {
		if (!this.#open) {
			this.#open = true;
			const { protocol } = this.#client!;
			if (protocol !== undefined && protocol !== SUBPROTOCOL) {
				this.#end(new Error(`the server did not choose the subprotocol ${SUBPROTOCOL} [MQTT-6.0.0-4]`), NORMAL);
				return;
			}
		}
		this.#onWritable?.(count > RESERVE ? count - RESERVE : 0);
	}

	/** The connection is over. `code`: what the server is to be told, 0 for nothing. */
	#end(error: Error | undefined, code = 0): void {
		this.#close(code);
		this.#onError?.(error);
	}

	#close(code: number): void {
		const client = this.#client;
		if (!client) return;
		this.#client = undefined;
		try {
			if (code > 0) client.write(Uint8Array.of(code >> 8, code), { opcode: CLOSE });
		} catch {
			// No room for it, or the connection has ended: so be it.
		}
		client.close();
	}
}
Object.freeze(WebSocketSocket);

/** What the server said in its Close. */
function reasonOf(control: Uint8Array): string {
	if (control.length < 2) return "the server closed the WebSocket";
	const code = (control[0]! << 8) | control[1]!;
	let reason = "";
	// Printable ASCII: it goes to logs.
	for (let index = 2; index < control.length; index++) {
		const byte = control[index]!;
		reason += byte > 31 && byte < 127 ? String.fromCharCode(byte) : "?";
	}
	return `the server closed the WebSocket: ${code}${reason === "" ? "" : ` ${reason}`}`;
}
