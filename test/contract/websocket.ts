import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import WebSocketClient, { type WebSocketClientOptions } from "embedded:network/websocket/client";
import StandardsClient from "embedded:network/ws/client";
import type { Device } from "embedded:provider/builtin";
import type { Bench } from "./bench";
import { between, equal, ok, suite, type Test, throws } from "./harness";
import { setClock } from "./tls";

type Options = Partial<WebSocketClientOptions>;
type Info = { more: boolean; binary: boolean };

const needs = (device: Device, bench: Bench) => device.network?.ws && bench.websocket;

/** A client of the bench's server; what its callbacks throw fails the test. */
function open(t: Test, options: Options = {}): WebSocketClient {
	const { host, port } = t.bench.websocket!;
	const client = new WebSocketClient({
		...t.device.network.ws!.client,
		host,
		port,
		path: "/echo",
		onError: t.guard((error?: Error) => {
			throw error ?? new Error("onError");
		}),
		...options,
	} as WebSocketClientOptions);
	t.defer(() => client.close());
	return client;
}

/** One that is connected; and how much may be written. */
async function connect(t: Test, options: Options = {}): Promise<{ client: WebSocketClient; writable: number }> {
	let client!: WebSocketClient;
	const writable = await t.until<number>((done) => {
		client = open(t, { ...options, onWritable: done });
	});
	return { client, writable };
}

/** Collects messages, in parts and whole. */
function collector(t: Test, onMessage: (bytes: Uint8Array, info: Info, parts: number) => void) {
	let parts: Uint8Array[] = [];
	return t.guard(function (this: WebSocketClient, count: number, info: Info) {
		if (count > 0) {
			const part = new Uint8Array(this.read() as ArrayBuffer);
			equal(part.length, count, "bytes read");
			parts.push(part);
		}
		if (info.more) return;
		const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
		let at = 0;
		for (const part of parts) {
			whole.set(part, at);
			at += part.length;
		}
		const number = parts.length;
		parts = [];
		onMessage(whole, info, number);
	} as (this: WebSocketClient, count: number, info: Info) => void);
}

const text = (string: string) => ArrayBuffer.fromString(string);
const frame = (first: number, payload: ArrayBuffer) =>
	Uint8Array.of(first, payload.byteLength, ...new Uint8Array(payload));

