import assert from "node:assert/strict";
import { describe } from "node:test";
import { forbidden, limit } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

/** What a broker does not take must not stand in the way of the rest. Timers run a hundred times as fast. */
export function trouble(target: Target): void {
	const { traits } = target;

	describe("trouble", () => {
		const world = new World(target, 100);

		world.test("a session with a forbidden message delivers the others, and says what became of that one", async () => {
			const topic = world.name();
			const watcher = await world.client();
			await watcher.subscribe(topic);
			const keeper = world.session();
			await keeper.start();
			keeper.publish(topic, "before");
			keeper.publish(`${forbidden}/a`, "forbidden");
			for (const text of ["1", "2", "3"]) keeper.publish(topic, text);
			await keeper.idle();
			await world.until(() => watcher.texts.includes("3"), "the others");
			assert.deepEqual([...new Set(watcher.texts)], ["before", "1", "2", "3"]);
			for (const text of watcher.texts) assert.equal(keeper.fates.get(text), "delivered");
			assert.equal(keeper.fates.get("forbidden"), traits.forbiddenPublish === "PUBACK" ? "delivered" : "dropped");
			const said = { nothing: /error: .*forbidden\/a.*dropped/, reason: /not authorized/, PUBACK: /disconnected/ };
			assert.ok(keeper.said(said[traits.forbiddenPublish]), keeper.log.join("\n"));
		});

		world.test("a session with a forbidden filter gets the messages of the others, and says so", async () => {
			const topic = world.name();
			const keeper = world.session();
			keeper.on(`${forbidden}/a`);
			for (const level of ["a", "b"]) keeper.on(`${topic}/${level}`);
			keeper.session.start();
			for (const level of ["a", "b"]) keeper.publish(`${topic}/${level}`, level);
			await world.until(() => keeper.messages.length >= 2, "the others", 15_000);
			assert.deepEqual([...new Set(keeper.texts)].sort(), ["a", "b"]);
			assert.ok(keeper.said(/forbidden\/a/), keeper.log.join("\n"));
		});

		if (traits.mangled["*"] === "+") {
			world.test("a session gets what follows a message whose topic comes back with a wildcard in it", async () => {
				const base = world.name();
				const keeper = world.session();
				keeper.on(`${base}/#`);
				await keeper.start();
				const publisher = await world.client();
				await publisher.publish(`${base}/*`, "wrong", { QoS: 1 });
				await publisher.publish(`${base}/a`, "right", { QoS: 1 });
				await world.until(() => keeper.texts.includes("right"), "what follows", 20_000);
				assert.ok(!keeper.texts.includes("wrong"));
				assert.ok(keeper.said(/wildcard in the topic/));
				assert.ok(keeper.said(/warn: .*skipped/), keeper.log.join("\n"));
			});
		}

		if (traits.tooLarge === "closed" || traits.tooLarge === "silence") {
			world.test(
				"a session with a message larger than the broker takes delivers the others, and says which one it was",
				async () => {
					const topic = world.name();
					const watcher = await world.client();
					await watcher.subscribe(`${topic}/+`);
					const keeper = world.session({ queue: { bytes: 2 * limit } });
					await keeper.start();
					keeper.session.publish(topic, new Uint8Array(limit + 100_000), { QoS: 1 });
					for (const text of ["1", "2"]) keeper.publish(`${topic}/a`, text);
					await world.until(() => keeper.fates.size === 2, "the others", 20_000);
					await world.until(() => watcher.texts.includes("2"), "the others");
					assert.deepEqual([...new Set(watcher.texts)], ["1", "2"]);
					assert.ok(
						keeper.said(new RegExp(`closes the connection on the message of .* on ${topic}\\b`)),
						keeper.log.join("\n"),
					);
				},
			);
		}
	});
}
