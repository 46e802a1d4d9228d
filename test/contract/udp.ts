import UDP from "embedded:io/socket/udp";
import type { Bench } from "./bench";
import { equal, ok, suite, type Test, throws } from "./harness";

const needs = (_device: unknown, bench: Bench) => bench.udpEcho;

/** Sends packets to the echo server; resolves when all are back. */
async function echo(t: Test, packets: Uint8Array[]): Promise<UDP> {
	const { address, port } = t.bench.udpEcho!;
	let socket!: UDP;
	await t.until((done) => {
		socket = new UDP({
			onReadable: t.guard((count: number) => {
				if (count === packets.length) done(undefined);
			}),
		});
		t.defer(() => socket.close());
		for (const packet of packets) socket.write(packet, address, port);
	});
	return socket;
}

export default suite("udp", (test) => {
	test(
		"a packet goes and comes back, with its sender",
		async (t) => {
			const socket = await echo(t, [Uint8Array.of(1, 2, 3)]);
			const packet = socket.read();
			ok(packet, "no packet");
			equal(packet, Uint8Array.of(1, 2, 3));
			equal(packet.address, t.bench.udpEcho!.address, "address");
			equal(packet.port, t.bench.udpEcho!.port, "port");
			equal(socket.read(), undefined, "a second read");
		},
		{ needs },
	);

	test(
		"packets keep their borders; onReadable counts those that wait",
		async (t) => {
			const socket = await echo(t, [Uint8Array.of(1), Uint8Array.of(2, 3)]);
			const lengths = [socket.read()!.byteLength, socket.read()!.byteLength];
			equal(lengths.sort(), [1, 2], "lengths");
		},
		{ needs },
	);

	test(
		"a packet that no frame of Wi-Fi holds is lost, the longest one that fits is not",
		async (t) => {
			const longest = new Uint8Array(1472);
			longest[1471] = 7;
			const { address, port } = t.bench.udpEcho!;
			const socket = await echo(t, [longest]);
			equal(new Uint8Array(socket.read()!)[1471], 7, "the last byte");
			socket.write(new Uint8Array(1473), address, port);
			await t.sleep(300);
			equal(socket.read(), undefined, "a longer one");
		},
		{ needs },
	);

	test(
		"read fills a buffer, and refuses one that is too small",
		async (t) => {
			const socket = await echo(t, [Uint8Array.of(1, 2, 3)]);
			const read = (buffer: ByteBuffer) => socket.read(buffer);
			throws(() => read(new Uint8Array(2)));
			const target = new Uint8Array(5);
			equal(read(target), 3);
			equal(target, Uint8Array.of(1, 2, 3, 0, 0));
		},
		{ needs },
	);

	test(
		"callbacks never come from within write",
		async (t) => {
			const { address, port } = t.bench.udpEcho!;
			let writing = false;
			await t.until((done) => {
				const socket = new UDP({
					onReadable: t.guard(() => {
						ok(!writing, "called from within write");
						done(undefined);
					}),
				});
				t.defer(() => socket.close());
				writing = true;
				socket.write(Uint8Array.of(1), address, port);
				writing = false;
			});
		},
		{ needs },
	);

	test(
		"use after close throws, close again does not",
		(t) => {
			const { address, port } = t.bench.udpEcho!;
			const socket = new UDP({});
			socket.close();
			socket.close();
			throws(() => socket.read());
			throws(() => socket.write(Uint8Array.of(1), address, port));
		},
		{ needs },
	);

	test(
		"wrong options and arguments are refused",
		(t) => {
			throws(() => new UDP(undefined as never));
			throws(() => new UDP({ port: 65536 }));
			const socket = new UDP({});
			t.defer(() => socket.close());
			throws(() => socket.write("text" as never, "127.0.0.1", 80));
			throws(() => socket.write(Uint8Array.of(1), "not an address", 80));
			throws(() => socket.write(Uint8Array.of(1), "127.0.0.1", 65536));
		},
		{ needs },
	);
});
