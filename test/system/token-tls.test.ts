/** Tokens in real time, all over TLS: a token service by HTTPS, and a broker that lets in who shows a good one, until it expires. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { certificateFile, withoutOpenssl } from "../support/certificates";
import { Simulator } from "../support/simulator";
import { TokenIssuer } from "../support/token-issuer";
import { TokenWorld } from "../support/token-world";
import { until } from "../support/until";

describe("the default node with tokens, over TLS", { skip: withoutOpenssl, timeout: 120_000 }, () => {
	const issuer = new TokenIssuer("RS256");
	issuer.life = 10;
	let world: TokenWorld;

	before(async () => {
		world = await TokenWorld.start(issuer);
	});
	after(() => {
		world.close();
		issuer.close();
	});

	const start = (url: string, changes: object = {}) => {
		const more = ["--ca", certificateFile("authority.pem"), "--token-file", issuer.file(url, changes)];
		return new Simulator(["--broker", world.broker, "--id", "sala", ...more]);
	};

	test("tokens of 10 s: three renewals, never offline, each record once", async (t) => {
		const node = start(await world.serve());
		t.after(() => node.stop("SIGKILL"));
		await node.ready();
		await until(() => world.admitted.length >= 4, 60_000, "three renewals");
		const last = world.records.length;
		await until(() => world.records.length > last, 15_000, "a record with the last token");
		assert.deepEqual(new Set(world.of("status")), new Set(["online"]));
		assert.equal(new Set(world.admitted).size, world.admitted.length);
		const { records } = world;
		assert.deepEqual(
			records,
			records.map((_, index) => records[0]! + index),
		);
		assert.equal(await node.stop("SIGINT"), 0);
		await until(() => world.of("status").at(-1) === "offline", 2000, "offline");
		const said = JSON.stringify(node.lines) + node.stderr;
		assert.ok(!said.includes(issuer.secret) && !said.includes("eyJ"), "no secret and no token in what it says");
	});

	for (const [what, certificate, changes, named] of [
		["a wrong secret", "server", { secret: "moth" }, /token: localhost:\d+: HTTP 401: invalid_client/],
		["a service with another's certificate", "misnamed", {}, /token: localhost:\d+: .*(name|localhost)/],
	] as const)
		test(`${what}: named, and the broker is not bothered`, async (t) => {
			const before = world.admitted.length;
			const node = start(await world.serve(certificate), changes);
			t.after(() => node.stop("SIGKILL"));
			await node.ready();
			const about = () => node.lines.filter(({ message }) => named.test(message ?? ""));
			await until(() => about().length >= 2, 15_000, "the reason, twice");
			assert.equal(world.admitted.length, before);
			assert.ok(!node.lines.some(({ message }) => /MQTT: connecting/.test(message ?? "")));
			assert.equal(await node.stop("SIGINT"), 0);
		});
});
