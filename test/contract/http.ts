import HTTPClient, {
	type HTTPClientOptions,
	type HTTPError,
	type HTTPRequest,
	type HTTPRequestOptions,
} from "embedded:network/http/client";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { between, equal, ok, suite, type Test, throws } from "./harness";
import { setClock } from "./tls";

const needs = (device: Device, bench: Bench) => device.network?.http && bench.http;

/** A client of the bench's server. What its callbacks throw, and an error that nobody waits for, fail the test. */
function open(t: Test, options: Partial<HTTPClientOptions> = {}): HTTPClient {
	const { host, port } = t.bench.http!;
	const client = new HTTPClient({
		...t.device.network.http!.client,
		host,
		port,
		onError: t.guard((error?: Error) => {
			throw error ?? new Error("onError");
		}),
		...options,
	} as HTTPClientOptions);
	t.defer(() => client.close());
	return client;
}

interface Answer {
	status: number;
	statusText: string;
	headers: Map<string, string>;
	/** Bytes of the body, and whether each is the one of `/bytes`. */
	length: number;
	right: boolean;
	/** How often onReadable came. */
	parts: number;
}

/** Asks, and resolves once the answer is whole. */
function ask(t: Test, client: HTTPClient, options: HTTPRequestOptions): Promise<Answer> {
	const answer = { status: 0, length: 0, right: true, parts: 0 } as Answer;
	return t.until((done) => {
		client.request({
			onHeaders: t.guard((status, headers, statusText) => {
				Object.assign(answer, { status, headers, statusText });
			}),
			onReadable: t.guard(function (this: HTTPRequest, count: number) {
				const bytes = new Uint8Array(this.read()!);
				equal(bytes.length, count, "bytes read");
				for (let index = 0; index < count; index++)
					if (bytes[index] !== (answer.length + index) % 251) answer.right = false;
				answer.length += count;
				answer.parts++;
			} as (this: HTTPRequest, count: number) => void),
			onDone: t.guard(() => done(answer)),
			...options,
		});
	});
}

const text = (string: string) => ArrayBuffer.fromString(string);

/** Has the server write `raw`, and resolves with the error that comes of it, or with "done". */
function hear(t: Test, raw: string, path = "/raw", more: HTTPRequestOptions = {}): Promise<HTTPError | "done"> {
	return t.until((done) => {
		const client = open(t, { onError: (error) => done(error) });
		const bytes = text(raw);
		client.request({
			method: "POST",
			path,
			headers: [["content-length", String(bytes.byteLength)]],
			onWritable: sender(t, bytes),
			onDone: () => done("done"),
			...more,
		});
	});
}

/** Writes a body as it is asked for: `length` bytes as those of `/bytes`. */
function counter(t: Test, length: number, chunked: boolean): HTTPRequestOptions["onWritable"] {
	let sent = 0;
	return t.guard(function (this: HTTPRequest, count: number) {
		const part = new Uint8Array(Math.min(count, length - sent, 1000));
		for (let index = 0; index < part.length; index++) part[index] = (sent + index) % 251;
		sent += part.length;
		if (part.length > 0) this.write(part);
		if (chunked && sent === length) this.write();
	} as (this: HTTPRequest, count: number) => void);
}

/** Writes a body as it is asked for. */
function sender(t: Test, bytes: ArrayBuffer): HTTPRequestOptions["onWritable"] {
	let sent = 0;
	return t.guard(function (this: HTTPRequest, count: number) {
		const part = new Uint8Array(bytes, sent, Math.min(count, bytes.byteLength - sent));
		sent += part.length;
		if (part.length > 0) this.write(part);
	} as (this: HTTPRequest, count: number) => void);
}

