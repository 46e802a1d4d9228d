import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { type Proof, provesLive } from "../support/conformance";
import { polite, Visit } from "../support/hostile-broker";
import { Simulator } from "../support/simulator";
import { until } from "../support/until";

const proof: Proof = { skip: withoutOpenssl };
const trusted = ["--ca", certificateFile("authority.pem")];

/** A broker that wants TLS: its connections, and the sockets below them. */
async function secureBroker(t: TestContext, name: string, options: TlsOptions = {}) {
	const visits: Visit[] = [];
	const sockets: TLSSocket[] = [];
	const server = createServer({ cert: certificate(`${name}.pem`), key: certificate(`${name}.key`), ...options });
	server.on("secureConnection", (socket) => {
		sockets.push(socket);
		visits.push(new Visit(socket, polite));
	});
	server.on("tlsClientError", () => {});
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return { visits, sockets, port: (server.address() as AddressInfo).port };
}

function node(t: TestContext, port: number, options: readonly string[]): Simulator {
	const simulator = new Simulator(["--broker", `mqtts://localhost:${port}`, "--id", "sala", ...options]);
	t.after(() => simulator.stop("SIGKILL"));
	return simulator;
}

/** The node says CONNECT, and the broker can answer. */
async function connects(broker: { visits: Visit[] }): Promise<Visit> {
	await until(() => (broker.visits.at(-1)?.of("connect").length ?? 0) > 0, 20_000, "CONNECT");
	const visit = broker.visits.at(-1)!;
	await until(() => visit.of("subscribe").length > 0, 10_000, "SUBSCRIBE");
	return visit;
}

/** The node refuses the broker, says why, and tries again. */
async function refuses(broker: { visits: Visit[] }, simulator: Simulator, reason: RegExp): Promise<void> {
	await simulator.ready();
	const refused = () => simulator.lines.filter(({ message }) => /next attempt/.test(message ?? ""));
	await until(() => refused().length >= 2, 20_000, "two refusals");
	for (const { message } of refused()) assert.match(message!, reason);
	assert.deepEqual(
		broker.visits.flatMap(({ heard }) => heard),
		[],
		"nothing of MQTT was said",
	);
}

provesLive(
	"TLS_Connect, 08-ssl-connect-no-auth",
	"with the authority's certificate the node connects, and MQTT goes both ways",
	async (t) => {
		const broker = await secureBroker(t, "server");
		node(t, broker.port, trusted);
		const visit = await connects(broker);
		visit.send({ cmd: "publish", topic: "vagalume/sala/relay/fan/set", payload: "ON", qos: 1, messageId: 9 });
		await until(() => visit.of("puback").some(({ messageId }) => messageId === 9), 5000, "PUBACK");
	},
	proof,
);

provesLive(
	"TLS_Receive_Maximum_Size_Fragments",
	"128 KB in TLS records of 16 KB are received and acknowledged, and what follows them is obeyed",
	async (t) => {
		const broker = await secureBroker(t, "server");
		node(t, broker.port, trusted);
		const visit = await connects(broker);
		assert.ok(broker.sockets.at(-1)!.setMaxSendFragment(16_384));
		const payload = Buffer.alloc(131_072, "x");
		visit.send({ cmd: "publish", topic: "vagalume/sala/command/ping", payload, qos: 1, messageId: 9 });
		visit.send({ cmd: "publish", topic: "vagalume/sala/command/ping", payload: "{}", qos: 1, messageId: 10 });
		const acknowledged = (id: number) => visit.of("puback").some(({ messageId }) => messageId === id);
		await until(() => acknowledged(9) && acknowledged(10), 10_000, "both PUBACKs");
		const answer = () =>
			visit.heard.some((packet) => packet.cmd === "publish" && packet.topic.endsWith("response/ping"));
		await until(answer, 5000, "the answer");
		assert.equal(broker.visits.length, 1, "on one connection");
	},
	proof,
);

