/** The same firmware and the same contract under the Moddable SDK. Skipped, by name, where there is none. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runContract } from "../../tools/moddable/contract";
import { root } from "../../tools/root";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { freePort } from "../support/free-port";
import { buildForTest, ModdableNode, withoutModdable } from "../support/moddable";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { until } from "../support/until";

/** A first build compiles the engine, too. */
const BUILD = { timeout: 900_000 };

describe("the contract under Moddable", { skip: withoutModdable }, () => {
	test("all of it holds, nothing is skipped", BUILD, async () => {
		const program = await buildForTest(join(root, "test", "moddable", "manifest.json"));
		const { lines, passed, failed, skipped } = await runContract({ ...program, onLine() {} });
		const failures = lines.filter((line, index) => /^not ok/.test(line) || /^not ok/.test(lines[index - 1] ?? ""));
		assert.equal(failed, 0, failures.join("\n"));
		assert.equal(skipped, 0, lines.filter((line) => line.startsWith("skip ")).join("\n"));
		assert.ok(passed > 150, `only ${passed} tests ran`);
	});
});

describe("an instrumented build under Moddable", { skip: withoutModdable || withoutMosquitto }, () => {
	test("has the values of the command line, and counts its stack", BUILD, async () => {
		const broker = await Mosquitto.start();
		const observer = await Observer.connect(broker.url);
		const config = ["id=varanda", `broker=${broker.url}`, "keepAlive=7"];
		const program = await buildForTest(undefined, { kind: "instrumented", config });
		const node = new ModdableNode(program, {});
		try {
			node.start();
			await observer.sees("vagalume/varanda/status", "online", 15_000);
			await until(() => / as varanda .*k7/.test(broker.log), 5_000, "the keep-alive of 7 s in the broker's log");
			node.order("memory");
			const line = await node.says(/; stack \d+ slots deep$/);
			const depth = Number(/(\d+) slots deep/.exec(line)![1]);
			assert.ok(depth > 200 && depth < 1_024, line);
		} finally {
			await node.remove();
			await observer.end();
			await broker.remove();
		}
	});
});

