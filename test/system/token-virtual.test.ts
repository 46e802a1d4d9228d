/** A node whose password is a token, in virtual time: renewals, and what token services and brokers may do. */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { after, beforeEach, describe, type TestContext, test } from "node:test";
import { TokenIssuer } from "../support/token-issuer";
import { VirtualSimulation } from "../support/virtual-simulation";

const BASE = "vagalume/sala";
const PLACE = "http://tokens.simulated/oauth/token";
const issuer = new TokenIssuer();
after(() => issuer.close());

beforeEach(() => {
	issuer.life = 60;
	issuer.given = 0;
	issuer.bodies.length = 0;
	issuer.answer = undefined;
});

interface World extends VirtualSimulation {
	/** What the broker says of who knocked. */
	admitted: string[];
	refused: number;
	/** The broker ends the connection. */
	kick(): void;
	/** What clients of the broker saw. */
	seen: [topic: string, payload: string][];
}

/** A node, its token service, and a broker that checks tokens, and with `strict` ends who shows an old one. */
async function start(t: TestContext, { strict = true, file = {}, args = [] as string[] } = {}): Promise<World> {
	const token = issuer.file(PLACE, { overHTTP: true, ...file });
	const world = Object.assign(await VirtualSimulation.start(t, ["--token-file", token, ...args]), {
		admitted: [],
		refused: 0,
		kick() {},
		seen: [],
	}) as unknown as World;
	const { clock, internet, broker } = world.simulation;
	issuer.now = () => clock.date();
	const server = createServer((request, response) => {
		internet.touch();
		const end = response.end.bind(response);
		response.end = ((...parts: []) => {
			internet.touch();
			return end(...parts);
		}) as typeof response.end;
		issuer.listener(request, response);
	});
	server.keepAliveTimeout = server.requestTimeout = server.headersTimeout = 0;
	internet.serve("tokens.simulated", 80, (stream) => {
		stream.on("error", () => {});
		server.emit("connection", stream);
	});
	broker!.guard((user, password, end) => {
		const claims = issuer.check(password);
		if (!claims) {
			world.refused++;
			return false;
		}
		world.admitted.push(`${user}: ${claims.jti}`);
		world.kick = end;
		if (strict) clock.set(end, claims.exp * 1000 - clock.date());
		return true;
	});
	broker!.subscribe("#", (topic, payload) => void world.seen.push([topic, payload.toString()]));
	return world;
}

const of = ({ seen }: World, topic: string) =>
	seen.filter(([name]) => name === `${BASE}/${topic}`).map(([, payload]) => payload);
const logged = ({ output }: World, pattern: RegExp) => output.lines.filter((line) => pattern.test(line));
const records = (world: World) => of(world, "telemetry").map((text) => (JSON.parse(text) as { seq: number }).seq);

