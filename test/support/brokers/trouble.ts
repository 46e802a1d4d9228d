import assert from "node:assert/strict";
import { describe } from "node:test";
import { forbidden } from "./broker";
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
	});
}
