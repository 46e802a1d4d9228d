/** Tokens in real time, all over TLS: a token service by HTTPS, and a broker that lets in who shows a good one, until it expires. */
import assert from "node:assert/strict";
import { createServer as createWebServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { after, before, describe, test } from "node:test";
import { createServer, type TLSSocket } from "node:tls";
import { Aedes, type AuthenticateError } from "aedes";
import { certificate, certificateFile, withoutOpenssl } from "../support/certificates";
import { Simulator } from "../support/simulator";
import { TokenIssuer } from "../support/token-issuer";
import { until } from "../support/until";

const BASE = "vagalume/sala";
const pair = (name: string) => ({ cert: certificate(`${name}.pem`), key: certificate(`${name}.key`) });

async function listen(server: Server): Promise<number> {
	server.listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	return (server.address() as AddressInfo).port;
}

describe("the default node with tokens, over TLS", { skip: withoutOpenssl, timeout: 120_000 }, () => {
	const issuer = new TokenIssuer("RS256");
	issuer.life = 10;
	const ends: (() => void)[] = [() => issuer.close()];
	const seen: [topic: string, payload: string, at: number][] = [];
	const admitted: string[] = [];
	let broker: string;
	let service: number;
	let misnamed: number;

	before(async () => {
		const aedes = await Aedes.createBroker({});
		aedes.authenticate = (client, user, password, done) => {
			const claims = issuer.check(password?.toString());
			if (!claims) {
				done(Object.assign(new Error("no good token"), { returnCode: 5 }) as AuthenticateError, false);
				return;
			}
			admitted.push(`${user} ${claims.jti}`);
			const timer = setTimeout(() => client.close(), claims.exp * 1000 - Date.now());
			client.conn.once("close", () => clearTimeout(timer));
			done(null, true);
		};
		aedes.subscribe(
			"#",
			(packet, done) => {
				seen.push([packet.topic, packet.payload.toString(), Date.now()]);
				done();
			},
			() => {},
		);
		const sockets = new Set<TLSSocket>();
		const server = createServer(pair("server"), (socket) => {
			sockets.add(socket);
			socket.once("close", () => sockets.delete(socket));
			aedes.handle(socket, undefined as never);
		});
		broker = `mqtts://localhost:${await listen(server)}`;
		const web = createWebServer(pair("server"), issuer.listener);
		service = await listen(web);
		const other = createWebServer(pair("misnamed"), issuer.listener);
		misnamed = await listen(other);
		ends.push(
			() => aedes.close(),
			() => {
				for (const socket of sockets) socket.destroy();
			},
			() => server.close(),
			() => web.close(),
			() => other.close(),
		);
	});
	after(() => {
		for (const end of ends) end();
	});

	const start = (port: number, changes: object = {}) => {
		const file = issuer.file(`https://localhost:${port}/token`, changes);
		const more = ["--ca", certificateFile("authority.pem"), "--token-file", file];
		return new Simulator(["--broker", broker, "--id", "sala", ...more]);
	};
	const of = (topic: string) => seen.filter(([name]) => name === `${BASE}/${topic}`).map(([, payload]) => payload);

	test("tokens of 10 s: three renewals, never offline, each record once", async (t) => {
		const node = start(service);
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => admitted.length >= 4, 60_000, "three renewals");
		const last = of("telemetry").length;
		await until(() => of("telemetry").length > last, 15_000, "a record with the last token");
		assert.deepEqual(new Set(of("status")), new Set(["online"]));
		assert.equal(new Set(admitted).size, admitted.length);
		const seqs = of("telemetry").map((text) => (JSON.parse(text) as { seq: number }).seq);
		assert.deepEqual(
			seqs,
			seqs.map((_, index) => seqs[0]! + index),
		);
		assert.equal(await node.stop("SIGINT"), 0);
		await until(() => of("status").at(-1) === "offline", 2000, "offline");
		const said = JSON.stringify(node.lines) + node.stderr;
		assert.ok(!said.includes(issuer.secret) && !said.includes("eyJ"), "no secret and no token in what it says");
	});

	for (const [what, port, changes, named] of [
		["a wrong secret", () => service, { secret: "moth" }, /token: localhost:\d+: HTTP 401: invalid_client/],
		["a service with another's certificate", () => misnamed, {}, /token: localhost:\d+: .*(name|localhost)/],
	] as const)
		test(`${what}: named, and the broker is not bothered`, async (t) => {
			const before = admitted.length;
			const node = start(port(), changes);
			t.after(() => node.stop("SIGKILL"));
			await node.ready();
			const about = () => node.lines.filter(({ message }) => named.test(message ?? ""));
			await until(() => about().length >= 2, 15_000, "the reason, twice");
			assert.equal(admitted.length, before);
			assert.ok(!node.lines.some(({ message }) => /MQTT: connecting/.test(message ?? "")));
			assert.equal(await node.stop("SIGINT"), 0);
		});
});