export default suite("http", (test) => {
	test(
		"an answer comes with status, headers by lower-case names, its bytes, and its end",
		async (t) => {
			const { status, statusText, headers, length, right } = await ask(t, open(t), { path: "/bytes/300" });
			equal(status, 200);
			equal(statusText, "OK");
			equal(headers.get("content-length"), "300");
			equal(headers.get("x-two"), "2, 3", "a header that comes twice");
			equal(length, 300);
			ok(right, "the bytes are others");
		},
		{ needs },
	);

	test(
		"callbacks have the request as this, and none comes from within request",
		async (t) => {
			const client = open(t, { target: 5 });
			equal(client.target, 5);
			await ask(t, client, { path: "/bytes/1" });
			let returned = false;
			const receivers: unknown[] = [];
			let request!: HTTPRequest;
			await t.until((done) => {
				const note = t.guard(function (this: unknown) {
					ok(returned, "called from within request");
					receivers.push(this);
				} as () => void);
				request = client.request({
					path: "/bytes/9",
					onHeaders: note,
					onReadable() {
						note.call(this);
						this.read();
					},
					onDone() {
						note.call(this);
						done();
					},
				});
				returned = true;
			});
			equal(receivers.length, 3);
			ok(
				receivers.every((one) => one === request),
				"this is another",
			);
		},
		{ needs },
	);

	test(
		"requests that are queued are answered in order, on one connection",
		async (t) => {
			const client = open(t);
			const answers = await Promise.all(
				["/bytes/700", "/chunks/5000", "/empty", "/bytes/0", "/nothing"].map((path) => ask(t, client, { path })),
			);
			equal(
				answers.map(({ status, length }) => [status, length]),
				[
					[200, 700],
					[200, 5000],
					[204, 0],
					[200, 0],
					[404, 0],
				],
			);
			ok(
				answers.every(({ right }) => right),
				"the bytes are others",
			);
		},
		{ needs },
	);

	test(
		"100 KB come whole, with a length and in chunks",
		async (t) => {
			for (const path of ["/bytes/100000", "/chunks/100000"]) {
				const { length, right } = await ask(t, open(t), { path });
				equal(length, 100_000, path);
				ok(right, `${path}: the bytes are others`);
			}
		},
		{ needs, timeout: 20_000 },
	);

	test(
		"a body without a length ends with the connection: onDone, then onError",
		async (t) => {
			let over: (error: HTTPError) => void = () => {};
			const ended = new Promise<HTTPError>((resolve) => {
				over = resolve;
			});
			const { length, right } = await ask(t, open(t, { onError: (error) => over(error) }), { path: "/end/3000" });
			equal(length, 3000);
			ok(right, "the bytes are others");
			equal((await ended).code, "ECONNCLOSED");
		},
		{ needs },
	);

	test(
		"a body is sent, with its length and in chunks, as the socket takes it",
		async (t) => {
			for (const header of [
				["content-length", "30000"],
				["transfer-encoding", "chunked"],
			] as const) {
				const { headers, length, right } = await ask(t, open(t), {
					method: "PUT",
					path: "/echo",
					headers: new Map([["X-Say", "ol\u00e1".slice(0, 2)], header]),
					onWritable: counter(t, 30_000, header[1] === "chunked"),
				});
				equal(headers.get("x-method"), "PUT");
				equal(headers.get("x-say"), "ol");
				equal(length, 30_000, header[0]);
				ok(right, "the bytes are others");
			}
		},
		{ needs, timeout: 20_000 },
	);

	test(
		"read takes a number of bytes or fills a buffer; what is not read waits, and is read later",
		async (t) => {
			const client = open(t);
			let request!: HTTPRequest;
			await t.until((done) => {
				request = client.request({ path: "/bytes/20000", onReadable: t.guard(() => done()) });
				equal(request.read(), undefined, "before there is anything");
			});
			equal(new Uint8Array(request.read(3)!), Uint8Array.of(0, 1, 2));
			const buffer = new Uint8Array(6);
			equal(request.read(buffer.subarray(1, 5)), 4);
			equal(buffer, Uint8Array.of(0, 3, 4, 5, 6, 0));
			equal(request.read(new ArrayBuffer(2)), 2);
			throws(() => request.read("x" as never));
			await t.sleep(50);
			let length = 9;
			const whole = new Uint8Array(700);
			for (let round = 0; round < 400 && length < 20_000; round++) {
				const count = request.read(whole);
				if (count === undefined) await t.sleep(5);
				else {
					for (let index = 0; index < count; index++)
						equal(whole[index], (length + index) % 251, `byte ${length + index}`);
					length += count;
				}
			}
			equal(length, 20_000);
			equal(request.read(), undefined, "behind the end");
			equal((await ask(t, client, { path: "/bytes/5" })).length, 5, "the next answer");
		},
		{ needs },
	);

	test(
		"without onReadable a body is thrown away; HEAD has none",
		async (t) => {
			const client = open(t);
			const thrown = await ask(t, client, { path: "/bytes/30000", onReadable: undefined });
			equal(thrown.length, 0);
			const head = await ask(t, client, { method: "HEAD", path: "/bytes/30000" });
			equal(head.headers.get("content-length"), "30000");
			equal(head.length, 0);
			equal((await ask(t, client, { path: "/chunks/3000" })).length, 3000);
		},
		{ needs },
	);

	test(
		"headersMask limits the headers",
		async (t) => {
			const { headers } = await ask(t, open(t), { path: "/bytes/3", headersMask: ["x-one", "x-none"] });
			equal([...headers], [["x-one", "1"]]);
		},
		{ needs },
	);

	for (const [what, raw, expected] of [
		["no HTTP", "SSH-2.0-x", /does not speak HTTP\/1.1: "SSH-2"/],
		["HTTP/2", "HTTP/2 200 OK\r\n\r\n", /does not speak HTTP\/1.1/],
		["a header without a name", "HTTP/1.1 200 OK\r\nhello\r\n\r\n", /a header that is none: "hello"/],
		["a header that goes on", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", /a header that is none/],
		["more headers than it may", "HTTP/1.1 200 OK\r\nA: *\r\nB: *\r\nC: *\r\n", /headers of more than 4096 bytes/],
		["a line without end", "HTTP/1.1 200 OK\r\nX: ***", /a line of more than 4096 bytes/],
		["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", /content-length is not a number: "-5"/],
		["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", /content-length comes twice/],
		[
			"a length and chunks",
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
			/both at once/,
		],
		["an encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", /not understood: "gzip"/],
		["a protocol", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", /switches to a protocol/],
		["a chunk's size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", /size of a chunk/],
		[
			"a chunk's size beyond all",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
			/size of a chunk/,
		],
		[
			"a chunk that is too long",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
			/a chunk is longer/,
		],
		[
			"trailers without end",
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: *********",
			/headers without end/,
		],
		["more than it said", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", /speaks before it was asked/],
	] as const)
		test(
			`a server that sends ${what} gets an error`,
			async (t) => {
				let error = await hear(t, raw);
				// The answer was whole, and what follows it is the error.
				if (error === "done") error = await hear(t, raw, "/raw", { onDone: undefined });
				ok(error !== "done" && error instanceof Error, "it was taken");
				equal(error.code, "EPROTOCOL", error.message);
				ok(expected.test(error.message), `the error is "${error.message}"`);
			},
			{ needs },
		);

	test(
		"100 Continue, a bare line feed, a masked header of 10 KB, chunks with extensions and trailers are taken",
		async (t) => {
			const raw = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nA: b\nX-Long: *****\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: z\r\n\r\n`;
			let heard = "";
			const result = await hear(t, raw, "/raw", {
				headersMask: ["a"],
				onHeaders: t.guard((_status, headers) => equal([...headers], [["a", "b"]])),
				onReadable() {
					heard += String.fromArrayBuffer(this.read()!);
				},
			});
			equal(result, "done");
			equal(heard, "abc");
		},
		{ needs },
	);

	test(
		"an answer that is cut short is an error, and no onDone comes",
		async (t) => {
			for (const [raw, expected] of [
				["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc", /after 3 of 50 bytes/],
				["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", /after 3 bytes/],
				["HTTP/1.1 200 OK\r\nA: b\r\n", /before the server had answered/],
				["", /before the server had answered/],
			] as const) {
				const options = raw === "" ? { method: "GET", headers: [], onWritable: undefined } : {};
				const error = await hear(t, raw, "/raw/end", {
					onReadable() {
						this.read();
					},
					...options,
				});
				ok(error instanceof Error, "it was taken");
				ok(expected.test(error.message), `the error is "${error.message}"`);
			}
		},
		{ needs },
	);

	test(
		"a connection that is refused, and a name that is none, come to onError",
		async (t) => {
			const failed = (options: Partial<HTTPClientOptions>) =>
				t.until<Error>((done) => {
					open(t, { ...options, onError: done }).request({ onDone: () => done(new Error("done")) });
				});
			const { address, port } = t.bench.refused!;
			const refused = (await failed({ host: address, port })) as HTTPError;
			equal(refused.code, "ECONNREFUSED", refused.message);
			ok((await failed({ host: t.bench.names!.missing })) instanceof Error, "no error");
		},
		{ needs: (device, bench) => needs(device, bench) && bench.refused && bench.names },
	);

	test(
		"close cancels what is under way, silently; afterwards everything throws, but not close",
		async (t) => {
			const client = open(t);
			let calls = 0;
			let request!: HTTPRequest;
			await t.until((done) => {
				request = client.request({ path: "/bytes/9000", onHeaders: () => done(), onReadable: () => calls++ });
				client.request({ onHeaders: () => calls++, onDone: () => calls++ });
			});
			client.close();
			const before = calls;
			await t.sleep(50);
			equal(calls, before, "calls");
			client.close();
			throws(() => client.request({}));
			throws(() => request.read());
			throws(() => request.write(text("x")));
			open(t).close();
		},
		{ needs },
	);

	test(
		"options that are missing or wrong are refused, and the client lives",
		async (t) => {
			const good = { ...t.device.network.http!.client, host: "h" } as HTTPClientOptions;
			throws(() => new HTTPClient(undefined as never), TypeError);
			throws(() => new HTTPClient({ ...good, host: undefined }), TypeError);
			throws(() => new HTTPClient({ ...good, socket: undefined }), TypeError);
			throws(() => new HTTPClient({ ...good, dns: undefined }), TypeError);
			throws(() => new HTTPClient({ ...good, port: 65536 }), RangeError);
			throws(() => new HTTPClient({ ...good, host: "a\r\nb" }), RangeError);
			throws(() => new HTTPClient({ ...good, onError: 5 as never }), TypeError);
			const client = open(t);
			throws(() => client.request(undefined as never), TypeError);
			for (const wrong of [
				{ method: "GE T" },
				{ method: "CONNECT" },
				{ path: "x" },
				{ path: "/a b" },
				{ path: "/a\r\nHost: b" },
				{ headers: [["a", "b\r\nc: d"]] },
				{ headers: [["a b", "c"]] },
				{ headers: [["Host", "x"]] },
				{ headers: [["content-length", "x"]] },
				{
					headers: [
						["content-length", "1"],
						["transfer-encoding", "chunked"],
					],
				},
				{ headers: [["transfer-encoding", "gzip"]] },
			] as HTTPRequestOptions[])
				throws(() => client.request(wrong), RangeError, JSON.stringify(wrong));
			throws(() => client.request({ onDone: 1 as never }), TypeError);
			throws(() => client.request({ headersMask: "a" as never }), TypeError);
			equal((await ask(t, client, { path: "/bytes/2" })).length, 2);
		},
		{ needs },
	);

	test(
		"write beyond the room, without a body, and behind its end throws",
		async (t) => {
			const client = open(t);
			await t.until((done) => {
				const idle = client.request({ path: "/bytes/1", onDone: () => done() });
				throws(() => idle.write(text("x")));
			});
			await t.until((done) => {
				client.request({
					method: "POST",
					path: "/echo",
					headers: [["content-length", "2"]],
					onWritable: t.guard(function (this: HTTPRequest, count: number) {
						between(count, 1, 2, "writable");
						throws(() => this.write(text("abc")));
						throws(() => this.write(), TypeError);
						equal(this.write(text("ab")), 0, "room");
						throws(() => this.write(text("c")));
					} as (this: HTTPRequest, count: number) => void),
					onDone: () => done(),
				});
			});
		},
		{ needs },
	);

	test(
		"over TLS, the server verified",
		async (t) => {
			const { host, port, certificate } = t.bench.httpTLS!;
			const { client } = t.device.network.https!;
			equal(client.port, 443, "the port of https");
			await setClock(t);
			const socket = { ...client.socket, tls: { ca: certificate } };
			const { length, right } = await ask(t, open(t, { ...client, socket, host, port } as HTTPClientOptions), {
				path: "/bytes/40000",
			});
			equal(length, 40_000);
			ok(right, "the bytes are others");
		},
		{ needs: (device, bench) => device.network?.https && bench.httpTLS, timeout: 20_000 },
	);
});