describe("the node under Moddable", { skip: withoutModdable || withoutMosquitto }, () => {
	const base = "vagalume/sala";
	let program: Awaited<ReturnType<typeof buildForTest>>;
	let broker: Mosquitto;
	let observer: Observer;
	let node: ModdableNode;

	before(async () => {
		program = await buildForTest();
		broker = await Mosquitto.start();
		observer = await Observer.connect(broker.url);
		node = new ModdableNode(program, { id: "sala", broker: broker.url });
		node.start();
	}, BUILD);
	after(async () => {
		await node?.remove();
		await observer?.end();
		await broker?.remove();
	});

	test("says online and what it is", async () => {
		await observer.sees(`${base}/status`, "online", 15_000);
		const info = JSON.parse(await observer.sees(`${base}/info`, /^\{/));
		assert.match(info.host, /^Moddable SDK, XS 1\d\./);
		assert.equal(info.bootCount, 1);
		assert.equal(info.resetReason, "power-on");
	});

	test("reports a record with all channels, and the right time", async () => {
		await until(
			() => observer.of(`${base}/telemetry`).some((record) => JSON.parse(record).time !== null),
			15_000,
			"a record with a time",
		);
		const record = JSON.parse(observer.last(`${base}/telemetry`)!);
		assert.ok(Math.abs(Date.parse(record.time) - Date.now()) < 15_000, record.time);
		for (const channel of ["temperature", "humidity", "illuminance", "rssi", "heap", "uptime"])
			assert.equal(typeof record[channel], "number", channel);
	});

	test("its world obeys the orders of the simulator", async () => {
		node.order("set temperature 31");
		await observer.publish(`${base}/command/report`, "");
		await observer.sees(`${base}/telemetry`, (record) => JSON.parse(record).temperature === 31);
		node.order("unplug climate");
		await observer.publish(`${base}/command/report`, "");
		await observer.sees(`${base}/telemetry`, (record) => JSON.parse(record).temperature === null);
		node.order("plug climate");
		await observer.publish(`${base}/command/report`, "");
		const back = observer.seen.length;
		await until(
			() => observer.seen.slice(back).some(({ payload }) => /"temperature":31/.test(payload)),
			15_000,
			"the temperature again",
		);
		node.order("dance");
		await node.says(/"dance" is not an order/);
	});

	test("lights and relays obey, at the broker and on the board", async () => {
		const led = observer.next(`${base}/led/onboard`);
		await observer.publish(`${base}/led/onboard/set`, '{"state":"ON","brightness":128}');
		assert.equal(JSON.parse((await led).payload).brightness, 128);
		const fan = observer.next(`${base}/relay/fan`);
		await observer.publish(`${base}/relay/fan/set`, "TOGGLE");
		assert.equal((await fan).payload, "ON");
		node.order("show");
		await node.says(/^led\/onboard: \{"pin":2,"brightness":0\.5/);
		await node.says(/^relay\/fan: \{"pin":26,"on":true\}/);
	});

	test("a button that is pressed toggles its light and tells of it", async () => {
		const event = observer.next(`${base}/button/boot`);
		const led = observer.next(`${base}/led/onboard`);
		node.order("press boot");
		assert.equal(JSON.parse((await event).payload).event_type, "press");
		assert.equal(JSON.parse((await led).payload).state, "OFF");
	});

	test("rubbish gets an error and changes nothing", async () => {
		const error = observer.next(`${base}/log`, 5_000, (line) => /onboard/.test(line));
		await observer.publish(`${base}/led/onboard/set`, "on fire");
		await error;
		const unknown = observer.next(`${base}/response/dance`);
		await observer.publish(`${base}/command/dance`, '{"id":1}');
		assert.equal(JSON.parse((await unknown).payload).ok, false);
	});

	test("orders at QoS 0, 1 and 2 arrive, each once", async () => {
		for (const qos of [0, 1, 2] as const) {
			const before = observer.of(`${base}/response/ping`).length;
			for (let count = 0; count < 20; count++)
				await observer.publish(`${base}/command/ping`, JSON.stringify({ id: `${qos}-${count}` }), { qos });
			const answers = () => observer.of(`${base}/response/ping`).slice(before);
			await until(() => answers().length >= 20, 15_000, `20 answers at QoS ${qos}`);
			const ids = answers().map((answer) => JSON.parse(answer).id);
			assert.deepEqual(
				ids,
				Array.from({ length: 20 }, (_, count) => `${qos}-${count}`),
			);
		}
	});

	test("an order of 500 bytes is obeyed; a message that is too large is skipped and said so", async () => {
		const led = observer.next(`${base}/led/onboard`, 10_000);
		await observer.publish(`${base}/led/onboard/set`, `{"state":"ON",${" ".repeat(470)}"brightness":77}`);
		assert.equal(JSON.parse((await led).payload).brightness, 77);
		const error = observer.next(`${base}/log`, 10_000, (line) => /bytes/.test(line));
		await observer.publish(`${base}/command/ping`, "y".repeat(20_000));
		await error;
		const after = observer.next(`${base}/response/ping`, 10_000, (payload) => /"after"/.test(payload));
		await observer.publish(`${base}/command/ping`, '{"id":"after"}');
		await after;
	});

	test("the broker goes and comes back: what was measured meanwhile is delivered, in order", async () => {
		await observer.publish(`${base}/command/interval`, '{"seconds":1}');
		await observer.next(`${base}/telemetry`, 5_000);
		const before = JSON.parse(observer.last(`${base}/telemetry`)!).seq;
		await broker.stop();
		await node.says(/MQTT: not connected|MQTT: .*(lost|closed)/, 15_000);
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		await broker.start();
		await until(() => observer.last(`${base}/status`) === "online", 30_000, "online again");
		const sequence = () => observer.of(`${base}/telemetry`).map((record) => JSON.parse(record).seq as number);
		await until(() => Math.max(...sequence()) > before + 5, 30_000, "records again");
		const numbers = [...new Set(sequence())].sort((a, b) => a - b);
		const from = numbers.indexOf(before);
		for (let index = from + 1; index < numbers.length; index++)
			assert.equal(numbers[index], numbers[index - 1]! + 1, `after ${numbers[index - 1]}`);
		await observer.publish(`${base}/command/interval`, '{"seconds":10}');
	});

	test("the Wi-Fi goes and comes back", async () => {
		node.order("wifi down");
		await node.says(/Wi-Fi: connection lost/, 15_000);
		node.order("wifi up");
		const answer = observer.next(`${base}/response/ping`, 60_000, (payload) => /"air"/.test(payload));
		await observer.publish(`${base}/command/ping`, '{"id":"air"}');
		await answer;
	});

	test("restart: offline in order, back with its reason, and the world is as it was", async () => {
		const offline = observer.next(`${base}/status`, 10_000, (payload) => payload === "offline");
		const info = observer.next(`${base}/info`, 30_000);
		await observer.publish(`${base}/command/restart`, '{"id":"r"}');
		await offline;
		const { bootCount, resetReason } = JSON.parse((await info).payload);
		assert.deepEqual([bootCount, resetReason], [2, "software"]);
		const record = observer.next(`${base}/telemetry`, 15_000);
		await observer.publish(`${base}/command/report`, "");
		assert.equal(JSON.parse((await record).payload).temperature, 31);
	});

	test("SIGTERM: the node says offline itself, and the exit status is 0", async () => {
		const offline = observer.next(`${base}/status`, 5_000, (payload) => payload === "offline");
		assert.equal(await node.stop(), 0);
		await offline;
		assert.match(broker.log.split("\n").slice(-30).join("\n"), /Received DISCONNECT from sala/);
	});

	test("the power goes: mosquitto publishes the will, and what is kept in flash survives", async () => {
		node.start();
		await until(() => observer.last(`${base}/status`) === "online", 15_000, "online");
		const offline = observer.next(`${base}/status`, 10_000, (payload) => payload === "offline");
		await node.cut();
		await offline;
		node.start();
		const info = observer.next(`${base}/info`, 15_000);
		assert.equal(JSON.parse((await info).payload).bootCount, 4);
	});
});

describe("the node under Moddable, over TLS", { skip: withoutModdable || withoutMosquitto || withoutOpenssl }, () => {
	const base = "vagalume/sala";
	const folder = mkdtempSync(join(tmpdir(), "vagalume-moddable-tls-"));
	const ca = () => certificate("rsa-authority.pem");
	let plain: number;
	let secure: number;
	let program: Awaited<ReturnType<typeof buildForTest>>;
	let broker: Mosquitto;
	let observer: Observer;

	/** Lines for a broker with these certificates, its own first, and the key of that. */
	const listener = (...names: string[]) => {
		const chain = join(folder, `${names.join("-")}.pem`);
		writeFileSync(chain, names.map((name) => certificate(`${name}.pem`)).join(""));
		return [
			`listener ${plain} 127.0.0.1`,
			`listener ${secure} 127.0.0.1`,
			`cafile ${certificateFile("rsa-authority.pem")}`,
			`certfile ${chain}`,
			`keyfile ${certificateFile(`${names[0]}.key`)}`,
		];
	};
	const restart = async (settings: readonly string[]) => {
		await broker.stop();
		broker.configure(settings);
		await broker.start();
	};
	const start = (settings: object = {}) => {
		const node = new ModdableNode(program, {
			id: "sala",
			broker: `mqtts://localhost:${secure}`,
			ca: ca(),
			...settings,
		});
		node.start();
		return node;
	};

	before(async () => {
		program = await buildForTest();
		[plain, secure] = [await freePort(), await freePort()];
		broker = await Mosquitto.start(listener("rsa-server"), plain);
		observer = await Observer.connect(broker.url, "#", { reconnectPeriod: 100 });
	}, BUILD);
	after(async () => {
		await observer?.end();
		await broker?.remove();
		rmSync(folder, { recursive: true });
	});

	for (const chain of [["rsa-server"], ["rsa-server", "rsa-authority"]]) {
		test(`a server that sends ${chain.join(" and ")}: the node connects, obeys and says goodbye`, async (t) => {
			await restart(listener(...chain));
			const node = start();
			t.after(() => node.remove());
			const online = observer.next(`${base}/status`, 20_000, (payload) => payload === "online");
			await online;
			const fan = observer.next(`${base}/relay/fan`);
			await observer.publish(`${base}/relay/fan/set`, "TOGGLE");
			await fan;
			const offline = observer.next(`${base}/status`, 10_000, (payload) => payload === "offline");
			assert.equal(await node.stop(), 0);
			await offline;
		});
	}

	const refusals: [string, string[], object, RegExp][] = [
		["another authority", ["rsa-server"], { ca: "rsa-stranger.pem" }, /unknown authority/],
		["no authority at all", ["rsa-server"], { ca: undefined }, /unknown authority/],
		["another name", ["rsa-misnamed"], {}, /another name/],
		["an expired certificate", ["rsa-expired"], {}, /expired/],
		["a leaf that was misused as an authority", ["rsa-impostor", "rsa-misnamed"], {}, /unknown authority/],
	];
	for (const [what, chain, changes, reason] of refusals) {
		test(`${what}: refused with its reason, tried again, and the machine lives`, async (t) => {
			await restart(listener(...chain));
			const settings = { ...changes } as { ca?: string };
			if (settings.ca) settings.ca = certificate(settings.ca);
			const node = start(settings);
			t.after(() => node.remove());
			const refused = () => node.lines.filter((line) => /next attempt/.test(line));
			await until(() => refused().length >= 2, 30_000, "two refusals").catch((error) => {
				throw new Error(`${error.message}\n${node.lines.join("\n")}`);
			});
			for (const line of refused()) assert.match(line, reason);
			assert.equal(await node.stop(), 0);
		});
	}

	test("a broker that asks for the node's certificate gets it", async (t) => {
		await restart([...listener("rsa-server"), "require_certificate true", "use_identity_as_username true"]);
		const stranger = start();
		t.after(() => stranger.remove());
		await stranger.says(/next attempt/, 20_000);
		await stranger.stop();
		const node = start({ certificate: certificate("rsa-client.pem"), key: certificate("rsa-client.key") });
		t.after(() => node.remove());
		await node.says(/MQTT: connected/, 20_000);
		assert.equal(await node.stop(), 0);
	});
});
