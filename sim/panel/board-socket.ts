import type { Duplex } from "node:stream";
import { createWebSocketStream, type WebSocket } from "ws";
import { readAction } from "./actions";
import { textOf } from "./feed";
import type { NodeWatch } from "./node-watch";
import type { News } from "./protocol";
import { RequestError } from "./request-error";

/** Joins a page to a node: the page gets the node's news, and each of its requests an answer. */
export function joinBoard(socket: WebSocket, watch: NodeWatch): void {
	const stream: Duplex = createWebSocketStream(socket, { encoding: "utf8", decodeStrings: false });
	// A page that goes away in the middle of something is none of our errors.
	stream.on("error", () => stream.destroy());
	stream.on("data", (text: string) => {
		const answer = answerTo(text, watch);
		// A page that asks and does not read is heard again when it has.
		if (!stream.writable || stream.write(textOf(answer))) return;
		stream.pause();
		stream.once("drain", () => stream.resume());
	});
	stream.on("end", () => stream.end());
	watch.open(stream);
}

function answerTo(text: string, watch: NodeWatch): News {
	let id = 0;
	try {
		const request: unknown = parse(text);
		if (typeof request !== "object" || request === null) throw new RequestError(400, "a request is a JSON object");
		const { id: given, action } = request as { id?: unknown; action?: unknown };
		if (typeof given !== "number") throw new RequestError(400, "id is missing: expected a number");
		id = given;
		watch.act(readAction(action));
		return { type: "done", id };
	} catch (error) {
		return { type: "refused", id, error: error instanceof Error ? error.message : String(error) };
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new RequestError(400, `not JSON: ${(error as Error).message}`);
	}
}
