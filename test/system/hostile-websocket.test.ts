/** Servers that break WebSocket, HTTP or MQTT on it: the log says why, and the node lives. In virtual time, within the node's heap. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { type TestContext, test } from "node:test";
import { createWebSocketStream, WebSocketServer } from "ws";
import { HostileWorld, polite } from "../support/hostile-broker";
import { encode } from "../support/mqtt-bytes";
import { agreement, closeFrame, frame } from "../support/websocket";

const base = "vagalume/sala";
/** Seconds of node time for the node to notice, to say so, and to wait for its next attempt. */
const STEP = 40;

type Server = (stream: Duplex, request: string, world: HostileWorld) => void;

/** As a well-behaved broker with WebSocket: `ws`, and MQTT on it. */
function decent(world: HostileWorld): (stream: Duplex) => void {
	const http = createServer();
	const server = new WebSocketServer({ server: http, path: "/mqtt" });
	server.on("connection", (socket) => world.visited(createWebSocketStream(socket)));
	return (stream) => void http.emit("connection", stream);
}

/** A world whose node wants WebSocket; `state.server` decides what it meets: what behaves when there is none. */
async function start(t: TestContext) {
	let polished: ((stream: Duplex) => void) | undefined;
	const state: { server: Server | undefined; connections: number } = { server: undefined, connections: 0 };
	const world = await HostileWorld.start(t, {
		broker: "ws://broker.hostile:8083/mqtt",
		accept: (stream, it) => {
			state.connections++;
			stream.on("error", () => {});
			const { server } = state;
			if (!server) {
				polished ??= decent(it);
				polished(stream);
				return;
			}
			let request = "";
			stream.on("data", (chunk: Buffer) => {
				if (request.endsWith("\r\n\r\n")) return;
				request += chunk.toString("latin1");
				if (request.endsWith("\r\n\r\n")) server(stream, request, it);
			});
		},
	});
	const say = (stream: Duplex, data: string | readonly number[] | Uint8Array) => {
		if (!stream.destroyed) stream.write(typeof data === "string" ? Buffer.from(data, "latin1") : Uint8Array.from(data));
		world.internet.touch();
	};
	return { world, state, say };
}

/** With a broker that behaves again, the node connects, obeys and answers; stack and heap keep their reserve. */
async function lives(world: HostileWorld, state: { server: Server | undefined }, after: string): Promise<void> {
	assert.equal(world.faults[0]?.message, undefined, after);
	state.server = undefined;
	world.manners = polite;
	await world.run(100);
	const { visit } = world;
	assert.ok(visit, `${after}: no connection\n${world.output.lines.slice(-3).join("\n")}`);
	const from = visit.heard.length;
	visit.send(encode({ cmd: "publish", topic: `${base}/command/ping`, payload: "", qos: 1, messageId: 777 } as never));
	await world.run(2);
	const heard = visit.heard.slice(from);
	assert.ok(
		heard.some((packet) => packet.cmd === "puback" && packet.messageId === 777),
		`${after}: deaf`,
	);
	assert.ok(
		heard.some((packet) => packet.cmd === "publish" && packet.topic === `${base}/response/ping`),
		after,
	);
	assert.equal(world.faults.length, 0, after);
	const { stack, stackPeak, heap, reserved, keys } = world.node.statistics()!;
	assert.ok(stackPeak <= (0.8 * stack) / 16, `${after}: ${stackPeak} of ${stack / 16} slots of stack`);
	assert.ok(reserved <= 0.97 * heap, `${after}: ${reserved} of ${heap} bytes`);
	assert.ok(keys < 20, `${after}: ${keys} names`);
}

test("a broker that behaves is reached within the node's heap, and what it says is obeyed", async (t) => {
	const { world, state } = await start(t);
	await world.run(5);
	assert.ok(
		world.output.lines.some((line) => /connected, /.test(line)),
		world.output.lines.join("\n"),
	);
	world.visit.send(encode({ cmd: "publish", topic: `${base}/relay/fan/set`, payload: "ON", qos: 0 } as never));
	await world.run(1);
	assert.equal(world.output.sent(`${base}/relay/fan`).at(-1), "ON");
	await world.run(3600);
	assert.equal(world.visits.length, 1, "one connection for the whole hour");
	await lives(world, state, "an hour");
});

