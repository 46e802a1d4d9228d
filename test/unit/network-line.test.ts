// What may lie between a node and its broker: distance, loss, nothing at all; and a power cut, which tells nobody.
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { RealClock, VirtualClock } from "../../hosts/desktop/clock";
import type { ByteStream } from "../../hosts/shared/services/network";
import { Air, DEFAULT_POINT } from "../../sim/network/air";
import { Internet } from "../../sim/network/internet";
import { Line } from "../../sim/network/line";
import { LineStream } from "../../sim/network/line-stream";
import { NodeNetwork } from "../../sim/network/node-network";
import { realSockets } from "../../sim/network/real-sockets";
import { until } from "../support/until";

/** The far end of a line: says what it is told to, and writes down what it hears. */
class Peer implements ByteStream {
	readonly heard: string[] = [];
	readonly #listeners = new Map<string, (value: never) => void>();
	#paused = false;

	on(event: string, listener: (value: never) => void): void {
		this.#listeners.set(event, listener);
	}
	write(bytes: Uint8Array, callback: () => void): void {
		this.heard.push(Buffer.from(bytes).toString());
		callback();
	}
	end(): void {
		this.heard.push("end");
	}
	pause(): void {
		this.#paused = true;
	}
	resume(): void {
		this.#paused = false;
	}
	isPaused(): boolean {
		return this.#paused;
	}
	destroy(): void {
		this.heard.push("destroyed");
	}
	tell(event: string, value?: unknown): void {
		this.#listeners.get(event)?.(value as never);
	}
}

function setUp() {
	const clock = new VirtualClock(() => undefined);
	const line = new Line(1);
	const peer = new Peer();
	const got: string[] = [];
	let gone = 0;
	const stream = new LineStream(
		line,
		clock,
		(connected) => {
			connected();
			return peer;
		},
		() => got.push("connected"),
		() => gone++,
	);
	stream.on("data", ((chunk: Uint8Array) => got.push(`${clock.now()}: ${Buffer.from(chunk)}`)) as never);
	stream.on("close", (() => got.push("closed")) as never);
	const say = (text: string) => stream.write(Buffer.from(text), () => {});
	return { clock, line, peer, got, stream, say, gone: () => gone };
}

test("on a perfect line bytes pass at once, and no timer is needed", () => {
	const { peer, got, say } = setUp();
	say("a");
	peer.tell("data", Buffer.from("b"));
	assert.deepEqual([peer.heard, got], [["a"], ["connected", "0: b"]]);
});

test("latency delays both ways, and keeps the order when it changes", async () => {
	const { clock, line, peer, got, say } = setUp();
	line.change({ latency: 300 });
	say("a");
	peer.tell("data", Buffer.from("b"));
	line.change({ latency: 0 });
	say("c");
	peer.tell("data", Buffer.from("d"));
	assert.deepEqual(peer.heard, []);
	await clock.run(1000);
	assert.deepEqual(
		[peer.heard, got.slice(1)],
		[
			["a", "c"],
			["300: b", "300: d"],
		],
	);
});

test("what is lost is sent again: nothing is missing, nothing out of order, and it takes longer", async () => {
	const { clock, line, peer, say } = setUp();
	line.change({ loss: 50 });
	const wanted = Array.from({ length: 40 }, (_, index) => String(index));
	for (const text of wanted) say(text);
	await clock.run(1);
	assert.ok(peer.heard.length < 40, "some are late");
	await clock.run(60_000);
	assert.deepEqual(peer.heard, wanted);
});

test("a line that leads nowhere says so to nobody; what waited arrives when it leads somewhere again", async () => {
	const { clock, line, peer, got, say } = setUp();
	line.change({ reachable: false });
	say("a");
	peer.tell("data", Buffer.from("b"));
	peer.tell("close");
	await clock.run(100_000);
	assert.deepEqual([peer.heard, got], [[], ["connected"]]);
	line.change({ reachable: true });
	assert.deepEqual([peer.heard, got.slice(1)], [["a"], ["100000: b", "closed"]]);
});

test("a peer that talks on while nothing arrives is held back", () => {
	const { line, peer } = setUp();
	line.change({ reachable: false });
	for (let count = 0; count < 20; count++) peer.tell("data", Buffer.alloc(4096));
	assert.equal(peer.isPaused(), true);
	line.change({ reachable: true });
	assert.equal(peer.isPaused(), false);
});

