import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import MQTTClient from "../../modules/mqtt/client";
import type { MQTTClientOptions } from "../../modules/mqtt/options";
import type { Properties } from "../../modules/mqtt/packet/properties";
import { clock } from "../support/clock";
import { Bench, fresh, over, string, text } from "../support/mqtt-client";

beforeEach(fresh);

/** A client that speaks MQTT 5.0. */
function five(options: Partial<MQTTClientOptions> = {}): Bench {
	return new Bench({ version: 5, ...options });
}

describe("MQTT 5.0 client: authentication", () => {
	const method = { authenticationMethod: "count" };
	const challenge = (data: string) => ({ ...method, authenticationData: Buffer.from(data) });

	it("answers challenges before CONNACK, and authenticates again later", () => {
		const told: string[] = [];
		const bench = five({
			properties: { ...method, authenticationData: text("0") },
			onControl({ operation, reasonCode, properties }) {
				told.push(`${operation} ${reasonCode} ${string(properties?.authenticationData)}`);
				if (operation !== MQTTClient.AUTH || reasonCode !== 0x18) return;
				const authenticationData = text(`${Number(string(properties!.authenticationData)) + 1}`);
				this.write(null, { operation: MQTTClient.AUTH, reasonCode: 0x18, properties: { authenticationData } });
			},
		}).dial();
		const answers = () =>
			bench.sent().map(({ cmd, reasonCode, properties }) => {
				assert.equal(properties.authenticationMethod, "count");
				return `${cmd} ${reasonCode} ${properties.authenticationData}`;
			});
		assert.equal(bench.sent()[0].properties.authenticationMethod, "count");
		bench.receive({ cmd: "auth", reasonCode: 0x18, properties: challenge("1") });
		bench.receive({ cmd: "auth", reasonCode: 0x18, properties: challenge("3") });
		assert.deepEqual(answers(), ["auth 24 2", "auth 24 4"]);
		bench.receive({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties: challenge("5") });
		bench.client.write(null, { operation: MQTTClient.AUTH, reasonCode: 0x19 });
		bench.receive({ cmd: "auth", reasonCode: 0x18, properties: challenge("7") });
		bench.receive({ cmd: "auth", reasonCode: 0, properties: method });
		assert.deepEqual(
			bench.sent().map(({ cmd, reasonCode }) => `${cmd} ${reasonCode}`),
			["auth 25", "auth 24"],
		);
		assert.deepEqual(told, ["15 24 1", "15 24 3", "2 0 5", "15 24 7", "15 0 "]);
		assert.equal(bench.client.connected, true);
	});

	it("writes nothing else before CONNACK", () => {
		const bench = five({
			properties: method,
			onControl({ operation }) {
				if (operation !== MQTTClient.AUTH) return;
				assert.throws(() => this.write(null, { topic: "t" }), { code: "not-connected" });
				assert.throws(() => this.send(Uint8Array.of(0xc0, 0)), { code: "not-connected" });
			},
		});
		assert.throws(() => bench.client.write(null, { operation: MQTTClient.AUTH }), { code: "not-connected" });
		bench.dial().socket.take();
		bench.receive({ cmd: "auth", reasonCode: 0x18, properties: challenge("1") });
		assert.equal(bench.errors.length, 0);
		assert.deepEqual(bench.sent(), []);
	});

	it("MQTT-4.12.0-5, -6: takes no other method than that of CONNECT", () => {
		for (const properties of [undefined, { authenticationMethod: "other" }] as const) {
			for (const packet of [
				{ cmd: "auth", reasonCode: 0x18, properties: challenge("1") },
				{ cmd: "connack", reasonCode: 0, sessionPresent: false, properties: challenge("1") },
			]) {
				const bench = five({ properties }).dial();
				bench.socket.take();
				bench.receive(packet);
				assert.equal(bench.errors[0]!.code, "protocol");
				assert.equal(bench.sent()[0].reasonCode, 0x82);
				assert.deepEqual(bench.control, []);
			}
		}
		over();
	});

	it("refuses AUTH that was not agreed on", () => {
		const { client } = five().connect();
		const auth = (properties?: Properties) => client.write(null, { operation: MQTTClient.AUTH, properties });
		assert.throws(() => auth(method), { code: "invalid", message: /CONNECT had no authenticationMethod/ });
		const other = five({ properties: method }).connect().client;
		const wrong = { operation: MQTTClient.AUTH, properties: { authenticationMethod: "other" } };
		assert.throws(() => other.write(null, wrong), { code: "invalid", clause: "MQTT-4.12.0-5" });
		const reason = { operation: MQTTClient.AUTH, reasonCode: 0x80 };
		assert.throws(() => other.write(null, reason), { code: "invalid", message: /AUTH: reason code 128/ });
	});

	it("gives up when the exchange takes longer than the deadline", () => {
		const bench = five({ properties: method }).dial();
		for (let count = 0; count < 4; count++) {
			clock.advance(9000);
			if (bench.errors.length > 0) break;
			bench.receive({ cmd: "auth", reasonCode: 0x18, properties: challenge("1") });
		}
		assert.equal(bench.errors[0]!.code, "timeout");
		over();
	});
});
