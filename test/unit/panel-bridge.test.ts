// The panel's way to the nodes' broker: a page's WebSocket at one end, a broker's connection at the other.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { brokerTrouble, openBroker } from "../../sim/broker-door";
import { type BrokerDoor, bridge, bridgeOptions } from "../../sim/panel/mqtt-bridge";
import { until } from "../support/until";

interface Ending {
	after(end: () => unknown): void;
}

/** A page's WebSocket, bridged to what `door` opens. */
async function page(t: Ending, door: BrokerDoor, patience?: number): Promise<WebSocket> {
	const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...bridgeOptions });
	await once(server, "listening");
	server.on("connection", (socket) => bridge(socket, door, patience));
	const { port } = server.address() as { port: number };
	const socket = new WebSocket(`ws://127.0.0.1:${port}`);
	t.after(() => {
		socket.terminate();
		server.close();
	});
	return socket;
}

async function closing(socket: WebSocket): Promise<string> {
	const [code, reason] = (await once(socket, "close")) as [number, Buffer];
	assert.equal(code, 1011);
	return String(reason);
}

/** A broker at the TCP level, and the connections that it has. */
async function broker(t: Ending): Promise<{ port: number; sockets: Socket[] }> {
	const sockets: Socket[] = [];
	const server = createServer((socket) => sockets.push(socket.on("error", () => {})));
	await once(server.listen(0, "127.0.0.1"), "listening");
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return { port: (server.address() as { port: number }).port, sockets };
}

function doorTo(url: string): BrokerDoor {
	return { open: () => openBroker(url), explain: (error) => brokerTrouble(url, error) };
}

for (const scheme of ["mqtt", "mqtts", "ws", "wss"])
	test(`a ${scheme}:// broker that takes the connection and never says a word is given up, and the page told why`, async (t) => {
		const { port, sockets } = await broker(t);
		const socket = await page(t, doorTo(`${scheme}://127.0.0.1:${port}`), 200);
		assert.equal(await closing(socket), `127.0.0.1:${port}: no answer within 0.2 s`);
		// Only who reads hears of the end.
		for (const one of sockets) one.resume();
		await until(() => sockets.every(({ destroyed, readableEnded }) => destroyed || readableEnded), 2_000, "the end");
	});

test("a broker that has answered may be silent as long as it likes", async (t) => {
	const { port, sockets } = await broker(t);
	const socket = await page(t, doorTo(`mqtt://127.0.0.1:${port}`), 200);
	await until(() => sockets.length > 0, 2_000, "the connection");
	sockets[0]!.write(Uint8Array.of(0x20, 2, 0, 0));
	await once(socket, "message");
	await new Promise((resolve) => setTimeout(resolve, 400));
	assert.equal(socket.readyState, WebSocket.OPEN);
});

test("what a broker says before it ends the connection reaches the page, and then its end does", async (t) => {
	const { port, sockets } = await broker(t);
	const socket = await page(t, doorTo(`mqtt://127.0.0.1:${port}`));
	await until(() => sockets.length > 0, 2_000, "the connection");
	const heard: number[] = [];
	socket.on("message", (data: Buffer) => heard.push(...data));
	sockets[0]!.end(Uint8Array.of(0x20, 2, 0, 5));
	assert.equal(await closing(socket), "the broker ended the connection");
	assert.deepEqual(heard, [0x20, 2, 0, 5]);
});

test("a broker that goes while a page sends more than it took: the page is told at once", async (t) => {
	const { port, sockets } = await broker(t);
	const socket = await page(t, doorTo(`mqtt://127.0.0.1:${port}`));
	await until(() => sockets.length > 0, 2_000, "the connection");
	const since = performance.now();
	for (let frame = 0; frame < 100; frame++) socket.send(new Uint8Array(200_000));
	await until(() => socket.bufferedAmount === 0 || performance.now() - since > 500, 2_000, "");
	assert.ok(socket.bufferedAmount > 0, "it is held up");
	sockets[0]!.destroy();
	await closing(socket);
	assert.ok(performance.now() - since < 5_000, `${performance.now() - since} ms`);
});

test("what a page says before it goes reaches the broker, and the connection ends with it", async (t) => {
	const { port, sockets } = await broker(t);
	const socket = await page(t, doorTo(`mqtt://127.0.0.1:${port}`));
	await until(() => sockets.length > 0, 2_000, "the connection");
	const heard: number[] = [];
	sockets[0]!.on("data", (data) => heard.push(...data));
	socket.send(Uint8Array.of(0xe0, 0));
	socket.close();
	await once(sockets[0]!, "end");
	assert.deepEqual(heard, [0xe0, 0]);
});

test("a message longer than a page may send ends its connection, and the broker's (RFC 6455 §7.4.1: 1009)", async (t) => {
	const { port, sockets } = await broker(t);
	const socket = await page(t, doorTo(`mqtt://127.0.0.1:${port}`));
	await until(() => sockets.length > 0, 2_000, "the connection");
	socket.send(new Uint8Array(bridgeOptions.maxPayload + 1));
	const [code] = await once(socket, "close");
	assert.equal(code, 1009);
	sockets[0]!.resume();
	await until(() => sockets[0]!.readableEnded || sockets[0]!.destroyed, 4_000, "the broker's end");
});

test("a page that breaks off takes its connection with it, even one that is not made yet", async (t) => {
	const opened: Duplex[] = [];
	const open = () => {
		opened.push(new PassThrough());
		return opened.at(-1)!;
	};
	const socket = await page(t, { open, explain: String });
	await once(socket, "open");
	await until(() => opened.length === 1, 2_000, "a connection");
	socket.terminate();
	await until(() => opened[0]!.destroyed, 2_000, "its end");
});

test("a reason longer than a close frame can carry is cut between characters (RFC 6455 §5.5)", async (t) => {
	const open = () => new PassThrough().destroy(new Error("no"));
	for (const padding of ["", "x", "xx"]) {
		const reason = await closing(await page(t, { open, explain: () => padding + "não é você ".repeat(20) }));
		assert.ok(Buffer.byteLength(reason) <= 123 && Buffer.byteLength(reason) > 118, reason);
		assert.match(reason, /^x*(não é você )+[não é vcê ]*…$/);
	}
});

test("a door that cannot be opened at all is told, too", async (t) => {
	const open = () => {
		throw new Error("there is none");
	};
	const socket = await page(t, { open, explain: ({ message }) => message });
	// And it makes no difference what the page sends meanwhile.
	socket.on("open", () => socket.send(new Uint8Array(bridgeOptions.maxPayload + 1)));
	assert.equal(await closing(socket), "there is none");
});
