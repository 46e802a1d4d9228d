import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import type { Bench } from "./bench";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (_device: unknown, bench: Bench) => bench.loopback;

/** A listener, and a client that connects to it; resolves with the socket that `read` returned. */
async function accept(t: Test, client: Partial<ConstructorParameters<typeof TCP>[0]> = {}) {
	let listener!: Listener;
	const count = await t.until<number>((done) => {
		listener = new Listener({ onReadable: done });
		t.defer(() => listener.close());
		const socket = new TCP({ ...client, address: t.bench.loopback!, port: listener.port });
		t.defer(() => socket.close());
	});
	equal(count, 1, "requests");
	const socket = listener.read();
	ok(socket, "read returned no socket");
	t.defer(() => socket.close());
	return { listener, socket };
}

export default suite("listener", (test) => {
	test(
		"port tells the port that was bound",
		(t) => {
			const listener = new Listener({});
			t.defer(() => listener.close());
			ok(listener.port > 0 && listener.port < 65536, `port ${listener.port}`);
			equal(listener.format, "socket/tcp");
		},
		{ needs },
	);

	test(
		"a connection is announced, and read returns its socket",
		async (t) => {
			const { listener, socket } = await accept(t);
			equal(listener.read(), undefined, "a second read");
			ok(socket instanceof TCP, "not a TCP socket");
		},
		{ needs },
	);

	test(
		"from gives the socket callbacks: both sides talk",
		async (t) => {
			let sent = false;
			const answer = await t.until<number>((done) => {
				void accept(t, {
					onWritable: t.guard(function (this: TCP) {
						if (sent) return;
						sent = true;
						this.write(Uint8Array.of(20));
					}),
					onReadable: t.guard(function (this: TCP) {
						done(new Uint8Array(this.read() as ArrayBuffer)[0]!);
					}),
				}).then(({ socket }) => {
					const server = new TCP({
						from: socket,
						onReadable: t.guard(function (this: TCP) {
							this.write(Uint8Array.of(new Uint8Array(this.read() as ArrayBuffer)[0]! + 1));
						}),
					});
					t.defer(() => server.close());
				});
			});
			equal(answer, 21);
		},
		{ needs },
	);

	test(
		"a socket that was accepted can be read without callbacks",
		async (t) => {
			let sent = false;
			const { socket } = await accept(t, {
				onWritable: t.guard(function (this: TCP) {
					if (sent) return;
					sent = true;
					this.write(Uint8Array.of(1, 2));
				}),
			});
			await t.sleep(300);
			equal(socket.read(), Uint8Array.of(1, 2));
		},
		{ needs },
	);

	test(
		"write is not supported",
		(t) => {
			const listener = new Listener({});
			t.defer(() => listener.close());
			throws(() => (listener as unknown as { write(data: unknown): void }).write(new ArrayBuffer(1)));
		},
		{ needs },
	);

	test(
		"a port that is taken is refused",
		(t) => {
			const listener = new Listener({});
			t.defer(() => listener.close());
			throws(() => new Listener({ port: listener.port }));
		},
		{ needs },
	);

	test(
		"after close nothing is accepted; use after close throws",
		async (t) => {
			const listener = new Listener({});
			const { port } = listener;
			listener.close();
			listener.close();
			throws(() => listener.read());
			throws(() => listener.port);
			await t.sleep(100);
			await t.until((done) => {
				const socket = new TCP({ address: t.bench.loopback!, port, onError: () => done(undefined) });
				t.defer(() => socket.close());
			});
		},
		{ needs },
	);

	test("options out of range are refused", () => {
		throws(() => new Listener(undefined as never));
		throws(() => new Listener({ port: 65536 }));
		throws(() => new Listener({ format: "buffer" as never }));
	});
});
