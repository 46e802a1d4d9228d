import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parse } from "yaml";
import { newAuthority, newServer } from "../../tools/broker/authority";
import { bundle, userData } from "../../tools/broker/host";
import { connectOnce } from "../../tools/broker/running";
import { root } from "../../tools/root";
import { freePort } from "../support/free-port";
import { withoutMosquitto } from "../support/mosquitto";
import { OwnBroker, refusal } from "../support/own-broker";

const script = join(root, "deploy/ubuntu/vagalume-broker.sh");
const without = (program: string) =>
	spawnSync(program, ["--version"]).error === undefined ? false : `${program} is not installed`;

const SERVICE = "vagalume-mqtt.service";
/** Stands for systemd: one service, mosquitto. */
const SYSTEMCTL = `#!/bin/sh
pid=$VAGALUME_ROOT/pid
running() { [ -e "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; }
case "$1" in
	is-active) running ;;
	reload) kill -HUP "$(cat "$pid")" ;;
	restart)
		if running; then kill "$(cat "$pid")"; while running; do sleep 0.05; done; fi
		setsid mosquitto -c "$VAGALUME_ROOT/etc/mosquitto/vagalume/mosquitto.conf" </dev/null >>"$VAGALUME_ROOT/log" 2>&1 &
		echo $! >"$pid" ;;
	stop) kill "$(cat "$pid")"; while running; do sleep 0.05; done ;;
esac
`;

