import { CHUNKED, type CheckedRequest } from "./options";
import { ResponseReader } from "./response-reader";
import type { Wire } from "./wire";

/** Around a chunk: its size, and two line ends. */
const OVERHEAD = 12;

/** What an exchange asks of its client. */
export interface ExchangeOwner {
	/** The request whose turn it is. */
	readonly current: Exchange | undefined;
	readonly wire: Wire;
	/** The application took the rest of what it was told of. */
	consumed(): void;
	check(): void;
}

/** One request, and its answer: what the application does not see of them. */
export class Exchange {
	readonly options: CheckedRequest;
	readonly response: ResponseReader;
	readonly owner: ExchangeOwner;
	readonly request: HTTPRequest;
	/** Of what was handed over: the rest that the socket has not taken. */
	#waiting: Uint8Array | undefined;
	/** Bytes of the body that are still to come; CHUNKED as long as nobody said that it is over. */
	#unwritten: number;

	constructor(options: CheckedRequest, owner: ExchangeOwner) {
		this.options = options;
		this.owner = owner;
		this.response = new ResponseReader(options.mask, options.bodiless);
		this.#waiting = new Uint8Array(ArrayBuffer.fromString(options.head));
		this.#unwritten = options.length;
		this.request = new HTTPRequest(this);
	}

	/** The head has left. */
	get asked(): boolean {
		return this.#waiting === undefined || this.#unwritten !== this.options.length;
	}

	/** All of it has left. */
	get sent(): boolean {
		return this.#waiting === undefined && this.#unwritten === 0;
	}

	/** Bytes of the body that may be written now. */
	get room(): number {
		if (this.#waiting || this.#unwritten === 0) return 0;
		const { writable } = this.owner.wire;
		return Math.max(0, this.#unwritten === CHUNKED ? writable - OVERHEAD : Math.min(writable, this.#unwritten));
	}

	/** Sends what waits. */
	flush(): void {
		if (this.#waiting) this.#waiting = this.owner.wire.sendSome(this.#waiting);
	}

	write(data: ByteBuffer | undefined): number {
		if (this.#unwritten === 0) throw new Error("HTTPClient write: the request has no body, or all of it was written");
		if (data === undefined) {
			if (this.#unwritten !== CHUNKED) throw new TypeError("HTTPClient write: a buffer is required");
			this.#unwritten = 0;
			this.#waiting = new Uint8Array(ArrayBuffer.fromString("0\r\n\r\n"));
			this.flush();
			return 0;
		}
		const { byteLength } = data;
		if (byteLength > this.room)
			throw new Error(`HTTPClient write: ${byteLength} bytes, ${this.room} may be written (wait for onWritable)`);
		// An empty chunk would be the end.
		if (byteLength === 0) return this.room;
		const { wire } = this.owner;
		if (this.#unwritten === CHUNKED) {
			wire.send(ArrayBuffer.fromString(`${byteLength.toString(16)}\r\n`));
			wire.send(data);
			wire.send(ArrayBuffer.fromString("\r\n"));
		} else {
			wire.send(data);
			this.#unwritten -= byteLength;
		}
		return this.room;
	}
}

/** ECMA-419 §20, HTTP Client Request instance: the receiver of its callbacks. Only the client makes them. */
export class HTTPRequest {
	readonly #exchange: Exchange;

	constructor(exchange: Exchange) {
		this.#exchange = exchange;
	}

	read(target?: number): ArrayBuffer | undefined;
	read(target: ByteBuffer): number | undefined;
	read(target?: number | ByteBuffer): ArrayBuffer | number | undefined {
		const { owner, response } = this.#exchange;
		owner.check();
		const { wire } = owner;
		const available = owner.current === this.#exchange ? response.available(wire) : 0;
		if (available === 0) return undefined;
		const buffer = typeof target === "object" ? bytesOf(target) : undefined;
		const wanted = buffer?.length ?? (target === undefined ? available : Number(target));
		if (!Number.isInteger(wanted) || wanted < 0)
			throw new RangeError(`HTTPClient read: ${String(target)} is no number of bytes`);
		const count = Math.min(available, wanted);
		const bytes = buffer ? (count < buffer.length ? buffer.subarray(0, count) : buffer) : new Uint8Array(count);
		const taken = wire.take(bytes);
		response.read(taken);
		if (response.left === 0 || wire.available === 0) owner.consumed();
		if (buffer) return taken;
		const whole = bytes.buffer as ArrayBuffer;
		return taken === count ? whole : whole.slice(0, taken);
	}

	/** Without `data`: the end of a body in chunks. */
	write(data?: ByteBuffer): number {
		const { owner } = this.#exchange;
		owner.check();
		if (owner.current !== this.#exchange || !this.#exchange.asked)
			throw new Error("HTTPClient write: the request is not being sent now (wait for onWritable)");
		return this.#exchange.write(data);
	}
}

function bytesOf(target: ByteBuffer): Uint8Array {
	if (ArrayBuffer.isView(target)) return new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
	if (!(target instanceof ArrayBuffer))
		throw new TypeError("HTTPClient read: an ArrayBuffer or a view on one is required");
	return new Uint8Array(target);
}
