import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { nodeRights } from "../../deploy/mosquitto/rights";
import node from "../../node";
import { newServer } from "../../tools/broker/authority";
import { allowed } from "../../tools/broker/probes";
import { connectOnce, reload, runningBroker } from "../../tools/broker/running";
import { root } from "../../tools/root";
import { certificateFile, withoutOpenssl } from "../support/certificates";
import { withoutMosquitto } from "../support/mosquitto";
import { OwnBroker, refusal, shownSerial } from "../support/own-broker";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

describe("a broker of one's own", { skip: withoutMosquitto }, () => {
	const broker = new OwnBroker();
	before(async () => {
		broker.do("init", "--host", "broker.example,192.0.2.7");
		broker.do("add-node", "sala", "--certificate");
		broker.do("add-node", "quarto");
		broker.do("add-user", "fone");
		broker.do("add-user", "dona", "--role", "owner");
		await broker.start();
	});
	after(() => broker.remove());

	const simulator = (id: string, ...args: string[]) =>
		new Simulator(["--ca", broker.folder.authorities, "--id", id, ...args]);
	const withPassword = (id: string) =>
		simulator(id, "--broker", broker.url, "--user", id, "--password-file", broker.folder.client(id, "password"));

	test("what is secret is for its owner alone, and in no repository", () => {
		const files = readdirSync(broker.dir, { recursive: true, encoding: "utf8" });
		const open = files.filter((name) => {
			const { mode } = statSync(join(broker.dir, name));
			return (mode & 0o077) !== 0;
		});
		assert.deepEqual(open.sort(), [".gitignore", "authority/1.crt", "ca.crt"]);
		assert.equal(readFileSync(join(broker.dir, ".gitignore"), "utf8"), "*\n");
	});

	test("init does not overwrite a broker, nor an authority that was left", () => {
		const before = readFileSync(broker.folder.authorities, "utf8");
		const again = broker.say("init", "--host", "broker.example");
		assert.equal(again.status, 1);
		assert.match(again.stderr, /is a broker already, and is not overwritten/);
		assert.equal(readFileSync(broker.folder.authorities, "utf8"), before);
		assert.throws(() => broker.folder.addAuthority(1, { certificate: "", key: "" }), /is there already/);
	});

	test("run and add-node where no broker is say what to do", () => {
		const other = new OwnBroker();
		const { status, stderr } = other.say("run");
		assert.equal(status, 2);
		assert.match(stderr, /no broker there; 'vagalume broker init/);
		rmSync(other.directory, { recursive: true });
	});

	test("without mosquitto: how to install it", () => {
		const args = ["bin/vagalume.js", "broker", "run", "--dir", broker.dir];
		const env = { ...process.env, VAGALUME_MOSQUITTO: "mosquitto-that-is-not-there" };
		const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
		assert.equal(status, 1);
		assert.match(stderr, /is not installed\. Debian and Ubuntu: sudo apt-get install mosquitto/);
	});

	test("a second run on the same folder is refused", () => {
		const { status, stderr } = broker.say("run", "--port", "1");
		assert.equal(status, 1);
		assert.match(stderr, new RegExp(`it runs already, on port ${broker.port} \\('kill \\d+' ends it\\)`));
	});

	test("a port that is taken: said, not shared", () => {
		const other = new OwnBroker();
		other.do("init", "--host", "broker.example");
		const { status, stdout, stderr } = other.say("run", "--port", String(broker.port));
		rmSync(other.directory, { recursive: true });
		assert.equal(status, 1);
		assert.match(stderr, new RegExp(`port ${broker.port} is taken, by another broker perhaps: --port N`));
		assert.ok(!stdout.includes("ready"));
	});

	test("the server's certificate is for its names and addresses, and comes with its authority's", async () => {
		for (const servername of ["broker.example", "localhost"]) {
			const socket = connectTls({ port: broker.port, ca: readFileSync(broker.folder.authorities), servername });
			await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
			const { subjectaltname, issuerCertificate } = socket.getPeerCertificate(true);
			assert.match(
				subjectaltname!,
				/DNS:broker\.example, IP Address:192\.0\.2\.7, DNS:localhost, IP Address:127\.0\.0\.1/,
			);
			assert.match(String(issuerCertificate.subject.CN), /^Vagalume broker\.example 1$/);
			socket.destroy();
		}
	});

	test("plain connections, TLS 1.1, no password, a wrong one, somebody else's: refused", async () => {
		assert.match(await refusal(`mqtt://localhost:${broker.port}`, broker.as("sala")), /closed|ECONNRESET/);
		const old = { maxVersion: "TLSv1.1", minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
		assert.match(await refusal(broker.url, { ...broker.as("sala"), ...old }), /alert protocol version/);
		for (const more of [
			{ username: undefined, password: undefined },
			{ password: undefined },
			{ password: "firefly" },
			{ password: broker.password("quarto") },
			{ username: "nobody" },
			{ username: "vagalume-control" },
		])
			assert.match(await refusal(broker.url, broker.as("sala", more)), /Not authorized|Bad user/i);
		assert.equal(await refusal(broker.url, broker.as("sala")), "let in");
	});

	test("WebSocket over TLS asks for the same passwords", async () => {
		const url = `wss://localhost:${broker.webSocketPort}`;
		assert.equal(await refusal(url, broker.as("fone")), "let in");
		assert.match(await refusal(url, broker.as("fone", { password: "firefly" })), /Not authorized/i);
	});

	test("a client certificate is name and password; without one, or with a stranger's, nobody enters there", async () => {
		const url = `mqtts://localhost:${broker.certificatePort}`;
		assert.equal(await refusal(url, broker.certified("sala")), "let in");
		assert.notEqual(await refusal(url, broker.as("sala")), "let in");
		if (withoutOpenssl) return;
		const [cert, key] = ["rsa-client.pem", "rsa-client.key"].map((name) => readFileSync(certificateFile(name)));
		assert.match(await refusal(url, broker.certified("sala", { cert, key })), /unknown ca|closed|ECONNRESET/);
		// What the certificate says counts, not what the client says.
		const impostor = await connectOnce(url, broker.certified("sala", { username: "dona", password: "x" }));
		const observer = await broker.observe("dona");
		await impostor.publishAsync("vagalume/quarto/status", "mine");
		await impostor.publishAsync("vagalume/sala/status", "online");
		await observer.sees("vagalume/sala/status", "online");
		assert.deepEqual(observer.of("vagalume/quarto/status"), []);
		await impostor.endAsync(true);
		await observer.end();
	});

	test("the node on the broker: it is seen, obeys the phone, and neither hears nor speaks for another node", async (t) => {
		const [sala, quarto] = [withPassword("sala"), withPassword("quarto")];
		t.after(() => Promise.all([sala.stop("SIGKILL"), quarto.stop("SIGKILL")]));
		await Promise.all([sala.ready(), quarto.ready()]);
		const phone = await broker.observe("fone");
		await phone.sees("vagalume/sala/status", "online", 15_000);
		await phone.sees("vagalume/quarto/status", "online", 15_000);
		await phone.publish("vagalume/sala/relay/fan/set", "ON");
		await phone.sees("vagalume/sala/relay/fan", "ON");
		await phone.publish("vagalume/all/command/ping", '{"id":7}');
		for (const id of ["sala", "quarto"]) await phone.sees(`vagalume/${id}/response/ping`, /"id":7/);
		assert.equal(quarto.messages("vagalume/quarto/relay/fan/set", "in").length, 0);
		// A client that has stolen a node's password may do what that node may.
		const thief = await broker.observe("quarto", "#");
		await thief.client.subscribeAsync(["vagalume/sala/#", "$SYS/#", "vagalume/+/status"]);
		await thief.publish("vagalume/sala/relay/fan/set", "OFF", { qos: 0 });
		await thief.publish("vagalume/sala/status", "offline", { qos: 0, retain: true });
		await thief.publish("vagalume/all/command/restart", "{}", { qos: 0 });
		await phone.publish("vagalume/quarto/command/ping", '{"id":8}');
		await thief.sees("vagalume/quarto/command/ping", /8/);
		assert.deepEqual([...new Set(thief.seen.map(({ topic }) => topic))], ["vagalume/quarto/command/ping"]);
		assert.equal(phone.last("vagalume/sala/relay/fan"), "ON");
		assert.equal(phone.last("vagalume/sala/status"), "online");
		await thief.end();
		await phone.end();
		await until(
			() => sala.messages("homeassistant/device/sala/config").length > 0,
			5_000,
			"what it tells Home Assistant",
		);
		assert.equal(await sala.stop("SIGINT"), 0);
		// Whatever the firmware publishes it may publish: a topic that it has learnt since must be among its rights.
		const said = sala.lines.flatMap(({ topic, direction }) => (direction === "out" && topic ? [topic] : []));
		const { write } = nodeRights(node, "sala");
		assert.deepEqual(
			said.filter((topic) => !allowed(write, topic)),
			[],
		);
	});

	for (const [what, hosts, days, authority, reason] of [
		["of another name", ["elsewhere.example"], 10, undefined, /not for localhost|name/i],
		["that has expired", ["localhost"], -0.5, undefined, /expired/],
		["of another authority", ["localhost"], 10, "rsa-stranger.pem", /unknown authority/],
	] as const)
		test(`a server's certificate ${what}: the node refuses it and says why`, async (t) => {
			if (authority && withoutOpenssl) return t.skip(withoutOpenssl);
			const genuine = readFileSync(broker.folder.server, "utf8");
			const own = broker.folder.authority(1);
			t.after(() => {
				writeFileSync(broker.folder.server, genuine);
				reload(runningBroker(broker.folder)!);
			});
			const { certificate, key } = await newServer(own, hosts, days);
			writeFileSync(broker.folder.server, key + certificate + own.certificate);
			reload(runningBroker(broker.folder)!);
			const { serialNumber } = new X509Certificate(certificate);
			await until(async () => (await shownSerial(broker.port)) === serialNumber, 5_000, "that certificate");
			const id = `w${days}`.replace(/\W/g, "");
			const ca = authority ? certificateFile(authority) : broker.folder.authorities;
			const node = new Simulator(["--broker", broker.url, "--ca", ca, "--id", id]);
			t.after(() => node.stop("SIGKILL"));
			await node.ready();
			const refused = () => node.lines.filter(({ message }) => /next attempt/.test(message ?? ""));
			await until(() => refused().length > 0, 15_000, "a refusal");
			assert.match(JSON.stringify(node.lines), reason);
		});

	test("test: proves what each user may and may not, and finds a right too many and one too few", () => {
		const good = broker.say("test");
		assert.equal(good.status, 0, good.stdout + good.stderr);
		assert.match(good.stdout, /^quarto +yes +refused +refused +18 /m);
		assert.match(good.stdout, /connection without TLS is refused\nall as it should be\n$/);
		const file = broker.folder.mosquitto("acl");
		const text = readFileSync(file, "utf8");
		const broken = text
			.replace("topic read vagalume/quarto/command/+", "topic read vagalume/+/command/+")
			.replace("topic write vagalume/sala/status\n", "");
		writeFileSync(file, broken);
		const bad = broker.say("test");
		writeFileSync(file, text);
		assert.equal(bad.status, 1);
		assert.match(bad.stdout, /WRONG: quarto must not, and reads vagalume\/sala\/command\//);
		assert.match(bad.stdout, /WRONG: sala may, and cannot: writes vagalume\/sala\/status/);
	});
});
