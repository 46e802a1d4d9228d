/** The generated flow in Node-RED, and a node of the simulator, with the broker that comes with it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { nodeRedFlow } from "../../dashboards/flow/node-red";
import type { FlowNode } from "../../dashboards/flow/tab";
import { viewOf } from "../../dashboards/view";
import type { NodeDescription } from "../../modules/description/description";
import node from "../../node";
import { NodeRed } from "../support/node-red";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";
import { Webhook } from "../support/webhook";

describe("Node-RED with the generated flow", () => {
	let simulator: Simulator;
	let webhook: Webhook;
	let nodeRed: NodeRed;
	let flow: FlowNode[];

	before(async () => {
		simulator = new Simulator(["--keep-alive", "2", "--id", "sala"]);
		const broker = /mqtt:\/\/\S+/.exec(await simulator.ready())![0];
		webhook = await Webhook.start();
		flow = nodeRedFlow(viewOf(node as NodeDescription, { id: "sala", broker }));
		nodeRed = await NodeRed.start(flow, { VAGALUME_WEBHOOK: webhook.url });
		await until(() => nodeRed.log.includes("Connected to broker"), 10_000, "Node-RED connects");
	});
	after(async () => {
		await nodeRed?.stop();
		await webhook?.stop();
		await simulator?.stop();
	});

	/** The node of the flow that has these properties. */
	const find = (wanted: Partial<FlowNode>) => {
		const found = flow.filter((one) => Object.entries(wanted).every(([key, value]) => one[key] === value));
		assert.equal(found.length, 1, JSON.stringify(wanted));
		return found[0]!;
	};
	const order = (topic: string) => find({ type: "mqtt out", topic: `vagalume/sala/${topic}/set` }).id;
	/** Waits until the node's last state of an output is as asked. */
	const shows = (topic: string, expected: (state: string) => boolean) =>
		until(
			() => expected(simulator.messages(`vagalume/sala/${topic}`).at(-1)?.payload ?? ""),
			5_000,
			`${topic} in ${simulator.messages(`vagalume/sala/${topic}`).at(-1)?.payload}`,
		);
	const isOn = (on: boolean) => (state: string) => JSON.parse(state).state === (on ? "ON" : "OFF");

	it("toggles a LED by a button of the flow", async () => {
		const toggle = flow.find(
			({ type, wires }) => type === "inject" && (wires as string[][])[0]![0] === order("led/onboard"),
		)!;
		await nodeRed.inject(toggle.id);
		await shows("led/onboard", isOn(true));
		await nodeRed.inject(toggle.id);
		await shows("led/onboard", isOn(false));
	});

	it("switches, dims and colours lights, and switches relays, from the dashboard", async () => {
		await nodeRed.change(find({ type: "ui-switch", label: "onboard" }).id, true);
		await shows("led/onboard", isOn(true));
		await nodeRed.change(find({ type: "ui-slider", label: "strip: brightness, %" }).id, 40);
		await shows("led/strip", (state) => JSON.parse(state).brightness === 102);
		await nodeRed.change(find({ type: "ui-text-input", label: "strip: colour" }).id, "#ff8000");
		await shows("led/strip", (state) => state.includes('"color":{"r":255,"g":128,"b":0}'));
		await nodeRed.change(find({ type: "ui-dropdown", label: "strip: effect" }).id, "pulse");
		await shows("led/strip", (state) => JSON.parse(state).effect === "pulse");
		await nodeRed.change(find({ type: "ui-switch", label: "fan" }).id, true);
		await shows("relay/fan", (state) => state === "ON");
		await nodeRed.change(find({ type: "ui-switch", label: "fan" }).id, false);
		await shows("relay/fan", (state) => state === "OFF");
	});

	it("raises an alert each time the node's power goes, once, and none when it comes", async () => {
		assert.deepEqual(webhook.calls, []);
		for (const count of [1, 2]) {
			simulator.say("power off");
			await until(() => webhook.calls.length >= count, 10_000, "the webhook is called");
			const { method, body }: Webhook["calls"][number] = webhook.calls.at(-1)!;
			assert.equal(method, "POST");
			assert.equal(body["value1"], "Vagalume");
			assert.equal(body["value2"], "offline");
			assert.ok(Math.abs(Date.now() - Date.parse(String(body["value3"]))) < 10_000, String(body["value3"]));
			const alerts = () => nodeRed.log.match(/\[debug:alert: Vagalume\][^[]*offline/g)?.length;
			await until(() => alerts() === count, 5_000, "the alert in Node-RED's log");
			simulator.say("power on");
			await until(
				() =>
					simulator.messages("vagalume/sala/status").filter(({ payload }) => payload === "online").length === count + 1,
				10_000,
				"online",
			);
		}
		assert.equal(webhook.calls.length, 2);
	});

	it("logs no error of a node of the flow", () => {
		assert.deepEqual(nodeRed.log.match(/^.*\[(error|warn)\] \[.*$/gm) ?? [], []);
	});
});
