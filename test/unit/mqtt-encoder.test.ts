import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	type ConnectOptions,
	encodeConnect,
	encodePublish,
	encodeSubscribe,
	lengthSize,
	stampPublish,
	writeLength,
} from "../../modules/mqtt/packet/encoder";
import { MQTTError } from "../../modules/mqtt/packet/error";
import { encodeText } from "../../modules/mqtt/packet/text";
import { encodeTopic } from "../../modules/mqtt/packet/topic";
import { SUBSCRIBE, UNSUBSCRIBE } from "../../modules/mqtt/packet/types";
import { decode, encode } from "../support/mqtt-bytes";

const text = (string: string) => new TextEncoder().encode(string);

function connect(options: Partial<ConnectOptions>): Uint8Array {
	return encodeConnect({ id: "node", keepAlive: 60, clean: true, ...options });
}

function fails(call: () => unknown, clause: string | undefined, message: RegExp): void {
	assert.throws(call, (error) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, "invalid");
		if (clause !== undefined) assert.equal(error.clause, clause);
		assert.match(error.message, message);
		return true;
	});
}

describe("MQTT encoder: CONNECT", () => {
	it("is what the oracle makes, with every option", () => {
		const ours = connect({
			clean: false,
			user: "usuário",
			password: "segredo",
			keepAlive: 65535,
			will: { topic: "casa/status", message: "offline", QoS: 1, retain: true },
		});
		const theirs = encode({
			cmd: "connect",
			clientId: "node",
			clean: false,
			keepalive: 65535,
			username: "usuário",
			password: Buffer.from("segredo"),
			will: { topic: "casa/status", payload: Buffer.from("offline"), qos: 1, retain: true },
		} as never);
		assert.deepEqual(ours, theirs);
	});

	it("is what the oracle makes, with no option", () => {
		const theirs = encode({ cmd: "connect", clientId: "node", clean: true, keepalive: 60 } as never);
		assert.deepEqual(connect({}), theirs);
	});

	it("carries a will without a message as an empty one", () => {
		const [packet] = decode(connect({ will: { topic: "casa/status" } }));
		assert.equal(packet.will.topic, "casa/status");
		assert.equal(packet.will.payload.length, 0);
	});

	it("takes will and password as bytes", () => {
		const [packet] = decode(
			connect({
				user: "u",
				password: Uint8Array.of(0, 255),
				will: { topic: "t", message: new Uint8Array([1, 0, 2]).buffer },
			}),
		);
		assert.deepEqual([...packet.password], [0, 255]);
		assert.deepEqual([...packet.will.payload], [1, 0, 2]);
	});

	it("takes an empty identifier of a clean session (MQTT-3.1.3-7)", () => {
		assert.equal(decode(connect({ id: "" }))[0].clientId, "");
	});

	it("MQTT-3.1.3-8: refuses an empty identifier of a session that is kept", () => {
		fails(() => connect({ id: "", clean: false }), "MQTT-3.1.3-8", /^id: /);
	});

	it("MQTT-3.1.2-22: refuses a password without a user", () => {
		fails(() => connect({ password: "secret" }), "MQTT-3.1.2-22", /^password: needs a user/);
	});

	it("MQTT-3.1.2-14: refuses QoS 3 for the will", () => {
		fails(() => connect({ will: { topic: "t", QoS: 3 } }), undefined, /^will: QoS 3 /);
	});

	it("refuses a will without a topic, and one with a wildcard", () => {
		fails(() => connect({ will: { topic: "" } }), "MQTT-4.7.3-1", /^topic: is empty/);
		fails(() => connect({ will: {} as never }), undefined, /^topic: expected a string/);
		fails(() => connect({ will: { topic: "a/#" } }), "MQTT-3.3.2-2", /wildcard/);
	});

	it("refuses a keep-alive out of range, naming the range", () => {
		fails(() => connect({ keepAlive: 65536 }), "MQTT-3.1.2-10", /65536 s is outside 0\.\.65535/);
		fails(() => connect({ keepAlive: -1 }), "MQTT-3.1.2-10", /outside/);
		fails(() => connect({ keepAlive: 1.5 }), "MQTT-3.1.2-10", /outside/);
	});

	it("MQTT-1.5.3-1, MQTT-1.5.3-2: refuses what UTF-8 cannot say", () => {
		fails(() => connect({ id: "a\0b" }), "MQTT-1.5.3-2", /^id: contains U\+0000/);
		fails(() => connect({ user: "\ud800" }), "MQTT-1.5.3-1", /^user: contains a lone surrogate/);
	});

	it("refuses strings and messages of more than 65,535 bytes", () => {
		fails(() => connect({ id: "x".repeat(65536) }), undefined, /^id: 65536 bytes/);
		fails(() => connect({ will: { topic: "t", message: new Uint8Array(65536) } }), undefined, /^will message: 65536/);
	});
});

