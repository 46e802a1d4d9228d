import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import node from "../../node";
import { daysLeft, newServer } from "../../tools/broker/authority";
import * as changes from "../../tools/broker/changes";
import { BrokerFolder } from "../../tools/broker/folder";

describe("changes of a broker's folder", () => {
	const directory = mkdtempSync(join(tmpdir(), "vagalume-broker-folder-"));
	const folder = new BrokerFolder(directory);
	const text = (name: Parameters<BrokerFolder["mosquitto"]>[0]) => readFileSync(folder.mosquitto(name), "utf8");
	before(async () => {
		await changes.init(folder, ["broker.example"], node);
		await changes.addNode(folder, "sala", node, true);
	});
	after(() => rmSync(directory, { recursive: true }));

	test("init takes an empty folder only: what is in another one is not touched", async () => {
		const other = new BrokerFolder(mkdtempSync(join(tmpdir(), "vagalume-broker-folder-")));
		writeFileSync(join(other.path, ".gitignore"), "build\n");
		await assert.rejects(changes.init(other, ["a"], node), /is not empty \(\.gitignore\)/);
		assert.equal(readFileSync(join(other.path, ".gitignore"), "utf8"), "build\n");
		rmSync(other.path, { recursive: true });
	});

	test("certificates are what they should be: names, uses, days, and signed by the authority alone", () => {
		const authority = new X509Certificate(readFileSync(folder.authorities));
		const [server, sent] = readFileSync(folder.server, "utf8")
			.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)!
			.map((pem) => new X509Certificate(pem));
		const client = new X509Certificate(readFileSync(folder.client("sala", "client.crt")));
		assert.equal(sent!.fingerprint256, authority.fingerprint256, "the chain has the authority");
		assert.ok(authority.ca && !server!.ca && !client.ca);
		for (const leaf of [server!, client]) assert.ok(leaf.verify(authority.publicKey) && leaf.checkIssued(authority));
		assert.deepEqual(server!.keyUsage, ["1.3.6.1.5.5.7.3.1"], "server authentication");
		assert.deepEqual(client.keyUsage, ["1.3.6.1.5.5.7.3.2"], "client authentication");
		assert.ok(server!.checkHost("broker.example") && server!.checkIP("127.0.0.1") && !server!.checkHost("example"));
		assert.equal(client.subject, "CN=sala");
		assert.ok(server!.publicKey.asymmetricKeyDetails!.modulusLength === 2048);
		assert.ok(daysLeft(server!.toString()) === 396 || daysLeft(server!.toString()) === 397);
	});

	test("a server's certificate does not outlive its authority", async () => {
		const { certificate } = await newServer(folder.authority(1), ["a"], 36_500);
		assert.ok(daysLeft(certificate) <= 3650);
	});

	test("two nodes on overlapping topics are refused: put {id} into node.ts's base", async () => {
		for (const base of ["vagalume/sala", "vagalume/sala/janela", "vagalume"])
			await assert.rejects(
				changes.addNode(folder, "outra", { ...node, base }, false),
				/overlaps that of node "sala".*\{id\}/,
			);
		assert.ok(!existsSync(folder.client("outra")));
	});

	test("a base that Mosquitto's files cannot hold is said, and changes nothing", async () => {
		const before = readFileSync(join(directory, "broker.json"), "utf8");
		const odd = { ...node, base: "casa/{id}\ttopic readwrite #" };
		await assert.rejects(changes.addNode(folder, "odd", odd, false), /an access list cannot hold it/);
		assert.ok(!existsSync(folder.client("odd")));
		assert.equal(readFileSync(join(directory, "broker.json"), "utf8"), before);
	});

	test("a node that is there is not added again, nor its password changed", async () => {
		const password = readFileSync(folder.client("sala", "password"), "utf8");
		await assert.rejects(changes.addNode(folder, "sala", node, false), /"sala" is there already/);
		await assert.rejects(changes.addUser(folder, "sala", "owner", false), /"sala" is there already/);
		assert.equal(readFileSync(folder.client("sala", "password"), "utf8"), password);
	});

	test("update-node: another node.ts, other rights, the same password", async () => {
		const hash = /^sala:.*$/m.exec(text("passwords"))![0];
		await changes.updateNode(folder, "sala", { ...node, lights: { porch: { kind: "on-off", pin: 5 } } });
		assert.match(text("acl"), /topic write vagalume\/sala\/led\/porch\n/);
		assert.ok(!text("acl").includes("vagalume/sala/led/strip"));
		assert.equal(/^sala:.*$/m.exec(text("passwords"))![0], hash);
		await changes.updateNode(folder, "sala", node);
	});

	test("a user of names that objects have by themselves is no user", async () => {
		for (const name of ["constructor", "toString"])
			await assert.rejects(changes.revoke(folder, name), /is not a user of this broker/);
	});

	test("files that were lost are written with the next change", async () => {
		for (const name of ["acl", "passwords", "revoked.crl"] as const) rmSync(folder.mosquitto(name));
		await changes.addUser(folder, "fone", "panel", false);
		assert.match(text("acl"), /user sala\n[\s\S]*user fone\n/);
		assert.match(text("passwords"), /^sala:\$7\$101\$.*\nfone:\$7\$/m);
	});

	test("rotate and revoke put former certificates on the list that the broker looks at", async () => {
		const first = new X509Certificate(readFileSync(folder.client("sala", "client.crt"))).serialNumber.toLowerCase();
		await changes.rotateUser(folder, "sala");
		const second = new X509Certificate(readFileSync(folder.client("sala", "client.crt"))).serialNumber.toLowerCase();
		assert.deepEqual(
			folder.read().revoked.map(({ serial }) => serial),
			[first],
		);
		await changes.revoke(folder, "sala");
		assert.deepEqual(
			folder.read().revoked.map(({ serial }) => serial),
			[first, second],
		);
		assert.ok(!text("acl").includes("user sala") && !text("passwords").includes("sala:"));
	});
});
