import assert from "node:assert/strict";
import { describe } from "node:test";
import MQTTClient from "../../../modules/mqtt/client";
import { MQTTError } from "../../../modules/mqtt/packet/error";
import { user } from "./broker";
import type { Target } from "./target";
import { World } from "./world";

/** Being let in, being refused, being silent, and the will. */
export function connecting(target: Target): void {
	const { traits } = target;
	const refused = (error: unknown) => {
		assert.ok(error instanceof MQTTError, String(error));
		assert.equal(error.code, "refused");
		assert.equal(error.returnCode, traits.refusal);
		assert.match(error.message, /bad user name or password|not authorized/);
		return true;
	};

	describe("connecting", () => {
		const world = new World(target);

		world.test("a client is let in, with user and password and without", async () => {
			const anonymous = await world.client();
			assert.equal(anonymous.welcome.sessionPresent, false);
			const maria = await world.client({ user: user.name, password: user.password });
			await maria.publish(world.name(), "1", { QoS: 1 });
		});

		world.test("a wrong password and an unknown user are refused, and the reason is said", async () => {
			await assert.rejects(world.client({ user: user.name, password: "moth" }), refused);
			await assert.rejects(world.client({ user: "nobody", password: user.password }), refused);
		});

		world.test("a client without an identifier is let in", async () => {
			const peer = await world.client({ id: "" });
			await peer.publish(world.name(), "1", { QoS: 1 });
		});

		if (traits.modern !== "spoken") {
			world.test(
				`a client of MQTT 5.0 is refused${traits.modern === "closed" ? " without a word" : ", and the reason is said"}`,
				async () => {
					const message = traits.modern === "closed" ? /closed before CONNACK/ : /unsupported protocol version/;
					await assert.rejects(world.client({ version: 5 }), message);
				},
			);
		}

		world.test("DISCONNECT ends the connection without an error, and without the will", async () => {
			const topic = world.name("will");
			const watcher = await world.client();
			await watcher.subscribe(topic);
			const peer = await world.client({ will: { topic, message: "offline", QoS: 1 } });
			await peer.disconnect();
			assert.equal(peer.error, undefined);
			await watcher.publish(topic, "end", { QoS: 1 });
			await world.until(() => watcher.messages.length > 0, "the end");
			assert.deepEqual(watcher.texts, ["end"]);
		});

		world.test("the will is published when the power is cut, and kept if so asked", async () => {
			const topic = `${world.name("will")}/é`;
			const watcher = await world.client();
			await watcher.subscribe({ topic, QoS: 2 });
			const peer = await world.client({ will: { topic, message: "offline ☂", QoS: 1, retain: true } });
			peer.cut();
			await world.until(() => watcher.messages.length > 0, "the will");
			const [will] = watcher.messages;
			assert.deepEqual(
				[will!.topic, will!.payload.toString(), will!.QoS, will!.retain],
				[topic, "offline ☂", 1, false],
			);
			const late = await world.client();
			await late.subscribe(topic);
			await world.until(() => late.messages.length > 0, "the retained will");
			assert.equal(late.messages[0]!.retain, true);
			await late.publish(topic, "", { retain: true, QoS: 1 });
		});

		world.test("a will without a payload is published as one without a payload", async () => {
			const topic = world.name("will");
			const watcher = await world.client();
			await watcher.subscribe(topic);
			const peer = await world.client({ will: { topic, QoS: 1 } });
			peer.cut();
			await world.until(() => watcher.messages.length > 0, "the will");
			assert.deepEqual(watcher.texts, [""]);
		});

		world.test(
			"a second client with the same identifier takes over: the first is told that its connection is lost",
			async () => {
				const topic = world.name("will");
				const watcher = await world.client();
				await watcher.subscribe(topic);
				const id = world.name("twin");
				const first = await world.client({ id, will: { topic, message: "offline", QoS: 1 } });
				const second = await world.client({ id });
				await world.until(() => first.ended, "the end of the first");
				assert.equal(first.error?.code, "lost");
				await second.publish(topic, "second", { QoS: 1 });
				await world.until(() => watcher.texts.includes("second"), "the second");
				assert.deepEqual(watcher.texts.sort(), traits.takeoverWill ? ["offline", "second"] : ["second"]);
			},
		);

		// It waits for seconds: once for each broker.
		if (target.transport !== "TCP" || target.version === 5) return;
		world.test(
			`keep-alive of 1 s: an idle client stays connected; one that falls silent is found dead by both ends, by the broker within ${traits.patience} s`,
			async () => {
				const topic = world.name("will");
				const watcher = await world.client();
				await watcher.subscribe(topic);
				const idle = await world.client({ keepAlive: 1000 });
				const silent = await world.client({ keepAlive: 1000, will: { topic, message: "offline", QoS: 1 } });
				silent.mute();
				const start = performance.now();
				await world.until(() => silent.ended, "its own end");
				assert.equal(silent.error?.code, "keep-alive");
				assert.ok(performance.now() - start < 1_900, "within 1.5 intervals, and some delay");
				await world.until(() => watcher.messages.length > 0, "the will", traits.patience * 1000 + 2_000);
				const died = performance.now() - start;
				assert.ok(died > 1_450, `declared dead after ${died.toFixed(0)} ms`);
				await world.until(
					() => idle.control.filter(({ operation }) => operation === MQTTClient.PINGRESP).length >= 2,
					"two answers",
				);
				assert.ok(idle.client.connected);
			},
		);
	});
}
