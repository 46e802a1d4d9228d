import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import mqtt from "mqtt";
import { connectOnce } from "../../tools/broker/running";
import { withoutMosquitto } from "../support/mosquitto";
import { OwnBroker, refusal } from "../support/own-broker";
import { until } from "../support/until";

describe("floods", { skip: withoutMosquitto }, () => {
	const broker = new OwnBroker();
	before(async () => {
		broker.do("init", "--host", "broker.example");
		broker.do("add-user", "fone");
		broker.do("add-user", "dona", "--role", "owner");
		await broker.start("--max-connections", "5");
	});
	after(() => broker.remove());

	test("connections above the limit are refused, and those that are there stay", async () => {
		const first = await broker.observe("fone", "vagalume/sala/command/still");
		const entered = [];
		for (let number = 0; number < 8; number++) {
			const one = await connectOnce(broker.url, broker.as("fone", { clientId: `f${number}` })).catch(() => undefined);
			if (one) entered.push(one);
		}
		assert.equal(entered.length, 4);
		await first.publish("vagalume/sala/command/still", "here");
		await first.sees("vagalume/sala/command/still", "here");
		await Promise.all([first.end(), ...entered.map((client) => client.endAsync(true))]);
	});

	test("a packet above the limit ends its sender's connection, not the broker", async () => {
		const client = await connectOnce(broker.url, broker.as("fone"));
		const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
		client.publish("vagalume/sala/command/ping", Buffer.alloc(70_000), { qos: 1 }, () => {});
		await closed;
		const observer = await broker.observe("dona");
		await observer.publish("vagalume/sala/command/ping", "x".repeat(60_000));
		await observer.sees("vagalume/sala/command/ping", /^x{60000}$/);
		await observer.end();
	});

	test("a message above the limit comes through over WebSocket no more than over TCP", async () => {
		const observer = await broker.observe("dona");
		const client = await connectOnce(`wss://localhost:${broker.webSocketPort}`, broker.as("fone"));
		client.publish("vagalume/sala/command/large", Buffer.alloc(70_000), { qos: 0 }, () => {});
		client.publish("vagalume/sala/command/large", "small", { qos: 0 }, () => {});
		const next = await connectOnce(`wss://localhost:${broker.webSocketPort}`, broker.as("fone"));
		await next.publishAsync("vagalume/sala/command/large", "next", { qos: 1 });
		await observer.sees("vagalume/sala/command/large", "next");
		assert.ok(observer.of("vagalume/sala/command/large").every(({ length }) => length < 6));
		await Promise.all([observer.end(), client.endAsync(true), next.endAsync(true)]);
	});

	test("a flood fills no more than the queue of a session that is away", async () => {
		const away = { clientId: "away", clean: false };
		const session = await broker.observe("dona", "vagalume/sala/command/flood", away);
		await session.end();
		const phone = await connectOnce(broker.url, broker.as("fone"));
		const flood = Array.from({ length: 2_500 }, (_, number) =>
			phone.publishAsync("vagalume/sala/command/flood", String(number), { qos: 1 }),
		);
		await Promise.all(flood);
		const back = mqtt.connect(broker.url, broker.as("dona", away));
		const came: string[] = [];
		back.on("message", (_, payload) => came.push(payload.toString()));
		await until(() => came.length >= 1_000, 10_000, "what waited");
		await phone.publishAsync("vagalume/sala/command/flood", "end", { qos: 1 });
		await until(() => came.includes("end"), 5_000, "the end");
		assert.ok(came.length <= 1_021, `${came.length} messages: those that waited, and those in flight`);
		await back.endAsync(true);
		await (await connectOnce(broker.url, broker.as("dona", { clientId: "away", clean: true }))).endAsync();
		await phone.endAsync();
	});

	test("refused logins, which mosquitto 2.0.11 counts wrongly, do not lift the limit for ever", async () => {
		const first = await broker.observe("fone", "vagalume/sala/command/still");
		let lost = 0;
		first.client.on("close", () => lost++);
		for (let number = 0; number < 90; number++) await refusal(broker.url, broker.as("fone", { password: "firefly" }));
		const entered = [];
		for (let number = 0; number < 90; number++) {
			const one = await connectOnce(broker.url, broker.as("fone", { clientId: `f${number}` })).catch(() => undefined);
			if (one) entered.push(one);
		}
		assert.ok(entered.length < 79, `${entered.length} of 90`);
		await first.publish("vagalume/sala/command/still", "here");
		await first.sees("vagalume/sala/command/still", "here");
		assert.equal(lost, 0);
		await Promise.all([first.end(), ...entered.map((client) => client.endAsync(true))]);
		await until(async () => (await refusal(broker.url, broker.as("fone"))) === "let in", 5_000, "room again");
	});
});
