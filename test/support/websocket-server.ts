/** The WebSocket server that the contract suite talks to (`websocket` in test/contract/bench.ts), made with `ws`. */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * Paths: `/echo` sends back what it gets; `/raw` writes the payload of binary messages to the connection as it is, and tells
 * what Pongs and Closes it got by text; anything else is HTTP 404. Of several subprotocols it takes the last.
 */
export function webSocketServer(): { accept(stream: Duplex): void; close(): void } {
	const http = createServer();
	const handleProtocols = (protocols: Set<string>) => [...protocols].at(-1) ?? false;
	const server = new WebSocketServer({ noServer: true, handleProtocols, perMessageDeflate: false });
	http.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
		stream.on("error", () => {});
		const serve = { "/echo": echo, "/raw": raw }[request.url!];
		if (!serve) stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
		else server.handleUpgrade(request, stream, head, (socket) => serve(socket, stream));
	});
	return {
		accept: (stream) => void http.emit("connection", stream),
		close() {
			for (const socket of server.clients) socket.terminate();
			server.close();
		},
	};
}

function echo(socket: WebSocket): void {
	socket.on("error", () => {});
	socket.on("message", (data, binary) => socket.send(data, { binary }));
}

function raw(socket: WebSocket, stream: Duplex): void {
	socket.on("error", () => {});
	socket.on("message", (data) => stream.write(data as Buffer));
	socket.on("pong", (payload) => socket.send(`pong ${payload}`));
}
