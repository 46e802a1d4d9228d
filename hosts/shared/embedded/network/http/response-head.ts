import { protocolError } from "./error";
import { isToken } from "./fields";

/** Bytes of names and values that are kept: a server must not fill the heap with them. */
const MOST_KEPT = 4096;

/** What says where the body ends, and whether the connection goes on: looked at, mask or not. */
const FRAMING: readonly string[] = Object.freeze(["content-length", "transfer-encoding", "connection"]);

/** The head of an answer (RFC 9112 §4, §5), and what it says of the body (§6.3). Its lines come one by one. */
export class ResponseHead {
	/** 0 before it came. */
	status = 0;
	statusText = "";
	readonly headers = new Map<string, string>();
	chunked = false;
	/** Bytes of the body, if it is said. */
	length: number | undefined;
	/** The connection goes on after it (RFC 9112 §9.3). */
	persistent = false;
	#modern = false;
	#kept = 0;
	readonly #mask: readonly string[] | undefined;

	constructor(mask: readonly string[] | undefined) {
		this.#mask = mask;
	}

	/** Whether the rest of a long line, that begins so, has to be kept. */
	wants(line: string): boolean {
		const colon = line.indexOf(":");
		if (this.status === 0 || colon < 0) return true;
		const name = line.slice(0, colon).toLowerCase();
		return FRAMING.includes(name) || (this.#mask?.includes(name) ?? true);
	}

	/** Takes the next line; true once it was the last. Throws for what is none. */
	line(line: string): boolean {
		if (this.status === 0) this.first(line);
		else if (line === "") return true;
		else {
			const colon = line.indexOf(":");
			const name = line.slice(0, colon).toLowerCase();
			// A line that begins with a space would go on with the one before it: nobody may write so (RFC 9112 §5.2).
			if (colon < 1 || !isToken(name)) throw protocolError("a header that is none", line);
			const value = line.slice(colon + 1).trim();
			this.frame(name, value);
			if (this.#mask?.includes(name) ?? true) this.keep(name, value);
		}
		return false;
	}

	private first(line: string): void {
		const [, minor, status, text = ""] = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: (.*))?$/.exec(line) ?? [];
		if (status === undefined) throw protocolError("the server does not speak HTTP/1.1", line);
		this.status = Number(status);
		this.statusText = text;
		this.#modern = this.persistent = minor === "1";
	}

	private keep(name: string, value: string): void {
		const { headers } = this;
		const before = headers.get(name);
		this.#kept += value.length + (before === undefined ? name.length : 2);
		if (this.#kept > MOST_KEPT)
			throw protocolError(`headers of more than ${MOST_KEPT} bytes (headersMask says which are wanted)`);
		headers.set(name, before === undefined ? value : `${before}, ${value}`);
	}

	private frame(name: string, value: string): void {
		if (name === "content-length") {
			if (!/^\d{1,15}$/.test(value)) throw protocolError("content-length is not a number", value);
			const length = Number(value);
			if (this.length !== undefined && this.length !== length) throw protocolError("content-length comes twice", value);
			this.length = length;
		} else if (name === "transfer-encoding") {
			// Any other is one that was not asked for; and 1.0 knows none.
			if (!this.#modern || this.chunked || value.toLowerCase() !== "chunked")
				throw protocolError("a transfer-encoding that is not understood", value);
			this.chunked = true;
		} else if (name === "connection") {
			const tokens = value.toLowerCase().split(",");
			for (const token of tokens) {
				if (token.trim() === "close") this.persistent = false;
				else if (token.trim() === "keep-alive" && !this.#modern) this.persistent = true;
			}
		}
		// Two lengths: one of them would be that of an attacker (RFC 9112 §6.1).
		if (this.chunked && this.length !== undefined)
			throw protocolError("content-length and transfer-encoding, both at once");
	}
}
