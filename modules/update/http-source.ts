import type HTTPClient from "embedded:network/http/client";
import type { HTTPRequest, HTTPRequestOptions } from "embedded:network/http/client";
import Timer from "timer";
import { messageOf } from "../log/log";
import { Backoff } from "../mqtt/backoff";
import { UpdateError } from "./error";
import { type Place, withoutQuery } from "./place";
import { BLOCK, type SourceOptions } from "./source";

/** A block, and before the first one the connection, may take so long (ms); then the connection is another one. */
const DEADLINE = 30_000;
const TIMING = Object.freeze({ base: 1000, cap: 60_000, stable: 0 });
const WANTED = Object.freeze(["content-length", "content-range", "content-encoding", "etag", "location"]);

/**
 * An image from a server by HTTP: each block a range of its own (RFC 9110 §14), one after another on one connection, so that
 * neither a socket nor a TLS record ever holds more than a block. A server that knows no ranges sends it all: what is here
 * already is passed over, the rest taken as fast as flash takes it. A connection that breaks, an answer that is late and a
 * server that is busy cost a wait; what cannot become the image ends the update. Redirections are not followed.
 */
export class HTTPSource {
	#options: SourceOptions;
	#place: Place;
	#client: HTTPClient | undefined;
	#request: HTTPRequestOptions;
	#backoff = new Backoff(Math.random, TIMING);
	#timer: Timer | undefined;
	/** Bytes that were handed on. */
	#offset: number;
	#block = new Uint8Array(BLOCK);
	/** Bytes of the block under way; also of one that is passed over. */
	#filled = 0;
	/** Of this answer: bytes before those that are wanted, and how many of these are to come. */
	#before = 0;
	#left = 0;
	/** This connection brought something. */
	#moved = false;
	/** Which version of the file it is. */
	#tag = "";

	constructor(options: SourceOptions, place: Place) {
		this.#options = options;
		this.#place = place;
		this.#offset = options.offset;
		const source = this;
		// Made once, for there is a request for each block.
		this.#request = {
			path: place.path,
			headersMask: WANTED,
			onHeaders: (status, headers) => this.guard(HTTPSource.answered, status, headers),
			onReadable(count) {
				source.readable(this, count);
			},
			onDone: () => this.answerEnded(),
		};
		this.open();
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#client?.close();
		this.#client = undefined;
	}

	private open(): void {
		const { client, host, port } = this.#place;
		this.#moved = false;
		this.#filled = 0;
		this.watch();
		try {
			this.#client = new client.io({
				...client,
				host,
				port,
				onError: (error) => this.lost(messageOf(error)),
			});
			this.ask();
		} catch (error) {
			this.lost(messageOf(error));
		}
	}

	/** The end of the next block. */
	private get end(): number {
		return Math.min(this.#offset + BLOCK, this.#options.size);
	}

	private ask(): void {
		this.#request.headers = [["Range", `bytes=${this.#offset}-${this.end - 1}`]];
		this.#client!.request(this.#request);
	}

	private watch(): void {
		this.wait(DEADLINE, HTTPSource.late);
	}

	private static late(source: HTTPSource): void {
		source.#moved = false;
		source.lost(`nothing came for ${DEADLINE / 1000} s`);
	}

	/** @throws UpdateError: `download` */
	private static answered(source: HTTPSource, status: number, headers: Map<string, string>): void {
		const { size } = source.#options;
		const offset = source.#offset;
		if (status === 408 || status === 429 || status >= 500) {
			source.#moved = false;
			source.lost(`HTTP ${status}`);
			return;
		}
		if (status !== 200 && status !== 206) {
			const to = headers.get("location");
			throw source.wrong(
				`HTTP ${status}${to === undefined ? "" : `, a redirection to ${withoutQuery(to).slice(0, 80)}: not followed`}`,
			);
		}
		if ((headers.get("content-encoding") ?? "identity") !== "identity") throw source.wrong("it is compressed");
		const tag = headers.get("etag") ?? "";
		if (source.#tag === "") source.#tag = tag;
		else if (tag !== source.#tag) throw source.wrong("the file was changed while it was fetched");
		const partial = status === 206;
		source.#before = partial ? 0 : offset;
		source.#left = (partial ? source.end : size) - offset;
		if (partial) {
			const range = headers.get("content-range") ?? "";
			const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
			if (Number(first) !== offset || Number(last) !== source.end - 1)
				throw source.wrong(`asked for bytes ${offset}-${source.end - 1}, got "${range.slice(0, 40)}"`);
			if (total !== "*" && Number(total) !== size) throw source.wrong(`it has ${total} bytes, signed were ${size}`);
		}
		const length = headers.get("content-length");
		const expected = source.#before + source.#left;
		if (length !== undefined && Number(length) !== expected)
			throw source.wrong(
				partial ? `asked for ${expected} bytes, got ${length}` : `it has ${length} bytes, signed were ${size}`,
			);
	}

	private readable(request: HTTPRequest, count: number): void {
		const client = this.#client;
		while (count > 0 && this.#client === client) {
			if (this.#before === 0 && this.#left === 0) {
				this.refuse(this.wrong("more came than was asked for"));
				return;
			}
			const length = this.end - this.#offset;
			const target =
				this.#before > 0
					? this.#block.subarray(0, Math.min(BLOCK, this.#before))
					: this.#block.subarray(this.#filled, length);
			const read = request.read(target);
			if (!read) return;
			count -= read;
			if (this.#before > 0) {
				this.pass(read);
				continue;
			}
			this.#left -= read;
			this.#filled += read;
			if (this.#filled === length) this.handOn(length);
		}
	}

	/** What is here already is passed over, for so long as it comes: a block of it, too, has the time of a block. */
	private pass(count: number): void {
		this.#before -= count;
		this.#filled += count;
		if (this.#filled < BLOCK && this.#before > 0) return;
		this.#filled = 0;
		this.watch();
	}

	private handOn(length: number): void {
		const { size, onBlock } = this.#options;
		this.#filled = 0;
		this.#offset += length;
		this.#moved = true;
		this.#backoff.stood(0);
		if (this.#offset === size) this.close();
		else this.watch();
		onBlock(length === BLOCK ? this.#block : this.#block.subarray(0, length));
	}

	private answerEnded(): void {
		if (!this.#client) return;
		if (this.#left > 0) this.lost("the answer was too short");
		else this.ask();
	}

	/** Tries again: at once when the connection did its part, else after a while. */
	private lost(why: string): void {
		this.close();
		if (this.#moved) {
			this.wait(0, HTTPSource.again);
			return;
		}
		const delay = this.#backoff.next();
		this.wait(delay, HTTPSource.again);
		this.#options.onTrouble(`${this.#place.name}: ${why}`);
	}

	private static again(source: HTTPSource): void {
		source.#options.onWait();
		if (!source.#timer) return;
		source.open();
	}

	private wrong(what: string): UpdateError {
		return new UpdateError("download", `${this.#place.name}: ${what}`);
	}

	private refuse(error: UpdateError): void {
		this.close();
		this.#options.onRefuse(error);
	}

	/** What a step throws ends the update, not the node. */
	private guard<A, B>(step: (source: HTTPSource, a: A, b: B) => void, a: A, b: B): void {
		try {
			step(this, a, b);
		} catch (error) {
			this.refuse(error as UpdateError);
		}
	}

	private wait(milliseconds: number, next: (source: HTTPSource) => void): void {
		Timer.clear(this.#timer);
		this.#timer = Timer.set(() => next(this), milliseconds);
	}
}
