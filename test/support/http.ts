/** Benches for tests of the HTTP client in Node. */
import type { HTTPClientOptions, HTTPError, HTTPRequest, HTTPRequestOptions } from "embedded:network/http/client";
import HTTPClient from "../../hosts/shared/embedded/network/http/client";
import { clock } from "./clock";
import { FakeResolver, FakeTCP, network } from "./fake-tcp";

/** What came of a request. */
export interface Heard {
	status: number;
	headers: [string, string][];
	body: string;
	/** Bytes that `onReadable` told of, each time. */
	told: number[];
	done: number;
	request: HTTPRequest;
}

/** A client on an in-memory socket. It reads all that is announced unless `lazy`. */
export class HTTPBench {
	readonly client: HTTPClient;
	readonly errors: HTTPError[] = [];
	readonly heard: Heard[] = [];
	lazy = false;

	constructor(options: Partial<HTTPClientOptions> = {}) {
		this.client = new HTTPClient({
			host: "server.example",
			socket: { io: FakeTCP as never },
			dns: { io: FakeResolver as never },
			onError: (error) => void this.errors.push(error),
			...options,
		} as HTTPClientOptions);
	}

	get socket(): FakeTCP {
		return network.last;
	}

	ask(options: HTTPRequestOptions = {}): Heard {
		const heard = { status: 0, headers: [], body: "", told: [], done: 0 } as unknown as Heard;
		const bench = this;
		heard.request = this.client.request({
			onHeaders(status, headers) {
				heard.status = status;
				heard.headers = [...headers];
			},
			onReadable(count) {
				heard.told.push(count);
				if (!bench.lazy) heard.body += Buffer.from(this.read()!).toString("latin1");
			},
			onDone() {
				heard.done++;
			},
			...options,
		});
		this.heard.push(heard);
		this.turn();
		return heard;
	}

	/** Lets what is due happen. */
	turn(): this {
		for (let round = 0; round < 4; round++) clock.advance(0);
		return this;
	}

	/** What the client sent since the last call. */
	sent(): string {
		return Buffer.from(this.socket.take()).toString("latin1");
	}

	/** The server says this, in pieces of `size`. */
	say(text: string, size?: number): this {
		this.socket.deliver(Buffer.from(text, "latin1"), size);
		return this.turn();
	}
}

/** Before each test. */
export function fresh(): void {
	clock.reset();
	network.reset();
}
