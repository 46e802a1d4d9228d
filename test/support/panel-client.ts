/** A browser's side of the panel: requests with any header, and its WebSocket. */
import { request } from "node:http";
import { WebSocket } from "ws";
import type { News, NodeState, NodeUpdate } from "../../sim/panel/protocol";

export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** One request; unlike `fetch` it may carry any Host and Origin. */
export function ask(
	url: string,
	options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const { method = "GET", headers = {}, body } = options;
		const sent = request(url, { method, headers, agent: false }, (response) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("end", () => {
				const { statusCode: status = 0, headers } = response;
				resolve({ status, headers, body: Buffer.concat(chunks).toString() });
			});
		});
		sent.on("error", reject);
		sent.end(body);
	});
}

/** Sends an action; resolves to the status and the error's text, if any. */
export async function act(url: string, id: string, action: unknown): Promise<{ status: number; error: string }> {
	const { status, body } = await ask(`${url}/nodes/${id}/actions`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(action),
	});
	return { status, error: body === "" ? "" : JSON.parse(body).error };
}

/** The news in what a panel said so far; a half line at the end is left out. */
export function newsIn(text: string): News[] {
	return text
		.split("\n")
		.slice(0, -1)
		.map((line) => JSON.parse(line) as News);
}

/** A page that watches a node, and acts on it. */
export class BoardPage {
	readonly news: News[] = [];
	readonly #socket: WebSocket;

	constructor(url: string, id: string) {
		this.#socket = new WebSocket(`${url.replace("http", "ws")}/nodes/${id}/socket`);
		this.#socket.on("message", (data) => this.news.push(...newsIn(String(data))));
	}

	get state(): NodeState | undefined {
		const [first] = this.news;
		return first?.type === "state" ? first.state : undefined;
	}

	get updates(): NodeUpdate[] {
		return this.news.flatMap((news) => (news.type === "update" ? [news.update] : []));
	}

	/** Any text, as a page would never send it. */
	send(text: string): void {
		this.#socket.send(text);
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#socket.once("close", resolve));
		this.#socket.close();
		await closed;
	}
}

/** Opens a WebSocket; resolves to the status with which that is refused, and why. */
export function refusedSocket(url: string, headers: Record<string, string> = {}): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(url.replace("http", "ws"), ["mqtt"], { headers });
		socket.on("open", () => {
			socket.close();
			reject(new Error(`${url} was let in`));
		});
		socket.on("unexpected-response", (_, response) => {
			let body = "";
			response.on("data", (chunk) => {
				body += chunk;
			});
			response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
		});
		socket.on("error", () => {});
	});
}