describe("a token that lives for a minute", () => {
	for (const [what, strict] of [
		["a broker that ends connections whose token has expired", true],
		["a broker that looks at it once", false],
	] as const)
		test(`${what}: never offline in ten minutes, no record or order lost or doubled`, async (t) => {
			const world = await start(t, { strict });
			await world.run(10);
			const pings = 590;
			for (let id = 0; id < pings; id++) {
				world.order(`${BASE}/command/ping`, JSON.stringify({ id }));
				await world.run(1);
			}
			await world.run(5);
			assert.ok(world.admitted.length >= 10, `connections: ${world.admitted.length}`);
			assert.ok(world.admitted.length <= 16, `connections: ${world.admitted.length}`);
			assert.equal(new Set(world.admitted).size, world.admitted.length, "each with a token of its own");
			for (const who of world.admitted) assert.match(who, /^sala: /);
			assert.equal(world.refused, 0);
			assert.deepEqual(new Set(of(world, "status")), new Set(["online"]));
			const seqs = records(world);
			assert.ok(seqs.length >= 59, `${seqs.length}`);
			assert.deepEqual(
				seqs,
				seqs.map((_, index) => seqs[0]! + index),
			);
			const answers = of(world, "response/ping").map((text) => (JSON.parse(text) as { id: number }).id);
			assert.deepEqual(
				answers,
				answers.map((_, index) => index),
			);
			assert.equal(answers.length, pings);
			assert.deepEqual(logged(world, /^(warn|error)/), []);
			assert.equal(await world.end(), 0);
			assert.equal(of(world, "status").at(-1), "offline");
		});

	test("a token service that is away for a while: the connection stays, and it is said", async (t) => {
		const world = await start(t);
		await world.run(30);
		issuer.answer = (_, response) => void response.writeHead(503).end();
		await world.run(25);
		issuer.answer = undefined;
		await world.run(60);
		assert.deepEqual(new Set(of(world, "status")), new Set(["online"]));
		const about =
			/^warn token: tokens\.simulated:80: HTTP 503; next attempt in \d+ ms; the present one is good for \d+ s$/;
		assert.ok(logged(world, about).length > 0, world.output.lines.join("\n"));
		assert.ok(
			of(world, "log").some((line) => about.test(line)),
			"the owner sees it, too",
		);
	});

	test("a token service that is away for longer: offline when the broker says so, and back with the service", async (t) => {
		const world = await start(t);
		await world.run(30);
		issuer.answer = (_, response) => void response.destroy();
		await world.run(120);
		assert.equal(of(world, "status").at(-1), "offline");
		assert.equal(
			logged(world, /not connected: token: it has expired, and a new one did not come yet/).length > 0,
			true,
		);
		const before = records(world).length;
		issuer.answer = undefined;
		await world.run(90);
		assert.equal(of(world, "status").at(-1), "online");
		const seqs = records(world);
		assert.ok(seqs.length > before + 8);
		assert.deepEqual(
			seqs,
			seqs.map((_, index) => seqs[0]! + index),
			"records of the time between came later, each once",
		);
		assert.equal(world.refused, 0, "an expired token is not shown");
	});

	test("a token that the broker refuses is thrown away, and another one fetched; not in a rush", async (t) => {
		const world = await start(t);
		await world.run(20);
		const real = issuer.check;
		t.after(() => {
			issuer.check = real;
		});
		issuer.check = () => undefined;
		await world.run(300);
		assert.ok(logged(world, /refused the connection: .*\(5\)/).length > 3);
		assert.ok(issuer.given > 5, `${issuer.given} tokens`);
		assert.ok(issuer.given < 40, `${issuer.given} tokens in 300 s`);
		issuer.check = real;
		await world.run(40);
		assert.equal(of(world, "status").at(-1), "online");
	});

	test("keys that the service changes: the former token is refused, the next one taken", async (t) => {
		const world = await start(t, { strict: false });
		await world.run(20);
		issuer.changeKey();
		world.kick();
		await world.run(15);
		assert.ok(world.refused >= 1);
		assert.equal(of(world, "status").at(-1), "online");
		assert.ok(world.admitted.length >= 2);
	});
});

