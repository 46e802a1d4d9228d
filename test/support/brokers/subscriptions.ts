import assert from "node:assert/strict";
import { describe } from "node:test";
import { MQTTError } from "../../../modules/mqtt/packet/error";
import { Router } from "../../../modules/mqtt/router";
import { forbidden } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

/** Which messages reach whom. */
export function subscriptions(target: Target): void {
	const { traits } = target;
	const closed = (error: unknown) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, "lost");
		assert.match(error.message, /the connection was closed by the broker or the network/);
		return true;
	};

	describe("subscriptions", () => {
		const world = new World(target);

		world.test("wildcards deliver what our own router would route, and nothing else", async () => {
			const base = world.name();
			const endings = ["", "/", "/a", "/a/b", "/a/b/c", "//b", "/a/", "/á/b", "/A"];
			const topics = endings.map((ending) => base + ending);
			const filters = ["/#", "/+", "/+/b", "/a/+", "/a/#", "/+/+", "//#", "/+/#", "/a/b", "/+/", ""];
			const publisher = await world.client();
			const listener = await world.client();
			for (const ending of filters) {
				const filter = base + ending;
				await listener.subscribe(filter, `${base}-end`);
				for (const topic of topics) await publisher.publish(topic, filter, { QoS: 1 });
				await publisher.publish(`${base}-end`, "end", { QoS: 1 });
				await world.until(() => listener.texts.includes("end"), "the end");
				await listener.unsubscribe(filter);
				const router = new Router<() => void>();
				router.on(filter, () => {});
				const expected = topics.filter((topic) => router.match(topic, () => {}, undefined) > 0);
				const got = listener.messages.splice(0).map(({ topic }) => topic);
				assert.deepEqual(got, [...expected, `${base}-end`], filter);
			}
		});

		world.test(
			`a filter that begins with a wildcard gets ${traits.showsDollar ? "even" : "no"} topics that begin with $`,
			async () => {
				const name = world.name();
				const listener = await world.client();
				await listener.subscribe("#", "+/+");
				const publisher = await world.client();
				await publisher.publish(`$vagalume/${name}`, "hidden", { QoS: 1 });
				await publisher.publish(name, "seen", { QoS: 1 });
				await world.until(() => listener.messages.some(({ topic }) => topic === name), "the other one");
				assert.equal(
					listener.messages.some(({ topic }) => topic.startsWith("$")),
					traits.showsDollar,
				);
			},
		);

		for (const [character, other] of Object.entries(traits.mangled)) {
			world.test(`a topic with "${character}" comes back with "${other}"`, async () => {
				const topic = world.name(`a${character}`);
				const listener = await world.client();
				await listener.subscribe(topic);
				const publisher = await world.client();
				await publisher.publish(topic, "1", { QoS: 1 });
				await world.until(() => listener.messages.length > 0 || listener.ended, "the message");
				if (other === "+") assert.match(listener.error!.message, /wildcard in the topic/);
				else assert.equal(listener.messages[0]!.topic, topic.replace(character, other));
			});
		}

		world.test(
			`a message that matches two filters of a client arrives ${["once", "twice"][traits.overlapping - 1]}`,
			async () => {
				const base = world.name();
				const listener = await world.client();
				await listener.subscribe(`${base}/#`, `${base}/+`);
				await listener.publish(`${base}/a`, "1", { QoS: 1 });
				await listener.publish(base, "end", { QoS: 1 });
				await world.until(() => listener.texts.includes("end"), "the end");
				assert.deepEqual(listener.texts, [...Array.from({ length: traits.overlapping }, () => "1"), "end"]);
			},
		);

		world.test("forty filters in one SUBSCRIBE are each answered", async () => {
			const base = world.name();
			const listener = await world.client();
			const topics = Array.from({ length: 40 }, (_, index) => ({ topic: `${base}/${index}`, QoS: index % 2 }));
			const codes = await listener.subscribe(...topics);
			assert.deepEqual(
				codes,
				topics.map(({ QoS }) => QoS),
			);
			for (const { topic } of topics) await listener.publish(topic, topic, { QoS: 1 });
			await world.until(() => listener.messages.length === 40, "all of them");
		});

		world.test("UNSUBSCRIBE ends it", async () => {
			const topic = world.name();
			const listener = await world.client();
			await listener.subscribe(topic, `${topic}/other`);
			await listener.publish(topic, "1", { QoS: 1 });
			await world.until(() => listener.texts.includes("1"), "the first");
			await listener.unsubscribe(topic, `${topic}/never`);
			await listener.publish(topic, "2", { QoS: 1 });
			await listener.publish(`${topic}/other`, "end", { QoS: 1 });
			await world.until(() => listener.texts.includes("end"), "the end");
			assert.deepEqual(listener.texts, ["1", "end"]);
		});

		world.test("subscribing again to a filter brings its retained message again, and changes the QoS", async () => {
			const topic = world.name();
			const listener = await world.client();
			await listener.publish(topic, "kept", { QoS: 1, retain: true });
			for (const QoS of [0, 1, 0]) {
				await listener.subscribe({ topic, QoS });
				await world.until(() => listener.messages.length > 0, "the retained message");
				const [message] = listener.messages.splice(0);
				assert.deepEqual([message!.payload.toString(), message!.QoS, message!.retain], ["kept", QoS, true]);
			}
			await listener.publish(topic, "", { QoS: 1, retain: true });
		});

		world.test(
			`a forbidden filter is ${traits.forbiddenFilter === "refused" ? "refused in SUBACK, and others are granted" : "answered by the end of the connection, which is said"}`,
			async () => {
				const topic = world.name();
				const listener = await world.client();
				const subscribed = listener.subscribe(`${forbidden}/a`, topic);
				if (traits.forbiddenFilter === "closed") {
					await assert.rejects(subscribed, closed);
					return;
				}
				assert.deepEqual(await subscribed, [target.version === 5 ? 0x87 : 0x80, 1]);
				await listener.publish(topic, "1", { QoS: 1 });
				await world.until(() => listener.messages.length === 1, "the other one");
			},
		);

		for (const QoS of [0, 1, 2]) {
			const reason = QoS > 0 && traits.forbiddenPublish === "reason";
			const acknowledged = reason || (QoS === 1 && traits.forbiddenPublish === "PUBACK");
			const what = reason ? "is refused with its reason, and then" : acknowledged ? "is acknowledged, and then" : "";
			world.test(
				`a message at QoS ${QoS} on a forbidden topic ${what} ends the connection, which is said`,
				async () => {
					const peer = await world.client();
					const published = peer.publish(`${forbidden}/a`, "1", { QoS });
					if (acknowledged) assert.equal((await published)!.reasonCode, reason ? 0x87 : undefined);
					else if (QoS === 0) await published;
					else await assert.rejects(published, closed);
					await world.until(() => peer.ended, "the end");
					closed(peer.error);
				},
			);
		}

		if (traits.sharedSubscriptions) {
			world.test("a shared subscription gives each message to one of the group", async () => {
				const topic = world.name();
				const group = [await world.client(), await world.client()];
				for (const one of group) await one.subscribe(`$share/group/${topic}`);
				const other = await world.client();
				await other.subscribe(topic);
				const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
				for (const text of texts) await other.publish(topic, text, { QoS: 1 });
				await world.until(() => other.messages.length === 20, "all of them");
				const shares = () => group.map((one) => one.texts);
				await world.until(() => shares().flat().length === 20, "all of them");
				assert.deepEqual(
					shares()
						.flat()
						.sort((a, b) => Number(a) - Number(b)),
					texts,
				);
				for (const share of shares()) assert.ok(share.length > 0, "each got some");
			});
		} else {
			world.test(
				"a shared subscription is granted, and nothing comes: the broker takes it for a topic of that name",
				async () => {
					const topic = world.name();
					const listener = await world.client();
					assert.deepEqual(await listener.subscribe(`$share/group/${topic}`, `${topic}/end`), [1, 1]);
					await listener.publish(topic, "1", { QoS: 1 });
					await listener.publish(`${topic}/end`, "end", { QoS: 1 });
					await world.until(() => listener.texts.includes("end"), "the end");
					assert.deepEqual(listener.texts, ["end"]);
				},
			);
		}
	});
}
