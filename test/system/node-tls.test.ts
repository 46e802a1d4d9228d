import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { certificateFile, withoutOpenssl } from "../support/certificates";
import { freePort } from "../support/free-port";
import { Mosquitto, withoutMosquitto } from "../support/mosquitto";
import { Observer } from "../support/observer";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const base = "vagalume/sala";
const logged = (node: Simulator, pattern: RegExp) => node.lines.some(({ message }) => pattern.test(message ?? ""));

describe("the default node and a mosquitto that wants TLS", { skip: withoutMosquitto || withoutOpenssl }, () => {
	const folder = mkdtempSync(join(tmpdir(), "vagalume-tls-"));
	const password = join(folder, "password");
	let plain: number;
	let secure: number;
	let broker: Mosquitto;
	let observer: Observer;

	const listener = (name: string) => [
		`listener ${plain} 127.0.0.1`,
		`listener ${secure} 127.0.0.1`,
		`cafile ${certificateFile("authority.pem")}`,
		`certfile ${certificateFile(`${name}.pem`)}`,
		`keyfile ${certificateFile(`${name}.key`)}`,
	];
	const start = (options: readonly string[], host = "localhost") =>
		new Simulator(["--broker", `mqtts://${host}:${secure}`, "--id", "sala", ...options]);

	before(async () => {
		writeFileSync(password, "firefly\n");
		[plain, secure] = [await freePort(), await freePort()];
		broker = await Mosquitto.start(listener("server"), plain);
		observer = await Observer.connect(broker.url, "#", { reconnectPeriod: 100 });
	});
	after(async () => {
		await observer.end();
		await broker.remove();
		rmSync(folder, { recursive: true });
	});

	test("--ca: the node connects and obeys", async (t) => {
		const node = start(["--ca", certificateFile("authority.pem")]);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await observer.sees(`${base}/status`, "online", 10_000);
		await observer.publish(`${base}/relay/fan/set`, "ON");
		await observer.sees(`${base}/relay/fan`, "ON");
		assert.ok(node.messages(`${base}/relay/fan`).length > 0, "the log shows what was said before it was encrypted");
		assert.equal(await node.stop("SIGINT"), 0);
	});

	const refusals: [string, string, string, RegExp][] = [
		["another authority", "server", "stranger.pem", /unknown authority/],
		["another name", "misnamed", "authority.pem", /not for localhost|name/],
		["an expired certificate", "expired", "authority.pem", /expired/],
	];
	for (const [what, server, authority, reason] of refusals) {
		test(`${what}: refused with its reason, tried again, and nothing crashes`, async (t) => {
			await broker.stop();
			broker.configure(listener(server));
			await broker.start();
			const node = start(["--ca", certificateFile(authority)]);
			t.after(() => node.stop("SIGKILL"));
			await node.ready();
			const refused = () => node.lines.filter(({ message }) => /next attempt/.test(message ?? ""));
			await until(() => refused().length >= 2, 15_000, "two refusals");
			for (const { message } of refused()) assert.match(message!, reason);
			assert.equal(node.messages(`${base}/status`).length, 0);
			assert.equal(await node.stop("SIGINT"), 0);
		});
	}

	test("--cert and --key: a broker that asks for the node's certificate gets it", async (t) => {
		await broker.stop();
		broker.configure([...listener("server"), "require_certificate true", "use_identity_as_username true"]);
		await broker.start();
		const authority = ["--ca", certificateFile("authority.pem")];
		const stranger = start(authority);
		t.after(() => stranger.stop("SIGKILL"));
		await stranger.ready();
		await until(() => logged(stranger, /next attempt/), 10_000, "a refusal without it");
		await stranger.stop();
		const node = start([...authority, "--cert", certificateFile("client.pem"), "--key", certificateFile("client.key")]);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => node.messages(`${base}/status`).length > 0, 10_000, "online");
		assert.equal(await node.stop("SIGINT"), 0);
	});

	test("--user and --password-file: a wrong password is named, the right one is let in", async (t) => {
		await broker.stop();
		// The hash that mosquitto_passwd makes is checked by mosquitto itself.
		const users = join(folder, "users");
		writeFileSync(users, "sala:firefly\n", { mode: 0o600 });
		assert.equal(spawnSync("mosquitto_passwd", ["-U", users]).status, 0);
		broker.configure([...listener("server"), "allow_anonymous false", `password_file ${users}`]);
		await broker.start();
		writeFileSync(join(folder, "wrong"), "moth");
		const authority = ["--ca", certificateFile("authority.pem"), "--user", "sala"];
		const refused = start([...authority, "--password-file", join(folder, "wrong")]);
		t.after(() => refused.stop("SIGKILL"));
		await refused.ready();
		await until(() => logged(refused, /user|password|authori[sz]ed/i), 10_000, "the reason");
		assert.ok(!JSON.stringify(refused.lines).includes("moth"), "the password is in no log");
		await refused.stop();
		const node = start([...authority, "--password-file", password]);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => node.messages(`${base}/status`).length > 0, 10_000, "online");
		assert.ok(!(JSON.stringify(node.lines) + node.stderr).includes("firefly"), "the password is in no log");
		assert.equal(await node.stop("SIGINT"), 0);
	});
});