describe("the scripts of a broker's host", { skip: withoutMosquitto || without("openssl") }, () => {
	const broker = new OwnBroker();
	const host = mkdtempSync(join(tmpdir(), "vagalume-host-"));
	const files = join(host, "etc/mosquitto/vagalume");
	/** Of Avahi. */
	const services = join(host, "etc/avahi/services");
	const path = `${join(host, "bin")}:${process.env["PATH"]}:/usr/sbin`;
	const env = { ...process.env, PATH: path, VAGALUME_ROOT: host, VAGALUME_TRIES: "4", VAGALUME_WAIT: "2" };
	let place: { certificatePort: number };

	before(async () => {
		mkdirSync(join(host, "bin"));
		mkdirSync(join(host, "data"));
		writeFileSync(join(host, "bin/systemctl"), SYSTEMCTL, { mode: 0o755 });
		writeFileSync(join(host, "bin/logger"), "#!/bin/sh\n", { mode: 0o755 });
		broker.do("init", "--host", "broker.example");
		broker.do("add-node", "sala");
		const [port, webSocketPort, certificatePort] = [await freePort(), await freePort(), await freePort()];
		broker.port = port;
		const user = process.getuid?.() === 0 ? "root" : undefined;
		const more = { port, webSocketPort, data: `${join(host, "data")}/`, bind: "127.0.0.1", user };
		place = { certificatePort, ...more };
	});
	after(async () => {
		spawnSync("systemctl", ["stop"], { env });
		rmSync(host, { recursive: true });
		await broker.remove();
	});

	const conf = "mosquitto.conf";
	const run = (action: string, input?: Buffer) => {
		const { status, stdout, stderr } = spawnSync("sh", [script, action], { env, input, encoding: "utf8" });
		return { status, said: `${stdout}${stderr}` };
	};
	const install = () => run("install", bundle(broker.folder, files, place));
	/** Changes an installed file for as long as `work` takes. */
	const changed = async (name: string, text: string | ((was: string) => string), work: () => Promise<void> | void) => {
		const was = readFileSync(join(files, name), "utf8");
		writeFileSync(join(files, name), typeof text === "string" ? text : text(was));
		spawnSync("systemctl", ["restart"], { env });
		try {
			await work();
		} finally {
			writeFileSync(join(files, name), was);
			spawnSync("systemctl", ["restart"], { env });
		}
	};

	test("health before anything is installed: unhealthy, and says so", () => {
		const { status, said } = run("health");
		assert.equal(status, 1);
		assert.match(said, /UNHEALTHY: no broker is installed/);
	});

	test("install: the broker runs, is healthy, and lets in who may", async () => {
		const { status, said } = install();
		assert.equal(status, 0, said);
		assert.match(said, /healthy: TLS on \d+, \d+ and \d+ as broker\.example.*\n.*installed/);
		assert.equal(await refusal(broker.url, broker.as("sala")), "let in");
	});

	test("a new node is installed by a reload: who is there stays", async () => {
		const client = await connectOnce(broker.url, broker.as("sala"));
		let lost = 0;
		client.on("close", () => lost++);
		broker.do("add-node", "quarto");
		assert.equal(install().status, 0);
		assert.equal(await refusal(broker.url, broker.as("quarto")), "let in");
		assert.equal(lost, 0);
		await client.endAsync(true);
	});

	test("mosquitto that does not reload is restarted: who is revoked is out all the same", async () => {
		broker.do("add-node", "cozinha");
		assert.equal(install().status, 0);
		const revoked = broker.as("cozinha");
		broker.do("revoke", "cozinha");
		writeFileSync(join(host, "bin/systemctl"), SYSTEMCTL.replace("reload) ", "reload) exit 1; "));
		const { status, said } = install();
		writeFileSync(join(host, "bin/systemctl"), SYSTEMCTL);
		assert.equal(status, 0, said);
		assert.match(said, /does not reload: it is restarted/);
		assert.notEqual(await refusal(broker.url, revoked), "let in");
	});

	test("a user who is no more in what is installed is out at once, also with a certificate, and reported offline", async () => {
		broker.do("add-node", "porta", "--certificate");
		broker.do("add-user", "fone");
		assert.equal(install().status, 0);
		const phone = await broker.observe("fone");
		const will = { topic: "vagalume/porta/status", payload: Buffer.from("offline"), qos: 1 as const, retain: true };
		const url = `mqtts://localhost:${place.certificatePort}`;
		const porta = await connectOnce(url, broker.certified("porta", { will }));
		const out = new Promise<void>((resolve) => porta.once("close", () => resolve()));
		broker.do("revoke", "porta");
		assert.equal(install().status, 0);
		await out;
		await phone.sees("vagalume/porta/status", "offline");
		await phone.end();
	});

	test("a broker with a name in .local: Avahi, where there is one, is to tell the local network", () => {
		broker.do("rotate", "--host", "broker.example,firefly.local");
		assert.equal(install().status, 0);
		assert.ok(!existsSync(services), "no Avahi, no file");
		mkdirSync(services, { recursive: true });
		assert.equal(install().status, 0);
		assert.equal(readFileSync(join(services, SERVICE), "utf8"), readFileSync(broker.folder.avahi, "utf8"));
		assert.equal(statSync(join(services, SERVICE)).mode & 0o777, 0o644);
	});

	const rubbish: [string, (staging: string) => void, RegExp][] = [
		["a file too many", (staging) => writeFileSync(join(staging, "more"), ""), /not the files of a broker/],
		["a file too few", (staging) => rmSync(join(staging, "acl")), /not the files of a broker/],
		[
			"the key of another certificate",
			(staging) => {
				const other = readFileSync(broker.folder.server, "utf8").replace(
					/-----BEGIN PRIVATE[\s\S]*?-----END PRIVATE KEY-----/,
					() => broker.folder.authority(1).key.trim(),
				);
				writeFileSync(join(staging, "server.pem"), other);
			},
			/private key is not that of the certificate/,
		],
		[
			"a link",
			(staging) => {
				rmSync(join(staging, "acl"));
				spawnSync("ln", ["-s", "/etc/passwd", join(staging, "acl")]);
			},
			/acl is no file/,
		],
		[
			"an access list that lets nobody through",
			(staging) => writeFileSync(join(staging, "acl"), ""),
			/the former ones are back/,
		],
	];
	for (const [what, spoil, message] of rubbish)
		test(`install with ${what}: refused, and the broker is as it was`, async () => {
			const staging = mkdtempSync(join(tmpdir(), "vagalume-spoilt-"));
			spawnSync("tar", ["-xz", "-C", staging], { input: bundle(broker.folder, files, place) });
			spoil(staging);
			const input = spawnSync("tar", ["-cz", "-C", staging, "."]).stdout;
			rmSync(staging, { recursive: true });
			const { status, said } = run("install", input);
			assert.equal(status, 1, said);
			assert.match(said, message);
			const { status: after, said: health } = run("health");
			assert.equal(after, 0, health);
		});

	test("install of what is no tar.gz: refused", () => {
		assert.equal(run("install", Buffer.from("rubbish")).status, 1);
	});

	const sick: [string, string, (was: string) => Promise<string> | string, RegExp][] = [
		[
			"anybody is let in",
			conf,
			(was) => was.replace("allow_anonymous false", "allow_anonymous true"),
			/without a password was let in/,
		],
		[
			"a port has no TLS",
			conf,
			(was) => was.replace(/certfile.*\n.*keyfile.*\n/, ""),
			/nothing listens|no TLS|certificate/,
		],
		["no message may pass", "acl", () => "", /no message gets through/],
		[
			"the certificate is for another name",
			"host",
			() => "elsewhere.example\n",
			/not good for elsewhere\.example.*(hostname|mismatch)/i,
		],
		[
			"the certificate ends soon",
			"server.pem",
			async () => {
				const own = broker.folder.authority(1);
				const { certificate, key } = await newServer(own, ["broker.example", "localhost"], 3);
				return key + certificate + own.certificate;
			},
			/ends within 14 days/,
		],
	];
	for (const [what, name, spoil, message] of sick)
		test(`health when ${what}: fails loudly`, async () => {
			const text = await spoil(readFileSync(join(files, name), "utf8"));
			await changed(name, text, () => {
				const { status, said } = run("health");
				assert.equal(status, 1, said);
				assert.match(said, /UNHEALTHY/);
				assert.match(said, message);
			});
			assert.equal(run("health").status, 0);
		});

	test("health when mosquitto is gone: fails loudly", () => {
		spawnSync("systemctl", ["stop"], { env });
		const { status, said } = run("health");
		assert.equal(status, 1);
		assert.match(said, /UNHEALTHY: mosquitto does not run/);
		spawnSync("systemctl", ["restart"], { env });
		assert.equal(run("health").status, 0);
	});

	test("a certificate of Let's Encrypt is used, renewed, and checked against the public authorities", async () => {
		const live = join(host, "etc/letsencrypt/live/vagalume");
		mkdirSync(live, { recursive: true });
		const other = await newAuthority("A public authority");
		writeFileSync(join(host, "public.pem"), other.certificate);
		const renew = async () => {
			const { certificate, key } = await newServer(other, ["localhost"], 90);
			writeFileSync(join(live, "privkey.pem"), key);
			writeFileSync(join(live, "fullchain.pem"), certificate + other.certificate);
			return certificate;
		};
		const first = await renew();
		const trusting = { ...env, VAGALUME_PUBLIC_CAS: join(host, "public.pem") };
		const go = (action: string, input?: Buffer) => {
			const { status, stdout, stderr } = spawnSync("sh", [script, action], { env: trusting, input, encoding: "utf8" });
			assert.equal(status, 0, stdout + stderr);
		};
		writeFileSync(join(files, "host"), "localhost\n");
		assert.ok(existsSync(join(services, SERVICE)));
		go("certificate");
		assert.ok(!existsSync(join(services, SERVICE)), "it has no name in .local");
		go("health");
		assert.ok(readFileSync(join(files, "server.pem"), "utf8").includes(first));
		const second = await renew();
		go("certificate");
		go("health");
		assert.ok(readFileSync(join(files, "server.pem"), "utf8").includes(second));
		assert.equal(run("health").status, 1, "without the public authority it is not good");
		broker.do("rotate", "--host", "localhost");
		go("install", bundle(broker.folder, files, place));
		assert.ok(readFileSync(join(files, "server.pem"), "utf8").includes(second), "what is pushed does not replace it");
		rmSync(join(host, "etc/letsencrypt"), { recursive: true });
		assert.equal(install().status, 0);
	});

	test("push: goes by ssh, and has it installed there", async () => {
		writeFileSync(
			join(host, "bin/ssh"),
			`#!/bin/sh\n[ "$*" = "me@host sudo vagalume-broker install" ] && cat >"${host}/sent"\n`,
			{
				mode: 0o755,
			},
		);
		const args = ["bin/vagalume.js", "broker", "push", "me@host", "--dir", broker.dir];
		const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
		assert.equal(status, 0, stderr);
		const list = spawnSync("tar", ["-tzf", join(host, "sent")], { encoding: "utf8" })
			.stdout.split("\n")
			.sort();
		assert.deepEqual(
			list.filter((name) => name.length > 2),
			[
				"./acl",
				"./ca.crt",
				"./client-authorities.crt",
				"./control-password",
				"./host",
				"./mosquitto.conf",
				"./passwords",
				"./revoked.crl",
				"./server.pem",
			],
		);
	});

	test("the user data has neither the authority's key nor a client's password in it", () => {
		const text = userData(broker.folder, undefined);
		const { write_files } = parse(text) as { write_files: { path: string; content: string }[] };
		const packed = Buffer.from(write_files.find(({ path }) => path.endsWith("broker.tar.gz"))!.content, "base64");
		const all = text + spawnSync("tar", ["-xzO"], { input: packed }).stdout;
		assert.ok(all.includes("user sala"), "it was unpacked");
		assert.ok(!all.includes(broker.folder.authority(1).key.slice(60, 200)));
		assert.ok(!all.includes(broker.password("sala")));
	});

	test("cloud-init takes the user data, with Let's Encrypt too", { skip: without("cloud-init") }, () => {
		for (const email of [undefined, "me@example.org"]) {
			const file = join(host, "user-data");
			writeFileSync(file, userData(broker.folder, email));
			const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", file], {
				encoding: "utf8",
			});
			assert.equal(status, 0, stdout + stderr);
			const spoilt = readFileSync(file, "utf8").replace("package_update: true", "package_update: 7");
			writeFileSync(file, spoilt);
			assert.notEqual(spawnSync("cloud-init", ["schema", "--config-file", file]).status, 0);
		}
	});

	test("shellcheck finds nothing in the scripts", { skip: without("shellcheck") }, () => {
		const scripts = ["vagalume-broker.sh", "vagalume-setup.sh"].map((name) => join(root, "deploy/ubuntu", name));
		const { status, stdout } = spawnSync("shellcheck", scripts, { encoding: "utf8" });
		assert.equal(status, 0, stdout);
	});

	const kernel =
		without("nft") || (spawnSync("nft", ["list", "tables"]).status !== 0 && "the kernel is not asked by this user");
	test("the firewall's rules are ones", { skip: kernel }, () => {
		const file = join(root, "deploy/ubuntu/firewall.nft");
		assert.equal(spawnSync("nft", ["-c", "-f", file]).status, 0);
		const input = readFileSync(file, "utf8").replace("ct state new", "ct state newish");
		assert.notEqual(spawnSync("nft", ["-c", "-f", "-"], { input }).status, 0);
	});

	test("the service may open as many files as mosquitto may have connections, and a few", () => {
		const unit = readFileSync(join(root, "deploy/ubuntu/mosquitto.service.conf"), "utf8");
		const connections = [...readFileSync(join(files, conf), "utf8").matchAll(/^max_connections (\d+)/gm)];
		const sum = connections.reduce((total, [, count]) => total + Number(count), 0);
		assert.equal(Number(/^LimitNOFILE=(\d+)/m.exec(unit)?.[1]), sum + 64);
	});

	test("nothing is left behind", () => {
		assert.ok(!existsSync(`${files}.new`) && !existsSync(`${files}.former`));
	});
});