test("whatever answers in place of the handshake is named in the log, and the node comes back", async (t) => {
	const { world, state, say } = await start(t);
	const answers: [string, Server, RegExp][] = [
		["401", (s) => say(s, "HTTP/1.1 401 Unauthorized\r\n\r\n"), /broker\.hostile:8083\/mqtt: .*HTTP 401 Unauthorized/],
		["404", (s) => say(s, "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnone."), /HTTP 404 Not Found/],
		["a redirection", (s) => say(s, "HTTP/1.1 308 Moved\r\nLocation: wss://b/\r\n\r\n"), /308 Moved, to wss:\/\/b\//],
		["a wrong accept", (s, r) => say(s, agreement(r, { "Sec-WebSocket-Accept": "x" })), /sec-websocket-accept: "x"/],
		["no subprotocol", (s, r) => say(s, agreement(r)), /MQTT-6\.0\.0-4/],
		["another subprotocol", (s, r) => say(s, agreement(r, { "Sec-WebSocket-Protocol": "chat" })), /protocol: "chat"/],
		["an extension", (s, r) => say(s, agreement(r, { "Sec-WebSocket-Extensions": "x" })), /extension .*: x/],
		["MQTT", (s) => say(s, [0x20, 2, 0, 0, 0xd0, 0]), /does not speak HTTP/],
		["an end", (s) => s.end(), /the server closed the connection/],
		["half an answer, and a cut", (s) => say(s, "HTTP/1.1 101 Sw") ?? s.destroy(), /the socket did not connect/],
		["silence", () => {}, /after 30000 ms/],
		[
			"headers without end, at once",
			(s) => say(s, `HTTP/1.1 101 Switching Protocols\r\n${"A: b\r\n".repeat(100_000)}`),
			/headers without end/,
		],
		[
			"a header without end, drop by drop",
			(s, _r, it) => {
				say(s, "HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: ");
				const drip = () => {
					say(s, "x".repeat(1000));
					if (!s.destroyed) it.clock.set(drip, 100);
				};
				drip();
			},
			/headers without end/,
		],
		["rubbish", (s) => say(s, "\0\xff\r\n".repeat(1000)), /does not speak HTTP/],
	];
	for (const [what, server, said] of answers) {
		state.server = server;
		const { connections } = state;
		const from = world.output.lines.length;
		for (let count = 0; count < 90 && state.connections === connections; count++) await world.run(1);
		await world.run(STEP);
		const lines = world.output.lines.slice(from);
		assert.ok(
			lines.some((line) => said.test(line) && /next attempt/.test(line)),
			`${what}: ${lines.join("\n")}`,
		);
		assert.equal(world.faults.length, 0, what);
	}
	await lives(world, state, "answers");
});

const CONNACK = encode({ cmd: "connack", returnCode: 0, sessionPresent: false } as never);
const mqtt = { "Sec-WebSocket-Protocol": "mqtt" };

test("frames that break the rules end the connection with the reason in the log, never the node", async (t) => {
	const { world, state, say } = await start(t);
	const publish = encode({ cmd: "publish", topic: `${base}/command/ping`, payload: "x", qos: 0 } as never);
	const frames: [string, readonly number[], RegExp][] = [
		["text", frame(CONNACK, { opcode: 1 }), /MQTT-6\.0\.0-1/],
		["text that is none", frame([0xff], { opcode: 1 }), /not UTF-8.*1007/],
		["a masked frame", frame(publish, { mask: [1, 2, 3, 4] }), /masked.*1002/],
		["a reserved bit", frame(publish, { reserved: 4 }), /reserved bit.*1002/],
		["an unknown opcode", frame(publish, { opcode: 3 }), /opcode 3.*1002/],
		["a continuation of nothing", frame(publish, { opcode: 0 }), /continuation.*1002/],
		["a long Ping", frame(new Uint8Array(200), { opcode: 9 }), /longer than 125.*1002/],
		["a length beyond counting", frame("", { lengthSize: 8, length: 1n << 60n }), /1009/],
		["Close", closeFrame(1001, "bye"), /closed the WebSocket: 1001 bye/],
		["Close without a code", frame("", { opcode: 8 }), /closed the WebSocket/],
		["Close with a bad code", closeFrame(1005), /1005.*1002/],
		["MQTT that is none", frame([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), /MQTT-/],
	];
	for (const early of [true, false])
		for (const [what, bytes, said] of frames) {
			state.server = (stream, request) => {
				say(stream, agreement(request, mqtt));
				if (!early) say(stream, frame(CONNACK));
				say(stream, bytes);
			};
			const { connections } = state;
			const from = world.output.lines.length;
			for (let count = 0; count < 90 && state.connections === connections; count++) await world.run(1);
			await world.run(STEP);
			const lines = world.output.lines.slice(from);
			assert.ok(
				lines.some((line) => said.test(line)),
				`${what}: ${lines.join("\n")}`,
			);
			assert.equal(world.faults.length, 0, what);
		}
	await lives(world, state, "frames");
});

test("lengths that lie, floods and rubbish take no memory, and never the node", async (t) => {
	const { world, state, say } = await start(t);
	let seed = 5;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((seed / 2 ** 32) * below);
	};
	const huge = encode({ cmd: "publish", topic: "x", payload: "y".repeat(300_000), qos: 0 } as never);
	const streams: (() => readonly number[] | Uint8Array)[] = [
		() => frame([...CONNACK, 0x30, 200, 1], { lengthSize: 8, length: (1n << 53n) - 1n }),
		() => [...frame(CONNACK), ...Array.from({ length: 2000 }, () => frame("x".repeat(125), { opcode: 9 })).flat()],
		() => [...frame(CONNACK), ...Array.from({ length: 5000 }, () => frame("", { opcode: 10 })).flat()],
		() => [...frame(CONNACK, { final: false }), ...Array.from({ length: 5000 }, () => [0, 0]).flat()],
		() => Buffer.concat([Uint8Array.from(frame(CONNACK)), Uint8Array.from(frame(huge))]),
		() => [...frame(CONNACK), ...Array.from(huge.subarray(0, 5000)).flatMap((byte) => frame([byte]))],
		...Array.from({ length: 20 }, () => () => [
			...frame(CONNACK),
			...Array.from({ length: 1 + random(300) }, () => random(256)),
		]),
		...Array.from({ length: 20 }, () => () => {
			const bytes = Array.from({ length: 1 + random(300) }, () => random(256));
			return [...frame(CONNACK), ...frame(bytes, { opcode: random(3), final: random(2) === 0 })];
		}),
	];
	for (const [index, stream] of streams.entries()) {
		state.server = (connection, request) => {
			say(connection, agreement(request, mqtt));
			say(connection, stream());
		};
		const { connections } = state;
		for (let count = 0; count < 150 && state.connections === connections; count++) await world.run(1);
		assert.notEqual(state.connections, connections, `stream ${index}: no further connection`);
		await world.run(STEP);
		assert.equal(world.faults[0]?.message, undefined, `stream ${index}`);
	}
	await lives(world, state, "floods");
});
