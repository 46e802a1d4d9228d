import TCP from "embedded:io/socket/tcp";
import type { Bench } from "./bench";
import { between, equal, ok, suite, type Test, throws } from "./harness";

type Options = ConstructorParameters<typeof TCP>[0];

const needs = (_device: unknown, bench: Bench) => bench.echo;

/** A socket to the echo server, once it is writable; and how much. */
async function connect(t: Test, options: Partial<Options> = {}): Promise<{ socket: TCP; writable: number }> {
	const { address, port } = t.bench.echo!;
	let socket!: TCP;
	const writable = await t.until<number>((done) => {
		const { onWritable } = options;
		socket = new TCP({
			address,
			port,
			onError: t.guard((error?: Error) => {
				throw error ?? new Error("onError");
			}),
			...options,
			onWritable(count) {
				onWritable?.call(this, count);
				done(count);
			},
		});
		t.defer(() => socket.close());
	});
	return { socket, writable };
}

/** Reads until `length` bytes have come. */
async function readAll(
	t: Test,
	length: number,
	send: (socket: TCP, writable: number) => void,
	options: Partial<Options> = {},
) {
	const bytes = new Uint8Array(length);
	let count = 0;
	let socket!: TCP;
	await t.until<void>((done) => {
		void connect(t, {
			...options,
			onReadable: t.guard(() => {
				for (;;) {
					const part = socket.read() as ArrayBuffer | undefined;
					if (part === undefined) break;
					bytes.set(new Uint8Array(part), count);
					count += part.byteLength;
				}
				if (count >= length) done();
			}),
		}).then((connected) => {
			socket = connected.socket;
			send(socket, connected.writable);
		});
	});
	return bytes;
}