describe("MQTT encoder: PUBLISH", () => {
	for (const QoS of [0, 1, 2] as const) {
		for (const retain of [false, true]) {
			it(`is what the oracle makes at QoS ${QoS}${retain ? ", retained" : ""}`, () => {
				for (const size of [0, 1, 20, 113, 114, 115, 116, 127, 128, 16_369, 16_370, 16_384, 70_000]) {
					const payload = new Uint8Array(size).map((_, index) => index);
					const ours = encodePublish(encodeTopic("casa/café"), payload, QoS, retain);
					if (QoS > 0) stampPublish(ours, 0xabcd, true);
					const theirs = encode({
						cmd: "publish",
						topic: "casa/café",
						payload: Buffer.from(payload),
						qos: QoS,
						retain,
						messageId: 0xabcd,
						dup: QoS > 0,
					} as never);
					assert.deepEqual(ours, theirs, `${size} bytes`);
				}
			});
		}
	}

	it("is stamped behind a topic of any length", () => {
		for (const length of [1, 255, 256, 300, 65_535]) {
			const packet = encodePublish(encodeTopic("x".repeat(length)), text("y"), 1, false);
			stampPublish(packet, 0x1234, false);
			const [read] = decode(packet);
			assert.deepEqual([read.messageId, read.topic.length, String(read.payload)], [0x1234, length, "y"]);
		}
	});

	it("loses DUP and gets another identifier when it is stamped anew", () => {
		const packet = encodePublish(encodeTopic("t"), text("x"), 1, false);
		stampPublish(packet, 1, true);
		stampPublish(packet, 65535, false);
		const [read] = decode(packet);
		assert.equal(read.messageId, 65535);
		assert.equal(read.dup, false);
	});

	it("refuses topics that the standard does not allow", () => {
		fails(() => encodeTopic(""), "MQTT-4.7.3-1", /empty/);
		fails(() => encodeTopic("a/+/b"), "MQTT-3.3.2-2", /"a\/\+\/b": contains a wildcard/);
		fails(() => encodeTopic("a/#"), "MQTT-3.3.2-2", /wildcard/);
		fails(() => encodeTopic("a\0"), "MQTT-1.5.3-2", /U\+0000/);
		fails(() => encodeTopic("é\udc00"), "MQTT-1.5.3-1", /surrogate/);
		fails(() => encodeTopic(undefined as never), undefined, /expected a string/);
	});

	it("MQTT-2.2.3: refuses a payload that makes the packet longer than a remaining length can say", () => {
		const payload = new Uint8Array(268_435_455);
		fails(() => encodePublish(encodeTopic("t"), payload, 0, false), "MQTT-2.2.3", /268435455 bytes: do not fit/);
	});

	it("writes U+0000 in a payload as one zero byte", () => {
		assert.deepEqual([...encodeText("a\0é")], [0x61, 0, 0xc3, 0xa9]);
	});
});

describe("MQTT encoder: SUBSCRIBE and UNSUBSCRIBE", () => {
	it("are what the oracle makes", () => {
		const items = [{ topic: "a/+", QoS: 1 }, { topic: "#" }, { topic: "casa/é/#", QoS: 2 }];
		const subscriptions = items.map(({ topic, QoS }) => ({ topic, qos: QoS ?? 0 }));
		assert.deepEqual(
			encodeSubscribe(SUBSCRIBE, 258, items),
			encode({ cmd: "subscribe", messageId: 258, subscriptions } as never),
		);
		const unsubscriptions = items.map(({ topic }) => topic);
		assert.deepEqual(
			encodeSubscribe(UNSUBSCRIBE, 65535, items),
			encode({ cmd: "unsubscribe", messageId: 65535, unsubscriptions } as never),
		);
	});

	it("MQTT-3.8.3-3, MQTT-3.10.3-2: refuse to be empty", () => {
		fails(() => encodeSubscribe(SUBSCRIBE, 1, []), "MQTT-3.8.3-3", /at least one/);
		fails(() => encodeSubscribe(UNSUBSCRIBE, 1, []), "MQTT-3.10.3-2", /at least one/);
	});

	it("MQTT-2.3.1-1: refuse identifiers outside 1..65535", () => {
		for (const id of [0, 65536, -1, 1.5, Number.NaN])
			fails(() => encodeSubscribe(SUBSCRIBE, id, [{ topic: "a" }]), "MQTT-2.3.1-1", /outside 1\.\.65535/);
	});

	it("refuse QoS 3", () => {
		fails(() => encodeSubscribe(SUBSCRIBE, 1, [{ topic: "a", QoS: 3 }]), undefined, /filter "a": QoS 3/);
	});

	const wrong = { "": "MQTT-4.7.3-1", "a#": "MQTT-4.7.1-2", "a/#/b": "MQTT-4.7.1-2", "#/": "MQTT-4.7.1-2" };
	const plus = { "a+": "MQTT-4.7.1-3", "a/+b": "MQTT-4.7.1-3", "++": "MQTT-4.7.1-3" };
	for (const [topic, clause] of Object.entries({ ...wrong, ...plus })) {
		it(`${clause}: refuse the filter "${topic}"`, () => {
			fails(() => encodeSubscribe(SUBSCRIBE, 1, [{ topic }]), clause, /filter/);
		});
	}

	for (const topic of ["#", "+", "/", "+/+", "/+", "a//#", "+/#", "$SYS/#", "é/+/ü"]) {
		it(`take the filter "${topic}"`, () => {
			const [packet] = decode(encodeSubscribe(SUBSCRIBE, 1, [{ topic }]));
			assert.equal(packet.subscriptions[0].topic, topic);
		});
	}
});

describe("MQTT encoder: remaining length (MQTT 3.1.1 §2.2.3)", () => {
	const table: [number, number[]][] = [
		[0, [0]],
		[127, [0x7f]],
		[128, [0x80, 1]],
		[16_383, [0xff, 0x7f]],
		[16_384, [0x80, 0x80, 1]],
		[2_097_151, [0xff, 0xff, 0x7f]],
		[2_097_152, [0x80, 0x80, 0x80, 1]],
		[268_435_455, [0xff, 0xff, 0xff, 0x7f]],
	];
	for (const [length, bytes] of table) {
		it(`${length} takes ${bytes.length} byte(s)`, () => {
			const target = new Uint8Array(4);
			assert.equal(writeLength(target, 0, length), bytes.length);
			assert.deepEqual([...target.subarray(0, bytes.length)], bytes);
			assert.equal(lengthSize(length), bytes.length);
		});
	}
});
