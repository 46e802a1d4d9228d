import type TCP from "embedded:io/socket/tcp";
import type { HTTPClientOptions, HTTPRequestOptions } from "embedded:network/http/client";
import Timer from "timer";
import { checkOptions, getCallback } from "../../options";
import { checkConnection } from "../connection-options";
import { httpError, protocolError } from "./error";
import { type Checked, checkRequest, OWNER } from "./options";
import { Exchange, type ExchangeOwner, type HTTPRequest } from "./request";
import { DATA, HEAD, NOTHING } from "./response-reader";
import { Wire } from "./wire";

const RESOLVING = 0;
const CONNECTING = 1;
const CONNECTED = 2;
const CLOSED = 3;

/**
 * ECMA-419 §20, HTTP Client: HTTP/1.1 (RFC 9112) over the TCP class in its options, requests one after another on one
 * connection. Bodies of any length go from the socket to who reads them; until then they are held back at the server.
 * What breaks the RFC, and the connection's end, come to `onError`; then the client is closed.
 */
class HTTPClient implements ExchangeOwner {
	/** What sockets get. One table for all instances, because a closure for each takes 160 bytes on XS. */
	static readonly #socketOptions = Object.freeze({
		format: "buffer",
		onReadable(this: TCP, count: number): void {
			(this.target as HTTPClient).readable(count);
		},
		onWritable(this: TCP, count: number): void {
			(this.target as HTTPClient).writable(count);
		},
		onError(this: TCP, error?: Error): void {
			(this.target as HTTPClient).broke(error);
		},
	});

	declare target: unknown;
	readonly wire = new Wire();
	current: Exchange | undefined;
	#state = RESOLVING;
	#onError: HTTPClientOptions["onError"];
	#checked: Checked;
	#resolver: { close?(): void } | undefined;
	#queue: Exchange[] = [];
	/** Callbacks are being called: what the application reads meanwhile is part of that. */
	#busy = false;
	/** The connection ended, and the rest of what came is not read yet. */
	#lost: { error: Error | undefined } | undefined;
	/** Goes on once the current call is over. */
	#later: Timer | undefined;

	constructor(options: HTTPClientOptions) {
		checkOptions("HTTPClient", options);
		this.#onError = getCallback("HTTPClient", "onError", options.onError);
		this.#checked = checkConnection(OWNER, options);
		this.resolve(this.#checked);
		if (options.target !== undefined) this.target = options.target;
	}

	/** Cancels all requests, too. */
	close(): void {
		this.release();
		this.#onError = undefined;
	}

	/** Queues a request; throws for options that are wrong. */
	request(options: HTTPRequestOptions): HTTPRequest {
		this.check();
		const exchange = new Exchange(checkRequest(options, this.#checked), this);
		this.#queue.push(exchange);
		if (this.#state === CONNECTED && !this.current && !this.#busy) this.later();
		return exchange.request;
	}

	get format(): "buffer" {
		return "buffer";
	}

	check(): void {
		if (this.#state === CLOSED) throw new Error("HTTPClient: closed");
	}

	consumed(): void {
		if (!this.#busy) this.later();
	}

	private later(): void {
		this.#later ??= Timer.set(() => {
			this.#later = undefined;
			this.goOn(true);
		}, 0);
	}

	private resolve({ dns, host }: Checked): void {
		const onError = (error?: unknown) => {
			if (this.#state === RESOLVING) this.failLater(error ?? httpError("ENOTFOUND", `${host}: name not found`));
		};
		const onResolved = (_host: string, address: string) => {
			if (this.#state === RESOLVING) this.connect(address);
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

	private connect(address: string): void {
		const { socket, host, port } = this.#checked;
		this.#state = CONNECTING;
		this.closeResolver();
		const options = { ...socket, address, host, port, ...HTTPClient.#socketOptions, target: this };
		try {
			this.wire.socket = new socket.io(options as never);
		} catch (error) {
			this.failLater(error);
		}
	}

	private readable(count: number): void {
		this.wire.arrived = count;
		if (this.#state === CONNECTED) this.goOn(true);
	}

	private writable(count: number): void {
		this.wire.writable = count;
		if (this.#state === CONNECTING) this.#state = CONNECTED;
		if (this.#state === CONNECTED) this.goOn(false);
	}

	/** Only callbacks of the host lead here. `news`: something came, and is told even if the last of it was not read. */
	private goOn(news: boolean): void {
		this.#busy = true;
		try {
			if (this.send()) this.receive(news);
		} finally {
			// A callback may throw, and the machine live on.
			this.#busy = false;
		}
	}

	/** Sends what can be sent of the request whose turn it is; false when the client is closed. */
	private send(): boolean {
		const { wire } = this;
		this.current ??= this.#queue.shift();
		const { current } = this;
		if (!current) return true;
		try {
			current.flush();
		} catch (error) {
			this.failLater(error);
			return false;
		}
		const { room } = current;
		if (room > 0 && wire.writable > 0) current.options.onWritable?.call(current.request, room);
		return this.#state === CONNECTED;
	}

	private receive(news: boolean): void {
		const { wire } = this;
		while (this.#state === CONNECTED) {
			const { current } = this;
			if (!current?.asked) {
				if (wire.available > 0) this.fail(protocolError("the server speaks before it was asked"));
				return;
			}
			const { response, options, request } = current;
			let next: number;
			try {
				next = response.next(wire);
			} catch (error) {
				this.fail(error as Error);
				return;
			}
			if (next === NOTHING) break;
			if (next === HEAD) {
				const { status, headers, statusText } = response.head;
				options.onHeaders?.call(request, status, headers, statusText);
				news = true;
			} else if (next === DATA) {
				if (!options.onReadable) response.read(wire.skip(response.left));
				else {
					const { left } = response;
					if (news) options.onReadable.call(request, response.available(wire));
					// What is left is the application's to read, whenever it will.
					if (response.left === left || (response.left > 0 && wire.available > 0)) break;
				}
			} else this.finish(current);
		}
		if (this.#lost && this.#state === CONNECTED && !this.current?.response.available(wire))
			this.ended(this.#lost.error);
	}

	/** The answer is whole. */
	private finish({ options, request, response, sent }: Exchange): void {
		this.current = undefined;
		options.onDone?.call(request, null);
		if (this.#state !== CONNECTED) return;
		if (!sent) this.fail(protocolError("the server answered before the whole request was there"));
		else if (!response.head.persistent) this.fail(httpError("ECONNCLOSED", "the server ends the connection"));
		else this.send();
	}

	/** The socket's `onError`. */
	private broke(error?: Error): void {
		if (this.#state === CONNECTING) this.fail(error ?? httpError("ECONNREFUSED", "the socket did not connect"));
		else if (this.wire.held > 0 && this.current?.response.available(this.wire)) {
			this.wire.arrived = 0;
			this.#lost = { error };
		} else this.ended(error);
	}

	/** The connection has ended, and all that came was read. */
	private ended(error: Error | undefined): void {
		const { current } = this;
		if (current?.response.endedBy(error)) {
			this.#busy = true;
			this.finish(current);
		} else if (current?.asked) this.fail(current.response.unfinished(error));
		else this.fail(error ?? httpError("ECONNCLOSED", "the connection has ended"));
	}

	private fail(error: Error): void {
		if (this.#state === CLOSED) return;
		this.release();
		this.#onError?.(error);
	}

	/** As `fail`, but says so once the current call is over. */
	private failLater(error: unknown): void {
		if (this.#state === CLOSED) return;
		this.release();
		this.#later = Timer.set(() => {
			this.#later = undefined;
			this.#onError?.(error instanceof Error ? error : new Error(String(error)));
		}, 0);
	}

	private closeResolver(): void {
		const resolver = this.#resolver;
		this.#resolver = undefined;
		resolver?.close?.();
	}

	private release(): void {
		this.#state = CLOSED;
		Timer.clear(this.#later);
		this.#later = this.current = this.#lost = undefined;
		this.#queue.length = 0;
		this.closeResolver();
		this.wire.close();
	}
}
Object.freeze(HTTPClient);

export default HTTPClient;
