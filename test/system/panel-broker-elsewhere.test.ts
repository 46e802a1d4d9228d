// The panel of nodes whose broker is reached by mqtts://, ws:// or wss://: the simulator carries the page's MQTT there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { TestBrowser, withoutChromium } from "../support/browser";
import { certificateFile, withoutOpenssl } from "../support/certificates";
import { freePort } from "../support/free-port";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { ask } from "../support/panel-client";
import { Simulator } from "../support/simulator";

const base = "vagalume/sala";
const authority = ["--ca", certificateFile("authority.pem")];
const stranger = ["--ca", certificateFile("stranger.pem")];

interface TestEnd {
	after(end: () => unknown): void;
}

/** A simulator with a panel; its address. */
async function start(t: TestEnd, args: readonly string[]): Promise<string> {
	const port = String(await freePort());
	const simulator = new Simulator(["--id", "sala", "--panel-port", port, ...args], { panel: true });
	t.after(async () => assert.equal(await simulator.stop(), 0, "the simulator has a clean end"));
	return /panel (\S+)/.exec(await simulator.ready())![1]!;
}

/** Where a page's MQTT client connects. */
const door = (panel: string) => `${panel.replace("http", "ws")}/mqtt`;

/** Why a page's MQTT does not come through: the code and the reason with which its WebSocket closes. */
function closed(panel: string): Promise<{ code: number; reason: string }> {
	const socket = new WebSocket(door(panel), ["mqtt"], { origin: panel });
	return new Promise((resolve, reject) => {
		socket.once("error", reject).once("close", (code, reason) => resolve({ code, reason: String(reason) }));
	});
}

