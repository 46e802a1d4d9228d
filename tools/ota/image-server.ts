import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, isIP, isIPv6 } from "node:net";
import { UsageError } from "../../sim/usage";

export interface ImageServerOptions {
	readonly address: string;
	/** 0: a free one. */
	readonly port: number;
	/** PEM; without them it is http://. */
	readonly certificate: string | undefined;
	readonly key: string | undefined;
}

/** Serves the images of a release to nodes, from this computer, for as long as a push takes. */
export class ImageServer {
	/** The folder of the images: what nodes are told. */
	readonly url: string;
	readonly #server: Server;

	private constructor(server: Server, url: string) {
		this.#server = server;
		this.url = url;
	}

	/** `files`: by their names. Throws UsageError. */
	static async start(files: ReadonlyMap<string, Uint8Array>, options: ImageServerOptions): Promise<ImageServer> {
		const { address, port, certificate, key } = options;
		const secure = certificate !== undefined;
		try {
			const listener = serveImages(files);
			const server = secure ? createSecureServer({ cert: certificate, key }, listener) : createServer(listener);
			// Nodes know IPv4 only, and a name may have addresses of both kinds.
			server.listen(port, isIP(address) ? address : (await lookup(address, 4)).address);
			await once(server, "listening");
			const host = isIPv6(address) ? `[${address}]` : address;
			const { port: bound } = server.address() as AddressInfo;
			return new ImageServer(server, `http${secure ? "s" : ""}://${host}:${bound}/`);
		} catch (error) {
			throw new UsageError(`--serve ${address}:${port}: ${(error as Error).message}`);
		}
	}

	close(): void {
		this.#server.close();
		this.#server.closeAllConnections();
	}
}

/** Answers GET and HEAD, with single ranges (RFC 9110 §14). `onBytes`: told how many bytes of a file are sent. */
export function serveImages(
	files: ReadonlyMap<string, Uint8Array>,
	onBytes: (count: number) => void = () => {},
): RequestListener {
	return (request: IncomingMessage, response: ServerResponse) => {
		const bytes = files.get(request.url!.replace(/^\//, "").replace(/\?.*$/, ""));
		if (!bytes || (request.method !== "GET" && request.method !== "HEAD")) {
			response.writeHead(bytes ? 405 : 404, { "content-length": 0 }).end();
			return;
		}
		const range = rangeOf(request.headers.range, bytes.length);
		const headers = {
			"accept-ranges": "bytes",
			"content-type": "application/octet-stream",
			etag: `"${createHash("sha256").update(bytes).digest("base64url")}"`,
		};
		if (range === "none") {
			response.writeHead(416, { ...headers, "content-length": 0, "content-range": `bytes */${bytes.length}` }).end();
			return;
		}
		const [from, to] = range ?? [0, bytes.length - 1];
		const part = bytes.subarray(from, to + 1);
		response.writeHead(range ? 206 : 200, {
			...headers,
			"content-length": part.length,
			...(range && { "content-range": `bytes ${from}-${to}/${bytes.length}` }),
		});
		if (request.method === "HEAD") {
			response.end();
			return;
		}
		onBytes(part.length);
		response.end(part);
	};
}

/** First and last byte; undefined: all of it; "none": there is nothing there. */
function rangeOf(header: string | undefined, length: number): [number, number] | undefined | "none" {
	const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
	if (first === undefined || (first === "" && last === "")) return undefined;
	if (first === "") return Number(last) > 0 ? [Math.max(0, length - Number(last)), length - 1] : "none";
	const [from, to] = [Number(first), last === "" ? length - 1 : Math.min(Number(last), length - 1)];
	return from < length && from <= to ? [from, to] : "none";
}
