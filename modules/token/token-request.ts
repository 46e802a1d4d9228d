import type HTTPClient from "embedded:network/http/client";
import type { HTTPRequest } from "embedded:network/http/client";
import type { Device, HTTPOptions } from "embedded:provider/builtin";
import Timer from "timer";
import { isClockSet } from "../clock/clock";
import { addressOf, type HTTPAddress } from "../description/http-address";
import type { TokenService } from "../description/token-service";
import { messageOf } from "../log/log";
import { trusting } from "../network/trusting";
import { encodeBase64url } from "../update/base64url";
import { type Granted, readAnswer } from "./token-answer";

/** Name, connection and the whole answer may take so long (ms). */
const DEADLINE = 30_000;
/** Bytes of an answer: a token, and what stands around it. */
const LONGEST_ANSWER = 4096;
const FIRST_ROOM = 1024;
const WANTED = Object.freeze(["content-length", "content-encoding"]);

/** How a token service is asked: settled once. */
export interface TokenPlace {
	readonly service: TokenService;
	readonly address: HTTPAddress;
	/** Constructor options of the HTTP client. */
	readonly client: HTTPOptions;
}

/** @throws Error: the host has no HTTP client */
export function tokenPlace({ network, system }: Device, service: TokenService): TokenPlace {
	const address = addressOf(service.url)!;
	const client = (address.secure ? network.https : network.http)?.client;
	if (!client) throw new Error("settings.token: needs an HTTP client, which this host has not");
	const { ca } = system.settings;
	const socket = address.secure ? trusting(client.socket, { ca }, address.host) : client.socket;
	return { service, address, client: { ...client, socket } };
}

export interface TokenRequestOwner {
	/** Nothing comes after it. */
	granted(answer: Granted): void;
	/** Nothing comes after it. `why` has neither token nor secret in it. */
	failed(why: string): void;
}

/** Asks a token service once (RFC 6749 §4.4.2), as the client that HTTP's Basic scheme names (§2.3.1). */
export class TokenRequest {
	readonly #owner: TokenRequestOwner;
	#client: HTTPClient | undefined;
	#timer: Timer | undefined;
	#body: Uint8Array;
	/** Bytes of the body that were sent. */
	#sent = 0;
	#status = 0;
	#answer: Uint8Array | undefined;
	/** Bytes of the answer. */
	#length = 0;

	/** Neither method of the owner is called before it returns. */
	constructor({ service, address, client }: TokenPlace, owner: TokenRequestOwner) {
		const { host, port, path } = address;
		this.#owner = owner;
		const scope = service.scope === undefined ? "" : `&scope=${encodeURIComponent(service.scope)}`;
		this.#body = new Uint8Array(ArrayBuffer.fromString(`grant_type=client_credentials${scope}`));
		this.#timer = Timer.set(() => this.fail(`no answer within ${DEADLINE / 1000} s`), DEADLINE);
		try {
			this.#client = new client.io({ ...client, host, port, onError: (error) => this.fail(quiet(messageOf(error))) });
			this.ask(path, service);
		} catch (error) {
			const why = messageOf(error);
			Timer.clear(this.#timer);
			this.#timer = Timer.set(() => this.fail(why), 0);
		}
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#client?.close();
		this.#client = undefined;
	}

	private ask(path: string, { client, secret }: TokenService): void {
		const asking = this;
		this.#client!.request({
			method: "POST",
			path,
			headers: [
				["Authorization", `Basic ${basic(client, secret)}`],
				["Content-Type", "application/x-www-form-urlencoded"],
				["Content-Length", String(this.#body.length)],
				["Accept", "application/json"],
			],
			headersMask: WANTED,
			onWritable(count) {
				asking.writable(this, count);
			},
			onHeaders: (status, headers) => this.answered(status, headers),
			onReadable(count) {
				asking.readable(this, count);
			},
			onDone: () => this.done(),
		});
	}

	private writable(request: HTTPRequest, count: number): void {
		if (this.#sent === this.#body.length) return;
		const part = this.#body.slice(this.#sent, this.#sent + count);
		this.#sent += part.length;
		request.write(part);
	}

	private answered(status: number, headers: Map<string, string>): void {
		this.#status = status;
		if (status >= 300 && status < 400) this.fail(`HTTP ${status}, a redirection: not followed`);
		else if ((headers.get("content-encoding") ?? "identity") !== "identity") this.fail("its answer is compressed");
		else this.reserve(Number(headers.get("content-length") ?? FIRST_ROOM));
	}

	/** False: there is no room for so many bytes. */
	private reserve(size: number): boolean {
		if (size > LONGEST_ANSWER) {
			this.fail(`its answer has more than ${LONGEST_ANSWER} bytes`);
			return false;
		}
		const room = this.#answer?.length ?? 0;
		if (size <= room) return true;
		const answer = new Uint8Array(Math.min(LONGEST_ANSWER, Math.max(size, 2 * room)));
		if (this.#answer) answer.set(this.#answer);
		this.#answer = answer;
		return true;
	}

	private readable(request: HTTPRequest, count: number): void {
		if (!this.#client || !this.reserve(this.#length + count)) return;
		this.#length += request.read(this.#answer!.subarray(this.#length, this.#length + count)) ?? 0;
	}

	private done(): void {
		if (!this.#client) return;
		let granted: Granted;
		try {
			const now = isClockSet() ? Date.now() / 1000 : undefined;
			granted = readAnswer(this.#status, this.text, now);
		} catch (error) {
			this.fail(messageOf(error));
			return;
		}
		this.close();
		this.#owner.granted(granted);
	}

	/** What is not UTF-8 is not JSON either. */
	private get text(): string {
		try {
			return String.fromArrayBuffer((this.#answer?.buffer ?? new ArrayBuffer(0)) as ArrayBuffer, 0, this.#length);
		} catch {
			return "";
		}
	}

	private fail(why: string): void {
		this.close();
		this.#owner.failed(why);
	}
}

/** What a server said instead of HTTP may be a piece of a token. */
function quiet(message: string): string {
	const at = message.indexOf(': "');
	return at < 0 ? message : message.slice(0, at);
}

/** RFC 7617, with both parts encoded as RFC 6749 §2.3.1 wants them. */
function basic(client: string, secret: string): string {
	const pair = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
	const digits = encodeBase64url(new Uint8Array(ArrayBuffer.fromString(pair)));
	return digits
		.replaceAll("-", "+")
		.replaceAll("_", "/")
		.padEnd(Math.ceil(digits.length / 4) * 4, "=");
}