describe("what a token service answers", () => {
	const json =
		(answer: object | string, status = 200): RequestListener =>
		(request, response) => {
			request.resume();
			response.writeHead(status).end(typeof answer === "string" ? answer : JSON.stringify(answer));
		};
	const good = (changes: object) => json({ access_token: issuer.issue(), token_type: "Bearer", ...changes });
	const bad: [what: string, answer: () => RequestListener, named: RegExp][] = [
		["rubbish", () => json(Buffer.from("eyJ0b2 \u0000{").toString()), /its answer is no JSON object/],
		["a web page", () => json("<!DOCTYPE html>".repeat(20)), /its answer is no JSON object/],
		["a list", () => json("[1]"), /its answer is no JSON object/],
		["deep nesting", () => json("[".repeat(3000)), /its answer is no JSON object/],
		["thousands of values", () => json(`{"a":[${"1,".repeat(1500)}1]}`), /its answer is no JSON object/],
		["no token", () => json({ token_type: "Bearer" }), /its answer has no "access_token"/],
		["a token that is a number", () => good({ access_token: 7 }), /its answer has no "access_token"/],
		["a token with a line break", () => good({ access_token: "a\nb" }), /characters that are not printable ASCII/],
		["a huge token", () => good({ access_token: "x".repeat(2049) }), /its token has 2049 characters, at most 2048/],
		["a huge answer", () => good({ more: "x".repeat(5000) }), /its answer has more than 4096 bytes/],
		[
			"a huge answer in pieces",
			() => (request, response) => {
				request.resume();
				for (let piece = 0; piece < 100; piece++) response.write("x".repeat(1000));
				response.end();
			},
			/its answer has more than 4096 bytes/,
		],
		["another kind of token", () => good({ token_type: "mac" }), /"token_type" is not Bearer/],
		["a token that has expired", () => good({ expires_in: 0 }), /its token lives 0 s, expected 10 s or more/],
		[
			"a JWT that has expired, and says so itself",
			() => good({ access_token: issuer.issue({ exp: 1_700_000_000 }) }),
			/its token lives -\d+ s, expected 10 s or more/,
		],
		["a life that is none", () => good({ expires_in: "soon" }), /its token "expires_in" is no number of seconds/],
		["an error of its own", () => json({ error: "invalid_scope" }, 400), /HTTP 400: invalid_scope;/],
		["an error that is a text", () => json({ error: "x\n<b>" }, 400), /HTTP 400;/],
		["a redirection", () => json("", 302), /HTTP 302, a redirection: not followed/],
		["silence", () => (request) => void request.resume(), /no answer within 30 s/],
		[
			"an answer that never ends",
			() => (request, response) => {
				request.resume();
				response.writeHead(200, { "content-length": 100 }).write("{");
			},
			/no answer within 30 s/,
		],
		["a broken connection", () => (request) => void request.socket.destroy(), /:80: .*(closed|ended|reset)/],
		[
			"what is not HTTP",
			() => (request) => void request.socket.end("SSH-2.0-OpenSSH_9.2\r\n"),
			/:80: the server does not speak HTTP\/1\.1;/,
		],
	];
	for (const [what, answer, named] of bad)
		test(`${what}: named on the log, tried again, and the node goes on`, async (t) => {
			const world = await start(t);
			issuer.answer = answer();
			await world.run(45);
			assert.ok(logged(world, named).length > 0, world.output.lines.join("\n"));
			assert.deepEqual(world.admitted, []);
			assert.ok(!world.output.lines.join("\n").includes("eyJ0"), "no piece of a token");
			issuer.answer = undefined;
			await world.run(70);
			assert.equal(of(world, "status").at(-1), "online");
			assert.ok(
				of(world, "log").some((line) => line.startsWith("warn token: ")),
				"the owner sees what there was",
			);
		});

	test("a wrong secret: named, and in no log", async (t) => {
		const world = await start(t, { file: { secret: "moth-and-flame" } });
		await world.run(60);
		assert.ok(logged(world, /token: tokens\.simulated:80: HTTP 401: invalid_client/).length > 1);
		assert.ok(!world.output.lines.join("\n").includes("moth"));
		assert.deepEqual(world.admitted, []);
	});

	test("a scope, and a user of one's own, are sent", async (t) => {
		const world = await start(t, { file: { scope: "mqtt node&co" }, args: ["--user", "casa"] });
		await world.run(20);
		assert.match(world.admitted[0]!, /^casa: /);
		assert.deepEqual(issuer.bodies, ["grant_type=client_credentials&scope=mqtt%20node%26co"]);
	});

	test("no expires_in: a JWT's own `exp` is the hint", async (t) => {
		const world = await start(t);
		issuer.answer = (request, response) => good({})(request, response);
		await world.run(200);
		assert.ok(logged(world, /token: a new one, good for (59|60) s/).length >= 4, world.output.lines.join("\n"));
		assert.deepEqual(new Set(of(world, "status")), new Set(["online"]));
	});

	test("a token of 2,048 characters fits the heap, and the log names none", async (t) => {
		const world = await start(t, { strict: false });
		const long = "x".repeat(2048);
		const real = issuer.check;
		t.after(() => {
			issuer.check = real;
		});
		issuer.check = (token) => (token === long ? { sub: "", iat: 0, exp: 0, jti: "" } : undefined);
		issuer.answer = json({ access_token: long, expires_in: 60 });
		await world.run(300);
		assert.equal(of(world, "status").at(-1), "online");
		assert.ok(!world.output.lines.join("\n").includes("xxx"));
	});
});

describe("what tokens take of the heap", () => {
	test("less than 8 KB at most, with a JWT of a usual size, through renewals; nothing of a node without them", async (t) => {
		const plain = await VirtualSimulation.start(t);
		await plain.run(600);
		const without = plain.node.statistics()!.peak;
		const world = await start(t);
		await world.run(600);
		const more = world.node.statistics()!.peak - without;
		t.diagnostic(`${without} bytes at most without tokens, ${more} more with them`);
		assert.ok(more < 8192, `${more}`);
	});
});
