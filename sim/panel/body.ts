import type { IncomingMessage } from "node:http";
import { RequestError } from "./request-error";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON body of a request of at most `limit` bytes. Throws RequestError: 413, 415, or 400 when it is no JSON. */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
	// A form or a script elsewhere cannot send this type without asking first, which is refused.
	const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
	if (type !== "application/json")
		throw new RequestError(415, `content-type "${type ?? ""}": expected application/json`);
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		length += chunk.length;
		if (length > limit) throw new RequestError(413, `body: expected at most ${limit} bytes`);
		chunks.push(chunk);
	}
	try {
		return JSON.parse(utf8.decode(Buffer.concat(chunks)));
	} catch (error) {
		throw new RequestError(400, `body: not JSON: ${(error as Error).message}`);
	}
}