export default suite("websocket", (test) => {
	test(
		"onWritable comes once the handshake is made, after the constructor, with the room for output",
		async (t) => {
			let constructed = false;
			const writable = await t.until<number>((done) => {
				open(t, {
					onWritable: t.guard((count: number) => {
						ok(constructed, "called from within the constructor");
						done(count);
					}),
				});
				constructed = true;
			});
			between(writable, 256, 1_000_000, "writable");
		},
		{ needs },
	);

	test(
		"both names lead to the class; static values are those of the standard, and read-only",
		() => {
			equal(StandardsClient, WebSocketClient);
			const { text, binary, close, ping, pong } = WebSocketClient;
			equal([text, binary, close, ping, pong], [1, 2, 8, 9, 10]);
			throws(() => {
				(WebSocketClient as { ping: number }).ping = 1;
			});
		},
		{ needs },
	);

	test(
		"callbacks have the instance as this; target is kept",
		async (t) => {
			const target = {};
			const self = await t.until<unknown>((done) => {
				open(t, {
					target,
					onWritable() {
						done(this);
					},
				});
			});
			ok(self instanceof WebSocketClient, "this is another");
			equal((self as WebSocketClient).target, target, "target");
		},
		{ needs },
	);

	test(
		"messages go and come back, binary and text, and empty ones",
		async (t) => {
			const heard: string[] = [];
			await t.until((done) => {
				void connect(t, {
					onReadable: collector(t, (bytes, { binary }) => {
						heard.push(`${binary} ${String.fromArrayBuffer(bytes.buffer as ArrayBuffer)}`);
						if (heard.length === 4) done();
					}),
				}).then(({ client }) => {
					client.write(text("one"));
					client.write(text("dois \u00e9 \u20ac"), { binary: false });
					client.write(new ArrayBuffer(0));
					client.write(Uint8Array.of(65, 66, 67, 68).subarray(1, 3), { binary: true });
				});
			});
			equal(heard, ["true one", "false dois \u00e9 \u20ac", "true ", "true BC"]);
		},
		{ needs },
	);

	test(
		"a message of 100 KB, written in fragments, comes back whole, in parts",
		async (t) => {
			const length = 100_000;
			let sent = 0;
			let received = 0;
			await t.until((done) => {
				open(t, {
					onWritable: t.guard(function (this: WebSocketClient, count: number) {
						if (sent === length) return;
						const part = new Uint8Array(Math.min(count, length - sent));
						for (let index = 0; index < part.length; index++) part[index] = (sent + index) % 251;
						sent += part.length;
						this.write(part, { more: sent < length });
					} as (this: WebSocketClient, count: number) => void),
					onReadable: t.guard(function (this: WebSocketClient, count: number, { more }: Info) {
						if (count > 0)
							for (const byte of new Uint8Array(this.read() as ArrayBuffer)) {
								if (byte !== received++ % 251) throw new Error(`byte ${received - 1} is ${byte}`);
							}
						if (!more) done();
					} as (this: WebSocketClient, count: number, info: Info) => void),
				});
			});
			equal(received, length);
		},
		{ needs, timeout: 30_000 },
	);

	test(
		"read takes bytes of one message, as many as asked for; the next is announced once all was read",
		async (t) => {
			let calls = 0;
			const { client } = await connect(t, { onReadable: () => void calls++ });
			client.write(text("abcdef"));
			client.write(text("gh"));
			await t.sleep(300);
			equal(calls, 1, "calls");
			equal(client.read(2), text("ab"));
			const target = new Uint8Array(4);
			equal(client.read(new Uint8Array(target.buffer, 1, 3)), 3);
			equal(target, Uint8Array.of(0, 99, 100, 101));
			equal(client.read(100), text("f"), "past the end");
			equal(calls, 1, "a callback came from within read");
			await t.sleep(300);
			equal(calls, 2, "calls after all was read");
			equal(client.read(), text("gh"));
			equal(client.read(), undefined, "nothing left");
		},
		{ needs },
	);

	test(
		'format "number" reads and writes bytes',
		async (t) => {
			const { client } = await connect(t, { format: "number" });
			equal(client.format, "number");
			client.write(200, { more: true });
			client.write(7);
			await t.sleep(300);
			equal(client.read(), 200);
			await t.sleep(50);
			equal(client.read(), 7);
			equal(client.read(), undefined);
			throws(() => client.write(256), Error, "a number that is no byte");
			throws(() => {
				client.format = "text" as never;
			});
		},
		{ needs },
	);

	test(
		"write before the handshake, and of more than is writable, throws and sends nothing",
		async (t) => {
			throws(() => open(t).write(new ArrayBuffer(1)));
			const answer = await t.until<Uint8Array>((done) => {
				void connect(t, { onReadable: collector(t, done) }).then(({ client, writable }) => {
					throws(() => client.write(new Uint8Array(writable + 1)));
					const left = client.write(Uint8Array.of(1, 2));
					// The network may take it at once.
					between(left, 0, writable, "what may still be written");
				});
			});
			equal(answer, Uint8Array.of(1, 2));
		},
		{ needs },
	);

	test(
		"protocol: of those that were offered, the server takes one; headers may be a Map or pairs",
		async (t) => {
			const pairs = [["X-A", "b"] as const];
			const { client } = await connect(t, { protocol: "mqtt,chat", headers: pairs });
			equal(client.protocol, "chat");
			const other = await connect(t, { headers: new Map(pairs) });
			equal(other.client.protocol, "");
		},
		{ needs },
	);

	test(
		"a Ping of the application is answered by the server; one of the server by the class, which tells it",
		async (t) => {
			const heard: string[] = [];
			await t.until((done) => {
				void connect(t, {
					path: "/raw",
					onControl: t.guard((opcode: number, control: ArrayBuffer) => {
						heard.push(`${opcode} ${String.fromArrayBuffer(control)}`);
					}),
					onReadable: collector(t, (bytes) => {
						heard.push(String.fromArrayBuffer(bytes.buffer as ArrayBuffer));
						done();
					}),
				}).then(({ client }) => {
					client.write(text("a"), { opcode: WebSocketClient.ping });
					client.write(frame(0x89, text("b")));
				});
			});
			equal(heard, ["10 a", "9 b", "pong b"]);
		},
		{ needs },
	);

	test(
		"the closing handshake, begun by the application: the server's Close is told, then onClose",
		async (t) => {
			const heard: string[] = [];
			await t.until((done) => {
				void connect(t, {
					onControl: (opcode, control) => void heard.push(`${opcode} ${new Uint8Array(control).join(" ")}`),
					onClose: () => {
						heard.push("closed");
						done();
					},
				}).then(({ client }) => {
					client.write(Uint8Array.of(3, 232), { opcode: WebSocketClient.close });
					throws(() => client.write(new ArrayBuffer(1)), Error, "a message behind Close");
				});
			});
			equal(heard, ["8 3 232", "closed"]);
		},
		{ needs },
	);

	test(
		"the closing handshake, begun by the server",
		async (t) => {
			const heard: string[] = [];
			await t.until((done) => {
				void connect(t, {
					path: "/raw",
					onControl: (opcode, control) => void heard.push(`${opcode} ${new Uint8Array(control).join(" ")}`),
					onClose: () => {
						heard.push("closed");
						done();
					},
				}).then(({ client }) => void client.write(Uint8Array.of(0x88, 2, 3, 233)));
			});
			equal(heard, ["8 3 233", "closed"]);
		},
		{ needs },
	);

	for (const [what, bytes] of [
		["masked", [0x82, 0x81, 1, 2, 3, 4, 5]],
		["with a reserved bit", [0xc2, 1, 5]],
		["with an unknown opcode", [0x83, 0]],
		["that continue nothing", [0x80, 0]],
		["that begin within a message", [0x02, 1, 5, 0x82, 1, 5]],
		["of control that are fragmented", [0x09, 0]],
		["of control that are longer than 125 bytes", [0x89, 126, 0, 126]],
		["whose length takes more bytes than it needs", [0x82, 126, 0, 5]],
		["whose length has its highest bit set", [0x82, 127, 128, 0, 0, 0, 0, 0, 0, 0]],
		["whose length cannot be counted", [0x82, 127, 127, 0, 0, 0, 0, 0, 0, 0]],
		["of text that is not UTF-8", [0x81, 2, 0xc0, 0x80]],
		["of Close with half a code", [0x88, 1, 3]],
		["of Close with a code that must not be sent", [0x88, 2, 3, 237]],
	] as const) {
		test(
			`frames ${what} are an error`,
			async (t) => {
				const error = await t.until<Error | undefined>((done) => {
					void connect(t, { path: "/raw", onError: done, onReadable: collector(t, () => {}) }).then(
						({ client }) => void client.write(Uint8Array.from(bytes)),
					);
				});
				ok(error === undefined || (error instanceof Error && error.message !== ""), "the error has no message");
			},
			{ needs },
		);
	}

	test(
		"a path that is not there, a server that is not there, and a name that is none are errors",
		async (t) => {
			const { refused, names } = t.bench;
			for (const options of [
				{ path: "/nowhere" },
				{ host: refused!.address, port: refused!.port },
				{ host: names!.missing },
			]) {
				const error = await t.until<Error | undefined>((done) => void open(t, { ...options, onError: done }));
				ok(error === undefined || (error instanceof Error && error.message !== ""), "the error has no message");
			}
		},
		{ needs: (device, bench) => needs(device, bench) && bench.refused && bench.names },
	);

	test(
		"no callback comes after close; close inside a callback is safe; after it everything else throws",
		async (t) => {
			let calls = 0;
			const count = () => void calls++;
			open(t, { onWritable: count, onError: count }).close();
			const { client } = await connect(t, { onReadable: count, onClose: count, onError: count });
			client.write(text("x"));
			client.close();
			client.close();
			await t.sleep(300);
			equal(calls, 0, "calls");
			throws(() => client.write(text("x")));
			throws(() => client.read());
			throws(() => client.format);
			await t.until((done) => {
				open(t, {
					onWritable() {
						this.close();
						done();
					},
				});
			});
			await t.sleep(100);
		},
		{ needs },
	);

	test(
		"options that are missing or wrong are refused",
		(t) => {
			const { client } = t.device.network.ws!;
			const good = { ...client, host: "a" };
			throws(() => new WebSocketClient(undefined as never));
			throws(() => new WebSocketClient({ ...good, host: undefined } as never));
			throws(() => new WebSocketClient({ ...good, socket: undefined } as never));
			throws(() => new WebSocketClient({ ...good, dns: undefined } as never));
			throws(() => new WebSocketClient({ ...good, port: 65536 } as never));
			throws(() => new WebSocketClient({ ...good, path: "a\r\nb" } as never));
			throws(() => new WebSocketClient({ ...good, headers: [["a", "b\r\nc: d"]] } as never));
			throws(() => new WebSocketClient({ ...good, format: "text" } as never));
			throws(() => new WebSocketClient({ ...good, onReadable: 5 } as never));
		},
		{ needs },
	);

	test(
		"attach: the server's end on a socket whose handshake was made",
		async (t) => {
			const received = await t.until<Uint8Array>((done) => {
				const listener = new Listener({
					onReadable: t.guard(() => {
						const server = new WebSocketClient({
							attach: listener.read()!,
							onReadable: t.guard(function (this: WebSocketClient) {
								this.write(this.read() as ArrayBuffer, { binary: false });
							} as (this: WebSocketClient) => void),
						});
						t.defer(() => server.close());
					}),
				});
				t.defer(() => listener.close());
				let sent = false;
				const socket = new TCP({
					address: t.bench.loopback!,
					port: listener.port,
					onWritable: t.guard(function (this: TCP) {
						// It is told again once that is sent.
						if (sent) return;
						sent = true;
						this.write(Uint8Array.of(0x82, 0x83, 1, 2, 3, 4, 97 ^ 1, 98 ^ 2, 99 ^ 3));
					} as (this: TCP) => void),
					onReadable: t.guard(function (this: TCP) {
						done(new Uint8Array(this.read() as ArrayBuffer));
					} as (this: TCP) => void),
				});
				t.defer(() => socket.close());
			});
			equal(received, Uint8Array.of(0x81, 3, 97, 98, 99));
		},
		{ needs: (device, bench) => device.network?.ws && bench.loopback },
	);

	test(
		"over TLS, messages go and come back",
		async (t) => {
			const { host, port, certificate } = t.bench.websocketTLS!;
			const { client } = t.device.network.wss!;
			await setClock(t);
			const answer = await t.until<Uint8Array>((done) => {
				open(t, {
					...client,
					socket: { ...client.socket, tls: { ca: certificate } },
					host,
					port,
					path: "/echo",
					onWritable: t.guard(function (this: WebSocketClient) {
						this.write(text("secret"));
					} as (this: WebSocketClient) => void),
					onReadable: collector(t, done),
				} as Options);
			});
			equal(String.fromArrayBuffer(answer.buffer as ArrayBuffer), "secret");
		},
		{ needs: (device, bench) => device.network?.wss && bench.websocketTLS },
	);
});
