import { httpError, protocolError } from "./error";
import { ResponseHead } from "./response-head";
import type { Wire } from "./wire";

/** What `next` found. NOTHING: the rest has not come yet. */
export const NOTHING = 0;
export const HEAD = 1;
export const DATA = 2;
export const WHOLE = 3;

const AT_HEAD = 0;
const AT_BODY = 1;
/** At the line that says how long a chunk is, behind its data, behind the last one. */
const AT_SIZE = 2;
const BEHIND_CHUNK = 3;
const AT_TRAILER = 4;
const OVER = 5;

/** The answer to one request (RFC 9112 §4 to §7): how far it has come, and where its body ends. */
export class ResponseReader {
	head: ResponseHead;
	/** Bytes that may be read of the body, or of its current chunk; Infinity when the connection's end is its end. */
	left = 0;
	#state = AT_HEAD;
	/** Bytes of the body so far. */
	#count = 0;
	readonly #mask: readonly string[] | undefined;
	readonly #bodiless: boolean;

	constructor(mask: readonly string[] | undefined, bodiless: boolean) {
		this.#mask = mask;
		this.#bodiless = bodiless;
		this.head = new ResponseHead(mask);
	}

	/** For the lines of trailers, none of which is kept, and of chunks. */
	wants(): boolean {
		return this.#state !== AT_TRAILER;
	}

	/** Bytes of the body that can be read now. */
	available(wire: Wire): number {
		return this.#state === AT_BODY ? Math.min(this.left, wire.available) : 0;
	}

	/** So many bytes of the body were read. */
	read(count: number): void {
		this.left -= count;
		this.#count += count;
	}

	/** Goes on to what the application is to be told. Throws when the server breaks HTTP/1.1. */
	next(wire: Wire): number {
		for (;;) {
			if (this.#state === OVER) return WHOLE;
			if (this.#state === AT_BODY) {
				if (this.left > 0) return wire.available > 0 ? DATA : NOTHING;
				this.#state = this.head.chunked ? BEHIND_CHUNK : OVER;
				continue;
			}
			const line = wire.line(this.#state === AT_HEAD ? this.head : this);
			if (line === undefined) {
				// Who does not speak HTTP may never send a line.
				const beginning = this.#state === AT_HEAD && this.head.status === 0 ? wire.peek(5) : "";
				if (beginning !== "" && beginning !== "HTTP/")
					throw protocolError("the server does not speak HTTP/1.1", beginning);
				return NOTHING;
			}
			if (this.#state === AT_HEAD) {
				if (this.head.line(line) && this.begin(wire)) return HEAD;
			} else if (this.#state === AT_SIZE) this.chunk(line, wire);
			else if (this.#state === BEHIND_CHUNK) {
				if (line !== "") throw protocolError("a chunk is longer than it says", line);
				this.#state = AT_SIZE;
				wire.taken = 0;
			} else if (line === "") this.#state = OVER;
		}
	}

	/** The connection has ended. True when that was the end of the body. */
	endedBy(error: Error | undefined): boolean {
		const clean = error === undefined || (error as { code?: string }).code === "ECONNCLOSED";
		return clean && this.#state === AT_BODY && this.left === Number.POSITIVE_INFINITY;
	}

	/** Why the answer is not whole, when the connection ends now. */
	unfinished(error: Error | undefined): Error {
		const { length, status } = this.head;
		const where =
			status === 0 || this.#state === AT_HEAD
				? "before the server had answered"
				: `after ${this.#count}${length === undefined ? "" : ` of ${length}`} bytes of the body`;
		const because = error?.message ? ` (${error.message})` : "";
		return httpError((error as { code?: string })?.code ?? "ECONNCLOSED", `the connection ended ${where}${because}`);
	}

	/** The head is whole; false when it is only the first of several (RFC 9110 §15.2). */
	private begin(wire: Wire): boolean {
		const { head } = this;
		const { status, chunked, length } = head;
		if (status < 200) {
			if (status === 101) throw protocolError("the server switches to a protocol that was not asked for");
			this.head = new ResponseHead(this.#mask);
			return false;
		}
		wire.taken = 0;
		if (this.#bodiless || status === 204 || status === 304) this.#state = OVER;
		else if (chunked) this.#state = AT_SIZE;
		else {
			this.#state = AT_BODY;
			this.left = length ?? Number.POSITIVE_INFINITY;
			if (length === undefined) head.persistent = false;
		}
		return true;
	}

	private chunk(line: string, wire: Wire): void {
		const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line)?.[1];
		if (size === undefined) throw protocolError("the size of a chunk is not a hexadecimal number", line);
		this.left = Number.parseInt(size, 16);
		wire.taken = 0;
		this.#state = this.left > 0 ? AT_BODY : AT_TRAILER;
	}
}
