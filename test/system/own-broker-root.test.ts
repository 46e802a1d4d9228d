/**
 * The whole way of docs/azure.md in a clean Debian 12, as far as it goes without systemd:
 * `VAGALUME_ROOT=1 npm test -- own-broker-root`, as root. It fetches 100 to 200 MB the first time.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../../tools/root";
import { CloudInit } from "../support/debian-root/cloud-init";
import { withoutDebianRoot } from "../support/debian-root/image";
import { DebianMachine } from "../support/debian-root/machine";
import { OwnBroker, refusal } from "../support/own-broker";

describe("a broker's user data in a clean Debian root", { skip: withoutDebianRoot }, () => {
	const broker = new OwnBroker();
	let machine: DebianMachine;
	let cloudInit: CloudInit;

	before(async () => {
		broker.do("init", "--host", "broker.example");
		broker.do("add-node", "sala");
		broker.do("add-user", "fone");
		machine = new DebianMachine();
		cloudInit = new CloudInit(machine, broker.do("cloud-init"));
	});
	after(async () => {
		await machine?.remove();
		await broker.remove();
	});

	const bundle = "/usr/local/lib/vagalume/broker.tar.gz";
	/** The files that the user data brought, again, after a command has changed them. */
	const spoil = (command: string) => {
		const file = cloudInit.files.find(({ path }) => path === bundle);
		assert.ok(file);
		const script = `cd "$(mktemp -d)" && tar -xz && ${command} && tar -cz .`;
		machine.write(
			bundle,
			spawnSync("sh", ["-c", script], { input: Buffer.from(file.content, "base64") }).stdout,
			0o600,
		);
	};
	const health = () => machine.run(["vagalume-broker", "health"]);
	/** `vagalume broker push`, with an ssh that leads into the root. */
	const push = () => {
		const bin = join(broker.directory, "bin");
		const ssh = `#!/bin/sh\n[ "$1" = me@broker.example ] || exit 255\nshift\nexec ${machine.entry.join(" ")} "$@"\n`;
		mkdirSync(bin, { recursive: true });
		writeFileSync(join(bin, "ssh"), ssh, { mode: 0o755 });
		const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}:/usr/sbin` };
		const args = ["bin/vagalume.js", "broker", "push", "me@broker.example", "--dir", broker.dir];
		const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
		return { status, said: `${stdout}${stderr}` };
	};
	const stat = (path: string) => machine.do(["stat", "-c", "%a %U:%G", path]).trim();

	test("write_files: each file is there, with its rights, and what is secret is root's alone", async () => {
		await machine.boot("own");
		cloudInit.init();
		for (const { path, permissions } of cloudInit.files)
			assert.equal(stat(path), `${permissions.slice(1)} root:root`, path);
		assert.equal(stat(bundle), "600 root:root");
		await machine.halt();
	});

	test("packages: Debian has them all, and they get installed over the files that are there already", async () => {
		await machine.boot("machine");
		cloudInit.installPackages();
		await machine.halt();
		await machine.boot("own");
		assert.match(machine.do(["dpkg-query", "-W", "mosquitto"]), /mosquitto\s+2\.0\.11/);
	});

	test("runcmd with files that let anybody in: cloud-init's status is error, and its output says why", () => {
		spoil("sed -i 's/^allow_anonymous false/allow_anonymous true/' mosquitto.conf");
		const { said } = cloudInit.final();
		assert.match(said, /UNHEALTHY: a client without a password was let in/);
		assert.match(cloudInit.status(), /^status: error$[\s\S]*scripts.user/m);
	});

	test("runcmd: ends with a broker that is healthy, and cloud-init's status is done", async () => {
		spoil(":");
		const { said } = cloudInit.final();
		assert.match(said, /installed\n.*healthy: TLS on 8883, 8884 and 8885 as broker\.example/s);
		assert.match(cloudInit.status(), /^status: done$/m);
		assert.ok(!existsSync(machine.file(bundle)), "its secrets are where they belong");
		[broker.port, broker.certificatePort] = [await machine.forward(8883), await machine.forward(8885)];
	});

	test("mosquitto runs as the drop-in says: its user, no capability, few files, and nothing of /etc to write", () => {
		const pid = machine.do(["cat", "/run/stand-in/mosquitto.service"]).trim();
		const of = (file: string) => machine.do(["cat", `/proc/${pid}/${file}`]);
		assert.match(of("cmdline"), /^\/usr\/sbin\/mosquitto\0-c\0\/etc\/mosquitto\/vagalume\/mosquitto\.conf/);
		const user = machine.do(["id", "-u", "mosquitto"]).trim();
		assert.match(of("status"), new RegExp(`^Uid:\\t${user}\\t${user}\\t${user}\\t${user}$`, "m"));
		assert.match(of("status"), /^CapEff:\t0+$[\s\S]*^CapBnd:\t0+$[\s\S]*^NoNewPrivs:\t1$/m);
		assert.match(of("limits"), /^Max open files\s+1564\s+1564/m);
		assert.match(of("mountinfo"), / \/ \/ ro|\/ ro,/);
		assert.equal(stat("/etc/mosquitto/vagalume"), "700 mosquitto:mosquitto");
		assert.equal(stat("/etc/mosquitto/vagalume/server.pem"), "600 mosquitto:mosquitto");
	});

	test("from outside: who has a password is let in, who has none, a wrong one or no TLS is not", async () => {
		assert.equal(await refusal(broker.url, broker.as("sala")), "let in");
		assert.match(await refusal(broker.url, broker.as("sala", { password: "wrong" })), /not authori[sz]ed/i);
		assert.match(await refusal(broker.url, { ca: readFileSync(broker.folder.authorities) }), /not authori[sz]ed/i);
		assert.notEqual(await refusal(`mqtt://localhost:${broker.port}`, broker.as("sala")), "let in");
	});

	test("from outside: what a node says reaches the phone", async () => {
		const phone = await broker.observe("fone");
		const node = await broker.observe("sala", "vagalume/sala/led/+/set");
		await node.publish("vagalume/sala/status", "online");
		await phone.sees("vagalume/sala/status", "online");
		await phone.publish("vagalume/sala/led/onboard/set", "ON");
		await node.sees("vagalume/sala/led/onboard/set", "ON");
		await node.end();
		await phone.end();
	});

	test("push: a new node, also with a certificate, is let in, and who is revoked is out", async () => {
		broker.do("add-node", "quarto", "--certificate");
		const { status, said } = push();
		assert.equal(status, 0, said);
		assert.equal(await refusal(broker.url, broker.as("quarto")), "let in");
		assert.equal(await refusal(`mqtts://localhost:${broker.certificatePort}`, broker.certified("quarto")), "let in");
		const as = broker.as("quarto");
		broker.do("revoke", "quarto");
		assert.equal(push().status, 0);
		assert.match(await refusal(broker.url, as), /not authori[sz]ed/i);
	});

	test("the last step again, as after a second boot: healthy, with what was pushed", async () => {
		const { said } = cloudInit.final();
		assert.match(said, /vagalume-broker: healthy/);
		assert.match(cloudInit.status(), /^status: done$/m);
		assert.equal(await refusal(broker.url, broker.as("sala")), "let in");
	});

	test("files that let nobody through: the last step fails and says so, and the former broker is back", async () => {
		spoil(": >acl");
		const { said } = cloudInit.final();
		assert.match(said, /UNHEALTHY: no message gets through[\s\S]*the former ones are back/);
		assert.match(cloudInit.status(), /^status: error$/m);
		assert.equal(health().status, 0);
		assert.equal(await refusal(broker.url, broker.as("sala")), "let in");
	});

	test("mosquitto gone: the health check fails and says so", () => {
		machine.do(["systemctl", "stop", "mosquitto"]);
		const { status, said } = health();
		assert.equal(status, 1);
		assert.match(said, /UNHEALTHY: mosquitto does not run/);
		machine.do(["systemctl", "restart", "mosquitto"]);
		assert.equal(health().status, 0);
	});

	test("the firewall: another computer that opens 90 connections at once gets sixty, and all of them without it", () => {
		const limited = machine.knock(8883, 90);
		assert.ok(limited >= 60 && limited <= 62, `${limited} of 90`);
		machine.do(["nft", "delete", "table", "inet", "vagalume"]);
		assert.equal(machine.knock(8883, 90), 90);
		machine.do(["systemctl", "enable", "--now", "vagalume-firewall"]);
		assert.equal(health().status, 0);
	});

	test("systemd, nftables, fail2ban and apt of that Debian take their files", (context) => {
		machine.do(["nft", "-c", "-f", "/usr/local/lib/vagalume/firewall.nft"]);
		machine.do(["fail2ban-client", "-t"]);
		assert.match(machine.do(["apt-config", "dump"]), /Unattended-Upgrade::Automatic-Reboot "true"/);
		if (machine.run(["which", "systemd-analyze"]).status !== 0)
			return context.skip("no systemd came with the packages");
		for (const unit of ["mosquitto", "vagalume-firewall"])
			assert.equal(machine.do(["systemd-analyze", "verify", "--man=no", `${unit}.service`]).trim(), "");
	});

	test("everything ends with it: no process, no mount", async () => {
		const script = `ls -l /proc/[0-9]*/root | grep -F "${machine.directory}"; grep -lF "${machine.directory}" /proc/[0-9]*/mountinfo`;
		const found = () => spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout;
		assert.match(found(), /root[\s\S]*mountinfo/, "there is something to end");
		await machine.halt();
		assert.equal(found(), "");
	});
});
