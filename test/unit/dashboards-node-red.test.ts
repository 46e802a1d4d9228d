import assert from "node:assert/strict";
import { describe, it } from "node:test";
import vm from "node:vm";
import { nodeRedFlow } from "../../dashboards/flow/node-red";
import type { FlowNode } from "../../dashboards/flow/tab";
import { viewOf } from "../../dashboards/view";
import type { NodeDescription } from "../../modules/description/description";
import { validate } from "../../modules/description/validate";
import { bare, greenhouse, OTHERS_NAMES } from "../support/greenhouse";

const flowOf = (node: NodeDescription, options = {}) => nodeRedFlow(viewOf(node, options));
const flow = flowOf(greenhouse as NodeDescription);
const all = (type: string, of = flow) => of.filter((one) => one.type === type);
const one = (type: string, properties: object, of = flow): FlowNode => {
	const found = all(type, of).filter((node) => Object.entries(properties).every(([key, value]) => node[key] === value));
	assert.equal(found.length, 1, `${type} ${JSON.stringify(properties)}`);
	return found[0]!;
};
const wiresOf = (node: FlowNode) => node["wires"] as string[][];

/** What a function node gives for a message. */
function call(node: FlowNode, msg: object, environment: Record<string, string> = {}): unknown {
	const env = { get: (name: string) => environment[name] };
	const status: unknown[] = [];
	const api = { status: (value: unknown) => status.push(value) };
	const result = vm.runInNewContext(`(function (msg, env, node) {${node["func"]}\n})`)(msg, env, api);
	return JSON.parse(JSON.stringify(result ?? status.at(-1)));
}