provesLive(
	"TLS_Support_aws_iot_cipher_suites",
	"a server that takes nothing but one of the recommended suites is reached, with TLS 1.2 and 1.3",
	async (t) => {
		for (const [ciphers, maxVersion] of [
			["ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2"],
			["TLS_AES_256_GCM_SHA384", "TLSv1.3"],
		] as const) {
			const broker = await secureBroker(t, "server", { ciphers, maxVersion, minVersion: maxVersion });
			const simulator = node(t, broker.port, trusted);
			await connects(broker);
			assert.equal(broker.sockets[0]!.getCipher().name, ciphers);
			await simulator.stop("SIGKILL");
		}
	},
	proof,
);

for (const [clauses, what, server, authority, reason] of [
	[
		"TLS_Unsecure_Server_Cert, 08-ssl-fake-cacert",
		"of another authority",
		"server",
		"stranger.pem",
		/unknown authority/,
	],
	["TLS_Incorrect_Subject_Name_Server_Cert", "for another name", "misnamed", "authority.pem", /not for localhost|name/],
	["TLS_Expired_Server_Cert", "that has expired", "expired", "authority.pem", /expired/],
] as const)
	provesLive(
		clauses,
		`a certificate ${what} is refused with its reason, before CONNECT`,
		async (t) => {
			const broker = await secureBroker(t, server);
			await refuses(broker, node(t, broker.port, ["--ca", certificateFile(authority)]), reason);
		},
		proof,
	);

provesLive(
	"TLS_Large_Size_Server_Cert",
	"a server certificate of more than 16 KB, with 600 names, is accepted",
	async (t) => {
		assert.ok(Buffer.from(certificate("large.pem").replace(/-.*-|\n/g, ""), "base64").length > 16_384);
		const broker = await secureBroker(t, "large");
		node(t, broker.port, trusted);
		await connects(broker);
	},
	proof,
);

provesLive(
	"08-ssl-connect-cert-auth",
	"a server that asks for a certificate of the node gets it; without one it is not entered",
	async (t) => {
		const broker = await secureBroker(t, "server", {
			requestCert: true,
			rejectUnauthorized: true,
			ca: certificate("authority.pem"),
		});
		const stranger = node(t, broker.port, trusted);
		await stranger.ready();
		await until(() => stranger.lines.some(({ message }) => /next attempt/.test(message ?? "")), 20_000, "a refusal");
		await stranger.stop("SIGKILL");
		const own = ["--cert", certificateFile("client.pem"), "--key", certificateFile("client.key")];
		node(t, broker.port, [...trusted, ...own]);
		await connects(broker);
		assert.equal(broker.sockets.at(-1)!.getPeerCertificate().subject.CN, "node");
	},
	proof,
);

provesLive(
	"08-ssl-connect-cert-auth-enc",
	"a key that is encrypted is refused, with what is wrong",
	async (t) => {
		const folder = mkdtempSync(join(tmpdir(), "vagalume-key-"));
		t.after(() => rmSync(folder, { recursive: true }));
		const key = join(folder, "encrypted.key");
		const args = ["ec", "-in", certificateFile("client.key"), "-aes256", "-passout", "pass:x", "-out", key];
		assert.equal(spawnSync("openssl", args).status, 0);
		const broker = await secureBroker(t, "server");
		const simulator = node(t, broker.port, [...trusted, "--cert", certificateFile("client.pem"), "--key", key]);
		await refuses(broker, simulator, /client key: is encrypted/);
	},
	{ ...proof, differs: "keys with a passphrase are not supported: on a board nobody is there who types it" },
);

provesLive(
	"08-ssl-bad-cacert",
	"an authority file that is missing is wrong usage; one without a certificate is said at each attempt",
	async (t) => {
		const missing = node(t, 1, ["--ca", "/nowhere/authority.pem"]);
		assert.equal((await missing.ended).code, 2);
		assert.match(missing.stderr, /--ca \/nowhere\/authority\.pem: cannot be read/);
		const broker = await secureBroker(t, "server");
		const simulator = node(t, broker.port, ["--ca", certificateFile("client.key")]);
		await refuses(broker, simulator, /certificate authority: not a PEM or DER certificate/);
	},
	proof,
);
