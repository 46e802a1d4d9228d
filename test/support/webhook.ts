import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on loopback that keeps the JSON which it is sent. */
export class Webhook {
	readonly calls: { method: string | undefined; body: Record<string, unknown> }[] = [];
	readonly #server: Server;

	static async start(): Promise<Webhook> {
		const webhook = new Webhook();
		await new Promise<void>((resolve) => webhook.#server.listen(0, "127.0.0.1", resolve));
		return webhook;
	}

	private constructor() {
		this.#server = createServer((request, response) => {
			let text = "";
			request.setEncoding("utf8").on("data", (chunk: string) => {
				text += chunk;
			});
			request.on("end", () => {
				this.calls.push({ method: request.method, body: JSON.parse(text) });
				response.end("thank you");
			});
		});
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alert`;
	}

	stop(): Promise<void> {
		this.#server.closeAllConnections();
		return new Promise((resolve) => this.#server.close(() => resolve()));
	}
}
