import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import MQTTClient from "../../../modules/mqtt/client";
import type { Target } from "./target";
import { World } from "./world";

/** What MQTT 5.0 lets expire or delays. Brokers count in seconds, so one wait is for all. */
export function modernTimes(target: Target): void {
	describe("MQTT 5: times", () => {
		const world = new World(target);

		world.test(
			"sessions and messages expire when they were told to, wills wait as long as they were told to",
			async () => {
				const base = world.name("times");
				const connect = (id: string, seconds: number | undefined, extra = {}) =>
					world.client({ id: base + id, clean: false, properties: { sessionExpiryInterval: seconds }, ...extra });
				const will = (topic: string, willDelayInterval: number) => ({
					topic: `${base}/${topic}`,
					message: topic,
					QoS: 1,
					properties: { willDelayInterval, userProperties: [["from", "the grave"]] as [string, string][] },
				});
				const publisher = await world.client();
				const watcher = await world.client();
				await watcher.subscribe(`${base}/+`);

				const short = await connect("short", 1);
				await short.subscribe(`${base}-short`);
				const long = await connect("long", 600);
				await long.subscribe(`${base}-long`);
				for (const one of [short, long]) one.cut();
				const changed = await connect("changed", 600);
				await changed.disconnect(undefined, { sessionExpiryInterval: 0 });
				await publisher.publish(`${base}-long`, "brief", { QoS: 1, properties: { messageExpiryInterval: 1 } });
				await publisher.publish(`${base}-long`, "lasting", { QoS: 1, properties: { messageExpiryInterval: 100 } });
				await publisher.publish(`${base}-long`, "eternal", { QoS: 1 });
				await publisher.publish(`${base}-kept`, "1", {
					QoS: 1,
					retain: true,
					properties: { messageExpiryInterval: 1 },
				});

				const cuts = performance.now();
				const [dead, revived, told] = [
					await connect("dead", 600, { will: will("dead", 1) }),
					await connect("revived", 600, { will: will("revived", 1) }),
					await connect("told", 600, { will: will("told", 0) }),
				];
				for (const one of [dead, revived]) one.cut();
				await told.disconnect(0x04);
				await connect("revived", 600);
				await world.until(() => watcher.messages.length > 0, "the will that was asked for");
				assert.deepEqual(watcher.texts, ["told"], "DISCONNECT with will, and no other yet");
				await world.until(() => watcher.texts.includes("dead"), "the will that waits a second");
				const delay = performance.now() - cuts;
				assert.ok(delay > 900, `${delay} ms`);
				assert.deepEqual(watcher.messages[1]!.properties!.userProperties, [["from", "the grave"]]);

				await sleep(Math.max(0, 2_600 - (performance.now() - cuts)));
				assert.deepEqual(watcher.texts, ["told", "dead"], "who came back has no will");
				assert.equal((await connect("short", 1)).welcome.sessionPresent, false);
				assert.equal((await connect("changed", 600)).welcome.sessionPresent, false, "DISCONNECT changed it to 0");
				const back = await connect("long", 0);
				assert.equal(back.welcome.sessionPresent, true);
				await world.until(() => back.messages.length >= 2, "what did not expire");
				assert.deepEqual(back.texts, ["lasting", "eternal"]);
				const rest = back.messages[0]!.properties!.messageExpiryInterval!;
				assert.ok(rest >= 90 && rest < 100, `${rest} s are left`);
				const late = await world.client();
				await late.subscribe(`${base}-kept`);
				await publisher.publish(`${base}-kept`, "end", { QoS: 1 });
				await world.until(() => late.texts.includes("end"), "the end");
				assert.deepEqual(late.texts, ["end"], "the retained one expired");
			},
		);
	});
}
void MQTTClient;