describe("a mosquitto with TLS and WebSocket listeners", { skip: withoutMosquitto || withoutOpenssl }, () => {
	let ports: Record<"plain" | "mqtts" | "ws" | "wss" | "certified", number>;
	let broker: Mosquitto;
	let browser: TestBrowser | undefined;

	const lines = (server: string) => {
		const tls = [
			`cafile ${certificateFile("authority.pem")}`,
			`certfile ${certificateFile(`${server}.pem`)}`,
			`keyfile ${certificateFile(`${server}.key`)}`,
		];
		return [
			`listener ${ports.plain} 127.0.0.1`,
			`listener ${ports.mqtts} 127.0.0.1`,
			...tls,
			`listener ${ports.ws} 127.0.0.1`,
			"protocol websockets",
			`listener ${ports.wss} 127.0.0.1`,
			"protocol websockets",
			...tls,
			`listener ${ports.certified} 127.0.0.1`,
			...tls,
			"require_certificate true",
		];
	};

	before(async () => {
		const [plain, mqtts, ws, wss, certified] = await Promise.all(Array.from({ length: 5 }, freePort));
		ports = { plain: plain!, mqtts: mqtts!, ws: ws!, wss: wss!, certified: certified! };
		broker = await Mosquitto.start(lines("server"), ports.plain);
		if (!withoutChromium) browser = await TestBrowser.start();
	});
	after(async () => {
		await browser?.close();
		await broker.remove();
		assert.deepEqual(browser?.faults ?? [], [], "errors on the page");
	});

	/** With other settings, until the test has ended. */
	const restart = async (t: TestEnd, settings: readonly string[]) => {
		const begin = async (settings: readonly string[]) => {
			await broker.stop();
			broker.configure(settings);
			await broker.start();
		};
		await begin(settings);
		t.after(() => begin(lines("server")));
	};

	const urls = {
		mqtts: () => `mqtts://localhost:${ports.mqtts}`,
		ws: () => `ws://localhost:${ports.ws}`,
		wss: () => `wss://localhost:${ports.wss}/mqtt`,
	};

	for (const [scheme, url] of Object.entries(urls))
		test(`--broker ${scheme}://: the page's MQTT client sees what the node has retained, and switches its LED`, {
			timeout: 60_000,
		}, async (t) => {
			const panel = await start(t, ["--broker", url(), ...(scheme === "ws" ? [] : authority)]);
			const node = await Observer.connect(broker.url, `${base}/#`);
			t.after(() => node.end());
			await node.sees(`${base}/telemetry/temperature`, /^\d/, 10_000);
			const page = await Observer.connect(door(panel), `${base}/#`, {
				wsOptions: { origin: panel },
				reconnectPeriod: 0,
			});
			t.after(() => page.end());
			await page.sees(`${base}/status`, "online");
			await page.sees(`${base}/telemetry/temperature`, /^-?\d+(\.\d+)?$/);
			assert.ok(page.seen.some(({ topic, retain }) => topic === `${base}/telemetry/temperature` && retain));
			await page.publish(`${base}/led/onboard/set`, "ON");
			await page.sees(`${base}/led/onboard`, /"state":"ON"/);
			await node.sees(`${base}/led/onboard`, /"state":"ON"/);
		});

	test("--broker wss://: in the browser, the page shows the node online and its LED switched on", {
		skip: withoutChromium,
	}, async (t) => {
		const panel = await start(t, ["--broker", urls.wss(), ...authority]);
		const page = await browser!.page(panel);
		await page.locator("[data-testid=status][data-status=online]").waitFor();
		await page.getByRole("switch", { name: "Switch onboard" }).click();
		await page.locator('[data-output="led/onboard"].is-on').waitFor();
		assert.equal(await page.locator(".broker-state").count(), 0, "nothing is wrong with the broker");
		await page.context().close();
	});

	test("a broker that wants a password, over each scheme: the page hears its refusal of a wrong one, and comes in with the right one", {
		timeout: 60_000,
	}, async (t) => {
		const password = join(broker.directory, "password");
		writeFileSync(password, "fireflies\n");
		const users = join(broker.directory, "users");
		writeFileSync(users, "sala:fireflies\n", { mode: 0o600 });
		assert.equal(spawnSync("mosquitto_passwd", ["-U", users]).status, 0);
		await restart(t, [...lines("server"), "allow_anonymous false", `password_file ${users}`]);
		for (const url of Object.values(urls)) {
			const panel = await start(t, ["--broker", url(), ...authority, "--user", "sala", "--password-file", password]);
			const enter = (password: string) =>
				Observer.connect(door(panel), `${base}/#`, { username: "sala", password, reconnectPeriod: 0 });
			// 5, not authorized (MQTT-3.2.2.3)
			await assert.rejects(enter("moths"), { code: 5 });
			const page = await enter("fireflies");
			await page.sees(`${base}/status`, "online", 10_000);
			await page.end();
		}
	});

	for (const scheme of ["mqtts", "wss"] as const)
		test(`--broker ${scheme}:// and a --ca that did not sign its certificate: the page is told so`, async (t) => {
			const panel = await start(t, ["--broker", urls[scheme](), ...stranger]);
			const { code, reason } = await closed(panel);
			assert.equal(code, 1011);
			assert.equal(reason, `localhost:${ports[scheme]}: the server's certificate is signed by an unknown authority`);
			assert.equal((await ask(panel)).status, 200, "the panel lives on");
		});

	for (const [server, words] of [
		["expired", /the server's certificate has expired$/],
		["misnamed", /the server's certificate is for another name/],
	] as const)
		test(`a broker whose certificate is ${server}: the page is told so`, async (t) => {
			await restart(t, lines(server));
			for (const scheme of ["mqtts", "wss"] as const) {
				const panel = await start(t, ["--broker", urls[scheme](), ...authority]);
				assert.match((await closed(panel)).reason, words);
			}
		});

	test("a broker that wants certificates: the node shows its own, the page has none and is told so", async (t) => {
		const client = ["--cert", certificateFile("client.pem"), "--key", certificateFile("client.key")];
		const panel = await start(t, ["--broker", `mqtts://localhost:${ports.certified}`, ...authority, ...client]);
		const node = await Observer.connect(broker.url, `${base}/status`);
		t.after(() => node.end());
		await node.sees(`${base}/status`, "online", 10_000);
		assert.match((await closed(panel)).reason, /the server wants a client certificate/);
	});

	test("in the browser, a wrong --ca stands on the page, and a broker that goes and comes back is found again", {
		skip: withoutChromium,
	}, async (t) => {
		const wrong = await browser!.page(await start(t, ["--broker", urls.mqtts(), ...stranger]));
		await wrong.getByRole("alert").filter({ hasText: "signed by an unknown authority" }).waitFor();
		assert.equal(await wrong.getByRole("switch", { name: "Switch onboard" }).isDisabled(), true);
		await wrong.context().close();
		const page = await browser!.page(await start(t, ["--broker", urls.wss(), ...authority]));
		const online = page.locator("[data-testid=status][data-status=online]");
		await online.waitFor();
		await broker.stop("SIGKILL");
		await page
			.getByRole("alert")
			.filter({ hasText: `localhost:${ports.wss}: connection refused` })
			.waitFor();
		await broker.start();
		await page.locator(".broker-state").waitFor({ state: "detached" });
		await online.waitFor();
		await page.getByRole("switch", { name: "Switch onboard" }).click();
		await page.locator('[data-output="led/onboard"].is-on').waitFor();
		await page.context().close();
	});
});

describe("no broker to be had", () => {
	for (const scheme of ["mqtt", "mqtts", "ws", "wss"])
		test(`at ${scheme}:// nobody listens: the page is told so, at each attempt`, async (t) => {
			const port = await freePort();
			const panel = await start(t, ["--broker", `${scheme}://127.0.0.1:${port}`]);
			for (let attempt = 0; attempt < 3; attempt++)
				assert.deepEqual(await closed(panel), { code: 1011, reason: `127.0.0.1:${port}: connection refused` });
		});

	test("a host without an address is named", async (t) => {
		const panel = await start(t, ["--broker", "mqtts://broker.invalid"]);
		assert.match((await closed(panel)).reason, /^broker\.invalid:8883: /);
	});

	test("a web server that is no broker: the page is told its answer", async (t) => {
		const server = createServer((_, response) => response.writeHead(404).end());
		await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
		t.after(() => server.close());
		const { port } = server.address() as { port: number };
		const panel = await start(t, ["--broker", `ws://127.0.0.1:${port}`]);
		assert.match((await closed(panel)).reason, /^127\.0\.0\.1:\d+: .*404/);
	});
});