test("abandoned: no end reaches the peer, nothing more the node; it is over when the peer gives it up", () => {
	const { peer, got, stream, gone } = setUp();
	stream.abandon();
	stream.destroy();
	peer.tell("data", Buffer.from("b"));
	assert.deepEqual([peer.heard, got, gone()], [[], ["connected"], 0]);
	peer.tell("close");
	assert.equal(gone(), 1);
});

test("a connection that cannot even be tried fails as one that broke, however long the line", async () => {
	const clock = new VirtualClock(() => undefined);
	const line = new Line(1);
	const open = () => {
		throw new Error("key values mismatch");
	};
	const make = (got: string[]) => {
		const stream = new LineStream(
			line,
			clock,
			open,
			() => got.push("connected"),
			() => got.push("gone"),
		);
		stream.on("error", ((error: Error) => got.push(error.message)) as never);
		stream.on("close", (() => got.push("closed")) as never);
	};
	assert.throws(() => make([]), /key values mismatch/, "at once, where somebody waits for it");
	line.change({ latency: 100 });
	const got: string[] = [];
	make(got);
	await clock.run(1000);
	assert.deepEqual(got, ["gone", "key values mismatch", "closed"]);
});

test("packets of UDP know the line, too: late on a slow one, gone on one that leads nowhere", async () => {
	const clock = new VirtualClock(() => undefined);
	const internet = new Internet({ clock });
	const network = new NodeNetwork({
		air: new Air({ seed: 1 }),
		clock,
		node: 0,
		uniqueId: "020000000000",
		internet,
		join: DEFAULT_POINT,
	});
	await clock.run(10_000);
	const got: number[] = [];
	const socket = network.bind(
		undefined,
		undefined,
		() => got.push(clock.now()),
		() => {},
	);
	const ask = async () => {
		const before = got.length;
		const since = clock.now();
		const address = internet.lookup("pool.ntp.org")!;
		socket.send(Uint8Array.of(0x23, ...new Uint8Array(47)), address, 123);
		await clock.run(since + 30_000);
		return got.length > before ? got.at(-1)! - since : undefined;
	};
	const usual = await ask();
	assert.ok(usual !== undefined && usual < 200, `${usual} ms`);
	network.line.change({ latency: 2_000 });
	assert.equal(await ask(), usual + 4_000);
	network.line.change({ reachable: false });
	assert.equal(await ask(), undefined);
});

test("wrong figures are refused by name, and change nothing", () => {
	const line = new Line(1);
	assert.throws(() => line.change({ latency: 10, loss: 51 }), /^RangeError: loss: 51 is outside 0\.\.50 %$/);
	assert.throws(() => line.change({ latency: Number.NaN }), /latency: NaN is outside 0\.\.5000 ms/);
	assert.equal(line.perfect, true);
});

let server: Server;
const sockets: Socket[] = [];

before(async () => {
	server = createServer((socket) => {
		sockets.push(socket);
		socket.on("error", () => {}).resume();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => {
	for (const socket of sockets) socket.destroy();
	server.close();
});

test("a power cut leaves a real connection half-open, until its peer gives it up or the simulation ends", async () => {
	const clock = new RealClock();
	const network = new NodeNetwork({
		air: new Air({ seed: 1 }),
		clock,
		node: 0,
		uniqueId: "020000000000",
		internet: new Internet({ clock }),
		sockets: realSockets,
	});
	const { port } = server.address() as { port: number };
	const open = () =>
		new Promise<ByteStream>((resolve) => {
			const stream = network.connect({ address: "127.0.0.1", port }, () => resolve(stream));
		});
	const streams = [await open(), await open()];
	await until(() => sockets.length === 2, 5000, "two connections");
	const ended = [0, 0];
	for (const [index, socket] of sockets.entries()) socket.on("close", () => ended[index]!++);
	network.abandon();
	for (const stream of streams) stream.destroy();
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.deepEqual(ended, [0, 0], "nothing told the peer");
	sockets[0]!.destroy();
	network.close();
	await until(() => ended[1] === 1, 5000, "the end of the simulation");
});
