/** MQTT 3.1.1 and 5.0 §6: the MQTT client over WebSocket, on an in-memory socket. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import { WebSocketSocket, type WebSocketSocketOptions } from "../../modules/mqtt/transport/websocket-socket";
import { clock } from "../support/clock";
import { FakeResolver, FakeTCP, network } from "../support/fake-tcp";
import { decode } from "../support/mqtt-bytes";
import { packet, WebSocketMQTT, websocket } from "../support/mqtt-websocket";
import { agreement, closeFrame, frame, fresh, over, parseFrames } from "../support/websocket";

beforeEach(fresh);

describe("MQTT over WebSocket", () => {
	it("without a path it is /, further headers are sent", () => {
		const headers = new Map([["Authorization", "Bearer x"]]);
		const bench = new WebSocketMQTT({}, { path: undefined, websocket: { ...websocket, headers } }).open();
		assert.match(bench.request, /^GET \/ HTTP\/1.1/);
		assert.match(bench.request, /Authorization: Bearer x/);
	});

	it("MQTT-6.0.0-4: a server that does not choose mqtt is refused", () => {
		const bench = new WebSocketMQTT().open({});
		assert.equal(bench.errors[0]!.code, "connect");
		assert.match(bench.errors[0]!.message, /MQTT-6\.0\.0-4/);
		over();
	});

	it("a refused handshake is an error that says why", () => {
		const bench = new WebSocketMQTT();
		clock.advance(0);
		clock.advance(0);
		bench.socket.deliver(Buffer.from("HTTP/1.1 401 Unauthorized\r\n\r\n"));
		assert.equal(bench.errors[0]!.code, "connect");
		assert.match(bench.errors[0]!.message, /broker.example:9001\/mqtt: the server answers HTTP 401 Unauthorized/);
		over();
	});

	it("wrong options are an error that names them", () => {
		for (const [socket, message] of [
			[{ websocket: undefined }, /websocket is required/],
			[{ websocket: {} }, /websocket is required/],
			[{ path: "mqtt" }, /path "mqtt"/],
		] as const) {
			fresh();
			const bench = new WebSocketMQTT({}, socket);
			clock.advance(0);
			clock.advance(0);
			assert.equal(bench.errors[0]!.code, "connect");
			assert.match(bench.errors[0]!.message, message);
			over();
		}
	});

	it("a broken frame is an error that says so", () => {
		const bench = new WebSocketMQTT().login();
		bench.socket.deliver(frame("x", { reserved: 4 }));
		assert.match(bench.errors[0]!.message, /reserved bit .*1002/);
		over();
	});

	it("Close of the server is answered, and is an error with its code and reason", () => {
		const bench = new WebSocketMQTT().login();
		bench.socket.take();
		bench.socket.deliver(closeFrame(1001, "going \u00e9\n"));
		assert.match(bench.errors[0]!.message, /closed the WebSocket: 1001 going \?\?\?$/);
		const [close, ...others] = parseFrames(bench.socket.take());
		assert.deepEqual([close!.opcode, close!.payload.readUInt16BE(), others.length], [8, 1001, 0]);
		over();
	});

	it("Close after DISCONNECT is a clean end", () => {
		const bench = new WebSocketMQTT().login();
		bench.client.write(null, { operation: MQTTClient.DISCONNECT });
		assert.equal(bench.sent().at(-1).cmd, "disconnect");
		bench.socket.deliver(frame([], { opcode: 8 }));
		assert.deepEqual([bench.errors, bench.closes], [[], 1]);
		over();
	});

	it("close() says Close with 1000", () => {
		const bench = new WebSocketMQTT().login();
		bench.socket.take();
		bench.client.close();
		const [close] = parseFrames(bench.socket.take());
		assert.deepEqual([close!.opcode, close!.payload.readUInt16BE()], [8, 1000]);
		over();
		fresh();
		const early = new WebSocketMQTT();
		clock.advance(0);
		early.client.close();
		over();
	});

	it("what may be written can be written, in two pieces as the client does, whatever the socket takes", () => {
		for (const allowance of [60, 100, 130, 131, 160, 170, 300, 600, 1000, 4000]) {
			fresh();
			const bench = new WebSocketMQTT().login();
			bench.socket.allowance = 0;
			bench.writable.length = 0;
			bench.socket.drain(allowance);
			bench.socket.take();
			const count = bench.writable.at(-1);
			if (count === undefined) continue;
			// The longest that the client takes: what it counts as written, the socket has to take.
			let payload = Buffer.alloc(count + 20, 1);
			for (let written = false; !written; ) {
				try {
					const left = bench.client.write(payload, { topic: "t", QoS: 1 });
					assert.ok(left < 40, `${left} of ${count} are left`);
					written = true;
				} catch (error) {
					assert.equal((error as { code?: string }).code, "overflow", String(error));
					payload = payload.subarray(1);
				}
			}
			assert.ok(payload.length >= count - 10, `${payload.length} of ${count}`);
			assert.equal(bench.sent()[0].payload.length, payload.length);
		}
	});

	it("a large message leaves in fragments as the socket drains, and comes in while nobody reads", () => {
		const bench = new WebSocketMQTT({ onReadable() {} }).login();
		bench.socket.allowance = 0;
		bench.socket.drain(500);
		const total = 20_000;
		let sent = bench.writable.at(-1)! - 20;
		let room = bench.client.write(Buffer.alloc(sent, 1), { topic: "t", byteLength: total });
		const wire: number[] = [...bench.socket.take()];
		while (sent < total) {
			if (room === 0) {
				bench.socket.drain(300);
				room = bench.writable.at(-1)!;
			}
			const count = Math.min(room, total - sent);
			room = bench.client.write(Buffer.alloc(count, 1));
			sent += count;
			wire.push(...bench.socket.take());
		}
		const whole = Buffer.concat(parseFrames(Uint8Array.from(wire)).map(({ payload }) => payload));
		assert.equal(decode(whole)[0].payload.length, total);
		bench.socket.deliver(frame(packet({ cmd: "publish", topic: "a", payload: "y".repeat(4000), qos: 0 })));
		assert.ok(bench.socket.unread > 2000, "back-pressure");
		while (bench.client.read()) clock.advance(0);
		assert.equal(bench.socket.unread, 0);
	});

	it("takes a WebSocket client of another make: Moddable's has no protocol, answers Close later, and returns nothing when it failed", () => {
		// biome-ignore lint/suspicious/noExplicitAny: what it was constructed with
		let made: any;
		const calls: string[] = [];
		class Other {
			readonly target: unknown;
			constructor(options: {
				target: unknown;
				dns: { io: new (options: object) => { resolve(options: object): void } };
			}) {
				made = options;
				this.target = options.target;
				new options.dns.io(options.dns).resolve({
					host: "broker.example",
					onResolved: (host: string, address: string) => calls.push(`${host} ${address}`),
				});
			}
			write(data: ByteBuffer, options?: { opcode?: number }): undefined {
				calls.push(`${data.byteLength} ${options?.opcode}`);
			}
			close(): void {
				calls.push("close");
			}
		}
		let error: Error | undefined;
		const socket = new WebSocketSocket({
			address: "10.0.0.1",
			host: "broker.example",
			port: 443,
			websocket: { io: Other, socket: { io: FakeTCP } },
			onError: (problem) => {
				error = problem;
			},
		});
		const client = { target: socket };
		assert.equal(made.protocol, "mqtt");
		made.onWritable.call(client, 1000);
		assert.equal(socket.write(new ArrayBuffer(7)), 0);
		made.onControl.call(client, 9, new ArrayBuffer(0));
		made.onControl.call(client, 8, Uint8Array.of(3, 232).buffer);
		assert.match(error!.message, /1000/);
		assert.deepEqual(calls, ["broker.example 10.0.0.1", "7 undefined", "close"]);
	});

	it("has the shape of a TCP socket: this, target, read, format, close", () => {
		const target = {};
		const seen: unknown[] = [];
		const options: WebSocketSocketOptions = {
			address: "10.0.0.1",
			port: 80,
			websocket: { ...websocket, dns: { io: FakeResolver } },
			target,
			onWritable() {
				seen.push(this.target, this);
			},
			onReadable(count) {
				seen.push(count, this.read(2));
			},
		};
		const socket = new WebSocketSocket(options);
		clock.advance(0);
		network.last.deliver(
			Buffer.from(agreement(Buffer.from(network.last.take()).toString(), { "Sec-WebSocket-Protocol": "mqtt" })),
		);
		network.last.deliver(frame("abc"));
		assert.deepEqual(seen, [target, socket, 3, Uint8Array.from([97, 98]).buffer]);
		assert.equal(socket.read(new Uint8Array(9)), 1);
		assert.deepEqual([socket.format, socket.remoteAddress, socket.remotePort], ["buffer", undefined, undefined]);
		socket.close();
		socket.close();
		assert.throws(() => socket.write(new ArrayBuffer(1)), /closed/);
		assert.throws(() => socket.read(), /closed/);
		over();
	});
});
