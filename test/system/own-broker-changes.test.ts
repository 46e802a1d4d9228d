import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import mqtt from "mqtt";
import { daysLeft, newServer } from "../../tools/broker/authority";
import { RENEW } from "../../tools/broker/changes";
import { connectOnce, runningBroker } from "../../tools/broker/running";
import { root } from "../../tools/root";
import { freePort } from "../support/free-port";
import { withoutMosquitto } from "../support/mosquitto";
import { OwnBroker, refusal, shownSerial } from "../support/own-broker";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

describe("changes of a broker that runs", { skip: withoutMosquitto }, () => {
	const broker = new OwnBroker();
	before(async () => {
		broker.do("init", "--host", "broker.example");
		broker.do("add-node", "sala", "--certificate");
		broker.do("add-node", "quarto");
		broker.do("add-user", "fone");
		broker.do("add-user", "dona", "--role", "owner");
		await broker.start();
	});
	after(() => broker.remove());

	/** The serial number of the certificate that a port shows. */
	const shown = (port: number) => shownSerial(port, readFileSync(broker.folder.authorities));

	test("rotate: a new certificate for the server is shown to who comes, and nobody who is there is disturbed", async () => {
		const phone = await broker.observe("fone");
		let lost = 0;
		phone.client.on("close", () => lost++);
		const before = await shown(broker.port);
		assert.match(broker.do("rotate"), /the broker that runs has been told/);
		await until(async () => (await shown(broker.port)) !== before, 5_000, "a new certificate");
		await phone.publish("vagalume/sala/command/after", "rotate");
		await phone.sees("vagalume/sala/command/after", "rotate");
		assert.equal(lost, 0);
		await phone.end();
	});

	test("a certificate that is about to end is renewed by itself, on all ports, and sessions stay", async () => {
		const away = { clientId: "away", clean: false };
		await (await broker.observe("dona", "vagalume/quarto/command/waits", away)).end();
		const phone = await broker.observe("fone");
		await phone.publish("vagalume/quarto/command/waits", "still here");
		const own = broker.folder.authority(1);
		const { certificate, key } = await newServer(own, ["localhost"], RENEW - 1);
		writeFileSync(broker.folder.server, key + certificate + own.certificate);
		const former = runningBroker(broker.folder)!.pid;
		broker.signal("SIGHUP");
		await until(() => (runningBroker(broker.folder)?.pid ?? former) !== former, 10_000, "a new start");
		const fresh = new X509Certificate(readFileSync(broker.folder.server)).serialNumber;
		for (const port of [broker.port, broker.webSocketPort, broker.certificatePort])
			assert.equal(await shown(port), fresh);
		assert.ok(daysLeft(readFileSync(broker.folder.server, "utf8")) > 300);
		const back = mqtt.connect(broker.url, broker.as("dona", away));
		const came: string[] = [];
		back.on("message", (_, payload) => came.push(payload.toString()));
		await until(() => came.includes("still here"), 5_000, "what waited");
		await Promise.all([back.endAsync(true), phone.end()]);
	});

	test("the terminal in which it runs is closed: the broker ends with it", async (t) => {
		const other = new OwnBroker();
		t.after(() => other.remove());
		other.do("init", "--host", "localhost");
		const ports = await Promise.all([freePort(), freePort(), freePort()]);
		const names = ["--port", "--websocket-port", "--certificate-port"];
		const options = names.flatMap((name, index) => [name, String(ports[index])]);
		const argv = [process.execPath, "bin/vagalume.js", "broker", "run", "--dir", other.dir, "--bind", "127.0.0.1"];
		// A terminal of its own, which is closed when its program is killed.
		const program = "import pty, sys; pty.spawn(sys.argv[1:])";
		const terminal = spawn("python3", ["-c", program, ...argv, ...options], {
			cwd: root,
			stdio: ["pipe", "pipe", "inherit"],
		});
		let output = "";
		terminal.stdout.on("data", (chunk) => {
			output += chunk;
		});
		await until(() => /ready /.test(output), 15_000, "ready");
		const { pid } = runningBroker(other.folder)!;
		terminal.kill("SIGKILL");
		await until(() => !existsSync(other.folder.process), 10_000, "its end");
		assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
	});

	test("a node that is added, and a user's new password, count at once", async () => {
		broker.do("add-node", "varanda");
		await until(async () => (await refusal(broker.url, broker.as("varanda"))) === "let in", 5_000, "the new node");
		const former = broker.as("varanda");
		broker.do("rotate", "varanda");
		await until(async () => /Not authorized/i.test(await refusal(broker.url, former)), 5_000, "the old password's end");
		assert.equal(await refusal(broker.url, broker.as("varanda")), "let in");
	});

	test("a new authority: clients of the old one are let in until it is finished, and those of both always", async () => {
		const certificates = `mqtts://localhost:${broker.certificatePort}`;
		const old = broker.as("fone");
		const oldCertificate = broker.certified("sala");
		assert.match(broker.say("rotate", "--authority", "finish").stderr, /is at "settled", expected "switched"/);
		broker.do("rotate", "--authority", "begin");
		const both = broker.as("fone");
		for (const options of [old, both]) assert.equal(await refusal(broker.url, options), "let in");
		assert.equal(await refusal(certificates, oldCertificate), "let in");
		broker.do("rotate", "--authority", "switch");
		await until(async () => /unable to verify|self-signed/.test(await refusal(broker.url, old)), 5_000, "the switch");
		assert.equal(await refusal(broker.url, both), "let in");
		const newCertificate = broker.certified("sala");
		assert.equal(await refusal(certificates, { ...oldCertificate, ca: both.ca }), "let in");
		assert.equal(await refusal(certificates, newCertificate), "let in");
		broker.do("rotate", "--authority", "finish");
		const former = { ...oldCertificate, ca: broker.as("fone").ca };
		await until(async () => (await refusal(certificates, former)) !== "let in", 5_000, "the old one's end");
		assert.equal(await refusal(certificates, newCertificate), "let in");
		assert.equal(await refusal(broker.url, broker.as("fone")), "let in");
		assert.deepEqual(broker.say("test").status, 0);
	});

	test("revoke: the node that is connected is out at once, reported offline, and does not come back", async (t) => {
		const own = ["--ca", broker.folder.authorities, "--id", "sala", "--user", "sala"];
		const password = broker.folder.client("sala", "password");
		const sala = new Simulator(["--broker", broker.url, ...own, "--password-file", password]);
		t.after(() => sala.stop("SIGKILL"));
		await sala.ready();
		const phone = await broker.observe("fone");
		await phone.sees("vagalume/sala/status", "online", 15_000);
		const [byPassword, certificate] = [broker.as("sala"), broker.certified("sala")];
		const certified = await connectOnce(`mqtts://localhost:${broker.certificatePort}`, {
			...certificate,
			clientId: "other",
		});
		const out = new Promise<void>((resolve) => certified.once("close", () => resolve()));
		let disturbed = 0;
		phone.client.on("close", () => disturbed++);
		assert.match(broker.do("revoke", "sala"), /"sala" is revoked; the broker that runs refuses that user/);
		await phone.sees("vagalume/sala/status", "offline");
		await out;
		assert.match(await refusal(broker.url, byPassword), /Not authorized/i);
		assert.match(await refusal(`mqtts://localhost:${broker.certificatePort}`, certificate), /revoked/);
		await until(
			() => sala.lines.some(({ message }) => /not authorized.*next attempt/i.test(message ?? "")),
			15_000,
			"refusals",
		);
		assert.equal(phone.last("vagalume/sala/status"), "offline");
		assert.equal(disturbed, 0);
		assert.ok(!existsSync(broker.folder.client("sala")));
		assert.match(broker.say("revoke", "sala").stderr, /"sala" is not a user of this broker \(it has quarto/);
		await phone.end();
	});

	test("a process that is not this broker is never signalled, whatever the file says", () => {
		const noted = readFileSync(broker.folder.process, "utf8");
		for (const text of [noted.replace(/"pid":\d+/, `"pid":${process.pid}`), '{"pid":1}', '{"pid":-1}', "rubbish"]) {
			writeFileSync(broker.folder.process, text);
			assert.equal(runningBroker(broker.folder), undefined);
		}
		writeFileSync(broker.folder.process, noted);
		assert.ok(runningBroker(broker.folder));
	});

	test("two commands at once do not mix: the second is told to wait; a lock that was left is none", () => {
		const lock = join(broker.dir, ".lock");
		writeFileSync(lock, String(process.pid));
		const { status, stderr } = broker.say("add-user", "late");
		assert.equal(status, 1);
		assert.match(stderr, /another 'vagalume broker' is changing/);
		writeFileSync(lock, "999999999");
		broker.do("add-user", "late");
		assert.ok(!existsSync(lock));
	});

	test("what was acknowledged is on the disk a moment later, and there when the broker was killed", async () => {
		const session = await broker.observe("dona", "vagalume/quarto/command/kept", { clientId: "kept", clean: false });
		await session.end();
		const phone = await connectOnce(broker.url, broker.as("fone"));
		for (const number of [1, 2, 3])
			await phone.publishAsync("vagalume/quarto/command/kept", `message ${number}`, { qos: 1 });
		const kept = join(broker.folder.data, "mosquitto.db");
		await until(() => existsSync(kept) && readFileSync(kept).includes("message 3"), 1_000, "the last one on the disk");
		process.kill(runningBroker(broker.folder)!.pid, "SIGKILL");
		assert.equal(await broker.ended, 1);
		assert.match(broker.output, /mosquitto ended by itself/);
		await phone.endAsync(true);
		await broker.start();
		const back = mqtt.connect(broker.url, broker.as("dona", { clientId: "kept", clean: false }));
		const came: string[] = [];
		back.on("message", (_, payload) => came.push(payload.toString()));
		await until(() => came.length >= 3, 5_000, "what was kept");
		assert.deepEqual(came, ["message 1", "message 2", "message 3"]);
		await back.endAsync(true);
	});

	test("on another address of the computer it is found, too", { skip: process.platform !== "linux" }, async () => {
		assert.equal(await broker.stop(), 0);
		await broker.start("--bind", "127.0.0.2");
		const options = { ...broker.as("late"), servername: "localhost" };
		const url = `mqtts://127.0.0.2:${broker.port}`;
		assert.equal(await refusal(url, options), "let in");
		assert.match(broker.do("revoke", "late"), /the broker that runs refuses that user/);
		assert.match(await refusal(url, options), /Not authorized/i);
	});

	test("SIGINT ends it cleanly", async () => {
		assert.equal(await broker.stop("SIGINT"), 0);
		assert.ok(!existsSync(broker.folder.process));
	});
});
