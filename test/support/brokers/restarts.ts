import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Target } from "./target";
import { World } from "./world";

const texts = Array.from({ length: 20 }, (_, index) => `${index}`);

/** What outlives the broker. It comes last: it ends the broker and starts it again. */
export function restarts(target: Target): void {
	const { durable } = target.traits;

	describe("restarts", () => {
		const world = new World(target, 10);

		world.test(
			`the broker restarts: the session comes back and loses nothing${durable ? ", others find their sessions and what was retained" : ", though the broker forgot everything"}`,
			async () => {
				const [records, commands, state] = [world.name("records"), world.name("commands"), world.name("state")];
				const id = world.name("session");
				const away = await world.client({ id, clean: false });
				await away.subscribe(records);
				await away.publish(state, "kept", { QoS: 1, retain: true });
				await away.disconnect();
				const keeper = world.session();
				keeper.on(commands);
				await keeper.start();
				for (const text of texts.slice(0, 10)) keeper.publish(records, text);
				await keeper.idle();

				await target.broker().stop();
				await world.until(() => !keeper.session.connected, "the loss");
				assert.ok(keeper.said(/disconnected: the connection was closed by the broker or the network/));
				for (const text of texts.slice(10)) keeper.publish(records, text);
				await target.broker().start();
				if (durable) {
					const back = await world.client({ id, clean: false });
					assert.equal(back.welcome.sessionPresent, true);
					await world.until(() => new Set(back.texts).size === 20, "the records");
					assert.deepEqual([...new Set(back.texts)], texts);
				}
				await keeper.connected();
				await keeper.idle();
				assert.deepEqual(keeper.connects, [false, durable]);
				assert.equal([...keeper.fates.values()].filter((fate) => fate === "delivered").length, 20);
				const other = await world.client();
				await other.subscribe(state);
				keeper.publish("ready", "");
				await keeper.idle();
				await other.publish(commands, "1", { QoS: 1 });
				await world.until(() => keeper.messages.length === 1, "a command");
				await other.publish(state, "end", { QoS: 1 });
				await world.until(() => other.texts.includes("end"), "the end");
				assert.deepEqual(other.texts, durable ? ["kept", "end"] : ["end"]);
				await other.publish(state, "", { QoS: 1, retain: true });
			},
			90_000,
		);
	});
}
