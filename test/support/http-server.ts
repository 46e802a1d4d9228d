/** The HTTP server that the contract suite talks to (`http` in test/contract/bench.ts): Node's. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const bytesOf = (count: number) => Buffer.from(Uint8Array.from({ length: count }, (_, index) => index % 251));

function bodyOf(request: IncomingMessage): Promise<Buffer> {
	return new Promise((resolve) => {
		const parts: Buffer[] = [];
		request.on("data", (part: Buffer) => parts.push(part));
		request.on("end", () => resolve(Buffer.concat(parts)));
	});
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const [, kind, what] = request.url!.split("/");
	const count = Number(what ?? 0);
	const { socket } = request;
	if (kind === "bytes") {
		response.writeHead(200, { "content-length": count, "x-one": "1", "x-two": ["2", "3"] });
		response.end(bytesOf(count));
	} else if (kind === "chunks") {
		response.flushHeaders();
		const bytes = bytesOf(count);
		for (let at = 0; at < count; at += 1000) response.write(bytes.subarray(at, at + 1000));
		response.end();
	} else if (kind === "end") {
		socket.write("HTTP/1.1 200 OK\r\n\r\n");
		socket.end(bytesOf(count));
	} else if (kind === "echo") {
		response.setHeader("x-method", request.method!);
		if (request.headers["x-say"]) response.setHeader("x-say", request.headers["x-say"]);
		response.flushHeaders();
		request.pipe(response);
	} else if (kind === "raw") {
		const raw = (await bodyOf(request)).toString("latin1").replaceAll("*", "x".repeat(2000));
		if (what === "end") socket.end(raw);
		else socket.write(raw);
	} else {
		response.writeHead(kind === "empty" ? 204 : 404);
		response.end();
	}
}

/** Takes connections, as a listener hands them over. */
export function httpServer(): { accept(stream: Duplex): void; close(): void } {
	const server = createServer((request, response) => void answer(request, response));
	const streams = new Set<Duplex>();
	return {
		accept(stream) {
			streams.add(stream);
			stream.on("error", () => {});
			stream.on("close", () => streams.delete(stream));
			server.emit("connection", stream);
		},
		close() {
			for (const stream of streams) stream.destroy();
			server.close();
		},
	};
}
