/** A browser's side of the panel: requests with any header, and its stream of events. */
import { request } from "node:http";
import type { NodeState, NodeUpdate } from "../../sim/panel/protocol";

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

export type PanelEvent = { event: "state"; data: NodeState } | { event: "update"; data: NodeUpdate };

/** The events in what a stream said so far; a half one at the end is left out. */
export function eventsIn(text: string): PanelEvent[] {
	const events: PanelEvent[] = [];
	for (const block of text.split("\n\n").slice(0, -1)) {
		const event = /^event: (.*)$/m.exec(block)?.[1];
		const data = /^data: (.*)$/m.exec(block)?.[1];
		if (event && data) events.push({ event, data: JSON.parse(data) } as PanelEvent);
	}
	return events;
}

/** A page that watches a node. */
export class EventStream {
	#text = "";
	readonly #abort = new AbortController();
	readonly #reading: Promise<void>;

	constructor(url: string, id: string) {
		this.#reading = this.#read(`${url}/nodes/${id}/events`).catch(() => {});
	}

	get events(): PanelEvent[] {
		return eventsIn(this.#text);
	}

	get state(): NodeState | undefined {
		const [first] = this.events;
		return first?.event === "state" ? first.data : undefined;
	}

	get updates(): NodeUpdate[] {
		return this.events.flatMap(({ event, data }) => (event === "update" ? [data] : []));
	}

	async close(): Promise<void> {
		this.#abort.abort();
		await this.#reading;
	}

	async #read(url: string): Promise<void> {
		const { body } = await fetch(url, { signal: this.#abort.signal });
		const decoder = new TextDecoder();
		for await (const chunk of body!) this.#text += decoder.decode(chunk as Uint8Array, { stream: true });
	}
}
