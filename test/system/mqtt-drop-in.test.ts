/**
 * `modules/mqtt/client` stands for Moddable's `embedded:network/mqtt/client`: the calls of Moddable's examples, made to
 * the one and to the other, lead to the same.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../tools/root";
import type { CallTrace } from "../inside/mqtt-calls";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { DesktopProgram } from "../support/desktop-program";
import { freePort } from "../support/free-port";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";

/** What the calls lead to, whatever the class: nothing of a message is lost, nothing comes after `close`. */
function checkCommon({ messages, numbers, errors, late }: CallTrace): void {
	assert.deepEqual(messages, ["/large 1 16387: X2 L1 x16384", "/small 2 5: S1 M1 A1 L2"]);
	assert.deepEqual([numbers, errors, late], [true, 0, 0]);
}

/** The answers in their order. Identifiers that the example leaves to the client begin with `first`. */
function answers(first: number): string[] {
	return [
		"CONNACK",
		`SUBACK ${first} [2,0]`,
		`UNSUBACK ${first + 1}`,
		`PUBREC ${first + 2}`,
		"PINGRESP",
		"PUBACK 1234",
		`PUBCOMP ${first + 2}`,
		"PINGRESP",
		"PUBREL 2",
	];
}

describe("the calls of Moddable's examples, on the desktop host", { skip: withoutMosquitto || withoutOpenssl }, () => {
	let broker: Mosquitto;
	let secure: number;

	before(async () => {
		const plain = await freePort();
		secure = await freePort();
		const listeners = [
			`listener ${plain} 127.0.0.1`,
			`listener ${secure} 127.0.0.1`,
			`certfile ${certificateFile("server.pem")}`,
			`keyfile ${certificateFile("server.key")}`,
		];
		broker = await Mosquitto.start(listeners, plain);
	});
	after(() => broker?.remove());

	for (const example of ["mqttclient", "mqttsclient"])
		test(`${example}: the class takes them all, inside XS with 64 KB`, async (t) => {
			const settings =
				example === "mqttclient"
					? { broker: broker.url }
					: { broker: `mqtts://localhost:${secure}`, ca: certificate("authority.pem") };
			const program = new DesktopProgram("test/inside/mqtt-calls-desktop", settings);
			t.after(() => program.close());
			const found = await program.tells<CallTrace>("calls");
			checkCommon(found);
			assert.deepEqual(found.control, answers(1));
		});
});

describe("the calls of Moddable's examples, under the SDK", { skip: withoutModdable || withoutMosquitto }, () => {
	/** By our client, and by Moddable's. */
	const traces: CallTrace[] = [];
	const scripts: string[][] = [];
	let broker: Mosquitto;

	before(
		async () => {
			broker = await Mosquitto.start();
			for (const client of ["own-client", "moddable-client"]) {
				const program = await buildForTest(join(root, "test", "moddable", "mqtt", client, "manifest.json"));
				const machine = new ModdableNode(program, {});
				const told = async (order: string) => {
					machine.order(`${order} ${broker.port}`);
					return JSON.parse((await machine.says(new RegExp(`^${order}: `))).slice(order.length + 2));
				};
				machine.start();
				try {
					await machine.says(/^listening/);
					traces.push(await told("calls"));
					scripts.push(await told("script"));
				} finally {
					await machine.remove();
				}
			}
		},
		{ timeout: 900_000 },
	);
	after(() => broker?.remove());

	test("mqttclient: both classes take them all, and call back the same, in the same order", () => {
		const [own, moddable] = traces as [CallTrace, CallTrace];
		for (const trace of traces) checkCommon(trace);
		assert.deepEqual(own.control.map(unnumbered), moddable.control.map(unnumbered));
	});

	test("mqttclient: differs in the identifiers that are left to the client: from 1, or from 2", () => {
		assert.deepEqual(
			traces.map(({ control }) => control),
			[answers(1), answers(2)],
		);
	});

	test("mqttclient: differs in what callbacks tell: session-present, retain, duplicate and identifier are ours alone", () => {
		const told = traces.map(({ connack, first, further }) => ({ connack, first, further }));
		assert.deepEqual(told, [
			{
				connack: ["operation", "returnCode", "sessionPresent"],
				first: ["QoS", "byteLength", "duplicate", "id", "more", "retain", "topic"],
				further: ["more"],
			},
			{
				connack: ["operation", "returnCode"],
				first: ["QoS", "byteLength", "more", "topic"],
				further: ["more"],
			},
		]);
	});

	test("mqttclient: differs in the pieces of a large message: of receiveBuffer (512 bytes), or of all that arrived", () => {
		const [own, moddable] = traces as [CallTrace, CallTrace];
		assert.equal(own.longest, 512);
		assert.ok(moddable.longest > 512, `${moddable.longest}`);
	});

	test("mqtt: the SDK's MQTT.js tells the same on both, line by line", () => {
		const [own, moddable] = scripts;
		assert.deepEqual(own, moddable);
		assert.deepEqual(own!.toSorted(), [
			"close",
			"connect",
			"end",
			"message calls/js 10",
			"message calls/js 4",
			"message calls/js 7",
			"message calls/js 8000",
			"published data",
			"published one",
			"published two",
			"published zero",
			"subscribed 2",
			"unsubscribed",
		]);
	});
});

/** Without the identifier, but for the one that the example chose and the broker's own. */
function unnumbered(answer: string): string {
	return /1234|PUBREL/.test(answer) ? answer : answer.replace(/^(\w+) \d+/, "$1");
}
