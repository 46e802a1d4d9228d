import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { limit } from "./broker";
import { isSlow, type Target } from "./target";
import { World } from "./world";

/** What is too large, too long or too fast for the one or the other end. */
export function limits(target: Target): void {
	const { traits } = target;

	describe("limits", () => {
		const world = new World(target);

		const answers = {
			taken: "is taken",
			closed: "is above the broker's limit: it ends the connection, which is said",
			told: "is above the limit that the broker told: it is refused here, and nothing is sent",
			silence: "is above the broker's limit: neither it nor what follows is ever acknowledged",
		};
		world.test(`a message of 2.1 MB ${answers[traits.tooLarge]}`, async () => {
			const topic = world.name();
			const listener = await world.client();
			if (!isSlow(target)) await listener.subscribe(topic);
			const publisher = await world.client();
			const published = publisher.publish(topic, new Uint8Array(limit + 100_000), { QoS: 1 });
			if (traits.tooLarge === "closed") {
				await assert.rejects(published, /the connection was closed by the broker or the network/);
				assert.equal(publisher.error?.code, "lost");
			} else if (traits.tooLarge === "told") {
				await assert.rejects(published, { code: "too-large" });
				await publisher.publish(topic, "next", { QoS: 1 });
			} else if (traits.tooLarge === "taken") {
				await published;
				if (!isSlow(target)) await world.until(() => listener.messages.length === 1, "the message");
			} else {
				const next = publisher.publish(topic, "next", { QoS: 1 });
				assert.equal(await Promise.race([published, next, sleep(500, "nothing")]), "nothing");
				assert.ok(publisher.client.connected);
			}
		});

		world.test(
			"a topic longer than the client takes is skipped, acknowledged and reported; a long one below arrives",
			async () => {
				const base = world.name();
				const [long, longer] = [base.padEnd(256, "x"), base.padEnd(300, "y")];
				const listener = await world.client();
				await listener.subscribe(long, longer);
				const publisher = await world.client();
				for (const QoS of [0, 1, 2])
					for (const topic of [longer, long]) await publisher.publish(topic, `${QoS}`, { QoS });
				await world.until(() => listener.messages.length === 3, "three messages");
				assert.ok(listener.messages.every(({ topic }) => topic === long));
				assert.deepEqual(
					listener.skipped.map(({ byteLength }) => byteLength),
					[1, 1, 1],
				);
				assert.match(listener.skipped[0]!.reason, /topic/);
			},
		);

		world.test("a client with a window of 64 bytes gets messages of any size", async () => {
			const topic = world.name();
			const listener = await world.client({ receiveBuffer: 64, maximumTopic: 32 });
			await listener.subscribe(topic);
			const publisher = await world.client();
			const sizes = [0, 1, 30, 50, 64, 127, 128, 1000, 20_000];
			for (const size of sizes) await publisher.publish(topic, "x".repeat(size), { QoS: 1 });
			await world.until(() => listener.messages.length === sizes.length, "all of them");
			assert.deepEqual(
				listener.texts.map(({ length }) => length),
				sizes,
			);
		});

		world.test("a client that reads nothing for a while holds up the broker, and loses nothing", async () => {
			const topic = world.name();
			const listener = await world.client();
			await listener.subscribe(topic);
			const publisher = await world.client();
			listener.pause();
			const payload = new Uint8Array(10_000);
			const count = isSlow(target) ? 10 : 100;
			const published = Promise.all(Array.from({ length: count }, () => publisher.publish(topic, payload, { QoS: 1 })));
			await sleep(100);
			assert.equal(listener.messages.length, 0);
			listener.resume();
			await published;
			await world.until(() => listener.messages.length === count, "all of them");
			assert.ok(listener.messages.every((message) => message.payload.length === payload.length));
		});
	});
}