describe("the flow for Node-RED", () => {
	it("is made of nodes with ids of their own, which wires and widgets know", () => {
		assert.deepEqual(validate(greenhouse), []);
		for (const nodes of [flow, flowOf(bare as NodeDescription)]) {
			const ids = new Set(nodes.map(({ id }) => id));
			assert.equal(ids.size, nodes.length);
			for (const node of nodes) {
				assert.match(node.id, /^[0-9a-f]{16}$/);
				for (const key of ["z", "group", "page", "ui", "theme", "broker"])
					if (node[key] !== undefined && !(key === "broker" && node.type === "mqtt-broker"))
						assert.ok(ids.has(String(node[key])), `${node.type} ${node["name"]}: ${key}`);
				for (const target of (wiresOf(node) ?? []).flat()) assert.ok(ids.has(target), `${node.type} ${node["name"]}`);
			}
		}
	});

	it("has widgets for each kind of light, for relays, channels in their units, buttons and commands", () => {
		assert.deepEqual(
			all("ui-switch").map(({ label }) => label),
			["Aviso", "Lâmpada", "fita", 'Bomba "A"', "porta"],
		);
		assert.deepEqual(
			all("ui-slider").map(({ label }) => label),
			["Lâmpada: brightness, %", "fita: brightness, %"],
		);
		assert.deepEqual(
			all("ui-text-input").map(({ label }) => label),
			["fita: colour"],
		);
		assert.deepEqual(
			all("ui-dropdown").map(({ options }) => (options as { value: string }[]).map(({ value }) => value).join()),
			["none,blink", "none,blink,pulse,fade", "none,blink,pulse,fade"],
		);
		assert.deepEqual(
			all("ui-gauge").map(({ title, units, min, max }) => [title, units, min, max]),
			[
				["Calor", "°F", 14, 122],
				["pressao", "hPa", 950, 1050],
				["luz", "klx", 0, 1],
			],
		);
		assert.deepEqual(
			all("ui-chart").map(({ label }) => label),
			["vivo, h", "Calor, °F", "pressao, hPa", "luz, klx"],
		);
		assert.deepEqual(
			all("ui-button").map(({ label }) => label),
			["report", "identify", "restart"],
		);
		assert.deepEqual(
			all("ui-text").map(({ label }) => label),
			["Status", "Log", "Campainha", "vivo, h"],
		);
		assert.doesNotMatch(JSON.stringify(flow), OTHERS_NAMES);
	});

	it("sends orders at QoS 1 and never retained, and hears each topic once", () => {
		const sent = all("mqtt out");
		assert.deepEqual(sent.map(({ topic }) => topic).sort(), [
			"casa/quintal/estufa-3/command/identify",
			"casa/quintal/estufa-3/command/report",
			"casa/quintal/estufa-3/command/restart",
			"casa/quintal/estufa-3/led/aviso/set",
			"casa/quintal/estufa-3/led/fita/set",
			"casa/quintal/estufa-3/led/lampada/set",
			"casa/quintal/estufa-3/relay/bomba/set",
			"casa/quintal/estufa-3/relay/porta/set",
		]);
		for (const { qos, retain } of sent) assert.deepEqual([qos, retain], ["1", "false"]);
		const heard = all("mqtt in").map(({ topic }) => topic);
		assert.equal(new Set(heard).size, heard.length);
		assert.equal(heard.length, 2 + 1 + 3 + 2 + 4);
	});

	it("shows a light's state in its widgets, and makes orders of them", () => {
		const shows = wiresOf(one("mqtt in", { topic: "casa/quintal/estufa-3/led/fita" })).flat();
		const show = flow.find(({ id }) => id === shows[0])!;
		const payload = {
			state: "ON",
			brightness: 128,
			color_mode: "rgb",
			color: { r: 255, g: 10, b: 0 },
			effect: "pulse",
		};
		assert.deepEqual(call(show, { payload, retain: true }), [
			{ payload: "ON" },
			{ payload: 50 },
			{ payload: "#ff0a00" },
			{ payload: "pulse" },
		]);
		assert.deepEqual((call(show, { payload: { ...payload, state: "OFF" } }) as unknown[])[1], { payload: 0 });
		assert.equal(wiresOf(show).length, 4);
		assert.deepEqual(call(one("function", { name: "colour" }), { payload: "#ff8001" }), {
			payload: { color: { r: 255, g: 128, b: 1 } },
		});
	});

	it("calls IFTTT with the key of the environment, or another webhook, or none", () => {
		const webhook = one("function", { name: "webhook" });
		const asked = (environment: Record<string, string>) =>
			call(webhook, { payload: "offline" }, environment) as Record<string, unknown>;
		assert.equal(asked({ IFTTT_KEY: "k3y" })["url"], "https://maker.ifttt.com/trigger/vagalume_offline/with/key/k3y");
		assert.equal(asked({ IFTTT_KEY: "k3y", VAGALUME_WEBHOOK: "https://example" })["url"], "https://example");
		assert.deepEqual(asked({ IFTTT_KEY: "k3y" })["payload"] instanceof Object, true);
		assert.match(String(asked({})["text"]), /neither IFTTT_KEY nor VAGALUME_WEBHOOK is set/);
	});

	it("goes to the broker by TLS or WebSocket as its URL says, without user and password", () => {
		const broker = (url?: string) => {
			const of = flowOf(greenhouse as NodeDescription, { broker: url });
			const { broker, port, usetls, tls } = all("mqtt-broker", of)[0]!;
			assert.equal(all("tls-config", of).length, usetls ? 1 : 0);
			assert.equal(tls, all("tls-config", of)[0]?.id);
			return [broker, port, usetls];
		};
		assert.deepEqual(broker(), ["broker.example", "8883", true]);
		assert.deepEqual(broker("mqtt://[::1]:1884"), ["::1", "1884", false]);
		assert.deepEqual(broker("wss://h.example/mqtt"), ["wss://h.example:443/mqtt", "", true]);
		assert.throws(() => broker("mqtt://me:secret@h.example"), /^RangeError: mqtt:\/\/\.\.\.@ has a user or password/);
		assert.throws(() => broker("http://h.example"), /is not mqtt\(s\):\/\/host:port/);
	});

	it("of two nodes goes into one Node-RED: pages and ids differ, broker and theme are the same", () => {
		const other = flowOf(greenhouse as NodeDescription, { id: "estufa-4" });
		const shared = flow.filter(({ id }) => other.some((one) => one.id === id)).map(({ type }) => type);
		assert.deepEqual(shared.sort(), ["mqtt-broker", "tls-config", "ui-base", "ui-theme"]);
		const paths = [...all("ui-page"), ...all("ui-page", other)].map(({ path }) => path);
		assert.deepEqual(paths, ["/estufa-3", "/estufa-3-history", "/estufa-4", "/estufa-4-history"]);
	});
});
