/**
 * A session under the SDK alone (its sockets, resolver and timers), on Moddable's own MQTT client and on ours, against
 * mosquitto. Skipped, by name, where there is no SDK.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../tools/root";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { until } from "../support/until";

const classes = [
	["Moddable's client", "moddable-client", false],
	["our client", "own-client", true],
] as const;

for (const [name, folder, tells] of classes)
	describe(`a session under the SDK, on ${name}`, { skip: withoutModdable || withoutMosquitto }, () => {
		let broker: Mosquitto;
		let observer: Observer;
		let machine: ModdableNode;

		/** What the machine told under a name, so far. */
		const told = (what: string) =>
			machine.lines.filter((line) => line.startsWith(`${what}: `)).map((line) => line.slice(what.length + 2));
		const tellsOf = (what: string, count: number, timeout = 15_000) =>
			until(() => told(what).length >= count, timeout, `${count} times ${what}`).catch((error: Error) => {
				throw new Error(`${error.message}:\n${machine.lines.join("\n")}`);
			});

		before(
			async () => {
				const program = await buildForTest(join(root, "test", "moddable", "mqtt", folder, "manifest.json"));
				broker = await Mosquitto.start();
				observer = await Observer.connect(broker.url, "session/#");
				machine = new ModdableNode(program, {});
				machine.start();
				await machine.says(/^listening/);
				machine.order(`session ${broker.port}`);
				await observer.sees("session/status", "online");
			},
			{ timeout: 900_000 },
		);
		after(async () => {
			await machine?.remove();
			await observer?.end();
			await broker?.remove();
		});

		test("publishes at QoS 0, 1 and 2, small and of 5,000 bytes: each arrives once, in the order of its QoS", async () => {
			const texts = ["zero", "one", "two", "z*5000", "o*5000", "t*5000"];
			for (const [index, text] of texts.entries()) machine.order(`publish ${index % 3} ${text}`);
			await tellsOf("fate", 6);
			assert.deepEqual(told("fate").sort(), texts.map((text) => `${text} delivered`).sort());
			await until(() => observer.of("session/out").length >= 6, 5_000, "six messages");
			const arrived = observer
				.of("session/out")
				.map((payload) => (payload.length > 100 ? `${payload[0]}*${payload.length}` : payload));
			for (const letter of ["z", "o", "t"])
				assert.deepEqual(startingWith(letter, arrived), startingWith(letter, texts));
			assert.equal(arrived.length, 6);
			assert.match(
				broker.log,
				/Received PUBLISH from session \(d0, q2, r0, m\d+, 'session\/out', \.\.\. \(5000 bytes\)\)/,
			);
		});

		test("receives at QoS 0, 1 and 2, small and of 4,000 bytes, and acknowledges", async () => {
			for (const qos of [0, 1, 2] as const) await observer.publish("session/in/small", `m${qos}`, { qos });
			for (const qos of [0, 1, 2] as const) await observer.publish("session/in/large", "x".repeat(4000), { qos });
			await tellsOf("got", 6);
			assert.deepEqual(told("got"), [
				"session/in/small m0 0",
				"session/in/small m1 1",
				"session/in/small m2 2",
				"session/in/large 4000 0",
				"session/in/large 4000 1",
				"session/in/large 4000 2",
			]);
			await until(() => broker.log.match(/Received PUBCOMP from session/g)?.length === 2, 5_000, "two PUBCOMP");
		});

		test("the broker goes and comes back: what was queued meanwhile is delivered, what is sent to it arrives", async () => {
			const before = observer.of("session/out").length;
			const fates = told("fate").length;
			await broker.stop();
			await tellsOf("disconnected", 1);
			const texts = Array.from({ length: 20 }, (_, count) => `${count % 2 ? "once" : "exactly"}-${count}`);
			for (const text of texts) machine.order(`publish ${text.startsWith("once") ? 1 : 2} ${text}`);
			await broker.start();
			await tellsOf("connected", 2, 40_000);
			await tellsOf("fate", fates + 20);
			const arrived = () => observer.of("session/out").slice(before);
			await until(() => arrived().length >= 20, 10_000, "what was queued");
			for (const start of ["once", "exactly"])
				assert.deepEqual(startingWith(start, arrived()), startingWith(start, texts));
			assert.equal(arrived().length, 20);
			await observer.publish("session/in/after", "again", { qos: 2 });
			await tellsOf("got", 7);
			assert.equal(told("got").at(-1), "session/in/after again 2");
			assert.equal(told("got").length, 7);
		});

		test(`it is ${tells ? "told" : "not told"} that the broker kept the session, and subscribes ${tells ? "once" : "at each connection"}`, () => {
			assert.deepEqual(told("connected"), ["false", String(tells)]);
			assert.equal(broker.log.match(/Received SUBSCRIBE from session/g)?.length, tells ? 1 : 2);
		});

		test("stops: all is sent, then DISCONNECT, without the will", async () => {
			const status = observer.of("session/status").length;
			machine.order("publish 1 last");
			machine.order("stop");
			await tellsOf("stopped", 1);
			await observer.sees("session/out", "last");
			assert.match(broker.log, /Received DISCONNECT from session/);
			assert.equal(observer.of("session/status").length, status);
		});

		test("the power is cut: the broker publishes the will", async () => {
			const online = observer.next("session/status", 10_000, (payload) => payload === "online");
			machine.order(`session ${broker.port}`);
			await online;
			const will = observer.next("session/status", 5_000, (payload) => payload === "offline");
			await machine.cut();
			await will;
		});
	});

/** A broker hands out a message at QoS 2 when its exchange is over: each QoS has an order of its own. */
function startingWith(start: string, texts: readonly string[]): string[] {
	return texts.filter((text) => text.startsWith(start));
}
