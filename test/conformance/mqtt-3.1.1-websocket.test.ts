import assert from "node:assert/strict";
import { provesLive } from "../support/conformance";
import { network } from "../support/fake-tcp";
import { connack, packet, WebSocketMQTT } from "../support/mqtt-websocket";
import { frame, fresh, over, parseFrames } from "../support/websocket";

/** In virtual time, on an in-memory socket. */
const proves = (clauses: string, sentence: string, body: () => void) =>
	provesLive(clauses, sentence, () => {
		fresh();
		body();
	});

proves(
	"3.1.1 MQTT-6.0.0-3, 5.0 MQTT-6.0.0-3",
	"offers the subprotocol mqtt, at the path asked for; CONNECT follows in a binary frame",
	() => {
		const bench = new WebSocketMQTT().open();
		assert.match(bench.request, /^GET \/mqtt HTTP\/1.1\r\nHost: broker.example:9001\r\n/);
		assert.match(bench.request, /\r\nSec-WebSocket-Protocol: mqtt\r\n/);
		assert.equal(bench.socket.options.address, "10.0.0.1");
		assert.equal(bench.socket.options.host, "broker.example", "for TLS");
		assert.equal((bench.socket.options as { noDelay?: boolean }).noDelay, true);
		assert.equal(network.resolvers, 1, "the name is looked up once");
		assert.equal(bench.sent()[0].cmd, "connect");
		bench.socket.deliver(frame(connack));
		assert.equal(bench.client.connected, true);
	},
);

proves("3.1.1 MQTT-6.0.0-2, 5.0 MQTT-6.0.0-2", "packets may be split over frames, and share them", () => {
	const publish = (payload: string, messageId: number) =>
		packet({ cmd: "publish", topic: "a/b", payload, qos: 1, messageId });
	const stream = [...publish("one", 1), ...publish("x".repeat(2000), 2), ...publish("three", 3)];
	for (const size of [1, 2, 3, 100, 1000, stream.length])
		for (const cut of [1, 5, Number.POSITIVE_INFINITY]) {
			fresh();
			const bench = new WebSocketMQTT().login();
			const frames: number[] = [];
			for (let at = 0; at < stream.length; at += size) {
				frames.push(...frame(stream.slice(at, at + size)), ...frame("", { opcode: 9 }));
				if (at % 3 === 0) frames.push(...frame("", { final: false }), ...frame("", { opcode: 0 }));
			}
			bench.socket.deliver(frames, cut);
			assert.deepEqual(bench.errors, []);
			assert.equal(bench.received, `one${"x".repeat(2000)}three`);
			assert.deepEqual(
				bench.sent().map(({ cmd, messageId }) => [cmd, messageId]),
				[
					["puback", 1],
					["puback", 2],
					["puback", 3],
				],
			);
		}
});

proves("3.1.1 MQTT-6.0.0-1, 5.0 MQTT-6.0.0-1", "text is an error, and the server is told", () => {
	for (const text of [frame(connack.slice(0, 2), { opcode: 1 }), frame("", { opcode: 1 })]) {
		fresh();
		const bench = new WebSocketMQTT().login();
		bench.socket.take();
		bench.socket.deliver(text);
		assert.equal(bench.errors[0]!.code, "lost");
		assert.match(bench.errors[0]!.message, /MQTT-6\.0\.0-1/);
		const [close] = parseFrames(bench.socket.take());
		assert.deepEqual([close!.opcode, close!.payload.readUInt16BE()], [8, 1003]);
		over();
	}
});
