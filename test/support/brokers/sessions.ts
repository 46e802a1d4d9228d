import assert from "node:assert/strict";
import { describe } from "node:test";
import MQTTClient from "../../../modules/mqtt/client";
import { forbidden, user } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

const counting = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);
const unique = (texts: readonly string[]) => [...new Set(texts)];

/** What outlives a connection. Timers run ten times as fast: a second between attempts takes 100 ms. */
export function sessions(target: Target): void {
	const { traits } = target;

	describe("sessions", () => {
		const world = new World(target, 10);

		world.test(
			"messages that come while a session is away wait for it, in order, and nothing is subscribed again",
			async () => {
				const topic = world.name();
				const id = world.name("session");
				const away = await world.client({ id, clean: false });
				assert.equal(away.welcome.sessionPresent, false);
				await away.subscribe({ topic, QoS: 2 });
				away.cut();
				const other = await world.client();
				for (const QoS of [0, 1, 2] as const)
					for (const text of counting(10)) await other.publish(topic, `${QoS}/${text}`, { QoS });
				const back = await world.client({ id, clean: false });
				assert.equal(back.welcome.sessionPresent, true);
				const expected = [...(traits.queuesQoS0 ? [0] : []), 1, 2].flatMap((QoS) =>
					counting(10).map((n) => `${QoS}/${n}`),
				);
				if (!traits.backlogFirst) await world.until(() => back.messages.length === expected.length, "what waited");
				await other.publish(topic, "live", { QoS: 1 });
				await world.until(() => back.texts.includes("live"), "what comes after what waited");
				// MQTT-4.6.0-6 orders the messages of a topic and a QoS; RabbitMQ keeps QoS 0 in a queue of its own.
				const ofQoS = (texts: readonly string[], QoS: number) => texts.filter((text) => text.startsWith(`${QoS}/`));
				for (const QoS of [0, 1, 2]) assert.deepEqual(ofQoS(back.texts, QoS), ofQoS(expected, QoS));
				assert.equal(back.texts.length, expected.length + 1);
				const releases = () => back.control.filter(({ operation }) => operation === MQTTClient.PUBREL).length;
				await world.until(() => releases() === (traits.subscribes === 2 ? 10 : 0), "the end of each exchange");
				await back.disconnect();
				const again = await world.client({ id, clean: false });
				await other.publish(topic, "live", { QoS: 1 });
				await world.until(() => again.texts.includes("live"), "what comes now");
				assert.deepEqual(again.texts, ["live"], "nothing comes again");
				assert.ok(!again.control.some(({ operation }) => operation === MQTTClient.PUBREL));
				await again.disconnect();
				const wiped = await world.client({ id });
				assert.equal(wiped.welcome.sessionPresent, false, "a clean session forgets it");
			},
		);

		world.test(
			"a session that finds its connection broken connects again, and loses nothing in either direction",
			async () => {
				const [commands, records] = [world.name("commands"), world.name("records")];
				const watcher = await world.client();
				await watcher.subscribe(records);
				const keeper = world.session();
				keeper.on(commands);
				await keeper.start();
				keeper.publish(records, "before");
				await keeper.idle();
				for (let round = 0; round < 3; round++) {
					keeper.lose();
					await world.until(() => !keeper.session.connected, "the loss");
					for (const text of counting(10)) keeper.publish(records, `${round}/${text}`);
					for (const text of counting(10)) await watcher.publish(commands, `${round}/${text}`, { QoS: 1 });
					await keeper.connected();
					await keeper.idle();
				}
				const rounds = [0, 1, 2].flatMap((round) => counting(10).map((text) => `${round}/${text}`));
				await world.until(() => unique(keeper.texts).length === 30, "the commands");
				assert.deepEqual(unique(keeper.texts), rounds);
				await world.until(() => unique(watcher.texts).length === 31, "the records");
				assert.deepEqual(unique(watcher.texts), ["before", ...rounds]);
				assert.deepEqual(keeper.connects, [false, true, true, true]);
				assert.deepEqual(unique([...keeper.fates.values()]), ["delivered"]);
			},
		);

		world.test(
			`a connection that breaks amid 300 messages each way: each arrives${traits.backlogFirst ? ", in order" : ""}`,
			async () => {
				const [down, up] = [world.name("down"), world.name("up")];
				const other = await world.client();
				await other.subscribe(up);
				const keeper = world.session({ queue: { messages: 500, bytes: 100_000 } });
				keeper.on(down);
				await keeper.start();
				const texts = counting(300);
				const published = (async () => {
					for (const text of texts) await other.publish(down, text, { QoS: 1 });
				})();
				for (const text of texts) keeper.publish(up, text);
				for (const count of [50, 150, 250]) {
					await world.until(() => unique(other.texts).length >= count || unique(keeper.texts).length >= count, "some");
					keeper.lose();
					await world.until(() => !keeper.session.connected, "the loss");
					await keeper.connected();
				}
				await published;
				await keeper.idle();
				await world.until(() => unique(other.texts).length === 300 && unique(keeper.texts).length === 300, "all");
				assert.deepEqual(unique(other.texts), texts);
				if (traits.backlogFirst) assert.deepEqual(unique(keeper.texts), texts);
				assert.equal(keeper.connects.length, 4);
			},
		);

		const onceUp = traits.publishes === 2;
		const onceDown = traits.exactlyOnce;
		const times = (once: boolean) => (once ? "exactly" : "at least");
		world.test(
			`QoS 2, through broken connections: 100 messages arrive ${times(onceUp)} once at the broker, ${times(onceDown)} once from there`,
			async () => {
				const [down, up] = [world.name("down"), world.name("up")];
				const other = await world.client();
				await other.subscribe({ topic: up, QoS: 2 });
				const keeper = world.session({ queue: { messages: 200, bytes: 100_000 } });
				keeper.on(down, 2);
				await keeper.start();
				const texts = counting(100);
				const published = (async () => {
					for (const text of texts) await other.publish(down, text, { QoS: 2 });
				})();
				for (const text of texts) keeper.publish(up, text, { QoS: 2 });
				for (const count of [20, 50, 80]) {
					await world.until(() => other.messages.length >= count || keeper.messages.length >= count, "some");
					keeper.lose();
					await world.until(() => !keeper.session.connected, "the loss");
					await keeper.connected();
				}
				await published;
				await keeper.idle();
				await world.until(() => unique(other.texts).length === 100 && unique(keeper.texts).length === 100, "all");
				assert.deepEqual(onceUp ? other.texts : unique(other.texts), texts);
				const received = onceDown ? keeper.texts : unique(keeper.texts);
				assert.deepEqual(
					traits.backlogFirst ? received : received.toSorted(),
					traits.backlogFirst ? texts : texts.toSorted(),
				);
				assert.equal(keeper.messages[0]!.QoS, traits.subscribes);
				assert.deepEqual(unique([...keeper.fates.values()]), ["delivered"]);
			},
		);

		world.test("a session that the broker forgot subscribes again", async () => {
			const topic = world.name();
			const id = world.name("session");
			const keeper = world.session({ id });
			keeper.on(topic);
			await keeper.start();
			const other = await world.client();
			await other.publish(topic, "1", { QoS: 1 });
			await world.until(() => keeper.texts.includes("1"), "the first");
			// A client with the same identifier and a clean session: the broker forgets.
			const thief = await world.client({ id });
			await thief.disconnect();
			await world.until(() => keeper.connects.length === 2, "the session is back", 10_000);
			assert.deepEqual(keeper.connects, [false, false]);
			await world.until(() => keeper.session.connected, "a connection");
			await keeper.publish(topic, "2");
			await world.until(() => keeper.texts.includes("2"), "the second");
		});

		world.test("stop sends what is queued, then says goodbye: the will is not published", async () => {
			const topic = world.name();
			const watcher = await world.client();
			await watcher.subscribe(topic);
			const keeper = world.session({ will: { topic, message: "offline", QoS: 1 } });
			await keeper.start();
			for (const text of counting(50)) keeper.publish(topic, text);
			await keeper.stop();
			await watcher.publish(topic, "end", { QoS: 1 });
			await world.until(() => watcher.texts.includes("end"), "the end");
			assert.deepEqual(watcher.texts, [...counting(50), "end"]);
			assert.equal(keeper.fates.size, 50);
		});

		world.test("a wrong password is said in the log, and tried again", async () => {
			const keeper = world.session({ user: user.name, password: "moth" });
			keeper.session.start();
			const attempts = () => keeper.log.filter((line) => /bad user name or password|not authorized/.test(line)).length;
			await world.until(() => attempts() >= 2, "two refusals");
		});

		world.test(
			`a subscription at QoS 2 is ${traits.subscribes === 2 ? "granted" : "granted at QoS 1, which is said in the log"}`,
			async () => {
				const topic = world.name();
				const keeper = world.session();
				keeper.on(topic, 2);
				await keeper.start();
				assert.equal(keeper.said(/is subscribed at QoS 1 instead of 2/), traits.subscribes === 1);
				assert.equal(keeper.said(/instead of/), traits.subscribes === 1);
			},
		);

		if (traits.forbiddenFilter === "refused") {
			world.test("a forbidden filter is said in the log, and does not stand in the way of others", async () => {
				const topic = world.name();
				const keeper = world.session();
				keeper.on(`${forbidden}/a`);
				keeper.on(topic);
				await keeper.start();
				keeper.publish(topic, "1");
				await world.until(() => keeper.texts.includes("1"), "a message");
				assert.ok(keeper.said(/error: the broker refused the subscription of forbidden\/a/));
			});
		}
	});
}
