import assert from "node:assert/strict";
import { proves } from "../support/conformance";

const five = { version: 5 } as const;
const AUTH = 15;
const method = "SCRAM-SHA-1";
const properties = { authenticationMethod: method, authenticationData: new Uint8Array([1, 2]) };
const challenge = (data: number[], reasonCode = 0x18) => ({
	cmd: "auth",
	reasonCode,
	properties: { authenticationMethod: method, authenticationData: Buffer.from(data) },
});

proves(
	"5.0 MQTT-3.1.2-30, 5.0 MQTT-4.12.0-3, 5.0 MQTT-4.12.0-5, 5.0 MQTT-3.15.2-1, 5.0 MQTT-2.1.3-1",
	"an authentication: CONNECT and each AUTH with the method, AUTH 0x18 as answer, and nothing else before CONNACK",
	({ broker, client }) => {
		const tested = client({ properties });
		const link = broker.accept();
		const connect = link.expect("connect")["properties"];
		assert.equal(connect.authenticationMethod, method);
		assert.deepEqual([...connect.authenticationData], [1, 2]);
		for (const round of [3, 4]) {
			link.send(challenge([round]));
			const { operation, reasonCode, properties } = tested.control.at(-1);
			assert.deepEqual([operation, reasonCode, [...properties.authenticationData]], [AUTH, 0x18, [round]]);
			assert.throws(() => tested.write("x", { topic: "t" }), { code: "not-connected" });
			assert.throws(() => tested.write(null, { operation: 8, items: [{ topic: "t", QoS: 0 }] }), {
				code: "not-connected",
			});
			const authenticationData = new Uint8Array([round + 10]);
			tested.write(null, { operation: AUTH, reasonCode: 0x18, properties: { authenticationData } });
			const { flags, ...auth } = link.expect("auth", { reasonCode: 0x18 });
			assert.equal(flags, 0);
			assert.equal(auth["properties"].authenticationMethod, method);
			assert.deepEqual([...auth["properties"].authenticationData], [round + 10]);
		}
		link.connack({ properties: { authenticationMethod: method } });
		tested.write("x", { topic: "t" });
		link.expect("publish");
	},
	five,
);

proves(
	"5.0 MQTT-4.12.1-1, 5.0 MQTT-4.12.0-5, 5.0 MQTT-3.15.2-1",
	"re-authentication begins with AUTH 0x19 and CONNECT's method; another method and other codes are refused",
	({ broker, client }) => {
		const tested = client({ properties });
		const link = broker.login({ properties: { authenticationMethod: method } });
		tested.write(null, { operation: AUTH, reasonCode: 0x19, properties: { authenticationData: new Uint8Array([9]) } });
		assert.equal(link.expect("auth", { reasonCode: 0x19 })["properties"].authenticationMethod, method);
		link.send(challenge([5]));
		tested.write(null, { operation: AUTH, reasonCode: 0x18, properties: { authenticationData: new Uint8Array([6]) } });
		link.expect("auth", { reasonCode: 0x18 });
		link.send(challenge([], 0));
		assert.equal(tested.control.at(-1).reasonCode, 0);
		for (const wrong of [{ authenticationMethod: "other" }, { authenticationMethod: "" }])
			assert.throws(() => tested.write(null, { operation: AUTH, reasonCode: 0x19, properties: wrong }), {
				code: "invalid",
			});
		for (const reasonCode of [1, 0x17, 0x80, 0x100])
			assert.throws(() => tested.write(null, { operation: AUTH, reasonCode }), { code: "invalid" });
		tested.write("x", { topic: "t" });
		link.expect("publish");
	},
	five,
);

proves(
	"5.0 MQTT-4.12.1-2, 5.0 MQTT-4.13.2-1",
	"re-authentication that fails: the caller ends it with DISCONNECT and a reason; the broker's end is reported with its own",
	({ broker, client }) => {
		const tested = client({ properties });
		const link = broker.login({ properties: { authenticationMethod: method } });
		tested.write(null, { operation: AUTH, reasonCode: 0x19 });
		link.expect("auth");
		link.send(challenge([5]));
		tested.write(null, { operation: 14, reasonCode: 0x80 });
		link.expect("disconnect", { reasonCode: 0x80 });
		link.closes({ within: 5000 });
		const other = client({ properties });
		const second = broker.login({ properties: { authenticationMethod: method } });
		other.write(null, { operation: AUTH, reasonCode: 0x19 });
		second.expect("auth");
		second.send({ cmd: "disconnect", reasonCode: 0x87 });
		second.closes({ within: 0 });
		assert.deepEqual([other.errors[0].code, other.errors[0].reasonCode], ["disconnected", 0x87]);
	},
	five,
);

proves(
	"5.0 MQTT-4.12.0-7",
	"without a method in CONNECT no AUTH is sent, and one that arrives ends the connection",
	({ joined, broker, client }) => {
		const [tested, link] = joined();
		assert.throws(() => tested.write(null, { operation: AUTH, reasonCode: 0x19 }), { clause: "MQTT-4.12.0-7" });
		link.silent(1000);
		link.send(challenge([1]));
		link.expect("disconnect", { reasonCode: 0x82 });
		link.closes({ within: 0 });
		client();
		const early = broker.accept();
		early.expect("connect");
		early.send(challenge([1]));
		early.expect("disconnect", { reasonCode: 0x82 });
		early.closes({ within: 0 });
	},
	five,
);

proves(
	"5.0 MQTT-3.15.1-1",
	"AUTH with reserved flags, or a reason code that is none of its own: DISCONNECT, and closed",
	({ broker, client }) => {
		for (const [bytes, reasonCode] of [
			[[0xf1, 2, 0x18, 0], 0x81],
			[[0xff, 2, 0x18, 0], 0x81],
			[[0xf0, 2, 0x01, 0], 0x82],
		] as const) {
			client({ properties });
			const link = broker.login({ properties: { authenticationMethod: method } });
			link.send(bytes);
			const { reasonCode: said } = link.expect("disconnect");
			assert.ok(said === reasonCode || said === 0x81, `0x${said.toString(16)}`);
			link.closes({ within: 0 });
		}
	},
	five,
);

proves(
	"5.0 MQTT-3.15.2-2, 5.0 MQTT-3.15.2-3, 5.0 MQTT-3.14.2-3, 5.0 MQTT-3.14.2-4, 5.0 MQTT-3.14.2-1",
	"AUTH and DISCONNECT with a reason string or a user property that makes them too large for the broker are refused; so is a reason code of other packets",
	({ broker, client }) => {
		const tested = client({ properties });
		const link = broker.login({ properties: { authenticationMethod: method, maximumPacketSize: 50 } });
		for (const properties of [
			{ reasonString: "x".repeat(50) },
			{ userProperties: [["x".repeat(25), "y".repeat(25)]] },
		]) {
			assert.throws(() => tested.write(null, { operation: AUTH, reasonCode: 0x19, properties }), { code: "too-large" });
			assert.throws(() => tested.write(null, { operation: 14, reasonCode: 4, properties }), { code: "too-large" });
		}
		for (const reasonCode of [1, 3, 0x10, 0x8c, 0xff])
			assert.throws(() => tested.write(null, { operation: 14, reasonCode }), { code: "invalid" }, `${reasonCode}`);
		link.silent(1000);
		tested.write(null, { operation: 14, reasonCode: 4, properties: { reasonString: "goodbye" } });
		assert.equal(link.expect("disconnect", { reasonCode: 4 })["properties"].reasonString, "goodbye");
	},
	five,
);
