import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dashboardFiles } from "../../dashboards/generate";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { type AsyncApi, MessageJudge, problemsOfDocument } from "../support/asyncapi";
import { bare, greenhouse, OTHERS_NAMES } from "../support/greenhouse";
import { VirtualSimulation } from "../support/virtual-simulation";

const documentOf = (node: NodeDescription, options = {}): AsyncApi =>
	JSON.parse(dashboardFiles(node, options).get("asyncapi.json")!);
const document = documentOf(greenhouse as NodeDescription);

describe("the AsyncAPI document", () => {
	it("is what AsyncAPI 3.0.0 asks for, whatever the node has", () => {
		for (const one of [node, greenhouse, bare])
			assert.deepEqual(problemsOfDocument(documentOf(one as NodeDescription)), []);
		assert.notDeepEqual(problemsOfDocument({ ...document, servers: { broker: { host: "h" } } }), []);
		const { status: _, ...channels } = document.channels;
		assert.deepEqual(problemsOfDocument({ ...document, channels }), [
			"/operations/status/channel: #/channels/status is not there",
		]);
	});

	it("has each topic once, with the node's own names, base and broker", () => {
		const addresses = Object.values(document.channels).map(({ address }) => address);
		assert.equal(new Set(addresses).size, addresses.length);
		assert.deepEqual(Object.keys(document.operations), Object.keys(document.channels));
		for (const topic of ["led/aviso/set", "relay/bomba", "telemetry/pressao", "button/campainha", "command/identify"])
			assert.ok(addresses.includes(`casa/quintal/estufa-3/${topic}`), topic);
		assert.ok(addresses.includes("casa/quintal/all/led/fita/set"));
		assert.doesNotMatch(JSON.stringify(document), OTHERS_NAMES);
		assert.equal(document.info.title, "Estufa, Quintal");
		assert.deepEqual(
			[document.servers["broker"]!["host"], document.servers["broker"]!["protocol"]],
			["broker.example:8883", "secure-mqtt"],
		);
		const socket = documentOf(bare as NodeDescription, { broker: "wss://h.example/mqtt", id: "n2" });
		assert.equal(socket.servers["broker"]!["pathname"], "/mqtt");
		assert.ok(!Object.keys(socket.channels).some((key) => /identify|home-assistant/.test(key)));
	});

	it("tells what orders each kind of light takes", () => {
		const judge = new MessageJudge(document);
		const takes = (light: string, payload: string) =>
			judge.problemOf(`casa/quintal/estufa-3/led/${light}/set`, payload) === undefined;
		for (const light of ["aviso", "lampada", "fita"])
			for (const payload of ["ON", "TOGGLE", "50", '{"effect":"blink","transition":2,"flash":"short"}'])
				assert.ok(takes(light, payload), `${light} ${payload}`);
		for (const payload of ["on", "101", "{}", '{"brightness":300}', '{"state":"ON","x":1}', '{"effect":"rainbow"}'])
			assert.ok(!takes("fita", payload), payload);
		assert.deepEqual(
			["aviso", "lampada", "fita"].map((light) => takes(light, '{"brightness":1}')),
			[false, true, true],
		);
		assert.deepEqual(
			["aviso", "lampada", "fita"].map((light) => takes(light, '{"color":{"r":1,"g":2,"b":3}}')),
			[false, false, true],
		);
		assert.deepEqual(
			["aviso", "lampada", "fita"].map((light) => takes(light, '{"effect":"fade"}')),
			[false, true, true],
		);
	});

	it("is kept by the node: what it sends has a channel there, with that payload, QoS and retain flag", async (t) => {
		const world = await VirtualSimulation.start(t);
		const spoken = documentOf(node as NodeDescription, { id: "sala" });
		const judge = new MessageJudge(spoken);
		await world.run(5);
		const orders: [string, string][] = [
			["led/onboard/set", "TOGGLE"],
			["led/onboard/set", "40"],
			["led/strip/set", '{"state":"ON","brightness":128,"color":{"r":255,"g":160,"b":0},"effect":"pulse"}'],
			["relay/fan/set", "ON"],
			["command/report", '{"id":"a1"}'],
			["command/identify", '{"light":"strip","seconds":1}'],
			["command/interval", '{"id":7,"seconds":30}'],
			["command/interval", "{}"],
			["command/ping", "{}"],
			["command/discovery", "{}"],
			["command/restart", "{}"],
		];
		for (const [topic, payload] of orders) {
			assert.equal(judge.problemOf(`vagalume/sala/${topic}`, payload), undefined);
			world.order(`vagalume/sala/${topic}`, payload);
			await world.run(1);
		}
		world.order("vagalume/sala/command/interval", '{"seconds":0}');
		world.node.workbench.press("boot", 1500);
		await world.run(20);
		const sent = world.output.messages.filter(({ direction }) => direction === "out");
		const keys = new Set<string>();
		for (const { topic, payload, qos, retain } of sent) {
			assert.equal(judge.problemOf(topic, payload.toString()), undefined);
			const key = judge.keyOf(topic)!;
			const { action, bindings } = spoken.operations[key]!;
			assert.equal(action, "send");
			assert.deepEqual([key, qos, retain], [key, bindings.mqtt.qos, bindings.mqtt.retain]);
			keys.add(key);
		}
		const silent = Object.entries(spoken.operations)
			.filter(([key, { action }]) => action === "send" && !keys.has(key))
			.map(([key]) => key);
		// No release key is trusted here.
		assert.deepEqual(silent, ["update", "update-request"]);
	});
});