export default suite("tcp", (test) => {
	test(
		"onWritable comes once connected, after the constructor, with the room for output",
		async (t) => {
			const { address, port } = t.bench.echo!;
			let constructed = false;
			const writable = await t.until<number>((done) => {
				const socket = new TCP({
					address,
					port,
					onWritable: t.guard((count: number) => {
						ok(constructed, "called from within the constructor");
						done(count);
					}),
				});
				constructed = true;
				t.defer(() => socket.close());
			});
			between(writable, 512, 1_000_000, "writable");
		},
		{ needs },
	);

	test(
		"callbacks have the instance as this; target is kept",
		async (t) => {
			const target = {};
			let self: unknown;
			const { socket } = await connect(t, {
				target,
				onWritable() {
					self = this;
				},
			});
			equal(self, socket, "this");
			equal(socket.target, target, "target");
		},
		{ needs },
	);

	test(
		"bytes go and come back",
		async (t) => {
			const bytes = await readAll(t, 5, (socket) => socket.write(Uint8Array.of(1, 2, 3, 4, 5)));
			equal(bytes, Uint8Array.of(1, 2, 3, 4, 5));
		},
		{ needs },
	);

	test(
		"write returns what may still be written, and sends only the view's bytes",
		async (t) => {
			const all = Uint8Array.of(9, 1, 2, 9);
			const bytes = await readAll(t, 2, (socket) => {
				const left = socket.write(new Uint8Array(all.buffer, 1, 2));
				ok(typeof left === "number" && left >= 0, `write returned ${left}`);
			});
			equal(bytes, Uint8Array.of(1, 2));
		},
		{ needs },
	);

	test(
		"a buffer may be changed after write",
		async (t) => {
			const buffer = Uint8Array.of(7, 7);
			const bytes = await readAll(t, 2, (socket) => {
				socket.write(buffer);
				buffer.fill(0);
			});
			equal(bytes, Uint8Array.of(7, 7));
		},
		{ needs },
	);

	test(
		"write before the connection stands throws",
		(t) => {
			const { address, port } = t.bench.echo!;
			const socket = new TCP({ address, port });
			t.defer(() => socket.close());
			throws(() => socket.write(Uint8Array.of(1)));
		},
		{ needs },
	);

	test(
		"writing more than is writable throws, and writes nothing of it",
		async (t) => {
			const bytes = await readAll(t, 2, (socket, writable) => {
				throws(() => socket.write(new Uint8Array(writable + 1).fill(9)));
				socket.write(Uint8Array.of(1, 2));
			});
			equal(bytes, Uint8Array.of(1, 2));
		},
		{ needs },
	);

	test(
		"after the room was filled, onWritable comes again",
		async (t) => {
			let calls = 0;
			let left = -1;
			await t.until((done) => {
				void connect(t, {
					onReadable() {
						this.read();
					},
					onWritable: t.guard(function (this: TCP, count: number) {
						if (++calls === 1) left = this.write(new Uint8Array(count));
						else if (count > 0) done(undefined);
					}),
				});
			});
			equal(left, 0, "left after the first write");
		},
		{ needs },
	);

	test(
		"100 KB come back whole and in order",
		async (t) => {
			const length = 100_000;
			let sent = 0;
			let received = 0;
			await t.until((done) => {
				void connect(t, {
					onWritable: t.guard(function (this: TCP, count: number) {
						const part = new Uint8Array(Math.min(count, length - sent));
						for (let index = 0; index < part.length; index++) part[index] = (sent + index) % 251;
						sent += part.length;
						if (part.length > 0) this.write(part);
					}),
					onReadable: t.guard(function (this: TCP) {
						for (;;) {
							const part = this.read(1000) as ArrayBuffer | undefined;
							if (!part) break;
							for (const byte of new Uint8Array(part)) equal(byte, received++ % 251, "byte");
						}
						if (received === length) done(undefined);
					}),
				});
			});
		},
		{ needs, timeout: 20_000 },
	);

	test(
		"read takes as many bytes as asked for, or what there is",
		async (t) => {
			const { socket } = await connect(t);
			socket.write(Uint8Array.of(1, 2, 3, 4, 5));
			await t.sleep(300);
			equal(socket.read(2), Uint8Array.of(1, 2));
			equal(socket.read(100), Uint8Array.of(3, 4, 5), "past the end");
			equal(socket.read(1), undefined, "nothing left");
			equal(socket.read(), undefined, "nothing left");
		},
		{ needs },
	);

	test(
		"read fills a buffer and returns the count",
		async (t) => {
			const { socket } = await connect(t);
			socket.write(Uint8Array.of(1, 2, 3));
			await t.sleep(300);
			const target = new Uint8Array(4);
			equal(socket.read(new Uint8Array(target.buffer, 1, 2)), 2);
			equal(target, Uint8Array.of(0, 1, 2, 0));
			equal(socket.read(target), 1, "past the end");
			equal(target, Uint8Array.of(3, 1, 2, 0));
			equal(socket.read(target), undefined, "nothing left");
		},
		{ needs },
	);

	test(
		'format "number" reads and writes bytes',
		async (t) => {
			const { socket } = await connect(t, { format: "number" });
			equal(socket.format, "number", "format");
			socket.write(200);
			socket.write(7);
			throws(() => socket.write(256), Error, "a number that is no byte");
			await t.sleep(300);
			equal(socket.read(), 200);
			equal(socket.read(), 7);
			equal(socket.read(), undefined);
			socket.format = "buffer";
			socket.write(Uint8Array.of(1));
			await t.sleep(300);
			equal(socket.read(), Uint8Array.of(1));
		},
		{ needs },
	);

	test(
		"an unknown format is refused and changes nothing",
		async (t) => {
			const { socket } = await connect(t);
			throws(() => {
				socket.format = "text" as never;
			});
			equal(socket.format, "buffer");
		},
		{ needs },
	);

	test(
		"onReadable comes once for what arrived, not again until more comes",
		async (t) => {
			let calls = 0;
			const { socket } = await connect(t, { onReadable: () => void calls++ });
			socket.write(Uint8Array.of(1, 2, 3));
			await t.sleep(400);
			equal(calls, 1, "calls");
			socket.write(Uint8Array.of(4));
			await t.sleep(400);
			equal(calls, 2, "calls after more came");
			equal(socket.read(), Uint8Array.of(1, 2, 3, 4));
		},
		{ needs },
	);

	test(
		"what arrived before the peer closed can still be read; onError comes after it",
		async (t) => {
			let errors = 0;
			const { socket } = await connect(t, { onError: () => void errors++ });
			socket.write(new Uint8Array(ArrayBuffer.fromString("last words\nclose\n")));
			await t.sleep(500);
			equal(errors, 0, "errors before everything was read");
			const text = String.fromArrayBuffer(socket.read() as ArrayBuffer);
			ok(text.startsWith("last words"), `read ${text}`);
			await t.sleep(100);
			equal(errors, 1, "errors");
			equal(socket.read(), undefined, "read after the end");
		},
		{ needs },
	);

	test(
		"a refused connection is an error that says so",
		async (t) => {
			const { address, port } = t.bench.refused!;
			const error = await t.until<Error | undefined>((done) => {
				const socket = new TCP({ address, port, onError: done });
				t.defer(() => socket.close());
			});
			ok(error === undefined || (error instanceof Error && error.message !== ""), "the error has no message");
		},
		{ needs: (_device, bench) => bench.refused },
	);

	test(
		"remoteAddress and remotePort name the peer",
		async (t) => {
			const { socket } = await connect(t);
			equal(socket.remoteAddress, t.bench.echo!.address);
			equal(socket.remotePort, t.bench.echo!.port);
		},
		{ needs },
	);

	test(
		"from takes the connection over; the original is closed",
		async (t) => {
			const { socket } = await connect(t);
			const received = await t.until<Uint8Array>((done) => {
				const next = new TCP({
					from: socket,
					onReadable: t.guard(function (this: TCP) {
						done(new Uint8Array(this.read() as ArrayBuffer));
					}),
					onWritable: t.guard(function (this: TCP) {
						this.write(Uint8Array.of(5));
					}),
				});
				t.defer(() => next.close());
				throws(() => socket.write(Uint8Array.of(1)), Error, "writing to the original");
			});
			equal(received[0], 5);
		},
		{ needs },
	);

	test(
		"no callback comes after close",
		async (t) => {
			let calls = 0;
			const { socket } = await connect(t, { onReadable: () => void calls++, onError: () => void calls++ });
			socket.write(Uint8Array.of(1));
			socket.close();
			await t.sleep(300);
			equal(calls, 0, "calls");
		},
		{ needs },
	);

	test(
		"close inside a callback is safe",
		async (t) => {
			const { socket } = await connect(t, {
				onReadable() {
					this.close();
				},
			});
			socket.write(Uint8Array.of(1, 2));
			await t.sleep(300);
			throws(() => socket.read());
		},
		{ needs },
	);

	test(
		"use after close throws, close again does not",
		async (t) => {
			const { socket } = await connect(t);
			socket.close();
			socket.close();
			throws(() => socket.read());
			throws(() => socket.write(Uint8Array.of(1)));
			throws(() => socket.remoteAddress);
			throws(() => socket.format);
		},
		{ needs },
	);

	test("options that are missing or out of range are refused", () => {
		throws(() => new TCP(undefined as never));
		throws(() => new TCP({ port: 80 }));
		throws(() => new TCP({ address: "127.0.0.1" }));
		throws(() => new TCP({ address: "127.0.0.1", port: 65536 }));
		throws(() => new TCP({ address: "127.0.0.1", port: -1 }));
		throws(() => new TCP({ address: "not an address", port: 80 }));
		throws(() => new TCP({ address: "127.0.0.1", port: 80, format: "text" as never }));
		throws(() => new TCP({ address: "127.0.0.1", port: 80, onReadable: 5 as never }));
		throws(() => new TCP({ from: {} as never }));
	});

	test(
		"a frozen options object is taken",
		async (t) => {
			const { address, port } = t.bench.echo!;
			const socket = new TCP(Object.freeze({ address, port, noDelay: true, keepAlive: 10_000 }));
			t.defer(() => socket.close());
			await t.sleep(50);
		},
		{ needs },
	);

	test(
		"host names are resolved",
		async (t) => {
			const { host, port } = t.bench.echo!;
			await t.until<number>((done) => {
				const socket = new TCP({ host: host!, port, onWritable: done });
				t.defer(() => socket.close());
			});
		},
		{ needs: (_device, bench) => bench.echo?.host },
	);
});
