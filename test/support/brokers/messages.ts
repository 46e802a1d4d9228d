import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe } from "node:test";
import MQTTClient from "../../../modules/mqtt/client";
import type { Peer } from "./peer";
import { isSlow, type Target } from "./target";
import { World } from "./world";

const levels = [0, 1, 2] as const;
const counting = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

/** What is published is what arrives: at each QoS, of any size, in any language, retained. */
export function messages(target: Target): void {
	const { traits } = target;

	describe("messages", () => {
		const world = new World(target);
		/** A message that comes after all that was published before, to those who listen to the topic. */
		const end = async (publisher: Peer, topic: string, listener: Peer) => {
			await publisher.publish(topic, "end", { QoS: 1 });
			await world.until(() => listener.texts.includes("end"), "the end");
		};

		for (const QoS of levels) {
			world.test(
				`60 messages published at QoS ${QoS} arrive once and in order, at the QoS of the subscription or lower`,
				async () => {
					const base = world.name();
					const listener = await world.client();
					const codes = await listener.subscribe(...levels.map((level) => ({ topic: `${base}/${level}`, QoS: level })));
					assert.deepEqual(codes, [0, 1, Math.min(2, traits.subscribes)]);
					const publisher = await world.client();
					for (const level of levels) {
						const texts = counting(20);
						const answers = await Promise.all(
							texts.map((text) => publisher.publish(`${base}/${level}`, text, { QoS })),
						);
						const expected = [
							undefined,
							MQTTClient.PUBACK,
							traits.publishes === 2 ? MQTTClient.PUBCOMP : MQTTClient.PUBACK,
						];
						for (const answer of answers) assert.equal(answer?.operation, expected[QoS]);
						await world.until(() => listener.messages.length >= 20, "20 messages");
						await end(publisher, `${base}/${level}`, listener);
						const got = listener.messages.splice(0).filter(({ payload }) => payload.toString() !== "end");
						assert.deepEqual(
							got.map(({ payload }) => payload.toString()),
							texts,
						);
						for (const one of got) {
							assert.equal(one.topic, `${base}/${level}`);
							assert.equal(one.QoS, Math.min(QoS, level, traits.subscribes));
							assert.equal(one.retain || one.duplicate, false);
						}
					}
				},
			);
		}

		world.test("topics and payloads in any language arrive as they were", async () => {
			const base = world.name("ção");
			const topics = ["sala de estar", "ÁÉÍ/óú", "日本/語", "🌡/°C", "a,b;c=\"d\"'e'", "{}[]()$%&!?~@"];
			const listener = await world.client();
			await listener.subscribe(...topics.map((topic) => `${base}/${topic}`));
			const publisher = await world.client();
			for (const topic of topics) await publisher.publish(`${base}/${topic}`, `á${topic} ☀`, { QoS: 1 });
			await world.until(() => listener.messages.length >= topics.length, "all of them");
			assert.deepEqual(
				listener.messages.map(({ topic, payload }) => [topic, payload.toString()]),
				topics.map((topic) => [`${base}/${topic}`, `á${topic} ☀`]),
			);
		});

		world.test("bytes of every value arrive as they were, and no bytes as none, at each QoS", async () => {
			const topic = world.name();
			const listener = await world.client();
			await listener.subscribe({ topic, QoS: 2 });
			const publisher = await world.client();
			const all = Uint8Array.from({ length: 256 }, (_, index) => index);
			for (const payload of [all, new Uint8Array(0)])
				for (const QoS of levels) {
					await publisher.publish(topic, payload, { QoS });
					await world.until(() => listener.messages.length > 0, `QoS ${QoS}, ${payload.length} bytes`);
					const [message] = listener.messages.splice(0);
					assert.deepEqual([...message!.payload], [...payload]);
				}
			await end(publisher, topic, listener);
		});

		const size = isSlow(target) ? 50_000 : 1_000_000;
		world.test(
			`${size.toLocaleString("en")} bytes are streamed through the client, out and in, and a message that comes meanwhile is not lost`,
			async () => {
				const topic = world.name();
				const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 255);
				const hash = (data: Uint8Array) => createHash("sha1").update(data).digest("hex");
				const peer = await world.client();
				await peer.subscribe(topic, `${topic}/short`);
				const other = await world.client();
				for (const QoS of [0, 1] as const) {
					const sent = peer.publish(topic, bytes, { QoS });
					await other.publish(`${topic}/short`, "short", { QoS: 1 });
					await sent;
					await world.until(() => peer.messages.length >= 2, "both", 10_000);
					const received = peer.messages.splice(0);
					assert.equal(hash(received.find((message) => message.topic === topic)!.payload), hash(bytes));
					assert.ok(received.some((message) => message.topic === `${topic}/short`));
				}
			},
		);

		world.test(
			"a retained message waits for those who subscribe later, until one without a payload clears it",
			async () => {
				const topic = world.name();
				const live = await world.client();
				await live.subscribe(topic);
				const publisher = await world.client();
				await publisher.publish(topic, "old", { QoS: 1, retain: true });
				await publisher.publish(topic, "new", { QoS: 1, retain: true });
				await publisher.publish(topic, "passing", { QoS: 1 });
				await world.until(() => live.messages.length >= 3, "three live messages");
				assert.deepEqual(
					live.messages.map(({ payload, retain }) => [payload.toString(), retain]),
					[
						["old", false],
						["new", false],
						["passing", false],
					],
				);
				const late = await world.client();
				await late.subscribe(topic);
				await world.until(() => late.messages.length > 0, "the retained message");
				assert.deepEqual(
					late.messages.map(({ payload, retain, QoS }) => [payload.toString(), retain, QoS]),
					[["new", true, 1]],
				);
				await publisher.publish(topic, "", { QoS: 1, retain: true });
				const later = await world.client();
				await later.subscribe(topic);
				await end(publisher, topic, later);
				assert.deepEqual(later.texts, ["end"]);
			},
		);

		world.test(
			`retained messages ${traits.retainedByWildcard ? "reach" : "do not reach"} a subscription with wildcards`,
			async () => {
				const base = world.name();
				const publisher = await world.client();
				for (const level of ["a", "b"]) await publisher.publish(`${base}/${level}`, level, { QoS: 1, retain: true });
				const listener = await world.client();
				await listener.subscribe(`${base}/+`);
				await end(publisher, `${base}/c`, listener);
				const kept = listener.messages.filter(({ retain }) => retain).map(({ topic }) => topic);
				assert.deepEqual(kept.sort(), traits.retainedByWildcard ? [`${base}/a`, `${base}/b`] : []);
				for (const level of ["a", "b"]) await publisher.publish(`${base}/${level}`, "", { QoS: 1, retain: true });
			},
		);
	});
}
