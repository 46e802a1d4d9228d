import assert from "node:assert/strict";
import { describe } from "node:test";
import MQTTClient from "../../../modules/mqtt/client";
import { MQTTError } from "../../../modules/mqtt/packet/error";
import { limit, user } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

const text = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString();

/** What MQTT 5.0 adds. */
export function modern(target: Target): void {
	describe("MQTT 5", () => {
		const world = new World(target);

		world.test("CONNACK says what the broker takes, and which identifier it gave", async () => {
			const peer = await world.client({ id: "" });
			assert.deepEqual(peer.client.limits, {
				receiveMaximum: 20,
				maximumQoS: 2,
				retainAvailable: true,
				maximumPacketSize: limit,
				topicAliasMaximum: 10,
				wildcardSubscriptionAvailable: true,
				subscriptionIdentifiersAvailable: true,
				sharedSubscriptionAvailable: true,
			});
			assert.match(peer.welcome.properties!.assignedClientIdentifier!, /./);
			const again = await world.client({ id: peer.welcome.properties!.assignedClientIdentifier! });
			await world.until(() => peer.ended, "its end: the identifier is really its own");
			again.close();
		});

		world.test("a broker that ends the connection says why", async () => {
			const control = "$CONTROL/dynamic-security/v1";
			const admin = await world.client();
			await admin.subscribe(`${control}/response`);
			const order = async (command: object) => {
				await admin.publish(control, JSON.stringify({ commands: [command] }), { QoS: 1 });
				await world.until(() => admin.messages.length > 0, "the answer");
				assert.doesNotMatch(admin.texts.join(), /error/);
				admin.messages.length = 0;
			};
			const username = world.name("guest");
			await order({ command: "createClient", username, password: "x", roles: [{ rolename: "guest" }] });
			const guest = await world.client({ user: username, password: "x" });
			const keeper = world.session({ user: username, password: "x" });
			await keeper.start();
			await order({ command: "deleteClient", username });
			await world.until(() => guest.ended && !keeper.session.connected, "the end");
			assert.equal(guest.error?.code, "disconnected");
			assert.equal(guest.error?.reasonCode, 0x98);
			assert.match(guest.error!.message, /administrative action/);
			assert.equal(guest.control.at(-1)!.operation, MQTTClient.DISCONNECT);
			assert.match(keeper.disconnects[0]!, /administrative action/);
		});

		world.test(
			"an authentication method that the broker does not know is refused, and the reason is said",
			async () => {
				await assert.rejects(world.client({ properties: { authenticationMethod: "riddle" } }), (error) => {
					assert.ok(error instanceof MQTTError);
					assert.equal(error.code, "refused");
					assert.equal(error.reasonCode, 0x8c);
					assert.match(error.message, /bad authentication method/);
					return true;
				});
			},
		);

		world.test(
			"reason codes: nobody subscribed (said at QoS 1), nothing unsubscribed, another user's password",
			async () => {
				const topic = world.name();
				const peer = await world.client();
				for (const QoS of [1, 2]) {
					const answer = await peer.publish(topic, "1", { QoS });
					const codes = peer.control.filter(({ id }) => id === answer!.id).map(({ reasonCode }) => reasonCode);
					assert.deepEqual(codes, QoS === 1 ? [0x10] : [0, 0], "no matching subscribers");
				}
				await peer.subscribe(topic);
				assert.equal((await peer.publish(topic, "2", { QoS: 1 }))!.reasonCode, 0);
				const { payload } = await peer.ask(MQTTClient.UNSUBSCRIBE, [{ topic }, { topic: `${topic}/never` }]);
				assert.deepEqual(payload, [0, 0x11], "no subscription existed");
				await assert.rejects(world.client({ user: user.name, password: "moth" }), /not authorized/);
			},
		);

		world.test(
			"user properties, content type, response topic and correlation data arrive as they were, at each QoS",
			async () => {
				const topic = world.name();
				const listener = await world.client();
				await listener.subscribe({ topic, QoS: 2 });
				const publisher = await world.client();
				const properties = {
					payloadFormatIndicator: true,
					contentType: "application/json; charset=é",
					responseTopic: `${topic}/答え`,
					correlationData: Uint8Array.from([0, 255, 1, 128]),
					userProperties: [
						["b", "2"],
						["a", "1"],
						["b", "3"],
						["", ""],
						["ç", "☀"],
					] as [string, string][],
				};
				for (const QoS of [0, 1, 2]) {
					await publisher.publish(topic, "{}", { QoS, properties });
					await world.until(() => listener.messages.length > 0, `QoS ${QoS}`);
					const [message] = listener.messages.splice(0);
					const { correlationData, ...rest } = message!.properties!;
					const { correlationData: sent, ...expected } = properties;
					assert.deepEqual({ ...rest }, expected);
					assert.deepEqual([...(correlationData as Uint8Array)], [...sent]);
				}
				await publisher.publish(topic, "{}", { QoS: 1, retain: true, properties });
				const late = await world.client();
				await late.subscribe(topic);
				await world.until(() => late.messages.length > 0, "the retained one");
				assert.deepEqual(late.messages[0]!.properties!.userProperties, properties.userProperties);
				await publisher.publish(topic, "", { QoS: 1, retain: true });
			},
		);

		world.test("a request is answered on its response topic, with its correlation data", async () => {
			const topic = world.name();
			const server = await world.client();
			await server.subscribe(topic);
			const client = await world.client();
			await client.subscribe(`${topic}/answer`);
			await client.publish(topic, "2+2", {
				QoS: 1,
				properties: { responseTopic: `${topic}/answer`, correlationData: Buffer.from("7") },
			});
			await world.until(() => server.messages.length > 0, "the request");
			const { responseTopic, correlationData } = server.messages[0]!.properties!;
			await server.publish(responseTopic!, "4", { QoS: 1, properties: { correlationData: correlationData! } });
			await world.until(() => client.messages.length > 0, "the answer");
			assert.equal(text(client.messages[0]!.properties!.correlationData), "7");
		});

		world.test("topic aliases: a topic is sent once, then as a number, and the broker knows it", async () => {
			const topics = ["a", "b", "c"].map((letter) => world.name(letter).padEnd(120, letter));
			const listener = await world.client({ properties: { topicAliasMaximum: 5 } });
			await listener.subscribe(...topics);
			const publisher = await world.client({ topicAliases: 2 });
			const sizes: number[] = [];
			for (const QoS of [0, 1])
				for (const topic of [...topics, ...topics]) {
					const before = publisher.bytesWritten;
					await publisher.publish(topic, `${QoS}`, { QoS });
					sizes.push(publisher.bytesWritten - before);
				}
			await world.until(() => listener.messages.length === sizes.length, "all of them");
			assert.deepEqual(
				listener.messages.map(({ topic }) => topic),
				[...topics, ...topics, ...topics, ...topics],
			);
			assert.ok(
				sizes.slice(3, 5).every((size) => size < 20),
				`${sizes}`,
			);
			assert.ok(sizes[5]! > 120, "a third topic has no number");
		});

		world.test(
			"receive maximum: the client sends no more at once than the broker takes; the broker no more than the client",
			async () => {
				const topic = world.name();
				const listener = await world.client({ properties: { receiveMaximum: 1 } });
				await listener.subscribe({ topic, QoS: 2 });
				const keeper = world.session({ window: 100, queue: { messages: 300 } });
				await keeper.start();
				const texts = Array.from({ length: 200 }, (_, index) => `${index}`);
				for (const one of texts) keeper.publish(topic, one, { QoS: 2 });
				await keeper.idle();
				await world.until(() => listener.messages.length === 200, "all of them");
				assert.deepEqual(listener.texts, texts);
				assert.deepEqual(keeper.disconnects, []);
			},
		);

		world.test(
			"maximum packet size: what is larger than the client takes is not sent to it, what follows is",
			async () => {
				const topic = world.name();
				const listener = await world.client({ properties: { maximumPacketSize: 1000 } });
				await listener.subscribe({ topic, QoS: 1 });
				const publisher = await world.client();
				for (const size of [900, 1100, 0]) await publisher.publish(topic, "x".repeat(size), { QoS: 1 });
				await world.until(() => listener.messages.some(({ payload }) => payload.length === 0), "the last");
				assert.deepEqual(
					listener.messages.map(({ payload }) => payload.length),
					[900, 0],
				);
			},
		);

		world.test("a session refuses a message larger than the broker takes, by name, and goes on", async () => {
			const topic = world.name();
			const keeper = world.session({ queue: { bytes: limit * 2 } });
			await keeper.start();
			const large = new Uint8Array(limit);
			assert.throws(() => keeper.session.publish(topic, large, { QoS: 1 }), /too-large|takes 2000000/);
			keeper.publish(topic, "next");
			await keeper.idle();
			assert.equal(keeper.fates.get("next"), "delivered");
		});
	});
}
