import type { HTTPClientOptions, HTTPRequestOptions } from "embedded:network/http/client";
import { checkOptions, getCallback, getString } from "../../options";
import type { Connection } from "../connection-options";
import { fieldLines, hostLine, isToken } from "./fields";

export const OWNER = "HTTPClient";

/** What a connection needs, checked. */
export type Checked = Connection<NonNullable<HTTPClientOptions["socket"]>, NonNullable<HTTPClientOptions["dns"]>>;

/** `length` of a body in chunks. */
export const CHUNKED = -1;

/** What the client itself says, or what would change the connection. */
function isReserved(name: string): boolean {
	return name === "host" || name === "te" || name === "upgrade";
}

/** A request, checked. */
export interface CheckedRequest {
	/** All that goes before its body. */
	readonly head: string;
	/** HEAD: the answer has no body, whatever it says of one (RFC 9112 §6.3). */
	readonly bodiless: boolean;
	/** Bytes of the request's body, or CHUNKED. */
	readonly length: number;
	/** Names of the headers that are wanted of the answer; all when undefined. */
	readonly mask: readonly string[] | undefined;
	readonly onHeaders: HTTPRequestOptions["onHeaders"];
	readonly onReadable: HTTPRequestOptions["onReadable"];
	readonly onWritable: HTTPRequestOptions["onWritable"];
	readonly onDone: HTTPRequestOptions["onDone"];
}

/** Throws an error that names the option. */
export function checkRequest(options: HTTPRequestOptions, { host, port }: Checked): CheckedRequest {
	const owner = `${OWNER} request`;
	checkOptions(owner, options);
	const method = getString(owner, "method", options.method) ?? "GET";
	// CONNECT would make a tunnel of the connection.
	if (!isToken(method) || method === "CONNECT") throw new RangeError(`${owner}: method "${method}" is none`);
	const path = getString(owner, "path", options.path) ?? "/";
	if (!/^\/[!-~]*$/.test(path) || path.includes("#"))
		throw new RangeError(`${owner}: path "${path}" is not a path of printable ASCII that begins with /`);
	const { headers, headersMask: mask } = options;
	if (mask !== undefined && !Array.isArray(mask)) throw new TypeError(`${owner}: headersMask is not an array`);
	const lines = fieldLines(owner, headers, isReserved);
	return {
		head: [`${method} ${path} HTTP/1.1`, hostLine(host, port), ...lines, "\r\n"].join("\r\n"),
		bodiless: method === "HEAD",
		length: lengthOf(owner, lines),
		mask,
		onHeaders: getCallback(owner, "onHeaders", options.onHeaders),
		onReadable: getCallback(owner, "onReadable", options.onReadable),
		onWritable: getCallback(owner, "onWritable", options.onWritable),
		onDone: getCallback(owner, "onDone", options.onDone),
	};
}

/** Bytes of a request's body, as the lines of its headers say it. */
function lengthOf(owner: string, lines: readonly string[]): number {
	let length: number | undefined;
	for (const line of lines) {
		const colon = line.indexOf(":");
		const lower = line.slice(0, colon).toLowerCase();
		const value = line.slice(colon + 2);
		if (lower !== "content-length" && lower !== "transfer-encoding") continue;
		if (length !== undefined)
			throw new RangeError(`${owner}: content-length and transfer-encoding say one length, once`);
		if (lower === "transfer-encoding") {
			if (value.toLowerCase() !== "chunked")
				throw new RangeError(`${owner}: transfer-encoding "${value}" is not "chunked"`);
			length = CHUNKED;
		} else {
			if (!/^\d{1,15}$/.test(value)) throw new RangeError(`${owner}: content-length "${value}" is not a number`);
			length = Number(value);
		}
	}
	return length ?? 0;
}
