import assert from "node:assert/strict";
import { test } from "node:test";
import mqttPacket from "mqtt-packet";
import { MessageLog, type SeenMessage, type SeenPacket } from "../../sim/message-log";
import { frame } from "../support/websocket";

const publish = (topic: string, payload: string) =>
	mqttPacket.generate({ cmd: "publish", topic, payload, qos: 1, messageId: 7, retain: true, dup: false });

test("messages of both directions and several connections are told apart, however the bytes are cut", () => {
	const seen: SeenMessage[] = [];
	const log = new MessageLog({ onMessage: (message) => void seen.push(message) });
	const a = publish("a", "one");
	const b = publish("b", "two");
	for (let index = 0; index < Math.max(a.length, b.length); index++) {
		if (index < a.length) log.bytes("out", 1, a.subarray(index, index + 1));
		if (index < b.length) log.bytes("in", 2, b.subarray(index, index + 1));
	}
	assert.deepEqual(
		seen.map(({ direction, topic, payload, qos, retain, dup }) => [direction, topic, `${payload}`, qos, retain, dup]),
		[
			["out", "a", "one", 1, true, false],
			["in", "b", "two", 1, true, false],
		],
	);
});

test("messages within WebSocket are seen, masked or not, however frames and bytes are cut", () => {
	const seen: SeenMessage[] = [];
	const log = new MessageLog({ onMessage: (message) => void seen.push(message), websocket: true });
	const packet = publish("a", "x".repeat(300));
	const head = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n");
	const parts = { out: { mask: [1, 2, 3, 4] }, in: {} };
	for (const direction of ["out", "in"] as const) {
		const wire = [
			...head,
			...frame("ping", { opcode: 9, ...parts[direction] }),
			...frame(packet.subarray(0, 5), { final: false, ...parts[direction] }),
			...frame("pong", { opcode: 10, ...parts[direction] }),
			...frame(packet.subarray(5), { opcode: 0, ...parts[direction] }),
			...frame([...packet, ...packet], parts[direction]),
		];
		for (const byte of wire) log.bytes(direction, 1, Uint8Array.of(byte));
		log.bytes(direction, 2, Uint8Array.from(wire));
	}
	assert.deepEqual(
		["out", "in"].map((wanted) => seen.filter(({ direction }) => direction === wanted).length),
		[6, 6],
	);
	for (const { topic, payload } of seen) assert.deepEqual([topic, `${payload}`], ["a", "x".repeat(300)]);
});

test("MQTT 5: what the connection's CONNECT says holds for both directions, and a topic alias stands for its topic", () => {
	const seen: string[] = [];
	const log = new MessageLog({
		onMessage: ({ direction, topic, payload }) => void seen.push(`${direction} ${topic}=${payload}`),
	});
	const five = { protocolVersion: 5 };
	const publish = (topic: string, payload: string, topicAlias?: number) =>
		mqttPacket.generate(
			{ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false, properties: { topicAlias: topicAlias! } },
			five,
		);
	const connect = mqttPacket.generate({ cmd: "connect", clientId: "n", protocolId: "MQTT", protocolVersion: 5 }, five);
	log.bytes("out", 1, connect);
	log.bytes("out", 1, publish("t/a", "one", 3));
	log.bytes("in", 1, publish("t/b", "two", 3));
	log.bytes("out", 1, publish("", "three", 3));
	log.bytes("in", 1, publish("", "four", 3));
	assert.deepEqual(seen, ["out t/a=one", "in t/b=two", "out t/a=three", "in t/b=four"]);
});

test("bytes that are not MQTT are passed over", () => {
	const log = new MessageLog({ onMessage: () => assert.fail("nothing to report") });
	log.bytes("in", 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
});

test("every packet is seen with its own bytes, its version and its connection", () => {
	const seen: SeenPacket[] = [];
	const log = new MessageLog({ onMessage: () => {}, onPacket: (packet) => void seen.push(packet) });
	const connect = mqttPacket.generate({ cmd: "connect", clientId: "a", protocolVersion: 5, protocolId: "MQTT" });
	const big = mqttPacket.generate(
		{ cmd: "publish", topic: "t", payload: "x".repeat(300), qos: 0, retain: false, dup: false },
		{ protocolVersion: 5 },
	);
	const ping = mqttPacket.generate({ cmd: "pingreq" });
	const wire = Buffer.concat([connect, big, ping]);
	log.bytes("out", 3, wire.subarray(0, connect.length + 1));
	log.bytes("out", 3, wire.subarray(connect.length + 1, -1));
	log.bytes("out", 3, wire.subarray(-1));
	assert.deepEqual(
		seen.map(({ packet, bytes, version, connection }) => [packet.cmd, bytes.toString("hex"), version, connection]),
		[
			["connect", connect.toString("hex"), 5, 3],
			["publish", big.toString("hex"), 5, 3],
			["pingreq", ping.toString("hex"), 5, 3],
		],
	);
});
