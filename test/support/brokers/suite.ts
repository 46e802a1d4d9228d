import { describe } from "node:test";
import { connecting } from "./connecting";
import { limits } from "./limits";
import { messages } from "./messages";
import { modern } from "./modern";
import { modernSubscriptions } from "./modern-subscriptions";
import { modernTimes } from "./modern-times";
import { node } from "./node";
import { restarts } from "./restarts";
import { sessions } from "./sessions";
import { subscriptions } from "./subscriptions";
import type { Target } from "./target";
import { trouble } from "./trouble";

/** The tests that every broker has to pass, at what it can do. */
export function suite(target: Target): void {
	const version = target.version === 5 ? "5.0" : "3.1.1";
	describe(`${target.traits.name}, MQTT ${version}, ${target.transport}`, () => {
		// Over WebSocket, where mosquitto takes 0.1 to 0.2 s for each connection, what depends on the transport.
		const short = target.transport === "WebSocket";
		connecting(target);
		messages(target);
		if (!short || target.version === 4) limits(target);
		if (!short || target.version === 4) sessions(target);
		if (!short) subscriptions(target);
		if (!short) trouble(target);
		if (target.version === 5) modern(target);
		if (target.version === 5 && !short) modernSubscriptions(target);
		// What waits for seconds, or for the broker or the simulator to start, once for each broker.
		if (target.transport !== "TCP") return;
		if (target.version === 5) modernTimes(target);
		restarts(target);
		node(target);
	});
}
