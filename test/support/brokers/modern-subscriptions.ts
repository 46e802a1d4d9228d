import assert from "node:assert/strict";
import { describe } from "node:test";
import MQTTClient from "../../../modules/mqtt/client";
import type { Target } from "./target";
import { World } from "./world";

/** Subscription options and identifiers of MQTT 5.0. */
export function modernSubscriptions(target: Target): void {
	describe("MQTT 5: subscriptions", () => {
		const world = new World(target);

		world.test("no local: a client does not get its own messages, others do", async () => {
			const topic = world.name();
			const peer = await world.client();
			await peer.subscribe({ topic, QoS: 1, noLocal: true });
			const other = await world.client();
			await other.subscribe({ topic, QoS: 1 });
			await peer.publish(topic, "own", { QoS: 1 });
			await other.publish(topic, "other", { QoS: 1 });
			await world.until(() => peer.messages.length >= 1 && other.messages.length >= 2, "the other's");
			assert.deepEqual(peer.texts, ["other"]);
			assert.deepEqual(other.texts, ["own", "other"]);
		});

		world.test("retain as published: the flag says what the publisher said", async () => {
			const topic = world.name();
			const plain = await world.client();
			await plain.subscribe({ topic, QoS: 1 });
			const exact = await world.client();
			await exact.subscribe({ topic, QoS: 1, retainAsPublished: true });
			await plain.publish(topic, "1", { QoS: 1, retain: true });
			await plain.publish(topic, "2", { QoS: 1 });
			await world.until(() => plain.messages.length === 2 && exact.messages.length === 2, "both");
			assert.deepEqual(
				exact.messages.map(({ retain }) => retain),
				[true, false],
			);
			assert.deepEqual(
				plain.messages.map(({ retain }) => retain),
				[false, false],
			);
			await plain.publish(topic, "", { QoS: 1, retain: true });
		});

		world.test("retain handling: 0 sends what is retained each time, 1 the first time, 2 never", async () => {
			const topic = world.name();
			const publisher = await world.client();
			await publisher.publish(topic, "kept", { QoS: 1, retain: true });
			for (const retainHandling of [0, 1, 2] as const) {
				const listener = await world.client();
				for (let time = 0; time < 2; time++) await listener.subscribe({ topic, QoS: 1, retainHandling });
				await publisher.publish(topic, "end", { QoS: 1 });
				await world.until(() => listener.texts.includes("end"), "the end");
				assert.equal(listener.texts.filter((one) => one === "kept").length, 2 - retainHandling, `${retainHandling}`);
			}
			await publisher.publish(topic, "", { QoS: 1, retain: true });
		});

		world.test("subscription identifiers tell which filters a message matched", async () => {
			const base = world.name();
			const listener = await world.client();
			for (const [topic, subscriptionIdentifier] of [
				[`${base}/#`, 1],
				[`${base}/+`, 268_435_455],
				[`${base}/other`, 300],
			] as const)
				await listener.ask(MQTTClient.SUBSCRIBE, [{ topic, QoS: 1 }], { subscriptionIdentifier });
			await listener.publish(`${base}/a`, "1", { QoS: 1 });
			await listener.publish(base, "end", { QoS: 1 });
			await world.until(() => listener.texts.includes("end"), "the end");
			const identifiers = listener.messages
				.filter(({ payload }) => payload.toString() === "1")
				.flatMap(({ properties }) => properties!.subscriptionIdentifiers!);
			assert.deepEqual(
				identifiers.toSorted((a, b) => a - b),
				[1, 268_435_455],
			);
		});

		world.test("a session subscribes with options, and again with them when the broker forgot it", async () => {
			const topic = world.name();
			const id = world.name("session");
			const keeper = world.session({ id });
			keeper.session.on(
				topic,
				1,
				({ topic, payload, QoS, retain, duplicate }) =>
					void keeper.messages.push({ topic, payload: Buffer.from(payload), QoS, retain, duplicate }),
				{ noLocal: true, retainAsPublished: true },
			);
			await keeper.start();
			const other = await world.client();
			for (const round of ["1", "2"]) {
				keeper.publish(topic, "own");
				await other.publish(topic, round, { QoS: 1, retain: true });
				await world.until(() => keeper.texts.includes(round), "the other's");
				if (round === "2") break;
				const thief = await world.client({ id });
				await thief.disconnect();
				await world.until(() => keeper.connects.length === 2, "the session is back", 10_000);
				await keeper.idle();
			}
			assert.ok(!keeper.texts.includes("own"));
			assert.ok(keeper.messages.every(({ retain }) => retain));
			await other.publish(topic, "", { QoS: 1, retain: true });
		});
	});
}
