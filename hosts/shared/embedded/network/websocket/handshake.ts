import { hostLine, lineOf, quote } from "../http/fields";
import { WINDOW } from "./frame-reader";
import { acceptOf, handshakeKey } from "./host";
import type { Checked } from "./options";

/** Bytes of all headers that a server may send: what Node.js allows. They pass through the window, none is kept. */
const LONGEST_HEAD = 16_384;

const LF = 10;
const UPGRADE = 1;
const CONNECTION = 2;
const ACCEPT = 4;
const PROTOCOL = 8;

/** The opening handshake of a client (RFC 6455 §4.1). */
export class Handshake {
	/** The server agreed. */
	done = false;
	/** Why it was no agreement; `undefined` as long as it can be one. */
	problem: string | undefined;
	/** Of the answer; 0 before it came. */
	status = 0;
	/** The subprotocol that the server chose; empty when none. */
	protocol = "";
	readonly #request: Uint8Array;
	/** Bytes of it that were sent. */
	#sent = 0;
	readonly #accept: string;
	readonly #protocols: readonly string[];
	/** What the server says beside the status. */
	#reason = "";
	/** What of the answer was there: of UPGRADE, ... */
	#seen = 0;
	#length = 0;
	/** The rest of a long line is to be dropped. */
	#dropping = false;

	constructor({ host, port, path, protocols, headers }: Checked) {
		const key = handshakeKey();
		this.#accept = acceptOf(key);
		this.#protocols = protocols;
		const lines = [
			`GET ${path} HTTP/1.1`,
			hostLine(host, port),
			"Upgrade: websocket",
			"Connection: Upgrade",
			"Sec-WebSocket-Version: 13",
			`Sec-WebSocket-Key: ${key}`,
		];
		if (protocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${protocols.join(", ")}`);
		lines.push(...headers, "\r\n");
		this.#request = new Uint8Array(ArrayBuffer.fromString(lines.join("\r\n")));
	}

	/** At most `count` bytes of the request that were not taken yet; `undefined` when there are none. */
	take(count: number): Uint8Array | undefined {
		const from = this.#sent;
		this.#sent = Math.min(this.#request.length, from + count);
		return this.#sent > from ? this.#request.subarray(from, this.#sent) : undefined;
	}

	/** Takes what it can of bytes[start..end), a part of the reader's window; returns where the rest begins. */
	consume(bytes: Uint8Array, start: number, end: number): number {
		let at = start;
		while (!this.done && this.problem === undefined) {
			const line = bytes.indexOf(LF, at);
			const found = line >= 0 && line < end;
			const full = !found && end - at >= WINDOW;
			if (found || full) {
				const next = found ? line + 1 : end;
				this.#length += next - at;
				if (!this.#dropping) this.#line(lineOf(bytes, at, next));
				this.#dropping = full;
				at = next;
			} else if (this.status === 0 && end - at >= 5) {
				// Who does not speak HTTP may never send a line.
				if (!lineOf(bytes, at, end).startsWith("HTTP/")) this.#notHTTP(lineOf(bytes, at, end));
				break;
			} else break;
			if (this.#length > LONGEST_HEAD) this.problem ??= `headers without end: more than ${LONGEST_HEAD} bytes`;
		}
		return at;
	}

	/** Why there was no agreement when the connection ended now. */
	get unfinished(): string {
		return this.status === 0 || this.status === 101 ? "the server closed the connection" : this.#refusal();
	}

	#notHTTP(line: string): void {
		this.problem = `the server does not speak HTTP/1.1: "${quote(line)}"`;
	}

	#line(line: string): void {
		if (this.status === 0) this.#first(line);
		else if (line === "") this.#end();
		else {
			const colon = line.indexOf(":");
			if (colon < 1 || line[0] === " ") this.problem = `a header that is none: "${quote(line)}"`;
			else this.#header(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
		}
	}

	#first(line: string): void {
		const status = /^HTTP\/1\.1 ([1-5][0-9][0-9])(?: |$)/.exec(line)?.[1];
		if (status === undefined) {
			this.#notHTTP(line);
			return;
		}
		this.status = Number(status);
		this.#reason = line.slice(13);
		// A redirection says where to in a header.
		if (this.status !== 101 && (this.status < 300 || this.status > 399)) this.problem = this.#refusal();
	}

	#refusal(): string {
		const reason = this.#reason === "" ? "" : ` ${quote(this.#reason)}`;
		return `the server answers HTTP ${this.status}${reason}`;
	}

	#header(name: string, value: string): void {
		if (this.status !== 101) {
			if (name === "location") this.problem = `${this.#refusal()}, to ${quote(value)}: redirections are not followed`;
			return;
		}
		if (name === "upgrade") {
			if (value.toLowerCase() === "websocket") this.#seen |= UPGRADE;
		} else if (name === "connection") {
			if (value.split(",").some((token) => token.trim().toLowerCase() === "upgrade")) this.#seen |= CONNECTION;
		} else if (name === "sec-websocket-accept") this.#once(ACCEPT, name, value === this.#accept, value);
		else if (name === "sec-websocket-protocol") {
			this.#once(PROTOCOL, name, this.#protocols.includes(value), value);
			this.protocol = value;
		} else if (name === "sec-websocket-extensions" && value !== "")
			this.problem = `the server wants an extension that was not offered: ${quote(value)}`;
	}

	#once(bit: number, name: string, good: boolean, value: string): void {
		if (this.#seen & bit) this.problem = `${name} comes twice`;
		else if (!good) this.problem = `${name}: "${quote(value)}" does not answer the request`;
		this.#seen |= bit;
	}

	#end(): void {
		const seen = this.#seen;
		if (this.status !== 101) this.problem = this.#refusal();
		else if (!(seen & UPGRADE)) this.problem = "the answer lacks Upgrade: websocket";
		else if (!(seen & CONNECTION)) this.problem = "the answer lacks Connection: Upgrade";
		else if (!(seen & ACCEPT)) this.problem = "the answer lacks Sec-WebSocket-Accept";
		else if (this.#sent < this.#request.length) this.problem = "the server answers before it was asked";
		else this.done = true;
	}
}
